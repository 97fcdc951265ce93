//! Who speaks when: so that silence, hiss and room tone leave the mouth at rest.

use crate::mouth::TimedPhoneme;
use crate::mouth::events::is_spoken;
use crate::mouth::mel::{self, BANDS, FRAMES_PER_SECOND, Frame};
use crate::mouth::nets::{Posteriors, SIL};
use crate::mouth::smooth::{self, gaussian, runs};

/// 10 ms frames that the mouth takes to wake before speech, which real lips do early, and to come to rest after it.
const WAKE: usize = 9;
const REST: usize = 6;
/// A sound shorter than this many frames is a click, a pause shorter than that many belongs to the word around it.
const CLICK: usize = 5;
const WITHIN_WORD: usize = 14;
/// Decibels in one unit of the natural logarithm of a power.
const DB: f32 = 4.343;
/// One unit of strength: five in the natural logarithm of a power.
const UNIT_DB: f32 = 5.0 * DB;
/// Speech lies at most this far under the recording's loud level, and at least so far as the second number never counts as noise.
const DEEPEST_DB: f32 = 38.0;
const SHALLOWEST_DB: f32 = 20.0;
/// Speech stands out from the recording's noise by this much.
const ABOVE_NOISE_DB: f32 = 7.0;
/// Where loud and quiet differ by less there is no speech, only noise.
const FLAT_DB: f32 = 5.0;
/// Full scale is about +46 dB here; what never rises above this is silence (-75 dBFS).
const NOTHING_DB: f32 = -29.0;
/// The net's own opinion that nobody speaks.
const NOBODY: f32 = 0.7;

/// Speech over time, at 100 Hz.
pub struct Voice {
    gate: Vec<f32>,
    energy: Vec<f32>,
    strength: Vec<f32>,
}

impl Voice {
    /// Known phonemes say it all; without them level and net must agree.
    pub fn find(frames: &[Frame], posteriors: &[Posteriors], phonemes: Option<&[TimedPhoneme]>) -> Self {
        let db = loudness(frames);
        let loud = mel::loud_level(db.iter().map(|v| v / DB)) * DB;
        let gate = match phonemes {
            Some(known) => faded(&spoken(known, frames.len()), 1),
            None => faded(&heard(&db, loud, posteriors), CLICK),
        };
        let energy: Vec<f32> = db
            .iter()
            .zip(&gate)
            .map(|(v, g)| ((v - loud) / 40.0 + 1.0).clamp(0.0, 1.0) * g)
            .collect();
        Self {
            energy: gaussian(&energy, 10.0),
            gate,
            strength: db.iter().map(|v| ((v - loud) / UNIT_DB).clamp(-2.0, 0.5)).collect(),
        }
    }

    /// 0 in silence, 1 in speech, a short slope in between.
    pub fn gate_at(&self, seconds: f64) -> f32 {
        smooth::at(&self.gate, seconds)
    }

    pub fn energy_at(&self, seconds: f64) -> f32 {
        smooth::at(&self.energy, seconds)
    }

    /// The level of each 100 Hz frame under the loud level, in units of 22 dB. Unlike the level that the nets see it is that of the voice:
    /// hiss, loud among high bands, opens no jaw.
    pub fn strength(&self) -> &[f32] {
        &self.strength
    }

    /// The 100 Hz frames in which somebody speaks.
    pub fn is_on(&self, frame: usize) -> bool {
        self.gate.get(frame).is_some_and(|g| *g >= 1.0)
    }
}

