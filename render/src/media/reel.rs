//! H.264 from which any frame can be had at any time: groups of few frames that stand alone, and where each frame lies in a file.
//!
//! Decoders only go forwards, and all frames of a video do not fit into memory. So whole groups are fed to one decoder in the order
//! in which they are needed; a group that is played backwards waits in memory, decoded, until its first frame was given.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::iter::Peekable;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use flate2::Crc;

use super::Planes;
use super::frames::{Feeder, Frames};
use super::process::Child;
use super::tools::Tools;
use super::video::COLOURS;
use crate::driver::Region;
use crate::error::{Error, Kind, Result};

/// What is read of a stream at once, in bytes.
const BLOCK: usize = 1 << 20;
/// Frames that are asked for of one group before it is fed anew.
const MOST_PICKS: usize = 64;

/// One frame of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Bytes.
    pub length: u32,
    /// CRC-32 of them.
    pub sum: u32,
}

/// A stored stream: every `group` frames begin anew.
pub(crate) struct Reel {
    file: Arc<File>,
    marks: Arc<Vec<Mark>>,
    /// Where each frame begins in the file.
    starts: Arc<Vec<u64>>,
    group: usize,
    size: (usize, usize),
}

/// What of the frames is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// What the whole picture is scaled to; both sides are even.
    pub size: (usize, usize),
    /// The part of that; all four numbers are even.
    pub crop: Region,
}

impl Reel {
    /// A stream that begins at `start` of a file; the caller has seen that the marks' lengths end within it.
    pub fn new(file: Arc<File>, start: u64, marks: Vec<Mark>, group: usize, size: (usize, usize)) -> Self {
        let mut at = start;
        let starts = marks
            .iter()
            .map(|m| {
                at += u64::from(m.length);
                at - u64::from(m.length)
            })
            .collect();
        Self {
            file,
            marks: Arc::new(marks),
            starts: Arc::new(starts),
            group: group.max(1),
            size,
        }
    }

    pub fn frames(&self) -> usize {
        self.marks.len()
    }

    pub fn size(&self) -> (usize, usize) {
        self.size
    }

    /// Plays frames in any order.
    pub fn play<O>(&self, order: O, cut: Option<Cut>, tools: &Tools) -> Result<Frames>
    where
        O: IntoIterator<Item = usize>,
        O::IntoIter: ExactSizeIterator + Send + 'static,
    {
        let (order, frames) = (order.into_iter(), self.frames());
        let wanted = order.len();
        let mut child = Child::start(tools.ffmpeg_job(arguments(self.size, cut), self.memory(), self.cpu(wanted))?)?;
        let input = child
            .take_input()
            .ok_or_else(|| Error::new(Kind::Internal, "a program was started without an input"))?;
        let (tell, told) = channel();
        let shelf = Shelf {
            file: Arc::clone(&self.file),
            marks: Arc::clone(&self.marks),
            starts: Arc::clone(&self.starts),
            group: self.group,
        };
        let feeder = Feeder::start(move || shelf.feed(order.take_while(move |i| *i < frames).peekable(), input, &tell));
        let size = cut.map_or(self.size, |c| (c.crop.width, c.crop.height));
        Ok(Frames::fed(child, feeder, Picks::new(told, size)))
    }

    /// Address space in bytes, as for any video.
    fn memory(&self) -> u64 {
        (4 << 30) + (self.size.0 * self.size.1) as u64 * 100
    }

    /// Processor time: some twenty times what was measured of frames whose whole group is decoded for each.
    fn cpu(&self, frames: usize) -> Duration {
        let megapixels = (self.size.0 * self.size.1) as f64 / 1e6;
        Duration::from_secs_f64(120.0 + (frames * self.group) as f64 * (0.01 + 0.06 * megapixels))
    }
}

