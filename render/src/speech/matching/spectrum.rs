//! Pitch and colour of a voice, and the equaliser that gives one voice the colour of another.

use realfft::RealFftPlanner;

/// Samples a second of everything here: what the engines give.
pub const RATE: u32 = 24_000;

/// Middles of the equaliser's bands.
pub const BANDS_HZ: [f32; 16] = [
    90.0, 180.0, 300.0, 450.0, 650.0, 900.0, 1200.0, 1550.0, 2000.0, 2550.0, 3200.0, 4000.0, 5000.0, 6200.0, 7500.0, 10_000.0,
];
/// How far the equaliser goes; more sounds filtered.
const MOST_DB: f32 = 9.0;
/// Above this a recording's own band limit, not the voice, decides: nothing is taken away there.
const CERTAIN_HZ: f32 = 4500.0;
const LEAST_ABOVE_DB: f32 = -4.0;

/// The middle pitch of 24 kHz mono speech in Hz, 65 to 400; `None` where nothing is voiced. Autocorrelation of 80 ms at 8 kHz; frames
/// whose pitch stands out count.
pub fn pitch(sound: &[f32]) -> Option<f32> {
    const FRAME: usize = 640;
    const HOP: usize = 240;
    const LAGS: std::ops::Range<usize> = 20..123;
    const MOST: usize = 20 * 8000;
    let low = super::resample(&sound[..sound.len().min(3 * MOST)], RATE, 8000);
    let power = |s: &[f32]| s.iter().map(|v| v * v).sum::<f32>() / s.len().max(1) as f32;
    let whole = power(&low);
    let mut found: Vec<f32> = low
        .windows(FRAME)
        .step_by(HOP)
        .filter(|frame| power(frame) >= 0.1 * whole && whole > 0.0)
        .filter_map(period)
        .map(|lag| 8000.0 / lag)
        .collect();
    fn period(frame: &[f32]) -> Option<f32> {
        let mean = frame.iter().sum::<f32>() / frame.len() as f32;
        let frame: Vec<f32> = frame.iter().map(|v| v - mean).collect();
        let with = |lag: usize| {
            let (a, b) = (&frame[..frame.len() - lag], &frame[lag..]);
            let (mut ab, mut aa, mut bb) = (0.0f32, 1e-9f32, 1e-9f32);
            for (a, b) in a.iter().zip(b) {
                ab += a * b;
                aa += a * a;
                bb += b * b;
            }
            ab / (aa * bb).sqrt()
        };
        let all: Vec<f32> = LAGS.map(with).collect();
        let best = all.iter().copied().fold(f32::MIN, f32::max);
        // The first that is nearly the best: twice the period fits as well.
        let first = (1..all.len() - 1).find(|i| all[*i] >= 0.9 * best && all[*i] >= all[i - 1] && all[*i] >= all[i + 1])?;
        let (a, b, c) = (all[first - 1], all[first], all[first + 1]);
        let bend = a - 2.0 * b + c;
        let shift = if bend.abs() < 1e-6 { 0.0 } else { 0.5 * (a - c) / bend };
        (best > 0.55).then(|| (LAGS.start + first) as f32 + shift.clamp(-0.5, 0.5))
    }
    found.sort_by(f32::total_cmp);
    found.get(found.len() / 2).copied()
}

/// The long-term level of 24 kHz mono sound in each band, dB, its louder half only; their middle is 0.
pub fn colour(sound: &[f32]) -> [f32; BANDS_HZ.len()] {
    const FFT: usize = 1024;
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(FFT);
    let (mut input, mut spectrum) = (fft.make_input_vec(), fft.make_output_vec());
    let hann = |i: usize| 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / FFT as f32).cos();
    let mut frames: Vec<(f32, [f32; BANDS_HZ.len()])> = Vec::new();
    for frame in sound.windows(FFT).step_by(FFT / 2) {
        for (i, (to, from)) in input.iter_mut().zip(frame).enumerate() {
            *to = from * hann(i);
        }
        fft.process(&mut input, &mut spectrum)
            .expect("both buffers were made by this very plan");
        let power: Vec<f32> = spectrum.iter().map(|c| c.norm_sqr()).collect();
        frames.push((power.iter().sum(), std::array::from_fn(|band| within(&power, band))));
    }
    frames.sort_by(|a, b| b.0.total_cmp(&a.0));
    frames.truncate(frames.len().div_ceil(2));
    let mut bands: [f32; BANDS_HZ.len()] = std::array::from_fn(|band| {
        let sum: f32 = frames.iter().map(|f| f.1[band]).sum();
        10.0 * (sum / frames.len().max(1) as f32 + 1e-9).log10()
    });
    let sure = BANDS_HZ.iter().filter(|hz| **hz <= CERTAIN_HZ).count();
    let middle = bands[..sure].iter().sum::<f32>() / sure as f32;
    bands.iter_mut().for_each(|b| *b -= middle);
    bands
}

/// The mean power of the bins nearest to a band.
fn within(power: &[f32], band: usize) -> f32 {
    let bin = RATE as f32 / (2 * (power.len() - 1)) as f32;
    let between = |a: f32, b: f32| (a * b).sqrt();
    let low = if band == 0 {
        50.0
    } else {
        between(BANDS_HZ[band - 1], BANDS_HZ[band])
    };
    let high = BANDS_HZ.get(band + 1).map_or(11_500.0, |next| between(BANDS_HZ[band], *next));
    let (first, past) = ((low / bin).round() as usize, (high / bin).round() as usize);
    let bins = &power[first..past.max(first + 1).min(power.len())];
    bins.iter().sum::<f32>() / bins.len() as f32
}

