//! Where layers land on the canvas, and how the still ones become one picture.
//!
//! Every edge is snapped to even pixels, so that a layer ends where a 4:2:0 chroma sample ends. Layers blend in 8-bit sRGB as it stands
//! (not in linear light), which is what browsers, ffmpeg's overlay and the clients of the wire contract do.

pub mod overlay;
mod screen;
mod strata;
mod translucent;

pub(crate) use strata::Strata;

use std::path::Path;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::error::{Error, Kind, Result};
use crate::media::Picture;
use crate::scene::{Anchor, Canvas, Content, Fit, Layer, Placement, Rgba, Scene};

/// Whole pixels of the canvas, right and bottom excluded; may reach outside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Rect {
    pub fn of(canvas: Canvas) -> Self {
        Self {
            left: 0,
            top: 0,
            right: canvas.width() as i32,
            bottom: canvas.height() as i32,
        }
    }

    pub fn width(&self) -> usize {
        (self.right - self.left).max(0) as usize
    }

    pub fn height(&self) -> usize {
        (self.bottom - self.top).max(0) as usize
    }

    pub fn is_empty(&self) -> bool {
        self.width() == 0 || self.height() == 0
    }

    /// What both have in common; all zeros where that is nothing.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let both = Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        };
        if both.is_empty() { Self::default() } else { both }
    }

    /// Larger by `margin` on all four sides.
    #[must_use]
    pub fn grown(&self, margin: i32) -> Self {
        Self {
            left: self.left - margin,
            top: self.top - margin,
            right: self.right + margin,
            bottom: self.bottom + margin,
        }
    }
}

/// Where the whole of a source picture lands, in canvas pixels, and which part of it is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    /// Inside the canvas, the layer's box and the drawn picture; even edges; empty if nothing is seen.
    pub clip: Rect,
}

/// Pixels with their place on the canvas.
#[derive(Clone)]
pub struct Raster {
    pub rect: Rect,
    pub picture: Picture,
}

/// Places a picture of `natural` pixels.
pub fn place(placement: &Placement, natural: (usize, usize), canvas: Canvas) -> Drawn {
    let natural = (natural.0.max(1) as f64, natural.1.max(1) as f64);
    let (width, height) = box_size(placement, natural);
    let (left, top) = match placement.anchor {
        Anchor::TopLeft => (placement.x, placement.y),
        Anchor::Centre => (placement.x - width / 2.0, placement.y - height / 2.0),
    };
    let frame = snap(left, top, width, height);
    let (w, h) = (frame.width() as f64, frame.height() as f64);
    let wide = w / natural.0 > h / natural.1;
    // The side that decides is taken as it is, so that rounding cannot leave a hairline.
    let by_width = (w, natural.1 * w / natural.0);
    let by_height = (natural.0 * h / natural.1, h);
    let (width, height) = match placement.fit {
        Fit::Fill => (w, h),
        Fit::Cover => {
            if wide {
                by_width
            } else {
                by_height
            }
        }
        Fit::Contain => {
            if wide {
                by_height
            } else {
                by_width
            }
        }
    };
    let x = f64::from(frame.left) + (w - width) / 2.0;
    let y = f64::from(frame.top) + (h - height) / 2.0;
    if placement.fit == Fit::Contain {
        return exactly(snap(x, y, width, height), canvas);
    }
    let clip = frame.intersect(&Rect::of(canvas));
    Drawn { x, y, width, height, clip }
}

/// Places a colour: without a size it fills the canvas wherever it is placed; one missing side is the canvas's.
fn place_colour(placement: &Placement, canvas: Canvas) -> Rect {
    if placement.width.is_none() && placement.height.is_none() {
        return Rect::of(canvas);
    }
    let sized = Placement {
        width: placement.width.or(Some(f64::from(canvas.width()))),
        height: placement.height.or(Some(f64::from(canvas.height()))),
        fit: Fit::Fill,
        ..*placement
    };
    place(&sized, (1, 1), canvas).clip
}

fn box_size(placement: &Placement, natural: (f64, f64)) -> (f64, f64) {
    let (width, height) = match (placement.width, placement.height) {
        (Some(w), Some(h)) => (w, h),
        (Some(w), None) => (w, w * natural.1 / natural.0),
        (None, Some(h)) => (h * natural.0 / natural.1, h),
        (None, None) => natural,
    };
    (width * placement.scale_x, height * placement.scale_y)
}

