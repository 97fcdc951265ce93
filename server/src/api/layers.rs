//! What surrounds every handler: names for requests, the log, browsers, limits, and an envelope for whatever goes wrong.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowHeaders, Any as Anybody, CorsLayer};
use tower_http::limit::RequestBodyLimitLayer;
use tracing::Instrument;

use super::answer::refusal;
use crate::problem::{Code, Problem};
use crate::telemetry;

/// How long an answer may take to begin; files may take as long as they need after that.
pub const TIME: Duration = Duration::from_secs(60);
/// How long a browser remembers what it may do.
const PREFLIGHT: Duration = Duration::from_hours(24);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest name of a request that is taken over.
const LONGEST_ID: usize = 64;

/// Puts all of them around a router; the last one is the outermost.
pub fn around(router: Router, body_bytes: usize, time: Duration) -> Router {
    router
        .fallback(unknown)
        // Its own limit is lower, and counts only what handlers read.
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(body_bytes))
        .layer(from_fn(move |request, next| in_time(time, request, next)))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(map_response(move |response| enveloped(body_bytes, response)))
        .layer(cors())
        .layer(from_fn(observed))
}

async fn unknown(request: Request) -> Response {
    let message = format!(
        "content does not exist: there is nothing at {}; /docs shows what there is",
        request.uri().path().chars().take(100).collect::<String>()
    );
    refusal(StatusCode::NOT_FOUND, Code::NotFound, message)
}

async fn in_time(time: Duration, request: Request, next: Next) -> Response {
    let Ok(response) = tokio::time::timeout(time, next.run(request)).await else {
        tracing::error!("a request was given up after {time:?}");
        let message = "this took too long; please try again";
        let answer = refusal(StatusCode::SERVICE_UNAVAILABLE, Code::Internal, message);
        return ([(RETRY_AFTER, "5")], answer).into_response();
    };
    response
}

/// The log's hook has told the panic itself.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::internal("a handler panicked").into_response()
}

/// What layers and the framework refuse comes as plain text, or as nothing.
async fn enveloped(body_bytes: usize, response: Response) -> Response {
    let status = response.status();
    let is_failure = status.is_client_error() || status.is_server_error();
    if !is_failure || response.headers().get(CONTENT_TYPE).is_some_and(|t| t == "application/json") {
        return response;
    }
    let (code, message) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let message = format!("parameter validate error: body may have up to {body_bytes} bytes; send links instead of data: urls");
            (Code::Parameter, message)
        }
        StatusCode::METHOD_NOT_ALLOWED => (
            Code::NotFound,
            "content does not exist: this path takes only the methods that the header Allow names".to_owned(),
        ),
        StatusCode::NOT_FOUND => (Code::NotFound, "content does not exist".to_owned()),
        status if status.is_client_error() => (Code::Parameter, "parameter validate error: request cannot be understood".to_owned()),
        _ => (Code::Internal, Problem::internal("").message),
    };
    let mut answer = refusal(status, code, message);
    for name in [header::ALLOW, RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

/// Browsers may call from everywhere: what they need is a token, never a cookie.
fn cors() -> CorsLayer {
    let shown = [
        "x-total-count",
        "x-page",
        "x-size",
        "x-request-id",
        "retry-after",
        "content-range",
        "accept-ranges",
        "content-disposition",
    ];
    CorsLayer::new()
        .allow_origin(Anybody)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(shown.map(HeaderName::from_static).into_iter().chain([ETAG]).collect::<Vec<_>>())
        .max_age(PREFLIGHT)
}

/// Names the request, logs it and counts it; never its query, its body or who it says that it is.
async fn observed(request: Request, next: Next) -> Response {
    let id = name(request.headers());
    let method = known(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unknown", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", id, method, route, uid = tracing::field::Empty);
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = begun.elapsed();
    let status = response.status().as_u16();
    let code = response.extensions().get::<Code>().map_or(1000, |code| code.number());
    telemetry::answered(method, &route, status, code, took);
    tracing::info!(parent: &span, status, code, ms = took.as_secs_f64() * 1000.0, "answered");
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// What the client calls its request, if that can be written into a log as it is, or a new name.
fn name(headers: &HeaderMap) -> String {
    let plain = |id: &&str| {
        !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(plain);
    given.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned)
}

/// Clients can invent methods, and each would be counted for itself.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use serde_json::{Value, json};
    use tower::ServiceExt;

    use super::*;

    async fn call(path: &str) -> (StatusCode, HeaderMap, Value) {
        let router: Router = Router::new()
            .route("/panic", get(async || -> () { panic!("/secret/path") }))
            .route("/slow", get(std::future::pending::<()>))
            .route("/odd", get(|| async { (StatusCode::UNSUPPORTED_MEDIA_TYPE, "plain") }));
        let router = around(router, 10, Duration::from_millis(50));
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        (parts.status, parts.headers, serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_error_that_tells_nothing() {
        let (status, _, body) = call("/panic").await;
        assert_eq!((status, &body["code"], &body["data"]), (StatusCode::OK, &json!(2001), &Value::Null));
        assert!(!body.to_string().contains("secret"));
    }

    #[tokio::test]
    async fn what_takes_too_long_is_given_up() {
        let (status, headers, body) = call("/slow").await;
        assert_eq!((status, &body["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!(2001)));
        assert!(headers.contains_key(RETRY_AFTER));
    }

    #[tokio::test]
    async fn every_failure_gets_the_envelope() {
        let (status, _, body) = call("/odd").await;
        assert_eq!(
            (status, &body["code"], &body["data"]),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, &json!(1003), &Value::Null)
        );
    }
}
