//! Frames and a recording become an MP4 file: the splicer makes a stream of the frames, `mux` puts it together with the sound. Or a piece of
//! one, or a file of which finished ranges are kept on the way.

use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Planes;
use super::aac::Encoding;
use super::kept::{Former, Kept};
use super::mux::{Mux, Muxer};
use super::partial::Partial;
use super::piece::{Order, PieceWriter};
use super::process::Stopper;
use super::sound::SoundFacts;
use super::splice::{self, Sink, Splicer};
use super::tools::Tools;
use crate::driver::Region;
use crate::error::{Error, Kind, Result};
use crate::scene::Fps;

pub use super::partial::{check_output, folder};
pub use super::splice::{Path as EncodePath, Shape as EncodeShape};

/// Seconds from one key frame to the next, where nothing else is wished: so that players can seek.
pub const KEY_SECONDS: f64 = 2.0;

/// How good the moving parts look; each step takes about twice the bits of the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    Draft,
    #[default]
    Standard,
    High,
}

/// What to encode.
#[derive(Clone, Copy, Debug)]
pub struct EncodeSettings<'a> {
    /// Pixels; both sides even.
    pub width: usize,
    pub height: usize,
    pub fps: Fps,
    /// Exactly as many frames will be written; the sound is cut or filled with silence to the same length.
    pub frames: usize,
    pub sound: &'a Path,
    /// What `sound::probe` said about it.
    pub facts: &'a SoundFacts,
    pub output: &'a Path,
    pub quality: Quality,
    pub path: EncodePath,
    /// Where frames may differ from the first one, in pixels.
    pub moving: &'a [Region],
    pub key_seconds: f64,
    pub tools: &'a Tools,
}

/// What is made of the frames.
#[derive(Default)]
pub(crate) enum Goal {
    /// The video.
    #[default]
    Video,
    /// The video; finished ranges are kept, and those that are there already are not drawn again.
    Kept(Kept, Option<Former>),
    Piece(Order),
}

impl Goal {
    /// The frames that are drawn, of so many.
    pub fn range(&self, frames: usize) -> Range<usize> {
        match self {
            Self::Video => 0..frames,
            Self::Kept(_, former) => former.as_ref().map_or(0, Former::end)..frames,
            Self::Piece(order) => order.range.clone(),
        }
    }
}

/// A video being written. Dropping it before `finish` stops ffmpeg and leaves nothing behind.
#[derive(Debug)]
pub struct Encoder {
    // Dropped in this order: the writer before its file.
    splicer: Splicer<Drain>,
    /// Of a video; a piece has its own.
    part: Option<Partial>,
    recording: std::path::PathBuf,
    frames: usize,
    written: usize,
}

impl Encoder {
    /// Starts ffmpeg; the output appears under its name only after `finish`.
    pub fn start(settings: &EncodeSettings) -> Result<Self> {
        Self::start_for(settings, Goal::Video, None)
    }

    /// The same for a goal, whose range of frames it takes; `sound` may have begun to be encoded.
    pub(crate) fn start_for(settings: &EncodeSettings, goal: Goal, sound: Option<Encoding>) -> Result<Self> {
        settings.check()?;
        let range = goal.range(settings.frames);
        let mux = settings.mux();
        let muxed = || {
            let part = Partial::create(settings.output)?;
            Ok::<_, Error>((Muxer::start(&mux, sound, part.path())?, Some(part)))
        };
        let (drain, part) = match goal {
            Goal::Video => muxed().map(|(muxer, part)| (Drain::Video(muxer), part))?,
            Goal::Kept(kept, former) => {
                let (muxer, part) = muxed()?;
                let done = range.start;
                let kept = Some(kept);
                (Drain::Kept { muxer, kept, former, done }, part)
            }
            Goal::Piece(order) => (Drain::Piece(PieceWriter::create(settings.output, order, &mux)?), None),
        };
        let splicing = splice::Settings {
            size: (settings.width, settings.height),
            fps: settings.fps,
            moving: settings.moving,
            path: settings.path,
            gop: settings.gop(),
            frames: settings.frames,
            quality: settings.quality,
            tools: settings.tools,
        };
        Ok(Self {
            frames: range.len(),
            splicer: Splicer::start(&splicing, range, drain)?,
            part,
            recording: settings.sound.to_owned(),
            written: 0,
        })
    }

