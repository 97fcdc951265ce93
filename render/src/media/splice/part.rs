//! How each part is encoded: x264 in an ffmpeg child, in such a way that slices of different parts fit together.

use std::ffi::OsString;
use std::time::Duration;

use super::layout::{Layout, Part, REACH};
use crate::driver::Region;
use crate::error::Result;
use crate::media::Quality;
use crate::media::process::Job;
use crate::media::tools::Tools;
use crate::scene::Fps;

/// Parts of more macroblocks than this, those of a picture of 1920×1088, are encoded with less care, and on machines with more than one core
/// by two threads: one alone would be what all wait for.
const LARGE: u32 = 120 * 68;

/// What every part of a video is encoded with.
pub struct Coding<'a> {
    pub layout: &'a Layout,
    /// Pixels of the whole picture.
    pub size: (usize, usize),
    pub fps: Fps,
    pub gop: usize,
    pub frames: usize,
    pub quality: Quality,
    pub tools: &'a Tools,
    /// Of this machine. How many there are changes no byte: threads each have a frame, and what they wait for lies further away than vectors
    /// reach.
    pub cores: usize,
    /// CABAC, else CAVLC.
    pub cabac: bool,
}

impl Coding<'_> {
    /// What encodes a part in which something moves.
    pub fn live(&self, part: Part) -> Result<Job> {
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
    /// Of moving faces (BENCHMARKS.md) and of `veryfast` as it comes, at the same bitrate: draft takes 0.5 of the time for 0.3 dB less (the mean
    /// of PSNR and SSIM), standard 0.75 for 0.1 dB more, high as long for 0.3 dB more. Where all of a picture moves, draft takes 0.4 of
    /// the time for 0.4 dB more.
    fn care(&self) -> &'static str {
        match self.quality {
            Quality::High => ":subme=6:trellis=1",
            Quality::Standard if !self.layout.is_plain() && self.largest() <= LARGE => ":subme=3:trellis=1",
            Quality::Standard | Quality::Draft => "",
        }
    }

    /// What encodes a part that stands still: a single picture.
    pub fn still(&self, part: Part) -> Result<Job> {
        // Not quite as good as what moves has in key frames: there are more of these blocks, and nothing is made of them.
        self.job(part, "1", "ipratio=1.8", 1)
    }

    /// No lookahead: frames are encoded as they come.
    fn job(&self, part: Part, threads: &str, options: &str, frames: usize) -> Result<Job> {
        let region = part.region(self.size);
        let Region { width, height, .. } = region;
        let size = format!("{width}x{height}");
        let rate = format!("{}/{}", self.fps.num, self.fps.den);
        let (quantiser, ratio, care) = (self.quantiser(), self.key_ratio(), self.care());
        let (gop, cabac, slice) = (self.gop, u8::from(self.cabac), part.slice);
        // The same for all parts, or their parameter sets would differ: headers that do not depend on the content (stitchable), one
        // reference, no weights, no pictures out of order.
        let options = format!(
            "keyint={gop}:min-keyint={gop}:slice-max-mbs={slice}:stitchable=1:cabac={cabac}:8x8dct=1:ref=1:bframes=0:weightp=0:psy=0:aud=0:scenecut=0:rc-lookahead=0:sync-lookahead=0:mbtree=0:partitions=none:me=dia{care}:ipratio={ratio}:{options}"
        );
        let mut args: Vec<OsString> = Vec::new();
        let mut add = |more: &[&str]| args.extend(more.iter().map(OsString::from));
        add(&["-nostdin", "-hide_banner", "-v", "error", "-max_alloc", "1073741824"]);
        add(&["-f", "rawvideo", "-pixel_format", "yuv420p"]);
        add(&["-video_size", &size, "-framerate", &rate, "-i", "pipe:0"]);
        add(&["-fps_mode", "passthrough", "-c:v", "libx264", "-profile:v", "high"]);
        add(&["-pix_fmt", "yuv420p", "-preset", "veryfast", "-qp", quantiser]);
        add(&["-threads", threads, "-x264-params", &options, "-f", "h264", "pipe:1"]);
        self.tools.ffmpeg_job(args, memory(region), cpu(region, frames))
    }

    /// That of what changes, a constant one: a rate factor spends five times the bits on a still scene for 5 dB that nobody sees, and what
    /// it does depends on all that came before.
    fn quantiser(&self) -> &'static str {
        match self.quality {
            Quality::Draft => "24",
            Quality::Standard => "21",
            Quality::High => "18",
        }
    }

    /// How much better key frames are: a quantiser less by 6 · log₂. Where something stands still all is a copy of them for two seconds.
    fn key_ratio(&self) -> f32 {
        if self.layout.is_plain() { 1.4 } else { 2.3 }
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
