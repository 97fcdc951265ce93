//! Another sample rate.

/// Zero crossings of the sinc on either side.
const CROSSINGS: f64 = 16.0;
/// Where the passband ends, as a share of the lower rate's half.
const PASS: f64 = 0.94;

/// Band-limited: a sinc under a Hann window, evaluated for each phase once. Rates must be below 200 kHz; the length is rounded up.
pub fn resample(sound: &[f32], from: u32, to: u32) -> Vec<f32> {
    if from == to || sound.is_empty() || from == 0 || to == 0 {
        return sound.to_vec();
    }
    let divisor = common(from, to);
    let (up, down) = ((to / divisor) as usize, (from / divisor) as usize);
    let cut = PASS * (f64::from(to) / f64::from(from)).min(1.0);
    let reach = (CROSSINGS / cut).ceil() as isize;
    let taps: Vec<Vec<f32>> = (0..up).map(|phase| kernel(phase as f64 / up as f64, cut, reach)).collect();
    let length = (sound.len() * up).div_ceil(down);
    (0..length)
        .map(|n| {
            let at = n * down;
            let (whole, phase) = ((at / up) as isize, at % up);
            let first = whole - reach + 1;
            let skip = (-first).max(0) as usize;
            let from = first.max(0) as usize;
            let taps = taps[phase].get(skip..).unwrap_or_default();
            sound.get(from..).unwrap_or_default().iter().zip(taps).map(|(s, t)| s * t).sum()
        })
        .collect()
}

/// Weights of the samples from `1 - reach` to `reach` around a point `fraction` of a sample after sample 0; they add up to 1.
fn kernel(fraction: f64, cut: f64, reach: isize) -> Vec<f32> {
    let weight = |k: isize| {
        let x = k as f64 - fraction;
        let window = 0.5 + 0.5 * (std::f64::consts::PI * (x / reach as f64).clamp(-1.0, 1.0)).cos();
        let turn = std::f64::consts::PI * x * cut;
        let sinc = if turn.abs() < 1e-9 { 1.0 } else { turn.sin() / turn };
        sinc * window
    };
    let all: Vec<f64> = (1 - reach..=reach).map(weight).collect();
    let sum: f64 = all.iter().sum();
    all.into_iter().map(|w| (w / sum) as f32).collect()
}

fn common(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, rate: u32, seconds: f64) -> Vec<f32> {
        (0..(seconds * f64::from(rate)) as usize)
            .map(|i| (std::f64::consts::TAU * hz * i as f64 / f64::from(rate)).sin() as f32)
            .collect()
    }

    #[test]
    fn tones_keep_their_pitch_and_level_and_what_does_not_fit_is_gone() {
        for (from, to) in [(24_000, 16_000), (16_000, 24_000), (48_000, 24_000), (44_100, 16_000)] {
            let made = resample(&tone(1000.0, from, 0.5), from, to);
            let wanted = tone(1000.0, to, 0.5);
            assert_eq!(made.len(), wanted.len(), "{from} to {to}");
            let inner = 200..made.len() - 200;
            let worst = made[inner.clone()]
                .iter()
                .zip(&wanted[inner])
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max);
            assert!(worst < 2e-3, "{from} to {to}: {worst}");
        }
        let gone = resample(&tone(10_000.0, 24_000, 0.5), 24_000, 16_000);
        assert!(gone[200..gone.len() - 200].iter().all(|v| v.abs() < 2e-3));
        assert!(resample(&[], 24_000, 16_000).is_empty());
    }
}
