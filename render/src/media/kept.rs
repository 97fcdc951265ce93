//! Finished ranges of a video that is being made, on disk: what a worker that dies leaves to the next one.
//!
//! A folder has the stream as it grows, and a journal: the key of what is made in its first line, and then a line for each finished
//! range: the frame at which it ends, its bytes and their SHA-256. A range counts if its line is there and its bytes are what the line
//! says. Ranges begin at key frames, so that what follows is the same bytes as if nothing had happened.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Kind, Result};
use crate::progress;
use crate::scene::Fps;

const STREAM: &str = "stream.h264";
const JOURNAL: &str = "journal";
/// Bytes of a journal: a range of ten seconds has one line, and a video lasts ten hours.
const LONGEST_JOURNAL: u64 = 1 << 20;
const CHUNK: usize = 1 << 16;

/// Seconds of a range, to the key frame after: what is lost at most. A video of fewer than two is not kept.
const SECONDS: f64 = 10.0;

/// Where ranges are kept.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// Made when it is needed; whoever chose it removes it.
    pub folder: PathBuf,
    /// Folders of former attempts. What fits of the longest is taken over; none of them is changed.
    pub former: Vec<PathBuf>,
}

/// A stream being kept.
#[derive(Debug)]
pub(crate) struct Kept {
    stream: File,
    journal: File,
    sum: Sha256,
    /// Since the last line.
    bytes: u64,
    /// Of each range.
    frames: usize,
}

/// What was taken over.
#[derive(Debug)]
pub(crate) struct Former {
    stream: File,
    ranges: Vec<Line>,
}

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    end: usize,
    bytes: u64,
    sum: String,
}

impl Shelf {
    /// Whether a video of so many frames is long enough to be kept.
    pub(crate) fn is_for(frames: usize, gop: usize, fps: Fps) -> bool {
        frames >= 2 * range(gop, fps)
    }

    /// Begins to keep a video of so many frames, and finds what is there of it already. `key` names everything that its bytes depend on.
    pub(crate) fn open(&self, key: &str, frames: usize, gop: usize, fps: Fps) -> Result<(Kept, Option<Former>)> {
        let range = range(gop, fps);
        let mut best: Option<Former> = None;
        for folder in &self.former {
            // What cannot be read is as good as not there.
            let former = Former::open(folder, key, range, frames);
            progress::go_on()?;
            if let Some(former) = former
                && former.end() > best.as_ref().map_or(0, Former::end)
            {
                best = Some(former);
            }
        }
        Ok((Kept::create(&self.folder, key, range)?, best))
    }
}

/// Frames of a range.
fn range(gop: usize, fps: Fps) -> usize {
    fps.frames(SECONDS).div_ceil(gop).max(1) * gop
}

fn unkept(e: std::io::Error) -> Error {
    Error::new(Kind::OutputUnwritable, "what is finished cannot be kept on disk").because(e)
}

impl Kept {
    fn create(folder: &Path, key: &str, frames: usize) -> Result<Self> {
        let new = |name| OpenOptions::new().append(true).create_new(true).open(folder.join(name));
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unkept)?;
        let (stream, mut journal) = (new(STREAM).map_err(unkept)?, new(JOURNAL).map_err(unkept)?);
        writeln!(journal, "{key}").map_err(unkept)?;
        Ok(Self {
            stream,
            journal,
            sum: Sha256::new(),
            bytes: 0,
            frames,
        })
    }

    pub fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.sum.update(bytes);
        self.bytes += bytes.len() as u64;
        self.stream.write_all(bytes)
    }

    /// So many frames of the video have been written: a range may have ended.
    pub fn reached(&mut self, frames: usize) -> std::io::Result<()> {
        if !frames.is_multiple_of(self.frames) {
            return Ok(());
        }
        self.end(frames)?;
        self.stream.sync_data()?;
        self.journal.sync_data()
    }

    /// Ends a range.
    fn end(&mut self, frames: usize) -> std::io::Result<()> {
        let sum = hex(&std::mem::take(&mut self.sum));
        let line = format!("{frames} {} {sum}\n", std::mem::take(&mut self.bytes));
        self.journal.write_all(line.as_bytes())
    }
}

impl Former {
    /// Reads a journal and holds the stream against it, as far as they agree; at least the last frame is left to be made.
    fn open(folder: &Path, key: &str, range: usize, frames: usize) -> Option<Self> {
        let journal = File::open(folder.join(JOURNAL)).ok()?;
        let mut lines = BufReader::new(journal.take(LONGEST_JOURNAL)).lines().map_while(Result::ok);
        if lines.next()? != key {
            return None;
        }
        let mut stream = File::open(folder.join(STREAM)).ok()?;
        let told = lines.map_while(|line| Line::parse(&line)).enumerate();
        let ranges: Vec<Line> = told
            .take_while(|(index, line)| line.end == (index + 1) * range && line.end < frames)
            .map(|(_, line)| line)
            .take_while(|line| sum_of(&mut stream, line.bytes).is_some_and(|sum| sum == line.sum))
            .collect();
        let stream = File::open(folder.join(STREAM)).ok()?;
        (!ranges.is_empty()).then_some(Self { stream, ranges })
    }

    /// The first frame that is not there.
    pub fn end(&self) -> usize {
        self.ranges.last().map_or(0, |line| line.end)
    }

    /// Hands all bytes to `take`, and to what is kept now.
    pub fn replay(mut self, kept: &mut Option<Kept>, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut chunk = vec![0; CHUNK];
        for Line { end, bytes, .. } in self.ranges {
            let mut left = bytes;
            while left > 0 {
                let next = (left as usize).min(CHUNK);
                let lost = |e| Error::new(Kind::Internal, "what was kept of the video is lost; it is made anew").because(e);
                self.stream.read_exact(&mut chunk[..next]).map_err(lost)?;
                take(&chunk[..next])?;
                if let Some(keeper) = kept
                    && keeper.write(&chunk[..next]).is_err()
                {
                    *kept = None;
                }
                left -= next as u64;
            }
            if let Some(keeper) = kept
                && keeper.end(end).is_err()
            {
                *kept = None;
            }
        }
        Ok(())
    }
}

impl Line {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let line = Self {
            end: words.next()?.parse().ok()?,
            bytes: words.next()?.parse().ok()?,
            sum: words.next()?.to_owned(),
        };
        words.next().is_none().then_some(line)
    }
}

/// The sum of the next so many bytes, if they are there.
fn sum_of(stream: &mut File, bytes: u64) -> Option<String> {
    let mut sum = Sha256::new();
    let read = std::io::copy(&mut stream.take(bytes), &mut sum).ok()?;
    (read == bytes && progress::go_on().is_ok()).then(|| hex(&sum))
}

pub(crate) fn hex(sum: &Sha256) -> String {
    sum.clone().finalize().iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests;