    /// Appends one frame.
    pub fn write(&mut self, frame: &Planes) -> Result<()> {
        self.splicer.write(frame)?;
        self.written += 1;
        Ok(())
    }

    /// Ends the video, makes it durable and puts it in its place.
    pub fn finish(self) -> Result<()> {
        self.finish_while(&mut || Ok(()))
    }

    /// The same; `alive` is asked several times a second whether to go on.
    pub fn finish_while(self, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        if self.written != self.frames {
            let Self { written, frames, .. } = self;
            return Err(Error::new(
                Kind::Internal,
                format!("the video got {written} of its {frames} frames"),
            ));
        }
        match (self.splicer.finish(alive)?, self.part) {
            (Drain::Video(muxer) | Drain::Kept { muxer, .. }, Some(part)) => {
                muxer.finish(alive)?;
                part.publish()
            }
            (Drain::Piece(piece), _) => piece.finish(&self.recording, alive),
            (Drain::Video(_) | Drain::Kept { .. }, None) => Err(Error::new(Kind::Internal, "a video has no file")),
        }
    }
}

/// What takes the stream, a picture at a time.
#[derive(Debug)]
enum Drain {
    Video(Muxer),
    Kept {
        muxer: Muxer,
        /// Keeping is a favour to the next attempt: where it fails, the video is made all the same.
        kept: Option<Kept>,
        /// Goes first.
        former: Option<Former>,
        /// Frames of the video that are in.
        done: usize,
    },
    Piece(PieceWriter),
}

impl Sink for Drain {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Video(muxer) => muxer.write(bytes),
            Self::Kept { muxer, kept, former, done } => {
                if let Some(former) = former.take() {
                    former.replay(kept, &mut |bytes| muxer.write(bytes))?;
                }
                muxer.write(bytes)?;
                *done += 1;
                if let Some(keeper) = kept
                    && keeper.write(bytes).and_then(|()| keeper.reached(*done)).is_err()
                {
                    *kept = None;
                }
                Ok(())
            }
            Self::Piece(piece) => piece.write(bytes),
        }
    }

    fn stopper(&self) -> Option<Stopper> {
        match self {
            Self::Video(muxer) | Self::Kept { muxer, .. } => Some(muxer.stopper()),
            Self::Piece(_) => None,
        }
    }
}

impl EncodeSettings<'_> {
    fn check(&self) -> Result<()> {
        let even = |side: usize| (2..=16_384).contains(&side) && side.is_multiple_of(2);
        let rate = self.fps.num > 0 && self.fps.den > 0 && self.key_seconds > 0.0;
        if even(self.width) && even(self.height) && rate && self.frames > 0 {
            return Ok(());
        }
        let Self {
            width,
            height,
            fps,
            frames,
            ..
        } = self;
        let (num, den) = (fps.num, fps.den);
        Err(Error::new(
            Kind::SceneInvalid,
            format!("a video of {frames} frames of {width}×{height} pixels at {num}/{den} frames a second cannot be made"),
        ))
    }

    /// Frames from one key frame to the next.
    fn gop(&self) -> usize {
        gop(self.fps, self.key_seconds)
    }

    fn mux(&self) -> Mux<'_> {
        Mux {
            fps: self.fps,
            frames: self.frames,
            gop: self.gop(),
            sound: self.sound,
            facts: self.facts,
            tools: self.tools,
        }
    }
}

/// Frames from one key frame to the next, which is so many seconds later.
pub(crate) fn gop(fps: Fps, key_seconds: f64) -> usize {
    fps.frames(key_seconds).max(1)
}
