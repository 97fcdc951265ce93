//! An opening between two lips or two lids: which pixels belong to the upper skin, the lower skin and what lies between.

use super::field::Field;

/// Two curves from corner to corner, in a frame of their own: `u` along the corners' line, `v` across it, downwards.
pub struct Aperture {
    origin: [f32; 2],
    axis: [f32; 2],
    pub length: f32,
    /// `v` of each curve at whole steps of `u`, from `-margin` to `length + margin`.
    upper: Vec<f32>,
    lower: Vec<f32>,
    /// Half the width of the soft edge, pixels.
    soft: f32,
}

/// Steps before the first and after the last corner.
const MARGIN: usize = 8;

/// How a pixel is shared; the three sum to 1.
#[derive(Clone, Copy)]
pub struct Share {
    pub upper: f32,
    pub lower: f32,
    pub inside: f32,
}

/// Where a pixel lies between the curves.
#[derive(Clone, Copy)]
pub struct Place {
    /// 0 at the first corner, 1 at the last.
    pub along: f32,
    /// Pixels below the upper curve; negative above it.
    pub below_upper: f32,
    /// Pixels above the lower curve; negative below it.
    pub above_lower: f32,
}

impl Aperture {
    /// `upper` and `lower`: points from corner to corner in pixels, sharing both ends. Where they are nearer than `contact`
    /// pixels they touch: curves through different points never lie on each other exactly.
    pub fn new(upper: &[[f32; 2]], lower: &[[f32; 2]], soft: f32, contact: f32) -> Self {
        let (a, b) = (upper[0], upper[upper.len() - 1]);
        let length = (b[0] - a[0]).hypot(b[1] - a[1]).max(1.0);
        let axis = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
        let mut aperture = Self {
            origin: a,
            axis,
            length,
            upper: Vec::new(),
            lower: Vec::new(),
            soft,
        };
        aperture.upper = aperture.tabulate(upper);
        aperture.lower = aperture.tabulate(lower);
        let steps = aperture.upper.len() as f32 - 1.0;
        for (i, (u, l)) in aperture.upper.iter_mut().zip(&mut aperture.lower).enumerate() {
            // Towards the corners rims lie on each other for longer.
            let corner = (2.0 * i as f32 / steps - 1.0).powi(6);
            let middle = (*u + *l) / 2.0;
            let half = ((*l - *u - contact * (1.0 + 2.0 * corner)) / 2.0).max(0.0);
            (*u, *l) = (middle - half, middle + half);
        }
        aperture
    }

    fn local(&self, x: f32, y: f32) -> [f32; 2] {
        let (dx, dy) = (x - self.origin[0], y - self.origin[1]);
        // The axis runs from the picture's left to its right, so that turning it by 90° points down.
        [dx * self.axis[0] + dy * self.axis[1], dy * self.axis[0] - dx * self.axis[1]]
    }

    /// A smooth curve through the points (monotone cubic, Fritsch & Carlson 1980): it makes no new bumps.
    fn tabulate(&self, points: &[[f32; 2]]) -> Vec<f32> {
        let mut local: Vec<[f32; 2]> = points.iter().map(|p| self.local(p[0], p[1])).collect();
        // Seen from the side, points near a corner may fold back: a curve must go forward.
        for k in 1..local.len() {
            local[k][0] = local[k][0].max(local[k - 1][0] + 0.5);
        }
        let steps = self.length.ceil() as usize + 1 + 2 * MARGIN;
        let n = local.len();
        let slope: Vec<f32> = (0..n - 1)
            .map(|k| (local[k + 1][1] - local[k][1]) / (local[k + 1][0] - local[k][0]).max(1e-3))
            .collect();
        let tangent: Vec<f32> = (0..n)
            .map(|k| match k {
                0 => slope[0],
                k if k == n - 1 => slope[n - 2],
                k if slope[k - 1] * slope[k] <= 0.0 => 0.0,
                k => 2.0 * slope[k - 1] * slope[k] / (slope[k - 1] + slope[k]),
            })
            .collect();
        let mut k = 0;
        (0..steps)
            .map(|i| {
                let u = i as f32 - MARGIN as f32;
                if u <= 0.0 {
                    return local[0][1];
                }
                if u >= local[n - 1][0] {
                    return local[n - 1][1];
                }
                while k + 2 < n && u > local[k + 1][0] {
                    k += 1;
                }
                let width = (local[k + 1][0] - local[k][0]).max(1e-3);
                let t = ((u - local[k][0]) / width).clamp(0.0, 1.0);
                let (a, b) = (local[k][1], local[k + 1][1]);
                let (ta, tb) = (tangent[k] * width, tangent[k + 1] * width);
                let (t2, t3) = (t * t, t * t * t);
                (2.0 * t3 - 3.0 * t2 + 1.0) * a + (t3 - 2.0 * t2 + t) * ta + (3.0 * t2 - 2.0 * t3) * b + (t3 - t2) * tb
            })
            .collect()
    }

