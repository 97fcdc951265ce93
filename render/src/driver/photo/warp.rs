//! Sampling of 8-bit planes through a displacement field: the inner loop of a frame.

use multiversion::multiversion;

use super::field::Field;

/// Pixels that are read together: the same few rows and columns, of which each has its own weights.
const SPAN: usize = 16;
/// Where displacement changes quickly, so many at least.
const LEAST: usize = 4;

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

/// The weight of a pixel at distance `d`.
#[inline(always)]
fn catmull_rom(d: f32) -> f32 {
    let d = d.abs();
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

impl Plane<'_> {
    /// The value at a point; outside, the border's.
    pub fn at(&self, x: f32, y: f32, kernel: Kernel) -> f32 {
        // Rounded down; casts round towards zero.
        let down = |v: f32| v as isize - isize::from(v < 0.0);
        let (bx, by) = (down(x), down(y));
        let (fx, fy) = (x - bx as f32, y - by as f32);
        let row = |j: isize| &self.data[(by + j).clamp(0, self.height as isize - 1) as usize * self.width..][..self.width];
        let value = |line: &[u8], i: isize| f32::from(line[(bx + i).clamp(0, self.width as isize - 1) as usize]);
        match kernel {
            Kernel::Linear => {
                let across = |line: &[u8]| {
                    let (a, b) = (value(line, 0), value(line, 1));
                    a + (b - a) * fx
                };
                let (a, b) = (across(row(0)), across(row(1)));
                a + (b - a) * fy
            }
            Kernel::Cubic => {
                let weights = |f: f32| std::array::from_fn::<f32, 4, _>(|t| catmull_rom(f + 1.0 - t as f32));
                let (wx, wy) = (weights(fx), weights(fy));
                let mut sum = 0.0;
                for (j, wy) in wy.into_iter().enumerate() {
                    let line = row(j as isize - 1);
                    for (i, wx) in wx.into_iter().enumerate() {
                        sum += wx * wy * value(line, i as isize - 1);
                    }
                }
                sum.clamp(0.0, 255.0)
            }
        }
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
#[multiversion(targets("x86_64+avx2+fma"))]
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

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq", "x86_64+avx2+fma"))]
fn row_linear(plane: Plane, x0: usize, y: usize, dx: &[f32], dy: &[f32], out: &mut [u8]) {
    row::<false>(plane, x0, y, dx, dy, out);
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq", "x86_64+avx2+fma"))]
fn row_cubic(plane: Plane, x0: usize, y: usize, dx: &[f32], dy: &[f32], out: &mut [u8]) {
    row::<true>(plane, x0, y, dx, dy, out);
}

/// Displacements are counted in such steps, 2¹⁰ to a pixel.
const BITS: u32 = 10;
const STEPS: i32 = 1 << BITS;
/// Added to a number of steps, it leaves them rounded in the lower bits of the sum, as far as 4096 pixels reach: a conversion that compilers
/// do for many numbers at once.
const ROUND: f32 = 12_582_912.0;
#[inline(always)]
fn row<const CUBIC: bool>(plane: Plane, x0: usize, y: usize, dx: &[f32], dy: &[f32], out: &mut [u8]) {
    let (dx, dy) = (&dx[..out.len()], &dy[..out.len()]);
    let (spans, rest) = out.as_chunks_mut::<SPAN>();
    let mut x = x0;
    for ((target, px), py) in spans.iter_mut().zip(dx.as_chunks::<SPAN>().0).zip(dy.as_chunks::<SPAN>().0) {
        span::<CUBIC, SPAN>(plane, (x, y), px, py, target);
        x += SPAN;
    }
    for ((o, dx), dy) in rest.iter_mut().zip(&dx[x - x0..]).zip(&dy[x - x0..]) {
        *o = alone::<CUBIC>(plane, x as f32 + dx, y as f32 + dy);
        x += 1;
    }
}

fn alone<const CUBIC: bool>(plane: Plane, x: f32, y: f32) -> u8 {
    let kernel = if CUBIC { Kernel::Cubic } else { Kernel::Linear };
    (plane.at(x, y, kernel) + 0.5) as u8
}

/// Pixels side by side, from `(x, y)` on.
#[inline(always)]
fn span<const CUBIC: bool, const N: usize>(plane: Plane, (x, y): (usize, usize), dx: &[f32; N], dy: &[f32; N], out: &mut [u8; N]) {
    let (fx, fy) = (steps(dx), steps(dy));
    let mut any = 0;
    for k in 0..N {
        any |= fx[k] | fy[k];
    }
    if any == 0 {
        let start = y * plane.width + x;
        out.copy_from_slice(&plane.data[start..start + N]);
        return;
    }
    // Most lie in the same gap between rows and columns of the plane, and of the others most in two neighbouring ones.
    let near = (fx[0] >> BITS, fy[0] >> BITS);
    if within(&fx, &fy, near, STEPS)
        && let Some(source) = reach::<CUBIC>(plane, (x, y), near, N + 1)
    {
        return match CUBIC {
            true => cubic::<N, 4>(source, plane.width, &fx, &fy, near, out),
            false => linear(source, plane.width, &fx, &fy, near, out),
        };
    }
    let least = |f: &[i32; N]| f.iter().fold(i32::MAX, |a, &b| if b < a { b } else { a }) >> BITS;
    let low = (least(&fx), least(&fy));
    if within(&fx, &fy, low, 2 * STEPS)
        && let Some(source) = reach::<CUBIC>(plane, (x, y), low, N + 2)
    {
        return match CUBIC {
            true => cubic::<N, 5>(source, plane.width, &fx, &fy, low, out),
            false => tent(source, plane.width, &fx, &fy, low, out),
        };
    }
    pieces::<CUBIC, N>(plane, (x, y), dx, dy, out);
}

/// What is left: where displacement changes quickly, and at the plane's border.
#[inline(always)]
fn pieces<const CUBIC: bool, const N: usize>(plane: Plane, (x, y): (usize, usize), dx: &[f32; N], dy: &[f32; N], out: &mut [u8; N]) {
    if N > LEAST {
        let (dx, dy) = (dx.as_chunks::<LEAST>().0, dy.as_chunks::<LEAST>().0);
        for (n, target) in out.as_chunks_mut::<LEAST>().0.iter_mut().enumerate() {
            span::<CUBIC, LEAST>(plane, (x + n * LEAST, y), &dx[n], &dy[n], target);
        }
    } else {
        for k in 0..N {
            out[k] = alone::<CUBIC>(plane, (x + k) as f32 + dx[k], y as f32 + dy[k]);
        }
    }
}

#[inline(always)]
fn steps<const N: usize>(d: &[f32; N]) -> [i32; N] {
    let mut f = [0; N];
    for k in 0..N {
        f[k] = (d[k] * STEPS as f32 + ROUND).to_bits().wrapping_sub(ROUND.to_bits()) as i32;
    }
    f
}

/// Whether all lie less than `size` beyond a whole pixel.
#[inline(always)]
fn within<const N: usize>(fx: &[i32; N], fy: &[i32; N], (bx, by): (i32, i32), size: i32) -> bool {
    let mut apart = 0;
    for k in 0..N {
        apart |= (fx[k] - bx * STEPS) as u32 | (fy[k] - by * STEPS) as u32;
    }
    // Sizes are powers of two.
    apart < size as u32
}

/// The plane from the first pixel that is read, if none of them lies outside; `columns` are read of each row.
#[inline(always)]
fn reach<const CUBIC: bool>(plane: Plane<'_>, (x, y): (usize, usize), (bx, by): (i32, i32), columns: usize) -> Option<&[u8]> {
    let (lead, more) = if CUBIC { (1, 2) } else { (0, 0) };
    let left = usize::try_from(x as isize + bx as isize - lead).ok()?;
    let top = usize::try_from(y as isize + by as isize - lead).ok()?;
    // As many rows as a span of one pixel has columns.
    let inside = left + columns + more <= plane.width && top + 3 + more <= plane.height;
    inside.then(|| &plane.data[top * plane.width + left..])
}

/// Two by two pixels for each, in 16-bit numbers.
#[inline(always)]
fn linear<const N: usize>(source: &[u8], stride: usize, fx: &[i32; N], fy: &[i32; N], base: (i32, i32), out: &mut [u8; N]) {
    let (top, low) = (&source[..N + 1], &source[stride..stride + N + 1]);
    for k in 0..N {
        let wx = ((fx[k] - base.0 * STEPS) >> (BITS - 7)) as i16;
        let wy = ((fy[k] - base.1 * STEPS) << (15 - BITS)) as i16;
        let across = |l: &[u8]| (i16::from(l[k]) << 7) + (i16::from(l[k + 1]) - i16::from(l[k])) * wx;
        let (a, b) = (across(top), across(low));
        out[k] = ((a + share(b - a, wy) + 64) >> 7) as u8;
    }
}

/// The same where pixels lie in two neighbouring gaps: of three by three, those out of reach weigh nothing.
#[inline(always)]
fn tent<const N: usize>(source: &[u8], stride: usize, fx: &[i32; N], fy: &[i32; N], base: (i32, i32), out: &mut [u8; N]) {
    let line = |j: usize| &source[j * stride..j * stride + N + 2];
    let (top, middle, low) = (line(0), line(1), line(2));
    for k in 0..N {
        let wx = ((fx[k] - base.0 * STEPS) >> (BITS - 7)) as i16;
        let (w0, w2) = ((128 - wx).max(0), (wx - 128).max(0));
        let across = |l: &[u8]| w0 * i16::from(l[k]) + (128 - w0 - w2) * i16::from(l[k + 1]) + w2 * i16::from(l[k + 2]);
        let (a, b, c) = (across(top), across(middle), across(low));
        let y = fy[k] - base.1 * STEPS - STEPS;
        let (up, down) = ((-y).clamp(0, STEPS - 1) << (15 - BITS), y.clamp(0, STEPS - 1) << (15 - BITS));
        out[k] = ((b + share(a - b, up as i16) + share(c - b, down as i16) + 64) >> 7) as u8;
    }
}

/// `v` times `w` / 2¹⁵, rounded: one instruction in most processors.
#[inline(always)]
fn share(v: i16, w: i16) -> i16 {
    ((((i32::from(v) * i32::from(w)) >> 14) + 1) >> 1) as i16
}

/// Catmull-Rom over four by four pixels, or five by five where pixels lie in two neighbouring gaps.
#[inline(always)]
fn cubic<const N: usize, const TAPS: usize>(
    source: &[u8],
    stride: usize,
    fx: &[i32; N],
    fy: &[i32; N],
    base: (i32, i32),
    out: &mut [u8; N],
) {
    let (wx, wy) = (weights::<N, TAPS>(fx, base.0), weights::<N, TAPS>(fy, base.1));
    let mut sum = [0.0f32; N];
    for (j, wy) in wy.iter().enumerate() {
        let line = &source[j * stride..j * stride + N + TAPS - 1];
        for k in 0..N {
            let mut across = 0.0;
            for t in 0..TAPS {
                across += wx[t][k] * f32::from(line[k + t]);
            }
            sum[k] += wy[k] * across;
        }
    }
    for k in 0..N {
        out[k] = ((sum[k] + ROUND).to_bits().wrapping_sub(ROUND.to_bits()) as i32).clamp(0, 255) as u8;
    }
}

#[inline(always)]
fn weights<const N: usize, const TAPS: usize>(steps: &[i32; N], base: i32) -> [[f32; N]; TAPS] {
    let mut w = [[0.0f32; N]; TAPS];
    for k in 0..N {
        let f = (steps[k] - base * STEPS) as f32 / STEPS as f32;
        if TAPS == 4 {
            w[0][k] = ((-0.5 * f + 1.0) * f - 0.5) * f;
            w[1][k] = (1.5 * f - 2.5) * f * f + 1.0;
            w[2][k] = ((-1.5 * f + 2.0) * f + 0.5) * f;
            w[3][k] = (0.5 * f - 0.5) * f * f;
        } else {
            for (t, tap) in w.iter_mut().enumerate() {
                tap[k] = catmull_rom(f + 1.0 - t as f32);
            }
        }
    }
    w
}
