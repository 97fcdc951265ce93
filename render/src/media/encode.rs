//! Frames and a recording become an MP4 file, by an ffmpeg child.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::partial::Partial;
use super::process::Child;
use super::samples::MAX_ERROR_RATE;
use super::sound::{self, SoundFacts};
use super::tools::{Tools, file_argument};
use super::{Planes, mp4};
use crate::error::{Error, Kind, Result};
use crate::scene::Fps;

pub use super::partial::{check_output, folder};

/// Samples per second of the sound track.
const SOUND_RATE: u32 = 48_000;

/// Ticks per second of the container's own clock: a whole number of them for a frame of every usual rate,
/// 30000/1001 too, and for a sample of sound, so that no edit is rounded.
const MOVIE_TIMESCALE: u32 = 240_000;

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

impl Quality {
    /// x264's constant quantiser. Not CRF: on a still scene it spends five times the bits for 5 dB that nobody sees.
    fn quantiser(self) -> &'static str {
        match self {
            Self::Draft => "24",
            Self::Standard => "21",
            Self::High => "18",
        }
    }
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
    pub tools: &'a Tools,
}

/// A video being written. Dropping it before `finish` stops ffmpeg and leaves nothing behind.
#[derive(Debug)]
pub struct Encoder {
    // Dropped in this order: the writer before its file.
    child: Child,
    part: Partial,
    width: usize,
    height: usize,
    frames: usize,
    written: usize,
}

impl Encoder {
    /// Starts ffmpeg; the output appears under its name only after `finish`.
    pub fn start(settings: &EncodeSettings) -> Result<Self> {
        settings.check()?;
        let part = Partial::create(settings.output)?;
        let args = settings.arguments(part.path())?;
        let job = settings.tools.ffmpeg_job(args, settings.memory(), settings.cpu())?;
        Ok(Self {
            child: Child::start(job)?,
            part,
            width: settings.width,
            height: settings.height,
            frames: settings.frames,
            written: 0,
        })
    }

    /// Appends one frame.
    pub fn write(&mut self, frame: &Planes) -> Result<()> {
        if (frame.width, frame.height) != (self.width, self.height) || self.written == self.frames {
            return Err(Error::new(
                Kind::Internal,
                "the encoder was given a frame that does not belong to the video",
            ));
        }
        for plane in [&frame.y, &frame.u, &frame.v] {
            if let Err(e) = self.child.write(plane) {
                // Its own last words say why better than our broken pipe does.
                let exit = self.child.finish(LAST_PATIENCE)?;
                return Err(exit.error(Error::new(Kind::ToolFailed, "ffmpeg stopped before the video was complete").because(e)));
            }
        }
        self.written += 1;
        Ok(())
    }

    /// Ends the video, makes it durable and puts it in its place.
    pub fn finish(self) -> Result<()> {
        self.finish_while(&mut || Ok(()))
    }

    /// The same; `alive` is asked several times a second whether to go on.
    pub fn finish_while(mut self, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        if self.written != self.frames {
            let (written, frames) = (self.written, self.frames);
            return Err(Error::new(
                Kind::Internal,
                format!("the video got {written} of its {frames} frames"),
            ));
        }
        let exit = self.child.finish_while(LAST_PATIENCE, alive)?;
        if !exit.success() {
            return Err(exit.error(Error::new(Kind::ToolFailed, "ffmpeg could not encode the video")));
        }
        // ffmpeg 5.1 ends well even if the disk filled up while it wrote the index.
        if !mp4::is_whole(self.part.path()) {
            return Err(exit.error(Error::new(Kind::ToolFailed, "ffmpeg wrote an incomplete video")));
        }
        self.part.publish()
    }
}

