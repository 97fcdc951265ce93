//! From what clients send to what is agreed to. Whatever is wrong is told by its path in the body, such as `elements[2].scale_x`.

use mouthpiece_render::scene::{Rgba, Scene};
use serde_json::Value;

use super::avatar::{Asked, Origin, Wish};
use super::heard::{Heard, Speech, heard, speech, wanted_captions};
use super::range;
use super::wire::{AvatarBody, CreateBody, ElementBody, ImageBody, PlaceBody};
use crate::api::request::shown;
use crate::api::url::{checked_url, checked_webhook};
use crate::config::Compat;
use crate::fetch::Wanted;
use crate::problem::{Problem, Result};
use crate::service::Service;
use crate::spec::speech::VoiceSource;
use crate::spec::{AnchorRule, AvatarSource, Captions, Element, Fit, ImageSource, Place, Sound, VideoSpec};

/// The longest name of an avatar or a voice, in characters.
pub const NAME: usize = 255;

/// A request that is sound in itself; whether there is such an avatar is still to be seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub webhook_url: Option<String>,
    width: u32,
    height: u32,
    pub(super) avatar: Element<Wish>,
    images: Vec<Element<ImageSource>>,
    heard: Heard,
    captions: Captions,
    pub(super) anchor: AnchorRule,
}

/// What is on the canvas, and what is heard.
struct Show {
    avatar: Element<Wish>,
    images: Vec<Element<ImageSource>>,
    heard: Heard,
}

impl Draft {
    /// Checks everything that the body alone can be wrong in.
    pub fn new(service: &Service, compat: Compat, body: CreateBody) -> Result<Self> {
        let CreateBody {
            width,
            height,
            avatar_from,
            webhook_url,
            elements,
            offset_anchor,
            avatar_id,
            voice_id,
            input_text,
            captions,
            caption_size,
        } = body;
        let width = range::SIDE.required("width", width)? as u32;
        let height = range::SIDE.required("height", height)? as u32;
        let from = range::FROM.required("avatar_from", avatar_from)?;
        let from = if from == 2.0 { Origin::Official } else { Origin::Own };
        let webhook_url = filled(webhook_url)
            .map(|url| checked_webhook(service, "webhookUrl", &url))
            .transpose()?;
        let rule = anchor_rule(filled(offset_anchor), compat)?;
        let elements = elements.unwrap_or_default();
        let flat = Flat {
            avatar_id: filled(avatar_id),
            voice_id: filled(voice_id),
            input_text: filled(input_text),
        };
        let (Show { avatar, images, heard }, anchor) = if elements.is_empty() {
            // It has no offsets of its own that could point elsewhere.
            (flat.show(from, width, height)?, AnchorRule::Center)
        } else {
            (listed(service, from, &elements)?, rule)
        };
        let captions = wanted_captions(filled(captions), filled(caption_size))?;
        if let (false, Heard::Recording(Sound::Url { field, text: None, .. })) = (captions.is_none(), &heard) {
            let rest = format!("needs what is said: send it as {field}.text, or as input_text to be spoken");
            return Err(Problem::field("captions", rest));
        }
        Ok(Self {
            webhook_url,
            width,
            height,
            avatar,
            images,
            heard,
            captions,
            anchor,
        })
    }

    /// What is to be spoken, if it is no recording.
    pub fn speech(&self) -> Option<&Speech> {
        match &self.heard {
            Heard::Speech(speech) => Some(speech),
            Heard::Recording(_) => None,
        }
    }

    pub fn wish(&self) -> &Wish {
        &self.avatar.source
    }

    /// With the avatar that was found, and the voice, if there is something to speak.
    pub fn agreed(self, source: AvatarSource, voice: Option<VoiceSource>) -> Result<VideoSpec> {
        let Self {
            webhook_url: _,
            width,
            height,
            avatar: Element {
                field,
                source: _,
                place,
                order,
            },
            images,
            heard,
            captions,
            anchor,
        } = self;
        let sound = match (heard, voice) {
            (Heard::Recording(sound), _) => sound,
            (Heard::Speech(speech), Some(voice)) => Sound::Speech(speech.agreed(voice)),
            (Heard::Speech(_), None) => return Err(Problem::internal("a text without a voice")),
        };
        let avatar = Element {
            field,
            source,
            place,
            order,
        };
        Ok(VideoSpec {
            width,
            height,
            avatar,
            images,
            sound,
            anchor,
            captions,
        })
    }
}

/// The short form: one avatar in the middle, as high as the canvas, and a text.
struct Flat {
    avatar_id: Option<String>,
    voice_id: Option<String>,
    input_text: Option<String>,
}

