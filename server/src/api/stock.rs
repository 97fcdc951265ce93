//! The photos of the official avatars, from memory.

use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use sha2::{Digest, Sha256};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Failure, refusal};
use super::ranges::{Part, Served};
use crate::problem::Code;
use crate::service::Service;
use crate::stock::{self, StockAvatar};

pub fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(photo))
}

/// The path of a photo, after the service's address.
pub fn path(avatar: &StockAvatar) -> String {
    format!("stock/{}.{}", avatar.avatar_id, avatar.extension)
}

/// The photo of an official avatar.
#[utoipa::path(method(get, head), path = "/stock/{name}", tag = "files",
    params(("name" = String, Path, description = "as in the `url` of an official avatar")),
    responses(
        (status = 200, description = "The photo", body = Vec<u8>, content_type = "image/*"),
        (status = 206, description = "The part that was asked for", body = Vec<u8>, content_type = "image/*"),
        (status = 304, description = "Not changed"),
        (status = 404, description = "Unknown", body = Failure),
        (status = 412, description = "A condition does not hold", body = Failure),
        (status = 416, description = "No byte of the range is there", body = Failure)))]
async fn photo(method: Method, headers: HeaderMap, name: Result<Path<String>, PathRejection>) -> Response {
    let found = name.ok().and_then(|Path(name)| {
        let (avatar_id, extension) = name.rsplit_once('.')?;
        stock::find(avatar_id).filter(|a| a.avatar_id == avatar_id && a.extension == extension)
    });
    let Some(avatar) = found else {
        let message = "content does not exist: there is no official avatar with this photo";
        return refusal(StatusCode::NOT_FOUND, Code::NotFound, message);
    };
    let served = Served {
        size: avatar.photo.len() as u64,
        etag: format!("\"{}\"", hex::encode(&Sha256::digest(avatar.photo)[..12])),
        modified: None,
        content_type: avatar.content_type.to_owned(),
        filename: format!("{}.{}", avatar.avatar_id, avatar.extension),
        cache: "public, max-age=86400".to_owned(),
    };
    let part = served.wanted(&method, &headers);
    let bytes = match &part {
        Part::Whole if method == Method::GET => avatar.photo,
        // A part of it lies inside: it is at most as large as memory.
        Part::Bytes(range) => avatar.photo.get(range.start as usize..range.end as usize).unwrap_or_default(),
        _ => &[],
    };
    served.answer(&part, Body::from(bytes))
}
