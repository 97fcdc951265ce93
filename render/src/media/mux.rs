//! A stream of pictures and a recording become an MP4 file: the pictures as they come, the sound as an ffmpeg child encodes it.

use std::fs::File;
use std::path::Path;

use super::aac::{self, Encoding, Length, PRIMING, Wanted};
use super::mp4::{self, Role, Room, Track, Writer};
use super::partial::{folder, write_error};
use super::process::Stopper;
use super::sound::SoundFacts;
use super::tools::Tools;
use crate::error::{Error, Kind, Result};
use crate::h264::{self, AnnexB, Header, Sps, SyntaxError, UnitType};
use crate::scene::Fps;

/// Ticks per second of the picture's clock are at least this many.
const LEAST_TIMESCALE: u32 = 10_000;

/// Picture and sound take turns in the file, after so many seconds: who plays it while it comes in needs no more of the one to have the other.
const TURN: f64 = 0.5;
/// AAC frames of a turn.
const PACKETS: u64 = 24;

/// What is joined.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mux<'a> {
    pub fps: Fps,
    /// The sound is cut or filled with silence to as many.
    pub frames: usize,
    /// Frames from one key frame to the next, at least.
    pub gop: usize,
    pub sound: &'a Path,
    pub facts: &'a SoundFacts,
    pub tools: &'a Tools,
}

/// A file being written: it takes the stream.
#[derive(Debug)]
pub(crate) struct Muxer {
    cutter: AnnexB,
    film: Film,
}

/// What becomes of the stream's units.
#[derive(Debug)]
struct Film {
    file: Writer,
    fps: Fps,
    frames: usize,
    /// Frames that have begun.
    begun: usize,
    sps: Vec<u8>,
    pps: Vec<u8>,
    sound: Encoding,
    /// Samples that are heard.
    samples: u64,
    /// AAC frames of all, and of those written.
    packets: u64,
    written: u64,
}

impl Muxer {
    /// Begins to write into a new file, and to encode the sound, where that has not begun.
    pub fn start(mux: &Mux, sound: Option<Encoding>, output: &Path) -> Result<Self> {
        let samples = mux.fps.samples(mux.frames, aac::RATE);
        let packets = (samples + PRIMING).div_ceil(mp4::AAC_FRAME);
        let room = Room {
            pictures: mux.frames as u64,
            keys: mux.frames.div_ceil(mux.gop.max(1)) as u64,
            packets,
            chunks: mux.frames.div_ceil(turn(mux.fps)) as u64 + packets.div_ceil(PACKETS),
        };
        let file = File::options().write(true).open(output).map_err(unwritten)?;
        let wanted = Wanted {
            recording: mux.sound,
            facts: mux.facts,
            length: Length::frames(mux.fps, mux.frames),
            tools: mux.tools,
        };
        let film = Film {
            sound: sound.map_or_else(|| wanted.start(folder(output)), Ok)?,
            file: Writer::begin(file, &room).map_err(unwritten)?,
            fps: mux.fps,
            frames: mux.frames,
            begun: 0,
            sps: Vec::new(),
            pps: Vec::new(),
            samples,
            packets,
            written: 0,
        };
        Ok(Self {
            cutter: AnnexB::new(),
            film,
        })
    }

    /// Takes some more of the stream (annex B).
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let Self { cutter, film } = self;
        let mut result = Ok(());
        let cut = cutter.push(bytes, &mut |unit| {
            if result.is_ok() {
                result = film.take(unit);
            }
        });
        result.and(cut.map_err(unusable))
    }

    /// Ends the file.
    pub fn finish(self, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        let Self { cutter, mut film } = self;
        let mut result = Ok(());
        cutter.finish(&mut |unit| result = film.take(unit));
        result?;
        film.finish(alive)
    }

    /// What ends a write that waits for the sound.
    pub fn stopper(&self) -> Stopper {
        self.film.sound.stopper()
    }
}

