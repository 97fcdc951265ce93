//! From what clients send to what is agreed to. Whatever is wrong is told by its path in the body, such as `elements[2].scale_x`.

use mouthpiece_render::scene::{Rgba, Scene};
use serde_json::Value;

use super::avatar::{Asked, Origin, Wish, find};
use super::heard::{Heard, Speech, heard, speech, wanted_captions};
use super::range;
use super::wire::{AvatarBody, CreateBody, ElementBody, ImageBody, PlaceBody, VideoBody};
use crate::api::new_video::{Form, NewVideo};
use crate::api::request::{filled, shown};
use crate::api::url::{checked_url, checked_webhook};
use crate::api::voices::choose;
use crate::config::Compat;
use crate::db::Tx;
use crate::fetch::Wanted;
use crate::problem::{Problem, Result};
use crate::service::Service;
use crate::spec::speech::VoiceSource;
use crate::spec::{AnchorRule, AvatarSource, CanvasSpec, Captions, Element, Fit, LayerSource, Place, SceneSpec, Sound, VideoSpec};

/// The longest name of an avatar or a voice, in characters.
pub const NAME: usize = 255;

/// A request that is sound in itself; whether there are such avatars and voices is still to be seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub webhook_url: Option<String>,
    pub width: u32,
    pub height: u32,
    pub scenes: Vec<SceneDraft>,
    pub captions: Captions,
    pub anchor: AnchorRule,
}

/// What is on the canvas, and what is heard.
#[derive(Clone, Debug, PartialEq)]
pub struct SceneDraft {
    pub avatar: Element<Wish>,
    pub layers: Vec<Element<LayerSource>>,
    pub heard: Option<Heard>,
    pub seconds: Option<f64>,
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
        let (scene, anchor) = if elements.is_empty() {
            // It has no offsets of its own that could point elsewhere.
            (flat.scene(from, width, height)?, AnchorRule::Center)
        } else {
            let mut room = Room::of(service);
            let Listed { avatar, layers, heard } = listed(service, from, "elements", &elements, &mut room)?;
            let scene = SceneDraft {
                avatar,
                layers,
                heard: Some(only("elements", "audio", heard)?),
                seconds: None,
            };
            (scene, rule)
        };
        let captions = wanted_captions(filled(captions), filled(caption_size))?;
        Self {
            webhook_url,
            width,
            height,
            scenes: vec![scene],
            captions,
            anchor,
        }
        .checked()
    }

    /// Refuses captions of what nobody knows.
    pub fn checked(self) -> Result<Self> {
        let unknown = self.scenes.iter().find_map(|scene| match &scene.heard {
            Some(Heard::Recording(Sound::Url { field, text: None, .. })) => Some(field),
            _ => None,
        });
        match unknown {
            Some(field) if !self.captions.is_none() => {
                let beside = field.strip_suffix(".voice_url").unwrap_or(field);
                let rest = format!("needs what is said: send it as {beside}.text, or as input_text to be spoken");
                Err(Problem::field("captions", rest))
            }
            _ => Ok(self),
        }
    }

    /// With its avatars and voices, which must be there.
    pub async fn agreed(self, service: &Service, tx: &mut Tx, uid: i64) -> Result<NewVideo> {
        let (mut cast, mut cost) = (Vec::new(), 0);
        for scene in &self.scenes {
            let avatar = find(service, tx, uid, &scene.avatar.source).await?;
            let voice = match scene.speech() {
                Some(speech) => Some(voice(service, tx, uid, speech).await?),
                None => None,
            };
            cost += scene.speech().map_or(0, |s| service.config.credit.speech(s.text.characters));
            cast.push((avatar, voice));
        }
        Ok(NewVideo {
            form: Form::TalkingAvatar,
            webhook_url: self.webhook_url.clone(),
            spec: self.with(cast)?,
            speech: cost,
        })
    }

    /// With the avatar of each scene, and its voice where there is something to speak.
    pub fn with(self, cast: Vec<(AvatarSource, Option<VoiceSource>)>) -> Result<VideoSpec> {
        let Self {
            webhook_url: _,
            width,
            height,
            scenes,
            captions,
            anchor,
        } = self;
        let scenes = scenes
            .into_iter()
            .zip(cast)
            .map(|(scene, (avatar, voice))| scene.with(avatar, voice));
        Ok(VideoSpec {
            canvas: CanvasSpec::Given { width, height },
            scenes: scenes.collect::<Result<_>>()?,
            anchor,
            captions,
            warnings: Vec::new(),
        })
    }
}

/// The voice that speaks a text.
async fn voice(service: &Service, tx: &mut Tx, uid: i64, speech: &Speech) -> Result<VoiceSource> {
    let cast = service.voices.now().await?;
    let voice = choose(&cast, tx, uid, &speech.voice_field, &speech.voice).await?;
    speech.fits(service, &voice)?;
    Ok(voice.source)
}

impl SceneDraft {
    /// What is to be spoken, if it is no recording.
    pub fn speech(&self) -> Option<&Speech> {
        match &self.heard {
            Some(Heard::Speech(speech)) => Some(speech),
            Some(Heard::Recording(_)) | None => None,
        }
    }

    fn with(self, source: AvatarSource, voice: Option<VoiceSource>) -> Result<SceneSpec> {
        let Self {
            avatar: Element {
                field,
                source: _,
                place,
                order,
            },
            layers,
            heard,
            seconds,
        } = self;
        let sound = match (heard, voice) {
            (None, _) => None,
            (Some(Heard::Recording(sound)), _) => Some(sound),
            (Some(Heard::Speech(speech)), Some(voice)) => Some(Sound::Speech(speech.agreed(voice))),
            (Some(Heard::Speech(_)), None) => return Err(Problem::internal("a text without a voice")),
        };
        let avatar = Element {
            field,
            source,
            place,
            order,
        };
        Ok(SceneSpec {
            avatar,
            layers,
            sound,
            seconds,
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
    fn scene(self, from: Origin, width: u32, height: u32) -> Result<SceneDraft> {
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
            place: Some(place),
            order: 0,
        };
        Ok(SceneDraft {
            avatar,
            layers: Vec::new(),
            heard: Some(heard),
            seconds: None,
        })
    }
}

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
fn only<T>(field: &str, name: &str, mut all: Vec<T>) -> Result<T> {
    match (all.pop(), all.len()) {
        (Some(one), 0) => Ok(one),
        (one, rest) => {
            let count = rest + usize::from(one.is_some());
            Err(Problem::field(field, format!("must have exactly one {name}, but has {count}")))
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

pub fn anchor_rule(name: Option<String>, compat: Compat) -> Result<AnchorRule> {
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
