//! The envelope that every answer is in.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{Code, Problem};

/// When too many jobs are open, one of them may have ended after this.
const JOB: Duration = Duration::from_secs(4);

/// `{"code", "msg", "data"}`: success is 1000 and nothing else; `data` is null in failures.
#[derive(Serialize, ToSchema)]
pub struct Envelope<T> {
    #[schema(example = 1000)]
    pub code: u16,
    pub msg: String,
    pub data: Option<T>,
}

/// The envelope of a failure that has a status of its own.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described: `refusal` makes it")]
pub struct Failure {
    #[schema(example = 1008)]
    code: u16,
    msg: String,
    #[schema(schema_with = super::schema::null)]
    data: (),
}

/// A successful answer.
#[derive(Debug)]
pub struct Answer<T> {
    msg: &'static str,
    data: T,
}

impl<T> Answer<T> {
    pub fn ok(data: T) -> Self {
        Self { msg: "OK", data }
    }

    /// With the lower-case `msg` of the avatar and voice lists.
    pub fn small_ok(data: T) -> Self {
        Self { msg: "ok", data }
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        Json(Envelope {
            code: 1000,
            msg: self.msg.to_owned(),
            data: Some(self.data),
        })
        .into_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if self.code == Code::Internal {
            tracing::error!(cause = self.source.as_deref().map(tracing::field::display), "internal error");
        }
        if self.code != Code::TooFrequent {
            return refusal(StatusCode::OK, self.code, self.message);
        }
        // Whole seconds, the last one begun.
        let wait = self.retry_after.unwrap_or(JOB).as_secs() + 1;
        let answer = refusal(StatusCode::TOO_MANY_REQUESTS, self.code, self.message);
        ([(RETRY_AFTER, wait)], answer).into_response()
    }
}

/// A failure with a status of its own, for the layers around the handlers.
///
/// The code travels with the response, too, so that layers can count it.
pub fn refusal(status: StatusCode, code: Code, msg: impl Into<String>) -> Response {
    let body = Envelope::<()> {
        code: code.number(),
        msg: msg.into(),
        data: None,
    };
    (status, Extension(code), Json(body)).into_response()
}

/// A fault of ours where an envelope would be taken for what was asked for: a video, metrics.
pub fn unavailable(problem: Problem) -> Response {
    tracing::error!(cause = problem.source.as_deref().map(tracing::field::display), "internal error");
    refusal(StatusCode::SERVICE_UNAVAILABLE, Code::Internal, problem.message)
}