impl Film {
    fn take(&mut self, unit: &[u8]) -> Result<()> {
        let header = Header::parse(unit[0]).map_err(unusable)?;
        match header.unit_type {
            UnitType::Sps => keep(&mut self.sps, unit),
            UnitType::Pps => keep(&mut self.pps, unit),
            UnitType::Slice | UnitType::Idr => {
                // first_mb_in_slice is zero: one bit.
                if unit.get(1).is_some_and(|byte| byte & 0x80 != 0) {
                    self.begin(match header {
                        Header {
                            unit_type: UnitType::Idr, ..
                        } => Role::Key,
                        Header { ref_idc: 0, .. } => Role::Between,
                        Header { .. } => Role::Next,
                    })?;
                } else if self.begun == 0 {
                    return Err(unusable(SyntaxError::Invalid("slice before the first picture")));
                }
                let length = unit.len() as u32;
                self.file.write(&length.to_be_bytes()).map_err(unwritten)?;
                self.file.write(unit).map_err(unwritten)
            }
            // What encoders say about themselves.
            UnitType::Other(_) => Ok(()),
        }
    }

    /// The next picture begins.
    fn begin(&mut self, role: Role) -> Result<()> {
        if self.begun == self.frames {
            return Err(Error::new(Kind::Internal, "a video got more than its frames"));
        }
        if self.begun.is_multiple_of(turn(self.fps)) {
            let samples = self.fps.samples(self.begun, aac::RATE);
            // Whoever stops us ends the child, and with it the waiting.
            self.write_sound(samples, &mut || Ok(()))?;
            self.file.chunk(Track::Picture);
        }
        self.file.sample(role);
        self.begun += 1;
        Ok(())
    }

    /// Writes the sound before a sample.
    fn write_sound(&mut self, until: u64, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        while self.written < self.packets && self.written * mp4::AAC_FRAME < until {
            self.file.chunk(Track::Sound);
            for _ in 0..PACKETS.min(self.packets - self.written) {
                // All stand for themselves, which needs no list.
                self.file.sample(Role::Next);
                let file = &mut self.file;
                self.sound.packet(&mut |packet| file.write(packet).map_err(unwritten), alive)?;
                self.written += 1;
            }
            alive()?;
        }
        Ok(())
    }

    fn finish(mut self, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        if self.begun != self.frames {
            let (begun, frames) = (self.begun, self.frames);
            return Err(Error::new(Kind::Internal, format!("a video got {begun} of its {frames} frames")));
        }
        self.write_sound(u64::MAX, alive)?;
        self.sound.finish(alive)?;
        if self.pps.is_empty() {
            return Err(unusable(SyntaxError::Truncated));
        }
        let (timescale, frame) = clock(self.fps);
        let picture = mp4::Picture {
            size: size(&self.sps).map_err(unusable)?,
            timescale,
            frame,
            sps: &self.sps,
            pps: &self.pps,
        };
        let sound = mp4::Sound {
            rate: aac::RATE,
            channels: self.sound.channels(),
            samples: self.samples,
            priming: PRIMING,
            config: self.sound.config(),
        };
        self.file.finish(&picture, &sound).map_err(unwritten)
    }
}

/// Frames of a turn.
fn turn(fps: Fps) -> usize {
    fps.frames(TURN).max(1)
}

/// Ticks a second, and of a frame: a multiple of the rate, as ffmpeg chooses it, 12800 for 25 frames a second.
fn clock(fps: Fps) -> (u32, u32) {
    let mut factor = 1;
    while fps.num * factor < LEAST_TIMESCALE {
        factor *= 2;
    }
    (fps.num * factor, fps.den * factor)
}

/// Parameter sets come again with each key frame, and stand once in the index.
fn keep(known: &mut Vec<u8>, unit: &[u8]) -> Result<()> {
    if known.is_empty() {
        unit.clone_into(known);
    }
    if known == unit {
        return Ok(());
    }
    Err(unusable(SyntaxError::Unsupported("parameters that change")))
}

/// Pixels that are shown.
fn size(sps: &[u8]) -> h264::Result<(u16, u16)> {
    let sps = Sps::parse(sps)?;
    let crop = sps.crop.unwrap_or_default();
    let side = |blocks: u32, cut: u32| {
        let pixels = (16 * u64::from(blocks)).checked_sub(2 * u64::from(cut));
        let pixels = pixels.and_then(|p| u16::try_from(p).ok());
        pixels.ok_or(SyntaxError::Invalid("size"))
    };
    Ok((side(sps.width, crop.left + crop.right)?, side(sps.height, crop.top + crop.bottom)?))
}

fn unwritten(e: std::io::Error) -> Error {
    write_error(e, "its bytes cannot be stored")
}

fn unusable(e: SyntaxError) -> Error {
    Error::new(Kind::ToolFailed, "the video's stream cannot be used").because(e)
}
