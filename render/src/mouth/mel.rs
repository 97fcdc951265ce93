//! Log-mel features while the sound streams past: 40 bands, a frame each 10 ms, frame i centred on sample 160 i.
//!
//! The same numbers as `mel` in training/features.py; tests/mouth_nets.rs compares them with stored ones.

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex32};

/// Samples a second that everything here expects.
pub const RATE: f64 = 16_000.0;
/// Feature frames a second.
pub const FRAMES_PER_SECOND: f64 = 100.0;
/// Mel bands.
pub const BANDS: usize = 40;

const HOP: usize = 160;
const WINDOW: usize = 400;
const FFT: usize = 512;
const LOW_HZ: f64 = 60.0;
const HIGH_HZ: f64 = 7600.0;
/// Added to the power before the logarithm, so that digital silence stays finite.
const TINY: f32 = 1e-7;

/// ln(power + 1e-7) of the 40 bands at one instant.
pub type Frame = [f32; BANDS];

/// Takes blocks of 16 kHz mono in [-1, 1] and keeps only what the next frame still needs.
pub struct LogMel {
    fft: Arc<dyn RealToComplex<f32>>,
    input: Vec<f32>,
    spectrum: Vec<Complex32>,
    scratch: Vec<Complex32>,
    window: Vec<f32>,
    filters: Vec<(usize, Vec<f32>)>,
    /// Pre-emphasised samples from the start of the next frame on.
    pending: Vec<f32>,
    last: Option<f32>,
    samples: usize,
    frames: Vec<Frame>,
}

impl LogMel {
    pub fn new() -> Self {
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(FFT);
        let hann = |i: usize| 0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / (WINDOW - 1) as f64).cos();
        Self {
            input: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
            window: (0..WINDOW).map(|i| hann(i) as f32).collect(),
            filters: filters(),
            // Frame 0 is centred on sample 0: half a window of nothing lies before it.
            pending: vec![0.0; WINDOW / 2],
            last: None,
            samples: 0,
            frames: Vec::new(),
        }
    }

    /// Adds a block. A sample that is no number counts as silence.
    pub fn push(&mut self, block: &[f32]) {
        for &raw in block {
            let x = if raw.is_finite() { raw.clamp(-4.0, 4.0) } else { 0.0 };
            self.pending.push(self.last.map_or(x, |last| x - 0.97 * last));
            self.last = Some(x);
        }
        self.samples += block.len();
        self.take_frames();
    }

    /// All frames: one for each whole 10 ms of sound.
    pub fn finish(mut self) -> Vec<Frame> {
        self.pending.extend([0.0; WINDOW]);
        self.take_frames();
        self.frames.truncate(self.samples / HOP);
        self.frames
    }

    fn take_frames(&mut self) {
        let mut start = 0;
        while start + WINDOW <= self.pending.len() {
            self.input.fill(0.0);
            for ((to, from), w) in self.input.iter_mut().zip(&self.pending[start..start + WINDOW]).zip(&self.window) {
                *to = from * w;
            }
            self.fft
                .process_with_scratch(&mut self.input, &mut self.spectrum, &mut self.scratch)
                .expect("all three buffers were made by this very plan");
            let mut frame = [0.0; BANDS];
            for (band, (first, weights)) in frame.iter_mut().zip(&self.filters) {
                let power: f32 = self.spectrum[*first..].iter().zip(weights).map(|(c, w)| c.norm_sqr() * w).sum();
                *band = (power + TINY).ln();
            }
            self.frames.push(frame);
            start += HOP;
        }
        self.pending.drain(..start);
    }
}

/// Triangles equally spaced in mel: for each band its first bin and its weights from there on.
fn filters() -> Vec<(usize, Vec<f32>)> {
    let to_mel = |hz: f64| 2595.0 * (1.0 + hz / 700.0).log10();
    let to_hz = |mel: f64| 700.0 * (10f64.powf(mel / 2595.0) - 1.0);
    let step = (to_mel(HIGH_HZ) - to_mel(LOW_HZ)) / (BANDS + 1) as f64;
    let edge: Vec<f64> = (0..BANDS + 2).map(|i| to_hz(to_mel(LOW_HZ) + step * i as f64)).collect();
    let bin_hz = RATE / FFT as f64;
    edge.windows(3)
        .map(|e| {
            let first = (e[0] / bin_hz).ceil() as usize;
            let last = (e[2] / bin_hz).floor() as usize;
            let weight = |bin: usize| {
                let f = bin as f64 * bin_hz;
                ((f - e[0]) / (e[1] - e[0])).min((e[2] - f) / (e[2] - e[1])).max(0.0) as f32
            };
            (first, (first..=last).map(weight).collect())
        })
        .collect()
}

/// How loud a frame is over all its bands: ln of the summed power.
pub fn level(frame: &Frame) -> f32 {
    (frame.iter().map(|v| v.exp()).sum::<f32>() + 1e-6).ln()
}

/// The loudest band of a frame.
pub fn peak(frame: &Frame) -> f32 {
    frame.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

/// The 95th percentile over the frames within 40 dB of the loudest, so that long pauses do not move it.
pub fn loud_level(values: impl Iterator<Item = f32>) -> f32 {
    const REACH: f32 = 9.2; // 40 dB of power, as a natural logarithm
    let mut all: Vec<f32> = values.collect();
    let top = all.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    all.retain(|v| *v >= top - REACH);
    percentile(&mut all, 0.95)
}

/// Linear between neighbours, as numpy does it. Of nothing: 0.
pub fn percentile(values: &mut [f32], part: f64) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    values.sort_by(f32::total_cmp);
    let at = part * (values.len() - 1) as f64;
    let low = at.floor() as usize;
    let high = (low + 1).min(values.len() - 1);
    values[low] + (values[high] - values[low]) * (at - low as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_any_size_give_the_same_frames() {
        let sound: Vec<f32> = (0..5000).map(|i| ((i * i) as f32 * 1e-4).sin() * 0.4).collect();
        let mut whole = LogMel::new();
        whole.push(&sound);
        let mut parts = LogMel::new();
        for block in sound.chunks(77) {
            parts.push(block);
        }
        let (whole, parts) = (whole.finish(), parts.finish());
        assert_eq!(whole.len(), 31);
        assert_eq!(whole, parts);
    }

    #[test]
    fn short_and_broken_sound_is_harmless() {
        let mut mel = LogMel::new();
        mel.push(&[f32::NAN, f32::INFINITY, 0.1]);
        assert!(mel.finish().is_empty());
        assert!(LogMel::new().finish().is_empty());
    }

    #[test]
    fn percentiles_are_those_of_numpy() {
        assert!((percentile(&mut [4.0, 1.0, 2.0, 3.0], 0.95) - 3.85).abs() < 1e-6);
        assert_eq!(percentile(&mut [], 0.5), 0.0);
    }
}
