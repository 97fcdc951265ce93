//! Frames become an H.264 stream of which only what moves is encoded.
//!
//! What stands still is encoded once, as key frames; what moves is a small video of its own, out of an ffmpeg child that has x264, else of
//! OpenH264; and [`picture`] puts their slices together while they come, a key frame again and again, so that players can seek. `layout` says
//! where the parts lie.
//!
//! ```text
//! write() ── rows of what moves ──> ffmpeg (x264) ──> read-0 ─┐
//!    │                         or encode-0 (OpenH264) ────────┤
//!    └─ first frame: still parts ──> the same, once each ─────┴─> splice ──> sink
//! ```
//!
//! Each arrow is bounded: a few pictures are on their way at any time. A group of pictures from one key frame to the next depends on
//! nothing but its frames and the still parts: ranges that begin at key frames have the same bytes wherever they are made, and can be joined.
//! Where splicing does not pay ([`cost`]) the whole picture is the part that moves.

mod cost;
mod feed;
mod layout;
mod openh264;
mod part;
mod picture;
mod x264;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::process::Stopper;
use super::tools::Tools;
use super::{Planes, Quality};
use crate::composite::overlay;
use crate::driver::Region;
use crate::error::{Error, Result};
use crate::h264::level::Demand;
use crate::h264::{self, Crop, Restriction, Sps, Timing, VideoSignal, Vui};
use crate::progress;
use crate::scene::Fps;
use feed::Feed;
use layout::{BLOCK, Layout};
use part::{Coding, Picture, Still, internal, unusable};
use picture::{Assembly, Parameters, Slices};

pub use cost::Path;
pub use layout::Shape;

/// What to encode.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// Pixels; both sides even.
    pub size: (usize, usize),
    pub fps: Fps,
    /// Where frames may differ from the first one.
    pub moving: &'a [Region],
    pub path: Path,
    /// Frames from one key frame to the next.
    pub gop: usize,
    /// All of the video's.
    pub frames: usize,
    pub quality: Quality,
    pub tools: &'a Tools,
}

/// Takes the stream.
pub trait Sink: Send + 'static {
    fn write(&mut self, bytes: &[u8]) -> Result<()>;

    /// What ends a write that is waiting.
    fn stopper(&self) -> Option<Stopper>;
}

/// A stream being made. Dropping it before `finish` stops everything.
pub struct Splicer<S> {
    feeds: Vec<Feed>,
    /// Goes to the splicing thread with the first frame.
    still: Option<SyncSender<Vec<Planes>>>,
    splicing: Option<Splicing<S>>,
    called_off: Arc<AtomicBool>,
    sink: Option<Stopper>,
    layout: Arc<Layout>,
    size: (usize, usize),
    left: usize,
}

/// The thread that puts pictures together, and how it ended.
struct Splicing<S> {
    thread: JoinHandle<()>,
    outcome: Receiver<Outcome<S>>,
}

/// Without an error of its own it ends early where an encoder has.
type Outcome<S> = Result<S, Option<Error>>;

impl<S: Sink> Splicer<S> {
    /// Starts the encoders of some frames, counted in the video; they begin at a key frame.
    pub fn start(settings: &Settings, frames: Range<usize>, sink: S) -> Result<Self> {
        let encoder = settings.tools.h264()?;
        let layout = cost::choose(settings.path, settings.size, settings.moving, settings.frames, encoder);
        let coding = Coding {
            layout: &layout,
            encoder,
            size: settings.size,
            fps: settings.fps,
            gop: settings.gop,
            frames: frames.len(),
            quality: settings.quality,
            tools: settings.tools,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            cabac: true,
        };
        Self::with(&coding, frames, sink)
    }

    fn with(coding: &Coding, frames: Range<usize>, sink: S) -> Result<Self> {
        let layout = Arc::new(coding.layout.clone());
        let stills = layout.still.iter().map(|&part| coding.still(part)).collect::<Result<_>>()?;
        let (mut feeds, mut readers) = (Vec::new(), Vec::new());
        for (index, &part) in layout.live.iter().enumerate() {
            let (feed, reader) = coding.live(index, part)?;
            feeds.push(feed);
            readers.push(reader);
        }
        let (still, pixels) = sync_channel(1);
        let called_off = Arc::new(AtomicBool::new(false));
        let sink_stopper = sink.stopper();
        let thread = Thread {
            layout: Arc::clone(&layout),
            size: coding.size,
            fps: coding.fps,
            gop: coding.gop,
            frames: frames.clone(),
            stills,
            pixels,
            readers,
            called_off: Arc::clone(&called_off),
            sink,
        };
        let (tell, outcome) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("splice".into())
            // Nobody listens if the render is over.
            .spawn(move || drop(tell.send(thread.run())))
            .map_err(|e| internal("a thread could not be started").because(e))?;
        let splicing = Splicing { thread, outcome };
        Ok(Self {
            feeds,
            still: Some(still),
            splicing: Some(splicing),
            called_off,
            sink: sink_stopper,
            layout,
            size: coding.size,
            left: frames.len(),
        })
    }

