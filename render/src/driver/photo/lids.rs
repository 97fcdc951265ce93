//! Blinking: the upper lids come down, and the skin above them follows.

use super::light::luma;
use super::shape::Points;
use super::topology::{EYES, Eye};
use crate::media::Picture;

/// So far above a lid the skin follows it, cm, where nothing is in the way.
const REACH: f32 = 1.25;
/// This part of the reach, with the lashes in it, moves as one piece.
const RIGID: f32 = 0.3;
/// A step of brightness over a tenth of a centimetre, of the skin's own, that skin does not have: the rim of glasses.
const RIM_STEP: f32 = 0.33;
/// Beyond this turn, degrees, the far lids' points are too uncertain to be moved.
const MOST_TURN: f64 = 24.0;

/// The lids of one photo.
pub struct Lids {
    skin: [Vec<LidSkin>; 2],
    still: bool,
}

impl Lids {
    /// `own`: canonical points, cm. `pixels`: the same in `picture`. `turn`: the head's yaw, degrees.
    pub fn new(own: &[[f32; 3]], picture: &Picture, pixels: &[[f32; 2]], px_per_cm: f32, turn: f64) -> Self {
        let skin = std::array::from_fn(|e| lid_skin(own, &EYES[e], reach(picture, pixels, &EYES[e], px_per_cm)));
        Self {
            skin,
            still: turn.abs() > MOST_TURN,
        }
    }

    /// Closes the lids: 0 is as in the photo, 1 is shut. The skin above goes along without stretching at the lashes.
    pub fn close(&self, points: &mut Points, amount: f32) {
        if self.still {
            return;
        }
        for (eye, skin) in EYES.iter().zip(&self.skin) {
            let travel: Vec<[f32; 3]> = (0..9)
                .map(|k| {
                    let (u, l) = (points[eye.upper[k]], points[eye.lower[k]]);
                    std::array::from_fn(|axis| (l[axis] - u[axis]) * amount)
                })
                .collect();
            for (k, d) in travel.iter().enumerate().take(8).skip(1) {
                for axis in 0..3 {
                    points[eye.upper[k]][axis] += d[axis] * 0.94;
                    points[eye.lower[k]][axis] -= d[axis] * 0.06;
                }
            }
            for lid in skin {
                for axis in 0..3 {
                    let d = travel[lid.between][axis] * (1.0 - lid.part) + travel[lid.between + 1][axis] * lid.part;
                    points[lid.point][axis] += d * 0.94 * lid.weight;
                }
            }
        }
    }
}

/// How far up the skin is free to move: up to the first edge that is no skin's, at least a little.
fn reach(picture: &Picture, pixels: &[[f32; 2]], eye: &Eye, px_per_cm: f32) -> f32 {
    let at = |p: [f32; 2]| {
        let x = (p[0].max(0.0) as usize).min(picture.width - 1);
        let y = (p[1].max(0.0) as usize).min(picture.height - 1);
        let i = (y * picture.width + x) * 4;
        luma(std::array::from_fn(|c| f32::from(picture.rgba[i + c])))
    };
    let (a, b) = (pixels[eye.upper[0]], pixels[eye.upper[8]]);
    let along = (b[0] - a[0]).hypot(b[1] - a[1]).max(1.0);
    // Upwards in the picture, at right angles to the eye.
    let sign = if b[0] > a[0] { 1.0 } else { -1.0 };
    let up = [(b[1] - a[1]) / along * sign * px_per_cm, -(b[0] - a[0]) / along * sign * px_per_cm];
    let mut heights: Vec<f32> = (2..7)
        .map(|k| {
            let lid = pixels[eye.upper[k]];
            let above = |h: f32| at([lid[0] + up[0] * h, lid[1] + up[1] * h]);
            let skin = (3..8).map(|i| above(i as f32 / 10.0)).fold(1.0, f32::max);
            (2..14)
                .map(|i| i as f32 / 10.0)
                .find(|&h| (above(h) - above(h + 0.1)).abs() > RIM_STEP * skin)
                .unwrap_or(REACH)
        })
        .collect();
    heights.sort_by(f32::total_cmp);
    heights[1].clamp(0.25, REACH)
}

/// A point above an upper lid that follows it: `part` of the way between two of the lid's points.
struct LidSkin {
    point: usize,
    between: usize,
    part: f32,
    weight: f32,
}

/// The skin between an upper lid and its brow: what is near the lashes moves with them, what is near the brow stays.
fn lid_skin(own: &[[f32; 3]], eye: &Eye, reach: f32) -> Vec<LidSkin> {
    let side = (own[eye.upper[8]][0] - own[eye.upper[0]][0]).signum();
    (0..own.len())
        .filter(|i| !eye.upper.contains(i) && !eye.lower.contains(i))
        .filter_map(|point| {
            let x = own[point][0] * side;
            let between = (0..8).find(|&k| own[eye.upper[k]][0] * side <= x && x <= own[eye.upper[k + 1]][0] * side)?;
            let (a, b) = (own[eye.upper[between]], own[eye.upper[between + 1]]);
            let part = (x - a[0] * side) / ((b[0] - a[0]) * side).max(1e-3);
            let above = own[point][1] - (a[1] + (b[1] - a[1]) * part);
            let t = ((reach - above) / (reach - reach * RIGID)).clamp(0.0, 1.0);
            let weight = t * t * (3.0 - 2.0 * t);
            (above > 0.0 && weight > 0.0).then_some(LidSkin {
                point,
                between,
                part,
                weight,
            })
        })
        .collect()
}
