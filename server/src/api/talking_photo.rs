//! Talking photos: a photo of somebody who speaks a recording.

use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Answer, Envelope};
use super::caller::Caller;
use super::idempotency::{IdempotencyHeader, IdempotencyKey};
use super::new_video::{Created, Form, NewVideo};
use super::request::{Body, Number, choice, filled, number, required};
use super::schema;
use super::url::{checked_url, checked_webhook};
use crate::fetch::Wanted;
use crate::problem::Result;
use crate::service::Service;
use crate::spec::{AnchorRule, AvatarSource, CanvasSpec, Captions, Element, SceneSpec, Sound, VideoSpec};

/// What `resolution` says.
const RESOLUTION: [(u16, &str); 2] = [(720, "the shorter side is 720 pixels"), (1080, "the shorter side is 1080 pixels")];

pub fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(create))
}

/// A photo, and what it says.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct TalkingPhotoBody {
    /// A png, jpg, jpeg or webp of one person, also within a `data:` url.
    #[schema(required, nullable = false, format = "uri", example = "https://example.com/portrait.jpg")]
    talking_photo_url: Option<String>,
    /// An mp3, wav, m4a, aac, ogg or flac.
    #[schema(
        required,
        nullable = false,
        format = "uri",
        max_length = 8192,
        example = "https://example.com/speech.mp3"
    )]
    audio_url: Option<String>,
    /// Pixels of the video's shorter side. Default: 720.
    #[schema(schema_with = schema::resolution)]
    #[serde(deserialize_with = "number")]
    resolution: Option<Number>,
    /// Nothing here follows it; `warnings` of the record says so.
    prompt: Option<String>,
    /// Is posted to when the video is begun, and when it is done or has failed. Absent or empty: nobody is called.
    #[schema(format = "uri", max_length = 8192, example = "https://example.com/callback")]
    #[serde(rename = "webhookUrl")]
    webhook_url: Option<String>,
}

/// Make a photo speak.
///
/// The video shows the whole photo in its own shape: its shorter side has `resolution` pixels, and both sides are even. Of a photo so long
/// that the other side would have more than 4096, that side has 4096. It lasts as long as the sound, at 25 frames a second.
///
/// Poll `/api/open/v3/content/video/infobymodelid`, or wait for the callback; the record's `type` is 5.
///
/// Codes in the answer: 1003 a parameter is wrong, and the message names it; 1005 too many jobs wait; 1006 not enough credits; 1101, 1102,
/// 1200 authorization. In the record of one that failed: 1105 no face that can speak; 1108 the photo cannot be read; 1110 the sound cannot
/// be used; 1204, 1207 too long, too large.
#[utoipa::path(post, path = "/api/open/v3/content/video/createbytalkingphoto", tag = "talking avatar", params(IdempotencyHeader),
    request_body = TalkingPhotoBody, responses((status = 200, body = Envelope<Created>)))]
async fn create(
    State(service): State<Service>,
    caller: Caller,
    key: IdempotencyKey,
    Body { value, digest }: Body<TalkingPhotoBody>,
) -> Result<Answer<Value>> {
    let video = agreed(&service, value)?;
    Ok(Answer::ok(video.accept(&service, caller.uid(), key, digest).await?))
}

fn agreed(service: &Service, body: TalkingPhotoBody) -> Result<NewVideo> {
    let TalkingPhotoBody {
        talking_photo_url,
        audio_url,
        resolution,
        prompt,
        webhook_url,
    } = body;
    let photo = required("talking_photo_url", filled(talking_photo_url))?;
    let sound = required("audio_url", filled(audio_url))?;
    let shorter = choice("resolution", resolution, &RESOLUTION)?.unwrap_or(RESOLUTION[0].0);
    let webhook_url = filled(webhook_url)
        .map(|url| checked_webhook(service, "webhookUrl", &url))
        .transpose()?;
    let scene = SceneSpec {
        avatar: Element {
            field: "talking_photo_url".to_owned(),
            source: AvatarSource::Photo(checked_url(service, "talking_photo_url", &photo, Wanted::Image)?),
            place: None,
            order: 0,
        },
        layers: Vec::new(),
        sound: Some(Sound::Url {
            field: "audio_url".to_owned(),
            url: checked_url(service, "audio_url", &sound, Wanted::Sound)?,
            text: None,
            language: None,
        }),
        seconds: None,
    };
    let warning = "prompt is not followed: the photo moves as what it says makes it";
    Ok(NewVideo {
        form: Form::TalkingPhoto,
        spec: VideoSpec {
            canvas: CanvasSpec::AsTaken { shorter: shorter.into() },
            scenes: vec![scene],
            anchor: AnchorRule::TopLeft,
            captions: Captions::None,
            warnings: filled(prompt).map(|_| warning.to_owned()).into_iter().collect(),
        },
        webhook_url,
        speech: 0,
    })
}
