//! hibari's signal processing: the spectra that its net predicts become sound.
//!
//! After `dsp.py` of PyPI hibari-tts 0.2.1 (Apache License 2.0): a train of pulses at the pitch, filtered by the harmonic branch, plus
//! shaped noise, plus a branch whose phases the net chooses itself, then one inverse STFT:
//! `S = exp(lh) e^(iπ tanh θ) STFT(pulses(f0)) + exp(ln) Z + exp(lr) e^(iφ)`.

use std::f32::consts::PI;
use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::bend::Bend;
use super::envelope::Envelope;
use super::noise::Noise;
use crate::error::{Error, Kind, Result};
use crate::progress;

/// Samples a second.
pub const RATE: u32 = 24_000;
/// Samples of a spectrum, and from one to the next as the net was taught.
const SIZE: usize = 1200;
pub const HOP: usize = 300;
/// From one to the next as they may be placed.
pub const HOPS: std::ops::RangeInclusive<usize> = 150..=600;
/// Frequencies of a spectrum, 20 Hz apart.
pub const BINS: usize = SIZE / 2 + 1;
/// Below this many hertz nothing is voiced.
const UNVOICED: f32 = 40.0;
/// Nobody speaks lower: where voice sets in, the pitch comes from 0.
const LOWEST: f32 = 60.0;
/// No harmonic lies above.
const HIGHEST: f32 = 11_000.0;
/// What a logarithm of a magnitude may be at most.
const LOUDEST: f32 = 7.0;
/// A logarithm below which nothing is heard.
const NOTHING: f32 = -15.0;

/// What the net says of a phrase: frames of 12.5 ms; logarithms of magnitudes and phases are `[BINS][frames]`, row by row.
pub struct Spectra {
    pub frames: usize,
    pub harmonic: Vec<f32>,
    pub theta: Vec<f32>,
    pub noise: Vec<f32>,
    pub free: Vec<f32>,
    pub phi: Vec<f32>,
    /// Hertz, one a frame; around 0 where nothing is voiced.
    pub pitch: Vec<f32>,
}

/// Turns spectra into sound; keeps the plans of its transforms.
pub struct Synthesis {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    window: Vec<f32>,
}

impl Synthesis {
    pub fn new() -> Self {
        let mut planner = RealFftPlanner::new();
        let hann = |i: usize| 0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / SIZE as f64).cos();
        Self {
            forward: planner.plan_fft_forward(SIZE),
            inverse: planner.plan_fft_inverse(SIZE),
            window: (0..SIZE).map(|i| hann(i) as f32).collect(),
        }
    }

    /// `hop` samples a frame at `RATE`, bent as told. `HOP` is the net's own pace; pitch and formants do not depend on it.
    pub fn sound(&self, spectra: &Spectra, bend: &Bend, hop: usize, noise: &mut Noise) -> Result<Vec<f32>> {
        let frames = spectra.frames;
        let hop = hop.clamp(*HOPS.start(), *HOPS.end());
        if frames * hop <= SIZE / 2 {
            // Less than the transform's half window: no speech is so short.
            return Ok(vec![0.0; frames * hop]);
        }
        let pulses = pulses(&spectra.pitch, &bend.pitches(&spectra.pitch), hop);
        let warp = bend.warp();
        let mut out = vec![0.0; (frames - 1) * hop + SIZE];
        let mut time = self.forward.make_input_vec();
        let mut pulse = self.forward.make_output_vec();
        let mut spectrum = self.inverse.make_input_vec();
        let mut scratch = vec![Complex32::default(); self.forward.get_scratch_len().max(self.inverse.get_scratch_len())];
        for frame in 0..frames {
            if frame % 256 == 0 {
                progress::go_on()?;
            }
            for (i, (t, w)) in time.iter_mut().zip(&self.window).enumerate() {
                // A unit cosine peaks at half the window's sum, so that exp(lh) is the harmonic's magnitude.
                *t = pulses[reflected(frame * hop + i, pulses.len())] * w / (SIZE as f32 / 4.0);
            }
            self.forward
                .process_with_scratch(&mut time, &mut pulse, &mut scratch)
                .map_err(broken)?;
            let voiced = spectra.pitch[frame] > UNVOICED;
            let taught = |bin: usize| spectra.harmonic[bin * frames + frame];
            let turn = |bin: usize| Complex32::from_polar(1.0, PI * spectra.theta[bin * frames + frame].tanh());
            let spacing = spectra.pitch[frame].max(LOWEST) / (RATE as f32 / SIZE as f32);
            let envelope = (voiced && bend.moves()).then(|| Envelope::of(spacing, taught, turn));
            for (bin, s) in spectrum.iter_mut().enumerate() {
                let at = |part: &[f32]| warp.read(bin, |b| part[b * frames + frame]);
                let here = bin * frames + frame;
                let gains = bend.gains(bin, voiced);
                let (log, turn) = match &envelope {
                    Some(envelope) => envelope.at(warp.source(bin)),
                    None => (at(&spectra.harmonic), turn(bin)),
                };
                *s = pulse[bin] * turn * magnitude(log + gains.harmonic)
                    + Complex32::from_polar(
                        magnitude(at(&spectra.free) + gains.free),
                        spectra.phi[here] + drift(bin, frame, hop),
                    );
                let hiss = at(&spectra.noise) + gains.free;
                if hiss > NOTHING {
                    *s += noise.complex() * magnitude(hiss);
                }
            }
            // A real signal has no phase there.
            spectrum[0].im = 0.0;
            spectrum[BINS - 1].im = 0.0;
            self.inverse
                .process_with_scratch(&mut spectrum, &mut time, &mut scratch)
                .map_err(broken)?;
            for (o, (t, w)) in out[frame * hop..].iter_mut().zip(time.iter().zip(&self.window)) {
                *o += t * w / SIZE as f32;
            }
        }
        Ok(self.normalised(out, frames, hop))
    }

    /// Divides by what the windows add up to, and leaves out half a window at either end.
    fn normalised(&self, mut out: Vec<f32>, frames: usize, hop: usize) -> Vec<f32> {
        out.drain(..SIZE / 2);
        out.resize(frames * hop, 0.0);
        for (i, o) in out.iter_mut().enumerate() {
            let at = i + SIZE / 2;
            let first = (at + hop).saturating_sub(SIZE) / hop;
            let sum: f32 = (first..=(at / hop).min(frames - 1))
                .map(|f| self.window[at - f * hop].powi(2))
                .sum();
            *o /= sum.max(1e-11);
        }
        out
    }
}

