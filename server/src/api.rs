//! The wire: one file a noun, thin handlers, and an OpenAPI document that is made from them.

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::service::Service;
use crate::telemetry;

mod answer;
mod audios;
mod avatars;
mod caller;
mod captions;
mod credentials;
mod document;
mod files;
mod idempotency;
mod layers;
mod lip_sync;
mod meta;
mod new_video;
mod page;
mod ranges;
mod removal;
mod request;
mod schema;
mod spoken;
mod stock;
mod talking_avatar;
mod talking_photo;
mod url;
mod videos;
mod voices;

/// Every call, with its description.
fn calls() -> (Router<Service>, OpenApi) {
    let (router, document) = OpenApiRouter::with_openapi(document::begin())
        .merge(credentials::routes())
        .merge(avatars::routes())
        .merge(videos::routes())
        .merge(talking_avatar::routes())
        .merge(talking_photo::routes())
        .merge(lip_sync::routes())
        .merge(voices::routes())
        .merge(audios::routes())
        .merge(files::routes())
        .merge(stock::routes())
        .merge(meta::routes())
        .split_for_parts();
    (router, document::finish(document))
}

/// The OpenAPI document.
pub fn document() -> OpenApi {
    calls().1
}

/// Every route of the service; serve it with `into_make_service_with_connect_info::<SocketAddr>()`, so that strangers are told apart.
pub fn router(service: Service) -> Router {
    telemetry::recorder();
    let (router, document) = calls();
    let body_bytes = service.config.limits.body_bytes;
    let router = router.merge(meta::pages(document)).with_state(service);
    layers::around(router, body_bytes, layers::TIME)
}
