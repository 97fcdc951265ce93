//! Parts out of x264 in an ffmpeg child.

use std::ffi::OsString;
use std::io::Read;
use std::process::ChildStdout;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use super::layout::Part;
use super::part::{AHEAD, Coding, LAST_PATIENCE, Picture, Pictures, internal, unusable};
use crate::driver::Region;
use crate::error::{Error, Kind, Result};
use crate::h264;
use crate::media::process::{Child, Job};
use crate::media::{Planes, Quality};

/// Macroblocks of the ring: a vector's reach, three pixels of interpolation (clause 8.4.2.2.1) and three of deblocking fit in.
pub const RING: u32 = 3;

/// Most pixels by which its vectors may go either way.
const REACH: u32 = 32;

/// Parts of more macroblocks than this, those of a picture of 1920×1088, are encoded with less care, and on machines with more than one core
/// by two threads: one alone would be what all wait for.
const LARGE: u32 = 120 * 68;

/// What is read of it at once, in bytes.
const CHUNK: usize = 64 << 10;

/// Starts encoding a part in which something moves, and reading what comes of it.
pub fn live(coding: &Coding, index: usize, part: Part) -> Result<(Child, Receiver<Picture>)> {
    let mut child = Child::start(coding.live_job(part)?)?;
    let output = child
        .take_output()
        .ok_or_else(|| internal("a program was started without an output"))?;
    Ok((child, read(index, output, part)?))
}

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

/// Encodes the one picture of a part that stands still.
pub fn still(part: Part, job: Job, pixels: &Planes, alive: &mut dyn FnMut() -> Result<()>) -> Picture {
    let mut child = Child::start(job)?;
    let failed = "ffmpeg could not encode the picture";
    if let Err(e) = child.write_all(&[&pixels.y, &pixels.u, &pixels.v]) {
        return Err(child.finish(LAST_PATIENCE)?.error(Error::new(Kind::ToolFailed, failed).because(e)));
    }
    // Its input ends here: it knows that there is but one picture.
    drop(child.take_input());
    let mut pictures = Pictures::new(part);
    let mut complete = Vec::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = child.read_while(&mut chunk, alive)?;
        if read == 0 {
            break;
        }
        complete.extend(pictures.take(&chunk[..read]).map_err(unusable)?);
    }
    complete.extend(pictures.finish().map_err(unusable)?);
    let exit = child.finish_while(LAST_PATIENCE, alive)?;
    match complete.pop() {
        Some(picture) if exit.success() => Ok(picture),
        _ => Err(exit.error(Error::new(Kind::ToolFailed, failed))),
    }
}

