//! Faster, slower, higher, lower: for an engine that knows no pace and no pitch of its own.

use crate::speech::matching::resample;

/// Samples of one piece, of the fade between two, and how far the best place is sought, at 24 kHz.
const PIECE: usize = 960;
const FADE: usize = 480;
const SEEK: usize = 300;

/// Sound at `speed` times its pace and `semitones` above its pitch.
pub fn bent(sound: Vec<f32>, speed: f32, semitones: f32) -> Vec<f32> {
    let ratio = (semitones.clamp(-12.0, 12.0) / 12.0).exp2();
    let paced = paced(sound, speed.clamp(0.5, 2.0) / ratio);
    if (ratio - 1.0).abs() < 1e-3 {
        return paced;
    }
    // Played faster it is higher: as if it had been recorded at another rate.
    resample(&paced, (24_000.0 * ratio).round() as u32 / 100 * 100, 24_000)
}

/// WSOLA (Verhelst and Roelands, 1993): pieces laid over each other where they fit best.
fn paced(sound: Vec<f32>, speed: f32) -> Vec<f32> {
    if (speed - 1.0).abs() < 1e-3 || sound.len() < 2 * PIECE {
        return sound;
    }
    let hop = PIECE - FADE;
    let mut out = sound[..PIECE].to_vec();
    let mut at = 0;
    while out.len() < (sound.len() as f32 / speed) as usize {
        let ideal = ((out.len() - FADE) as f32 * speed) as usize;
        // What would follow naturally.
        let follows = at + hop;
        let Some(natural) = sound.get(follows..follows + FADE) else { break };
        let last = (ideal + SEEK).min(sound.len().saturating_sub(PIECE + 1));
        let first = ideal.saturating_sub(SEEK).min(last);
        let fit = |start: &usize| -> f32 {
            let piece = &sound[*start..*start + FADE];
            let (mut both, mut own) = (0.0f32, 1e-9f32);
            for (a, b) in piece.iter().zip(natural).step_by(2) {
                both += a * b;
                own += a * a;
            }
            both / own.sqrt()
        };
        let Some(best) = (first..=last).step_by(2).max_by(|a, b| fit(a).total_cmp(&fit(b))) else {
            break;
        };
        let from = out.len() - FADE;
        for i in 0..FADE {
            let share = (i as f32 + 0.5) / FADE as f32;
            out[from + i] = out[from + i] * (1.0 - share) + sound[best + i] * share;
        }
        out.extend(&sound[best + FADE..best + PIECE]);
        at = best;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(seconds: f64) -> Vec<f32> {
        (0..(seconds * 24_000.0) as usize)
            .map(|i| (std::f64::consts::TAU * 200.0 * i as f64 / 24_000.0).sin() as f32)
            .collect()
    }

    fn crossings(sound: &[f32]) -> f32 {
        let count = sound.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
        count as f32 * 24_000.0 / sound.len() as f32
    }

    #[test]
    fn pace_and_pitch_change_alone() {
        for (speed, semitones) in [(0.7, 0.0), (1.5, 0.0), (1.0, 12.0), (1.0, -5.0), (1.2, 4.0)] {
            let made = bent(tone(2.0), speed, semitones);
            let seconds = made.len() as f32 / 24_000.0;
            assert!((seconds * speed / 2.0 - 1.0).abs() < 0.05, "{speed} {semitones}: {seconds} s");
            let pitch = 200.0 * (semitones / 12.0).exp2();
            assert!(
                (crossings(&made) / pitch - 1.0).abs() < 0.03,
                "{speed} {semitones}: {} Hz",
                crossings(&made)
            );
        }
        assert_eq!(bent(tone(1.0), 1.0, 0.0), tone(1.0));
        assert!(bent(Vec::new(), 2.0, 3.0).is_empty());
    }
}
