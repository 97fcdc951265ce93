//! Lip-sync: a video of somebody who says something else.

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
use super::request::{Body, filled, required};
use super::url::{checked_url, checked_webhook};
use crate::fetch::Wanted;
use crate::problem::Result;
use crate::service::Service;
use crate::spec::{AnchorRule, AvatarSource, CanvasSpec, Captions, Element, SceneSpec, Sound, VideoSpec};

pub fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(create))
}

/// A video, and what the person in it says instead.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct LipSyncBody {
    /// An mp4, mov, avi, webm or mkv of somebody.
    #[schema(
        required,
        nullable = false,
        format = "uri",
        max_length = 8192,
        example = "https://example.com/speaker.mp4"
    )]
    video_url: Option<String>,
    /// An mp3, wav, m4a, aac, ogg or flac.
    #[schema(
        required,
        nullable = false,
        format = "uri",
        max_length = 8192,
        example = "https://example.com/speech.mp3"
    )]
    audio_url: Option<String>,
    /// Is posted to when the video is begun, and when it is done or has failed. Absent or empty: nobody is called.
    #[schema(format = "uri", max_length = 8192, example = "https://example.com/callback")]
    #[serde(rename = "webhookUrl")]
    webhook_url: Option<String>,
}

/// Make somebody in a video say something else.
///
/// The result is as large as the video, upright, up to 3840×2160 (larger ones are made smaller), and has its frames a second, to the nearest
/// of 23.976, 24, 25, 29.97, 30, 50, 59.94 and 60. It lasts as long as the sound: a shorter video goes on, to and fro; a longer one is
/// cut. Everything but the lower face stays as it was filmed; the video's own sound is not heard. If there are several people, the one who
/// is seen most speaks.
///
/// Poll `/api/open/v3/content/video/infobymodelid`, or wait for the callback; the record's `type` is 9.
///
/// Codes in the answer: 1003 a parameter is wrong, and the message names it; 1005 too many jobs wait; 1006 not enough credits; 1101, 1102,
/// 1200 authorization. In the record of one that failed: 1105 no face that can speak; 1110 the sound cannot be used; 1204, 1207, 1210 too
/// long, too large, too many frames a second; 1208, 1209 the video cannot be read.
#[utoipa::path(post, path = "/api/open/v3/content/video/lipsync", tag = "talking avatar", params(IdempotencyHeader),
    request_body = LipSyncBody, responses((status = 200, body = Envelope<Created>)))]
async fn create(
    State(service): State<Service>,
    caller: Caller,
    key: IdempotencyKey,
    Body { value, digest }: Body<LipSyncBody>,
) -> Result<Answer<Value>> {
    let video = agreed(&service, value)?;
    Ok(Answer::ok(video.accept(&service, caller.uid(), key, digest).await?))
}

fn agreed(service: &Service, body: LipSyncBody) -> Result<NewVideo> {
    let LipSyncBody {
        video_url,
        audio_url,
        webhook_url,
    } = body;
    let video = required("video_url", filled(video_url))?;
    let sound = required("audio_url", filled(audio_url))?;
    let webhook_url = filled(webhook_url)
        .map(|url| checked_webhook(service, "webhookUrl", &url))
        .transpose()?;
    let scene = SceneSpec {
        avatar: Element {
            field: "video_url".to_owned(),
            source: AvatarSource::Footage(checked_url(service, "video_url", &video, Wanted::Video)?),
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
    Ok(NewVideo {
        form: Form::LipSync,
        spec: VideoSpec {
            canvas: CanvasSpec::AsFilmed,
            scenes: vec![scene],
            anchor: AnchorRule::TopLeft,
            captions: Captions::None,
            warnings: Vec::new(),
        },
        webhook_url,
        speech: 0,
    })
}