    /// Appends the next frame.
    pub fn write(&mut self, frame: &Planes) -> Result<()> {
        if (frame.width, frame.height) != self.size || self.left == 0 {
            return Err(internal("the encoder was given a frame that does not belong to the video"));
        }
        if let Some(still) = self.still.take() {
            let parts = self.layout.still.iter().map(|p| overlay::cut(frame, p.region(self.size)));
            // Nobody takes them if the thread has ended early, which the next lines find.
            let _ = still.send(parts.collect());
        }
        for feed in &mut self.feeds {
            if let Err(e) = feed.write(frame) {
                return Err(self.failure(Some(e)));
            }
        }
        self.left -= 1;
        Ok(())
    }

    /// Ends the stream and gives the sink back; `alive` is asked several times a second whether to go on.
    pub fn finish(mut self, alive: &mut dyn FnMut() -> Result<()>) -> Result<S> {
        if self.left > 0 {
            return Err(internal("the encoder did not get all of its frames"));
        }
        let mut early = internal("a video has no parts");
        for feed in &mut self.feeds {
            let end = feed.finish_while(alive)?;
            if !end.well {
                return Err(self.reason().unwrap_or(end.error));
            }
            early = end.error;
        }
        let Some(splicing) = &self.splicing else {
            return Err(internal("the encoder has failed before"));
        };
        let outcome = progress::wait(&splicing.outcome, alive)?;
        // It has ended: nothing is left to be stopped.
        self.splicing = None;
        match outcome {
            Ok(sink) => Ok(sink),
            Err(Some(error)) => Err(error),
            // It ended well, with too few pictures.
            Err(None) => Err(early),
        }
    }

    /// Why a write failed: what the splicing thread found, or the encoder's own last words, which say more than our broken pipe.
    fn failure(&mut self, broken: Option<std::io::Error>) -> Error {
        let mut said = None;
        for feed in &mut self.feeds {
            match feed.finish() {
                Ok(end) if said.is_none() || !end.well => said = Some(end.error),
                Ok(_) => {}
                Err(e) => said = said.or(Some(e)),
            }
        }
        let own = self.reason();
        own.or(said).unwrap_or_else(|| {
            let error = internal("the encoder stopped");
            match broken {
                Some(e) => error.because(e),
                None => error,
            }
        })
    }

    /// What made the splicing thread end, if it was not an encoder's end.
    fn reason(&mut self) -> Option<Error> {
        // Without encoders it ends, whatever it waits for.
        self.feeds.clear();
        let Splicing { thread, outcome } = self.splicing.take()?;
        let outcome = outcome.recv();
        // What it has to say it has said.
        let _ = thread.join();
        match outcome {
            Ok(Err(error)) => error,
            Ok(Ok(_)) => None,
            Err(_) => Some(internal("the splicing thread failed")),
        }
    }
}

impl<S> std::fmt::Debug for Splicer<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Splicer").field("feeds", &self.feeds.len()).finish_non_exhaustive()
    }
}

impl<S> Drop for Splicer<S> {
    fn drop(&mut self) {
        let Some(splicing) = self.splicing.take() else { return };
        self.called_off.store(true, Ordering::Relaxed);
        self.still = None;
        self.feeds.clear();
        if let Some(sink) = &self.sink {
            sink.stop();
        }
        // It holds nothing that its panic could harm.
        let _ = splicing.thread.join();
    }
}

/// The splicing thread.
struct Thread<S> {
    layout: Arc<Layout>,
    size: (usize, usize),
    fps: Fps,
    gop: usize,
    frames: Range<usize>,
    /// What encodes each of the still parts.
    stills: Vec<Still>,
    pixels: Receiver<Vec<Planes>>,
    readers: Vec<Receiver<Picture>>,
    called_off: Arc<AtomicBool>,
    sink: S,
}

