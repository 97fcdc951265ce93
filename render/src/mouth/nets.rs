//! The two nets in a row: sound -> viseme posteriors -> what lips do. Run in overlapping pieces, so that memory does not grow
//! with them and a long recording gives the same numbers as a short one.

use crate::error::{Error, Kind, Result};
use crate::model::{Net, Runtime, Tensor};
use crate::mouth::mel::{self, BANDS, Frame};

/// Viseme classes, in the order of the net.
pub const VISEMES: usize = 15;
pub const SIL: usize = 0;
pub const PP: usize = 1;
pub const FF: usize = 2;
pub const TH: usize = 3;
pub const DD: usize = 4;
pub const KK: usize = 5;
pub const CH: usize = 6;
pub const SS: usize = 7;
pub const NN: usize = 8;
pub const RR: usize = 9;
pub const AA: usize = 10;
pub const E: usize = 11;
pub const I: usize = 12;
pub const O: usize = 13;
pub const U: usize = 14;

/// Posteriors of one 10 ms frame; they add up to 1.
pub type Posteriors = [f32; VISEMES];
/// Gap, width, upper lip y, lower lip y, chin y, lower lip thickness: cm above the talker's rest, y up.
pub type Lips = [f32; 6];

/// Posteriors, their logarithms and the level: what the second net sees of a frame.
const FEATURES: usize = 2 * VISEMES + 1;
/// 10 ms frames on either side that an output of each net depends on (training/visemes.py, training/lips.py).
const VISEME_REACH: usize = 60;
const LIPS_REACH: usize = 40;
/// Frames of one piece: 20 s.
const PIECE: usize = 2000;
/// The viseme net's input in silence: its floor.
const QUIET: f32 = -2.5;

static VISEME_NET: &[u8] = include_bytes!("../../models/visemes.onnx");
static LIPS_NET: &[u8] = include_bytes!("../../models/lips.onnx");

/// The two nets, loaded from the weights in the binary.
pub struct MouthNets {
    visemes: Net,
    lips: Net,
}

/// How loud the recording is: what its frames are measured against.
#[derive(Clone, Copy)]
pub struct Loud {
    /// Of the loudest band of each frame.
    pub peak: f32,
    /// Of the sum over bands.
    pub level: f32,
}

impl Loud {
    pub fn of(frames: &[Frame]) -> Self {
        Self {
            peak: mel::loud_level(frames.iter().map(mel::peak)),
            level: mel::loud_level(frames.iter().map(mel::level)),
        }
    }
}

impl MouthNets {
    pub fn load(runtime: &Runtime) -> Result<Self, Error> {
        Ok(Self {
            visemes: runtime.load(VISEME_NET)?,
            lips: runtime.load(LIPS_NET)?,
        })
    }

    /// Posteriors of every frame.
    pub fn visemes(&self, frames: &[Frame], loud: Loud) -> Result<Vec<Posteriors>> {
        let mut out = Vec::with_capacity(frames.len());
        for start in (0..frames.len()).step_by(PIECE) {
            let end = (start + PIECE).min(frames.len());
            out.extend(self.visemes_between(frames, loud, start, end)?);
        }
        Ok(out)
    }

    fn visemes_between(&self, frames: &[Frame], loud: Loud, start: usize, end: usize) -> Result<Vec<Posteriors>> {
        let length = end - start + 2 * VISEME_REACH;
        let mut data = vec![QUIET; BANDS * length];
        for k in 0..length {
            // Before the first and after the last frame lies silence.
            let Some(frame) = (start + k).checked_sub(VISEME_REACH).and_then(|i| frames.get(i)) else {
                continue;
            };
            for (band, v) in frame.iter().enumerate() {
                data[band * length + k] = ((v - loud.peak) / 3.0).clamp(-4.0, 1.0) + 1.5;
            }
        }
        let made = one(self.visemes.run(&[Tensor::new(&[1, BANDS, length], data)])?, length * VISEMES)?;
        let wanted = &made.data[VISEME_REACH * VISEMES..][..(end - start) * VISEMES];
        Ok(wanted.chunks_exact(VISEMES).map(|row| std::array::from_fn(|i| row[i])).collect())
    }

    /// Lips of every frame. `level`: of each frame, under the loud level, as [`relative_level`] gives it.
    pub fn lips(&self, posteriors: &[Posteriors], level: &[f32]) -> Result<Vec<Lips>> {
        let mut out = Vec::with_capacity(posteriors.len());
        for start in (0..posteriors.len()).step_by(PIECE) {
            let end = (start + PIECE).min(posteriors.len());
            out.extend(self.lips_between(posteriors, level, start, end)?);
        }
        Ok(out)
    }

