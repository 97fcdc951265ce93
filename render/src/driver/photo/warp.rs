//! Sampling of 8-bit planes through a displacement field: the inner loop of a frame.

use multiversion::multiversion;

use super::field::Field;

/// Pixels handled together read the same few rows and columns; so many at least, to be worth it, and at most.
const LEAST: usize = 4;
const MOST: usize = 64;

/// One 8-bit plane.
#[derive(Clone, Copy)]
pub struct Plane<'a> {
    pub width: usize,
    pub height: usize,
    pub data: &'a [u8],
}

/// How a plane is read between its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// For planes that were enlarged: they hold no detail that it could lose.
    Linear,
    /// Catmull-Rom, for planes at their own resolution.
    Cubic,
}

impl Kernel {
    /// The weight of a pixel at distance `d`.
    #[inline(always)]
    fn weight(self, d: f32) -> f32 {
        let d = d.abs();
        match self {
            Self::Linear => (1.0 - d).max(0.0),
            Self::Cubic => {
                let near = (1.5 * d - 2.5) * d * d + 1.0;
                let far = ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0;
                if d < 1.0 {
                    near
                } else if d < 2.0 {
                    far
                } else {
                    0.0
                }
            }
        }
    }
}

impl Plane<'_> {
    /// The value at a point; outside, the border's.
    pub fn at(&self, x: f32, y: f32, kernel: Kernel) -> f32 {
        let (bx, by) = (x.floor(), y.floor());
        let reach: isize = if kernel == Kernel::Cubic { 1 } else { 0 };
        let mut sum = 0.0;
        for j in -reach..=1 + reach {
            let wy = kernel.weight(y - by - j as f32);
            let row = (by as isize + j).clamp(0, self.height as isize - 1) as usize * self.width;
            for i in -reach..=1 + reach {
                let wx = kernel.weight(x - bx - i as f32);
                let column = (bx as isize + i).clamp(0, self.width as isize - 1) as usize;
                sum += wx * wy * f32::from(self.data[row + column]);
            }
        }
        sum.clamp(0.0, 255.0)
    }
}