/// Radians that a bin's own frequency turns up to a frame more than at the net's pace: so its phases stay in step with each other.
fn drift(bin: usize, frame: usize, hop: usize) -> f32 {
    let samples = frame as i64 * (hop as i64 - HOP as i64);
    let steps = (bin as i64 * samples).rem_euclid(SIZE as i64);
    2.0 * PI * steps as f32 / SIZE as f32
}

fn magnitude(log: f32) -> f32 {
    log.min(LOUDEST).exp()
}

fn broken(e: realfft::FftError) -> Error {
    Error::new(Kind::Internal, "a spectrum cannot be turned into sound").because(e)
}

/// Where sample `i` of a signal lies that has half a window of its mirror image at either end.
fn reflected(i: usize, len: usize) -> usize {
    let at = i.abs_diff(SIZE / 2);
    if i >= SIZE / 2 && at >= len { 2 * (len - 1) - at } else { at }
}

/// A train of pulses: every harmonic below `HIGHEST` with amplitude 1, silence where `said` (the net's pitch) is unvoiced; `sung` is
/// the pitch that is heard. Both hertz, one a frame of `hop` samples.
fn pulses(said: &[f32], sung: &[f32], hop: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(said.len() * hop);
    let mut turns = 0.0f64;
    for frame in 0..said.len() {
        for i in 0..hop {
            let part = (i as f32 + 0.5) / hop as f32;
            let hertz = between(sung, frame, part).max(UNVOICED);
            turns = (turns + f64::from(hertz) / f64::from(RATE)).fract();
            let voiced = between(said, frame, part) > UNVOICED;
            out.push(if voiced {
                pulse((turns * std::f64::consts::TAU) as f32, hertz)
            } else {
                0.0
            });
        }
    }
    out
}

/// The sum of all harmonics' cosines at a phase: `sin((H + ½) t) / (2 sin(t / 2)) - ½`.
fn pulse(phase: f32, hertz: f32) -> f32 {
    let harmonics = (HIGHEST / hertz).floor() + 0.5;
    let s = 2.0 * (phase * 0.5).sin();
    // The limit where both are near 0.
    let sum = if s.abs() <= 2e-3 {
        harmonics
    } else {
        (harmonics * phase).sin() / s
    };
    sum - 0.5
}

/// A curve of one value a frame at a part of a frame, straight between the frames' middles.
fn between(curve: &[f32], frame: usize, part: f32) -> f32 {
    let (a, b) = if part < 0.5 {
        (frame.saturating_sub(1), frame)
    } else {
        (frame, (frame + 1).min(curve.len() - 1))
    };
    let u = (part + 0.5).fract();
    curve[a] * (1.0 - u) + curve[b] * u
}
