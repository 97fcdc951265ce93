//! How far the nodes of a grid lie inside an outline.

use multiversion::multiversion;

/// Nodes at `origin + (column, row) * pitch`, pixels.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    pub x0: f32,
    pub y0: f32,
    pub pitch: f32,
    pub columns: usize,
    pub rows: usize,
}

impl Grid {
    /// Covers a rectangle that begins at `(x0, y0)`, with one node more than needed on the far sides.
    pub fn covering(x0: f32, y0: f32, width: f32, height: f32, pitch: f32) -> Self {
        let nodes = |side: f32| (side / pitch).ceil().max(1.0) as usize + 1;
        Self {
            x0,
            y0,
            pitch,
            columns: nodes(width),
            rows: nodes(height),
        }
    }

    pub fn nodes(&self) -> usize {
        self.columns * self.rows
    }
}

/// Pixels from each node to the outline, negative outside; the outline closes itself.
pub fn depths(outline: &[[f32; 2]], grid: &Grid, out: &mut Vec<f32>) {
    out.clear();
    out.resize(grid.nodes(), f32::MAX);
    let mut inside = vec![false; grid.columns];
    let xs: Vec<f32> = (0..grid.columns).map(|i| grid.x0 + i as f32 * grid.pitch).collect();
    for (j, row) in out.chunks_exact_mut(grid.columns).enumerate() {
        let y = grid.y0 + j as f32 * grid.pitch;
        inside.fill(false);
        let mut a = outline[outline.len() - 1];
        for &b in outline {
            edge(a, b, y, &xs, row, &mut inside);
            a = b;
        }
        for (d, inside) in row.iter_mut().zip(&inside) {
            *d = if *inside { d.sqrt() } else { -d.sqrt() };
        }
    }
}

/// Squared distances to one edge, and whether a ray to the right crosses it.
#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx512f+avx512bw+avx512vl"))]
fn edge(a: [f32; 2], b: [f32; 2], y: f32, xs: &[f32], row: &mut [f32], inside: &mut [bool]) {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let scale = 1.0 / (dx * dx + dy * dy).max(1e-6);
    let ry = y - a[1];
    for (d, x) in row.iter_mut().zip(xs) {
        let rx = x - a[0];
        let t = ((rx * dx + ry * dy) * scale).clamp(0.0, 1.0);
        let (ex, ey) = (rx - t * dx, ry - t * dy);
        let square = ex * ex + ey * ey;
        *d = if square < *d { square } else { *d };
    }
    if (a[1] > y) != (b[1] > y) {
        let cross = a[0] + (y - a[1]) / dy * dx;
        for (i, x) in inside.iter_mut().zip(xs) {
            *i ^= *x < cross;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_has_an_inside() {
        let grid = Grid::covering(0.0, 0.0, 20.0, 20.0, 2.0);
        let mut depths_ = Vec::new();
        depths(&[[4.0, 4.0], [16.0, 4.0], [16.0, 16.0], [4.0, 16.0]], &grid, &mut depths_);
        let at = |x: usize, y: usize| depths_[y / 2 * grid.columns + x / 2];
        assert_eq!((at(10, 10), at(6, 10), at(2, 10)), (6.0, 2.0, -2.0));
        assert!((at(0, 0) + 32f32.sqrt()).abs() < 1e-4);
    }
}
