//! Audios: texts that were spoken.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::older::{CreateBody, VoicedBody};
use self::record::{Audio, OlderAudio, Row};
use self::tts::TtsBody;
use super::answer::{Answer, Envelope};
use super::caller::{Caller, Poller};
use super::idempotency::{IdempotencyHeader, IdempotencyKey, Turn};
use super::page::{Page, ShortPageQuery};
use super::removal::{self, Named, NamedInQuery, Refused, Target, unknown};
use super::request::{Body, Number, Query, choice, required};
use crate::job::Kind;
use crate::problem::Result;
use crate::service::Service;

mod create;
mod older;
mod record;
mod schema;
mod tts;

pub fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(create_older))
        .routes(routes!(clone_older))
        .routes(routes!(info_older))
        .routes(routes!(cancel))
        .routes(routes!(delete))
        .routes(routes!(speak))
        .routes(routes!(list))
        .routes(routes!(detail))
}

/// Speak a text.
///
/// The record begins in status 1; poll `/api/open/v3/audio/infobymodelid`, or wait for the callback. `url` is filled at status 3.
///
/// Codes in the answer: 1003 a parameter is wrong, and the message names it; 1005 too many jobs wait; 1006 not enough credits; 1009 the
/// voice is another account's; 1014 there is no such voice; 1112 the voice is not ready.
#[utoipa::path(post, path = "/api/open/v3/audio/create", tag = "speech", params(IdempotencyHeader), request_body = CreateBody,
    responses((status = 200, body = Envelope<OlderAudio>)))]
async fn create_older(
    State(service): State<Service>,
    caller: Caller,
    key: IdempotencyKey,
    body: Body<CreateBody>,
) -> Result<Answer<Value>> {
    let asked = body.value.checked(&service)?;
    let made = match key.begin(&service, caller.uid(), body.digest).await? {
        Turn::Known(answer) => answer,
        Turn::New(mut turn) => {
            let id = create::create(&service, &mut turn.tx, caller.uid(), asked).await?;
            let row = Row::made(&service, &mut turn.tx, &id).await?;
            turn.finish(&service, &OlderAudio::new(&service, row)).await?
        }
    };
    Ok(Answer::ok(made))
}

/// Speak a text with a voice like that of a recording, or with one that was matched before.
///
/// It is voice matching, not cloning: see `/api/open/v4/voice/clone`. The voice is kept; `voice_model_id` names it.
///
/// Codes in the answer: as for `/api/open/v3/audio/create`.
#[utoipa::path(post, path = "/api/open/v3/audio/clone", tag = "speech", params(IdempotencyHeader), request_body = VoicedBody,
    responses((status = 200, body = Envelope<OlderAudio>)))]
async fn clone_older(State(service): State<Service>, caller: Caller, key: IdempotencyKey, body: Body<VoicedBody>) -> Result<Answer<Value>> {
    let asked = body.value.checked(&service)?;
    let made = match key.begin(&service, caller.uid(), body.digest).await? {
        Turn::Known(answer) => answer,
        Turn::New(mut turn) => {
            let id = create::create(&service, &mut turn.tx, caller.uid(), asked).await?;
            let row = Row::made(&service, &mut turn.tx, &id).await?;
            turn.finish(&service, &OlderAudio::new(&service, row)).await?
        }
    };
    Ok(Answer::ok(made))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InfoQuery {
    /// The audio's `_id`.
    #[param(required, nullable = false, pattern = "^[0-9a-f]{24}$")]
    audio_model_id: Option<String>,
}

/// How far an audio is, and its link when it is done.
///
/// A failed one answers 1000 too: `status` is 4 and `error_reason` says why. Links run out; `url` is empty then.
#[utoipa::path(get, path = "/api/open/v3/audio/infobymodelid", tag = "speech", params(InfoQuery),
    responses((status = 200, body = Envelope<OlderAudio>)))]
async fn info_older(State(service): State<Service>, Poller(caller): Poller, Query(query): Query<InfoQuery>) -> Result<Answer<OlderAudio>> {
    let id = required("audio_model_id", query.audio_model_id)?;
    let row = Row::find(&service, caller.uid(), &id).await?;
    Ok(Answer::ok(OlderAudio::new(&service, row)))
}

/// Stop an audio that has not ended; it fails as cancelled, and its credits are free again. 1010 when it has ended.
#[utoipa::path(post, path = "/api/open/v3/audio/cancel", tag = "speech", request_body = Option<Named>, params(NamedInQuery),
    responses((status = 200, body = Envelope<OlderAudio>)))]
