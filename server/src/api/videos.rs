//! Videos, of whatever request made them.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::record::Video;
use super::answer::{Answer, Envelope};
use super::caller::{Caller, Poller};
use super::page::{Page, PageQuery};
use super::removal::{self, Named, NamedInQuery, Refused, Target};
use super::request::{Query, required};
use crate::job::Kind;
use crate::problem::Result;
use crate::service::Service;

mod record;

pub fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(info))
        .routes(routes!(list))
        .routes(routes!(cancel))
        .routes(routes!(delete))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InfoQuery {
    /// The video's `_id`.
    #[param(required, nullable = false, pattern = "^[0-9a-f]{24}$")]
    video_model_id: Option<String>,
}

/// How far a video is, and its link when it is done.
///
/// A failed one answers 1000 too: `video_status` is 4 and `error_reason` says why. Links run out; `video` is empty then.
#[utoipa::path(get, path = "/api/open/v3/content/video/infobymodelid", tag = "videos", params(InfoQuery),
    responses((status = 200, body = Envelope<Video>)))]
async fn info(State(service): State<Service>, Poller(caller): Poller, Query(query): Query<InfoQuery>) -> Result<Answer<Video>> {
    let id = required("video_model_id", query.video_model_id)?;
    Ok(Answer::ok(Video::find(&service, caller.uid(), &id).await?))
}

/// A page of videos.
#[derive(Serialize, ToSchema)]
struct VideoList {
    /// On all pages.
    count: u64,
    result: Vec<Video>,
}

/// The caller's videos, the newest first.
#[utoipa::path(get, path = "/api/open/v3/content/video/list", tag = "videos", params(PageQuery),
    responses((status = 200, body = Envelope<VideoList>)))]
async fn list(State(service): State<Service>, caller: Caller, Query(page): Query<PageQuery>) -> Result<Answer<VideoList>> {
    let (count, result) = record::list(&service, caller.uid(), Page::try_from(page)?).await?;
    Ok(Answer::ok(VideoList { count, result }))
}

/// Stop a video that has not ended; it fails as cancelled, and its credits are free again. 1010 when it has ended.
#[utoipa::path(post, path = "/api/open/v3/content/video/cancel", tag = "videos", request_body = Option<Named>, params(NamedInQuery),
    responses((status = 200, body = Envelope<Video>)))]
async fn cancel(State(service): State<Service>, caller: Caller, target: Target) -> Result<Answer<Video>> {
    let id = removal::cancel(&service, caller.uid(), Kind::Video, &target.one()?).await?;
    Ok(Answer::ok(Video::find(&service, caller.uid(), id.as_str()).await?))
}

/// What became of each video.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeletedVideos {
    success_ids: Vec<String>,
    no_permission_videos: Vec<Refused>,
}

/// Delete videos and their files; one that has not ended is cancelled first.
///
/// A single one that cannot be deleted is refused with its code; in a list it is told beside the others.
#[utoipa::path(method(post, delete), path = "/api/open/v3/content/video/delete", tag = "videos", request_body = Option<Named>, params(NamedInQuery),
    responses((status = 200, body = Envelope<DeletedVideos>)))]
async fn delete(State(service): State<Service>, caller: Caller, target: Target) -> Result<Answer<DeletedVideos>> {
    let removed = removal::remove(&service, caller.uid(), Kind::Video, target).await?;
    Ok(Answer::ok(DeletedVideos {
        success_ids: removed.done,
        no_permission_videos: removed.refused,
    }))
}
