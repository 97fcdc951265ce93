//! The frames of a video, one after the other, as planes.

use std::ffi::OsString;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::Planes;
use super::process::Child;
use super::record::{Recorder, Recording};
use super::reel::{self, Picks};
use super::tools::{H264Encoder, Tools};
use super::video::{self, MAX_ALLOC, VideoFacts};
use crate::driver::Region;
use crate::error::{Error, Kind, Result};

/// How long a child that has closed its output may take to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// What to decode of a video; times are seconds from its first frame.
pub(crate) struct Take<'a> {
    pub path: &'a Path,
    pub facts: &'a VideoFacts,
    /// Where to begin, at the key frame before it.
    pub from: Option<f64>,
    /// Frames a second as ffmpeg reads it: "25/1".
    pub rate: String,
    pub most: usize,
    /// Size to which the whole picture is scaled; both sides are even.
    pub size: (usize, usize),
}

/// A video being decoded: BT.709, limited range. Dropping it stops ffmpeg.
pub(crate) struct Frames {
    // Dropped in this order: a feeder ends when the child does.
    child: Child,
    _feeder: Option<Feeder>,
    /// Which of the child's frames are wanted, if not all.
    picks: Option<Picks>,
    /// Where the child's frames are stored before they are made small, if they are.
    stored: Option<Stored>,
    size: (usize, usize),
    given: usize,
    codec: String,
}

/// Frames that we store, since the child cannot.
struct Stored {
    recorder: Recorder,
    whole: Planes,
    resizer: Resizer,
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
    pub fn start(&self, tools: &Tools) -> Result<Frames> {
        let mut args = self.input_arguments(None)?;
        args.extend(["-vf".into(), self.filter("yuv420p").into()]);
        args.extend(self.raw("0:V:0", "yuv420p"));
        self.child(args, self.size, self.memory(), self.cpu(), tools)
    }

    /// Decodes a part of each frame; all four numbers of `crop` are even. A video that has alpha is read with it, and with whole chroma.
    pub fn cut(&self, crop: Region, tools: &Tools) -> Result<Frames> {
        let (format, decoder) = match self.facts.alpha {
            true => ("yuva444p", self.facts.alpha_decoder()),
            false => ("yuv420p", None),
        };
        let Region { x, y, width, height } = crop;
        let mut args = self.input_arguments(decoder)?;
        let filter = format!("{},crop={width}:{height}:{x}:{y}:exact=1", self.filter(format));
        args.extend(["-vf".into(), filter.into()]);
        args.extend(self.raw("0:V:0", format));
        self.child(args, (width, height), self.memory(), self.cpu(), tools)
    }

    /// Writes all frames as H.264 to a file while they are read at the size `small`.
    pub fn record(&self, small: (usize, usize), recording: &Recording, tools: &Tools) -> Result<Frames> {
        if tools.h264()? == H264Encoder::OpenH264 {
            let stored = Stored {
                recorder: Recorder::start(recording, self.size, tools)?,
                whole: Planes::blank(self.size.0, self.size.1),
                resizer: Resizer::new(),
            };
            let mut frames = self.start(tools)?;
            (frames.stored, frames.size) = (Some(stored), small);
            return Ok(frames);
        }
        let mut args = self.input_arguments(None)?;
        let (width, height) = small;
        args.push("-filter_complex".into());
        args.push(
            format!(
                "[0:V:0]{},split[whole][b];[b]scale={width}:{height}:flags=area[small]",
                self.filter("yuv420p")
            )
            .into(),
        );
        args.extend(["-map", "[whole]"].map(Into::into));
        args.extend(recording.arguments()?);
        args.extend(self.raw("[small]", "yuv420p"));
        self.child(args, small, 2 * self.memory(), 2 * self.cpu(), tools)
    }

    fn child(&self, args: Vec<OsString>, size: (usize, usize), memory: u64, cpu: Duration, tools: &Tools) -> Result<Frames> {
        Ok(Frames {
            child: Child::start(tools.ffmpeg_job(args, memory, cpu)?)?,
            _feeder: None,
            picks: None,
            stored: None,
            size,
            given: 0,
            codec: self.facts.codec.clone(),
        })
    }

    fn input_arguments(&self, decoder: Option<&str>) -> Result<Vec<OsString>> {
        let mut args: Vec<OsString> = [
            "-nostdin",
            "-hide_banner",
            "-v",
            "error",
            "-y",
            "-max_alloc",
            MAX_ALLOC,
            "-threads",
            "2",
        ]
        .map(Into::into)
        .into();
        if let Some(from) = self.from {
            args.extend(["-noaccurate_seek".into(), "-ss".into(), format!("{from:.3}").into()]);
        }
        args.extend(decoder.into_iter().flat_map(|name| ["-c:v", name]).map(Into::into));
        args.extend(video::input_arguments(self.path, self.facts.container)?);
        args.extend(["-filter_threads", "1", "-filter_complex_threads", "1"].map(Into::into));
        Ok(args)
    }

