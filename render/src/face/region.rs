//! Square, turned cut-outs of a picture: what the nets look at.

use crate::media::Picture;
use crate::model::Tensor;

/// A square in the picture. Coordinates are continuous: pixel `i` covers `[i, i + 1)`, the picture's corner is `(0, 0)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    pub centre: [f64; 2],
    /// Side in pixels of the picture.
    pub size: f64,
    /// Radians, clockwise as seen; the cut-out shows the picture turned back by it.
    pub angle: f64,
}

/// What a net sees beyond the picture's edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Edge {
    Black,
    Repeat,
}

/// Colour under transparent pixels, so that whatever hides there is not seen.
const UNDER_TRANSPARENT: f32 = 127.0;

impl Region {
    /// The smallest upright square around the whole picture.
    pub fn whole(picture: &Picture) -> Self {
        Self {
            centre: [picture.width as f64 / 2.0, picture.height as f64 / 2.0],
            size: picture.width.max(picture.height) as f64,
            angle: 0.0,
        }
    }

    /// The same square with the picture standing on its head.
    pub fn upside_down(self) -> Self {
        Self {
            angle: self.angle + std::f64::consts::PI,
            ..self
        }
    }

    /// From the cut-out, `(0, 0)` to `(1, 1)`, to the picture.
    pub fn to_picture(self, [u, v]: [f64; 2]) -> [f64; 2] {
        let (sin, cos) = self.angle.sin_cos();
        let (x, y) = ((u - 0.5) * self.size, (v - 0.5) * self.size);
        [self.centre[0] + cos * x - sin * y, self.centre[1] + sin * x + cos * y]
    }

    /// Cuts the region out as `[1, side, side, 3]`, each value `byte * gain + offset`.
    ///
    /// Large regions are shrunk by area before the turn, and what is left below a factor of two is sampled twice each
    /// way, so that fine patterns do not turn into coarse ones.
    pub fn cut(&self, picture: &Picture, side: usize, edge: Edge, gain: f32, offset: f32) -> Tensor {
        let step = self.size / side as f64;
        let shrink = (step.floor() as usize).max(1);
        let patch = Patch::shrunk(picture, self, shrink);
        let over = if step / shrink as f64 > 1.1 { 2 } else { 1 };
        let weight = gain / (over * over) as f32;

        let subs = side * over;
        let corner = patch.place(self.to_picture([0.5 / subs as f64; 2]));
        let (sin, cos) = self.angle.sin_cos();
        let stride = self.size / subs as f64 / shrink as f64;
        let across = [cos * stride, sin * stride];
        let mut data = Vec::with_capacity(side * side * 3);
        let mut sums = vec![[0.0; 4]; side];
        for y in 0..side {
            sums.fill([0.0; 4]);
            for row in y * over..(y + 1) * over {
                let down = row as f64 * stride;
                patch.row([corner[0] - sin * down, corner[1] + cos * down], across, over, edge, &mut sums);
            }
            data.extend(sums.iter().flat_map(|[r, g, b, _]| [r, g, b].map(|v| v * weight + offset)));
        }
        Tensor::new(&[1, side, side, 3], data)
    }
}

/// The part of the picture under a region, shrunk by a whole factor, without transparency.
struct Patch {
    /// Corner in the picture.
    x: usize,
    y: usize,
    shrink: usize,
    width: usize,
    height: usize,
    /// A fourth number makes the four corners of a sample four registers.
    rgb: Vec<[f32; 4]>,
}

impl Patch {
    fn shrunk(picture: &Picture, region: &Region, shrink: usize) -> Self {
        // The turned square's upright bounds, with room for the neighbours that bilinear sampling reads.
        let half = region.size / 2.0 * (region.angle.sin().abs() + region.angle.cos().abs()) + 2.0 * shrink as f64;
        let span = |centre: f64, length: usize| {
            let low = ((centre - half).max(0.0) as usize).min(length.saturating_sub(1));
            let high = ((centre + half).ceil().max(0.0) as usize).clamp(low, length);
            (low, high)
        };
        let (x, right) = span(region.centre[0], picture.width);
        let (y, bottom) = span(region.centre[1], picture.height);
        let width = (right - x).div_ceil(shrink);
        let height = (bottom - y).div_ceil(shrink);

        let mut rgb = Vec::with_capacity(width * height);
        for by in 0..height {
            if shrink == 1 {
                let line = (y + by) * picture.width;
                rgb.extend(picture.rgba[(line + x) * 4..(line + right) * 4].chunks_exact(4).map(seen));
                continue;
            }
            for bx in 0..width {
                let mut sum = [0.0f32; 4];
                let rows = y + by * shrink..(y + (by + 1) * shrink).min(bottom);
                let columns = x + bx * shrink..(x + (bx + 1) * shrink).min(right);
                let count = (rows.len() * columns.len()) as f32;
                for row in rows {
                    let line = row * picture.width;
                    for pixel in picture.rgba[(line + columns.start) * 4..(line + columns.end) * 4].chunks_exact(4) {
                        let pixel = seen(pixel);
                        for c in 0..4 {
                            sum[c] += pixel[c];
                        }
                    }
                }
                rgb.push(sum.map(|v| v / count));
            }
        }
        Self {
            x,
            y,
            shrink,
            width,
            height,
            rgb,
        }
    }

