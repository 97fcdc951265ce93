//! Whose voice it is: 256 numbers of unit length, near each other for one speaker's recordings.
//!
//! The GE2E encoder of Resemblyzer (PyPI 0.1.4, after Wan et al., "Generalized End-to-End Loss for Speaker Verification", 2018), with its
//! features and windows: 40 mel bands of power (no logarithm), 25 ms every 10 ms, windows of 1.6 s that overlap by half.

use realfft::RealFftPlanner;

use crate::error::{Error, Kind, Result};
use crate::model::{Net, Runtime, Tensor};
use crate::progress;

/// Samples a second that the encoder hears.
pub const RATE: u32 = 16_000;
/// Numbers of an embedding.
pub const SIZE: usize = 256;

const BANDS: usize = 40;
const FFT: usize = 400;
const HOP: usize = 160;
/// Frames of one window, and from one to the next: 1.3 windows a second.
const WINDOW: usize = 160;
const STEP: usize = 77;
/// A last window that is filled less is left out.
const LEAST_FILLED: f64 = 0.75;
/// What is quieter is raised to this level, in dB of full scale.
const LEVEL_DB: f64 = -30.0;
/// Windows that go through the net together.
const BATCH: usize = 16;

static NET: &[u8] = include_bytes!("../../../models/speaker.onnx");

/// A voice's place among voices; of unit length.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding(pub [f32; SIZE]);

impl Embedding {
    /// The cosine: 1 for the same, about 0.55 for different speakers.
    pub fn similarity(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }

    /// The middle of several, of unit length; of none: `None`.
    pub fn mean<'a>(all: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut sum = [0.0; SIZE];
        let mut any = false;
        for one in all {
            any = true;
            sum.iter_mut().zip(&one.0).for_each(|(s, v)| *s += v);
        }
        any.then(|| Self::of(sum))
    }

    /// Brings numbers to unit length.
    pub fn of(mut numbers: [f32; SIZE]) -> Self {
        let length = numbers.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-9);
        numbers.iter_mut().for_each(|v| *v /= length);
        Self(numbers)
    }
}

/// The net and its features.
pub struct Encoder {
    net: Net,
    filters: Vec<(usize, Vec<f32>)>,
}

impl Encoder {
    pub fn load(runtime: &Runtime) -> Result<Self> {
        Ok(Self {
            net: runtime.load(NET)?,
            filters: filters(),
        })
    }

    /// The speaker of 16 kHz mono sound, pauses left out. Errors: nothing but silence (`Internal`), nets that do not run.
    pub fn embed(&self, sound: &[f32]) -> Result<Embedding> {
        let windows = self.windows(&voiced(sound))?;
        Embedding::mean(&windows).ok_or_else(|| Error::new(Kind::Internal, "there is no sound to tell a speaker by"))
    }

    /// The speaker in each window of 1.6 s, one every 0.77 s; shorter sound has one window, padded with nothing.
    pub fn windows(&self, sound: &[f32]) -> Result<Vec<Embedding>> {
        let frames = self.mel(&levelled(sound));
        let mut starts: Vec<usize> = (0..frames.len().max(1)).step_by(STEP).collect();
        // As Resemblyzer: no window begins where the one before it has reached the end.
        let past = starts
            .iter()
            .position(|s| s + WINDOW >= frames.len())
            .map_or(starts.len(), |i| i + 1);
        starts.truncate(past);
        if let [.., _, last] = starts[..]
            && (frames.len().saturating_sub(last) as f64) < LEAST_FILLED * WINDOW as f64
        {
            starts.pop();
        }
        let mut out = Vec::with_capacity(starts.len());
        for batch in starts.chunks(BATCH) {
            progress::go_on()?;
            out.extend(self.run(&frames, batch)?);
        }
        Ok(out)
    }

    fn run(&self, frames: &[[f32; BANDS]], starts: &[usize]) -> Result<Vec<Embedding>> {
        let mut data = Vec::with_capacity(WINDOW * starts.len() * BANDS);
        for t in 0..WINDOW {
            for start in starts {
                data.extend(frames.get(start + t).unwrap_or(&[0.0; BANDS]));
            }
        }
        let made = self.net.run(&[Tensor::new(&[WINDOW, starts.len(), BANDS], data)])?;
        let made = match <[Tensor; 1]>::try_from(made) {
            Ok([t]) if t.data.len() == starts.len() * SIZE => t,
            _ => return Err(Error::new(Kind::Internal, "the speaker net's output has the wrong shape")),
        };
        Ok(made
            .data
            .chunks_exact(SIZE)
            .map(|row| Embedding::of(std::array::from_fn(|i| row[i])))
            .collect())
    }

    /// Mel power, frame i centred on sample 160 i; the sound is mirrored at its ends.
    fn mel(&self, sound: &[f32]) -> Vec<[f32; BANDS]> {
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(FFT);
        let (mut input, mut spectrum) = (fft.make_input_vec(), fft.make_output_vec());
        let window: Vec<f32> = (0..FFT)
            .map(|i| (0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / FFT as f64).cos()) as f32)
            .collect();
        let last = sound.len().saturating_sub(1) as isize;
        let at = |i: isize| sound.get(mirrored(i, last)).copied().unwrap_or(0.0);
        let frame = |t: usize| {
            let start = (t * HOP) as isize - (FFT / 2) as isize;
            for (i, (to, w)) in input.iter_mut().zip(&window).enumerate() {
                *to = at(start + i as isize) * w;
            }
            fft.process(&mut input, &mut spectrum)
                .expect("both buffers were made by this very plan");
            std::array::from_fn(|band| {
                let (first, weights) = &self.filters[band];
                spectrum[*first..].iter().zip(weights).map(|(c, w)| c.norm_sqr() * w).sum()
            })
        };
        (0..=sound.len() / HOP).map(frame).collect()
    }
}

