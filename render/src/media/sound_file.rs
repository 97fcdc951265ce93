//! Samples become a file of sound, by an ffmpeg child.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::partial::Partial;
use super::process::Child;
use super::tools::{SMALL_MEMORY, Tools, file_argument};
use crate::error::{Error, Kind, Result};
use crate::progress;

/// How long ffmpeg may take for its last block.
const LAST_PATIENCE: Duration = Duration::from_secs(60);
/// Hours of speech are encoded in minutes.
const CPU: Duration = Duration::from_secs(3600);

/// What a file of sound is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AudioFormat {
    #[default]
    Mp3,
    /// 16-bit PCM.
    Wav,
}

impl AudioFormat {
    /// As the end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Mp3 => "mp3",
            Self::Wav => "wav",
        }
    }
}

/// What to write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SoundSettings<'a> {
    /// Samples a second of what is written, and of the file.
    pub from: u32,
    pub rate: u32,
    pub format: AudioFormat,
    /// Bits a second of an MP3 file.
    pub bitrate: u32,
    /// The same on one or two channels.
    pub channels: u8,
    pub output: &'a Path,
    pub tools: &'a Tools,
}

/// A file of sound being written. Dropping it before `finish` leaves nothing behind.
pub(crate) struct SoundFile {
    // Dropped in this order: the writer before its file.
    child: Child,
    part: Partial,
    bytes: Vec<u8>,
}

impl SoundFile {
    /// Starts ffmpeg; the file appears under its name only after `finish`.
    pub fn start(settings: &SoundSettings) -> Result<Self> {
        let part = Partial::create(settings.output)?;
        let args = settings.arguments(part.path())?;
        Ok(Self {
            child: Child::start(settings.tools.ffmpeg_job(args, SMALL_MEMORY, CPU)?)?,
            part,
            bytes: Vec::new(),
        })
    }

    /// Appends mono samples.
    pub fn write(&mut self, samples: &[f32]) -> Result<()> {
        progress::go_on()?;
        self.bytes.clear();
        self.bytes.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
        if let Err(e) = self.child.write(&self.bytes) {
            // Its own last words say why better than our broken pipe does.
            let exit = self.child.finish(LAST_PATIENCE)?;
            return Err(exit.error(Error::new(Kind::ToolFailed, "ffmpeg stopped before the sound was complete").because(e)));
        }
        Ok(())
    }

    /// Makes the file durable and puts it in its place.
    pub fn finish(mut self) -> Result<()> {
        let exit = self.child.finish_while(LAST_PATIENCE, &mut progress::go_on)?;
        if !exit.success() {
            return Err(exit.error(Error::new(Kind::ToolFailed, "ffmpeg could not encode the sound")));
        }
        self.part.publish()
    }
}

impl SoundSettings<'_> {
    fn arguments(&self, output: &Path) -> Result<Vec<OsString>> {
        let (from, rate, bitrate) = (self.from.to_string(), self.rate.to_string(), self.bitrate.to_string());
        let mut args: Vec<OsString> = Vec::new();
        let mut add = |more: &[&str]| args.extend(more.iter().map(OsString::from));
        add(&["-nostdin", "-hide_banner", "-v", "error", "-y"]);
        add(&["-f", "f32le", "-ar", &from, "-ac", "1", "-i", "pipe:0", "-threads", "1"]);
        add(&["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]);
        if self.channels == 2 {
            add(&["-af", "pan=stereo|c0=c0|c1=c0"]);
        }
        add(&["-ar", &rate]);
        match self.format {
            AudioFormat::Mp3 => add(&["-c:a", "libmp3lame", "-b:a", &bitrate, "-f", "mp3"]),
            AudioFormat::Wav => add(&["-c:a", "pcm_s16le", "-f", "wav"]),
        }
        args.push(file_argument(output)?);
        Ok(args)
    }
}
