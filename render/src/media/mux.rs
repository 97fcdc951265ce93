//! A stream of pictures and a recording become an MP4 file, by an ffmpeg child that copies the one and encodes the other.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::mp4;
use super::process::{Child, Stopper};
use super::samples::MAX_ERROR_RATE;
use super::sound::{self, SoundFacts};
use super::tools::{Tools, file_argument};
use crate::error::{Error, Kind, Result};
use crate::scene::Fps;

/// Samples per second of the sound track.
const SOUND_RATE: u32 = 48_000;

/// Ticks per second of the container's own clock: a whole number of them for a frame of every usual rate,
/// 30000/1001 too, and for a sample of sound, so that no edit is rounded.
const MOVIE_TIMESCALE: u32 = 240_000;

/// Ticks per second of the picture's clock are at least this many, as ffmpeg has it.
const LEAST_TIMESCALE: u32 = 10_000;

/// Address space of ffmpeg as it joins picture and sound, in bytes: some thirty times what was seen resident.
const MEMORY: u64 = 4 << 30;

/// How long ffmpeg may take for its last frames and for moving the index to the front of the file.
pub(crate) const LAST_PATIENCE: Duration = Duration::from_secs(900);

/// What is joined.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mux<'a> {
    pub fps: Fps,
    /// The sound is cut or filled with silence to as many.
    pub frames: usize,
    pub sound: &'a Path,
    pub facts: &'a SoundFacts,
    pub tools: &'a Tools,
}

/// The child that joins picture and sound: it takes the stream.
#[derive(Debug)]
pub(crate) struct Muxer(Child);

impl Muxer {
    pub fn start(mux: &Mux, output: &Path) -> Result<Self> {
        let job = mux.tools.ffmpeg_job(mux.arguments(output)?, MEMORY, mux.cpu())?;
        Ok(Self(Child::start(job)?))
    }

    /// Ends the file.
    pub fn finish(mut self, output: &Path, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
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

    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write(bytes).or_else(|e| {
            // Its own last words say why better than our broken pipe does.
            let exit = self.0.finish(LAST_PATIENCE)?;
            Err(exit.error(Error::new(Kind::ToolFailed, "ffmpeg stopped before the video was complete").because(e)))
        })
    }

    pub fn stopper(&self) -> Stopper {
        self.0.stopper()
    }
}

impl Mux<'_> {
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
