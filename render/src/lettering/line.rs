//! A line of text as glyphs in their places: which direction, which font, which shapes.

use std::str::FromStr;

use rustybuzz::{Direction, Language as Tag, UnicodeBuffer, shape};
use unicode_bidi::{BidiInfo, Level};

use super::fonts::{Fonts, is_hint};

/// A glyph; lengths in parts of the font's size, y up from the baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glyph {
    pub font: usize,
    pub id: u16,
    pub x: f32,
    pub y: f32,
}

/// A line, from its left end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    pub glyphs: Vec<Glyph>,
    pub width: f32,
}

/// Leaves out what no font has, and says what that was.
pub fn writable(text: &str, fonts: &Fonts) -> (String, Vec<char>) {
    let mut missing = Vec::new();
    let mut kept = String::with_capacity(text.len());
    for sign in text.chars() {
        if is_hint(sign) || fonts.writing(sign, None).is_some() {
            kept.push(sign);
        } else {
            missing.push(sign);
        }
    }
    (kept, missing)
}

/// Whether a text is read from right to left.
pub fn is_leftward(text: &str) -> bool {
    BidiInfo::new(text, None).paragraphs.first().is_some_and(|p| p.level.is_rtl())
}

/// Sets a line. `leftward`: the direction of the text that it is part of; `language`: whose shapes signs have that several share.
pub fn set(text: &str, leftward: bool, language: &str, fonts: &Fonts) -> Set {
    let mut line = Set::default();
    let level = if leftward { Level::rtl() } else { Level::ltr() };
    let bidi = BidiInfo::new(text, Some(level));
    for paragraph in &bidi.paragraphs {
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let rtl = levels[run.start].is_rtl();
            let mut parts = by_font(&text[run], fonts);
            if rtl {
                parts.reverse();
            }
            for (font, part) in parts {
                line.push(part, font, rtl, language, fonts);
            }
        }
    }
    line
}

/// Cuts a run where the font changes.
fn by_font<'a>(run: &'a str, fonts: &Fonts) -> Vec<(usize, &'a str)> {
    let mut parts = Vec::new();
    let (mut start, mut font) = (0, None);
    for (at, sign) in run.char_indices() {
        if is_hint(sign) {
            continue;
        }
        let next = fonts.writing(sign, font).or(font);
        if next != font && font.is_some() {
            parts.push((font.unwrap_or_default(), &run[start..at]));
            start = at;
        }
        font = next;
    }
    parts.push((font.unwrap_or_default(), &run[start..]));
    parts
}

impl Set {
    fn push(&mut self, text: &str, font: usize, rtl: bool, language: &str, fonts: &Fonts) {
        let face = fonts.face(font);
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.set_direction(if rtl { Direction::RightToLeft } else { Direction::LeftToRight });
        if let Ok(tag) = Tag::from_str(language) {
            buffer.set_language(tag);
        }
        buffer.guess_segment_properties();
        let shaped = shape(face, &[], buffer);
        let unit = 1.0 / face.units_per_em() as f32;
        for (info, at) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            self.glyphs.push(Glyph {
                font,
                id: info.glyph_id as u16,
                x: self.width + at.x_offset as f32 * unit,
                y: at.y_offset as f32 * unit,
            });
            self.width += at.x_advance as f32 * unit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyphs(text: &str) -> Set {
        set(text, is_leftward(text), "en", &Fonts::load())
    }

    #[test]
    fn what_no_font_has_is_left_out() {
        assert_eq!(writable("a😀b", &Fonts::load()), ("ab".into(), vec!['😀']));
    }

    #[test]
    fn hebrew_runs_to_the_left_and_numbers_in_it_to_the_right() {
        assert!(is_leftward("שלום 12") && !is_leftward("12 a"));
        let line = glyphs("שלום 12");
        // The number comes out first, to the left of all letters.
        let fonts = Fonts::load();
        let one = fonts.face(line.glyphs[0].font).glyph_index('1').expect("a digit");
        assert_eq!(line.glyphs[0].id, one.0);
        assert!(line.glyphs.windows(2).all(|g| g[0].x <= g[1].x));
    }

    #[test]
    fn arabic_letters_join() {
        let ids: Vec<u16> = glyphs("ععع").glyphs.iter().map(|g| g.id).collect();
        assert!(
            ids.len() == 3 && ids[0] != ids[1] && ids[1] != ids[2] && !ids.contains(&glyphs("ع").glyphs[0].id),
            "{ids:?}"
        );
    }

    #[test]
    fn marks_stand_over_their_letters() {
        assert!((glyphs("e\u{301}").width - glyphs("e").width).abs() < 0.01);
        assert!(glyphs("नि").glyphs.len() >= 2);
    }

    #[test]
    fn fonts_change_within_a_line() {
        let fonts: Vec<usize> = glyphs("Ab 你好。ж").glyphs.iter().map(|g| g.font).collect();
        assert_eq!(fonts, [0, 0, 0, 5, 5, 5, 0]);
    }
}
