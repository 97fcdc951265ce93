//! Voices: official ones, and those that are matched to recordings of callers.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::clone::CloneBody;
use self::filter::{Filter, FilterQuery};
use self::record::{CLONED, ListedVoice, OFFICIAL, Voice};
use super::answer::{Answer, Envelope};
use super::caller::{Caller, Poller};
use super::idempotency::{IdempotencyHeader, IdempotencyKey, Turn};
use super::page::{Page, ShortPageQuery};
use super::removal::{self, Named, NamedInQuery, Refused, Target, unknown};
use super::request::{Body, Number, Query, choice};
use super::schema;
use crate::job::Kind;
use crate::problem::{Problem, Result};
use crate::service::Service;

mod chosen;
pub mod clone;
mod filter;
mod record;

pub use chosen::{Chosen, choose};

pub fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(list_older))
        .routes(routes!(list))
        .routes(routes!(detail))
        .routes(routes!(clone_one))
        .routes(routes!(delete))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OlderListQuery {
    /// 3: official ones, 4: the caller's; both when absent.
    #[param(schema_with = schema::query_three_or_four)]
    from: Option<Number>,
}

/// The voices that can speak, as a bare array: the official ones, then the caller's from the newest.
#[utoipa::path(get, path = "/api/open/v3/voice/list", tag = "voices", params(OlderListQuery),
    responses((status = 200, body = Envelope<Vec<ListedVoice>>)))]
async fn list_older(
    State(service): State<Service>,
    caller: Caller,
    Query(query): Query<OlderListQuery>,
) -> Result<Answer<Vec<ListedVoice>>> {
    let kind = choice("from", query.from, &[(3, "official"), (4, "yours")])?;
    let kind = kind.map(|from| if from == 3 { OFFICIAL } else { CLONED });
    let voices = record::list(&service, &caller.account, kind).await?;
    Ok(Answer::small_ok(voices.into_iter().filter_map(Voice::listed).collect()))
}

/// A page of voices.
#[derive(Serialize, ToSchema)]
struct VoiceList {
    result: Vec<Voice>,
    /// On all pages.
    count: u64,
    page: u32,
    size: u32,
}

/// Official voices, or the caller's from the newest, of any status.
#[utoipa::path(get, path = "/api/open/v4/voice/list", tag = "voices", params(FilterQuery, ShortPageQuery),
    responses((status = 200, body = Envelope<VoiceList>)))]
async fn list(
    State(service): State<Service>,
    caller: Caller,
    Query(query): Query<FilterQuery>,
    Query(page): Query<ShortPageQuery>,
) -> Result<Answer<VoiceList>> {
    let filter = Filter::try_from(query)?;
    let Page { page, size } = Page::try_from(page)?;
    let voices = record::list(&service, &caller.account, Some(filter.kind)).await?;
    let found: Vec<Voice> = voices.into_iter().filter(|voice| filter.passes(voice)).collect();
    let count = found.len() as u64;
    let result = found
        .into_iter()
        .skip(Page { page, size }.start() as usize)
        .take(size as usize)
        .collect();
    Ok(Answer::ok(VoiceList { result, count, page, size }))
}

/// One voice.
#[utoipa::path(get, path = "/api/open/v4/voice/detail/{_id}", tag = "voices",
    params(("_id" = String, Path, description = "An `_id`, or a `voice_id`")),
    responses((status = 200, body = Envelope<Voice>)))]
async fn detail(State(service): State<Service>, Poller(caller): Poller, id: Result<Path<String>, PathRejection>) -> Result<Answer<Voice>> {
    let Path(id) = id.map_err(|_| unknown())?;
    Ok(Answer::ok(record::find(&service, &caller.account, &id).await?))
}

/// Keep a voice like that of a recording.
///
/// It is voice matching, not cloning: voices of this service are blended and bent until a net that tells speakers apart finds them most
/// like the recording; `similarity` says how near that came. The recording must have one speaker, clearly heard, for 5 s to 5 min. The
/// record begins in status 1; the voice can speak from status 3.
///
/// Codes in the answer: 1003 a parameter is wrong, and the message names it; 1005 too many jobs wait; 1006 not enough credits, or too
/// many voices.
#[utoipa::path(post, path = "/api/open/v4/voice/clone", tag = "voices", params(IdempotencyHeader), request_body = CloneBody,
    responses((status = 200, body = Envelope<Voice>)))]
async fn clone_one(State(service): State<Service>, caller: Caller, key: IdempotencyKey, body: Body<CloneBody>) -> Result<Answer<Value>> {
    let new = body.value.checked(&service)?;
    let made = match key.begin(&service, caller.uid(), body.digest).await? {
        Turn::Known(answer) => answer,
        Turn::New(mut turn) => {
            let id = clone::create(&service, &mut turn.tx, caller.uid(), new).await?;
            let voice = record::made(&service, &mut turn.tx, &caller.account, &id).await?;
            turn.finish(&service, &voice).await?
        }
    };
    Ok(Answer::ok(made))
}

/// What became of each voice.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeletedVoices {
    success_ids: Vec<String>,
    no_permission_voices: Vec<Refused>,
}

/// Delete voices, by `_id`; one that has not ended is cancelled first. What they have spoken stays.
///
/// A single one that cannot be deleted is refused with its code; in a list it is told beside the others.
#[utoipa::path(method(post, delete), path = "/api/open/v4/voice/del", tag = "voices", request_body = Option<Named>, params(NamedInQuery),
    responses((status = 200, body = Envelope<DeletedVoices>)))]
async fn delete(State(service): State<Service>, caller: Caller, target: Target) -> Result<Answer<DeletedVoices>> {
    let removed = removal::remove(&service, caller.uid(), Kind::Voice, target).await?;
    Ok(Answer::ok(DeletedVoices {
        success_ids: removed.done,
        no_permission_voices: removed.refused,
    }))
}

/// Text of a list that a client gives a voice.
fn words(field: &str, list: Option<Vec<String>>) -> Result<Vec<String>> {
    const MOST: usize = 20;
    let list = list.unwrap_or_default();
    if list.len() > MOST {
        return Err(Problem::field(field, format!("has {} items, but may have {MOST}", list.len())));
    }
    for (index, item) in list.iter().enumerate() {
        super::request::readable(&format!("{field}[{index}]"), item, 100)?;
    }
    Ok(list)
}