/// Level of each frame in dB, the features' pre-emphasis undone: hiss would weigh too much.
fn loudness(frames: &[Frame]) -> Vec<f32> {
    let weight: [f32; BANDS] = std::array::from_fn(|band| {
        let share = (band as f32 + 1.0) / (BANDS as f32 + 1.0);
        // Centres of the bands lie evenly between 60 and 7600 Hz in mel.
        let mel = 85.9 + share * (2786.4 - 85.9);
        let turn = std::f32::consts::TAU * 700.0 * (10f32.powf(mel / 2595.0) - 1.0) / mel::RATE as f32;
        1.0 / (1.0 + 0.97 * 0.97 - 2.0 * 0.97 * turn.cos())
    });
    let power = |f: &Frame| f.iter().zip(&weight).map(|(v, w)| v.exp() * w).sum::<f32>();
    let db: Vec<f32> = frames.iter().map(|f| DB * (power(f) + 1e-7).ln()).collect();
    gaussian(&db, 1.5)
}

fn heard(db: &[f32], loud: f32, posteriors: &[Posteriors]) -> Vec<bool> {
    let noise = mel::percentile(&mut db.to_vec(), 0.1);
    if loud < NOTHING_DB || loud - noise < FLAT_DB {
        return vec![false; db.len()];
    }
    let least = (noise + ABOVE_NOISE_DB).clamp(loud - DEEPEST_DB, loud - SHALLOWEST_DB);
    let nobody: Vec<f32> = posteriors.iter().map(|p| p[SIL]).collect();
    db.iter()
        .zip(gaussian(&nobody, 2.0))
        .map(|(v, nobody)| *v > least && nobody < NOBODY)
        .collect()
}

fn spoken(known: &[TimedPhoneme], frames: usize) -> Vec<bool> {
    let mut out = vec![false; frames];
    for phoneme in known.iter().filter(|p| is_spoken(p)) {
        let frame = |seconds: f64| ((seconds * FRAMES_PER_SECOND).max(0.0) as usize).min(frames);
        let (first, past) = (frame(phoneme.start), frame(phoneme.end + 0.01));
        out[first..past.max(first)].fill(true);
    }
    out
}

/// Joins what belongs together, drops what is shorter than `least` frames, and slopes the ends.
fn faded(speaks: &[bool], least: usize) -> Vec<f32> {
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (first, past) in runs(speaks.iter().copied()) {
        match joined.last_mut() {
            Some((_, end)) if first - *end < WITHIN_WORD => *end = past,
            _ => joined.push((first, past)),
        }
    }
    let mut gate = vec![0.0f32; speaks.len()];
    for (first, past) in joined.into_iter().filter(|(a, b)| b - a >= least) {
        let from = first.saturating_sub(WAKE);
        for (t, g) in gate.iter_mut().enumerate().take(past + REST).skip(from) {
            let early = first.saturating_sub(t) as f32 / (WAKE + 1) as f32;
            let late = (t + 1).saturating_sub(past) as f32 / (REST + 1) as f32;
            *g = g.max(smooth::step(0.0, 1.0, 1.0 - early.max(late)));
        }
    }
    gate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clicks_are_dropped_words_joined_and_ends_faded() {
        let mut speaks = vec![false; 100];
        speaks[10..12].fill(true);
        speaks[40..50].fill(true);
        speaks[58..70].fill(true);
        let gate = faded(&speaks, CLICK);
        assert!(gate[..31].iter().all(|g| *g == 0.0) && gate[76..].iter().all(|g| *g == 0.0));
        assert!(gate[40..70].iter().all(|g| *g == 1.0));
        assert!(gate[31] > 0.0 && gate[31] < gate[38] && gate[38] < 1.0);
    }

    #[test]
    fn hiss_is_no_strength_of_voice() {
        // As much power among the low bands, then among the high ones.
        let bands = |from: usize| -> Frame { std::array::from_fn(|band| if (from..from + 8).contains(&band) { 6.0 } else { -9.0 }) };
        let frames: Vec<Frame> = (0..120).map(|t| bands(if t < 60 { 2 } else { BANDS - 8 })).collect();
        let voice = Voice::find(&frames, &vec![[0.0; crate::mouth::nets::VISEMES]; 120], None);
        assert!(
            voice.strength()[30] > -0.1 && voice.strength()[90] < -0.4,
            "{} {}",
            voice.strength()[30],
            voice.strength()[90]
        );
    }
}