/// A target rectangle inside a plane, in that plane's pixels.
#[derive(Clone, Copy)]
pub struct Window {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

/// Fills `out` (the window, row by row) with `plane` read at each pixel plus the field's displacement.
///
/// `subsampling` is 1 for luma and 2 for chroma; the field is in luma pixels.
pub fn warp(plane: Plane, field: &Field, window: Window, subsampling: usize, kernel: Kernel, out: &mut [u8]) {
    let mut row_dx = vec![0.0f32; window.width.next_multiple_of(16) + 16];
    let mut row_dy = row_dx.clone();
    let mut nodes = vec![0.0f32; field.columns];
    let centre = (subsampling as f32 - 1.0) / 2.0;
    for y in 0..window.height {
        let row = ((window.y + y) * subsampling) as f32 + centre;
        displacements(field, row, subsampling, &mut nodes, &mut row_dx, &mut row_dy);
        let target = &mut out[y * window.width..(y + 1) * window.width];
        match kernel {
            Kernel::Linear => row_linear(plane, window.x, window.y + y, &row_dx, &row_dy, target),
            Kernel::Cubic => row_cubic(plane, window.x, window.y + y, &row_dx, &row_dy, target),
        }
    }
}

/// Displacements of one row of the window, in the plane's pixels. The window's left edge lies on the grid's first column.
#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx512f+avx512bw+avx512vl"))]
fn displacements(field: &Field, y: f32, subsampling: usize, nodes: &mut [f32], row_dx: &mut [f32], row_dy: &mut [f32]) {
    let gy = ((y - field.y0) / field.pitch).clamp(0.0, (field.rows - 1) as f32 - 1e-3);
    let (j, fy) = (gy as usize, gy - gy.floor());
    let (top, low) = (j * field.columns, (j + 1) * field.columns);
    let scale = 1.0 / subsampling as f32;
    for (plane, row) in [(&field.dx, row_dx), (&field.dy, row_dy)] {
        for ((n, a), b) in nodes
            .iter_mut()
            .zip(&plane[top..top + field.columns])
            .zip(&plane[low..low + field.columns])
        {
            *n = (a + (b - a) * fy) * scale;
        }
        match field.pitch as usize / subsampling {
            1 => expand::<1>(nodes, subsampling, row),
            2 => expand::<2>(nodes, subsampling, row),
            4 => expand::<4>(nodes, subsampling, row),
            8 => expand::<8>(nodes, subsampling, row),
            _ => expand::<16>(nodes, subsampling, row),
        }
    }
}

/// Linear between nodes, `CELL` pixels a node.
#[inline(always)]
fn expand<const CELL: usize>(nodes: &[f32], subsampling: usize, row: &mut [f32]) {
    let centre = (subsampling as f32 - 1.0) / (2.0 * subsampling as f32);
    let mut at = [0.0f32; CELL];
    for (k, t) in at.iter_mut().enumerate() {
        *t = (k as f32 + centre) / CELL as f32;
    }
    for (cell, pair) in row.as_chunks_mut::<CELL>().0.iter_mut().zip(nodes.array_windows::<2>()) {
        for k in 0..CELL {
            cell[k] = pair[0] + (pair[1] - pair[0]) * at[k];
        }
    }
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx512f+avx512bw+avx512vl"))]
fn row_linear(plane: Plane, x0: usize, y: usize, dx: &[f32], dy: &[f32], out: &mut [u8]) {
    row(plane, x0, y, dx, dy, out, Kernel::Linear);
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx512f+avx512bw+avx512vl"))]
fn row_cubic(plane: Plane, x0: usize, y: usize, dx: &[f32], dy: &[f32], out: &mut [u8]) {
    row(plane, x0, y, dx, dy, out, Kernel::Cubic);
}

/// Cuts a row into spans whose pixels read the same few rows and columns, and pixels that stand alone.
#[inline(always)]
fn row(plane: Plane, x0: usize, y: usize, dx: &[f32], dy: &[f32], out: &mut [u8], kernel: Kernel) {
    let mut x = 0;
    while x < out.len() {
        let (count, bx, by) = span(&dx[x..out.len()], &dy[x..out.len()]);
        let smooth = count > 0;
        let count = count.max(LEAST.min(out.len() - x));
        let lead = if kernel == Kernel::Cubic { 1 } else { 0 };
        let taps = 3 + 2 * lead;
        let left = (x0 + x) as isize + bx as isize - lead as isize;
        let top = y as isize + by as isize - lead as isize;
        let inside = left >= 0 && top >= 0 && left as usize + count + taps <= plane.width && top as usize + taps <= plane.height;
        let range = x..x + count;
        if smooth && dx[range.clone()].iter().chain(&dy[range.clone()]).all(|d| *d == 0.0) {
            let start = y * plane.width + x0;
            out[range.clone()].copy_from_slice(&plane.data[start + range.start..start + range.end]);
        } else if smooth && inside {
            let start = top as usize * plane.width + left as usize;
            let base = (bx - lead as f32, by - lead as f32);
            match kernel {
                Kernel::Linear => blend::<3>(
                    &plane.data[start..],
                    plane.width,
                    base,
                    &dx[range.clone()],
                    &dy[range.clone()],
                    &mut out[range],
                    kernel,
                ),
                Kernel::Cubic => blend::<5>(
                    &plane.data[start..],
                    plane.width,
                    base,
                    &dx[range.clone()],
                    &dy[range.clone()],
                    &mut out[range],
                    kernel,
                ),
            }
        } else {
            for k in range {
                let (px, py) = ((x0 + k) as f32 + dx[k], y as f32 + dy[k]);
                out[k] = (plane.at(px, py, kernel) + 0.5) as u8;
            }
        }
        x += count;
    }
}

/// How many pixels from the start stay within two whole pixels of displacement, and the floors that they share.
#[inline(always)]
fn span(dx: &[f32], dy: &[f32]) -> (usize, f32, f32) {
    match steps::<16>(dx, dy) {
        (0, ..) => steps::<LEAST>(dx, dy),
        found => found,
    }
}

/// The same in whole steps.
#[inline(always)]
fn steps<const STEP: usize>(dx: &[f32], dy: &[f32]) -> (usize, f32, f32) {
    let (mut low, mut high) = ([dx[0], dy[0]], [dx[0], dy[0]]);
    let mut count = 0;
    while count < MOST && count + STEP <= dx.len() {
        let (mut l, mut h) = (low, high);
        for (axis, d) in [&dx[count..count + STEP], &dy[count..count + STEP]].into_iter().enumerate() {
            for &v in d {
                l[axis] = if v < l[axis] { v } else { l[axis] };
                h[axis] = if v > h[axis] { v } else { h[axis] };
            }
        }
        if h[0] - l[0].floor() > 2.0 || h[1] - l[1].floor() > 2.0 {
            break;
        }
        (low, high, count) = (l, h, count + STEP);
    }
    (count, low[0].floor(), low[1].floor())
}

/// The sum over `TAPS` rows and columns from the base; pixels outside a kernel's reach weigh nothing.
#[inline(always)]
fn blend<const TAPS: usize>(source: &[u8], stride: usize, base: (f32, f32), dx: &[f32], dy: &[f32], out: &mut [u8], kernel: Kernel) {
    let n = out.len();
    let mut wx = [[0.0f32; MOST]; TAPS];
    for (t, w) in wx.iter_mut().enumerate() {
        for (w, d) in w[..n].iter_mut().zip(dx) {
            *w = kernel.weight(d - base.0 - t as f32);
        }
    }
    let mut sum = [0.0f32; MOST];
    for j in 0..TAPS {
        let line = &source[j * stride..j * stride + n + TAPS];
        let mut across = [0.0f32; MOST];
        for (t, w) in wx.iter().enumerate() {
            for ((a, &w), &v) in across[..n].iter_mut().zip(&w[..n]).zip(&line[t..t + n]) {
                *a += w * f32::from(v);
            }
        }
        for ((s, &a), d) in sum[..n].iter_mut().zip(&across[..n]).zip(dy) {
            *s += kernel.weight(d - base.1 - j as f32) * a;
        }
    }
    for (o, &s) in out.iter_mut().zip(&sum[..n]) {
        *o = (s + 0.5).clamp(0.0, 255.0) as i32 as u8;
    }
}
