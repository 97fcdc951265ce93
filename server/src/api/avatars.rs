//! Avatars: official ones, and those that callers upload.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::create::NewAvatarBody;
use self::record::{Avatar, List, Single};
use super::answer::{Answer, Envelope};
use super::caller::Caller;
use super::idempotency::{IdempotencyHeader, IdempotencyKey, Turn};
use super::page::{Page, PageQuery};
use super::removal::{self, Named, NamedInQuery, Refused, Target};
use super::request::{Body, Number, Query, choice, required};
use super::schema;
use crate::job::Kind;
use crate::problem::Result;
use crate::service::Service;

mod create;
mod record;

pub fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(detail))
        .routes(routes!(create_one))
        .routes(routes!(cancel))
        .routes(routes!(delete))
}

/// What `from` says.
pub(super) const FROM: [(u8, &str); 2] = [(2, "official"), (3, "your uploads")];
/// What `type` says.
pub(super) const TYPE: [(u8, &str); 2] = [(1, "talking"), (2, "streaming")];

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// 2: official ones, 3: the caller's uploads; both when absent.
    #[param(schema_with = schema::query_two_or_three)]
    from: Option<Number>,
    /// 1: talking, 2: streaming; both when absent.
    #[param(schema_with = schema::query_one_or_two)]
    r#type: Option<Number>,
}

/// The official avatars and the caller's own, the newest uploads first.
///
/// `data` is the bare array (its length and page are in headers), or for accounts in the `live` reading an object.
#[utoipa::path(get, path = "/api/open/v3/avatar/list", tag = "avatars", params(ListQuery, PageQuery),
    responses((status = 200, body = Envelope<List>, headers(
        ("x-total-count" = u64, description = "records on all pages; only with the bare array"),
        ("x-page" = u32, description = "as asked for; only with the bare array"),
        ("x-size" = u32, description = "as asked for; only with the bare array")))))]
async fn list(
    State(service): State<Service>,
    caller: Caller,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Response> {
    let page = Page::try_from(page)?;
    let filter = record::Filter {
        from: choice("from", query.from, &FROM)?,
        kind: choice("type", query.r#type, &TYPE)?,
    };
    let (count, result) = record::list(&service, caller.uid(), &filter, page).await?;
    Ok(List::answer(caller.compat, count, result, page).into_response())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DetailQuery {
    /// An `_id`, or an `avatar_id`.
    #[param(required, nullable = false)]
    id: Option<String>,
}

/// One avatar.
///
/// `data` is an array of the one record, or for accounts in the `live` reading the record itself.
#[utoipa::path(get, path = "/api/open/v3/avatar/detail", tag = "avatars", params(DetailQuery),
    responses((status = 200, body = Envelope<Single>)))]
async fn detail(State(service): State<Service>, caller: Caller, Query(query): Query<DetailQuery>) -> Result<Answer<Single>> {
    let id = required("id", query.id)?;
    let avatar = Avatar::find(&service, caller.uid(), &id).await?;
    Ok(Answer::small_ok(Single::new(caller.compat, avatar)))
}

/// Upload a face to be kept.
///
/// The record begins in status 1; it can be used in a video from status 3.
#[utoipa::path(method(post, get), path = "/api/open/v3/avatar/create", tag = "avatars", params(IdempotencyHeader), request_body = NewAvatarBody,
    responses((status = 200, body = Envelope<Single>)))]

async fn create_one(
    State(service): State<Service>,
    caller: Caller,
    key: IdempotencyKey,
    body: Body<NewAvatarBody>,
) -> Result<Answer<Value>> {
    let new = body.value.checked(&service)?;
    let uid = caller.uid();
    let made = match key.begin(&service, uid, body.digest).await? {
        Turn::Known(answer) => answer,
        Turn::New(mut turn) => {
            let avatar = create::create(&service, &mut turn.tx, uid, new).await?;
            turn.finish(&service, &Single::new(caller.compat, avatar)).await?
        }
    };
    Ok(Answer::small_ok(made))
}

/// Stop an upload that has not ended; it fails as cancelled. 1010 when it has ended.
#[utoipa::path(post, path = "/api/open/v3/avatar/cancel", tag = "avatars", request_body = Option<Named>, params(NamedInQuery),
    responses((status = 200, body = Envelope<Single>)))]
async fn cancel(State(service): State<Service>, caller: Caller, target: Target) -> Result<Answer<Single>> {
    let id = removal::cancel(&service, caller.uid(), Kind::Avatar, &target.one()?).await?;
    let avatar = Avatar::find(&service, caller.uid(), id.as_str()).await?;
    Ok(Answer::ok(Single::new(caller.compat, avatar)))
}

/// What became of each avatar.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeletedAvatars {
    success_ids: Vec<String>,
    no_permission_avatars: Vec<Refused>,
}

/// Delete uploads and their files. A single one that cannot be deleted is refused with its code; in a list it is told beside the others.
#[utoipa::path(method(post, delete), path = "/api/open/v3/avatar/delete", tag = "avatars", request_body = Option<Named>, params(NamedInQuery),
    responses((status = 200, body = Envelope<DeletedAvatars>)))]
async fn delete(State(service): State<Service>, caller: Caller, target: Target) -> Result<Answer<DeletedAvatars>> {
    let removed = removal::remove(&service, caller.uid(), Kind::Avatar, target).await?;
    Ok(Answer::ok(DeletedAvatars {
        success_ids: removed.done,
        no_permission_avatars: removed.refused,
    }))
}