    /// Frames of a stream or a filter's end to our pipe.
    fn raw(&self, from: &str, format: &str) -> Vec<OsString> {
        let most = self.most.to_string();
        [
            "-map",
            from,
            "-fps_mode",
            "passthrough",
            "-frames:v",
            &most,
            "-f",
            "rawvideo",
            "-pix_fmt",
            format,
            "pipe:1",
        ]
        .map(Into::into)
        .into()
    }

    fn filter(&self, format: &str) -> String {
        let (width, height) = self.size;
        let matrix = self.facts.matrix;
        let mut filter = String::new();
        if self.facts.interlaced {
            filter.push_str("yadif=deint=interlaced,");
        }
        filter.push_str(&format!("setpts=PTS-STARTPTS,fps={},", self.rate));
        filter.push_str(&format!(
            "scale={width}:{height}:flags=bicubic+accurate_rnd+full_chroma_int:in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv,"
        ));
        filter.push_str(&format!("format={format},setsar=1"));
        filter
    }

    /// Address space in bytes: some ten times what was seen resident at 4K.
    fn memory(&self) -> u64 {
        let pixels = u64::from(self.facts.width) * u64::from(self.facts.height);
        (4 << 30) + pixels * 100
    }

    /// Processor time: some twenty times what was measured.
    fn cpu(&self) -> Duration {
        let megapixels = f64::from(self.facts.width) * f64::from(self.facts.height) / 1e6;
        let frames = self.facts.seconds * self.facts.fps.max(1.0) + self.most as f64;
        Duration::from_secs_f64(120.0 + frames * (0.02 + 0.1 * megapixels))
    }
}

impl Frames {
    /// Frames of a child that a thread feeds, and which of them are wanted.
    pub(super) fn fed(child: Child, feeder: Feeder, picks: Picks) -> Self {
        Self {
            child,
            _feeder: Some(feeder),
            size: picks.size,
            picks: Some(picks),
            stored: None,
            given: 0,
            codec: String::new(),
        }
    }

    /// Reads the next frame into `planes`, which have its size; false at the end.
    pub fn read(&mut self, planes: &mut Planes, alive: &mut dyn FnMut() -> Result<()>) -> Result<bool> {
        let child = &mut self.child;
        if let Some(picks) = &mut self.picks {
            return picks.take(planes, &mut |planes| {
                if whole(child, planes, alive)? {
                    return Ok(());
                }
                Err(child.finish(PATIENCE)?.error(reel::lost()))
            });
        }
        let read = match &mut self.stored {
            Some(stored) => stored.read(child, planes, alive)?,
            None => whole(child, planes, alive)?,
        };
        if !read {
            self.end()?;
            return match self.stored.take() {
                Some(stored) => stored.recorder.finish(alive).map(|()| false),
                None => Ok(false),
            };
        }
        self.given += 1;
        Ok(true)
    }

    /// The same of frames that have alpha: luma, two planes of chroma as large, and alpha, which is straight.
    pub fn read_with_alpha(&mut self, planes: &mut [Vec<u8>; 4], alive: &mut dyn FnMut() -> Result<()>) -> Result<bool> {
        for plane in planes {
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
        let exit = self.child.finish(PATIENCE)?;
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

impl Stored {
    /// Reads a frame of the child, stores it, and makes it small.
    fn read(&mut self, child: &mut Child, small: &mut Planes, alive: &mut dyn FnMut() -> Result<()>) -> Result<bool> {
        if !whole(child, &mut self.whole, alive)? {
            return Ok(false);
        }
        self.recorder.write(&self.whole)?;
        let failed = |e| Error::new(Kind::Internal, "a frame could not be made small").because(e);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Box));
        let Planes { width, height, .. } = *small;
        let (wide, high) = (self.whole.width, self.whole.height);
        let planes = [
            (&self.whole.y, &mut small.y, 1),
            (&self.whole.u, &mut small.u, 2),
            (&self.whole.v, &mut small.v, 2),
        ];
        for (from, to, by) in planes {
            let side = |pixels: usize| (pixels / by) as u32;
            let source = ImageRef::new(side(wide), side(high), from, PixelType::U8).map_err(|e| failed(e.to_string()))?;
            let mut target = Image::from_slice_u8(side(width), side(height), to, PixelType::U8).map_err(|e| failed(e.to_string()))?;
            self.resizer
                .resize(&source, &mut target, &options)
                .map_err(|e| failed(e.to_string()))?;
        }
        Ok(true)
    }
}

/// Reads one frame; false where there is no whole one any more.
fn whole(child: &mut Child, planes: &mut Planes, alive: &mut dyn FnMut() -> Result<()>) -> Result<bool> {
    for plane in [&mut planes.y, &mut planes.u, &mut planes.v] {
        if child.read_while(plane, alive)? < plane.len() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn unreadable(given: usize) -> Error {
    video::unreadable(if given == 0 {
        "is damaged: nothing in it can be decoded"
    } else {
        "is damaged and cannot be decoded to its end"
    })
}
