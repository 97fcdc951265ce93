//! Pictures with alpha as planes, blended onto planes: what a frame does instead of touching RGBA.

use super::Rect;
use crate::driver::{Patch, Region};
use crate::error::Result;
use crate::media::{Picture, Planes};

impl Patch {
    /// A straight RGBA picture as planes and, unless it is opaque, alpha. Chroma is the mean of each 2×2 weighted by alpha, so that
    /// what is under transparent pixels never shows.
    pub fn from_straight(picture: &Picture) -> Result<Self> {
        if picture.rgba.chunks_exact(4).all(|p| p[3] == 255) {
            return Ok(Self {
                planes: picture.to_planes()?,
                alpha: None,
            });
        }
        let alpha = picture.rgba.chunks_exact(4).map(|p| p[3]).collect();
        let mut filled = picture.clone();
        let stride = picture.width * 4;
        for row in (0..picture.height).step_by(2) {
            for x in (0..stride).step_by(8) {
                fill_transparent(&mut filled.rgba, [0, 4, stride, stride + 4].map(|o| row * stride + x + o));
            }
        }
        Ok(Self {
            planes: filled.to_planes()?,
            alpha: Some(alpha),
        })
    }
}

/// Pulls the colours of a 2×2 towards their mean weighted by alpha, the more the less is seen of them.
fn fill_transparent(rgba: &mut [u8], at: [usize; 4]) {
    let weight: u32 = at.iter().map(|&i| u32::from(rgba[i + 3])).sum();
    if weight == 0 || weight == 4 * 255 {
        return;
    }
    for c in 0..3 {
        let mean = at.iter().map(|&i| u32::from(rgba[i + c]) * u32::from(rgba[i + 3])).sum::<u32>() / weight;
        for &i in &at {
            let a = u32::from(rgba[i + 3]);
            rgba[i + c] = ((u32::from(rgba[i + c]) * a + mean * (255 - a) + 127) / 255) as u8;
        }
    }
}

/// Undoes premultiplication.
pub fn straight(picture: &Picture) -> Picture {
    let mut out = picture.clone();
    for p in out.rgba.chunks_exact_mut(4).filter(|p| p[3] != 0 && p[3] != 255) {
        let a = u32::from(p[3]);
        for c in &mut p[..3] {
            *c = ((u32::from(*c) * 255 + a / 2) / a).min(255) as u8;
        }
    }
    out
}

/// The part of planes inside `part`, a rectangle of their pixels.
pub fn cut(from: &Planes, part: Region) -> Planes {
    let mut planes = Planes::blank(part.width, part.height);
    cut_into(from, part, &mut planes);
    planes
}

/// The same into planes of the rectangle's size.
pub fn cut_into(from: &Planes, part: Region, planes: &mut Planes) {
    let half = Region {
        x: part.x / 2,
        y: part.y / 2,
        width: part.width / 2,
        height: part.height / 2,
    };
    copy_rows(&from.y, from.width, part, &mut planes.y);
    copy_rows(&from.u, from.width / 2, half, &mut planes.u);
    copy_rows(&from.v, from.width / 2, half, &mut planes.v);
}

/// The part of a patch inside `cut`, a rectangle of its own pixels.
pub fn crop(patch: &Patch, cut: Region) -> Patch {
    let planes = self::cut(&patch.planes, cut);
    let alpha = patch.alpha.as_ref().map(|a| {
        let mut out = vec![0; cut.width * cut.height];
        copy_rows(a, patch.planes.width, cut, &mut out);
        out
    });
    Patch { planes, alpha }
}

fn copy_rows(from: &[u8], stride: usize, cut: Region, to: &mut [u8]) {
    if cut.width == 0 {
        return;
    }
    for (y, row) in to.chunks_exact_mut(cut.width).enumerate() {
        let n = (cut.y + y) * stride + cut.x;
        row.copy_from_slice(&from[n..n + cut.width]);
    }
}