impl Flat {
    fn show(self, from: Origin, width: u32, height: u32) -> Result<Show> {
        let Self {
            avatar_id,
            voice_id,
            input_text,
        } = self;
        if avatar_id.is_none() && voice_id.is_none() && input_text.is_none() {
            let rest = "is missing or empty, but must list exactly one avatar, exactly one audio, and any images";
            return Err(Problem::field("elements", rest));
        }
        let body = AvatarBody { avatar_id, url: None };
        let heard = speech("", voice_id, input_text, None)?;
        let heard = heard.ok_or_else(|| Problem::field("input_text", "is missing, and voice_id too: what is to be said, and by whom?"))?;
        let place = Place {
            offset_x: f64::from(width) / 2.0,
            offset_y: f64::from(height) / 2.0,
            width: None,
            height: Some(f64::from(height)),
            scale_x: 1.0,
            scale_y: 1.0,
            fit: Fit::default(),
        };
        let avatar = Element {
            field: "body".to_owned(),
            source: wish(String::new(), from, body)?,
            place,
            order: 0,
        };
        Ok(Show {
            avatar,
            images: Vec::new(),
            heard,
        })
    }
}

fn listed(service: &Service, from: Origin, elements: &[Value]) -> Result<Show> {
    let (mut avatars, mut images, mut sounds) = (Vec::new(), Vec::new(), Vec::new());
    for (index, value) in elements.iter().enumerate() {
        let path = format!("elements[{index}]");
        match ElementBody::read(&path, value)? {
            ElementBody::Avatar(body, at) => avatars.push(element(wish(format!("{path}."), from, body)?, path, index, at)?),
            ElementBody::Image(body, at) => images.push(element(picture(service, &path, body)?, path, index, at)?),
            ElementBody::Audio(body) => sounds.push(heard(service, &path, body)?),
        }
    }
    let limit = service.config.limits.images.min(Scene::MAX_IMAGES);
    if images.len() > limit {
        let rest = format!("has {} images, but may have {limit}", images.len());
        return Err(Problem::field("elements", rest));
    }
    let mut avatar = only("avatar", avatars)?;
    let heard = only("audio", sounds)?;
    rank(&mut avatar, &mut images);
    Ok(Show {
        avatar: avatar.element,
        images: images.into_iter().map(|i| i.element).collect(),
        heard,
    })
}

/// An element with its place in the list, which decides between equal layers.
struct Listed<S> {
    index: usize,
    element: Element<S>,
}

fn element<S>(source: S, field: String, index: usize, at: PlaceBody) -> Result<Listed<S>> {
    let (place, layer) = placed(&field, at)?;
    let element = Element {
        field,
        source,
        place,
        order: layer.unwrap_or(index as i64),
    };
    Ok(Listed { index, element })
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
fn rank(avatar: &mut Listed<Wish>, images: &mut [Listed<ImageSource>]) {
    let mut orders: Vec<(usize, &mut i64)> = images.iter_mut().map(|i| (i.index, &mut i.element.order)).collect();
    orders.push((avatar.index, &mut avatar.element.order));
    orders.sort_by_key(|(index, layer)| (**layer, *index));
    for (rank, (_, order)) in orders.into_iter().enumerate() {
        *order = rank as i64;
    }
}

/// The one element of its type.
fn only<T>(name: &str, mut all: Vec<T>) -> Result<T> {
    match (all.pop(), all.len()) {
        (Some(one), 0) => Ok(one),
        (one, rest) => {
            let count = rest + usize::from(one.is_some());
            Err(Problem::field("elements", format!("must have exactly one {name}, but has {count}")))
        }
    }
}

/// `path` is empty or ends with a dot.
fn wish(path: String, from: Origin, body: AvatarBody) -> Result<Wish> {
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

fn picture(service: &Service, path: &str, body: ImageBody) -> Result<ImageSource> {
    let ImageBody { url } = body;
    let field = format!("{path}.url");
    let may_be = "a link to a picture, or a colour: # and 3, 4, 6 or 8 hex digits";
    let text = filled(url).ok_or_else(|| Problem::field(&field, format!("is missing, but must be {may_be}")))?;
    if text.parse::<Rgba>().is_ok() {
        return Ok(ImageSource::Colour(text.trim_start_matches('#').to_owned()));
    }
    if !text.contains(':') {
        return Err(Problem::field(&field, format!("is {:?}, but must be {may_be}", shown(&text))));
    }
    Ok(ImageSource::Url(checked_url(service, &field, &text, Wanted::Image)?))
}

fn anchor_rule(name: Option<String>, compat: Compat) -> Result<AnchorRule> {
    match (name.as_deref(), compat) {
        (Some("top_left"), _) => Ok(AnchorRule::TopLeft),
        (Some("center"), _) | (None, Compat::Live) => Ok(AnchorRule::Center),
        (None, Compat::Documented) => Ok(AnchorRule::Documented),
        (Some(other), _) => {
            let rest = format!("is {:?}, but may be top_left or center", shown(other));
            Err(Problem::field("offset_anchor", rest))
        }
    }
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

pub fn short(field: &str, text: Option<&str>, limit: usize) -> Result<()> {
    match text.map(|t| t.chars().count()) {
        Some(length) if length > limit => {
            let rest = format!("has {length} characters, but may have {limit}");
            Err(Problem::field(field, rest))
        }
        _ => Ok(()),
    }
}

/// A text that says something: empty ones are as good as none.
pub fn filled(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}
