//! How a video's picture comes to its place on the canvas: what ffmpeg scales and cuts, and what is left for us.

use fast_image_resize::images::{Image, ImageRef, TypedImage, TypedImageRef};
use fast_image_resize::pixels::U16;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::composite::{Drawn, Rect};
use crate::driver::Region;
use crate::error::{Error, Kind, Result};
use crate::media::Planes;

/// Pixels around what is seen that scaling looks at.
const REACH: f64 = 8.0;

/// Codes of alpha that are as good as none, or all.
const SLACK: i32 = 6;

/// From the video's pixels to those of the canvas that show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Framing {
    /// What ffmpeg scales the whole picture to: itself, or a whole part of it.
    pub size: (usize, usize),
    /// What it cuts out of that.
    pub crop: Region,
    /// Where the result lies on the canvas.
    pub rect: Rect,
    /// The part of the crop that fills the rectangle: left, top, width, height.
    window: [f64; 4],
    /// Pixels of the canvas per pixel of the video, and where the video's corner lies in the rectangle.
    scale: (f64, f64),
    offset: (f64, f64),
}

impl Framing {
    /// `drawn` must not be empty.
    pub fn new(drawn: &Drawn, natural: (usize, usize)) -> Self {
        let less = (natural.0 as f64 / drawn.width).min(natural.1 as f64 / drawn.height);
        Self::shrunk(drawn, natural, less.floor().max(1.0))
    }

    /// The same, with nothing left to ffmpeg but cutting.
    pub fn at_full_size(drawn: &Drawn, natural: (usize, usize)) -> Self {
        Self::shrunk(drawn, natural, 1.0)
    }

    fn shrunk(drawn: &Drawn, natural: (usize, usize), less: f64) -> Self {
        let (w, h) = (natural.0 as f64, natural.1 as f64);
        let even = |v: f64| ((v / 2.0).round() as usize * 2).max(2);
        let size = (even(w / less), even(h / less));
        let (kx, ky) = (size.0 as f64 / drawn.width, size.1 as f64 / drawn.height);
        let rect = drawn.clip;
        let (left, top) = ((f64::from(rect.left) - drawn.x) * kx, (f64::from(rect.top) - drawn.y) * ky);
        let (width, height) = (rect.width() as f64 * kx, rect.height() as f64 * ky);
        let (x, columns) = cut(left, width, size.0);
        let (y, rows) = cut(top, height, size.1);
        Self {
            size,
            crop: Region {
                x,
                y,
                width: columns,
                height: rows,
            },
            rect,
            window: [left - x as f64, top - y as f64, width, height],
            scale: (drawn.width / w, drawn.height / h),
            offset: (drawn.x - f64::from(rect.left), drawn.y - f64::from(rect.top)),
        }
    }

    /// Pixels of the canvas per pixel of the video, the smaller of the two.
    pub fn enlargement(&self) -> f32 {
        self.scale.0.min(self.scale.1) as f32
    }

    /// A place of the video, in pixels of the rectangle, whole numbers in their middles.
    pub fn place(&self, [x, y, z]: [f32; 3]) -> [f32; 3] {
        let at = |v: f32, s: f64, o: f64| (f64::from(v) * s + o - 0.5) as f32;
        let depth = ((self.scale.0 + self.scale.1) / 2.0) as f32;
        [at(x, self.scale.0, self.offset.0), at(y, self.scale.1, self.offset.1), z * depth]
    }

    /// The frames that ffmpeg gives are what the canvas shows.
    pub fn is_plain(&self) -> bool {
        let (width, height) = (self.crop.width, self.crop.height);
        (width, height) == (self.rect.width(), self.rect.height()) && self.window == [0.0, 0.0, width as f64, height as f64]
    }

    /// The frame as the canvas shows it.
    pub fn shown(&self, frame: &Planes, resizer: &mut Resizer, out: &mut Planes) -> Result<()> {
        resize_planes(frame, self.window, out, resizer)
    }

