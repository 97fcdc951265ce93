//! Sound to mouth.

use crate::scene::Fps;

/// What the lower face does in one frame; centimetres on the canonical head.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MouthShape {
    /// Inner-lip opening, at least 0.
    pub gap: f32,
    /// Corner-to-corner width minus the talker's rest width; negative is rounded.
    pub width: f32,
    /// Upper lip raise, up positive.
    pub upper: f32,
    /// Chin drop, down positive.
    pub chin: f32,
    /// 0 to 1: lips pressed together (p, b, m).
    pub closure: f32,
    /// 0 to 1: lower lip under the upper teeth (f, v).
    pub tuck: f32,
    /// 0 to 1: tongue tip at the teeth (th; l, d, n with less).
    pub tongue: f32,
    /// 0 to 1: rounding and protrusion (oo, w; sh a little).
    pub pucker: f32,
}

/// A mouth over time, one shape a frame.
#[derive(Clone, Debug)]
pub struct MouthTrack {
    pub fps: Fps,
    pub shapes: Vec<MouthShape>,
    /// 0 to 1: how much is being spoken in this frame.
    pub voice: Vec<f32>,
    /// 0 to 1: smoothed prosodic loudness.
    pub energy: Vec<f32>,
}
