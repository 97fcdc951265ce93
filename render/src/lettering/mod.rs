//! Captions in the picture: over everything, and only in their own rectangle.
//!
//! words -> cues whose lines are as long as the canvas allows (`speech::captions`) -> signs in their places (`line`, by the fonts of
//! `fonts`) -> a picture (`plate`), drawn once for each cue and blended onto the planes of each frame that shows it.

mod fonts;
mod line;
mod plate;

use std::collections::BTreeSet;

use crate::composite::overlay;
use crate::driver::{Patch, Region};
use crate::error::Result;
use crate::media::Planes;
use crate::scene::{Canvas, CaptionSize};
use crate::speech::captions::{Cue, cues_within};
use crate::speech::{Language, TimedWord};
use fonts::Fonts;

/// Parts of the canvas that stay free at either side, and under the captions of wide and of tall canvases, where players and phones
/// have their own things.
const SIDE: f32 = 0.05;
const BOTTOM: f32 = 0.06;
const BOTTOM_TALL: f32 = 0.14;
/// The mean width of a column in parts of the font's size, generously.
const COLUMN: f32 = 0.58;

/// The captions of one video.
pub struct Lettering {
    fonts: Fonts,
    cues: Vec<Cue>,
    /// Whose shapes signs have that several languages share.
    language: &'static str,
    canvas: Canvas,
    size: f32,
    /// The cue that is shown, drawn; captions go forward, so one is enough.
    shown: Option<(usize, Plate)>,
}

struct Plate {
    patch: Patch,
    region: Region,
}

impl Lettering {
    /// Cuts words into cues within so many seconds. With them comes a sentence about signs that no font has, if there are any.
    pub fn new(words: &[TimedWord], seconds: f64, canvas: Canvas, size: CaptionSize, language: Language) -> (Self, Option<String>) {
        let fonts = Fonts::load();
        let pixels = font_size(canvas, size);
        let columns = (widest(canvas) as f32 / pixels - 1.0) / COLUMN;
        let mut missing = BTreeSet::new();
        let written: Vec<TimedWord> = words
            .iter()
            .map(|word| {
                let (text, lost) = line::writable(&word.text, &fonts);
                missing.extend(lost);
                TimedWord { text, ..word.clone() }
            })
            .collect();
        let lettering = Self {
            cues: cues_within(&written, seconds, columns as usize),
            language: shapes(&written, language),
            fonts,
            canvas,
            size: pixels,
            shown: None,
        };
        (lettering, about(&missing))
    }

    /// Shows frame `index` of `frame` to `see` with its caption, if it has one; then `frame` is as it was.
    pub fn over<T>(&mut self, index: usize, frame: &mut Planes, see: impl FnOnce(&Planes) -> Result<T>) -> Result<T> {
        let Some(plate) = self.plate(index)? else {
            return see(frame);
        };
        let Region { x, y, .. } = plate.region;
        let under = Patch {
            planes: overlay::cut(frame, plate.region),
            alpha: None,
        };
        overlay::draw(&plate.patch, frame, x, y);
        let seen = see(frame);
        overlay::draw(&under, frame, x, y);
        seen
    }

    /// The caption of a frame.
    fn plate(&mut self, index: usize) -> Result<Option<&Plate>> {
        let now = self.canvas.fps().middle(index);
        let cue = self.cues.partition_point(|c| c.end <= now);
        if self.cues.get(cue).is_none_or(|c| now < c.start) {
            return Ok(None);
        }
        if self.shown.as_ref().is_none_or(|(shown, _)| *shown != cue) {
            self.shown = Some((cue, self.draw(&self.cues[cue])?));
        }
        Ok(self.shown.as_ref().map(|(_, plate)| plate))
    }

    /// Where captions are; none if there are none.
    pub fn region(&self) -> Option<Region> {
        let widest = widest(self.canvas);
        let sizes = self
            .cues
            .iter()
            .map(|cue| plate::size(&self.lines(cue), self.size, widest, &self.fonts));
        sizes.map(|size| self.place(size)).reduce(|all, one| all.joined(&one))
    }

    /// The lines of a cue, their signs in their places.
    fn lines(&self, cue: &Cue) -> Vec<line::Set> {
        let all: Vec<&str> = cue.lines.iter().map(|l| l.text.as_str()).collect();
        let leftward = line::is_leftward(&all.join(" "));
        all.iter().map(|l| line::set(l, leftward, self.language, &self.fonts)).collect()
    }

    fn draw(&self, cue: &Cue) -> Result<Plate> {
        let picture = plate::draw(&self.lines(cue), self.size, widest(self.canvas), &self.fonts);
        Ok(Plate {
            region: self.place((picture.width, picture.height)),
            patch: Patch::from_straight(&picture)?,
        })
    }

    /// Where a plate of some pixels lies.
    fn place(&self, plate: (usize, usize)) -> Region {
        let (width, height) = (self.canvas.width() as usize, self.canvas.height() as usize);
        let bottom = if height > width { BOTTOM_TALL } else { BOTTOM };
        let low = height - (height as f32 * bottom) as usize;
        // A plate higher than the canvas cannot be: two lines are a fifth of its smaller side.
        Region {
            x: (width.saturating_sub(plate.0) / 2) & !1,
            y: low.saturating_sub(plate.1) & !1,
            width: plate.0,
            height: plate.1,
        }
    }
}

/// Pixels from one side of a plate to the other, at most.
fn widest(canvas: Canvas) -> usize {
    (canvas.width() as f32 * (1.0 - 2.0 * SIDE)) as usize & !1
}

fn font_size(canvas: Canvas, size: CaptionSize) -> f32 {
    let part = match size {
        CaptionSize::Small => 0.040,
        CaptionSize::Medium => 0.050,
        CaptionSize::Large => 0.064,
    };
    // On a tall canvas two short lines would be less readable than slightly smaller signs.
    let side = canvas.width().min(canvas.height()) as f32;
    side * part
}

/// The language by which Chinese signs take their shape. In an English text it is that of the sounds beside them.
fn shapes(words: &[TimedWord], language: Language) -> &'static str {
    if !language.is_english() {
        return match language {
            Language::Chinese => "zh-hans",
            other => other.code(),
        };
    }
    let has = |range: std::ops::RangeInclusive<char>| words.iter().any(|w| w.text.chars().any(|c| range.contains(&c)));
    if has('\u{3040}'..='\u{30ff}') {
        "ja"
    } else if has('\u{ac00}'..='\u{d7a3}') {
        "ko"
    } else if has('\u{4e00}'..='\u{9fff}') {
        "zh-hans"
    } else {
        "en"
    }
}

fn about(missing: &BTreeSet<char>) -> Option<String> {
    const TOLD: usize = 8;
    if missing.is_empty() {
        return None;
    }
    let some: Vec<String> = missing
        .iter()
        .take(TOLD)
        .map(|c| format!("{c} (U+{:04X})", u32::from(*c)))
        .collect();
    let more = if missing.len() > TOLD { ", …" } else { "" };
    Some(format!(
        "the captions' fonts have no sign for {}{more}: left out of the picture; the caption files have all",
        some.join(", ")
    ))
}

#[cfg(test)]
mod tests;
