//! A range of a video's frames in a file of its own, until all are there and are joined.
//!
//! | bytes | |
//! |---|---|
//! | 8 | magic |
//! | | the range's H.264 stream |
//! | | the video's whole recording, as it came; in the piece that has the first frame |
//! | | [`Label`], JSON |
//! | 8 | bytes of the label, little-endian |
//! | 8 | magic again: the piece is complete |

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::encode;
use super::kept::hex;
use super::mux::{Mux, Muxer};
use super::partial::{Partial, folder, temporary};
use super::sound;
use super::tools::Tools;
use super::write_error;
use crate::error::{Error, Kind, Result};
use crate::scene::Fps;

const MAGIC: [u8; 8] = *b"\x89mpiece\n";
/// What this program writes, and the only version that it reads: a piece can be made again.
const VERSION: u32 = 1;
/// Bytes of a label; most of them are captions.
const LARGEST_LABEL: u64 = 32 << 20;
const CHUNK: usize = 1 << 16;
/// Pieces of one video.
const MOST: usize = 10_000;

/// What a piece says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Label {
    version: u32,
    /// Stands for everything that the video is made of and how.
    film: String,
    fps: (u32, u32),
    /// All of the video's.
    frames: usize,
    first: usize,
    last: usize,
    stream: Bytes,
    sound: Option<Bytes>,
    captions: Option<Captions>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Bytes {
    length: u64,
    sha256: String,
}

/// The video's caption files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Captions {
    pub srt: String,
    pub vtt: String,
}

/// What a piece is to be.
pub(crate) struct Order {
    pub film: String,
    pub captions: Option<Captions>,
    pub range: Range<usize>,
}

/// A piece being written; it appears under its name when it is complete.
#[derive(Debug)]
pub(crate) struct PieceWriter {
    part: Partial,
    file: File,
    label: Label,
    sum: Sha256,
}

impl PieceWriter {
    pub fn create(output: &Path, order: Order, mux: &Mux) -> Result<Self> {
        let part = Partial::create(output)?;
        let mut file = File::options().write(true).open(part.path()).map_err(unwritten)?;
        file.write_all(&MAGIC).map_err(unwritten)?;
        let none = Bytes {
            length: 0,
            sha256: String::new(),
        };
        let begins = order.range.start == 0;
        let label = Label {
            version: VERSION,
            film: order.film,
            fps: (mux.fps.num, mux.fps.den),
            frames: mux.frames,
            first: order.range.start,
            last: order.range.end,
            stream: none,
            sound: None,
            captions: order.captions.filter(|_| begins),
        };
        Ok(Self {
            part,
            file,
            label,
            sum: Sha256::new(),
        })
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.sum.update(bytes);
        self.label.stream.length += bytes.len() as u64;
        self.file.write_all(bytes).map_err(unwritten)
    }

    /// Adds the recording, where the piece begins the video, and the label.
    pub fn finish(mut self, recording: &Path, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        self.label.stream.sha256 = hex(&self.sum);
        if self.label.first == 0 {
            let lost = |e| Error::new(Kind::FileUnreadable, "the recording cannot be read any more").because(e);
            let mut source = File::open(recording).map_err(lost)?;
            let (mut sum, mut length) = (Sha256::new(), 0);
            let mut chunk = vec![0; CHUNK];
            loop {
                alive()?;
                let read = source.read(&mut chunk).map_err(lost)?;
                if read == 0 {
                    break;
                }
                sum.update(&chunk[..read]);
                self.file.write_all(&chunk[..read]).map_err(unwritten)?;
                length += read as u64;
            }
            let sha256 = hex(&sum);
            self.label.sound = Some(Bytes { length, sha256 });
        }
        let label = serde_json::to_vec(&self.label).map_err(|e| Error::new(Kind::Internal, "a piece has no label").because(e))?;
        self.file.write_all(&label).map_err(unwritten)?;
        self.file.write_all(&(label.len() as u64).to_le_bytes()).map_err(unwritten)?;
        self.file.write_all(&MAGIC).map_err(unwritten)?;
        self.part.publish()
    }
}

