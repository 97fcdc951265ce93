//! Pictures in and out.

use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use image::codecs::{jpeg, png, webp};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageError};
use serde::Serialize;

use super::partial::{Partial, write_error};
use super::sniff::{self, Image as Format};
use super::{Picture, icc};
use crate::error::{Error, Kind, Result};

/// What a picture may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub bytes: u64,
    /// Longest side in pixels.
    pub side: u32,
    pub pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            side: 16_384,
            pixels: 100_000_000,
        }
    }
}

/// What a picture's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ImageFacts {
    /// Pixels, upright: after the camera's orientation is applied.
    pub width: u32,
    pub height: u32,
    pub format: Format,
}

type Decoder<'a> = Box<dyn ImageDecoder + 'a>;

/// Reads the header only; the limits are not applied.
pub fn facts(path: &Path) -> Result<ImageFacts> {
    let (mut decoder, format) = decoder(path, u64::MAX)?;
    Ok(upright(&mut decoder, format))
}

/// Decodes a picture of any kind that `sniff` knows, upright, as sRGB.
pub fn open(path: &Path, limits: &Limits) -> Result<Picture> {
    let (decoder, format) = decoder(path, limits.bytes)?;
    decoded(decoder, format, limits)
}

fn decoded(mut decoder: Decoder, format: Format, limits: &Limits) -> Result<Picture> {
    check(&upright(&mut decoder, format), limits)?;
    let mut bounds = image::Limits::default();
    // Eight bytes are the most that a pixel can have before it becomes four; the rest is the decoder's own.
    bounds.max_alloc = Some(limits.pixels.saturating_mul(8).saturating_add(64 << 20));
    decoder.set_limits(bounds).map_err(unreadable)?;
    // Without an orientation or a profile that makes sense the picture is taken as it is.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let mut decoded = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    decoded.apply_orientation(orientation);
    let colourful = decoded.color().has_color();
    let pixels = decoded.into_rgba8();
    let mut picture = Picture {
        width: pixels.width() as usize,
        height: pixels.height() as usize,
        rgba: pixels.into_raw(),
    };
    if let Some(profile) = profile.filter(|_| colourful) {
        icc::to_srgb(&mut picture, &profile);
    }
    Ok(picture)
}

/// Decodes a PNG of our own making.
pub(crate) fn from_png(bytes: &[u8], limits: &Limits) -> Result<Picture> {
    let decoder: Decoder = Box::new(png::PngDecoder::new(Cursor::new(bytes)).map_err(unreadable)?);
    decoded(decoder, Format::Png, limits)
}

impl Picture {
    /// A PNG, alpha included.
    pub(crate) fn to_png(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let (width, height) = self.sides();
        png::PngEncoder::new(&mut bytes)
            .write_image(&self.rgba, width, height, image::ExtendedColorType::Rgba8)
            .map_err(|e| Error::new(Kind::Internal, "a picture cannot be encoded").because(e))?;
        Ok(bytes)
    }

    /// Writes a PNG, alpha included; the file appears when it is complete.
    pub fn save_png(&self, path: &Path) -> Result<()> {
        self.save(path, |picture, out| {
            let (width, height) = picture.sides();
            png::PngEncoder::new(out).write_image(&picture.rgba, width, height, image::ExtendedColorType::Rgba8)
        })
    }

    /// Writes a JPEG without alpha; `quality` is 1 to 100. The file appears when it is complete.
    pub fn save_jpeg(&self, path: &Path, quality: u8) -> Result<()> {
        self.save(path, |picture, out| {
            let rgb: Vec<u8> = picture.rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
            let (width, height) = picture.sides();
            jpeg::JpegEncoder::new_with_quality(out, quality.clamp(1, 100)).write_image(&rgb, width, height, image::ExtendedColorType::Rgb8)
        })
    }

    fn save(&self, path: &Path, encode: impl FnOnce(&Self, &mut Vec<u8>) -> Result<(), ImageError>) -> Result<()> {
        let part = Partial::create(path)?;
        // In memory first: the encoders do not pass on why a write failed.
        let mut bytes = Vec::new();
        encode(self, &mut bytes).map_err(|e| Error::new(Kind::Internal, "a picture cannot be encoded").because(e))?;
        std::fs::write(part.path(), bytes).map_err(|e| write_error(e, "its bytes cannot be stored"))?;
        part.publish()
    }

