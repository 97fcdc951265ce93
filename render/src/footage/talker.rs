//! What a person's mouth does in the footage: how it rests, how far it opens, when its lips touch.

use super::features::{Features, GAP, THICKNESS};

/// The part of all frames, those with the smallest opening, in which a mouth is taken to rest; the nets' lips were measured so too.
const RESTING: f32 = 0.15;
/// Lips whose rims are measured so much further apart than the nearest touch as well, cm: the net's points are not exact.
const TOUCH: f32 = 0.06;
/// Lips that are never nearer than this do not close, cm.
const PARTED: f32 = 0.3;
/// A mouth that opens less than this, beyond its rest, lends nothing to speech, cm.
const MUMBLED: f32 = 0.4;

#[derive(Clone, Debug)]
pub struct Talker {
    /// cm on the canonical head.
    pub rest: Features,
    /// Deviation of each value, cm.
    pub spread: Features,
    /// The opening of shut lips as it is measured, and the greatest that still is none, cm.
    pub touching: f32,
    pub shut: f32,
    /// Up to this opening the mouth is taken to rest, cm.
    pub resting: f32,
    /// The widest usual opening beyond rest, and how far the corners go apart and together, cm.
    pub widest: f32,
    pub corners: f32,
    /// Change of the lower lip's thickness with the opening.
    pub thinning: f32,
}

impl Talker {
    /// `frames`: of all whose mouth can be seen.
    pub fn of(frames: &[Features]) -> Option<Self> {
        let mut gaps: Vec<f32> = frames.iter().map(|f| f[GAP]).collect();
        gaps.sort_by(f32::total_cmp);
        let at = |part: f32| gaps.get(((gaps.len().max(1) - 1) as f32 * part) as usize).copied();
        let (low, lowest) = (at(RESTING)?, at(0.02)?);
        let rest = mean(frames.iter().filter(|f| f[GAP] <= low));
        let all = mean(frames.iter());
        let square = mean_of(frames.iter().map(|f| std::array::from_fn(|k| (f[k] - all[k]).powi(2))));
        let mut corners: Vec<f32> = frames.iter().map(|f| (f[1] - rest[1]).abs()).collect();
        corners.sort_by(f32::total_cmp);
        let vary: f32 = frames.iter().map(|f| (f[GAP] - all[GAP]).powi(2)).sum();
        let common: f32 = frames.iter().map(|f| (f[GAP] - all[GAP]) * (f[THICKNESS] - all[THICKNESS])).sum();
        Some(Self {
            thinning: common / (vary + 0.02 * frames.len() as f32),
            touching: lowest,
            shut: lowest + TOUCH,
            resting: low,
            widest: at(0.98)? - rest[GAP],
            corners: corners[(corners.len() - 1) * 95 / 100],
            spread: square.map(f32::sqrt),
            rest,
        })
    }

    /// The lips touch now and then.
    pub fn closes(&self) -> bool {
        self.touching < PARTED
    }

    /// The mouth opens as far as speech needs.
    pub fn opens(&self) -> bool {
        self.widest >= MUMBLED
    }
}

fn mean<'a>(frames: impl Iterator<Item = &'a Features>) -> Features {
    mean_of(frames.copied())
}

fn mean_of(frames: impl Iterator<Item = Features>) -> Features {
    let (sum, count) = frames.fold(([0.0; 6], 0.0f32), |(s, n), f: Features| (std::array::from_fn(|k| s[k] + f[k]), n + 1.0));
    sum.map(|v: f32| v / count.max(1.0))
}