fn arguments(size: (usize, usize), cut: Option<Cut>) -> Vec<OsString> {
    let mut args: Vec<OsString> = ["-hide_banner", "-v", "error", "-threads", "1", "-f", "h264", "-i", "pipe:0"]
        .map(Into::into)
        .into();
    let mut filter = Vec::new();
    if let Some(Cut {
        size: (width, height),
        crop,
    }) = cut
    {
        if (width, height) != size {
            filter.push(format!(
                "scale={width}:{height}:flags=bicubic+accurate_rnd+full_chroma_int:{COLOURS}"
            ));
        }
        let Region { x, y, width: w, height: h } = crop;
        if (w, h) != (width, height) {
            filter.push(format!("crop={w}:{h}:{x}:{y}:exact=1"));
        }
    }
    if !filter.is_empty() {
        args.extend(["-filter_threads", "1", "-vf"].map(Into::into));
        args.push(filter.join(",").into());
    }
    args.extend(["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:1"].map(Into::into));
    args
}

/// Frames of one group: so many are decoded, and of them these are wanted, in this order.
struct Batch {
    decoded: usize,
    picks: Vec<usize>,
}

/// What the feeding thread has.
struct Shelf {
    file: Arc<File>,
    marks: Arc<Vec<Mark>>,
    starts: Arc<Vec<u64>>,
    group: usize,
}

impl Shelf {
    /// Says what comes before it comes; whoever reads the frames will miss what could not be written.
    fn feed(&self, mut order: Peekable<impl Iterator<Item = usize>>, mut input: impl Write, tell: &Sender<Result<Batch>>) {
        let mut bytes = Vec::new();
        while let Some(first) = order.next() {
            let start = first / self.group * self.group;
            let mut picks = vec![first - start];
            while picks.len() < MOST_PICKS
                && let Some(next) = order.next_if(|i| self.group > 1 && (start..start + self.group).contains(i))
            {
                picks.push(next - start);
            }
            let decoded = picks.iter().max().map_or(1, |last| last + 1);
            let read = self.read(start, decoded, &mut bytes);
            let failed = read.is_err();
            if tell.send(read.map(|()| Batch { decoded, picks })).is_err() || failed || input.write_all(&bytes).is_err() {
                return;
            }
        }
    }

    fn read(&self, start: usize, count: usize, bytes: &mut Vec<u8>) -> Result<()> {
        let damaged = || {
            Error::new(
                Kind::AvatarUnreadable,
                "the avatar file is damaged: a frame in it has changed; build it again",
            )
        };
        let marks = &self.marks[start..start + count];
        bytes.resize(marks.iter().map(|m| m.length as usize).sum(), 0);
        self.file
            .read_exact_at(bytes, self.starts[start])
            .map_err(|e| damaged().because(e))?;
        let mut rest = bytes.as_slice();
        for mark in marks {
            let (frame, after) = rest.split_at(mark.length as usize);
            if sum(frame) != mark.sum {
                return Err(damaged());
            }
            rest = after;
        }
        Ok(())
    }
}

/// CRC-32.
pub(crate) fn sum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Takes from the decoder's frames those that were asked for.
pub(super) struct Picks {
    told: Receiver<Result<Batch>>,
    batch: Batch,
    /// Which pick is next, and how many frames of the batch were read.
    next: usize,
    read: usize,
    /// What was read of a batch whose picks go back.
    kept: Vec<Planes>,
    spare: Vec<Planes>,
    pub size: (usize, usize),
}

impl Picks {
    fn new(told: Receiver<Result<Batch>>, size: (usize, usize)) -> Self {
        Self {
            told,
            batch: Batch {
                decoded: 0,
                picks: Vec::new(),
            },
            next: 0,
            read: 0,
            kept: Vec::new(),
            spare: Vec::new(),
            size,
        }
    }

    /// The next frame, from `decode`, which reads one of the decoder's; false at the end of the order.
    pub fn take(&mut self, planes: &mut Planes, decode: &mut dyn FnMut(&mut Planes) -> Result<()>) -> Result<bool> {
        if self.next == self.batch.picks.len() {
            // The batch is told before its bytes are written: waiting for it is waiting for our own thread.
            let Ok(batch) = self.told.recv() else { return Ok(false) };
            self.batch = batch?;
            (self.next, self.read) = (0, 0);
            self.spare.append(&mut self.kept);
        }
        let pick = self.batch.picks[self.next];
        self.next += 1;
        if self.batch.picks.is_sorted_by(|a, b| a < b) {
            while self.read < pick {
                let mut unwanted = self.blank();
                self.one(&mut unwanted, decode)?;
                self.spare.push(unwanted);
            }
            self.one(planes, decode)?;
            return Ok(true);
        }
        while self.kept.len() <= pick {
            let mut frame = self.blank();
            self.one(&mut frame, decode)?;
            self.kept.push(frame);
        }
        let kept = &mut self.kept[pick];
        if self.batch.picks[self.next..].contains(&pick) {
            planes.clone_from(kept);
        } else {
            std::mem::swap(planes, kept);
        }
        Ok(true)
    }

