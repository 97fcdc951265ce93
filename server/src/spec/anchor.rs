//! Where offsets point: at an element's upper-left corner, or at its centre.
//!
//! The contract (section 4) has one exception that depends on drawn sizes, and so on media that are fetched after the answer.

use serde::{Deserialize, Serialize};

use super::{AnchorRule, CanvasSpec, Element, LayerSource, Place, VideoSpec};

/// The reading that a video is made with, and that its record tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Anchor {
    TopLeft,
    Center,
}

/// Pixels, width and height.
pub type Size = (f64, f64);

/// An element as the rule sees it: its offset, and the drawn sides as far as they are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sighting {
    pub offset_x: f64,
    pub offset_y: f64,
    pub width: Option<f64>,
    pub height: Option<f64>,
}

/// The reading of a request; `None` while it hangs on sizes that are not known yet.
///
/// `natural` gives the size in pixels of an element's media, upright, by `Element::field`, once it is known. With all sizes known there
/// is always a reading.
pub fn reading(spec: &VideoSpec, natural: &dyn Fn(&str) -> Option<Size>) -> Option<Anchor> {
    let CanvasSpec::Given { width, height } = spec.canvas else {
        // Nothing is placed there.
        return Some(Anchor::TopLeft);
    };
    let canvas = (f64::from(width), f64::from(height));
    // A request is written in one reading, whichever of its scenes shows it.
    let elements = spec.scenes.iter().flat_map(|scene| {
        let avatar = scene
            .avatar
            .place
            .iter()
            .map(|place| Sighting::of(place, natural(&scene.avatar.field)));
        avatar.chain(scene.layers.iter().filter_map(|layer| Sighting::of_layer(layer, canvas, natural)))
    });
    read(spec.anchor, canvas, elements)
}

/// The rule itself. Elements that can have no say, such as colours without a size, are left out by the caller.
pub fn read(rule: AnchorRule, canvas: Size, elements: impl IntoIterator<Item = Sighting>) -> Option<Anchor> {
    match rule {
        AnchorRule::TopLeft => Some(Anchor::TopLeft),
        AnchorRule::Center => Some(Anchor::Center),
        AnchorRule::Documented => documented(canvas, elements),
    }
}

/// Upper-left corners, unless an element that covers the canvas was placed with its offset at the canvas's centre: as a corner it would
/// show a quarter of itself, so the request was written for centres.
fn documented(canvas: Size, elements: impl IntoIterator<Item = Sighting>) -> Option<Anchor> {
    let mut unknown = false;
    for element in elements.into_iter().filter(|e| e.is_at_centre(canvas)) {
        match element.covers(canvas) {
            Some(true) => return Some(Anchor::Center),
            Some(false) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(Anchor::TopLeft)
}

impl Sighting {
    /// An element whose media measures `natural` pixels; one given side draws the other along, as the renderer does.
    fn of(place: &Place, natural: Option<Size>) -> Self {
        let shape = natural.map(|(w, h)| w.max(1.0) / h.max(1.0));
        let (width, height) = match (place.width, place.height) {
            (None, None) => natural.unzip(),
            (width, height) => (width.or_else(|| Some(height? * shape?)), height.or_else(|| Some(width? / shape?))),
        };
        Self {
            offset_x: place.offset_x,
            offset_y: place.offset_y,
            width: width.map(|w| w * place.scale_x),
            height: height.map(|h| h * place.scale_y),
        }
    }

    /// A colour without a size fills the canvas wherever it is placed, so it says nothing; one missing side is the canvas's.
    fn of_layer(layer: &Element<LayerSource>, canvas: Size, natural: &dyn Fn(&str) -> Option<Size>) -> Option<Self> {
        let place = layer.place.as_ref()?;
        match &layer.source {
            LayerSource::Image(_) | LayerSource::Video(_) | LayerSource::Media(_) => Some(Self::of(place, natural(&layer.field))),
            LayerSource::Colour(_) if place.width.is_none() && place.height.is_none() => None,
            LayerSource::Colour(_) => {
                let sides = (place.width.unwrap_or(canvas.0), place.height.unwrap_or(canvas.1));
                let sized = Place {
                    width: Some(sides.0),
                    height: Some(sides.1),
                    ..place.clone()
                };
                Some(Self::of(&sized, None))
            }
        }
    }

    /// Within 2 % of the canvas's sides.
    fn is_at_centre(&self, canvas: Size) -> bool {
        let near = |offset: f64, side: f64| (offset - side / 2.0).abs() * 100.0 <= side * 2.0;
        near(self.offset_x, canvas.0) && near(self.offset_y, canvas.1)
    }

    /// At least 90 % of the canvas both ways; `None` while a side that matters is not known.
    fn covers(&self, canvas: Size) -> Option<bool> {
        let enough = |drawn: Option<f64>, side: f64| drawn.map(|d| d * 10.0 >= side * 9.0);
        match (enough(self.width, canvas.0), enough(self.height, canvas.1)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }
}

impl From<Anchor> for mouthpiece_render::scene::Anchor {
    fn from(anchor: Anchor) -> Self {
        match anchor {
            Anchor::TopLeft => Self::TopLeft,
            Anchor::Center => Self::Centre,
        }
    }
}

#[cfg(test)]
mod tests;
