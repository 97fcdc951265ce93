//! The frames of a video, one after the other, as planes.

use std::ffi::OsString;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

use super::Planes;
use super::process::Child;
use super::tools::Tools;
use super::video::{self, MAX_ALLOC, VideoFacts};
use crate::driver::Region;
use crate::error::{Error, Result};

/// What to decode of a video; times are seconds from its first frame.
pub(crate) struct Take<'a> {
    pub path: &'a Path,
    pub facts: &'a VideoFacts,
    /// Where to begin, at the key frame before it.
    pub from: Option<f64>,
    /// Frames a second as ffmpeg reads it: "25/1".
    pub rate: String,
    pub most: usize,
    /// Size to which the whole picture is scaled.
    pub size: (usize, usize),
    /// The part of the scaled picture that is wanted; all four numbers are even.
    pub crop: Region,
}

/// A video being decoded: BT.709, limited range. Dropping it stops ffmpeg.
pub(crate) struct Frames {
    // Dropped in this order: a feeder ends when the child does.
    child: Child,
    _feeder: Option<Feeder>,
    size: (usize, usize),
    given: usize,
    codec: String,
}

/// The thread that gives the child its input.
pub(super) struct Feeder(Option<JoinHandle<()>>);

impl Feeder {
    pub fn start(feed: impl FnOnce() + Send + 'static) -> Self {
        Self(Some(std::thread::spawn(feed)))
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            // It holds nothing that its panic could harm.
            let _ = thread.join();
        }
    }
}

impl Take<'_> {
    /// The whole picture at a size, both sides even.
    pub fn whole(width: usize, height: usize) -> Region {
        Region { x: 0, y: 0, width, height }
    }

    pub fn start(&self, tools: &Tools) -> Result<Frames> {
        self.start_as(false, tools)
    }

    /// Decodes alpha too, if there is some; then frames are read with it.
    pub fn start_as(&self, alpha: bool, tools: &Tools) -> Result<Frames> {
        let format = if alpha { "yuva420p" } else { "yuv420p" };
        let mut args = self.arguments(format)?;
        args.extend(["-f", "rawvideo", "-pix_fmt", format, "pipe:1"].map(Into::into));
        Ok(Frames {
            child: Child::start(tools.ffmpeg_job(args, self.memory(), self.cpu())?)?,
            _feeder: None,
            size: (self.crop.width, self.crop.height),
            given: 0,
            codec: self.facts.codec.clone(),
        })
    }

    /// Everything up to the encoder.
    pub(super) fn input_arguments(&self) -> Result<Vec<OsString>> {
        self.arguments("yuv420p")
    }

    fn arguments(&self, format: &str) -> Result<Vec<OsString>> {
        let mut args: Vec<OsString> = ["-nostdin", "-hide_banner", "-v", "error", "-max_alloc", MAX_ALLOC, "-threads", "2"]
            .map(Into::into)
            .into();
        if let Some(from) = self.from {
            args.extend(["-noaccurate_seek".into(), "-ss".into(), format!("{from:.3}").into()]);
        }
        if format == "yuva420p"
            && let Some(decoder) = self.facts.alpha_decoder()
        {
            args.extend(["-c:v", decoder].map(Into::into));
        }
        args.extend(video::input_arguments(self.path, self.facts.container)?);
        args.extend(["-map", "0:V:0", "-an", "-sn", "-dn", "-filter_threads", "1", "-vf"].map(Into::into));
        args.push(self.filter(format).into());
        args.extend([
            "-fps_mode".into(),
            "passthrough".into(),
            "-frames:v".into(),
            self.most.to_string().into(),
        ]);
        Ok(args)
    }

    fn filter(&self, format: &str) -> String {
        let (width, height) = self.size;
        let matrix = self.facts.matrix;
        let Region { x, y, width: w, height: h } = self.crop;
        let mut filter = String::new();
        if self.facts.interlaced {
            filter.push_str("yadif=deint=interlaced,");
        }
        filter.push_str(&format!("setpts=PTS-STARTPTS,fps={},", self.rate));
        filter.push_str(&format!(
            "scale={width}:{height}:flags=bicubic+accurate_rnd+full_chroma_int:in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv,"
        ));
        filter.push_str("format=");
        filter.push_str(format);
        if (w, h) != self.size {
            filter.push_str(&format!(",crop={w}:{h}:{x}:{y}:exact=1"));
        }
        filter
    }

    /// Address space in bytes: some ten times what was seen resident at 4K.
    pub(super) fn memory(&self) -> u64 {
        let pixels = u64::from(self.facts.width) * u64::from(self.facts.height);
        (4 << 30) + pixels * 100
    }

    /// Processor time: some twenty times what was measured.
    pub(super) fn cpu(&self) -> Duration {
        let megapixels = f64::from(self.facts.width) * f64::from(self.facts.height) / 1e6;
        let frames = self.facts.seconds * self.facts.fps.max(1.0) + self.most as f64;
        Duration::from_secs_f64(120.0 + frames * (0.02 + 0.1 * megapixels))
    }
}

impl Frames {
    /// Frames of a child that a thread feeds.
    pub(super) fn fed(child: Child, feeder: Feeder, size: (usize, usize)) -> Self {
        Self {
            child,
            _feeder: Some(feeder),
            size,
            given: 0,
            codec: String::new(),
        }
    }

    /// Reads the next frame into `planes`, which have its size; false at the end.
    pub fn read(&mut self, planes: &mut Planes, alive: &mut dyn FnMut() -> Result<()>) -> Result<bool> {
        self.read_with_alpha(planes, &mut [], alive)
    }

    /// The same of frames that have alpha, which is straight; one byte a pixel.
    pub fn read_with_alpha(&mut self, planes: &mut Planes, alpha: &mut [u8], alive: &mut dyn FnMut() -> Result<()>) -> Result<bool> {
        for plane in [&mut planes.y[..], &mut planes.u, &mut planes.v, alpha] {
            if self.child.read_while(plane, alive)? < plane.len() {
                return self.end().map(|()| false);
            }
        }
        self.given += 1;
        Ok(true)
    }

    /// A buffer for one frame.
    pub fn blank(&self) -> Planes {
        let (width, height) = self.size;
        Planes::blank(width, height)
    }

    /// Asks the child how it went.
    fn end(&mut self) -> Result<()> {
        let exit = self.child.finish(Duration::from_secs(60))?;
        if exit.success() && self.given > 0 {
            return Ok(());
        }
        let missing = [
            "Decoder not found",
            "no decoder found",
            "Decoder (codec",
            "Error while opening decoder",
        ];
        Err(exit.error(if missing.iter().any(|m| exit.tail.contains(m)) {
            video::unsupported(&format!("of codec {}", self.codec))
        } else {
            unreadable(self.given)
        }))
    }
}

fn unreadable(given: usize) -> Error {
    video::unreadable(if given == 0 {
        "is damaged: nothing in it can be decoded"
    } else {
        "is damaged and cannot be decoded to its end"
    })
}