impl EncodeSettings<'_> {
    fn check(&self) -> Result<()> {
        let even = |side: usize| (2..=16_384).contains(&side) && side.is_multiple_of(2);
        let rate = self.fps.num > 0 && self.fps.den > 0;
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
        let size = format!("{}x{}", self.width, self.height);
        let rate = format!("{}/{}", self.fps.num, self.fps.den);
        let mut args: Vec<OsString> = Vec::new();
        let mut add = |more: &[&str]| args.extend(more.iter().map(OsString::from));
        add(&["-nostdin", "-hide_banner", "-v", "error", "-y", "-max_alloc", "1073741824"]);
        add(&["-max_error_rate", MAX_ERROR_RATE]);
        // The queue would hold eight frames otherwise: 100 MB at 4K.
        add(&["-thread_queue_size", "1", "-f", "rawvideo", "-pixel_format", "yuv420p"]);
        add(&["-video_size", &size, "-framerate", &rate, "-i", "pipe:0", "-threads", "1"]);
        args.extend(sound::input_arguments(self.sound, self.facts.container)?);
        let mut add = |more: &[&str]| args.extend(more.iter().map(OsString::from));
        add(&[
            "-map",
            "0:v:0",
            "-map",
            "1:a:0",
            "-map_metadata",
            "-1",
            "-map_chapters",
            "-1",
            "-sn",
            "-dn",
        ]);
        // No limit on frames here: ffmpeg 5.1 would end the sound with the last of them.
        // A keyframe every two seconds, for seeking.
        add(&["-g", &self.fps.frames(2.0).max(1).to_string()]);
        add(&self.picture_arguments());
        add(&["-af", &self.sound_filter(), "-c:a", "aac", "-ar", &SOUND_RATE.to_string()]);
        add(&["-b:a", if self.stereo() { "160k" } else { "96k" }]);
        add(&[
            "-movie_timescale",
            &MOVIE_TIMESCALE.to_string(),
            "-movflags",
            "+faststart",
            "-f",
            "mp4",
        ]);
        args.push(file_argument(output)?);
        Ok(args)
    }

    /// x264 as measured for a 4K scene of which 1500×1600 move slowly, on two cores (CPU s per s of video, memory):
    /// this 0.87 and 204 MB (300 MB with the sound and its queue); `veryfast` at CRF 21 1.7 and 805 MB; `ultrafast` at CRF 20 0.85 at seven times the bits.
    fn picture_arguments(&self) -> Vec<&'static str> {
        // Where there is room for it: 2 to 3 % fewer bits for 5 % more time.
        let preset = if self.width * self.height > 1920 * 1088 {
            "superfast"
        } else {
            "veryfast"
        };
        let mut args = vec!["-c:v", "libx264", "-profile:v", "high", "-pix_fmt", "yuv420p", "-preset", preset];
        args.extend(["-qp", self.quality.quantiser(), "-bf", "0", "-threads", "2"]);
        // Sliced threads and no lookahead: each frame is encoded at once, and none waits in memory.
        args.extend([
            "-x264-params",
            "sliced-threads=1:rc-lookahead=0:sync-lookahead=0:weightp=0:scenecut=0",
        ]);
        // Said to the encoder and to the frames: newer versions of ffmpeg would convert if the two differed.
        args.extend(["-vf", "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"]);
        args.extend([
            "-color_range",
            "tv",
            "-colorspace",
            "bt709",
            "-color_primaries",
            "bt709",
            "-color_trc",
            "bt709",
        ]);
        args.extend(["-chroma_sample_location", "center"]);
        args
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

    /// Address space in bytes: some fifteen times what was seen resident at 4K, for libraries and threads' stacks count as well.
    fn memory(&self) -> u64 {
        (4 << 30) + (self.width * self.height * 100) as u64
    }

    /// Processor time: some twenty times what was measured at 4K.
    fn cpu(&self) -> Duration {
        let megapixels = (self.width * self.height) as f64 / 1e6;
        Duration::from_secs_f64(300.0 + self.frames as f64 * (0.02 + 0.1 * megapixels))
    }
}
