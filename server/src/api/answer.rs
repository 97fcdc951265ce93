//! The envelope that every answer is in.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{Code, Problem};

/// `{"code", "msg", "data"}`: success is 1000 and nothing else; `data` is null in failures.
#[derive(Serialize, ToSchema)]
pub struct Envelope<T> {
    #[schema(example = 1000)]
    pub code: u16,
    pub msg: String,
    pub data: Option<T>,
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
        let status = match self.code {
            Code::TooFrequent => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::OK,
        };
        refusal(status, self.code, self.message)
    }
}

/// A failure with a status of its own, for the layers around the handlers.
pub fn refusal(status: StatusCode, code: Code, msg: String) -> Response {
    let body = Envelope::<()> {
        code: code.number(),
        msg,
        data: None,
    };
    (status, Json(body)).into_response()
}