    fn blank(&mut self) -> Planes {
        let (width, height) = self.size;
        self.spare.pop().unwrap_or_else(|| Planes::blank(width, height))
    }

    fn one(&mut self, planes: &mut Planes, decode: &mut dyn FnMut(&mut Planes) -> Result<()>) -> Result<()> {
        decode(planes)?;
        self.read += 1;
        debug_assert!(self.read <= self.batch.decoded, "more was taken than was fed");
        Ok(())
    }
}

/// For a decoder that ended before its time.
pub(super) fn lost() -> Error {
    Error::new(
        Kind::AvatarUnreadable,
        "the avatar file is damaged: frames in it cannot be decoded; build it again",
    )
}

/// Copies a stream and finds where its frames begin: at the delimiters that stand before each.
pub(crate) fn copy(from: &mut impl Read, to: &mut impl Write, alive: &mut dyn FnMut() -> Result<()>) -> Result<Vec<Mark>> {
    let io = |e| super::write_error(e, "its bytes cannot be stored");
    let mut scan = Scan::default();
    let mut block = vec![0; BLOCK];
    loop {
        alive()?;
        let read = from.read(&mut block).map_err(io)?;
        if read == 0 {
            return Ok(scan.finish());
        }
        scan.look(&block[..read]);
        to.write_all(&block[..read]).map_err(io)?;
    }
}

#[derive(Default)]
struct Scan {
    marks: Vec<Mark>,
    crc: Crc,
    /// The last bytes, which may belong to the next frame.
    held: Vec<u8>,
}

impl Scan {
    /// A start code and the access unit delimiter's first byte; x264 writes four bytes of start code before it.
    const DELIMITER: [u8; 5] = [0, 0, 0, 1, 9];

    fn look(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
        let held = std::mem::take(&mut self.held);
        let mut done = 0;
        let mut at = 0;
        // A one is rarer than a zero.
        while let Some(one) = held[at..].iter().position(|b| *b == 1) {
            let one = at + one;
            at = one + 1;
            let Some(next) = held.get(one + 1) else { break };
            if one >= 3 && next & 0x1f == Self::DELIMITER[4] && held[one - 3..one] == [0, 0, 0] {
                self.crc.update(&held[done..one - 3]);
                self.end();
                done = one - 3;
            }
        }
        // What could be the beginning of a delimiter waits.
        let keep = held.len().saturating_sub(Self::DELIMITER.len() - 1).max(done);
        self.crc.update(&held[done..keep]);
        self.held = held[keep..].to_vec();
    }

    fn end(&mut self) {
        if self.crc.amount() > 0 {
            self.marks.push(Mark {
                length: self.crc.amount(),
                sum: self.crc.sum(),
            });
        }
        self.crc.reset();
    }

    fn finish(mut self) -> Vec<Mark> {
        let held = std::mem::take(&mut self.held);
        self.crc.update(&held);
        self.end();
        self.marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_begin_at_their_delimiters_wherever_blocks_end() {
        let frames: [&[u8]; 3] = [
            &[0, 0, 0, 1, 9, 16, 0, 0, 0, 1, 0x67, 9, 9, 0, 0, 1, 0x65, 7, 0, 0, 3, 1],
            &[0, 0, 0, 1, 9, 48, 0, 0, 1, 0x61, 5, 0, 0, 0],
            &[0, 0, 0, 1, 9, 48, 0, 0, 1, 0x61, 0, 0, 0, 1],
        ];
        let expected: Vec<Mark> = frames
            .iter()
            .map(|f| Mark {
                length: f.len() as u32,
                sum: sum(f),
            })
            .collect();
        let stream = frames.concat();
        for cut in 0..stream.len() {
            let mut scan = Scan::default();
            scan.look(&stream[..cut]);
            scan.look(&stream[cut..]);
            assert_eq!(scan.finish(), expected, "{cut}");
        }
    }
}
