//! An MP4 file (ISO/IEC 14496-12, -14 and -15) of one H.264 and one AAC track, written front to back: how many samples there will be is
//! known, so room for the index is kept in front of them, and nothing is moved or read again.
//!
//! ```text
//! ftyp | moov | free: what the index did not need | mdat: chunks of both tracks in turn
//! ```
//!
//! Own code: the libraries there are (mp4-atom, mp4) want the whole index as a tree of their own and leave its room and places to the caller,
//! which is most of what is here.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

/// Ticks per second of the container's own clock: a whole number of them for a frame of every usual rate,
/// 30000/1001 too, and for a sample of sound, so that no edit is rounded.
const MOVIE_TIMESCALE: u32 = 240_000;

/// Bytes of all boxes before `mdat` without the tables that grow, and some to spare; parameter sets have some forty.
const FIXED: u64 = 2048;

/// Bytes that wait to be written at once.
const BUFFER: usize = 64 << 10;

/// Samples of an AAC frame.
pub(super) const AAC_FRAME: u64 = 1024;

/// How much there will be at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub pictures: u64,
    /// Of the pictures.
    pub keys: u64,
    pub packets: u64,
    /// Of both tracks. All of a track have as many samples, but for the last.
    pub chunks: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Track {
    Picture,
    Sound,
}

/// What is said of the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Picture<'a> {
    /// Pixels.
    pub size: (u16, u16),
    /// Ticks a second, and of one frame.
    pub timescale: u32,
    pub frame: u32,
    /// NAL units.
    pub sps: &'a [u8],
    pub pps: &'a [u8],
}

/// What is said of the sound.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sound {
    pub rate: u32,
    pub channels: u8,
    /// Samples to be heard.
    pub samples: u64,
    /// Samples before them, which the edit list leaves out.
    pub priming: u64,
    /// AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1).
    pub config: [u8; 5],
}

/// A file being written. It is one after [`Writer::finish`].
pub(super) struct Writer {
    out: BufWriter<File>,
    /// Where the next byte goes.
    at: u64,
    /// Where the samples begin.
    data: u64,
    picture: Index,
    sound: Index,
    current: Track,
}

/// Where a track's samples lie, and how large they are.
#[derive(Debug, Default)]
struct Index {
    sizes: Vec<u32>,
    /// Samples that stand for themselves, counted from one.
    keys: Vec<u32>,
    chunks: Vec<u64>,
    /// The first chunk of each run of chunks with as many samples, counted from one, and how many.
    runs: Vec<(u32, u32)>,
    /// Samples of the chunk being written.
    open: u32,
    /// By how many samples each is shown later than it is decoded, and one more.
    shown: Vec<u8>,
    /// The last sample that is not between others.
    last: usize,
}

/// When a sample is shown, and with what it can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It stands for itself.
    Key,
    /// After all before it.
    Next,
    /// Between the last of the other two kinds and what is shown before that.
    Between,
}

impl Room {
    fn bytes(&self) -> u64 {
        // Places may need eight bytes, and so does when a picture is shown.
        FIXED + 12 * self.pictures + 4 * (self.keys + self.packets) + 8 * self.chunks
    }
}

impl Writer {
    /// Begins an empty file.
    pub fn begin(mut file: File, room: &Room) -> io::Result<Self> {
        let data = room.bytes();
        file.seek(SeekFrom::Start(data))?;
        let sizes = |count: u64| Vec::with_capacity(usize::try_from(count).unwrap_or_default());
        let index = |samples| Index {
            sizes: sizes(samples),
            ..Index::default()
        };
        Ok(Self {
            out: BufWriter::with_capacity(BUFFER, file),
            at: data,
            data,
            picture: index(room.pictures),
            sound: index(room.packets),
            current: Track::Picture,
        })
    }

    /// Samples of this track follow.
    pub fn chunk(&mut self, track: Track) {
        self.index().close();
        self.current = track;
        let at = self.at;
        self.index().chunks.push(at);
    }

