//! Frames and a recording become an MP4 file: the splicer makes a stream of the frames, an ffmpeg child puts it together with the sound.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::partial::Partial;
use super::process::{Child, Stopper};
use super::samples::MAX_ERROR_RATE;
use super::sound::{self, SoundFacts};
use super::splice::{self, Sink, Splicer};
use super::tools::{Tools, file_argument};
use super::{Planes, mp4};
use crate::driver::Region;
use crate::error::{Error, Kind, Result};
use crate::scene::Fps;

pub use super::partial::{check_output, folder};
pub use super::splice::{Path as EncodePath, Shape as EncodeShape};

/// Samples per second of the sound track.
const SOUND_RATE: u32 = 48_000;

/// Ticks per second of the container's own clock: a whole number of them for a frame of every usual rate,
/// 30000/1001 too, and for a sample of sound, so that no edit is rounded.
const MOVIE_TIMESCALE: u32 = 240_000;

/// Ticks per second of the picture's clock are at least this many, as ffmpeg has it.
const LEAST_TIMESCALE: u32 = 10_000;

/// Address space of ffmpeg as it joins picture and sound, in bytes: some thirty times what was seen resident.
const MEMORY: u64 = 4 << 30;

/// Seconds from one key frame to the next, where nothing else is wished: so that players can seek.
pub const KEY_SECONDS: f64 = 2.0;

/// How long ffmpeg may take for its last frames and for moving the index to the front of the file.
const LAST_PATIENCE: Duration = Duration::from_secs(900);

/// How good the moving parts look; each step takes about twice the bits of the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    Draft,
    #[default]
    Standard,
    High,
}

/// What to encode.
#[derive(Clone, Copy, Debug)]
pub struct EncodeSettings<'a> {
    /// Pixels; both sides even.
    pub width: usize,
    pub height: usize,
    pub fps: Fps,
    /// Exactly as many frames will be written; the sound is cut or filled with silence to the same length.
    pub frames: usize,
    pub sound: &'a Path,
    /// What `sound::probe` said about it.
    pub facts: &'a SoundFacts,
    pub output: &'a Path,
    pub quality: Quality,
    pub path: EncodePath,
    /// Where frames may differ from the first one, in pixels.
    pub moving: &'a [Region],
    pub key_seconds: f64,
    pub tools: &'a Tools,
}

/// A video being written. Dropping it before `finish` stops ffmpeg and leaves nothing behind.
#[derive(Debug)]
pub struct Encoder {
    // Dropped in this order: the writer before its file.
    splicer: Splicer<Muxer>,
    part: Partial,
    frames: usize,
    written: usize,
}

impl Encoder {
    /// Starts ffmpeg; the output appears under its name only after `finish`.
    pub fn start(settings: &EncodeSettings) -> Result<Self> {
        settings.check()?;
        let part = Partial::create(settings.output)?;
        let muxer = Muxer::start(settings, part.path())?;
        let splicing = splice::Settings {
            size: (settings.width, settings.height),
            fps: settings.fps,
            moving: settings.moving,
            path: settings.path,
            gop: settings.fps.frames(settings.key_seconds).max(1),
            quality: settings.quality,
            tools: settings.tools,
        };
        Ok(Self {
            splicer: Splicer::start(&splicing, 0..settings.frames, muxer)?,
            part,
            frames: settings.frames,
            written: 0,
        })
    }

    /// Appends one frame.
    pub fn write(&mut self, frame: &Planes) -> Result<()> {
        self.splicer.write(frame)?;
        self.written += 1;
        Ok(())
    }

    /// Ends the video, makes it durable and puts it in its place.
    pub fn finish(self) -> Result<()> {
        self.finish_while(&mut || Ok(()))
    }

    /// The same; `alive` is asked several times a second whether to go on.
    pub fn finish_while(self, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        let Self {
            splicer,
            part,
            frames,
            written,
        } = self;
        if written != frames {
            return Err(Error::new(
                Kind::Internal,
                format!("the video got {written} of its {frames} frames"),
            ));
        }
        splicer.finish(alive)?.finish(part.path(), alive)?;
        part.publish()
    }
}

/// The child that joins picture and sound.
#[derive(Debug)]
struct Muxer(Child);

impl Muxer {
    fn start(settings: &EncodeSettings, output: &Path) -> Result<Self> {
        let args = settings.arguments(output)?;
        let job = settings.tools.ffmpeg_job(args, MEMORY, settings.cpu())?;
        Ok(Self(Child::start(job)?))
    }

