//! What is on the canvas: the elements of a request, or of one of its scenes.

use mouthpiece_render::scene::{Rgba, Scene};
use serde_json::Value;

use super::avatar::{Asked, Origin, Wish};
use super::heard::{Heard, heard};
use super::into::{NAME, short};
use super::range;
use super::wire::{AvatarBody, ElementBody, ImageBody, PlaceBody, VideoBody};
use crate::api::request::{filled, shown};
use crate::api::url::checked_url;
use crate::fetch::Wanted;
use crate::problem::{Problem, Result};
use crate::service::Service;
use crate::spec::{Element, Fit, LayerSource, Place};

/// How many images and videos a request may still have.
pub struct Room {
    images: Count,
    videos: Count,
}

#[derive(Clone, Copy)]
struct Count {
    what: &'static str,
    have: usize,
    limit: usize,
}

impl Room {
    pub fn of(service: &Service) -> Self {
        let limits = &service.config.limits;
        let count = |what, limit: usize, most| Count {
            what,
            have: 0,
            limit: limit.min(most),
        };
        Self {
            images: count("images", limits.images, Scene::MAX_IMAGES),
            videos: count("videos", limits.videos, Scene::MAX_VIDEOS),
        }
    }

    /// Refuses what is too many; `field` holds them.
    pub fn check(&self, field: &str) -> Result<()> {
        for Count { what, have, limit } in [self.images, self.videos] {
            if have > limit {
                return Err(Problem::field(field, format!("has {have} {what}, but may have {limit}")));
            }
        }
        Ok(())
    }
}

/// What a list of elements has.
pub struct Listed {
    pub avatar: Element<Wish>,
    pub layers: Vec<Element<LayerSource>>,
    pub heard: Vec<Heard>,
}

/// Reads elements; `field` is the list's path.
pub fn listed(service: &Service, from: Origin, field: &str, elements: &[Value], room: &mut Room) -> Result<Listed> {
    let (mut avatars, mut layers, mut heards) = (Vec::new(), Vec::new(), Vec::new());
    for (index, value) in elements.iter().enumerate() {
        let path = format!("{field}[{index}]");
        match ElementBody::read(&path, value)? {
            ElementBody::Avatar(body, at) => avatars.push(element(wish(format!("{path}."), from, body)?, path, index, at)?),
            ElementBody::Image(body, at) => {
                room.images.have += 1;
                layers.push(element(picture(service, &path, body)?, path, index, at)?);
            }
            ElementBody::Video(body, at) => {
                room.videos.have += 1;
                layers.push(element(video(service, &path, body)?, path, index, at)?);
            }
            ElementBody::Audio(body) => heards.push(heard(service, &path, body)?),
        }
    }
    room.check(field)?;
    let mut avatar = only(field, "avatar", avatars)?;
    rank(&mut avatar, &mut layers);
    Ok(Listed {
        avatar: avatar.element,
        layers: layers.into_iter().map(|i| i.element).collect(),
        heard: heards,
    })
}

/// An element with its place in the list, which decides between equal layers.
struct Ranked<S> {
    index: usize,
    element: Element<S>,
}

fn element<S>(source: S, field: String, index: usize, at: PlaceBody) -> Result<Ranked<S>> {
    let (place, layer) = placed(&field, at)?;
    let element = Element {
        field,
        source,
        place: Some(place),
        order: layer.unwrap_or(index as i64),
    };
    Ok(Ranked { index, element })
}

/// Where and how large; and the layer, where one was given.
fn placed(path: &str, body: PlaceBody) -> Result<(Place, Option<i64>)> {
    let PlaceBody {
        scale_x,
        scale_y,
        offset_x,
        offset_y,
        width,
        height,
        layer_number,
        object_fit,
    } = body;
    let at = |field: &str| format!("{path}.{field}");
    let place = Place {
        offset_x: range::OFFSET.required(&at("offset_x"), offset_x)?,
        offset_y: range::OFFSET.required(&at("offset_y"), offset_y)?,
        width: range::LENGTH.optional(&at("width"), width)?,
        height: range::LENGTH.optional(&at("height"), height)?,
        scale_x: range::SCALE.required(&at("scale_x"), scale_x)?,
        scale_y: range::SCALE.required(&at("scale_y"), scale_y)?,
        fit: fit(&at("object_fit"), filled(object_fit))?,
    };
    let layer = range::LAYER.optional(&at("layer_number"), layer_number)?;
    Ok((place, layer.map(|n| n as i64)))
}