    /// A sample of this chunk begins.
    pub fn sample(&mut self, role: Role) {
        let index = self.index();
        index.sizes.push(0);
        index.open += 1;
        if role == Role::Key {
            index.keys.push(index.sizes.len() as u32);
        }
        if role == Role::Between {
            if let Some(waits) = index.shown.get_mut(index.last) {
                *waits = waits.saturating_add(1);
            }
            index.shown.push(0);
        } else {
            index.last = index.shown.len();
            index.shown.push(1);
        }
    }

    /// Appends to the sample.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.at += bytes.len() as u64;
        if let Some(size) = self.index().sizes.last_mut() {
            *size += bytes.len() as u32;
        }
        Ok(())
    }

    fn index(&mut self) -> &mut Index {
        match self.current {
            Track::Picture => &mut self.picture,
            Track::Sound => &mut self.sound,
        }
    }

    /// Writes the index into its place: with it the file is complete.
    pub fn finish(mut self, picture: &Picture, sound: &Sound) -> io::Result<()> {
        self.index().close();
        let mut head = Vec::new();
        atom(&mut head, b"ftyp", |out| out.extend(b"isom\0\0\x02\0isomiso2avc1mp41"));
        self.movie(&mut head, picture, sound);
        let data = data_header(self.at - self.data);
        // What is left of the room is a box of its own, and so large that it can be one.
        let free = self.data.checked_sub((head.len() + data.len()) as u64).filter(|&left| left >= 8);
        let free = free.and_then(|left| u32::try_from(left).ok());
        let free = free.ok_or_else(|| io::Error::other("the index of the video is larger than its room"))?;
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&head)?;
        self.out.write_all(&free.to_be_bytes())?;
        self.out.write_all(b"free")?;
        // The file was new: what nobody writes is zero.
        self.out.seek(SeekFrom::Start(self.data - data.len() as u64))?;
        self.out.write_all(&data)?;
        self.out.flush()
    }

    fn movie(&self, out: &mut Vec<u8>, picture: &Picture, sound: &Sound) {
        let shown = self.picture.sizes.len() as u64 * u64::from(picture.frame);
        let seen = moved(shown, picture.timescale);
        let heard = moved(sound.samples, sound.rate);
        atom(out, b"moov", |out| {
            timed(out, b"mvhd", 0, seen.max(heard), |out, duration| {
                word(out, MOVIE_TIMESCALE);
                duration(out);
                // Rate and volume 1.
                out.extend([0, 1, 0, 0, 1, 0]);
                out.extend([0; 10]);
                out.extend(MATRIX);
                out.extend([0; 24]);
                word(out, 3);
            });
            atom(out, b"trak", |out| {
                track_header(out, 1, seen, (0, 0), picture.size);
                edit(out, seen, self.picture.delay() * u64::from(picture.frame));
                atom(out, b"mdia", |out| {
                    media_header(out, picture.timescale, shown, *b"vide", "VideoHandler");
                    atom(out, b"minf", |out| {
                        full(out, b"vmhd", 0, 1, |out| out.extend([0; 8]));
                        data_reference(out);
                        atom(out, b"stbl", |out| {
                            full(out, b"stsd", 0, 0, |out| {
                                word(out, 1);
                                picture_entry(out, picture, self.picture.bitrate(seen));
                            });
                            durations(out, &[(self.picture.sizes.len() as u64, picture.frame)]);
                            self.picture.shifts(picture.frame, out);
                            table(out, b"stss", self.picture.keys.iter().map(|&key| [key]));
                            self.picture.tables(out);
                        });
                    });
                });
            });
            atom(out, b"trak", |out| {
                track_header(out, 2, heard, (1, 0x100), (0, 0));
                edit(out, heard, sound.priming);
                let length = sound.samples + sound.priming;
                let packets = self.sound.sizes.len() as u64;
                atom(out, b"mdia", |out| {
                    media_header(out, sound.rate, length, *b"soun", "SoundHandler");
                    atom(out, b"minf", |out| {
                        full(out, b"smhd", 0, 0, |out| out.extend([0; 4]));
                        data_reference(out);
                        atom(out, b"stbl", |out| {
                            full(out, b"stsd", 0, 0, |out| {
                                word(out, 1);
                                sound_entry(out, sound, self.sound.bitrate(heard));
                            });
                            // The last one lasts as long as there is something to be heard.
                            let whole = packets.saturating_sub(1);
                            let last = length.saturating_sub(whole * AAC_FRAME).min(AAC_FRAME) as u32;
                            durations(out, &[(whole, AAC_FRAME as u32), (packets - whole, last)]);
                            self.sound.tables(out);
                            pre_roll(out, packets as u32);
                        });
                    });
                });
            });
        });
    }
}