async fn cancel(State(service): State<Service>, caller: Caller, target: Target) -> Result<Answer<OlderAudio>> {
    let id = removal::cancel(&service, caller.uid(), Kind::Audio, &target.one()?).await?;
    let row = Row::find(&service, caller.uid(), id.as_str()).await?;
    Ok(Answer::ok(OlderAudio::new(&service, row)))
}

/// What became of each audio.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeletedAudios {
    success_ids: Vec<String>,
    no_permission_audios: Vec<Refused>,
}

/// Delete audios and their files; one that has not ended is cancelled first. A voice that was matched for one stays.
///
/// A single one that cannot be deleted is refused with its code; in a list it is told beside the others.
#[utoipa::path(method(post, delete), path = "/api/open/v3/audio/delete", tag = "speech", request_body = Option<Named>, params(NamedInQuery),
    responses((status = 200, body = Envelope<DeletedAudios>)))]
async fn delete(State(service): State<Service>, caller: Caller, target: Target) -> Result<Answer<DeletedAudios>> {
    let removed = removal::remove(&service, caller.uid(), Kind::Audio, target).await?;
    Ok(Answer::ok(DeletedAudios {
        success_ids: removed.done,
        no_permission_audios: removed.refused,
    }))
}

/// Speak a text.
///
/// The record begins in status 1; poll `/api/open/v4/voice/resource/detail/{_id}`, or wait for the callback. The link is `preview`.
/// Options that no voice here can honour are listed in `warnings`.
///
/// Codes in the answer: 1003 a parameter is wrong, and the message names it; 1005 too many jobs wait; 1006 not enough credits; 1009 the
/// voice is another account's; 1014 there is no such voice; 1112 the voice is not ready, or does not speak the language.
#[utoipa::path(post, path = "/api/open/v4/voice/tts", tag = "speech", params(IdempotencyHeader), request_body = TtsBody,
    responses((status = 200, body = Envelope<Audio>)))]
async fn speak(State(service): State<Service>, caller: Caller, key: IdempotencyKey, body: Body<TtsBody>) -> Result<Answer<Value>> {
    let asked = body.value.checked(&service)?;
    let made = match key.begin(&service, caller.uid(), body.digest).await? {
        Turn::Known(answer) => answer,
        Turn::New(mut turn) => {
            let id = create::create(&service, &mut turn.tx, caller.uid(), asked).await?;
            let row = Row::made(&service, &mut turn.tx, &id).await?;
            turn.finish(&service, &Audio::new(&service, &caller.account, row)).await?
        }
    };
    Ok(Answer::ok(made))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// 1: spoken texts, also when absent.
    #[param(schema_with = super::schema::query_one)]
    r#type: Option<Number>,
}

/// A page of audios.
#[derive(Serialize, ToSchema)]
struct AudioList {
    result: Vec<Audio>,
    /// On all pages.
    count: u64,
    page: u32,
    size: u32,
}

/// The caller's audios, of whatever call, the newest first.
#[utoipa::path(get, path = "/api/open/v4/voice/resource/list", tag = "speech", params(ListQuery, ShortPageQuery),
    responses((status = 200, body = Envelope<AudioList>)))]
async fn list(
    State(service): State<Service>,
    caller: Caller,
    Query(query): Query<ListQuery>,
    Query(page): Query<ShortPageQuery>,
) -> Result<Answer<AudioList>> {
    choice("type", query.r#type, &[(1, "spoken texts")])?;
    let page = Page::try_from(page)?;
    let (count, rows) = record::list(&service, caller.uid(), page).await?;
    let result = rows.into_iter().map(|row| Audio::new(&service, &caller.account, row)).collect();
    let Page { page, size } = page;
    Ok(Answer::ok(AudioList { result, count, page, size }))
}

/// One audio, in an object of its own.
#[derive(Serialize, ToSchema)]
struct OneAudio {
    result: Audio,
}

/// How far an audio is, and its links when it is done.
#[utoipa::path(get, path = "/api/open/v4/voice/resource/detail/{_id}", tag = "speech",
    params(("_id" = String, Path, description = "The audio's `_id`")),
    responses((status = 200, body = Envelope<OneAudio>)))]
async fn detail(
    State(service): State<Service>,
    Poller(caller): Poller,
    id: Result<Path<String>, PathRejection>,
) -> Result<Answer<OneAudio>> {
    let Path(id) = id.map_err(|_| unknown())?;
    let row = Row::find(&service, caller.uid(), &id).await?;
    let result = Audio::new(&service, &caller.account, row);
    Ok(Answer::ok(OneAudio { result }))
}