    fn lips_between(&self, posteriors: &[Posteriors], level: &[f32], start: usize, end: usize) -> Result<Vec<Lips>> {
        let length = end - start + 2 * LIPS_REACH;
        let mut data = vec![0.0; FEATURES * length];
        for k in 0..length {
            // The first and the last frame go on for ever: there is no sound that the net could know of.
            let at = (start + k).saturating_sub(LIPS_REACH).min(posteriors.len() - 1);
            for (v, p) in posteriors[at].iter().enumerate() {
                data[v * length + k] = *p;
                data[(VISEMES + v) * length + k] = ((p + 1e-3).ln() + 7.0).max(0.0) / 7.0;
            }
            data[2 * VISEMES * length + k] = level[at];
        }
        let made = one(self.lips.run(&[Tensor::new(&[1, FEATURES, length], data)])?, length * 6)?;
        Ok((LIPS_REACH..LIPS_REACH + end - start)
            .map(|k| std::array::from_fn(|value| made.data[value * length + k]))
            .collect())
    }
}

/// A frame's level under the loud level, / 5, clipped to -2 .. 0.5: as the second net was taught.
pub fn relative_level(frame: &Frame, loud: Loud) -> f32 {
    ((mel::level(frame) - loud.level) / 5.0).clamp(-2.0, 0.5)
}

fn one(made: Vec<Tensor>, size: usize) -> Result<Tensor> {
    match <[Tensor; 1]>::try_from(made) {
        Ok([t]) if t.data.len() == size => Ok(t),
        _ => Err(Error::new(Kind::Internal, "a mouth net's output has the wrong shape")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sound that training/export.py makes by the same formula.
    fn formula() -> Vec<f32> {
        let tau = std::f64::consts::TAU;
        (0..24_000)
            .map(|i| {
                let t = f64::from(i) / 16_000.0;
                let voice = 0.3 * (tau * (120.0 * t + 30.0 * t * t)).sin() * (0.5 + 0.5 * (tau * 3.0 * t).sin());
                let tone = if (tau * 2.0 * t).sin() > 0.0 {
                    0.1 * (tau * 1700.0 * t).sin()
                } else {
                    0.0
                };
                (voice + tone) as f32
            })
            .collect()
    }

    fn compare(what: &str, ours: &[f32], stored: &serde_json::Value, tolerance: f64) {
        let stored = stored.as_array().expect("a row of numbers");
        assert_eq!(ours.len(), stored.len(), "{what}");
        for (a, b) in ours.iter().zip(stored) {
            let b = b.as_f64().expect("a number");
            assert!((f64::from(*a) - b).abs() < tolerance, "{what}: {a} is not {b}");
        }
    }

    #[test]
    fn features_and_nets_give_the_stored_outputs() {
        let stored: serde_json::Value = serde_json::from_str(include_str!("../../tests/mouth_vector.json")).expect("JSON");
        let mut log_mel = mel::LogMel::new();
        log_mel.push(&formula());
        let frames = log_mel.finish();
        let loud = Loud::of(&frames);
        let nets = MouthNets::load(&Runtime::rten()).expect("embedded nets load");
        let posteriors = nets.visemes(&frames, loud).expect("runs");
        let level: Vec<f32> = frames.iter().map(|f| relative_level(f, loud)).collect();
        let lips = nets.lips(&posteriors, &level).expect("runs");
        for (k, row) in stored["rows"].as_array().expect("rows").iter().enumerate() {
            let t = row.as_u64().expect("an index") as usize;
            compare("log mel", &frames[t], &stored["log_mel"][k], 5e-3);
            compare("visemes", &posteriors[t], &stored["visemes"][k], 5e-3);
            compare("lips", &lips[t], &stored["lips"][k], 5e-3);
        }
    }

    #[test]
    fn pieces_equal_the_whole() {
        let frames: Vec<Frame> = (0..5000)
            .map(|t| std::array::from_fn(|b| ((t as f32 * 0.13).sin() + (b as f32 * 0.7 + t as f32 * 0.01).cos()) * 3.0))
            .collect();
        let nets = MouthNets::load(&Runtime::rten()).expect("embedded nets load");
        let loud = Loud::of(&frames);
        let pieces = nets.visemes(&frames, loud).expect("runs");
        let whole = nets.visemes_between(&frames, loud, 0, frames.len()).expect("runs");
        let level: Vec<f32> = frames.iter().map(|f| relative_level(f, loud)).collect();
        let lips = nets.lips(&pieces, &level).expect("runs");
        let all = nets.lips_between(&whole, &level, 0, frames.len()).expect("runs");
        assert_eq!((pieces.len(), lips.len()), (5000, 5000));
        let worst = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst(pieces.as_flattened(), whole.as_flattened()) < 1e-3);
        assert!(worst(lips.as_flattened(), all.as_flattened()) < 1e-3);
    }
}
