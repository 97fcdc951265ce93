//! The wire: one file a noun, thin handlers, and an OpenAPI document that is made from them.

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::service::Service;

mod answer;
mod avatars;
mod caller;
mod credentials;
mod files;
mod idempotency;
mod page;
mod ranges;
mod removal;
mod request;
mod schema;
mod stock;
mod talking_avatar;
mod url;
mod videos;

/// Every route of the service.
pub fn router(service: Service) -> Router {
    let (router, _document) = OpenApiRouter::new()
        .merge(credentials::routes())
        .merge(avatars::routes())
        .merge(videos::routes())
        .merge(talking_avatar::routes())
        .merge(files::routes())
        .merge(stock::routes())
        .split_for_parts();
    router.with_state(service)
}