impl Index {
    /// Ends the chunk being written.
    fn close(&mut self) {
        let open = std::mem::take(&mut self.open);
        if open > 0 && self.runs.last().is_none_or(|&(_, count)| count != open) {
            self.runs.push((self.chunks.len() as u32, open));
        }
    }

    /// Bits a second over so long.
    fn bitrate(&self, duration: u64) -> u32 {
        let bits = 8 * self.sizes.iter().map(|&size| u64::from(size)).sum::<u64>();
        let rate = bits as f64 * f64::from(MOVIE_TIMESCALE) / duration.max(1) as f64;
        rate.round() as u32
    }

    /// Samples by which all are shown later than decoded, so that none is shown earlier.
    fn delay(&self) -> u64 {
        u64::from(self.shown.contains(&0))
    }

    /// When samples are shown, where their order is another.
    fn shifts(&self, frame: u32, out: &mut Vec<u8>) {
        if self.delay() == 0 {
            return;
        }
        let runs = self.shown.chunk_by(|a, b| a == b);
        let runs: Vec<[u32; 2]> = runs.map(|run| [run.len() as u32, u32::from(run[0]) * frame]).collect();
        table(out, b"ctts", runs.into_iter());
    }

    fn tables(&self, out: &mut Vec<u8>) {
        table(out, b"stsc", self.runs.iter().map(|&(first, count)| [first, count, 1]));
        full(out, b"stsz", 0, 0, |out| {
            word(out, 0);
            word(out, self.sizes.len() as u32);
            self.sizes.iter().for_each(|&size| word(out, size));
        });
        match self.chunks.last() {
            Some(&last) if last > u64::from(u32::MAX) => table(out, b"co64", self.chunks.iter().map(|&at| [(at >> 32) as u32, at as u32])),
            _ => table(out, b"stco", self.chunks.iter().map(|&at| [at as u32])),
        }
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("at", &self.at).finish_non_exhaustive()
    }
}

/// The identity, as both kinds of header have it.
const MATRIX: [u8; 36] = {
    let mut matrix = [0; 36];
    matrix[1] = 1;
    matrix[17] = 1;
    matrix[32] = 0x40;
    matrix
};

/// The head of the box of so many bytes of samples.
fn data_header(bytes: u64) -> Vec<u8> {
    match u32::try_from(bytes + 8) {
        Ok(size) => [&size.to_be_bytes()[..], b"mdat"].concat(),
        Err(_) => [&[0, 0, 0, 1], &b"mdat"[..], &(bytes + 16).to_be_bytes()].concat(),
    }
}

/// Ticks of the movie's clock.
fn moved(ticks: u64, timescale: u32) -> u64 {
    let exact = u128::from(ticks) * u128::from(MOVIE_TIMESCALE);
    let scale = u128::from(timescale.max(1));
    ((exact + scale / 2) / scale) as u64
}

fn word(out: &mut Vec<u8>, value: u32) {
    out.extend(value.to_be_bytes());
}