/// The rectangle whose edges are the nearest even pixels, at least two pixels a side.
fn snap(left: f64, top: f64, width: f64, height: f64) -> Rect {
    let even = |v: f64| (v / 2.0).round() as i32 * 2;
    let (l, t) = (even(left), even(top));
    Rect {
        left: l,
        top: t,
        right: even(left + width).max(l + 2),
        bottom: even(top + height).max(t + 2),
    }
}

/// A picture drawn into precisely this rectangle.
fn exactly(rect: Rect, canvas: Canvas) -> Drawn {
    Drawn {
        x: f64::from(rect.left),
        y: f64::from(rect.top),
        width: rect.width() as f64,
        height: rect.height() as f64,
        clip: rect.intersect(&Rect::of(canvas)),
    }
}

/// Scales a picture to canvas pixels, only where it is seen and up to `margin` pixels (even) beyond.
///
/// The margin shows what the picture has there, also outside the canvas, and ends with it. Lanczos3 both ways, with premultiplied alpha;
/// the result is straight again. Memory goes with what is seen, not with the whole drawn size.
pub fn resize_crop(source: &Picture, drawn: &Drawn, margin: i32) -> Result<Raster> {
    let rect = seen(drawn, margin);
    let mut rgba = vec![0; rect.width() * rect.height() * 4];
    if !rect.is_empty() {
        scale(source, drawn, rect, &mut rgba).map_err(|e| Error::new(Kind::Internal, "a picture could not be scaled").because(e))?;
    }
    let picture = Picture {
        width: rect.width(),
        height: rect.height(),
        rgba,
    };
    Ok(Raster { rect, picture })
}

/// The clip and a margin, as far as whole pairs of pixels of the drawn picture reach.
fn seen(drawn: &Drawn, margin: i32) -> Rect {
    if drawn.clip.is_empty() {
        return Rect::default();
    }
    // A sum of two roundings may miss a whole number by a hair.
    let first = |v: f64| ((v - 1e-6) / 2.0).ceil() as i32 * 2;
    let last = |v: f64| ((v + 1e-6) / 2.0).floor() as i32 * 2;
    drawn.clip.grown(margin).intersect(&Rect {
        left: first(drawn.x),
        top: first(drawn.y),
        right: last(drawn.x + drawn.width),
        bottom: last(drawn.y + drawn.height),
    })
}

/// Fills `rgba` with the part of the drawn source that lies in `rect`.
fn scale(source: &Picture, drawn: &Drawn, rect: Rect, rgba: &mut [u8]) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let (sx, sy) = (source.width as f64 / drawn.width, source.height as f64 / drawn.height);
    let (left, width) = span(f64::from(rect.left) - drawn.x, rect.width(), sx, source.width);
    let (top, height) = span(f64::from(rect.top) - drawn.y, rect.height(), sy, source.height);
    // Rows that no output pixel looks at are left out: the scaler copies all that it gets when there is alpha.
    let reach = 3.0 * sy.max(1.0) + 1.0;
    let first = (top - reach).floor().max(0.0);
    let last = (top + height + reach).ceil().min(source.height as f64);
    let rows = &source.rgba[first as usize * source.width * 4..last as usize * source.width * 4];
    let from = ImageRef::new(source.width as u32, (last - first) as u32, rows, PixelType::U8x4)?;
    let mut to = Image::from_slice_u8(rect.width() as u32, rect.height() as u32, rgba, PixelType::U8x4)?;
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(left, top - first, width, height)
        .use_alpha(rows.chunks_exact(4).any(|p| p[3] != 255));
    Resizer::new().resize(&from, &mut to, &options)?;
    Ok(())
}

/// Start and length in source pixels of `length` canvas pixels from `start`, kept inside a source of `limit` pixels.
fn span(start: f64, length: usize, scale: f64, limit: usize) -> (f64, f64) {
    let first = (start * scale).clamp(0.0, limit as f64);
    let last = ((start + length as f64) * scale).clamp(first, limit as f64);
    (first, last - first)
}

/// The still parts of a scene.
pub struct Composition {
    /// The whole canvas, opaque: what is under the avatar and, outside its clip, what is over it too.
    pub base: Picture,
    pub avatar: Drawn,
    /// What is over the avatar, inside its clip; premultiplied. None if nothing is.
    pub above: Option<Raster>,
}

