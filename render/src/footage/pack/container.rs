//! The file: a prologue, a table of sections, and the sections. All numbers are little-endian.
//!
//! | bytes | prologue | | bytes | entry of the table |
//! |---|---|---|---|---|
//! | 8 | magic | | 4 | what it is, [`Section`] |
//! | 4 | version | | 4 | CRC-32 of its bytes; 0 where its frames have their own |
//! | 4 | entries of the table | | 8 | where it begins |
//! | 8 | bytes of the whole file | | 8 | bytes |
//! | 4 | CRC-32 of the table | | | |
//! | 4 | 0 | | | |

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;

use crate::error::{Error, Kind, Result};
use crate::media::reel::{self, Mark, sum};
use crate::media::sniff::PACK_MAGIC;
use crate::media::write_error;

/// What this program writes, and the only version that it reads: a pack can be made again from its clip.
pub const VERSION: u32 = 1;

const PROLOGUE: usize = 32;
const ENTRY: usize = 24;
/// Entries that the table has room for.
const ROOM: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Section {
    /// JSON.
    Header = 1,
    /// The best frame.
    Looks = 2,
    /// The face in each frame.
    Tracks = 3,
    PictureMarks = 4,
    MouthMarks = 5,
    Pictures = 6,
    Mouths = 7,
    /// Of a matte, which is a file of its own.
    MatteHeader = 8,
    AlphaMarks = 9,
    Alphas = 10,
}

#[derive(Clone, Copy)]
struct Entry {
    what: u32,
    sum: u32,
    start: u64,
    length: u64,
}

/// An opened file whose table makes sense.
pub struct Container {
    file: File,
    entries: Vec<Entry>,
}

impl Container {
    pub fn open(file: File) -> Result<Self> {
        let length = file.metadata().map_err(|e| damaged("it cannot be read").because(e))?.len();
        let mut prologue = [0; PROLOGUE];
        file.read_exact_at(&mut prologue, 0).map_err(|e| foreign().because(e))?;
        let word = |at: usize| u32::from_le_bytes(std::array::from_fn(|i| prologue[at + i]));
        if prologue[..8] != PACK_MAGIC {
            return Err(foreign());
        }
        match word(8) {
            VERSION => {}
            newer if newer > VERSION => {
                let what = "it was built by a newer version of this program; update, or build it again from its video with this one";
                return Err(unreadable(what));
            }
            _ => {
                return Err(unreadable(
                    "it was built by an older version of this program; build it again from its video",
                ));
            }
        }
        let count = word(12) as usize;
        let told = u64::from(word(16)) | u64::from(word(20)) << 32;
        if told != length {
            return Err(damaged(if told > length {
                "its end is missing"
            } else {
                "there is more in it than there should be"
            }));
        }
        if count > ROOM {
            return Err(damaged("its table makes no sense"));
        }
        let mut table = vec![0; count * ENTRY];
        file.read_exact_at(&mut table, PROLOGUE as u64)
            .map_err(|e| damaged("its table is missing").because(e))?;
        if sum(&table) != word(24) {
            return Err(damaged("its table has changed"));
        }
        let entries: Vec<Entry> = table.chunks_exact(ENTRY).map(Entry::read).collect();
        if entries.iter().any(|e| e.start.checked_add(e.length).is_none_or(|end| end > length)) {
            return Err(damaged("its table makes no sense"));
        }
        Ok(Self { file, entries })
    }

    fn entry(&self, what: Section) -> Result<Entry> {
        let found = self.entries.iter().find(|e| e.what == what as u32);
        found.copied().ok_or_else(|| damaged("a part of it is missing"))
    }

    /// The bytes of a section that has at most so many.
    pub fn read(&self, what: Section, most: u64) -> Result<Vec<u8>> {
        let entry = self.entry(what)?;
        if entry.length > most {
            return Err(damaged("a part of it is too large"));
        }
        let mut bytes = vec![0; entry.length as usize];
        self.file
            .read_exact_at(&mut bytes, entry.start)
            .map_err(|e| damaged("it cannot be read").because(e))?;
        if sum(&bytes) != entry.sum {
            return Err(damaged("a part of it has changed"));
        }
        Ok(bytes)
    }

