//! A cue as a picture: white letters on a dark plate with round corners.

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use rustybuzz::ttf_parser::{GlyphId, OutlineBuilder};

use super::fonts::Fonts;
use super::line::{Glyph, Set};
use crate::media::Picture;

/// Lengths in parts of the font's size: between baselines, over the first and under the last of them, at the sides, of the corners.
const LEADING: f32 = 1.36;
const ABOVE: f32 = 1.14;
const BELOW: f32 = 0.44;
const ASIDE: f32 = 0.5;
const CORNER: f32 = 0.28;
/// How dark the plate is.
const SHADE: f32 = 0.7;

/// Draws lines under each other, centred, as straight RGBA with even sides; `size` is the font's, in pixels, and made smaller where a
/// line would be wider than `widest`.
pub fn draw(lines: &[Set], size: f32, widest: usize, fonts: &Fonts) -> Picture {
    let Measure { size, width, height, tops } = measure(lines, size, widest, fonts);
    let mut letters = Rasterizer::new(width, height);
    for (line, top) in lines.iter().zip(&tops) {
        let left = (width as f32 - line.width * size) / 2.0;
        for glyph in &line.glyphs {
            let at = point(left + glyph.x * size, (top - glyph.y) * size);
            outline(glyph, at, size, fonts, &mut letters);
        }
    }
    let mut picture = Picture {
        width,
        height,
        rgba: vec![0; width * height * 4],
    };
    let corner = (CORNER * size).min(height as f32 / 2.0);
    letters.for_each_pixel(|i, letter| {
        let letter = letter.clamp(0.0, 1.0);
        let plate = SHADE * inside(i % width, i / width, (width, height), corner);
        let alpha = letter + plate * (1.0 - letter);
        let grey = if alpha > 0.0 { (255.0 * letter / alpha).round() as u8 } else { 0 };
        picture.rgba[4 * i..4 * i + 4].copy_from_slice(&[grey, grey, grey, (255.0 * alpha).round() as u8]);
    });
    picture
}

/// Pixels of the picture that [`draw`] makes.
pub fn size(lines: &[Set], size: f32, widest: usize, fonts: &Fonts) -> (usize, usize) {
    let Measure { width, height, .. } = measure(lines, size, widest, fonts);
    (width, height)
}

struct Measure {
    /// The font's, in pixels.
    size: f32,
    width: usize,
    height: usize,
    /// Baselines, in parts of the size.
    tops: Vec<f32>,
}

fn measure(lines: &[Set], size: f32, widest: usize, fonts: &Fonts) -> Measure {
    let longest = lines.iter().map(|l| l.width).fold(0.0, f32::max);
    let size = size.min(widest as f32 / (longest + 2.0 * ASIDE));
    let even = |length: f32| (length / 2.0).ceil() as usize * 2;
    let tops = baselines(lines, fonts);
    let lowest = tops.last().copied().unwrap_or_default() + below(lines.last(), fonts);
    Measure {
        size,
        width: even((longest + 2.0 * ASIDE) * size).max(2),
        height: even(lowest * size).max(2),
        tops,
    }
}

/// Of each line, from the plate's upper edge: further apart where signs are high or deep.
fn baselines(lines: &[Set], fonts: &Fonts) -> Vec<f32> {
    let mut at = 0.0f32;
    let mut deep = 0.0;
    let each = lines.iter().enumerate().map(|(i, line)| {
        let (high, low) = reach(line, fonts);
        at += if i == 0 {
            ABOVE.max(high + 0.15)
        } else {
            LEADING.max(deep + high + 0.1)
        };
        deep = low;
        at
    });
    each.collect()
}

fn below(last: Option<&Set>, fonts: &Fonts) -> f32 {
    last.map_or(BELOW, |line| BELOW.max(reach(line, fonts).1 + 0.15))
}

/// How far a line's signs reach over and under the baseline.
fn reach(line: &Set, fonts: &Fonts) -> (f32, f32) {
    line.glyphs.iter().fold((0.0f32, 0.0f32), |(high, low), glyph| {
        let face = fonts.face(glyph.font);
        let unit = 1.0 / face.units_per_em() as f32;
        face.glyph_bounding_box(GlyphId(glyph.id)).map_or((high, low), |b| {
            (
                high.max(glyph.y + f32::from(b.y_max) * unit),
                low.max(-glyph.y - f32::from(b.y_min) * unit),
            )
        })
    })
}

/// How much of a pixel lies inside a rectangle with round corners.
fn inside(x: usize, y: usize, (width, height): (usize, usize), corner: f32) -> f32 {
    let beyond = |at: usize, length: usize| {
        let middle = at as f32 + 0.5;
        (corner - middle).max(middle - (length as f32 - corner)).max(0.0)
    };
    let (dx, dy) = (beyond(x, width), beyond(y, height));
    (corner - dx.hypot(dy) + 0.5).clamp(0.0, 1.0)
}

fn outline(glyph: &Glyph, at: Point, size: f32, fonts: &Fonts, into: &mut Rasterizer) {
    let face = fonts.face(glyph.font);
    let mut pen = Pen {
        into,
        at,
        scale: size / face.units_per_em() as f32,
        start: at,
        last: at,
    };
    // A sign without an outline is a space.
    let _ = face.outline_glyph(GlyphId(glyph.id), &mut pen);
}

/// Draws outlines where the rasteriser can be asked to: in pixels, y down.
struct Pen<'a> {
    into: &'a mut Rasterizer,
    at: Point,
    scale: f32,
    start: Point,
    last: Point,
}

impl Pen<'_> {
    fn place(&self, x: f32, y: f32) -> Point {
        point(self.at.x + x * self.scale, self.at.y - y * self.scale)
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = self.place(x, y);
        self.last = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let to = self.place(x, y);
        self.into.draw_line(self.last, to);
        self.last = to;
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let to = self.place(x, y);
        self.into.draw_quad(self.last, self.place(x1, y1), to);
        self.last = to;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let to = self.place(x, y);
        self.into.draw_cubic(self.last, self.place(x1, y1), self.place(x2, y2), to);
        self.last = to;
    }

    fn close(&mut self) {
        self.into.draw_line(self.last, self.start);
        self.last = self.start;
    }
}