/// Flattens everything but the avatar, one layer in memory at a time.
///
/// `avatar` is the natural size of the avatar in pixels; `open` decodes an image layer.
pub fn compose(scene: &Scene, avatar: (usize, usize), open: &mut dyn FnMut(&Path) -> Result<Picture>) -> Result<Composition> {
    let canvas = scene.canvas();
    let avatar = place(scene.avatar().1, avatar, canvas);
    let mut base = Sheet::new(Rect::of(canvas), Rgba::WHITE);
    for layer in scene.below() {
        base.paint(&Paint::new(layer, canvas, open)?, Rect::default());
    }
    let mut above = Sheet::new(avatar.clip, Rgba([0; 4]));
    for layer in scene.above() {
        let paint = Paint::new(layer, canvas, open)?;
        base.paint(&paint, avatar.clip);
        above.paint(&paint, Rect::default());
    }
    Ok(Composition {
        base: base.0.picture,
        avatar,
        above: Some(above.0).filter(|a| a.picture.rgba.chunks_exact(4).any(|p| p[3] != 0)),
    })
}

/// What one layer puts on the canvas.
struct Paint {
    rect: Rect,
    /// Straight; as many rows as the rectangle has, or one that stands for all.
    rgba: Vec<u8>,
}

impl Paint {
    fn new(layer: &Layer, canvas: Canvas, open: &mut dyn FnMut(&Path) -> Result<Picture>) -> Result<Self> {
        match layer.content() {
            Content::Colour(Rgba(colour)) => {
                let rect = place_colour(layer.placement(), canvas);
                let rgba = colour.repeat(rect.width());
                Ok(Self { rect, rgba })
            }
            // A video is no still: whoever has one draws it elsewhere.
            Content::Image(path) | Content::Avatar(path) | Content::Video(path) => {
                let source = open(path)?;
                let drawn = place(layer.placement(), (source.width, source.height), canvas);
                let Raster { rect, picture } = resize_crop(&source, &drawn, 0)?;
                Ok(Self { rect, rgba: picture.rgba })
            }
        }
    }

    /// The pixels of canvas row `y` from `left` to `right`.
    fn row(&self, y: i32, left: i32, right: i32) -> &[u8] {
        let stride = self.rect.width() * 4;
        let row = if self.rgba.len() == stride {
            0
        } else {
            (y - self.rect.top) as usize
        };
        let at = |x: i32| row * stride + (x - self.rect.left) as usize * 4;
        &self.rgba[at(left)..at(right)]
    }
}

/// A premultiplied picture that layers are painted on; opaque, it is straight as well.
struct Sheet(Raster);

impl Sheet {
    fn new(rect: Rect, colour: Rgba) -> Self {
        let picture = Picture {
            width: rect.width(),
            height: rect.height(),
            rgba: colour.0.repeat(rect.width() * rect.height()),
        };
        Self(Raster { rect, picture })
    }

    /// Blends a layer over everything but `hole`.
    fn paint(&mut self, paint: &Paint, hole: Rect) {
        let target = self.0.rect.intersect(&paint.rect);
        for y in target.top..target.bottom {
            let cut = hole.top <= y && y < hole.bottom;
            let (cut_left, cut_right) = if cut {
                (hole.left, hole.right)
            } else {
                (target.right, target.right)
            };
            self.blend(paint, y, target.left, cut_left.min(target.right));
            self.blend(paint, y, cut_right.max(target.left), target.right);
        }
    }

    fn blend(&mut self, paint: &Paint, y: i32, left: i32, right: i32) {
        if left >= right {
            return;
        }
        let Raster { rect, picture } = &mut self.0;
        let at = ((y - rect.top) as usize * picture.width + (left - rect.left) as usize) * 4;
        let under = &mut picture.rgba[at..at + (right - left) as usize * 4];
        for (under, over) in under.chunks_exact_mut(4).zip(paint.row(y, left, right).chunks_exact(4)) {
            blend_pixel(under, over);
        }
    }
}

/// Straight over premultiplied, rounded to the nearest.
fn blend_pixel(under: &mut [u8], over: &[u8]) {
    let alpha = u32::from(over[3]);
    if alpha == 255 {
        under.copy_from_slice(over);
    } else if alpha > 0 {
        let mix = |under: u8, over: u32| ((over * alpha + u32::from(under) * (255 - alpha) + 127) / 255) as u8;
        for c in 0..3 {
            under[c] = mix(under[c], u32::from(over[c]));
        }
        under[3] = mix(under[3], 255);
    }
}

#[cfg(test)]
mod tests;