    /// A plane as large as the cut frame, as the canvas shows it: `to` has these sides, those of the rectangle or half of them.
    pub fn weighted(
        &self,
        from: &[U16],
        (fw, fh): (usize, usize),
        resizer: &mut Resizer,
        to: &mut [U16],
        (tw, th): (usize, usize),
    ) -> Result<()> {
        let failed = |e: Box<dyn std::error::Error + Send + Sync>| Error::new(Kind::Internal, "a frame could not be scaled").because(e);
        let source = TypedImageRef::new(fw as u32, fh as u32, from).map_err(|e| failed(e.into()))?;
        let mut target = TypedImage::from_pixels_slice(tw as u32, th as u32, to).map_err(|e| failed(e.into()))?;
        let options = lanczos(self.window, (fw, fh));
        resizer.resize_typed(&source, &mut target, &options).map_err(|e| failed(e.into()))
    }

    /// Which part of a frame is the person, as the canvas shows it: a byte a pixel of the rectangle.
    pub fn alpha(&self, stored: &Planes, resizer: &mut Resizer, out: &mut [u8]) -> Result<()> {
        let sides = (self.rect.width(), self.rect.height());
        resize(&stored.y, (stored.width, stored.height), self.window, out, sides, resizer)
            .map_err(|e| Error::new(Kind::Internal, "a matte could not be scaled").because(e))?;
        // What coding and scaling left around all and nothing.
        for a in out {
            *a = ((i32::from(*a) - SLACK) * 255 / (255 - 2 * SLACK)).clamp(0, 255) as u8;
        }
        Ok(())
    }

    /// Sides of a part of the video, of these sides, at the canvas's scale; `None` where that is its own.
    pub fn scaled_size(&self, (width, height): (usize, usize)) -> Option<(usize, usize)> {
        let (kx, ky) = self.scale;
        let even = |side: usize, scale: f64| ((side as f64 * scale) as usize & !1).max(2);
        let own = (kx - 1.0).abs() < 1e-9 && (ky - 1.0).abs() < 1e-9;
        (!own).then(|| (even(width, kx), even(height, ky)))
    }

    /// A part of the video at the canvas's scale; `out` has the sides that `scaled_size` says.
    pub fn scaled(&self, part: &Planes, resizer: &mut Resizer, out: &mut Planes) -> Result<()> {
        let (width, height) = (out.width as f64 / self.scale.0, out.height as f64 / self.scale.1);
        resize_planes(part, [0.0, 0.0, width, height], out, resizer)
    }

    /// A place of the video in pixels of a part of it at the canvas's scale, whole numbers in their middles.
    pub fn within(&self, [x, y, z]: [f32; 3], part: Region) -> [f32; 3] {
        let at = |v: f32, start: usize, s: f64| ((f64::from(v) - start as f64) * s - 0.5) as f32;
        let depth = ((self.scale.0 + self.scale.1) / 2.0) as f32;
        [at(x, part.x, self.scale.0), at(y, part.y, self.scale.1), z * depth]
    }

    /// A buffer for a frame as the canvas shows it.
    pub fn blank(&self) -> Planes {
        Planes::blank(self.rect.width(), self.rect.height())
    }
}

/// The even stretch that holds `start..start + length` and what scaling looks at.
fn cut(start: f64, length: f64, limit: usize) -> (usize, usize) {
    let first = ((start - REACH).max(0.0) / 2.0).floor() as usize * 2;
    let last = ((start + length + REACH) / 2.0).ceil() as usize * 2;
    (first, last.min(limit) - first)
}

/// Fills planes with a part (left, top, width, height) of others.
fn resize_planes(from: &Planes, [left, top, width, height]: [f64; 4], to: &mut Planes, resizer: &mut Resizer) -> Result<()> {
    let planes = [(&from.y, &mut to.y, 1usize), (&from.u, &mut to.u, 2), (&from.v, &mut to.v, 2)];
    for (source, target, part) in planes {
        let k = part as f64;
        let box_ = [left / k, top / k, width / k, height / k];
        let (fw, fh) = (from.width / part, from.height / part);
        let (tw, th) = (to.width / part, to.height / part);
        resize(source, (fw, fh), box_, target, (tw, th), resizer)
            .map_err(|e| Error::new(Kind::Internal, "a frame could not be scaled").because(e))?;
    }
    Ok(())
}

