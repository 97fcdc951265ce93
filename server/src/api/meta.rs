//! For whoever runs the service: whether it lives, whether it can work, what it counts, and its documentation.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::answer::{Answer, Envelope, Failure, refusal, unavailable};
use crate::problem::Code;
use crate::service::Service;
use crate::telemetry;

mod ready;
mod scrape;

const DOCUMENT: &str = "/openapi.json";
const ROOT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Mouthpiece</title>\
    <p>This is Mouthpiece. <a href=\"docs/\">Its calls</a>, <a href=\"openapi.json\">for programs</a>.</p></html>\n";

pub fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(alive))
        .routes(routes!(ready))
        .routes(routes!(counted))
}

/// What shows the document itself.
pub fn pages(document: OpenApi) -> Router<Service> {
    let ui = SwaggerUi::new("/docs").config(Config::from(DOCUMENT).persist_authorization(true));
    Router::from(ui)
        .route("/", get(async || Html(ROOT)))
        .route(DOCUMENT, get(async move || Json(document)))
}

#[derive(Serialize, ToSchema)]
struct Health {
    version: &'static str,
}

const HEALTH: Health = Health {
    version: env!("CARGO_PKG_VERSION"),
};

/// Whether the process answers at all.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, body = Envelope<Health>)))]
async fn alive() -> Answer<Health> {
    Answer::ok(HEALTH)
}

/// Whether it can work: its database answers, its folder can be written, and, if it renders, ffmpeg is there.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, body = Envelope<Health>), (status = 503, description = "Not ready; `msg` says what is wrong", body = Failure)))]
async fn ready(State(service): State<Service>) -> Response {
    let failed = ready::failed(&service).await;
    if failed.is_empty() {
        return Answer::ok(HEALTH).into_response();
    }
    let message = format!("not ready: {}", failed.join("; "));
    tracing::error!("{message}");
    refusal(StatusCode::SERVICE_UNAVAILABLE, Code::Internal, message)
}

/// Counters of this process and the state of all work, for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses((status = 200, description = "Prometheus text", body = String, content_type = "text/plain"),
    (status = 503, description = "2001: the state of the work cannot be read", body = Failure)))]
async fn counted(State(service): State<Service>) -> Result<Response, Response> {
    let recorder = telemetry::recorder();
    recorder.run_upkeep();
    let text = recorder.render() + &scrape::state(&service).await.map_err(unavailable)?;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