fn unwritten(e: std::io::Error) -> Error {
    write_error(e, "its bytes cannot be stored")
}

/// A piece that was opened: its label makes sense, and its length is what that says.
#[derive(Debug)]
pub(crate) struct Piece {
    file: File,
    label: Label,
}

impl Piece {
    pub fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path).map_err(|e| Error::new(Kind::FileUnreadable, "the file cannot be read").because(e))?;
        let length = file.metadata().map_err(|e| damaged("it cannot be read").because(e))?.len();
        let mut magic = [0; 8];
        let begins = file.read_exact(&mut magic).is_ok() && magic == MAGIC;
        if !begins {
            return Err(unfit("it is no piece of a video, which `mouthpiece render --frames` writes"));
        }
        let mut end = [0; 16];
        let cut = |_| damaged("its end is missing");
        file.seek(SeekFrom::End(-16)).map_err(cut)?;
        file.read_exact(&mut end).map_err(cut)?;
        if end[8..] != MAGIC {
            return Err(damaged("its end is missing"));
        }
        let size = end[..8].iter().rev().fold(0, |sum, &b| sum << 8 | u64::from(b));
        if size > LARGEST_LABEL || size + 24 > length {
            return Err(damaged("its label makes no sense"));
        }
        file.seek(SeekFrom::End(-16 - size as i64))
            .map_err(|e| damaged("its label is missing").because(e))?;
        let mut bytes = vec![0; size as usize];
        file.read_exact(&mut bytes)
            .map_err(|e| damaged("its label is missing").because(e))?;
        // Other versions have other labels.
        let version = serde_json::from_slice::<serde_json::Value>(&bytes).map(|v| v["version"].as_u64());
        if version.as_ref().is_ok_and(|v| *v != Some(u64::from(VERSION))) {
            return Err(unfit("another version of this program made it: make all pieces with one"));
        }
        let label: Label = serde_json::from_slice(&bytes).map_err(|e| damaged("its label makes no sense").because(e))?;
        label.check(length - size - 24)?;
        Ok(Self { file, label })
    }

    /// Hands one of its parts on, and holds it against its sum.
    fn copy(&mut self, from: u64, part: &Bytes, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let gone = |e| damaged("it cannot be read").because(e);
        self.file.seek(SeekFrom::Start(from)).map_err(gone)?;
        let mut sum = Sha256::new();
        let mut chunk = vec![0; CHUNK];
        let mut left = part.length;
        while left > 0 {
            let next = left.min(CHUNK as u64) as usize;
            self.file.read_exact(&mut chunk[..next]).map_err(gone)?;
            sum.update(&chunk[..next]);
            take(&chunk[..next])?;
            left -= next as u64;
        }
        if hex(&sum) != part.sha256 {
            return Err(damaged("its bytes have changed"));
        }
        Ok(())
    }
}

impl Label {
    fn check(&self, bytes: u64) -> Result<()> {
        let sound = self.sound.as_ref().map_or(0, |s| s.length);
        let rate = (1..=1_000_000).contains(&self.fps.0) && (1..=10_000).contains(&self.fps.1);
        let range = self.first < self.last && self.last <= self.frames && self.frames < 100_000_000;
        let begins = (self.first == 0) == self.sound.is_some();
        if !rate || !range || !begins {
            return Err(damaged("its label makes no sense"));
        }
        match self.stream.length.checked_add(sound) {
            Some(told) if told == bytes => Ok(()),
            _ => Err(damaged("a part of it is missing")),
        }
    }
}

fn unfit(what: &str) -> Error {
    Error::new(Kind::PieceUnfit, what)
}

fn damaged(what: &str) -> Error {
    unfit(&format!("it is damaged: {what}; make this piece again"))
}

