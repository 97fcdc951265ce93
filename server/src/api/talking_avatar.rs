//! Talking avatars: a video of a face that speaks a recording or a text.

use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use self::into::Draft;
use self::wire::CreateBody;
use super::answer::{Answer, Envelope};
use super::caller::Caller;
use super::idempotency::{IdempotencyHeader, IdempotencyKey, Turn};
use super::request::Body;
use super::voices::choose;
use crate::db::Tx;
use crate::id::RecordId;
use crate::job::{self, Kind, NewJob, Status};
use crate::problem::Result;
use crate::service::Service;
use crate::spec::speech::VoiceSource;
use crate::spec::{StoredVideo, VideoSpec, anchor};

mod avatar;
mod heard;
mod into;
mod range;
mod schema;
mod wire;

/// The contract's number for talking avatars.
const TYPE: i64 = 4;

pub fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(create))
}

/// A video that waits to be made.
#[derive(Serialize, ToSchema)]
struct Created {
    /// What `infobymodelid` asks for.
    #[serde(rename = "_id")]
    #[schema(value_type = String, example = "67491cdb4d9d1664a9782292")]
    id: RecordId,
    uid: i64,
    video_id: Uuid,
    #[schema(value_type = String, example = "67491cdbdaa7e0f10a4f6c15")]
    task_id: RecordId,
    /// 1: queueing.
    #[schema(example = 1)]
    video_status: u8,
    /// Empty until the video is done.
    #[schema(example = "")]
    video: String,
    /// Milliseconds since 1970 UTC.
    create_time: i64,
}

/// Make a video of a talking avatar.
///
/// It is made in the background, lasts as long as the sound, and has 25 frames a second on a white canvas. Poll
/// `/api/open/v3/content/video/infobymodelid`, or wait for the callback.
///
/// Codes in the answer: 1003 a parameter is wrong, and the message names it; 1005 too many jobs wait; 1006 not enough credits; 1009 the
/// avatar or the voice is another account's; 1014 there is no such avatar or voice; 1105 the avatar is not ready; 1112 the voice is not
/// ready; 1204 the text is too long; 1101, 1102, 1200 authorization. In the record of a failed video: 1201 the speech cannot be made.
#[utoipa::path(post, path = "/api/open/v3/talkingavatar/create", tag = "talking avatar",
    params(IdempotencyHeader),
    request_body(content = CreateBody, examples(("elements" = (summary = "Elements", value = json!(schema::elements_example()))),
        ("short" = (summary = "Short form", value = json!(schema::short_example()))))),
    responses((status = 200, body = Envelope<Created>), (status = 429, body = Envelope<Created>, description = "1005: too many jobs wait")))]

async fn create(
    State(service): State<Service>,
    caller: Caller,
    key: IdempotencyKey,
    Body { value, digest }: Body<CreateBody>,
) -> Result<Answer<Value>> {
    let uid = caller.uid();
    let draft = Draft::new(&service, caller.compat, value)?;
    let made = match key.begin(&service, uid, digest).await? {
        Turn::Known(answer) => answer,
        Turn::New(mut turn) => {
            let avatar = avatar::find(&service, &mut turn.tx, uid, draft.wish()).await?;
            let (webhook_url, characters) = (draft.webhook_url.clone(), draft.speech().map_or(0, |s| s.text.characters));
            let voice = voice(&service, &mut turn.tx, uid, &draft).await?;
            let spec = draft.agreed(avatar, voice)?;
            let created = record(&service, &mut turn.tx, uid, spec, webhook_url, characters).await?;
            turn.finish(&service, &created).await?
        }
    };
    Ok(Answer::ok(made))
}

/// The voice that speaks, if something is to be spoken.
async fn voice(service: &Service, tx: &mut Tx, uid: i64, draft: &Draft) -> Result<Option<VoiceSource>> {
    let Some(speech) = draft.speech() else { return Ok(None) };
    let cast = service.voices.now().await?;
    let voice = choose(&cast, tx, uid, &speech.voice_field, &speech.voice).await?;
    speech.fits(service, &voice)?;
    Ok(Some(voice.source))
}

/// Records the video with its job.
async fn record(
    service: &Service,
    tx: &mut Tx,
    uid: i64,
    spec: VideoSpec,
    webhook_url: Option<String>,
    characters: usize,
) -> Result<Created> {
    let credit = &service.config.credit;
    let now = service.clock.now();
    let (id, task_id, video_id) = (RecordId::new(now), RecordId::new(now), Uuid::new_v4());
    // Sizes of media are known when they are fetched.
    let anchor = anchor::reading(&spec, &|_| None);
    let new = NewJob {
        id: &id,
        uid,
        kind: Kind::Video,
        spec: &StoredVideo::V1(spec),
        webhook_url: webhook_url.as_deref(),
        // The whole price is known with the length of the sound.
        reserve: i64::from(credit.per_second) + credit.speech(characters),
    };
    let create_time = job::enqueue(service, tx, &new).await?;
    sqlx::query("INSERT INTO videos (id, uid, video_id, task_id, type, anchor) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(&id)
        .bind(uid)
        .bind(video_id.to_string())
        .bind(&task_id)
        .bind(TYPE)
        .bind(anchor)
        .execute(&mut **tx)
        .await?;
    Ok(Created {
        id,
        uid,
        video_id,
        task_id,
        video_status: Status::Queueing.number(),
        video: String::new(),
        create_time,
    })
}

#[cfg(test)]
mod tests;
