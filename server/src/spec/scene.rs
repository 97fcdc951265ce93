//! From what was agreed to, and the files that were fetched for it, to what the renderer draws.

use std::collections::HashMap;
use std::path::PathBuf;

use mouthpiece_render::media::sniff;
use mouthpiece_render::scene::{self, Canvas, Content, Invalid, Layer, Placement, Scene};

use super::anchor::Anchor;
use super::canvas::Natural;
use super::{Element, Fit, LayerSource, Place, SceneSpec, VideoSpec};
use crate::id::RecordId;
use crate::problem::{Problem, Result};

/// What lies on the disk for a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// The photo or video of each avatar and of every layer that is no colour, by `Element::field`.
    pub media: HashMap<String, PathBuf>,
    /// What is heard in each scene.
    pub sounds: Vec<Option<PathBuf>>,
}

/// The scenes of a job. The job's id chooses blinks and sway: another attempt makes the same video.
///
/// `first` is what the first avatar is.
pub fn scenes(spec: &VideoSpec, id: &RecordId, anchor: Anchor, first: Natural, files: &Files) -> Result<Vec<Scene>> {
    let VideoSpec {
        canvas,
        scenes,
        anchor: _,
        captions,
        warnings: _,
    } = spec;
    let canvas = super::canvas::canvas(*canvas, first)?;
    let one = |(index, scene): (usize, &SceneSpec)| {
        let sound = files.sounds.get(index).cloned().flatten();
        let seed = seed(id).wrapping_add(index as u64);
        Ok(one(scene, canvas, anchor, files, sound)?
            .with_seed(seed)
            .with_captions((*captions).into()))
    };
    scenes.iter().enumerate().map(one).collect()
}

fn one(spec: &SceneSpec, canvas: Canvas, anchor: Anchor, files: &Files, sound: Option<PathBuf>) -> Result<Scene> {
    let SceneSpec {
        avatar,
        layers,
        sound: _,
        seconds,
    } = spec;
    let at = |place: &Option<Place>| {
        let place = place.as_ref().map(|place| placement(place, anchor));
        place.unwrap_or_else(|| Placement::filling(canvas, scene::Fit::Cover))
    };
    let mut all = vec![layer(avatar, Content::Avatar(files.of(&avatar.field)?), at(&avatar.place))?];
    for element in layers {
        all.push(layer(element, content(element, files)?, at(&element.place))?);
    }
    Ok(match (sound, seconds) {
        (Some(sound), None) => Scene::new(canvas, all, sound)?,
        (Some(sound), Some(seconds)) => Scene::new(canvas, all, sound)?.lasting(*seconds)?,
        (None, Some(seconds)) => Scene::silent(canvas, all, *seconds)?,
        (None, None) => return Err(Problem::internal("a scene without a sound and without a length")),
    })
}

impl Files {
    fn of(&self, field: &str) -> Result<PathBuf> {
        let file = self.media.get(field).cloned();
        file.ok_or_else(|| Problem::internal(format!("no file was fetched for {field}")))
    }
}

fn content(element: &Element<LayerSource>, files: &Files) -> Result<Content> {
    let file = || files.of(&element.field);
    Ok(match &element.source {
        LayerSource::Colour(digits) => Content::Colour(digits.parse().map_err(|e| wrong(&element.field, &e))?),
        LayerSource::Image(_) => Content::Image(file()?),
        LayerSource::Video(_) => Content::Video(file()?),
        LayerSource::Media(_) => {
            let file = file()?;
            match sniff::avatar(&file) {
                Ok(sniff::Kind::Video(_)) => Content::Video(file),
                // What cannot be read is told when it is drawn.
                _ => Content::Image(file),
            }
        }
    })
}

fn layer<S>(element: &Element<S>, content: Content, placement: Placement) -> Result<Layer> {
    let Element {
        field,
        source: _,
        place: _,
        order,
    } = element;
    Layer::new(content, placement, *order).map_err(|e| wrong(field, &e))
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
