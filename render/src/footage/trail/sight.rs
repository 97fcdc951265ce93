//! What is seen of a face in one frame.

use crate::driver::photo::{Tones, measure};
use crate::face::head::POINTS;
use crate::face::{Landmarks, fit};
use crate::media::Planes;

/// Steps of a stored coordinate in a centimetre: the head is eight of them high either way.
pub const STEPS: f32 = 3000.0;
/// Between two frames of one take a head moves by less than this, in widths of the face, and changes its size by less.
const LEAP: f64 = 0.35;
const GROWTH: f64 = 1.25;
/// Width of a face, cm.
const FACE: f64 = 14.0;

/// Columns and rows of a frame in small.
pub const SMALL: (usize, usize) = (24, 16);
/// Luma, row by row.
pub type Small = [u8; SMALL.0 * SMALL.1];

/// Whether the mouth of a face can be moved in one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Free,
    /// The head is turned too far.
    Turned,
    /// A part of the face that is needed lies outside the picture.
    Outside,
    /// Something is in front of the mouth.
    Covered,
}

/// The face in one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    /// Pixels per cm, rotation and translation, as in [`Fit`].
    pub pose: [f64; 13],
    /// On the canonical head, in steps of 1 / [`STEPS`] cm.
    pub points: Box<[[i16; 3]; POINTS]>,
    /// Brightness of the skin, 0 to 255.
    pub skin: f32,
    /// Between the lips.
    pub tones: Option<Tones>,
    pub state: State,
    /// The whole frame.
    pub small: Box<Small>,
}

impl Sight {
    /// `landmarks`: pixels of the video.
    pub fn new(landmarks: &Landmarks, skin: f32, tones: Option<Tones>, state: State, small: Box<Small>) -> Self {
        let fit = fit(landmarks);
        let mut pose = [fit.scale; 13];
        pose[1..10].copy_from_slice(fit.rotation.as_flattened());
        pose[10..].copy_from_slice(&fit.translation);
        let mut points = Box::new([[0; 3]; POINTS]);
        for (to, from) in points.iter_mut().zip(&fit.points) {
            *to = from.map(|v| (v as f32 * STEPS).round() as i16);
        }
        Self {
            pose,
            points,
            skin,
            tones,
            state,
            small,
        }
    }

    pub fn is_free(&self) -> bool {
        self.state == State::Free
    }

    /// Gap, width, upper lip, chin, cm.
    pub fn mouth(&self) -> [f32; 4] {
        measure(&self.points.map(|p| p.map(|v| f32::from(v) / STEPS)))
    }

    pub fn between(&self, other: &Self, t: f64) -> Self {
        let mix = |a: f64, b: f64| a + (b - a) * t;
        let mut points = self.points.clone();
        for (p, q) in points.iter_mut().zip(other.points.iter()) {
            *p = std::array::from_fn(|c| mix(p[c].into(), q[c].into()).round() as i16);
        }
        Self {
            pose: std::array::from_fn(|i| mix(self.pose[i], other.pose[i])),
            points,
            skin: mix(self.skin.into(), other.skin.into()) as f32,
            tones: None,
            state: if self.is_free() { other.state } else { self.state },
            small: Box::new(std::array::from_fn(|i| {
                mix(self.small[i].into(), other.small[i].into()).round() as u8
            })),
        }
    }

    pub fn leaps_to(&self, next: &Self) -> bool {
        let growth = self.pose[0] / next.pose[0];
        let way = (self.pose[10] - next.pose[10]).hypot(self.pose[11] - next.pose[11]);
        way > LEAP * FACE * self.pose[0].max(next.pose[0]) || !(1.0 / GROWTH..GROWTH).contains(&growth)
    }
}

/// A frame in small: the mean of each part.
pub fn small(frame: &Planes) -> Box<Small> {
    let (columns, rows) = SMALL;
    let part = |i: usize, count: usize, size: usize| i * size / count..((i + 1) * size / count).max(i * size / count + 1).min(size);
    Box::new(std::array::from_fn(|n| {
        let (xs, ys) = (part(n % columns, columns, frame.width), part(n / columns, rows, frame.height));
        let sum: u64 = ys
            .clone()
            .map(|y| frame.y[y * frame.width..][xs.clone()].iter().map(|v| u64::from(*v)).sum::<u64>())
            .sum();
        (sum / (xs.len() * ys.len()).max(1) as u64) as u8
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_in_small_is_the_mean_of_its_parts() {
        let mut frame = Planes::blank(240, 160);
        for (i, y) in frame.y.iter_mut().enumerate() {
            *y = if i % 240 < 120 { 40 } else { 200 };
        }
        let small = small(&frame);
        assert_eq!((small[0], small[11], small[12], small[24 * 16 - 1]), (40, 40, 200, 200));
        // Smaller than its parts, it is still one.
        let _ = super::small(&Planes::blank(2, 2));
    }
}