fn mirrored(i: isize, last: isize) -> usize {
    let i = i.abs();
    let i = if i > last { 2 * last - i } else { i };
    i.max(0) as usize
}

/// Raises what is too quiet.
fn levelled(sound: &[f32]) -> Vec<f32> {
    let power = sound.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>() / sound.len().max(1) as f64;
    let db = 10.0 * (power + 1e-12).log10();
    let gain = if db < LEVEL_DB {
        10f64.powf((LEVEL_DB - db) / 20.0) as f32
    } else {
        1.0
    };
    sound.iter().map(|v| v * gain).collect()
}

/// Sound without its pauses: 30 ms pieces within 40 dB of the loudest, and four around each.
pub fn voiced(sound: &[f32]) -> Vec<f32> {
    const PIECE: usize = 480;
    const AROUND: usize = 4;
    let power: Vec<f32> = sound
        .chunks_exact(PIECE)
        .map(|p| p.iter().map(|v| v * v).sum::<f32>() / PIECE as f32 + 1e-10)
        .collect();
    let least = power.iter().copied().fold(0.0, f32::max) * 1e-4;
    let loud: Vec<bool> = power.iter().map(|p| *p > least).collect();
    let near = |i: usize| loud[i.saturating_sub(AROUND)..(i + AROUND + 1).min(loud.len())].contains(&true);
    sound
        .chunks_exact(PIECE)
        .enumerate()
        .filter(|(i, _)| near(*i))
        .flat_map(|(_, piece)| piece.iter().copied())
        .collect()
}

/// Slaney's mel scale, as librosa has it: linear to 1 kHz, logarithmic above; triangles of equal area.
fn filters() -> Vec<(usize, Vec<f32>)> {
    const BREAK_HZ: f64 = 1000.0;
    const LINEAR: f64 = 200.0 / 3.0;
    let step = 6.4f64.ln() / 27.0;
    let to_mel = |hz: f64| {
        if hz < BREAK_HZ {
            hz / LINEAR
        } else {
            15.0 + (hz / BREAK_HZ).ln() / step
        }
    };
    let to_hz = |mel: f64| {
        if mel < 15.0 {
            mel * LINEAR
        } else {
            BREAK_HZ * ((mel - 15.0) * step).exp()
        }
    };
    let top = to_mel(f64::from(RATE) / 2.0);
    let edge: Vec<f64> = (0..BANDS + 2).map(|i| to_hz(top * i as f64 / (BANDS + 1) as f64)).collect();
    let bin = f64::from(RATE) / FFT as f64;
    edge.windows(3)
        .map(|e| {
            let (first, last) = ((e[0] / bin).ceil() as usize, (e[2] / bin).floor() as usize);
            let weight = |k: usize| {
                let f = k as f64 * bin;
                let side = ((f - e[0]) / (e[1] - e[0])).min((e[2] - f) / (e[2] - e[1]));
                (side.max(0.0) * 2.0 / (e[2] - e[0])) as f32
            };
            (first, (first..=last.min(FFT / 2)).map(weight).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sound that training/speaker_vector.py makes by the same formula: a buzz with a moving pitch and two moving resonances.
    fn formula() -> Vec<f32> {
        let tau = std::f64::consts::TAU;
        (0..40_000)
            .map(|i| {
                let t = f64::from(i) / 16_000.0;
                let phase = tau * (130.0 * t + 6.0 * (tau * 1.5 * t).sin() / tau);
                let buzz: f64 = (1..24)
                    .map(|h| {
                        let h = f64::from(h);
                        let f = 130.0 * h;
                        let first = (-((f - 600.0 - 200.0 * (tau * 2.0 * t).sin()) / 150.0).powi(2)).exp();
                        let second = 0.5 * (-((f - 1600.0 + 400.0 * (tau * 1.3 * t).cos()) / 250.0).powi(2)).exp();
                        (h * phase).sin() * (0.05 + first + second)
                    })
                    .sum();
                (0.08 * buzz * (0.6 + 0.4 * (tau * 3.0 * t).sin())) as f32
            })
            .collect()
    }

    #[test]
    fn the_encoder_gives_the_stored_numbers() {
        let stored: serde_json::Value = serde_json::from_str(include_str!("../../../tests/speaker_vector.json")).expect("JSON");
        let encoder = Encoder::load(&Runtime::rten()).expect("the embedded net loads");
        let numbers = |key: &str| -> Vec<f32> {
            let row = stored[key].as_array().expect("a row of numbers");
            row.iter().map(|v| v.as_f64().expect("a number") as f32).collect()
        };
        let sound = formula();
        let frame = encoder.mel(&sound)[77];
        for (a, b) in frame.iter().zip(numbers("mel_77")) {
            assert!((a - b).abs() <= 1e-3 * b.abs().max(0.01), "{a} is not {b}");
        }
        let windows = encoder.windows(&sound).expect("runs");
        assert_eq!(windows.len() as u64, stored["windows"].as_u64().expect("a count"));
        let whole = encoder.embed(&sound).expect("runs");
        let reference = Embedding::of(numbers("embedding").try_into().expect("256 numbers"));
        assert!(whole.similarity(&reference) > 0.9999, "{}", whole.similarity(&reference));
    }

    #[test]
    fn silence_and_nothing_are_no_speaker_but_no_crash_either() {
        let encoder = Encoder::load(&Runtime::rten()).expect("the embedded net loads");
        for sound in [vec![], vec![0.0; 100], vec![0.0; 20_000]] {
            let made = encoder.embed(&sound).expect("runs");
            assert!(made.0.iter().all(|v| v.is_finite()));
        }
    }
}
