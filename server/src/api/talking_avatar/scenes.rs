//! The older form of the request: several scenes, one after the other in one video.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::avatar::Origin;
use super::elements::{Listed, Room, colour, listed};
use super::heard::{Heard, speech, wanted_captions};
use super::into::{Draft, SceneDraft, anchor_rule};
use super::range;
use super::schema;
use super::wire::ElementBody;
use crate::api::answer::{Answer, Envelope};
use crate::api::caller::Caller;
use crate::api::idempotency::{IdempotencyHeader, IdempotencyKey};
use crate::api::new_video::Created;
use crate::api::request::{Body, Number, filled, number};
use crate::api::spoken;
use crate::api::url::{checked_url, checked_webhook};
use crate::config::Compat;
use crate::fetch::Wanted;
use crate::problem::{Code, Problem, Result};
use crate::service::Service;
use crate::spec::{Element, LayerSource, Place, Sound};

/// A video of several scenes.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct CreateVideoBody {
    /// The scenes, in their order; up to the server's limit (50 by default).
    #[schema(required, nullable = false, min_items = 1)]
    data: Option<Vec<SceneBody>>,
    /// Is posted to when the video is begun, and when it is done or has failed. Absent or empty: nobody is called.
    #[schema(format = "uri", example = "https://example.com/callback", max_length = 8192)]
    #[serde(rename = "webhookUrl")]
    webhook_url: Option<String>,
    #[schema(schema_with = schema::offset_anchor)]
    offset_anchor: Option<String>,
    /// `file` writes what is said into SubRip and WebVTT files, `burn` draws it into the pictures as well.
    #[schema(schema_with = schema::captions)]
    captions: Option<String>,
    #[schema(schema_with = schema::caption_size)]
    caption_size: Option<String>,
}

/// A scene: one avatar, what is around it, and what it says.
#[derive(Clone, Debug, Deserialize, ToSchema)]
struct SceneBody {
    /// Required in the first scene, whose size is the video's. A later scene of another size is brought to it with everything in it, and must
    /// have its shape; without a size it has that of the first.
    #[schema(schema_with = schema::side)]
    #[serde(default, deserialize_with = "number")]
    width: Option<Number>,
    #[schema(schema_with = schema::side)]
    #[serde(default, deserialize_with = "number")]
    height: Option<Number>,
    #[schema(schema_with = schema::duration)]
    #[serde(default, deserialize_with = "number")]
    duration: Option<Number>,
    /// What is said. An audio element says it as well; without either the scene is silent and needs a `duration`.
    voice: Option<VoiceBody>,
    /// Exactly one avatar, at most one audio, and images and videos, of which all scenes together may have as many as the server's limits
    /// allow (64 and 8 by default).
    #[schema(required, value_type = Vec<ElementBody>)]
    elements: Option<Vec<Value>>,
    /// What fills the canvas under everything: a colour, or a link to a picture or a video. Default: white.
    #[schema(example = "#ffffff")]
    background: Option<String>,
    #[schema(schema_with = schema::from)]
    #[serde(rename = "avatarFrom", alias = "avatar_from", default, deserialize_with = "number")]
    avatar_from: Option<Number>,
}

/// What is said: a recording's `voice_url`, or `input_text` with `voice_id`. If all are there, `voice_url` wins.
#[derive(Clone, Debug, Deserialize, ToSchema)]
struct VoiceBody {
    /// An mp3, wav, m4a, aac, ogg or flac.
    #[schema(format = "uri", max_length = 8192, example = "https://example.com/speech.mp3")]
    voice_url: Option<String>,
    /// Spoken by the server; needs `voice_id`.
    #[schema(max_length = 50000)]
    input_text: Option<String>,
    /// A voice's `voice_id` or `_id`; needs `input_text`.
    #[schema(max_length = 255)]
    voice_id: Option<String>,
    /// What is said in the recording of `voice_url`, word for word: captions need it.
    #[schema(max_length = 50000)]
    text: Option<String>,
    /// What `text` is in, such as `en`: English unless it is said.
    #[schema(max_length = 35)]
    language_code: Option<String>,
}