/// A box, with what `body` writes into it.
fn atom(out: &mut Vec<u8>, name: &[u8; 4], body: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    word(out, 0);
    out.extend(name);
    body(out);
    let size = (out.len() - at) as u32;
    out[at..at + 4].copy_from_slice(&size.to_be_bytes());
}

/// A box that has a version and flags.
fn full(out: &mut Vec<u8>, name: &[u8; 4], version: u8, flags: u32, body: impl FnOnce(&mut Vec<u8>)) {
    atom(out, name, |out| {
        word(out, u32::from(version) << 24 | flags);
        body(out);
    });
}

/// A box with two dates, which nobody needs to know, and a duration, for which it may need its second version: `body` says where it stands.
fn timed(out: &mut Vec<u8>, name: &[u8; 4], flags: u32, duration: u64, body: impl FnOnce(&mut Vec<u8>, &dyn Fn(&mut Vec<u8>))) {
    let short = u32::try_from(duration).ok();
    full(out, name, u8::from(short.is_none()), flags, |out| {
        out.extend(vec![0; if short.is_some() { 8 } else { 16 }]);
        body(out, &|out| match short {
            Some(short) => word(out, short),
            None => out.extend(duration.to_be_bytes()),
        });
    });
}

/// A box that is a list of rows.
fn table<const N: usize>(out: &mut Vec<u8>, name: &[u8; 4], rows: impl ExactSizeIterator<Item = [u32; N]>) {
    full(out, name, 0, 0, |out| {
        word(out, rows.len() as u32);
        rows.flatten().for_each(|value| word(out, value));
    });
}

fn track_header(out: &mut Vec<u8>, id: u32, duration: u64, (group, volume): (u16, u16), (width, height): (u16, u16)) {
    // Enabled, and part of the movie.
    timed(out, b"tkhd", 3, duration, |out, duration| {
        word(out, id);
        word(out, 0);
        duration(out);
        out.extend([0; 10]);
        out.extend(group.to_be_bytes());
        out.extend(volume.to_be_bytes());
        out.extend([0; 2]);
        out.extend(MATRIX);
        word(out, u32::from(width) << 16);
        word(out, u32::from(height) << 16);
    });
}

/// An edit list: so long, from this sample of the track on.
fn edit(out: &mut Vec<u8>, duration: u64, from: u64) {
    atom(out, b"edts", |out| {
        let short = u32::try_from(duration).ok();
        full(out, b"elst", u8::from(short.is_none()), 0, |out| {
            word(out, 1);
            match short {
                Some(duration) => [duration, from as u32].into_iter().for_each(|value| word(out, value)),
                None => out.extend([duration.to_be_bytes(), from.to_be_bytes()].concat()),
            }
            // At its own pace.
            word(out, 1 << 16);
        });
    });
}

fn media_header(out: &mut Vec<u8>, timescale: u32, duration: u64, kind: [u8; 4], name: &str) {
    timed(out, b"mdhd", 0, duration, |out, duration| {
        word(out, timescale);
        duration(out);
        // The language "und", five bits a letter: not said.
        out.extend([0x55, 0xc4, 0, 0]);
    });
    full(out, b"hdlr", 0, 0, |out| {
        word(out, 0);
        out.extend(kind);
        out.extend([0; 12]);
        out.extend(name.as_bytes());
        out.push(0);
    });
}

/// The samples are in this very file.
fn data_reference(out: &mut Vec<u8>) {
    atom(out, b"dinf", |out| {
        full(out, b"dref", 0, 0, |out| {
            word(out, 1);
            full(out, b"url ", 0, 1, |_| ());
        });
    });
}

/// How long samples last, as runs of as long ones.
fn durations(out: &mut Vec<u8>, runs: &[(u64, u32)]) {
    let mut merged: Vec<[u32; 2]> = Vec::new();
    for &(count, each) in runs.iter().filter(|(count, _)| *count > 0) {
        match merged.last_mut() {
            Some([known, same]) if *same == each => *known += count as u32,
            _ => merged.push([count as u32, each]),
        }
    }
    table(out, b"stts", merged.into_iter());
}

