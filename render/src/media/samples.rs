//! The samples of a recording, a second at a time.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::process::Child;
use super::sound::{self, Limits, MAX_ALLOC, SoundFacts, unreadable};
use super::tools::{SMALL_MEMORY, Tools};
use crate::error::{Error, Kind, Result};
use crate::progress;

/// Samples per second of what `decode_mono_16k` gives.
pub const RATE: u32 = 16_000;
/// A recording whose peak is below this holds nothing to hear, in dB of full scale.
pub const SILENCE_DBFS: f64 = -60.0;

/// Blocks of about one second, mono, within −1 to 1; the last is shorter. Ends after the first error.
pub struct Samples {
    child: Option<Child>,
    rate: u32,
    bytes: Vec<u8>,
    count: u64,
    peak: f32,
    limits: Limits,
    /// What the header promised, where it did.
    promised: Option<f64>,
}

/// As [`decode_mono`], at the rate that our nets hear.
pub fn decode_mono_16k(path: &Path, facts: &SoundFacts, limits: &Limits, tools: &Tools) -> Result<Samples> {
    decode_mono(path, facts, RATE, limits, tools)
}

/// Starts to decode a recording that `probe` has described, at a rate; channels are mixed to one without raising the level.
pub fn decode_mono(path: &Path, facts: &SoundFacts, rate: u32, limits: &Limits, tools: &Tools) -> Result<Samples> {
    let mut args: Vec<OsString> = ["-nostdin", "-hide_banner", "-v", "error", "-max_alloc", MAX_ALLOC]
        .map(Into::into)
        .into();
    args.extend(["-max_error_rate", MAX_ERROR_RATE, "-threads", "1"].map(Into::into));
    args.extend(sound::input_arguments(path, facts.container)?);
    args.extend(["-map", "0:a:0", "-vn", "-sn", "-dn", "-af"].map(Into::into));
    args.push(facts.mix_filter(rate, false).into());
    args.extend(["-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"].map(Into::into));
    // Decoding is a hundred times faster than hearing: an hour's limit is never reached by an honest file.
    let cpu = Duration::from_secs_f64(limits.seconds.clamp(60.0, 36_000.0));
    Ok(Samples {
        child: Some(Child::start(tools.ffmpeg_job(args, SMALL_MEMORY, cpu)?)?),
        rate,
        bytes: vec![0; rate as usize * 4],
        count: 0,
        peak: 0.0,
        limits: *limits,
        promised: facts.seconds.filter(|_| !facts.estimated),
    })
}

/// The share of frames that may be damaged; players pass over a few as well.
pub(super) const MAX_ERROR_RATE: &str = "0.05";

impl Samples {
    /// Samples given so far.
    pub fn delivered(&self) -> u64 {
        self.count
    }

    /// Seconds given so far; the recording's length once the iterator has ended.
    pub fn seconds(&self) -> f64 {
        self.count as f64 / f64::from(self.rate)
    }

    /// The loudest sample so far in dB of full scale; minus infinity for digital silence.
    pub fn peak_dbfs(&self) -> f64 {
        20.0 * f64::from(self.peak).log10()
    }

    /// Whether nothing so far is louder than `SILENCE_DBFS`.
    pub fn is_silent(&self) -> bool {
        self.peak_dbfs() < SILENCE_DBFS
    }

    /// `AudioSilent` if nothing so far can be heard; ask it after the last block.
    pub fn audible(&self) -> Result<()> {
        if !self.is_silent() {
            return Ok(());
        }
        Err(Error::new(
            Kind::AudioSilent,
            format!("the recording is silent: nothing in it is louder than {SILENCE_DBFS:.0} dB of full scale"),
        ))
    }

    fn block(&mut self) -> Result<Option<Vec<f32>>> {
        let Some(child) = self.child.as_mut() else { return Ok(None) };
        let read = child.read_while(&mut self.bytes, &mut progress::go_on)?;
        if read < 4 {
            return self.end();
        }
        let samples: Vec<f32> = self.bytes[..read].chunks_exact(4).map(|b| sane([b[0], b[1], b[2], b[3]])).collect();
        self.count += samples.len() as u64;
        self.peak = samples.iter().fold(self.peak, |peak, s| peak.max(s.abs()));
        if self.seconds() > self.limits.seconds + 0.1 {
            return Err(sound::too_long(None, &self.limits));
        }
        Ok(Some(samples))
    }

    /// Asks the child how it went.
    fn end(&mut self) -> Result<Option<Vec<f32>>> {
        let Some(mut child) = self.child.take() else { return Ok(None) };
        let exit = child.finish(Duration::from_secs(60))?;
        if !exit.success() {
            return Err(exit.error(unreadable("is damaged and cannot be decoded")));
        }
        if self.count == 0 {
            let damaged = !exit.tail.trim().is_empty();
            return Err(if damaged {
                exit.error(unreadable("is damaged: nothing in it can be decoded"))
            } else {
                sound::empty()
            });
        }
        let seconds = self.seconds();
        match self.promised {
            // Rounding, padding and priming make small differences; only a real loss is one.
            Some(promised) if promised - seconds > (0.05 * promised).max(1.0) => Err(exit.error(unreadable(&format!(
                "breaks off: it should last {promised:.1} s, but only {seconds:.1} s can be decoded"
            )))),
            _ => Ok(None),
        }
    }
}

impl Iterator for Samples {
    type Item = Result<Vec<f32>>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = self.block();
        if block.is_err() {
            self.child = None;
        }
        block.transpose()
    }
}

impl std::fmt::Debug for Samples {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Samples")
            .field("count", &self.count)
            .field("peak", &self.peak)
            .finish_non_exhaustive()
    }
}

/// A sample from untrusted bytes: no number becomes silence, and nothing exceeds full scale.
fn sane(bytes: [u8; 4]) -> f32 {
    let sample = f32::from_le_bytes(bytes);
    if sample.is_nan() { 0.0 } else { sample.clamp(-1.0, 1.0) }
}
