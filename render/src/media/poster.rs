//! A frame beside the video, as a picture.

use std::path::Path;

use super::Planes;
use super::partial::Partial;
use crate::error::Result;

/// JPEG quality of posters, of 100.
const QUALITY: u8 = 92;

/// A poster being made; dropped before [`Poster::publish`] it leaves nothing behind.
pub struct Poster {
    part: Partial,
    jpeg: bool,
}

impl Poster {
    /// The kind of picture follows from the name: jpg and jpeg are JPEG, all else is PNG.
    pub fn new(path: &Path) -> Result<Self> {
        let jpeg = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("jpg") || e.eq_ignore_ascii_case("jpeg"));
        Ok(Self {
            part: Partial::create(path)?,
            jpeg,
        })
    }

    pub fn draw(&mut self, frame: &Planes) -> Result<()> {
        let picture = frame.to_picture();
        if self.jpeg {
            picture.save_jpeg(self.part.path(), QUALITY)
        } else {
            picture.save_png(self.part.path())
        }
    }

    pub fn publish(self) -> Result<()> {
        self.part.publish()
    }
}