fn picture_entry(out: &mut Vec<u8>, picture: &Picture, bitrate: u32) {
    let Picture { size, sps, pps, .. } = *picture;
    atom(out, b"avc1", |out| {
        out.extend([0, 0, 0, 0, 0, 0, 0, 1]);
        out.extend([0; 16]);
        out.extend(size.0.to_be_bytes());
        out.extend(size.1.to_be_bytes());
        // 72 dots an inch, one frame a sample, no compressor's name, 24 bits a pixel.
        out.extend([0, 0x48, 0, 0, 0, 0x48, 0, 0, 0, 0, 0, 0, 0, 1]);
        out.extend([0; 32]);
        out.extend([0, 0x18, 0xff, 0xff]);
        atom(out, b"avcC", |out| {
            // Lengths of four bytes; one set of each kind.
            out.extend([1, sps[1], sps[2], sps[3], 0xff, 0xe1]);
            out.extend((sps.len() as u16).to_be_bytes());
            out.extend(sps);
            out.push(1);
            out.extend((pps.len() as u16).to_be_bytes());
            out.extend(pps);
            // What High adds: 4:2:0, 8 bits of luma and of chroma, no extensions.
            if sps[1] == 100 {
                out.extend([0xfd, 0xf8, 0xf8, 0]);
            }
        });
        // BT.709 three times, limited range.
        atom(out, b"colr", |out| out.extend(b"nclx\0\x01\0\x01\0\x01\0"));
        atom(out, b"pasp", |out| out.extend([0, 0, 0, 1, 0, 0, 0, 1]));
        bit_rate(out, bitrate);
    });
}

fn sound_entry(out: &mut Vec<u8>, sound: &Sound, bitrate: u32) {
    atom(out, b"mp4a", |out| {
        out.extend([0, 0, 0, 0, 0, 0, 0, 1]);
        out.extend([0; 8]);
        // 16 bits a sample, as is always said.
        out.extend([0, sound.channels, 0, 16, 0, 0, 0, 0]);
        word(out, sound.rate << 16);
        full(out, b"esds", 0, 0, |out| {
            descriptor(out, 3, |out| {
                out.extend([0, 2, 0]);
                descriptor(out, 4, |out| {
                    // AAC (MPEG-4), an audio stream, no buffer named; most and mean bitrate.
                    out.extend([0x40, 0x15, 0, 0, 0]);
                    word(out, bitrate);
                    word(out, bitrate);
                    descriptor(out, 5, |out| out.extend(sound.config));
                });
                descriptor(out, 6, |out| out.push(2));
            });
        });
        bit_rate(out, bitrate);
    });
}

/// A descriptor of ISO/IEC 14496-1 with its length in four bytes, which is what all readers know.
fn descriptor(out: &mut Vec<u8>, tag: u8, body: impl FnOnce(&mut Vec<u8>)) {
    out.extend([tag, 0x80, 0x80, 0x80, 0]);
    let at = out.len();
    body(out);
    out[at - 1] = (out.len() - at) as u8;
}

/// Most and mean bitrate; no buffer is named.
fn bit_rate(out: &mut Vec<u8>, bitrate: u32) {
    atom(out, b"btrt", |out| {
        [0, bitrate, bitrate].into_iter().for_each(|value| word(out, value))
    });
}

/// Who begins in the middle has to decode one packet before it (ISO/IEC 14496-12, 10.1).
fn pre_roll(out: &mut Vec<u8>, packets: u32) {
    full(out, b"sgpd", 1, 0, |out| {
        out.extend(b"roll");
        word(out, 2);
        word(out, 1);
        out.extend((-1_i16).to_be_bytes());
    });
    full(out, b"sbgp", 0, 0, |out| {
        out.extend(b"roll");
        [1, packets, 1].into_iter().for_each(|value| word(out, value));
    });
}

#[cfg(test)]
mod tests;
