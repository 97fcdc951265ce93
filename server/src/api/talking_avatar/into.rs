//! From what clients send to what is agreed to. Whatever is wrong is told by its path in the body, such as `elements[2].scale_x`.

use super::avatar::{Origin, Wish, find};
use super::elements::{Listed, Room, listed, only, wish};
use super::heard::{Heard, Speech, speech, wanted_captions};
use super::range;
use super::wire::{AvatarBody, CreateBody};
use crate::api::new_video::{Form, NewVideo};
use crate::api::request::{filled, shown};
use crate::api::url::checked_webhook;
use crate::api::voices::choose;
use crate::config::Compat;
use crate::db::Tx;
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

pub fn short(field: &str, text: Option<&str>, limit: usize) -> Result<()> {
    match text.map(|t| t.chars().count()) {
        Some(length) if length > limit => {
            let rest = format!("has {length} characters, but may have {limit}");
            Err(Problem::field(field, rest))
        }
        _ => Ok(()),
    }
}
