//! A pack: everything that drawing needs of a clip, in one file from which any frame can be had in any order.

mod container;
mod tracks;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::report::Report;
use super::survey::Best;
use super::trail::Trail;
use crate::driver::Region;
use crate::error::{Error, Kind, Result};
use crate::media::Tools;
use crate::media::frames::Frames;
use crate::media::reel::Reel;
use crate::scene::Fps;

/// What a pack's header says of its clip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PackFacts {
    /// Pixels, upright and square; even.
    pub width: usize,
    pub height: usize,
    /// Constant.
    pub fps: Fps,
    pub frames: usize,
    /// SHA-256 of the clip, in hexadecimal digits.
    pub source: String,
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
    /// Where the mouth picture lies in each frame.
    places: Vec<Option<Region>>,
}

impl Pack {
    /// Opens a pack; magic, version, lengths and counts are checked before anything is made of them.
    pub fn open(path: &Path) -> Result<Self>;

    /// Where the face is, frame by frame.
    pub fn trail(&self) -> &Trail;

    /// The frame that shows the face best.
    pub fn looks(&self) -> &Best;

    /// Where in the frame its mouth picture lies: nose base to under the chin, both sides of the jaw. All four numbers are even, and the size is
    /// the same in all frames; `None` where there is no face (and no mouth picture).
    pub fn mouth_place(&self, frame: usize) -> Option<Region>;

    /// Sides of the mouth pictures.
    pub fn mouth_size(&self) -> (usize, usize);

    /// Mouth pictures in any order; each costs the same. All of them must be of frames that have a place.
    pub fn mouths<O>(&self, order: O, tools: &Tools) -> Result<Frames>
    where
        O: IntoIterator<Item = usize>,
        O::IntoIter: ExactSizeIterator + Send + 'static;

    /// Whole frames scaled to `size` (both sides even; `facts`' own size is free) and cut to `crop`, in any order: runs, forwards or
    /// backwards, are cheap, and a jump costs up to seven frames more. The same frame twice in a row is free.
    pub fn pictures<O>(&self, order: O, size: (usize, usize), crop: Region, tools: &Tools) -> Result<Frames>
    where
        O: IntoIterator<Item = usize>,
        O::IntoIter: ExactSizeIterator + Send + 'static;
}

// On `Trail` (trail.rs), for whoever draws:
//   pub fn frames(&self) -> usize
//   pub fn usable(&self, frame: usize) -> bool                        // the mouth may be moved there
//   pub fn takes(&self) -> Vec<Range<usize>>                          // longest runs of frames with a face and without a cut
//   pub fn features(&self, frame: usize) -> Option<Features>          // smoothed; None without a face
//   pub fn fit(&self, frame: usize) -> Option<Fit>                    // smoothed head pose, `points` = smoothed canonical points (f64 cm)
//   pub fn at(&self, frame: usize) -> Option<Placed>                  // as today: landmarks in pixels of the pack's frames, drive, rest, light