/// What was joined.
#[derive(Clone, Debug)]
pub(crate) struct Joined {
    pub frames: usize,
    pub seconds: f64,
    pub captions: Option<Captions>,
}

/// Joins pieces to their video, in whatever order they are named. `about` names a piece in a sentence about it; `alive` hears how many of how
/// many frames are there.
pub(crate) fn join(
    paths: &[std::path::PathBuf],
    output: &Path,
    tools: &Tools,
    about: &dyn Fn(Error, &Path) -> Error,
    alive: &mut dyn FnMut(usize, usize) -> Result<()>,
) -> Result<Joined> {
    if paths.len() > MOST {
        return Err(unfit(&format!("a video has at most {MOST} pieces")));
    }
    let mut pieces: Vec<(&Path, Piece)> = Vec::new();
    for path in paths {
        pieces.push((path, Piece::open(path).map_err(|e| about(e, path))?));
    }
    pieces.sort_by_key(|(_, piece)| piece.label.first);
    let Some((_, first)) = pieces.first() else {
        return Err(unfit("there is nothing to join: name the pieces of a video"));
    };
    let (frames, film, fps) = (first.label.frames, first.label.film.clone(), first.label.fps);
    if let Some((path, _)) = pieces
        .iter()
        .find(|(_, p)| p.label.film != film || p.label.frames != frames || p.label.fps != fps)
    {
        let what =
            "it belongs to another video than the others: all pieces must be made of the same files, with the same options and encoder";
        return Err(about(unfit(what), path));
    }
    let mut there = 0;
    for (path, Piece { label, .. }) in &pieces {
        if label.first < there {
            let what = format!(
                "its frames {} to {there} are in another piece too; leave one of them out",
                label.first
            );
            return Err(about(unfit(&what), path));
        }
        missing(there, label.first)?;
        there = label.last;
    }
    missing(there, frames)?;
    let recording = recording(&mut pieces[0].1, output).map_err(|e| about(e, pieces[0].0))?;
    let limits = sound::Limits {
        bytes: u64::MAX,
        seconds: f64::INFINITY,
    };
    let facts = sound::probe(recording.path(), &limits, tools)?;
    let fps = Fps { num: fps.0, den: fps.1 };
    let mux = Mux {
        fps,
        frames,
        gop: encode::gop(fps, encode::KEY_SECONDS),
        sound: recording.path(),
        facts: &facts,
        tools,
    };
    let part = Partial::create(output)?;
    let mut muxer = Muxer::start(&mux, None, part.path())?;
    for (path, piece) in &mut pieces {
        let stream = piece.label.stream.clone();
        alive(piece.label.first, frames)?;
        let first = piece.label.first;
        let mut take = |bytes: &[u8]| {
            alive(first, frames)?;
            muxer.write(bytes)
        };
        piece.copy(MAGIC.len() as u64, &stream, &mut take).map_err(|e| about(e, path))?;
    }
    muxer.finish(&mut || alive(frames, frames))?;
    part.publish()?;
    let captions = pieces.swap_remove(0).1.label.captions;
    Ok(Joined {
        frames,
        seconds: frames as f64 / fps.as_f64(),
        captions,
    })
}

fn missing(from: usize, to: usize) -> Result<()> {
    if from == to {
        return Ok(());
    }
    Err(unfit(&format!(
        "the frames {from} to {to} are missing: make them with --frames {from}..{to}, and name that piece too"
    )))
}

/// The recording in a file of its own, which goes with this.
fn recording(first: &mut Piece, output: &Path) -> Result<NamedTempFile> {
    let mut file = temporary(folder(output), ".sound-")?;
    let at = MAGIC.len() as u64 + first.label.stream.length;
    let sound = first.label.sound.clone().ok_or_else(|| damaged("its sound is missing"))?;
    first.copy(at, &sound, &mut |bytes| file.write_all(bytes).map_err(unwritten))?;
    Ok(file)
}
