//! The wire: one file a noun, thin handlers, and an OpenAPI document that is made from them.

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::service::Service;

mod answer;
mod caller;
mod credentials;
mod idempotency;
mod request;

/// Every route of the service.
pub fn router(service: Service) -> Router {
    let (router, _document) = OpenApiRouter::new().merge(credentials::routes()).split_for_parts();
    router.with_state(service)
}