/// Draws a patch with its upper-left corner at an even pixel of `target`, inside of it.
pub fn draw(patch: &Patch, target: &mut Planes, x: usize, y: usize) {
    let (w, h) = (patch.planes.width, patch.planes.height);
    if w == 0 || h == 0 {
        return;
    }
    let luma = Region { x, y, width: w, height: h };
    let chroma = Region {
        x: x / 2,
        y: y / 2,
        width: w / 2,
        height: h / 2,
    };
    let (stride, half) = (target.width, target.width / 2);
    match &patch.alpha {
        None => {
            paste_rows(&patch.planes.y, luma, &mut target.y, stride);
            paste_rows(&patch.planes.u, chroma, &mut target.u, half);
            paste_rows(&patch.planes.v, chroma, &mut target.v, half);
        }
        Some(alpha) => {
            blend_rows(&patch.planes.y, alpha, luma, &mut target.y, stride);
            let alpha = mean_alpha(alpha, w, h);
            blend_rows(&patch.planes.u, &alpha, chroma, &mut target.u, half);
            blend_rows(&patch.planes.v, &alpha, chroma, &mut target.v, half);
        }
    }
}

/// Puts a patch in the place of what is there, alpha too; both have alpha or neither has, and it lies inside.
pub fn replace(patch: &Patch, target: &mut Patch, x: usize, y: usize) {
    let (width, height) = (patch.planes.width, patch.planes.height);
    let luma = Region { x, y, width, height };
    let chroma = Region {
        x: x / 2,
        y: y / 2,
        width: width / 2,
        height: height / 2,
    };
    let (stride, half) = (target.planes.width, target.planes.width / 2);
    paste_rows(&patch.planes.y, luma, &mut target.planes.y, stride);
    paste_rows(&patch.planes.u, chroma, &mut target.planes.u, half);
    paste_rows(&patch.planes.v, chroma, &mut target.planes.v, half);
    if let (Some(from), Some(to)) = (&patch.alpha, &mut target.alpha) {
        paste_rows(from, luma, to, stride);
    }
}

fn paste_rows(from: &[u8], at: Region, to: &mut [u8], stride: usize) {
    if at.width == 0 {
        return;
    }
    for (y, row) in from.chunks_exact(at.width).enumerate() {
        let n = (at.y + y) * stride + at.x;
        to[n..n + at.width].copy_from_slice(row);
    }
}

fn blend_rows(from: &[u8], alpha: &[u8], at: Region, to: &mut [u8], stride: usize) {
    if at.width == 0 {
        return;
    }
    for (y, (row, alpha)) in from.chunks_exact(at.width).zip(alpha.chunks_exact(at.width)).enumerate() {
        let n = (at.y + y) * stride + at.x;
        for ((t, &s), &a) in to[n..n + at.width].iter_mut().zip(row).zip(alpha) {
            let a = u32::from(a);
            *t = ((u32::from(*t) * (255 - a) + u32::from(s) * a + 127) / 255) as u8;
        }
    }
}

/// Alpha of each chroma sample: the mean of its 2×2.
fn mean_alpha(alpha: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(width * height / 4);
    for pair in alpha.chunks_exact(width * 2) {
        let (top, low) = pair.split_at(width);
        for (a, b) in top.chunks_exact(2).zip(low.chunks_exact(2)) {
            out.push(((u32::from(a[0]) + u32::from(a[1]) + u32::from(b[0]) + u32::from(b[1]) + 2) / 4) as u8);
        }
    }
    out
}

/// A rectangle of the canvas as the region of a raster that starts at `origin`.
pub fn within(rect: &Rect, origin: &Rect) -> Region {
    Region {
        x: (rect.left - origin.left).max(0) as usize,
        y: (rect.top - origin.top).max(0) as usize,
        width: rect.width(),
        height: rect.height(),
    }
}