fn resize(
    from: &[u8],
    (fw, fh): (usize, usize),
    [left, top, width, height]: [f64; 4],
    to: &mut [u8],
    (tw, th): (usize, usize),
    resizer: &mut Resizer,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let whole = |v: f64| (v - v.round()).abs() < 1e-6;
    if [left, top].into_iter().all(whole) && (width - tw as f64).abs() < 1e-6 && (height - th as f64).abs() < 1e-6 {
        let (x, y) = (left.round() as usize, top.round() as usize);
        for (to, from) in to.chunks_exact_mut(tw).zip(from.chunks_exact(fw).skip(y)) {
            to.copy_from_slice(&from[x..x + tw]);
        }
        return Ok(());
    }
    let source = ImageRef::new(fw as u32, fh as u32, from, PixelType::U8)?;
    let mut target = Image::from_slice_u8(tw as u32, th as u32, to, PixelType::U8)?;
    resizer.resize(&source, &mut target, &lanczos([left, top, width, height], (fw, fh)))?;
    Ok(())
}

/// Scales a part (left, top, width, height) of a plane of these sides.
fn lanczos([left, top, width, height]: [f64; 4], (fw, fh): (usize, usize)) -> ResizeOptions {
    let (left, top) = (left.clamp(0.0, fw as f64), top.clamp(0.0, fh as f64));
    ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3)).crop(
        left,
        top,
        width.min(fw as f64 - left),
        height.min(fh as f64 - top),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(x: f64, y: f64, width: f64, height: f64, clip: [i32; 4]) -> Drawn {
        let [left, top, right, bottom] = clip;
        let clip = Rect { left, top, right, bottom };
        Drawn { x, y, width, height, clip }
    }

    fn ramp(width: usize, height: usize) -> Planes {
        let at = |w: usize, h: usize| (0..w * h).map(|i| (i % w * 3 + i / w * 5) as u8).collect();
        Planes {
            width,
            height,
            y: at(width, height),
            u: at(width / 2, height / 2),
            v: at(width / 2, height / 2),
        }
    }

    #[test]
    fn natural_size_is_copied() {
        let framing = Framing::new(&drawn(-4.0, 6.0, 40.0, 20.0, [0, 6, 32, 26]), (40, 20));
        assert_eq!((framing.size, framing.crop.x, framing.crop.width), ((40, 20), 0, 40));
        let (from, mut to) = (ramp(40, 20), framing.blank());
        framing.shown(&from, &mut Resizer::new(), &mut to).unwrap();
        assert_eq!((to.width, to.height), (32, 20));
        for y in 0..20 {
            assert_eq!(to.y[y * 32..][..32], from.y[y * 40 + 4..][..32]);
        }
        assert_eq!(framing.place([4.5, 0.5, 0.0]), [0.0, 0.0, 0.0]);
        assert!(!framing.is_plain() && Framing::new(&drawn(2.0, 6.0, 40.0, 20.0, [2, 6, 42, 26]), (40, 20)).is_plain());
    }

    #[test]
    fn large_videos_are_shrunk_early_and_cut() {
        let framing = Framing::new(&drawn(100.0, 0.0, 960.0, 540.0, [400, 100, 600, 300]), (3840, 2160));
        assert_eq!(framing.size, (960, 540));
        let Region { x, y, width, height } = framing.crop;
        assert_eq!((x, y, width, height), (292, 92, 216, 216));
        assert_eq!(framing.window, [8.0, 8.0, 200.0, 200.0]);
        let [x, y, _] = framing.place([1200.0, 400.0, 0.0]);
        assert!((x + 0.5).abs() < 1e-4 && (y + 0.5).abs() < 1e-4, "{x} {y}");
    }

    #[test]
    fn an_enlarged_video_keeps_its_size_until_the_end() {
        let framing = Framing::new(&drawn(-500.0, -300.0, 3600.0, 2880.0, [0, 0, 1920, 1080]), (360, 288));
        assert_eq!(framing.size, (360, 288));
        assert!(framing.crop.width < 220 && framing.crop.height < 130, "{:?}", framing.crop);
        let (from, mut to) = (ramp(framing.crop.width, framing.crop.height), framing.blank());
        framing.shown(&from, &mut Resizer::new(), &mut to).unwrap();
        assert!(to.y.iter().any(|v| *v != to.y[0]));
    }
}
