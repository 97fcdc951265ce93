//! Speech into a file, evenly loud: samples go to a file without a name while they are spoken, and from there, at their right
//! level, to the encoder. Memory does not grow with the text.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::loudness::{Limiter, Meter, TARGET};
use crate::error::{Error, Kind, Result};
use crate::media::encode::folder;
use crate::media::sound_file::{SoundFile, SoundSettings};
use crate::media::{Tools, write_error};
use crate::progress;

pub use crate::media::sound_file::AudioFormat;

/// Where speech goes, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    pub path: PathBuf,
    pub format: AudioFormat,
    /// Samples a second, 8000 to 48000; the voice's own if none.
    pub rate: Option<u32>,
    /// Bits a second of an MP3 file, 16000 to 320000; what speech needs if none.
    pub bitrate: Option<u32>,
    /// 1 or 2, of the same sound.
    pub channels: u8,
}

/// Bits a second of an MP3 file: nothing is heard of it in speech, and two channels of the same cost no more than one.
const BITRATE: u32 = 96_000;
/// dB of full scale that no peak exceeds; an MP3 encoder adds up to a decibel to peaks.
const CEILING: f32 = -1.3;
const CEILING_MP3: f32 = -2.2;
/// dB that speech is raised at most.
const MOST_GAIN: f64 = 40.0;
/// How near the limiter's work has to come to the loudness, in dB, and how often that is tried.
const NEAR: f64 = 0.2;
const TRIES: usize = 4;
/// Samples of one block.
const BLOCK: usize = 16_384;

impl Recording {
    /// `SceneInvalid` with the field that is out of range.
    pub fn check(&self) -> Result<()> {
        let wrong = |what: String| Err(Error::new(Kind::SceneInvalid, what));
        if let Some(rate) = self.rate.filter(|r| !(8_000..=48_000).contains(r)) {
            return wrong(format!("the sample rate of {rate} Hz cannot be made; 8000 to 48000 can"));
        }
        if let Some(bitrate) = self.bitrate.filter(|b| !(16_000..=320_000).contains(b)) {
            return wrong(format!(
                "the bitrate of {bitrate} bits a second cannot be made; 16000 to 320000 can"
            ));
        }
        if !(1..=2).contains(&self.channels) {
            return wrong(format!("{} channels cannot be made; 1 and 2 can", self.channels));
        }
        Ok(())
    }
}

/// What is spoken, as it comes.
pub(super) struct Take {
    file: BufWriter<File>,
    meter: Meter,
    rate: u32,
    samples: u64,
}

impl Take {
    /// For samples at `rate`; beside the recording, where there is room for it.
    pub fn new(recording: &Recording, rate: u32) -> Result<Self> {
        let file = tempfile::tempfile_in(folder(&recording.path)).map_err(|e| write_error(e, "its folder may not be written to"))?;
        Ok(Self {
            file: BufWriter::new(file),
            meter: Meter::new(rate)?,
            rate,
            samples: 0,
        })
    }

    pub fn push(&mut self, samples: &[f32]) -> Result<()> {
        self.meter.push(samples)?;
        self.samples += samples.len() as u64;
        let mut bytes = Vec::with_capacity(samples.len() * 4);
        bytes.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
        self.file.write_all(&bytes).map_err(unwritten)
    }

    /// Writes the recording; `volume`: dB above what every recording has.
    pub fn press(mut self, recording: &Recording, volume: f32, tools: &Tools) -> Result<()> {
        self.file.flush().map_err(unwritten)?;
        // Two channels of the same are louder than one by 3 dB.
        let target = TARGET + f64::from(volume) - 10.0 * f64::from(recording.channels).log10();
        let ceiling = match recording.format {
            AudioFormat::Mp3 => CEILING_MP3,
            AudioFormat::Wav => CEILING,
        };
        let gain = self.gain(target, ceiling)?;
        let rate = recording.rate.unwrap_or(self.rate);
        let mut file = SoundFile::start(&SoundSettings {
            from: self.rate,
            rate,
            format: recording.format,
            bitrate: recording.bitrate.unwrap_or(BITRATE),
            channels: recording.channels,
            output: &recording.path,
            tools,
        })?;
        self.play(gain, ceiling, &mut |samples| file.write(samples))?;
        file.finish()
    }

    /// The gain in dB after which, and after the limiter, the sound has the loudness `target`.
    fn gain(&mut self, target: f64, ceiling: f32) -> Result<f64> {
        let Some(loudness) = self.meter.loudness()? else { return Ok(0.0) };
        let mut gain = (target - loudness).min(MOST_GAIN);
        for _ in 0..TRIES {
            let mut meter = Meter::new(self.rate)?;
            self.play(gain, ceiling, &mut |samples| meter.push(samples))?;
            let Some(reached) = meter.loudness()? else { break };
            let missing = target - reached;
            if missing.abs() < NEAR {
                break;
            }
            gain = (gain + missing).min(MOST_GAIN);
        }
        Ok(gain)
    }

    /// Gives the sound in blocks, at a gain in dB and limited.
    fn play(&mut self, gain: f64, ceiling: f32, to: &mut dyn FnMut(&[f32]) -> Result<()>) -> Result<()> {
        let gain = 10f64.powf(gain / 20.0) as f32;
        let file = self.file.get_mut();
        file.seek(SeekFrom::Start(0)).map_err(unread)?;
        let mut limiter = Limiter::new(self.rate, ceiling);
        let mut bytes = vec![0; BLOCK * 4];
        let (mut block, mut out) = (Vec::with_capacity(BLOCK), Vec::with_capacity(BLOCK));
        let mut left = self.samples;
        while left > 0 {
            progress::go_on()?;
            let now = left.min(BLOCK as u64) as usize;
            file.read_exact(&mut bytes[..now * 4]).map_err(unread)?;
            left -= now as u64;
            block.clear();
            block.extend(bytes[..now * 4].as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b) * gain));
            out.clear();
            limiter.push(&block, &mut out);
            to(&out)?;
        }
        out.clear();
        limiter.finish(&mut out);
        to(&out)
    }
}

fn unwritten(e: std::io::Error) -> Error {
    write_error(e, "what was spoken cannot be kept beside it")
}

fn unread(e: std::io::Error) -> Error {
    Error::new(Kind::Internal, "what was spoken cannot be read again").because(e)
}
