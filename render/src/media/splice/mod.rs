//! Frames become an H.264 stream of which only what moves is encoded.
//!
//! What stands still is encoded once, as key frames; what moves is a small video of its own, out of an ffmpeg child; and [`picture`] puts
//! their slices together while they come, a key frame again and again, so that players can seek. `layout` says where the parts lie.
//!
//! ```text
//! write() ── rows of what moves ──> ffmpeg (x264) ──> read-0 ─┐
//!    └─ first frame: still parts ──> ffmpeg, once each ───────┴─> splice ──> sink
//! ```
//!
//! Each arrow is bounded: a few pictures are on their way at any time. A group of pictures from one key frame to the next depends on
//! nothing but its frames and the still parts: ranges that begin at key frames have the same bytes wherever they are made, and can be joined.
//! Where splicing does not pay ([`cost`]) the whole picture is the part that moves.

mod cost;
mod layout;
mod part;
mod picture;

use std::io::Read;
use std::ops::Range;
use std::process::ChildStdout;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::process::{Child, Job, Stopper};
use super::tools::Tools;
use super::{Planes, Quality};
use crate::composite::overlay;
use crate::driver::Region;
use crate::error::{Error, Kind, Result};
use crate::h264::level::Demand;
use crate::h264::{self, AnnexB, Colour, Crop, Restriction, Sps, Timing, VideoSignal, Vui};
use crate::progress;
use crate::scene::Fps;
use layout::{BLOCK, Layout, Part};
use part::Coding;
use picture::{Assembly, Parameters, PartReader, Slices};

pub use cost::Path;
pub use layout::Shape;

/// Pictures that may wait to be put together, per part.
const AHEAD: usize = 4;
/// What is read of an encoder at once, in bytes.
const CHUNK: usize = 64 << 10;
/// How long an encoder may take for its last frames.
const LAST_PATIENCE: Duration = Duration::from_secs(60);

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

