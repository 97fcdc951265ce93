//! The triangles that carry the skin: the face mesh, and two rings around it that let its motion fade out.

use super::topology::{INNER_LOWER, INNER_UPPER, OUTER_LOWER, OUTER_UPPER, OVAL};
use crate::face::head::Head;

/// The ring that follows the face's outline by this much, and how far out it lies.
const NEAR_RING: (f32, f32) = (1.22, 0.45);
/// The ring that does not move.
const FAR_RING: f32 = 1.6;

/// How far inside the lips their rims' texture is taken, pixels: at the very rim the photo shows the mouth's inside.
#[derive(Clone, Copy)]
pub struct Inset {
    pub rim: f32,
    /// Outwards at the corners, where an open mouth is black.
    pub corner: f32,
}

impl Inset {
    /// In a video the rims of lips come apart and shut again: the inset goes along. `gap`: as filmed, cm. A smile's corners are dark.
    pub fn of_opening(gap: f32, smile: bool, px_per_cm: f32) -> Self {
        let open = ((gap - 0.03) / 0.2).clamp(0.0, 1.0);
        Self {
            rim: (0.05 + 0.06 * open) * px_per_cm,
            corner: if smile { 0.25 } else { 0.1 } * open * px_per_cm,
        }
    }
}

/// Skin points in pixels of the raster: 468 of the face, then both rings.
pub struct Mesh {
    /// Where each point is in the photo.
    pub home: Vec<[f32; 2]>,
    /// Where its texture is taken: the home, but a little inside the lips' red at the rim.
    pub source: Vec<[f32; 2]>,
    /// The face, with the insides of mouth and eyes, and both rings.
    pub triangles: Vec<[u16; 3]>,
}

impl Mesh {
    /// `points`: the face's 468 points in pixels.
    pub fn new(points: &[[f32; 2]], inset: Inset, head: &Head) -> Self {
        let count = points.len();
        let middle = centre(points);
        let ring = |factor: f32| OVAL.iter().map(move |&i| scale_about(points[i], middle, factor));
        let home: Vec<[f32; 2]> = points.iter().copied().chain(ring(NEAR_RING.0)).chain(ring(FAR_RING)).collect();
        let mut source = home.clone();
        for (inner, outer) in [(&INNER_UPPER, &OUTER_UPPER), (&INNER_LOWER, &OUTER_LOWER)] {
            for k in 1..10 {
                let amount = inset.rim * (std::f32::consts::PI * k as f32 / 10.0).sin().powf(0.25);
                source[inner[k]] = towards(home[inner[k]], home[outer[k]], amount, 0.4);
            }
            for k in [0, 10] {
                source[inner[k]] = towards(home[inner[k]], home[outer[k]], inset.corner, 0.7);
            }
        }
        let rings = ring_triangles(count);
        let face = head.triangles.iter().map(|t| t.map(|i| i as u16));
        let triangles = face.chain(rings).collect();
        Self { home, source, triangles }
    }

    /// Where every point goes when the face's points move by `displacement` pixels.
    pub fn target(&self, displacement: &[[f32; 2]]) -> Vec<[f32; 2]> {
        let count = displacement.len();
        let n = OVAL.len();
        let mut near: Vec<[f32; 2]> = OVAL
            .iter()
            .map(|&i| [displacement[i][0] * NEAR_RING.1, displacement[i][1] * NEAR_RING.1])
            .collect();
        for _ in 0..3 {
            let before = near.clone();
            for k in 0..n {
                let (a, b) = (before[(k + n - 1) % n], before[(k + 1) % n]);
                near[k] = [(a[0] + 2.0 * before[k][0] + b[0]) / 4.0, (a[1] + 2.0 * before[k][1] + b[1]) / 4.0];
            }
        }
        let moved = |p: &[f32; 2], d: &[f32; 2]| [p[0] + d[0], p[1] + d[1]];
        let face = self.home[..count].iter().zip(displacement).map(|(p, d)| moved(p, d));
        let ring = self.home[count..count + n].iter().zip(&near).map(|(p, d)| moved(p, d));
        face.chain(ring).chain(self.home[count + n..].iter().copied()).collect()
    }
}

pub fn centre(points: &[[f32; 2]]) -> [f32; 2] {
    let n = OVAL.len() as f32;
    let sum = OVAL.iter().fold([0.0, 0.0], |s, &i| [s[0] + points[i][0], s[1] + points[i][1]]);
    [sum[0] / n, sum[1] / n]
}

/// From `a` towards `b` by `amount` pixels, but at most that `part` of the way.
fn towards(a: [f32; 2], b: [f32; 2], amount: f32, part: f32) -> [f32; 2] {
    let length = (b[0] - a[0]).hypot(b[1] - a[1]).max(1e-3);
    let t = (amount / length).min(part);
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
}

fn scale_about(p: [f32; 2], c: [f32; 2], factor: f32) -> [f32; 2] {
    [c[0] + (p[0] - c[0]) * factor, c[1] + (p[1] - c[1]) * factor]
}

fn ring_triangles(count: usize) -> Vec<[u16; 3]> {
    let n = OVAL.len();
    (0..n)
        .flat_map(|i| {
            let j = (i + 1) % n;
            let inner = [OVAL[i], OVAL[j], count + i, count + j];
            let outer = [count + i, count + j, count + n + i, count + n + j];
            [inner, outer].into_iter().flat_map(|[a, b, c, d]| [[a, b, c], [b, d, c]])
        })
        .map(|t| t.map(|i| i as u16))
        .collect()
}

/// The triangles that may touch a rectangle.
pub fn touching(triangles: &[[u16; 3]], points: &[[f32; 2]], x0: f32, y0: f32, x1: f32, y1: f32) -> Vec<[u16; 3]> {
    let inside = |t: &&[u16; 3]| {
        let p = t.map(|i| points[usize::from(i)]);
        let range = |axis: usize| {
            (
                p[0][axis].min(p[1][axis]).min(p[2][axis]),
                p[0][axis].max(p[1][axis]).max(p[2][axis]),
            )
        };
        let ((xa, xb), (ya, yb)) = (range(0), range(1));
        xb >= x0 && xa <= x1 && yb >= y0 && ya <= y1
    };
    triangles.iter().filter(inside).copied().collect()
}
