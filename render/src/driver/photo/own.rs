//! What the photo itself shows between the lips: those pixels are kept, fixed to the skull, wherever they are needed.

use super::light::inside;
use super::sitter;
use super::warp::Kernel;
use crate::composite::overlay;
use crate::driver::Region;
use crate::media::Planes;

/// Pixels around the mouth that are looked at too where its rim is read between pixels; even.
const AROUND: usize = 4;

/// The photo's own mouth, and its coverage, soft and a little inside the lips.
pub struct OwnMouth {
    x0: usize,
    y0: usize,
    width: usize,
    height: usize,
    cover: Vec<f32>,
    /// A cut of the photo, and where it begins.
    pixels: Planes,
    corner: (usize, usize),
}

impl OwnMouth {
    /// `outline`: of the mouth's inside, pixels of the photo.
    pub fn of(outline: &[[f32; 2]], px_per_cm: f32, photo: &Planes) -> Self {
        let limit = |axis: usize, size: usize| {
            let low = outline.iter().map(|p| p[axis]).fold(f32::MAX, f32::min).max(0.0) as usize;
            let high = (outline.iter().map(|p| p[axis]).fold(0.0, f32::max) as usize + 2).min(size);
            (low, high)
        };
        let ((x0, x1), (y0, y1)) = (limit(0, photo.width), limit(1, photo.height));
        let (width, height) = (x1.saturating_sub(x0), y1.saturating_sub(y0));
        let begin = |low: usize, size: usize| (low.saturating_sub(AROUND) & !1).min(size);
        let end = |high: usize, size: usize| (high + AROUND).next_multiple_of(2).min(size);
        let corner = (begin(x0, photo.width), begin(y0, photo.height));
        let around = Region {
            x: corner.0,
            y: corner.1,
            width: end(x1, photo.width).saturating_sub(corner.0),
            height: end(y1, photo.height).saturating_sub(corner.1),
        };
        let (near, far) = (0.07 * px_per_cm, 0.19 * px_per_cm);
        let cover = (0..width * height)
            .map(|i| {
                let (x, y) = ((x0 + i % width) as f32, (y0 + i / width) as f32);
                if !inside(outline, x, y) {
                    return 0.0;
                }
                let t = ((distance(outline, x, y) - near) / (far - near)).clamp(0.0, 1.0);
                t * t * (3.0 - 2.0 * t)
            })
            .collect();
        Self {
            x0,
            y0,
            width,
            height,
            cover,
            pixels: overlay::cut(photo, around),
            corner,
        }
    }

    /// Y, U and V at a pixel of the raster where it covers anything.
    pub fn colour(&self, x: f32, y: f32, kernel: Kernel) -> [f32; 3] {
        let [py, pu, pv] = sitter::planes(&self.pixels);
        // Whole numbers: nothing is lost.
        let (x, y) = (x - self.corner.0 as f32, y - self.corner.1 as f32);
        let (cx, cy) = ((x - 0.5) / 2.0, (y - 0.5) / 2.0);
        [py.at(x, y, kernel), pu.at(cx, cy, Kernel::Linear), pv.at(cx, cy, Kernel::Linear)]
    }

    /// 0 to 1 at a pixel of the raster.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let (gx, gy) = (x - self.x0 as f32, y - self.y0 as f32);
        if gx < 0.0 || gy < 0.0 || gx >= self.width as f32 - 1.0 || gy >= self.height as f32 - 1.0 {
            return 0.0;
        }
        let (i, j) = (gx as usize, gy as usize);
        let (fx, fy) = (gx - i as f32, gy - j as f32);
        let n = j * self.width + i;
        let top = self.cover[n] + (self.cover[n + 1] - self.cover[n]) * fx;
        let low = self.cover[n + self.width] + (self.cover[n + self.width + 1] - self.cover[n + self.width]) * fx;
        top + (low - top) * fy
    }
}

fn distance(outline: &[[f32; 2]], x: f32, y: f32) -> f32 {
    let mut best = f32::MAX;
    let mut a = outline[outline.len() - 1];
    for &b in outline {
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let t = (((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy).max(1e-6)).clamp(0.0, 1.0);
        best = best.min((x - a[0] - t * dx).hypot(y - a[1] - t * dy));
        a = b;
    }
    best
}