/// The encoder of a part that moves.
struct Feed {
    child: Child,
    region: Region,
    /// For its pixels, where they are not whole rows.
    cut: Planes,
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
        let layout = Arc::new(cost::choose(settings.path, settings.size, settings.moving, settings.frames));
        let coding = Coding {
            layout: &layout,
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
        let stills = layout
            .still
            .iter()
            .map(|&part| Ok((part, coding.still(part)?)))
            .collect::<Result<_>>()?;
        let (mut feeds, mut readers) = (Vec::new(), Vec::new());
        for (index, &part) in layout.live.iter().enumerate() {
            let mut child = Child::start(coding.live(part)?)?;
            let output = child
                .take_output()
                .ok_or_else(|| internal("a program was started without an output"))?;
            readers.push(read(index, output, part)?);
            let region = part.region(coding.size);
            let whole_rows = region.width == coding.size.0;
            let cut = if whole_rows {
                Planes::blank(0, 0)
            } else {
                Planes::blank(region.width, region.height)
            };
            feeds.push(Feed { child, region, cut });
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
            let exit = feed.child.finish_while(LAST_PATIENCE, alive)?;
            let error = exit.error(Error::new(Kind::ToolFailed, "ffmpeg could not encode the video"));
            if !exit.success() {
                return Err(self.reason().unwrap_or(error));
            }
            early = error;
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
            match feed.child.finish(LAST_PATIENCE) {
                Ok(exit) if said.is_none() || !exit.success() => {
                    said = Some(exit.error(Error::new(Kind::ToolFailed, "ffmpeg stopped before the video was complete")));
                }
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

impl Feed {
    fn write(&mut self, frame: &Planes) -> std::io::Result<()> {
        let Region { y, width, height, .. } = self.region;
        if width != frame.width {
            overlay::cut_into(frame, self.region, &mut self.cut);
            return self.child.write_all(&[&self.cut.y, &self.cut.u, &self.cut.v]);
        }
        let half = width / 2;
        let luma = y * width..(y + height) * width;
        let chroma = y / 2 * half..(y + height) / 2 * half;
        self.child.write_all(&[&frame.y[luma], &frame.u[chroma.clone()], &frame.v[chroma]])
    }
}

/// A picture of a part, with what its stream says of itself.
type Picture = Result<(Slices, Arc<Parameters>)>;

/// Reads an encoder's stream on a thread of its own, until it ends or nobody takes its pictures.
fn read(index: usize, output: ChildStdout, part: Part) -> Result<Receiver<Picture>> {
    let (give, pictures) = sync_channel(AHEAD);
    std::thread::Builder::new()
        .name(format!("read-{index}"))
        .spawn(move || {
            if let Err(e) = read_pictures(output, part, &give) {
                // Nobody listens if the render is over.
                let _ = give.send(Err(unusable(e)));
            }
        })
        .map_err(|e| internal("a thread could not be started").because(e))?;
    Ok(pictures)
}

fn read_pictures(mut output: ChildStdout, part: Part, give: &SyncSender<Picture>) -> h264::Result<()> {
    let mut pictures = Pictures::new(part);
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = match output.read(&mut chunk) {
            Ok(n) if n > 0 => n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            // A broken pipe shows in the child's exit, which says more.
            _ => break,
        };
        for picture in pictures.take(&chunk[..read])? {
            if give.send(Ok(picture)).is_err() {
                return Ok(());
            }
        }
    }
    for picture in pictures.finish()? {
        // As above.
        let _ = give.send(Ok(picture));
    }
    Ok(())
}

/// The pictures in a part's stream.
struct Pictures {
    cutter: AnnexB,
    reader: PartReader,
    parameters: Option<Arc<Parameters>>,
}

impl Pictures {
    fn new(part: Part) -> Self {
        Self {
            cutter: AnnexB::new(),
            reader: PartReader::new(part),
            parameters: None,
        }
    }

    fn take(&mut self, bytes: &[u8]) -> h264::Result<Vec<(Slices, Arc<Parameters>)>> {
        let mut units = Vec::new();
        self.cutter.push(bytes, &mut |unit| units.push(unit.to_vec()))?;
        self.read(&units)
    }

    fn finish(mut self) -> h264::Result<Vec<(Slices, Arc<Parameters>)>> {
        let mut units = Vec::new();
        std::mem::take(&mut self.cutter).finish(&mut |unit| units.push(unit.to_vec()));
        self.read(&units)
    }

    fn read(&mut self, units: &[Vec<u8>]) -> h264::Result<Vec<(Slices, Arc<Parameters>)>> {
        let mut complete = Vec::new();
        for unit in units {
            if let Some(slices) = self.reader.take(unit)? {
                let parameters = match &self.parameters {
                    Some(known) => Arc::clone(known),
                    None => Arc::new(self.reader.parameters().ok_or(h264::SyntaxError::Truncated)?),
                };
                self.parameters = Some(Arc::clone(&parameters));
                complete.push((slices, parameters));
            }
        }
        Ok(complete)
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
    stills: Vec<(Part, Job)>,
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
                .map(|((part, job), pixels)| scope.spawn(move || encode_still(part, job, pixels, called_off)))
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
            vui: Some(usability(self.fps)),
            ..part.clone()
        }
    }
}

/// BT.709, limited range, chroma between its four pixels; a steady rate, and frames in their order.
fn usability(fps: Fps) -> Vui {
    const BT709: u8 = 1;
    const CENTRE: u32 = 1;
    Vui {
        signal: Some(VideoSignal {
            format: 5,
            full_range: false,
            colour: Some(Colour {
                primaries: BT709,
                transfer: BT709,
                matrix: BT709,
            }),
        }),
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
            max_num_reorder_frames: 0,
            max_dec_frame_buffering: 1,
        }),
        ..Vui::default()
    }
}

fn encode_still(part: Part, job: Job, pixels: &Planes, called_off: &AtomicBool) -> Result<(Slices, Arc<Parameters>)> {
    let mut child = Child::start(job)?;
    let failed = "ffmpeg could not encode the picture";
    if let Err(e) = child.write_all(&[&pixels.y, &pixels.u, &pixels.v]) {
        return Err(child.finish(LAST_PATIENCE)?.error(Error::new(Kind::ToolFailed, failed).because(e)));
    }
    // Its input ends here: it knows that there is but one picture.
    drop(child.take_input());
    let mut alive = || match called_off.load(Ordering::Relaxed) {
        true => Err(progress::cancelled()),
        false => Ok(()),
    };
    let mut pictures = Pictures::new(part);
    let mut complete = Vec::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = child.read_while(&mut chunk, &mut alive)?;
        if read == 0 {
            break;
        }
        complete.extend(pictures.take(&chunk[..read]).map_err(unusable)?);
    }
    complete.extend(pictures.finish().map_err(unusable)?);
    let exit = child.finish_while(LAST_PATIENCE, &mut alive)?;
    match complete.pop() {
        Some(picture) if exit.success() => Ok(picture),
        _ => Err(exit.error(Error::new(Kind::ToolFailed, failed))),
    }
}

fn unusable(e: h264::SyntaxError) -> Error {
    Error::new(Kind::ToolFailed, "ffmpeg's encoder makes a stream that cannot be used").because(e)
}

fn internal(what: &str) -> Error {
    Error::new(Kind::Internal, what)
}

#[cfg(test)]
mod tests;
