//! A pack: everything that drawing needs of a clip, in one file from which any frame can be had in any order.
//!
//! `container` is the file, `tracks` the bytes of the faces in it. Two streams of H.264 lie in it: whole frames in groups of
//! [`GROUP`], and the lower face of each frame, on its own, at native resolution.

mod container;
mod tracks;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub(super) use container::{Container, Section, VERSION, Writer, damaged};
pub(super) use tracks::{write as write_tracks, write_looks};

use super::matte::Matte;
use super::report::Report;
use super::survey::Best;
use super::trail::Trail;
use crate::driver::Region;
use crate::driver::photo::skin_level;
use crate::error::{Error, Kind, Result};
use crate::media::frames::Frames;
use crate::media::reel::{Cut, Reel};
use crate::media::sniff;
use crate::media::{Tools, video};
use crate::scene::Fps;

/// Whole frames that are decoded together: fewer are larger, more take longer to enter and, backwards, more memory.
pub(super) const GROUP: usize = 8;
/// Most frames a second.
pub(super) const FASTEST: f64 = 60.0;

/// Most bytes of a header and of the best frame.
const HEADER: u64 = 1 << 20;
const LOOKS: u64 = 64 << 20;

/// What a pack's header says of its clip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PackFacts {
    /// Pixels, upright and square; even.
    pub width: usize,
    pub height: usize,
    /// Constant.
    pub fps: Fps,
    pub frames: usize,
    /// Sides of the mouth pictures, pixels; even.
    pub mouth: (usize, usize),
    /// SHA-256 of the clip, in hexadecimal digits.
    pub source: String,
    /// Seconds from the clip's beginning that are in it, where that is not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<f64>,
    /// What lowers what to expect, as sentences.
    pub warnings: Vec<String>,
    pub report: Report,
}

/// An opened pack. Its frames are read from the file when they are asked for.
pub struct Pack {
    pub facts: PackFacts,
    trail: Trail,
    looks: Best,
    pictures: Reel,
    mouths: Reel,
    /// Where the mouth picture lies in each frame, and which it is.
    places: Vec<Option<(Region, usize)>>,
    matte: Option<Matte>,
}

impl Pack {
    /// Opens a pack; magic, version, lengths and counts are checked before anything is made of them.
    pub fn open(path: &Path) -> Result<Self> {
        Self::read(sniff::open_file(path)?)
    }

    pub(super) fn read(file: File) -> Result<Self> {
        let container = Container::open(file)?;
        let facts = header(&container)?;
        let (size, mouth) = ((facts.width, facts.height), facts.mouth);
        let looks = tracks::read_looks(&container.read(Section::Looks, LOOKS)?)?;
        let tracks = container.read(Section::Tracks, (facts.frames * tracks::FRAME) as u64)?;
        let (sights, regions) = tracks::read(&tracks, facts.frames, size, mouth)?;
        let mut count = 0;
        let places: Vec<Option<(Region, usize)>> = regions
            .into_iter()
            .map(|region| {
                count += usize::from(region.is_some());
                region.map(|region| (region, count - 1))
            })
            .collect();
        let (pictures, first) = container.marks(Section::PictureMarks, Section::Pictures, facts.frames)?;
        let (mouths, second) = container.marks(Section::MouthMarks, Section::Mouths, facts.frames)?;
        if pictures.len() != facts.frames || mouths.len() != count {
            return Err(damaged("some of its frames are missing"));
        }
        let file = Arc::new(container.into_file());
        Ok(Self {
            trail: Trail::new(sights, skin(&looks), facts.fps.as_f64()),
            pictures: Reel::new(Arc::clone(&file), first, pictures, GROUP, size),
            mouths: Reel::new(file, second, mouths, 1, mouth),
            facts,
            looks,
            places,
            matte: None,
        })
    }

    /// What a pack's header says, without opening the rest.
    pub fn facts_of(path: &Path) -> Result<PackFacts> {
        header(&Container::open(sniff::open_file(path)?)?)
    }

    /// Where the face is, frame by frame.
    pub fn trail(&self) -> &Trail {
        &self.trail
    }

    /// The frame that shows the face best.
    pub fn looks(&self) -> &Best {
        &self.looks
    }

    /// From here on the person stands alone.
    pub(super) fn cut_out(&mut self, matte: Matte) {
        self.matte = Some(matte);
    }

    /// Which part of each frame is the person, if that is asked for.
    pub fn matte(&self) -> Option<&Matte> {
        self.matte.as_ref()
    }

    pub fn into_looks(self) -> Best {
        self.looks
    }

    /// Where in the frame its mouth picture lies: nose base to under the chin, both sides of the jaw. All four numbers are even, and the
    /// size is the same in all frames; `None` where there is no face, and no mouth picture.
    pub fn mouth_place(&self, frame: usize) -> Option<Region> {
        self.places.get(frame).copied().flatten().map(|(region, _)| region)
    }

    /// Mouth pictures in any order; each costs the same. `Internal` for a frame that has none.
    pub fn mouths<O>(&self, order: O, tools: &Tools) -> Result<Frames>
    where
        O: IntoIterator<Item = usize>,
    {
        let known = |frame: usize| self.places.get(frame).copied().flatten().map(|(_, index)| index);
        let order: Option<Vec<usize>> = order.into_iter().map(known).collect();
        let order = order.ok_or_else(|| Error::new(Kind::Internal, "a mouth was asked for where there is none"))?;
        self.mouths.play(order, None, tools)
    }

    /// Whole frames scaled to `size` (both sides even; their own size is free) and cut to `crop`, in any order: runs, forwards or
    /// backwards, are cheap, and a jump costs up to seven frames more. The same frame twice in a row is free.
    pub fn pictures<O>(&self, order: O, size: (usize, usize), crop: Region, tools: &Tools) -> Result<Frames>
    where
        O: IntoIterator<Item = usize>,
        O::IntoIter: ExactSizeIterator + Send + 'static,
    {
        self.pictures.play(order, Some(Cut { size, crop }), tools)
    }
}

/// The brightness of the skin that the light was read from.
pub(super) fn skin(best: &Best) -> f32 {
    skin_level(&best.picture, &best.face.landmarks, best.face.fit.scale as f32)
}

fn header(container: &Container) -> Result<PackFacts> {
    let bytes = container.read(Section::Header, HEADER)?;
    let facts: PackFacts = serde_json::from_slice(&bytes).map_err(|e| damaged("its header makes no sense").because(e))?;
    let limits = video::Limits::default();
    let even = |side: usize, most: usize| (2..=most).contains(&side) && side.is_multiple_of(2);
    // Rounding to even sides may add a pixel.
    let side = limits.side as usize + 1;
    let rate = facts.fps.num > 0 && facts.fps.den > 0 && facts.fps.as_f64() < FASTEST + 1.0;
    let sane = even(facts.width, side)
        && even(facts.height, side)
        && even(facts.mouth.0, facts.width)
        && even(facts.mouth.1, facts.height)
        && rate
        && (1..=most_frames(facts.fps)).contains(&facts.frames);
    if sane {
        Ok(facts)
    } else {
        Err(damaged("its header makes no sense"))
    }
}

/// Frames of the longest clip; headers of clips may tell a little less than there is.
pub(super) fn most_frames(fps: Fps) -> usize {
    fps.frames(video::Limits::default().seconds) + 1
}

#[cfg(test)]
mod tests;
