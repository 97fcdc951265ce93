//! Whether a text is what is said in a recording.
//!
//! The numbers come from 53 recordings (hibari in several timbres and speeds, GRID, LibriVox), each with its own text, others', halves of
//! its own, every second word changed, and the words turned round: own texts lie at -2.1 or above, with one word lost too; other texts
//! (but GRID's, which share most of their words) and texts turned round below -2.9, halves below -2.3 but for a few.

use super::Stretch;
use super::chain::Chain;
use crate::mouth::{Heard, SIL};

/// How much slower than usual a text may be said at all, and how much slower than usual recordings are on average.
const SLOWEST: f32 = 3.0;
const FASTEST: f32 = 0.45;
const AVERAGE: f32 = 1.25;
/// The least that fits.
const ENOUGH: f32 = -2.4;

/// 10 ms frames in which somebody speaks, as far as the net alone can tell.
pub fn frames_spoken(heard: &Heard) -> f32 {
    heard.posteriors().iter().map(|p| 1.0 - p[SIL]).sum()
}

/// Whether there is about as much speech as text.
pub fn may_fit(chain: &Chain) -> bool {
    (FASTEST..SLOWEST).contains(&chain.pace)
}

/// Whether the sounds lie where the recording has them.
pub fn fits(chain: &Chain, path: &[Stretch], heard: &Heard) -> bool {
    suits(chain, path, heard) > ENOUGH
}

/// How well a path suits, 0 at best: the logarithm of each phoneme's posterior, how far lengths are from the usual ones, the posteriors
/// of all frames in which something is said, and the pace.
fn suits(chain: &Chain, path: &[Stretch], heard: &Heard) -> f32 {
    let (mut sounds, mut frames) = (0.0f32, 0.0f32);
    let (mut logarithms, mut posteriors, mut lengths) = (0.0, 0.0, 0.0);
    for stretch in path {
        let sound = &chain.sounds[stretch.sound];
        if sound.phoneme.is_none() {
            continue;
        }
        let long = (stretch.end - stretch.start) as f32;
        let sum: f32 = heard.posteriors()[stretch.start..stretch.end].iter().map(|p| p[sound.viseme]).sum();
        posteriors += sum;
        frames += long;
        sounds += 1.0;
        logarithms += (sum / long + 0.01).ln();
        lengths += (long / sound.usual).ln().powi(2);
    }
    let (sounds, frames) = (sounds.max(1.0), frames.max(1.0));
    let pace = (chain.pace / AVERAGE).ln();
    logarithms / sounds - 1.5 * lengths / sounds + 2.0 * (posteriors / frames - 0.6) - 2.0 * pace * pace
}
