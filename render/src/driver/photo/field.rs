//! Backward displacement on a coarse grid: for each node of the target, how far away its source pixel lies.

/// Displacements in pixels at nodes `origin + (column, row) * pitch`, bilinear between them.
#[derive(Clone)]
pub struct Field {
    pub x0: f32,
    pub y0: f32,
    pub pitch: f32,
    pub columns: usize,
    pub rows: usize,
    pub dx: Vec<f32>,
    pub dy: Vec<f32>,
}

impl Field {
    /// Covers `x0..x1` by `y0..y1` with one node more than needed on the far sides.
    pub fn covering(x0: f32, y0: f32, x1: f32, y1: f32, pitch: f32) -> Self {
        let columns = ((x1 - x0) / pitch).ceil().max(1.0) as usize + 1;
        let rows = ((y1 - y0) / pitch).ceil().max(1.0) as usize + 1;
        Self {
            x0,
            y0,
            pitch,
            columns,
            rows,
            dx: vec![0.0; columns * rows],
            dy: vec![0.0; columns * rows],
        }
    }

    pub fn clear(&mut self) {
        self.dx.fill(0.0);
        self.dy.fill(0.0);
    }

    /// Bilinear value at a point in pixels; the border value continues outside.
    pub fn at(&self, x: f32, y: f32) -> [f32; 2] {
        let gx = ((x - self.x0) / self.pitch).clamp(0.0, (self.columns - 1) as f32 - 1e-3);
        let gy = ((y - self.y0) / self.pitch).clamp(0.0, (self.rows - 1) as f32 - 1e-3);
        let (cx, cy) = (gx as usize, gy as usize);
        let (fx, fy) = (gx - cx as f32, gy - cy as f32);
        let i = cy * self.columns + cx;
        let mix = |v: &[f32]| {
            let top = v[i] + (v[i + 1] - v[i]) * fx;
            let low = v[i + self.columns] + (v[i + self.columns + 1] - v[i + self.columns]) * fx;
            top + (low - top) * fy
        };
        [mix(&self.dx), mix(&self.dy)]
    }

    /// Writes `source - target`, linear over each triangle, at the nodes that the target triangle covers.
    pub fn rasterise(&mut self, triangles: &[[u16; 3]], target: &[[f32; 2]], source: &[[f32; 2]]) {
        for t in triangles {
            let [a, b, c] = t.map(usize::from);
            let (pa, pb, pc) = (target[a], target[b], target[c]);
            let area = (pb[1] - pc[1]) * (pa[0] - pc[0]) + (pc[0] - pb[0]) * (pa[1] - pc[1]);
            if area.abs() < 1e-9 {
                continue;
            }
            let node = |v: f32, origin: f32, last: usize| ((v - origin) / self.pitch).clamp(-1.0, last as f32);
            let xs = [pa[0], pb[0], pc[0]];
            let ys = [pa[1], pb[1], pc[1]];
            let low = |v: [f32; 3]| v[0].min(v[1]).min(v[2]);
            let high = |v: [f32; 3]| v[0].max(v[1]).max(v[2]);
            let (i0, i1) = (
                node(low(xs), self.x0, self.columns).ceil() as isize,
                node(high(xs), self.x0, self.columns - 1).floor() as isize,
            );
            let (j0, j1) = (
                node(low(ys), self.y0, self.rows).ceil() as isize,
                node(high(ys), self.y0, self.rows - 1).floor() as isize,
            );
            let d = |p: usize| [source[p][0] - target[p][0], source[p][1] - target[p][1]];
            let (da, db, dc) = (d(a), d(b), d(c));
            for j in j0.max(0)..=j1 {
                let y = self.y0 + j as f32 * self.pitch;
                for i in i0.max(0)..=i1 {
                    let x = self.x0 + i as f32 * self.pitch;
                    let l0 = ((pb[1] - pc[1]) * (x - pc[0]) + (pc[0] - pb[0]) * (y - pc[1])) / area;
                    let l1 = ((pc[1] - pa[1]) * (x - pc[0]) + (pa[0] - pc[0]) * (y - pc[1])) / area;
                    let l2 = 1.0 - l0 - l1;
                    if l0 >= -1e-3 && l1 >= -1e-3 && l2 >= -1e-3 {
                        let n = j as usize * self.columns + i as usize;
                        self.dx[n] = l0 * da[0] + l1 * db[0] + l2 * dc[0];
                        self.dy[n] = l0 * da[1] + l1 * db[1] + l2 * dc[1];
                    }
                }
            }
        }
    }

    /// One pass of a 3×3 binomial blur: takes the creases out of the triangles.
    pub fn smooth(&mut self, spare: &mut Vec<f32>) {
        for plane in [&mut self.dx, &mut self.dy] {
            spare.clear();
            spare.extend_from_slice(plane);
            let w = self.columns;
            for j in 1..self.rows - 1 {
                for i in 1..w - 1 {
                    let n = j * w + i;
                    let row = |r: usize| spare[r - 1] + 2.0 * spare[r] + spare[r + 1];
                    plane[n] = (row(n - w) + 2.0 * row(n) + row(n + w)) / 16.0;
                }
            }
        }
    }
}