    /// The marks of a stream, whose lengths fill its section exactly, and where that begins.
    pub fn marks(&self, marks: Section, stream: Section, most: usize) -> Result<(Vec<Mark>, u64)> {
        let bytes = self.read(marks, most as u64 * 8)?;
        let word = |b: &[u8]| u32::from_le_bytes(std::array::from_fn(|i| b[i]));
        let marks: Vec<Mark> = bytes
            .chunks_exact(8)
            .map(|b| Mark {
                length: word(b),
                sum: word(&b[4..]),
            })
            .collect();
        let entry = self.entry(stream)?;
        if bytes.len() % 8 != 0 || marks.iter().map(|m| u64::from(m.length)).sum::<u64>() != entry.length {
            return Err(damaged("its frames are not where they should be"));
        }
        Ok((marks, entry.start))
    }

    pub fn into_file(self) -> File {
        self.file
    }
}

impl Entry {
    fn read(bytes: &[u8]) -> Self {
        let word = |at: usize| u32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
        let long = |at: usize| u64::from(word(at)) | u64::from(word(at + 4)) << 32;
        Self {
            what: word(0),
            sum: word(4),
            start: long(8),
            length: long(16),
        }
    }

    fn write(&self, to: &mut Vec<u8>) {
        to.extend(self.what.to_le_bytes());
        to.extend(self.sum.to_le_bytes());
        to.extend(self.start.to_le_bytes());
        to.extend(self.length.to_le_bytes());
    }
}

/// A file being written. It is no pack before [`Writer::finish`].
pub struct Writer {
    file: File,
    entries: Vec<Entry>,
    end: u64,
}

impl Writer {
    /// `file` is empty and open for reading too.
    pub fn new(mut file: File) -> Result<Self> {
        let end = (PROLOGUE + ROOM * ENTRY) as u64;
        file.seek(SeekFrom::Start(end)).map_err(unwritable)?;
        Ok(Self {
            file,
            entries: Vec::new(),
            end,
        })
    }

    pub fn add(&mut self, what: Section, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(unwritable)?;
        self.enter(what, sum(bytes), bytes.len() as u64);
        Ok(())
    }

    /// Copies a stream; its frames, and where it begins.
    pub fn stream(&mut self, what: Section, from: &mut impl Read, alive: &mut dyn FnMut() -> Result<()>) -> Result<(Vec<Mark>, u64)> {
        let start = self.end;
        let marks = reel::copy(from, &mut self.file, alive)?;
        self.enter(what, 0, marks.iter().map(|m| u64::from(m.length)).sum());
        Ok((marks, start))
    }

    pub fn marks(&mut self, what: Section, marks: &[Mark]) -> Result<()> {
        let bytes: Vec<u8> = marks
            .iter()
            .flat_map(|m| [m.length.to_le_bytes(), m.sum.to_le_bytes()])
            .flatten()
            .collect();
        self.add(what, &bytes)
    }

    fn enter(&mut self, what: Section, sum: u32, length: u64) {
        debug_assert!(self.entries.len() < ROOM, "the table has room for all sections");
        self.entries.push(Entry {
            what: what as u32,
            sum,
            start: self.end,
            length,
        });
        self.end += length;
    }

    /// What was written so far, to be read.
    pub fn file(&self) -> Result<File> {
        self.file.try_clone().map_err(unwritable)
    }

    /// Writes prologue and table.
    pub fn finish(mut self) -> Result<()> {
        let mut table = Vec::new();
        self.entries.iter().for_each(|e| e.write(&mut table));
        let mut bytes = PACK_MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend((self.entries.len() as u32).to_le_bytes());
        bytes.extend(self.end.to_le_bytes());
        bytes.extend(sum(&table).to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(table);
        self.file.seek(SeekFrom::Start(0)).map_err(unwritable)?;
        self.file.write_all(&bytes).map_err(unwritable)?;
        self.file.flush().map_err(unwritable)
    }
}

fn unwritable(e: std::io::Error) -> Error {
    write_error(e, "its bytes cannot be stored")
}

fn foreign() -> Error {
    Error::new(
        Kind::AvatarUnreadable,
        "the file is no prepared avatar; `mouthpiece avatar build` makes one of a video",
    )
}

fn unreadable(what: &str) -> Error {
    Error::new(Kind::AvatarUnreadable, format!("the avatar file cannot be used: {what}"))
}

pub fn damaged(what: &str) -> Error {
    Error::new(
        Kind::AvatarUnreadable,
        format!("the avatar file is damaged: {what}; get it again, or build it again from its video"),
    )
}