/// Make a video of several scenes of talking avatars, one after the other.
///
/// Each scene lasts as long as what is said in it, or as its `duration` says, to the frame. All of them make one file with one sound track.
/// Elements are those of `/api/open/v3/talkingavatar/create`, and so are the answer, the record (its `type` is 4 too) and its codes. Offsets
/// of all scenes are read in one way, see `offset_anchor`.
#[utoipa::path(post, path = "/api/open/v3/avatar/createVideo", tag = "talking avatar", params(IdempotencyHeader),
    request_body(content = CreateVideoBody, example = json!(example())),
    responses((status = 200, body = Envelope<Created>), (status = 429, body = Envelope<Created>, description = "1005: too many jobs wait")))]
pub async fn create(
    State(service): State<Service>,
    caller: Caller,
    key: IdempotencyKey,
    Body { value, digest }: Body<CreateVideoBody>,
) -> Result<Answer<Value>> {
    let draft = Draft::of_scenes(&service, caller.compat, value)?;
    draft.accept(&service, caller.uid(), key, digest).await.map(Answer::ok)
}

impl Draft {
    /// Checks everything that the body alone can be wrong in.
    pub fn of_scenes(service: &Service, compat: Compat, body: CreateVideoBody) -> Result<Self> {
        let CreateVideoBody {
            data,
            webhook_url,
            offset_anchor,
            captions,
            caption_size,
        } = body;
        let data = data.unwrap_or_default();
        let Some(first) = data.first() else {
            return Err(Problem::field("data", "is missing or empty, but must list the scenes of the video"));
        };
        let limit = service.config.limits.scenes;
        if data.len() > limit {
            let rest = format!("has {} scenes, but may have {limit}", data.len());
            return Err(Problem::field("data", rest));
        }
        let width = range::SIDE.required("data[0].width", first.width)?;
        let height = range::SIDE.required("data[0].height", first.height)?;
        let webhook_url = filled(webhook_url)
            .map(|url| checked_webhook(service, "webhookUrl", &url))
            .transpose()?;
        let mut room = Room::of(service);
        let scenes = data.into_iter().enumerate();
        let scenes = scenes.map(|(index, body)| body.scene(service, &format!("data[{index}]"), (width, height), &mut room));
        let scenes: Vec<SceneDraft> = scenes.collect::<Result<_>>()?;
        let (told, limit) = (
            scenes.iter().filter_map(|s| s.seconds).sum::<f64>(),
            service.config.limits.speech_seconds,
        );
        if told > f64::from(limit) {
            let message = format!("data: the durations make {told:.0} s, and {limit} s are allowed; cut the video into parts");
            return Err(Problem::new(Code::Duration, message));
        }
        Self {
            webhook_url,
            width: width as u32,
            height: height as u32,
            scenes,
            captions: wanted_captions(filled(captions), filled(caption_size))?,
            anchor: anchor_rule(filled(offset_anchor), compat)?,
        }
        .checked()
    }
}

impl SceneBody {
    fn scene(self, service: &Service, path: &str, canvas: (f64, f64), room: &mut Room) -> Result<SceneDraft> {
        let Self {
            width,
            height,
            duration,
            voice,
            elements,
            background,
            avatar_from,
        } = self;
        let at = |field: &str| format!("{path}.{field}");
        let scale = scale(path, (width, height), canvas)?;
        let seconds = range::DURATION.optional(&at("duration"), duration)?.filter(|s| *s > 0.0);
        let from = match range::FROM.optional(&at("avatarFrom"), avatar_from)? {
            Some(2.0) => Origin::Official,
            _ => Origin::Own,
        };
        let elements = elements.unwrap_or_default();
        let Listed {
            mut avatar,
            mut layers,
            heard,
        } = listed(service, from, &at("elements"), &elements, room)?;
        let voice = voice.map_or(Ok(None), |voice| voice.heard(service, &at("voice")))?;
        let heard = one_of(path, voice, heard, seconds)?;
        let all = avatar.place.iter_mut().chain(layers.iter_mut().filter_map(|l| l.place.as_mut()));
        all.for_each(|place| brought(place, scale));
        if let Some(background) = filled(background) {
            layers.insert(0, under(service, at("background"), &background)?);
        }
        Ok(SceneDraft {
            avatar,
            layers,
            heard,
            seconds,
        })
    }
}

