//! How loud speech is, and a limiter that keeps its peaks below a ceiling.

use std::collections::VecDeque;

use ebur128::{EbuR128, Mode};

use crate::error::{Error, Kind, Result};

/// LUFS of everything that is spoken into a file.
pub const TARGET: f64 = -16.0;
/// Seconds that loudness needs at least: its blocks are of 0.4 s.
const SHORTEST: f64 = 0.4;

/// Integrated loudness of a mono signal (ITU-R BS.1770, EBU R 128).
pub struct Meter {
    meter: EbuR128,
    rate: u32,
    samples: u64,
    /// The beginning, for sounds that are too short to be measured as they are.
    beginning: Vec<f32>,
}

impl Meter {
    pub fn new(rate: u32) -> Result<Self> {
        Ok(Self {
            meter: EbuR128::new(1, rate, Mode::I).map_err(broken)?,
            rate,
            samples: 0,
            beginning: Vec::new(),
        })
    }

    pub fn push(&mut self, samples: &[f32]) -> Result<()> {
        self.samples += samples.len() as u64;
        let room = self.shortest().saturating_sub(self.beginning.len());
        self.beginning.extend(samples.iter().take(room));
        self.meter.add_frames_f32(samples).map_err(broken)
    }

    /// LUFS; none for silence. What is shorter than 0.4 s is measured as if it went on and on.
    pub fn loudness(&mut self) -> Result<Option<f64>> {
        if !self.beginning.is_empty() && self.samples < self.shortest() as u64 {
            let again = self.beginning.repeat(3 * self.shortest() / self.beginning.len() + 1);
            self.meter.add_frames_f32(&again).map_err(broken)?;
        }
        let loudness = self.meter.loudness_global().map_err(broken)?;
        Ok(loudness.is_finite().then_some(loudness))
    }

    fn shortest(&self) -> usize {
        (SHORTEST * f64::from(self.rate)) as usize
    }
}

fn broken(e: ebur128::Error) -> Error {
    Error::new(Kind::Internal, "loudness cannot be measured").because(e)
}

/// Seconds that the limiter looks ahead, and in which its gain falls.
const AHEAD: f64 = 0.005;
/// Seconds in which its gain rises again.
const RELEASE: f64 = 0.060;
/// Samples at either side of a point between two samples that its value is made of. BS.1770's annex 2 has 6, for 48 kHz; speech at 24 kHz
/// has an s just below half the rate, whose peaks 6 see up to 2.4 dB too small, and 16 up to 0.8.
const REACH: usize = 16;
/// A point exceeds the samples around it less than so many times: the sum of the weights' sizes is 2.5.
const MOST_BETWEEN: f32 = 3.0;
/// Points that are looked at between two samples: three, as the standard has, see the peak of an s up to 0.5 dB too small.
const BETWEEN: usize = 7;

/// Keeps the true peak below a ceiling, by a gain that falls before a peak comes and rises slowly afterwards.
pub struct Limiter {
    ceiling: f32,
    /// Weights of the samples around each point between two.
    points: [[f32; 2 * REACH]; BETWEEN],
    /// The latest samples, which the value of a point is made of.
    around: VecDeque<f32>,
    /// How many steps one of them can still make a peak.
    loud: usize,
    /// Samples that wait for what comes after them.
    waiting: VecDeque<f32>,
    /// Smallest gains to come: position and gain, rising.
    least: VecDeque<(u64, f32)>,
    /// Gains that the smooth one is the mean of.
    recent: VecDeque<f32>,
    sum: f64,
    held: f32,
    release: f32,
    ahead: usize,
    position: u64,
}

impl Limiter {
    /// `ceiling`: dB of full scale.
    pub fn new(rate: u32, ceiling: f32) -> Self {
        let ahead = ((AHEAD * f64::from(rate)) as usize).max(1);
        Self {
            ceiling: 10f32.powf(ceiling / 20.0),
            points: std::array::from_fn(|p| weights((p + 1) as f32 / (BETWEEN + 1) as f32)),
            around: VecDeque::from(vec![0.0; 2 * REACH]),
            loud: 0,
            waiting: VecDeque::new(),
            least: VecDeque::new(),
            recent: VecDeque::from(vec![1.0; ahead]),
            sum: ahead as f64,
            held: 1.0,
            release: 1.0 - (-1.0 / (RELEASE * f64::from(rate))).exp() as f32,
            ahead,
            position: 0,
        }
    }

