//! Sampling of 8-bit planes through a displacement field: the inner loop of a frame.

use multiversion::multiversion;

use super::field::Field;

/// Pixels handled together; their displacements differ by less than a pixel almost everywhere, so they read the same rows.
const SPAN: usize = 8;

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
    let mut row_dx = vec![0.0f32; window.width.next_multiple_of(SPAN) + SPAN];
    let mut row_dy = row_dx.clone();
    for y in 0..window.height {
        displacements(field, window, y, subsampling, &mut row_dx, &mut row_dy);
        let target = &mut out[y * window.width..(y + 1) * window.width];
        match kernel {
            Kernel::Linear => row_linear(plane, window.x, window.y + y, &row_dx, &row_dy, target),
            Kernel::Cubic => row_cubic(plane, window.x, window.y + y, &row_dx, &row_dy, target),
        }
    }
}

/// Displacements of one row of the window, in the plane's pixels.
#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx512f+avx512bw+avx512vl"))]
fn displacements(field: &Field, window: Window, y: usize, subsampling: usize, row_dx: &mut [f32], row_dy: &mut [f32]) {
    let s = subsampling as f32;
    let centre = (s - 1.0) / 2.0;
    let gy = (((window.y + y) as f32 * s + centre - field.y0) / field.pitch).clamp(0.0, (field.rows - 1) as f32 - 1e-3);
    let (j, fy) = (gy as usize, gy - gy.floor());
    let start = (window.x as f32 * s + centre - field.x0) / field.pitch;
    let step = s / field.pitch;
    let last = (field.columns - 1) as f32 - 1e-3;
    let (top, low) = (j * field.columns, (j + 1) * field.columns);
    for (plane, row) in [(&field.dx, row_dx), (&field.dy, row_dy)] {
        let (a, b) = (&plane[top..top + field.columns], &plane[low..low + field.columns]);
        let node = |i: usize| a[i] + (b[i] - a[i]) * fy;
        let mut x = 0;
        while x < row.len() {
            // All pixels of one cell share its two nodes.
            let g = (start + x as f32 * step).clamp(0.0, last);
            let i = g as usize;
            let (p, q) = (node(i) / s, node(i + 1) / s);
            let end = if g >= last { row.len() } else { ((((i + 1) as f32 - start) / step).ceil() as usize).clamp(x + 1, row.len()) };
            let slope = (q - p) * step;
            let first = p + (q - p) * (g - i as f32);
            let slope = if g >= last { 0.0 } else { slope };
            for (k, value) in row[x..end].iter_mut().enumerate() {
                *value = first + slope * k as f32;
            }
            x = end;
        }
    }
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx512f+avx512bw+avx512vl"))]
fn row_linear(plane: Plane, x0: usize, y: usize, dx: &[f32], dy: &[f32], out: &mut [u8]) {
    row::<3, 0>(plane, x0, y, dx, dy, out, Kernel::Linear);
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx512f+avx512bw+avx512vl"))]
fn row_cubic(plane: Plane, x0: usize, y: usize, dx: &[f32], dy: &[f32], out: &mut [u8]) {
    row::<5, 1>(plane, x0, y, dx, dy, out, Kernel::Cubic);
}

/// `TAPS` pixels from `LEAD` before the span's common base cover the kernel wherever displacements differ by less than one.
#[inline(always)]
fn row<const TAPS: usize, const LEAD: usize>(plane: Plane, x0: usize, y: usize, dx: &[f32], dy: &[f32], out: &mut [u8], kernel: Kernel) {
    let mut x = 0;
    while x < out.len() {
        let count = SPAN.min(out.len() - x);
        let mut fx = [0.0f32; SPAN];
        let mut fy = [0.0f32; SPAN];
        fx.copy_from_slice(&dx[x..x + SPAN]);
        fy.copy_from_slice(&dy[x..x + SPAN]);
        let (bx, sx) = base(&fx);
        let (by, sy) = base(&fy);
        let left = (x0 + x) as isize + bx as isize - LEAD as isize;
        let top = y as isize + by as isize - LEAD as isize;
        let inside = left >= 0 && top >= 0 && left as usize + SPAN + TAPS <= plane.width && top as usize + TAPS <= plane.height;
        if count == SPAN && inside && sx < 2.0 && sy < 2.0 {
            let start = top as usize * plane.width + left as usize;
            let mut wx = [[0.0f32; SPAN]; TAPS];
            let mut wy = [[0.0f32; SPAN]; TAPS];
            for t in 0..TAPS {
                for k in 0..SPAN {
                    wx[t][k] = kernel.weight(fx[k] - bx + LEAD as f32 - t as f32);
                    wy[t][k] = kernel.weight(fy[k] - by + LEAD as f32 - t as f32);
                }
            }
            let mut sum = [0.0f32; SPAN];
            for (j, wy) in wy.iter().enumerate() {
                let line = &plane.data[start + j * plane.width..][..SPAN + TAPS - 1];
                let mut across = [0.0f32; SPAN];
                for (t, wx) in wx.iter().enumerate() {
                    for k in 0..SPAN {
                        across[k] += wx[k] * f32::from(line[t + k]);
                    }
                }
                for k in 0..SPAN {
                    sum[k] += wy[k] * across[k];
                }
            }
            for k in 0..SPAN {
                out[x + k] = (sum[k] + 0.5) as i32 as u8 * u8::from(sum[k] > 0.0) | if sum[k] >= 255.0 { 255 } else { 0 };
            }
        } else {
            for k in 0..count {
                let (px, py) = ((x0 + x + k) as f32 + fx[k], y as f32 + fy[k]);
                out[x + k] = (plane.at(px, py, kernel) + 0.5) as u8;
            }
        }
        x += SPAN;
    }
}

/// The floor of the least displacement, and how far the greatest lies above it.
#[inline(always)]
fn base(d: &[f32; SPAN]) -> (f32, f32) {
    let mut low = d[0];
    let mut high = d[0];
    for &v in &d[1..] {
        low = low.min(v);
        high = high.max(v);
    }
    let base = low.floor();
    (base, high - base)
}