    /// Ends the file.
    fn finish(mut self, output: &Path, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        let exit = self.0.finish_while(LAST_PATIENCE, alive)?;
        if !exit.success() {
            return Err(exit.error(Error::new(Kind::ToolFailed, "ffmpeg could not write the video")));
        }
        // ffmpeg 5.1 ends well even if the disk filled up while it wrote the index.
        if !mp4::is_whole(output) {
            return Err(exit.error(Error::new(Kind::ToolFailed, "ffmpeg wrote an incomplete video")));
        }
        Ok(())
    }
}

impl Sink for Muxer {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write(bytes).or_else(|e| {
            // Its own last words say why better than our broken pipe does.
            let exit = self.0.finish(LAST_PATIENCE)?;
            Err(exit.error(Error::new(Kind::ToolFailed, "ffmpeg stopped before the video was complete").because(e)))
        })
    }

    fn stopper(&self) -> Option<Stopper> {
        Some(self.0.stopper())
    }
}

impl EncodeSettings<'_> {
    fn check(&self) -> Result<()> {
        let even = |side: usize| (2..=16_384).contains(&side) && side.is_multiple_of(2);
        let rate = self.fps.num > 0 && self.fps.den > 0 && self.key_seconds > 0.0;
        if even(self.width) && even(self.height) && rate && self.frames > 0 {
            return Ok(());
        }
        let Self {
            width,
            height,
            fps,
            frames,
            ..
        } = self;
        let (num, den) = (fps.num, fps.den);
        Err(Error::new(
            Kind::SceneInvalid,
            format!("a video of {frames} frames of {width}×{height} pixels at {num}/{den} frames a second cannot be made"),
        ))
    }

    fn arguments(&self, output: &Path) -> Result<Vec<OsString>> {
        let rate = format!("{}/{}", self.fps.num, self.fps.den);
        let mut args: Vec<OsString> = Vec::new();
        let mut add = |more: &[&str]| args.extend(more.iter().map(OsString::from));
        add(&["-nostdin", "-hide_banner", "-v", "error", "-y", "-max_alloc", "1073741824"]);
        add(&["-max_error_rate", MAX_ERROR_RATE]);
        add(&["-f", "h264", "-framerate", &rate, "-i", "pipe:0", "-threads", "1"]);
        args.extend(sound::input_arguments(self.sound, self.facts.container)?);
        let mut add = |more: &[&str]| args.extend(more.iter().map(OsString::from));
        add(&["-map", "0:v:0", "-map", "1:a:0", "-map_metadata", "-1", "-map_chapters", "-1"]);
        add(&["-sn", "-dn"]);
        // No limit on frames here: ffmpeg 5.1 would end the sound with the last of them. A bare stream has no times; those that ffmpeg gives
        // are rounded to microseconds.
        add(&["-c:v", "copy", "-bsf:v", "setts=ts=N*DURATION"]);
        add(&["-af", &self.sound_filter(), "-c:a", "aac", "-ar", &SOUND_RATE.to_string()]);
        add(&["-b:a", if self.stereo() { "160k" } else { "96k" }]);
        add(&["-movie_timescale", &MOVIE_TIMESCALE.to_string()]);
        add(&["-video_track_timescale", &self.timescale().to_string()]);
        add(&["-movflags", "+faststart", "-f", "mp4"]);
        args.push(file_argument(output)?);
        Ok(args)
    }

    /// A multiple of the rate, as ffmpeg chooses it: 12800 for 25 frames a second.
    fn timescale(&self) -> u32 {
        let mut scale = self.fps.num;
        while scale < LEAST_TIMESCALE {
            scale *= 2;
        }
        scale
    }

    /// Sound from the first sample on, whatever times the file gives it, and exactly as long as the picture.
    fn sound_filter(&self) -> String {
        let mix = self.facts.mix_filter(SOUND_RATE, self.stereo());
        let samples = self.samples();
        format!("{mix},asetpts=N/SR/TB,apad=whole_len={samples},atrim=end_sample={samples}")
    }

    fn samples(&self) -> u64 {
        let exact = self.frames as f64 * f64::from(self.fps.den) * f64::from(SOUND_RATE) / f64::from(self.fps.num);
        exact.round() as u64
    }

    fn stereo(&self) -> bool {
        self.facts.channels >= 2
    }

    /// Processor time: some twenty times what was measured.
    fn cpu(&self) -> Duration {
        Duration::from_secs_f64(300.0 + self.frames as f64 * 0.02)
    }
}
