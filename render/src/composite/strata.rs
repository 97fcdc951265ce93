//! The canvas of a scene in which layers move: what is under and over the avatar, drawn anew for each frame.
//!
//! Layers between two videos are flattened once; a frame is a row of copies and blends of planes, on the thread that writes.

use std::ops::Range;
use std::path::Path;

use super::overlay::{self, straight};
use super::screen::Screen;
use super::{Paint, Raster, Rect, Sheet};
use crate::driver::Patch;
use crate::error::{Error, Result};
use crate::media::{Picture, Planes, Tools, image};
use crate::scene::{Canvas, Content, Layer, Rgba, Scene};
use crate::show::file_name;

/// Bytes of short loops that all videos together may keep.
const KEPT: usize = 64 << 20;

/// The layers of a scene but for the avatar.
pub struct Strata {
    /// What lies under the lowest video, if that is under the avatar; the whole canvas.
    base: Planes,
    below: Vec<Stratum>,
    above: Vec<Stratum>,
}

enum Stratum {
    Still { patch: Patch, at: (usize, usize) },
    Moving(Screen),
}

impl Strata {
    /// Opens every layer; the videos will be asked for these frames.
    pub fn open(scene: &Scene, frames: Range<usize>, tools: &Tools) -> Result<Self> {
        let canvas = scene.canvas();
        let videos = scene.layers().iter().filter(|l| matches!(l.content(), Content::Video(_))).count();
        let keep = KEPT / videos.max(1);
        let open = |layers: &[Layer], mut sheet: Sheet, stay: bool| -> Result<(Option<Planes>, Vec<Stratum>)> {
            let (mut base, mut strata) = (None, Vec::new());
            for layer in layers {
                let Content::Video(path) = layer.content() else {
                    sheet.paint(&Paint::new(layer, canvas, &mut picture)?, Rect::default());
                    continue;
                };
                let about = |e: Error| e.about(&format!("the layer {}", file_name(path)));
                let Some(screen) = Screen::start(path, layer.placement(), canvas, frames.clone(), keep, tools).map_err(about)? else {
                    continue;
                };
                let under = std::mem::replace(&mut sheet, Sheet::new(Rect::of(canvas), Rgba([0; 4])));
                if stay && base.is_none() {
                    base = Some(under.0.picture.to_planes()?);
                } else {
                    strata.extend(still(under)?);
                }
                strata.push(Stratum::Moving(screen));
            }
            if stay && base.is_none() {
                base = Some(sheet.0.picture.to_planes()?);
            } else {
                strata.extend(still(sheet)?);
            }
            Ok((base, strata))
        };
        let (base, below) = open(scene.below(), Sheet::new(Rect::of(canvas), Rgba::WHITE), true)?;
        let (_, above) = open(scene.above(), Sheet::new(Rect::of(canvas), Rgba([0; 4])), false)?;
        let base = base.map_or_else(|| white(canvas), Ok)?;
        Ok(Self { base, below, above })
    }

    /// A canvas to draw on.
    pub fn blank(&self) -> Planes {
        self.base.clone()
    }

    /// Draws what is under the avatar in the next frame, complete.
    pub fn under(&mut self, canvas: &mut Planes, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        canvas.clone_from(&self.base);
        draw(&mut self.below, canvas, alive)
    }

    /// Draws what is over the avatar in that frame.
    pub fn over(&mut self, canvas: &mut Planes, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        draw(&mut self.above, canvas, alive)
    }
}

fn draw(strata: &mut [Stratum], canvas: &mut Planes, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
    for stratum in strata {
        match stratum {
            Stratum::Still { patch, at: (x, y) } => overlay::draw(patch, canvas, *x, *y),
            Stratum::Moving(screen) => {
                let (patch, (x, y)) = screen.next(alive)?;
                overlay::draw(patch, canvas, x, y);
            }
        }
    }
    Ok(())
}

fn white(canvas: Canvas) -> Result<Planes> {
    Planes::filled(canvas.width() as usize, canvas.height() as usize, [255; 3])
}

fn picture(path: &Path) -> Result<Picture> {
    image::open(path, &image::Limits::default()).map_err(|e| e.about(&format!("the layer {}", file_name(path))))
}

/// Flattened layers, cut to what can be seen of them.
fn still(sheet: Sheet) -> Result<Option<Stratum>> {
    let Raster { picture, .. } = sheet.0;
    let Some(seen) = seen(&picture) else { return Ok(None) };
    let (left, top) = (seen.left as usize, seen.top as usize);
    let mut rgba = Vec::with_capacity(seen.width() * seen.height() * 4);
    for row in picture.rgba.chunks_exact(picture.width * 4).skip(top).take(seen.height()) {
        rgba.extend_from_slice(&row[left * 4..(left + seen.width()) * 4]);
    }
    let cut = Picture {
        width: seen.width(),
        height: seen.height(),
        rgba,
    };
    drop(picture);
    let patch = Patch::from_straight(&straight(&cut))?;
    Ok(Some(Stratum::Still { patch, at: (left, top) }))
}

/// The even rectangle that holds every pixel that is not transparent.
fn seen(picture: &Picture) -> Option<Rect> {
    let mut rect: Option<Rect> = None;
    for (y, row) in picture.rgba.chunks_exact(picture.width * 4).enumerate() {
        let solid = |p: &[u8]| p[3] != 0;
        let Some(first) = row.chunks_exact(4).position(solid) else {
            continue;
        };
        let last = row.chunks_exact(4).rposition(solid).unwrap_or(first);
        let (left, right, y) = (first as i32 & !1, (last as i32 + 2) & !1, y as i32);
        let all = rect.get_or_insert(Rect {
            left,
            top: y & !1,
            right,
            bottom: (y + 2) & !1,
        });
        all.left = all.left.min(left);
        all.right = all.right.max(right);
        all.bottom = (y + 2) & !1;
    }
    rect
}