/// What brings one colour to another, in dB a band, gently.
pub fn between(from: &[f32; BANDS_HZ.len()], to: &[f32; BANDS_HZ.len()]) -> Vec<f32> {
    let raw: Vec<f32> = from.iter().zip(to).map(|(a, b)| b - a).collect();
    let at = |i: usize| raw[i.min(raw.len() - 1)];
    (0..raw.len())
        .map(|i| {
            let smooth = 0.25 * at(i.saturating_sub(1)) + 0.5 * at(i) + 0.25 * at(i + 1);
            let least = if BANDS_HZ[i] > CERTAIN_HZ { LEAST_ABOVE_DB } else { -MOST_DB };
            smooth.clamp(least, MOST_DB)
        })
        .collect()
}

/// A filter of dB a band; linear phase, 24 kHz.
pub struct Equaliser {
    taps: Vec<f32>,
}

impl Equaliser {
    const TAPS: usize = 256;

    pub fn new(db: &[f32]) -> Self {
        let fft = RealFftPlanner::<f32>::new().plan_fft_inverse(Self::TAPS);
        let (mut spectrum, mut output) = (fft.make_input_vec(), fft.make_output_vec());
        let bin = RATE as f32 / Self::TAPS as f32;
        for (k, to) in spectrum.iter_mut().enumerate() {
            *to = (10f32.powf(gain(db, k as f32 * bin) / 20.0)).into();
        }
        fft.process(&mut spectrum, &mut output)
            .expect("both buffers were made by this very plan, and the ends are real");
        let half = Self::TAPS / 2;
        let taps = (0..Self::TAPS)
            .map(|i| {
                let window = 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / Self::TAPS as f32).cos();
                output[(i + half) % Self::TAPS] / Self::TAPS as f32 * window
            })
            .collect();
        Self { taps }
    }

    /// As long as the sound, without delay.
    pub fn apply(&self, sound: &[f32]) -> Vec<f32> {
        let half = Self::TAPS / 2;
        let mut padded = vec![0.0; half];
        padded.extend_from_slice(sound);
        padded.resize(sound.len() + Self::TAPS, 0.0);
        padded
            .windows(Self::TAPS)
            .take(sound.len())
            .map(|w| w.iter().zip(&self.taps).map(|(a, b)| a * b).sum())
            .collect()
    }

    /// The same as loud as before and `volume` dB more, within -1 to 1.
    pub fn levelled(&self, sound: &[f32], volume: f32) -> Vec<f32> {
        let mut made = self.apply(sound);
        let power = |s: &[f32]| s.iter().map(|v| v * v).sum::<f32>().max(1e-12);
        let level = (power(sound) / power(&made)).sqrt() * 10f32.powf(volume / 20.0);
        made.iter_mut().for_each(|v| *v = (*v * level).clamp(-1.0, 1.0));
        made
    }
}

/// dB at a frequency: linear between bands over the logarithm.
fn gain(db: &[f32], hz: f32) -> f32 {
    let past = BANDS_HZ.partition_point(|band| *band < hz);
    let value = |i: usize| db.get(i).copied().unwrap_or(0.0);
    if past == 0 {
        return value(0);
    }
    if past == BANDS_HZ.len() {
        return value(past - 1);
    }
    let share = (hz / BANDS_HZ[past - 1]).ln() / (BANDS_HZ[past] / BANDS_HZ[past - 1]).ln();
    value(past - 1) + (value(past) - value(past - 1)) * share
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buzz(hz: f64, tilt: f64) -> Vec<f32> {
        (0..48_000)
            .map(|i| {
                let t = f64::from(i) / 24_000.0;
                let sum: f64 = (1..)
                    .map(f64::from)
                    .take_while(|h| h * hz < 11_000.0)
                    .map(|h| (std::f64::consts::TAU * hz * h * t + h * h).sin() * h.powf(-tilt))
                    .sum();
                (0.1 * sum) as f32
            })
            .collect()
    }

    #[test]
    fn pitch_is_found_and_noise_has_none() {
        for hz in [80.0, 120.0, 210.0, 330.0] {
            let found = pitch(&buzz(hz, 1.0)).expect("voiced");
            assert!((f64::from(found) / hz - 1.0).abs() < 0.02, "{hz} Hz: {found}");
        }
        assert_eq!(pitch(&vec![0.0; 24_000]), None);
        assert_eq!(pitch(&[]), None);
    }

    #[test]
    fn the_equaliser_gives_one_sound_the_colour_of_another() {
        let (dull, bright) = (buzz(120.0, 1.2), buzz(125.0, 0.9));
        let apart = |a: &[f32], b: &[f32]| {
            let (a, b) = (colour(a), colour(b));
            a.iter().zip(&b).map(|(a, b)| (a - b).abs()).sum::<f32>() / a.len() as f32
        };
        let made = Equaliser::new(&between(&colour(&dull), &colour(&bright))).apply(&dull);
        assert_eq!(made.len(), dull.len());
        assert!(
            apart(&made, &bright) < 0.5 * apart(&dull, &bright),
            "{} of {}",
            apart(&made, &bright),
            apart(&dull, &bright)
        );
        let flat = Equaliser::new(&[0.0; BANDS_HZ.len()]).apply(&dull);
        assert!(flat.iter().zip(&dull).all(|(a, b)| (a - b).abs() < 1e-4));
    }
}
