//! What the photo itself shows between the lips: those pixels are kept, fixed to the skull, wherever they are needed.

use super::light::inside;

/// Coverage of the photo's own mouth, soft and a little inside the lips.
pub struct OwnMouth {
    x0: usize,
    y0: usize,
    width: usize,
    height: usize,
    cover: Vec<f32>,
}

impl OwnMouth {
    /// `outline`: of the mouth's inside, pixels. `bounds`: the raster's sides.
    pub fn of(outline: &[[f32; 2]], px_per_cm: f32, bounds: (usize, usize)) -> Self {
        let limit = |axis: usize, size: usize| {
            let low = outline.iter().map(|p| p[axis]).fold(f32::MAX, f32::min).max(0.0) as usize;
            let high = (outline.iter().map(|p| p[axis]).fold(0.0, f32::max) as usize + 2).min(size);
            (low, high)
        };
        let ((x0, x1), (y0, y1)) = (limit(0, bounds.0), limit(1, bounds.1));
        let (width, height) = (x1.saturating_sub(x0), y1.saturating_sub(y0));
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
        }
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