    /// Takes samples and appends to `out` those whose gain is known.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        for sample in samples {
            self.step(*sample, out);
        }
    }

    /// The rest.
    pub fn finish(mut self, out: &mut Vec<f32>) {
        let missing = self.waiting.len();
        let end = out.len() + missing;
        while out.len() < end {
            self.step(0.0, out);
        }
    }

    fn step(&mut self, sample: f32, out: &mut Vec<f32>) {
        self.waiting.push_back(sample);
        self.around.pop_front();
        self.around.push_back(sample);
        self.loud = if sample.abs() * MOST_BETWEEN > self.ceiling {
            2 * REACH
        } else {
            self.loud.saturating_sub(1)
        };
        let peak = if self.loud > 0 { self.peak() } else { 0.0 };
        let wanted = if peak > self.ceiling { self.ceiling / peak } else { 1.0 };
        // The least gain that is wanted within the window.
        while self.least.back().is_some_and(|(_, gain)| *gain >= wanted) {
            self.least.pop_back();
        }
        self.least.push_back((self.position, wanted));
        while self.least.front().is_some_and(|(at, _)| at + (self.ahead as u64) < self.position) {
            self.least.pop_front();
        }
        let least = self.least.front().map_or(1.0, |(_, gain)| *gain);
        self.held = least.min(self.held + (1.0 - self.held) * self.release);
        // Its mean over the window's length is smooth, and low enough when the peak comes.
        let oldest = self.recent.pop_front().unwrap_or(1.0);
        self.recent.push_back(self.held);
        self.sum += f64::from(self.held) - f64::from(oldest);
        self.position += 1;
        if self.waiting.len() > self.ahead + REACH
            && let Some(sample) = self.waiting.pop_front()
        {
            out.push(sample * (self.sum / self.ahead as f64) as f32);
        }
    }

    /// The largest value at and just after the sample in the middle of `around`.
    fn peak(&self) -> f32 {
        let value = |weights: &[f32; 2 * REACH]| weights.iter().zip(&self.around).map(|(w, s)| w * s).sum::<f32>().abs();
        let points = self.points.iter().map(value).fold(0.0, f32::max);
        points.max(self.around[REACH - 1].abs()).max(self.around[REACH].abs())
    }
}