/// What brings a scene of a size to the canvas, both ways.
fn scale(path: &str, (width, height): (Option<Number>, Option<Number>), canvas: (f64, f64)) -> Result<(f64, f64)> {
    let width = range::SIDE.optional(&format!("{path}.width"), width)?.unwrap_or(canvas.0);
    let height = range::SIDE.optional(&format!("{path}.height"), height)?.unwrap_or(canvas.1);
    let (x, y) = (canvas.0 / width, canvas.1 / height);
    // Sides are even, so that the same shape is not met exactly.
    if (width * y - canvas.0).abs() > 2.0_f64.max(2.0 * y) && (height * x - canvas.1).abs() > 2.0_f64.max(2.0 * x) {
        let rest = format!(
            "is {width}×{height}, but must have the shape of the first scene, {}×{}: a video has one size",
            canvas.0, canvas.1
        );
        return Err(Problem::field(path, rest));
    }
    Ok((x, y))
}

/// A place on a canvas that was scaled.
fn brought(place: &mut Place, (x, y): (f64, f64)) {
    place.offset_x *= x;
    place.offset_y *= y;
    if place.width.is_none() && place.height.is_none() {
        // The media's own size is not known yet.
        place.scale_x *= x;
        place.scale_y *= y;
    }
    place.width = place.width.map(|w| w * x);
    place.height = place.height.map(|h| h * y);
}

impl VoiceBody {
    fn heard(self, service: &Service, path: &str) -> Result<Option<Heard>> {
        let Self {
            voice_url,
            input_text,
            voice_id,
            text,
            language_code,
        } = self;
        let at = |field: &str| format!("{path}.{field}");
        let Some(url) = filled(voice_url) else {
            return speech(&format!("{path}."), filled(voice_id), filled(input_text), None);
        };
        let field = at("voice_url");
        let text = filled(text).map(|text| spoken::plain(&at("text"), text)).transpose()?;
        let code = filled(language_code).filter(|_| text.is_some());
        Ok(Some(Heard::Recording(Sound::Url {
            url: checked_url(service, &field, &url, Wanted::Sound)?,
            field,
            text,
            language: code.map(|code| spoken::known_language(&at("language_code"), &code)).transpose()?,
        })))
    }
}

/// What is heard in a scene: its voice or its audio element, or nothing for a while.
fn one_of(path: &str, voice: Option<Heard>, mut heard: Vec<Heard>, seconds: Option<f64>) -> Result<Option<Heard>> {
    heard.extend(voice);
    match (heard.pop(), heard.len()) {
        (None, _) if seconds.is_none() => {
            let rest = "is missing: send a voice_url, or input_text with voice_id, or a duration for a silent scene";
            Err(Problem::field(&format!("{path}.voice"), rest))
        }
        (one, 0) => Ok(one),
        (_, more) => {
            let rest = format!("has {} voices and audio elements, but may have one", more + 1);
            Err(Problem::field(path, rest))
        }
    }
}

/// What fills the canvas under all elements, whose orders begin with 0.
fn under(service: &Service, field: String, text: &str) -> Result<Element<LayerSource>> {
    let may_be = "a link to a picture or a video, or a colour: # and 3, 4, 6 or 8 hex digits";
    let source = match colour(&field, text, may_be)? {
        Some(colour) => colour,
        None => LayerSource::Media(checked_url(service, &field, text, Wanted::ImageOrVideo)?),
    };
    Ok(Element {
        field,
        source,
        place: None,
        order: -1,
    })
}

/// Two scenes, the second in silence.
pub fn example() -> Value {
    json!({
        "webhookUrl": "",
        "data": [
            {"width": 1920, "height": 1080, "avatarFrom": 3, "background": "#ffffff",
             "voice": {"voice_url": "https://example.com/hello.mp3"},
             "elements": [{"type": "avatar", "url": "https://example.com/portrait.jpg", "width": 1080, "height": 1080,
                "scale_x": 1, "scale_y": 1, "offset_x": 420, "offset_y": 0, "layer_number": 1}]},
            {"avatarFrom": 3, "background": "https://example.com/street.mp4", "duration": 4,
             "elements": [{"type": "avatar", "url": "https://example.com/portrait.jpg", "width": 540, "height": 540,
                "scale_x": 1, "scale_y": 1, "offset_x": 1380, "offset_y": 540, "layer_number": 1}]},
        ],
    })
}