impl Coding<'_> {
    /// What encodes a part in which something moves.
    fn live_job(&self, part: Part) -> Result<Job> {
        let whole = self.layout.is_plain();
        // Both threads encode a picture at once, where that is all there is, and none waits in memory.
        let options = if whole {
            "sliced-threads=1".to_owned()
        } else {
            format!("mvrange={REACH}")
        };
        let two = whole || (part.blocks.area() > LARGE && self.cores > 1);
        self.job(part, if two { "2" } else { "1" }, &options, self.frames)
    }

    /// How hard x264 looks for what to write, beyond a small search for blocks of 16, to which smaller ones add 0.1 dB for half as much time again.
    ///
    /// Of moving faces (BENCHMARKS.md) and of `veryfast` as it comes, at the same bitrate: draft takes 0.5 of the time for 0.4 dB more (the mean
    /// of PSNR and SSIM), standard 0.6 for 0.5 dB more, high as long for 1 dB more. Where all of a picture moves, draft takes 0.4 of the time
    /// for 0.3 dB more.
    fn care(&self) -> &'static str {
        match self.quality {
            Quality::High => ":subme=6:trellis=1",
            Quality::Standard if !self.layout.is_plain() && self.largest() <= LARGE => ":trellis=1",
            Quality::Standard | Quality::Draft => "",
        }
    }

    /// What encodes a part that stands still: a single picture.
    pub fn still_job(&self, part: Part) -> Result<Job> {
        // Not quite as good as what moves has in key frames: there are more of these blocks, and nothing is made of them.
        self.job(part, "1", "ipratio=1.8", 1)
    }

    /// No lookahead: frames are encoded as they come.
    fn job(&self, part: Part, threads: &str, options: &str, frames: usize) -> Result<Job> {
        let region = part.region(self.size);
        let Region { width, height, .. } = region;
        let (between, worse) = self.between();
        let size = format!("{width}x{height}");
        let rate = format!("{}/{}", self.fps.num, self.fps.den);
        let (quantiser, ratio, care) = (self.quantiser().to_string(), self.key_ratio(), self.care());
        let (gop, cabac, slice) = (self.gop, u8::from(self.cabac), part.slice);
        // The same for all parts, or their parameter sets would differ, and their pictures' kinds: headers that do not depend on the content
        // (stitchable), one reference either way, no weights, as many pictures between others, wherever there is room.
        let options = format!(
            "keyint={gop}:min-keyint={gop}:slice-max-mbs={slice}:stitchable=1:cabac={cabac}:8x8dct=1:ref=1:bframes={between}:b-adapt=0:b-pyramid=0:weightb=0:direct=spatial:pbratio={worse}:weightp=0:psy=0:aud=0:scenecut=0:rc-lookahead=0:sync-lookahead=0:mbtree=0:partitions=none:me=dia{care}:ipratio={ratio}:{options}"
        );
        let mut args: Vec<OsString> = Vec::new();
        let mut add = |more: &[&str]| args.extend(more.iter().map(OsString::from));
        add(&["-nostdin", "-hide_banner", "-v", "error", "-max_alloc", "1073741824"]);
        add(&["-f", "rawvideo", "-pixel_format", "yuv420p"]);
        add(&["-video_size", &size, "-framerate", &rate, "-i", "pipe:0"]);
        add(&["-fps_mode", "passthrough", "-c:v", "libx264", "-profile:v", "high"]);
        add(&["-pix_fmt", "yuv420p", "-preset", "veryfast", "-qp", &quantiser]);
        add(&["-threads", threads, "-x264-params", &options, "-f", "h264", "pipe:1"]);
        self.tools.ffmpeg_job(args, memory(region), cpu(region, frames))
    }

    /// How much better key frames are: a quantiser less by 6 · log₂. Where something stands still all is a copy of them for two seconds.
    fn key_ratio(&self) -> f32 {
        if self.layout.is_plain() { 1.4 } else { 2.3 }
    }

    /// Pictures between others, and how much worse they are, for nobody refers to them. Where all moves, perhaps under grain, they gain little,
    /// and in large parts they take much memory: 60 MB where all of 3840×2160 moves.
    fn between(&self) -> (usize, f32) {
        let largest = self.largest();
        if largest > 3 * LARGE {
            (0, 1.0)
        } else if self.layout.is_plain() {
            (1, 1.2)
        } else if largest > LARGE {
            (1, 1.5)
        } else {
            (5, 1.5)
        }
    }

    /// All parts are encoded like the largest that moves.
    fn largest(&self) -> u32 {
        self.layout.live.iter().map(|p| p.blocks.area()).max().unwrap_or_default()
    }
}

/// Address space in bytes: some fifteen times what was seen resident at 4K, for libraries and threads' stacks count as well.
fn memory(region: Region) -> u64 {
    (4 << 30) + (region.width * region.height * 100) as u64
}

/// Processor time: some twenty times what was measured at 4K.
fn cpu(region: Region, frames: usize) -> Duration {
    let megapixels = (region.width * region.height) as f64 / 1e6;
    Duration::from_secs_f64(300.0 + frames as f64 * (0.02 + 0.1 * megapixels))
}