    fn sides(&self) -> (u32, u32) {
        (self.width as u32, self.height as u32)
    }
}

/// Reads the header and no pixels.
fn decoder(path: &Path, most_bytes: u64) -> Result<(Decoder<'static>, Format)> {
    let format = sniff::image(path)?;
    let io = |e: std::io::Error| Error::new(Kind::FileUnreadable, "the file cannot be read").because(e);
    let file = sniff::open_file(path)?;
    let bytes = file.metadata().map_err(io)?.len();
    if bytes > most_bytes {
        let (size, most) = (bytes >> 20, most_bytes >> 20);
        return Err(too_large(&format!("{size} MiB, and {most} MiB are allowed")));
    }
    let decoder: Decoder = match format {
        Format::Png => Box::new(png::PngDecoder::new(BufReader::new(file)).map_err(unreadable)?),
        Format::Webp => Box::new(webp::WebPDecoder::new(BufReader::new(file)).map_err(unreadable)?),
        Format::Jpeg => {
            // The decoder reads all of it anyway, and fills what is missing with grey.
            let mut all = Vec::new();
            BufReader::new(file).read_to_end(&mut all).map_err(io)?;
            if !jpeg_is_whole(&all) {
                return Err(Error::new(
                    Kind::ImageUnreadable,
                    "the picture is damaged: the JPEG file breaks off; get it again",
                ));
            }
            Box::new(jpeg::JpegDecoder::new(Cursor::new(all)).map_err(unreadable)?)
        }
    };
    Ok((decoder, format))
}

fn upright(decoder: &mut Decoder, format: Format) -> ImageFacts {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    let (width, height) = decoder.dimensions();
    let turned = matches!(decoder.orientation(), Ok(Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH));
    let (width, height) = if turned { (height, width) } else { (width, height) };
    ImageFacts { width, height, format }
}

fn check(facts: &ImageFacts, limits: &Limits) -> Result<()> {
    let ImageFacts { width, height, .. } = *facts;
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > limits.side {
        return Err(too_large(&format!("{width}×{height} pixels, and a side may have {}", limits.side)));
    }
    if pixels > limits.pixels {
        let (size, most) = (pixels / 1_000_000, limits.pixels / 1_000_000);
        return Err(too_large(&format!(
            "{width}×{height} are {size} million pixels, and {most} million are allowed"
        )));
    }
    Ok(())
}

fn too_large(what: &str) -> Error {
    Error::new(Kind::ImageTooLarge, format!("the picture is too large: {what}; make it smaller"))
}

fn unreadable(e: ImageError) -> Error {
    let error = match e {
        ImageError::Limits(_) => too_large("decoding it would take too much memory"),
        ImageError::Unsupported(_) => Error::new(
            Kind::ImageUnreadable,
            "the picture is of a rare variety that is not read; save it as an ordinary PNG or JPEG",
        ),
        _ => Error::new(Kind::ImageUnreadable, "the picture is damaged and cannot be decoded; get it again"),
    };
    error.because(e)
}

/// Whether a JPEG's own end mark is there: not that of a preview inside one of its segments.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xff, marker]) = bytes.get(at..at + 2) {
        match marker {
            0xd9 => return true,
            // Fill bytes and markers without a length.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            _ => {
                let Some(&[high, low]) = bytes.get(at + 2..at + 4) else {
                    return false;
                };
                at += 2 + usize::from(u16::from_be_bytes([high, low]));
                if marker == 0xda {
                    at += scan_length(bytes.get(at..).unwrap_or_default());
                }
            }
        }
    }
    false
}

/// Compressed data runs to the next marker that is neither a stuffed 0xff nor a restart.
fn scan_length(data: &[u8]) -> usize {
    data.windows(2)
        .position(|w| w[0] == 0xff && !matches!(w[1], 0 | 0xd0..=0xd7 | 0xff))
        .unwrap_or(data.len())
}