/// Turns layers into a sequence without equals, since the avatar leaves the list that kept them apart.
fn rank(avatar: &mut Ranked<Wish>, layers: &mut [Ranked<LayerSource>]) {
    let mut orders: Vec<(usize, &mut i64)> = layers.iter_mut().map(|i| (i.index, &mut i.element.order)).collect();
    orders.push((avatar.index, &mut avatar.element.order));
    orders.sort_by_key(|(index, layer)| (**layer, *index));
    for (rank, (_, order)) in orders.into_iter().enumerate() {
        *order = rank as i64;
    }
}

/// The one element of its type.
pub fn only<T>(field: &str, name: &str, mut all: Vec<T>) -> Result<T> {
    match (all.pop(), all.len()) {
        (Some(one), 0) => Ok(one),
        (one, rest) => {
            let count = rest + usize::from(one.is_some());
            Err(Problem::field(field, format!("must have exactly one {name}, but has {count}")))
        }
    }
}

/// `path` is empty or ends with a dot.
pub fn wish(path: String, from: Origin, body: AvatarBody) -> Result<Wish> {
    let AvatarBody { avatar_id, url } = body;
    let name = filled(avatar_id);
    short(&format!("{path}avatar_id"), name.as_deref(), NAME)?;
    let asked = match (name, filled(url)) {
        (Some(name), otherwise) => Asked::Named { name, otherwise },
        (None, Some(url)) => Asked::Url(url),
        (None, None) => {
            let rest = "is missing, and url too: name an avatar, or send the url of a photo or video";
            return Err(Problem::field(&format!("{path}avatar_id"), rest));
        }
    };
    Ok(Wish { path, from, asked })
}

fn picture(service: &Service, path: &str, body: ImageBody) -> Result<LayerSource> {
    let ImageBody { url } = body;
    let field = format!("{path}.url");
    let may_be = "a link to a picture, or a colour: # and 3, 4, 6 or 8 hex digits";
    let text = filled(url).ok_or_else(|| Problem::field(&field, format!("is missing, but must be {may_be}")))?;
    match colour(&field, &text, may_be)? {
        Some(colour) => Ok(colour),
        None => Ok(LayerSource::Image(checked_url(service, &field, &text, Wanted::Image)?)),
    }
}

fn video(service: &Service, path: &str, body: VideoBody) -> Result<LayerSource> {
    let VideoBody { url } = body;
    let field = format!("{path}.url");
    let text = filled(url).ok_or_else(|| Problem::field(&field, "is missing, but must be a link to a video"))?;
    Ok(LayerSource::Video(checked_url(service, &field, &text, Wanted::Video)?))
}

/// A colour, if it is no url.
pub fn colour(field: &str, text: &str, may_be: &str) -> Result<Option<LayerSource>> {
    if text.parse::<Rgba>().is_ok() {
        return Ok(Some(LayerSource::Colour(text.trim_start_matches('#').to_owned())));
    }
    if !text.contains(':') {
        return Err(Problem::field(field, format!("is {:?}, but must be {may_be}", shown(text))));
    }
    Ok(None)
}

fn fit(field: &str, name: Option<String>) -> Result<Fit> {
    match name.as_deref() {
        None => Ok(Fit::default()),
        Some("cover") => Ok(Fit::Cover),
        Some("contain") => Ok(Fit::Contain),
        Some("fill") => Ok(Fit::Fill),
        Some(other) => {
            let rest = format!("is {:?}, but may be cover, contain or fill", shown(other));
            Err(Problem::field(field, rest))
        }
    }
}
