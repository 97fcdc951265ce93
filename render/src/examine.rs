//! Whether a photo or a video can be made to speak, before anything is rendered.

use std::path::Path;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, Resizer};

use crate::error::{Error, Kind, Result};
use crate::footage::{Clip, Need, Opener, Pack, PackCache, Report};
use crate::media::sniff::{self, Kind as Content};
use crate::media::{Picture, Tools, image, video};
use crate::progress::{Progress, Stage, Watch};
use crate::{Models, face, progress};

/// Longest side of a thumbnail, pixels.
const THUMBNAIL: usize = 512;
/// JPEG quality of thumbnails, of 100.
const QUALITY: u8 = 85;

/// What an avatar is; it can be made to speak.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Examined {
    /// It is a video.
    pub footage: bool,
    /// Pixels, upright.
    pub width: u32,
    pub height: u32,
    /// Of a video.
    pub seconds: Option<f64>,
    pub fps: Option<f64>,
    pub warnings: Vec<String>,
    /// Of a prepared video: how good it is.
    pub report: Option<Report>,
    /// Of a prepared video: SHA-256 of its file, which its pack is kept by.
    pub source: Option<String>,
}

/// Looks at a photo or a video and refuses it for the reasons for which rendering would; `thumbnail` is written as a JPEG.
pub fn examine(path: &Path, thumbnail: Option<&Path>, models: &Models, progress: &mut dyn Progress) -> Result<Examined> {
    let mut watch = Watch::new(progress);
    let looked = match sniff::avatar(path)? {
        Content::Video(_) => footage(path, models, &mut watch)?,
        Content::Pack => pack(watch.stage(Stage::Face, |_| Pack::open(path))?),
        _ => photo(path, models, &mut watch)?,
    };
    concluded(looked, thumbnail, &mut watch)
}

/// The same; a video is prepared, so that it speaks at once when it is asked to.
pub fn prepared(
    path: &Path,
    thumbnail: Option<&Path>,
    packs: &PackCache,
    threads: usize,
    models: &Models,
    progress: &mut dyn Progress,
) -> Result<Examined> {
    let mut watch = Watch::new(progress);
    let looked = match sniff::avatar(path)? {
        Content::Image(_) => photo(path, models, &mut watch)?,
        _ => {
            let nets = models.face()?;
            let opener = Opener {
                nets: &nets,
                tools: &Tools::from_env(),
                threads,
                cache: Some(packs),
                folder: &packs.folder,
            };
            pack(opener.open(path, Need::Whole, &mut watch)?)
        }
    };
    concluded(looked, thumbnail, &mut watch)
}

fn concluded((examined, picture): (Examined, Picture), thumbnail: Option<&Path>, watch: &mut Watch) -> Result<Examined> {
    watch.check(1, 1)?;
    if let Some(thumbnail) = thumbnail {
        shrunk(picture)?.save_jpeg(thumbnail, QUALITY)?;
    }
    Ok(examined)
}

/// The size in which a photo or a video is shown, upright, from its header alone.
pub fn natural_size(path: &Path) -> Result<(u32, u32)> {
    match sniff::avatar(path)? {
        Content::Video(_) => video::natural_size(path, &Tools::from_env()),
        Content::Pack => Pack::facts_of(path).map(|facts| (facts.width as u32, facts.height as u32)),
        _ => image::facts(path).map(|facts| (facts.width, facts.height)),
    }
}

/// Frames a second of a video, their mean where it varies, from its header alone; `None` of a photo, and where the header does not tell.
pub fn natural_rate(path: &Path) -> Result<Option<f64>> {
    match sniff::avatar(path)? {
        Content::Video(_) => video::natural_rate(path, &Tools::from_env()),
        Content::Pack => Pack::facts_of(path).map(|facts| Some(facts.fps.as_f64())),
        _ => Ok(None),
    }
}

fn photo(path: &Path, models: &Models, watch: &mut Watch) -> Result<(Examined, Picture)> {
    let file = path.to_owned();
    let picture = watch.stage(Stage::Reading, |w| {
        progress::apart(move || image::open(&file, &image::Limits::default()), &mut || w.check(0, 1))
    })?;
    let analysis = watch.stage(Stage::Face, |w| {
        let nets = models.face()?;
        progress::aside(|| face::analyse(&picture, &nets), &mut || w.check(0, 1))
    })?;
    let examined = Examined {
        footage: false,
        width: picture.width as u32,
        height: picture.height as u32,
        seconds: None,
        fps: None,
        warnings: analysis.warnings.into_iter().map(|w| w.sentence).collect(),
        report: None,
        source: None,
    };
    Ok((examined, picture))
}

fn footage(path: &Path, models: &Models, watch: &mut Watch) -> Result<(Examined, Picture)> {
    let (tools, nets) = (Tools::from_env(), models.face()?);
    let clip = watch.stage(Stage::Face, |w| {
        Clip::open(path, &nets, &tools, 1, &mut |done, total| w.check(done, total))
    })?;
    let Clip { facts, survey, .. } = clip;
    let examined = Examined {
        footage: true,
        width: facts.width,
        height: facts.height,
        seconds: Some(facts.seconds),
        fps: Some(facts.fps),
        warnings: survey.warnings,
        report: None,
        source: None,
    };
    Ok((examined, survey.best.picture))
}

fn pack(pack: Pack) -> (Examined, Picture) {
    let facts = &pack.facts;
    let examined = Examined {
        footage: true,
        width: facts.width as u32,
        height: facts.height as u32,
        seconds: Some(facts.report.seconds),
        fps: Some(facts.fps.as_f64()),
        warnings: facts.warnings.clone(),
        report: Some(facts.report.clone()),
        source: Some(facts.source.clone()),
    };
    (examined, pack.into_looks().picture)
}

/// The picture on white, at most so large as a thumbnail.
fn shrunk(mut picture: Picture) -> Result<Picture> {
    for pixel in picture.rgba.chunks_exact_mut(4).filter(|p| p[3] != 255) {
        let alpha = u32::from(pixel[3]);
        for c in &mut pixel[..3] {
            *c = ((u32::from(*c) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        }
        pixel[3] = 255;
    }
    let longest = picture.width.max(picture.height);
    if longest <= THUMBNAIL {
        return Ok(picture);
    }
    let side = |length: usize| (length * THUMBNAIL).div_ceil(longest).max(1);
    let (width, height) = (side(picture.width), side(picture.height));
    let mut rgba = vec![0; width * height * 4];
    scale(&picture, width, height, &mut rgba).map_err(|e| Error::new(Kind::Internal, "a thumbnail could not be made").because(e))?;
    Ok(Picture { width, height, rgba })
}

fn scale(from: &Picture, width: usize, height: usize, rgba: &mut [u8]) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let source = ImageRef::new(from.width as u32, from.height as u32, &from.rgba, PixelType::U8x4)?;
    let mut target = Image::from_slice_u8(width as u32, height as u32, rgba, PixelType::U8x4)?;
    Resizer::new().resize(&source, &mut target, None)?;
    Ok(())
}