impl<S: Sink> Thread<S> {
    fn run(mut self) -> Result<S, Option<Error>> {
        let pixels = self.pixels.recv().map_err(|_| None)?;
        let stills = self.encode_stills(&pixels)?;
        drop(pixels);
        let mut first = Some(self.next()?);
        let mut assembly = self.assembly(stills, first.iter().flatten().map(|(_, p)| p))?;
        let mut stream = Vec::new();
        for index in self.frames.clone() {
            let live = match first.take() {
                Some(live) => live,
                None => self.next()?,
            };
            let live: Vec<Slices> = live.into_iter().map(|(slices, _)| slices).collect();
            stream.clear();
            assembly.append(index, &live, &mut stream).map_err(unusable)?;
            self.sink.write(&stream)?;
        }
        Ok(self.sink)
    }

    /// The next picture of each live part.
    fn next(&self) -> Result<Vec<(Slices, Arc<Parameters>)>, Option<Error>> {
        let one = |reader: &Receiver<Picture>| reader.recv().map_err(|_| None)?.map_err(Some);
        self.readers.iter().map(one).collect()
    }

    /// All still parts, beside each other.
    fn encode_stills(&mut self, pixels: &[Planes]) -> Result<Vec<(Slices, Arc<Parameters>)>> {
        let called_off = &self.called_off;
        std::thread::scope(|scope| {
            let jobs = std::mem::take(&mut self.stills);
            let threads: Vec<_> = jobs
                .into_iter()
                .zip(pixels)
                .map(|(still, pixels)| {
                    let mut alive = || match called_off.load(Ordering::Relaxed) {
                        true => Err(progress::cancelled()),
                        false => Ok(()),
                    };
                    scope.spawn(move || still.encode(pixels, &mut alive))
                })
                .collect();
            let join = |t: std::thread::ScopedJoinHandle<'_, _>| t.join().unwrap_or_else(|_| Err(internal("a thread failed")));
            threads.into_iter().map(join).collect()
        })
    }

    fn assembly<'a>(&self, stills: Vec<(Slices, Arc<Parameters>)>, lives: impl Iterator<Item = &'a Arc<Parameters>>) -> Result<Assembly> {
        let (slices, mut all): (Vec<Slices>, Vec<Arc<Parameters>>) = stills.into_iter().unzip();
        all.extend(lives.cloned());
        let Some(last) = all.last().cloned() else {
            return Err(internal("a video has no parts"));
        };
        if all.iter().any(|p| !p.sps.agrees_with(&last.sps) || p.pps != last.pps) {
            return Err(unusable(h264::SyntaxError::Invalid("difference between its parts")));
        }
        let sps = self.whole(&last.sps);
        let layout = Layout::clone(&self.layout);
        Assembly::new(layout, sps, last.pps, slices, self.gop).map_err(unusable)
    }

    /// The parameters of the whole picture, from those of a part.
    fn whole(&self, part: &Sps) -> Sps {
        let Layout { width, height, .. } = *self.layout;
        let demand = Demand {
            width,
            height,
            rate: (self.fps.num, self.fps.den),
            slices: self.layout.slices(),
        };
        // Beyond all levels decoders try what they can.
        let level_idc = demand.level().map_or(62, |level| level.idc);
        let beyond = |blocks: u32, pixels: usize| (blocks as usize * BLOCK - pixels) as u32 / 2;
        let (right, bottom) = (beyond(width, self.size.0), beyond(height, self.size.1));
        let crop = Crop {
            right,
            bottom,
            ..Crop::default()
        };
        Sps {
            width,
            height,
            level_idc,
            crop: (right + bottom > 0).then_some(crop),
            vui: Some(usability(self.fps, part)),
            ..part.clone()
        }
    }
}

/// BT.709, limited range, chroma between its four pixels; a steady rate, and frames in a part's order.
fn usability(fps: Fps, part: &Sps) -> Vui {
    const CENTRE: u32 = 1;
    Vui {
        signal: Some(VideoSignal::BT709),
        chroma_location: Some((CENTRE, CENTRE)),
        timing: Some(Timing {
            units_in_tick: fps.den,
            time_scale: 2 * fps.num,
            fixed_rate: true,
        }),
        restriction: Some(Restriction {
            vectors_over_boundaries: true,
            max_bytes_per_pic_denom: 0,
            max_bits_per_mb_denom: 0,
            log2_max_vector_horizontal: 11,
            log2_max_vector_vertical: 11,
            max_num_reorder_frames: part
                .vui
                .as_ref()
                .and_then(|vui| vui.restriction)
                .map_or(0, |r| r.max_num_reorder_frames),
            max_dec_frame_buffering: part.max_num_ref_frames,
        }),
        ..Vui::default()
    }
}

#[cfg(test)]
mod tests;