/// Weights of `2 * REACH` samples for the value `part` of the way between the two in the middle: a sinc under a Hann window.
fn weights(part: f32) -> [f32; 2 * REACH] {
    use std::f32::consts::PI;
    let weight = |i: usize| {
        let x = i as f32 - (REACH as f32 - 1.0) - part;
        let window = 0.5 + 0.5 * (PI * x / (REACH as f32 + 0.5)).cos();
        (PI * x).sin() / (PI * x) * window
    };
    let raw: [f32; 2 * REACH] = std::array::from_fn(weight);
    let sum: f32 = raw.iter().sum();
    raw.map(|w| w / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 24_000;

    fn sine(hertz: f32, seconds: f32, amplitude: f32) -> Vec<f32> {
        let step = std::f32::consts::TAU * hertz / RATE as f32;
        (0..(seconds * RATE as f32) as usize)
            .map(|i| amplitude * (step * i as f32 + 0.7).sin())
            .collect()
    }

    fn loudness(samples: &[f32]) -> Option<f64> {
        let mut meter = Meter::new(RATE).unwrap();
        samples.chunks(777).for_each(|c| meter.push(c).unwrap());
        meter.loudness().unwrap()
    }

    fn true_peak(samples: &[f32]) -> f64 {
        let mut meter = EbuR128::new(1, RATE, Mode::TRUE_PEAK).unwrap();
        meter.add_frames_f32(samples).unwrap();
        20.0 * meter.true_peak(0).unwrap().log10()
    }

    fn limited(samples: &[f32], ceiling: f32) -> Vec<f32> {
        let mut limiter = Limiter::new(RATE, ceiling);
        let mut out = Vec::new();
        samples.chunks(1000).for_each(|c| limiter.push(c, &mut out));
        limiter.finish(&mut out);
        assert_eq!(out.len(), samples.len());
        out
    }

    #[test]
    fn a_tone_is_as_loud_as_the_standard_says() {
        let long = loudness(&sine(997.0, 3.0, 0.1)).unwrap();
        assert!((long + 23.0).abs() < 0.1, "{long}");
        let short = loudness(&sine(997.0, 0.1, 0.1)).unwrap();
        assert!((short + 23.0).abs() < 0.5, "{short}");
        assert_eq!(loudness(&[0.0; 20_000]), None);
        assert_eq!(loudness(&[]), None);
    }

    /// dB of the largest value at and between samples, by the sum of all sincs; the crate's meter looks no farther than our old limiter did.
    fn ideal_peak(samples: &[f32]) -> f64 {
        let sinc = |x: f64| {
            if x.abs() < 1e-9 {
                1.0
            } else {
                (x * std::f64::consts::PI).sin() / (x * std::f64::consts::PI)
            }
        };
        let value = |at: f64| {
            samples
                .iter()
                .enumerate()
                .map(|(i, s)| f64::from(*s) * sinc(at - i as f64))
                .sum::<f64>()
                .abs()
        };
        let peak = (0..samples.len() * 8).map(|p| value(p as f64 / 8.0)).fold(0.0, f64::max);
        20.0 * peak.log10()
    }

    #[test]
    fn a_sharp_s_is_seen_between_its_samples() {
        let burst = |i: i32| {
            let (time, phase) = (i as f32, std::f32::consts::TAU * 10_300.0 * i as f32 / RATE as f32);
            1.2 * (-0.5 * (time / 4.0).powi(2)).exp() * phase.sin()
        };
        let sound: Vec<f32> = (-200..200).map(burst).collect();
        let peak = ideal_peak(&limited(&sound, -1.3));
        assert!(peak < -0.5, "{peak}");
    }

    #[test]
    fn peaks_an_eighth_of_the_way_between_two_samples_are_seen() {
        // Its highest points lie where four points for each sample see none.
        for part in [0.125, 0.375, 0.625, 0.875] {
            let burst = |i: i32| {
                let time = i as f32 - part;
                let turn = std::f32::consts::TAU * 9_500.0 * time / RATE as f32;
                1.3 * (-0.5 * (time / 12.0).powi(2)).exp() * turn.cos()
            };
            let sound: Vec<f32> = (-200..200).map(burst).collect();
            let peak = ideal_peak(&limited(&sound, -1.3));
            assert!(peak < -1.15, "{peak} at {part}");
        }
    }

    #[test]
    fn peaks_stay_below_the_ceiling_and_the_rest_as_it_was() {
        let mut sound = sine(300.0, 0.5, 0.2);
        // Between its samples a tone near a quarter of the rate is louder than at them.
        for (s, loud) in sound[6000..6600].iter_mut().zip(sine(5950.0, 0.1, 2.5)) {
            *s += loud;
        }
        for ceiling in [-1.3, -6.0] {
            let out = limited(&sound, ceiling);
            let peak = true_peak(&out);
            assert!(peak < f64::from(ceiling) + 0.25, "{peak} for {ceiling}");
            assert!(peak > f64::from(ceiling) - 2.0, "{peak} for {ceiling}");
            assert_eq!(out[..5000], sound[..5000]);
            let steepest = out[6600..].windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
            assert!(steepest < 0.025, "no step afterwards: {steepest}");
        }
        let quiet = sine(440.0, 0.3, 0.5);
        assert_eq!(limited(&quiet, -1.0), quiet);
        assert!(limited(&[], -1.0).is_empty());
    }
}