    /// A place of the picture in samples of the patch, from the middle of the first.
    fn place(&self, [px, py]: [f64; 2]) -> [f64; 2] {
        let at = |v: f64, origin: usize| (v - origin as f64) / self.shrink as f64 - 0.5;
        [at(px, self.x), at(py, self.y)]
    }

    /// Adds a row of samples, which begins at `start` and goes on by `step`, to sums of `over` samples each.
    fn row(&self, start: [f64; 2], step: [f64; 2], over: usize, edge: Edge, sums: &mut [[f32; 4]]) {
        if self.rgb.is_empty() {
            return;
        }
        let count = (sums.len() * over) as f64;
        let (last_x, last_y) = (self.width as f64 - 1.01, self.height as f64 - 1.01);
        let inside = |t: f64| {
            let [x, y] = [start[0] + t * step[0], start[1] + t * step[1]];
            x > 0.01 && y > 0.01 && x < last_x && y < last_y
        };
        let ([x, y], [dx, dy]) = (start.map(|v| v as f32), step.map(|v| v as f32));
        if !inside(0.0) || !inside(count) {
            for (i, sum) in sums.iter_mut().enumerate() {
                for k in i * over..(i + 1) * over {
                    let t = k as f32;
                    add(sum, self.sample([x + t * dx, y + t * dy], edge));
                }
            }
            return;
        }
        for (i, sum) in sums.iter_mut().enumerate() {
            for k in i * over..(i + 1) * over {
                let t = k as f32;
                let (fx, fy) = (x + t * dx, y + t * dy);
                // Both are above zero.
                let (x0, y0) = (fx as usize, fy as usize);
                let at = y0 * self.width + x0;
                let (top, low) = (&self.rgb[at..at + 2], &self.rgb[at + self.width..at + self.width + 2]);
                add(sum, blend([top[0], top[1], low[0], low[1]], fx - x0 as f32, fy - y0 as f32));
            }
        }
    }

    /// Bilinear colour near an edge.
    fn sample(&self, [fx, fy]: [f32; 2], edge: Edge) -> [f32; 4] {
        let (x0, y0) = (floor(fx), floor(fy));
        let (ax, ay) = (fx - x0 as f32, fy - y0 as f32);
        let (last_x, last_y) = (self.width as isize - 1, self.height as isize - 1);
        let at = |x: isize, y: isize| {
            let outside = x < 0 || y < 0 || x > last_x || y > last_y;
            if outside && edge == Edge::Black {
                return [0.0; 4];
            }
            self.rgb[y.clamp(0, last_y) as usize * self.width + x.clamp(0, last_x) as usize]
        };
        blend([at(x0, y0), at(x0 + 1, y0), at(x0, y0 + 1), at(x0 + 1, y0 + 1)], ax, ay)
    }
}

/// A pixel without transparency.
fn seen(pixel: &[u8]) -> [f32; 4] {
    let at = |c: usize| f32::from(pixel[c]);
    if pixel[3] == 255 {
        return [at(0), at(1), at(2), 0.0];
    }
    let alpha = at(3) / 255.0;
    let over = |c: usize| UNDER_TRANSPARENT + (at(c) - UNDER_TRANSPARENT) * alpha;
    [over(0), over(1), over(2), 0.0]
}

fn add(sum: &mut [f32; 4], colour: [f32; 4]) {
    for c in 0..4 {
        sum[c] += colour[c];
    }
}

/// The next whole number below; the standard one is a call to a library on older processors.
fn floor(v: f32) -> isize {
    let whole = v as isize;
    whole - isize::from(v < whole as f32)
}

/// Bilinear between four corners.
fn blend(corners: [[f32; 4]; 4], ax: f32, ay: f32) -> [f32; 4] {
    std::array::from_fn(|c| {
        let top = corners[0][c] + (corners[1][c] - corners[0][c]) * ax;
        let bottom = corners[2][c] + (corners[3][c] - corners[2][c]) * ax;
        top + (bottom - top) * ay
    })
}
