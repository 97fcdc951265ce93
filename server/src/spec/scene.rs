//! From what was agreed to, and the files that were fetched for it, to what the renderer draws.

use std::collections::HashMap;
use std::path::PathBuf;

use mouthpiece_render::scene::{self, Canvas, Content, Fps, Invalid, Layer, Placement, Scene};

use super::anchor::Anchor;
use super::{Element, Fit, ImageSource, Place, VideoSpec};
use crate::id::RecordId;
use crate::problem::{Problem, Result};

/// What lies on the disk for a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// The photo or video of the avatar and of every image that is no colour, by `Element::field`.
    pub media: HashMap<String, PathBuf>,
    pub sound: PathBuf,
}

/// The scene of a job. The job's id chooses blinks and sway: another attempt makes the same video.
pub fn scene(spec: &VideoSpec, id: &RecordId, anchor: Anchor, files: &Files) -> Result<Scene> {
    let VideoSpec {
        width,
        height,
        avatar,
        images,
        sound: _,
        anchor: _,
        captions: _,
    } = spec;
    let canvas = Canvas::new(*width, *height, Fps::DEFAULT)?;
    let mut layers = vec![layer(avatar, Content::Avatar(files.of(&avatar.field)?), anchor)?];
    for image in images {
        layers.push(layer(image, content(image, files)?, anchor)?);
    }
    Ok(Scene::new(canvas, layers, &files.sound)?.with_seed(seed(id)))
}

impl Files {
    fn of(&self, field: &str) -> Result<PathBuf> {
        let file = self.media.get(field).cloned();
        file.ok_or_else(|| Problem::internal(format!("no file was fetched for {field}")))
    }
}

fn content(image: &Element<ImageSource>, files: &Files) -> Result<Content> {
    Ok(match &image.source {
        ImageSource::Colour(digits) => Content::Colour(digits.parse().map_err(|e| wrong(&image.field, &e))?),
        ImageSource::Url(_) => Content::Image(files.of(&image.field)?),
    })
}

fn layer<S>(element: &Element<S>, content: Content, anchor: Anchor) -> Result<Layer> {
    let Element {
        field,
        source: _,
        place,
        order,
    } = element;
    Layer::new(content, placement(place, anchor), *order).map_err(|e| wrong(field, &e))
}

fn placement(place: &Place, anchor: Anchor) -> Placement {
    let Place {
        offset_x,
        offset_y,
        width,
        height,
        scale_x,
        scale_y,
        fit,
    } = *place;
    Placement {
        anchor: anchor.into(),
        x: offset_x,
        y: offset_y,
        width,
        height,
        scale_x,
        scale_y,
        fit: fit.into(),
    }
}

fn wrong(field: &str, e: &Invalid) -> Problem {
    Problem::field(&format!("{field}.{}", e.field), &e.message)
}

/// The random part of an id.
fn seed(id: &RecordId) -> u64 {
    id.as_str()
        .get(8..)
        .and_then(|hex| u64::from_str_radix(hex, 16).ok())
        .unwrap_or_default()
}

impl From<Fit> for scene::Fit {
    fn from(fit: Fit) -> Self {
        match fit {
            Fit::Cover => Self::Cover,
            Fit::Contain => Self::Contain,
            Fit::Fill => Self::Fill,
        }
    }
}

#[cfg(test)]
mod tests;
