//! Results and uploads, under links that nobody can guess and that run out.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use object_store::{GetOptions, GetRange, GetResult};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Failure, refusal, unavailable};
use super::ranges::{Part, Served};
use crate::clock::Millis;
use crate::id::RecordId;
use crate::problem::Code;
use crate::service::Service;
use crate::store::Link;

/// Seconds that a file without an end may be kept by a browser: it can be deleted.
const KEEP: Millis = 3600;

pub fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(file))
}

/// A result or an upload; one range of bytes at a time, and conditions, as HTTP has them.
#[utoipa::path(method(get, head), path = "/files/{name}", tag = "files",
    params(("name" = String, Path, description = "as in a link of a record")),
    responses(
        (status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "The part that was asked for", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 304, description = "Not changed"),
        (status = 404, description = "Unknown, deleted or run out", body = Failure),
        (status = 412, description = "A condition does not hold", body = Failure),
        (status = 416, description = "No byte of the range is there", body = Failure),
        (status = 503, description = "2001: it cannot be read now", body = Failure)))]
async fn file(
    State(service): State<Service>,
    method: Method,
    headers: HeaderMap,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, Response> {
    let Ok(Path(name)) = name else { return Err(gone()) };
    let now = service.clock.now();
    let link = Link::find(&service.db, &name, now).await.map_err(unavailable)?.ok_or_else(gone)?;
    let options = GetOptions {
        head: true,
        ..GetOptions::default()
    };
    let served = served(&link, &open(&service, &link, options).await?, now);
    let part = served.wanted(&method, &headers);
    let range = match &part {
        Part::Whole if method == Method::GET => None,
        Part::Bytes(range) => Some(GetRange::Bounded(range.clone())),
        _ => return Ok(served.answer(&part, Body::empty())),
    };
    let options = GetOptions {
        range,
        if_match: Some(served.etag.clone()),
        ..GetOptions::default()
    };
    let body = open(&service, &link, options).await?.into_stream();
    Ok(served.answer(&part, Body::from_stream(body)))
}

async fn open(service: &Service, link: &Link, options: GetOptions) -> Result<GetResult, Response> {
    service.store.open(&link.key, options).await.map_err(|e| match e {
        object_store::Error::NotFound { .. } => {
            tracing::warn!(key = link.key, "a file with a link is not in the store");
            gone()
        }
        e => unavailable(e.into()),
    })
}

fn served(link: &Link, found: &GetResult, now: Millis) -> Served {
    let extension = link.name.rsplit_once('.').map_or("", |(_, extension)| extension);
    // A person knows the record's id; the link is a secret.
    let record = link.key.split(['/', '.']).find_map(RecordId::parse);
    let etag = found.meta.e_tag.clone();
    Served {
        size: found.meta.size,
        etag: etag.unwrap_or_else(|| format!("\"{:x}-{:x}\"", link.created_at, found.meta.size)),
        modified: Some(found.meta.last_modified.into()),
        content_type: link.content_type.clone(),
        filename: record.map_or_else(|| link.name.clone(), |id| format!("{id}.{extension}")),
        cache: format!("private, max-age={}", link.expires_at.map_or(KEEP, |end| (end - now) / 1000)),
    }
}

fn gone() -> Response {
    refusal(
        StatusCode::NOT_FOUND,
        Code::NotFound,
        "content does not exist: this link is unknown or has run out",
    )
}
