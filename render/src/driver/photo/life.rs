//! What a living face does besides speaking: blinks, head sway, brows and small eye movements.

use super::noise;
use crate::mouth::MouthTrack;

/// A blink comes once in each slot of so many seconds (people: 10 to 20 a minute).
const BLINK_SLOT: f64 = 3.7;
/// Streams of randomness.
const BLINK: u64 = 1;
const TWICE: u64 = 2;
const SWAY: u64 = 10;
const GAZE: u64 = 30;

/// Where head, lids, brows and eyes are in one frame.
#[derive(Clone, Copy, Debug, Default)]
pub struct Life {
    /// Radians.
    pub yaw: f32,
    pub pitch: f32,
    pub roll: f32,
    /// Centimetres, right and down in the picture.
    pub shift: [f32; 2],
    /// 0 open, 1 shut.
    pub blink: f32,
    /// Centimetres.
    pub brow: f32,
    /// Centimetres, right and down in the picture.
    pub gaze: [f32; 2],
}

/// The face's idle motion at frame `index`; a pure function of its arguments.
pub fn at(seed: u64, track: &MouthTrack, index: usize) -> Life {
    let t = track.fps.middle(index);
    let energy = around(&track.energy, index, track.fps.as_f64(), 0.35);
    let stress = (around(&track.energy, index, track.fps.as_f64(), 0.10) - around(&track.energy, index, track.fps.as_f64(), 0.7)).max(0.0);
    let drift = |k: u64, rate: f64| noise::smooth(seed, SWAY + k, t * rate);
    let lively = 0.55 + 0.45 * energy;
    Life {
        yaw: (0.026 * drift(0, 0.31) + 0.007 * drift(1, 0.9)) * lively,
        pitch: (0.018 * drift(2, 0.37) + 0.005 * drift(3, 1.1)) * lively + 0.012 * stress,
        roll: 0.013 * drift(4, 0.27) * lively,
        shift: [
            0.12 * drift(5, 0.25) * lively,
            0.05 * drift(6, 0.3) + 0.035 * (std::f64::consts::TAU * t / 4.1).sin() as f32,
        ],
        blink: blink(seed, t),
        brow: (0.10 * stress * 2.0 + 0.03 * drift(7, 0.5)).clamp(-0.03, 0.16),
        gaze: gaze(seed, t),
    }
}

/// Mean of a per-frame curve over `± seconds`, with a raised-cosine window.
fn around(curve: &[f32], index: usize, fps: f64, seconds: f64) -> f32 {
    let reach = (seconds * fps).round().max(1.0) as isize;
    let (mut sum, mut weight) = (0.0, 0.0);
    for k in -reach..=reach {
        let w = 0.5 + 0.5 * (std::f32::consts::PI * k as f32 / (reach + 1) as f32).cos();
        let i = (index as isize + k).clamp(0, curve.len() as isize - 1) as usize;
        sum += w * curve.get(i).copied().unwrap_or(0.0);
        weight += w;
    }
    sum / weight
}

/// Lids at `t` seconds: down in 80 ms, shut for 40, up in 170 (Sforza 2008); never in the first half second.
fn blink(seed: u64, t: f64) -> f32 {
    let slot = (t / BLINK_SLOT).floor() as i64;
    (slot - 1..=slot + 1)
        .filter(|s| *s >= 0)
        .flat_map(|s| {
            let start = (s as f64 + 0.14 + 0.62 * f64::from(noise::unit(seed, BLINK, s as u64))) * BLINK_SLOT;
            let again = (noise::unit(seed, TWICE, s as u64) < 0.12).then_some(start + 0.36);
            [Some(start), again]
        })
        .flatten()
        .map(|start| lid(t - start))
        .fold(0.0, f32::max)
}

fn lid(since: f64) -> f32 {
    let ease = |x: f64| (x * x * (3.0 - 2.0 * x)) as f32;
    match since {
        s if s < 0.0 => 0.0,
        s if s < 0.08 => ease(s / 0.08),
        s if s < 0.12 => 1.0,
        s if s < 0.29 => ease(1.0 - (s - 0.12) / 0.17),
        _ => 0.0,
    }
}

/// Fixations of about a second with 40 ms saccades between them, within 0.05 cm.
fn gaze(seed: u64, t: f64) -> [f32; 2] {
    let slot = (t / 1.3).floor();
    let place = |s: f64| {
        [
            0.045 * noise::signed(seed, GAZE, s as i64 as u64),
            0.018 * noise::signed(seed, GAZE + 1, s as i64 as u64),
        ]
    };
    let start = (slot + 0.5 * f64::from(noise::unit(seed, GAZE + 2, slot as u64))) * 1.3;
    let x = ((t - start) / 0.04).clamp(0.0, 1.0) as f32;
    let (from, to) = (place(slot - 1.0), place(slot));
    let e = x * x * (3.0 - 2.0 * x);
    [from[0] + (to[0] - from[0]) * e, from[1] + (to[1] - from[1]) * e]
}

/// How far talking has relaxed the smile in each frame: the voice, smoothed over half a second to both sides.
pub fn talk(track: &MouthTrack) -> Vec<f32> {
    (0..track.shapes.len())
        .map(|i| around(&track.voice, i, track.fps.as_f64(), 0.5).clamp(0.0, 1.0))
        .collect()
}