    /// The widest opening, pixels.
    pub fn opening(&self) -> f32 {
        self.upper.iter().zip(&self.lower).map(|(u, l)| l - u).fold(0.0, f32::max)
    }

    pub fn place(&self, x: f32, y: f32) -> Place {
        let [u, v] = self.local(x, y);
        let g = (u + MARGIN as f32).clamp(0.0, self.upper.len() as f32 - 1.001);
        let i = g as usize;
        let f = g - i as f32;
        let at = |t: &[f32]| t[i] + (t[i + 1] - t[i]) * f;
        Place {
            along: u / self.length,
            below_upper: v - at(&self.upper),
            above_lower: at(&self.lower) - v,
        }
    }

    pub fn share(&self, place: &Place) -> Share {
        let edge = |d: f32| {
            let t = (0.5 - d / (2.0 * self.soft)).clamp(0.0, 1.0);
            t * t * (3.0 - 2.0 * t)
        };
        let (upper, lower) = (edge(place.below_upper), edge(place.above_lower));
        let sum = upper + lower;
        if sum > 1.0 {
            return Share {
                upper: upper / sum,
                lower: lower / sum,
                inside: 0.0,
            };
        }
        Share {
            upper,
            lower,
            inside: 1.0 - sum,
        }
    }
}

/// The displacement of the skin on both sides of an opening, each continued into it.
pub struct Sides {
    pub upper: Field,
    pub lower: Field,
}

impl Sides {
    pub fn covering(x0: f32, y0: f32, x1: f32, y1: f32, pitch: f32) -> Self {
        let field = Field::covering(x0, y0, x1, y1, pitch);
        Self {
            lower: field.clone(),
            upper: field,
        }
    }

    /// Draws the skin, then for each side a strip that stretches the rim's own colour `reach` pixels past it.
    pub fn rasterise(&mut self, skin: &[[u16; 3]], target: &[[f32; 2]], source: &[[f32; 2]], rings: [&[usize]; 2], reach: f32) {
        for (field, ring, other, direction) in [
            (&mut self.upper, rings[0], rings[1], 1.0),
            (&mut self.lower, rings[1], rings[0], -1.0),
        ] {
            field.clear();
            // Closed rims cross each other a little: this side's triangles come last.
            let rim = &other[1..other.len() - 1];
            let (far, near): (Vec<_>, Vec<_>) = skin.iter().partition(|t| t.iter().any(|&i| rim.contains(&usize::from(i))));
            field.rasterise(&far, target, source);
            field.rasterise(&near, target, source);
            let (a, b) = (target[ring[0]], target[ring[ring.len() - 1]]);
            let length = (b[0] - a[0]).hypot(b[1] - a[1]).max(1e-3);
            let down = [
                -(b[1] - a[1]) / length * direction * reach,
                (b[0] - a[0]) / length * direction * reach,
            ];
            let n = ring.len();
            let moved = |p: [f32; 2]| [p[0] + down[0], p[1] + down[1]];
            let strip_target: Vec<[f32; 2]> = ring
                .iter()
                .map(|&i| target[i])
                .chain(ring.iter().map(|&i| moved(target[i])))
                .collect();
            // Past the rim its last pixels go on: what the photo shows there is the mouth's or the eye's inside.
            let strip_source: Vec<[f32; 2]> = ring.iter().chain(ring).map(|&i| source[i]).collect();
            let triangles: Vec<[u16; 3]> = (0..n - 1)
                .flat_map(|k| [[k, k + 1, n + k], [k + 1, n + k + 1, n + k]])
                .map(|t| t.map(|i| i as u16))
                .collect();
            field.rasterise(&triangles, &strip_target, &strip_source);
        }
    }
}
