//! What clients send: bodies and queries, read leniently where the contract says so.

use std::fmt::Display;
use std::ops::RangeInclusive;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::problem::{Problem, Result};
use crate::service::Service;

/// A JSON body, whatever its content type; unknown fields are ignored, and whatever is wrong is named by its path.
pub struct Body<T> {
    pub value: T,
    /// SHA-256 of method, path and body, whatever the sequence of its keys.
    pub digest: String,
}

impl<T: DeserializeOwned> FromRequest<Service> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Response> {
        let route = format!("{} {}", request.method(), request.uri().path());
        let bytes = match Bytes::from_request(request, service).await {
            Ok(bytes) => bytes,
            // The layers give it the envelope.
            Err(e) if e.status() == StatusCode::PAYLOAD_TOO_LARGE => return Err(e.into_response()),
            Err(_) => return Err(Problem::field("body", "ended before it was complete").into_response()),
        };
        Self::read(&route, &bytes).map_err(IntoResponse::into_response)
    }
}

impl<T: DeserializeOwned> Body<T> {
    fn read(route: &str, bytes: &[u8]) -> Result<Self> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(Problem::field("body", "is empty; send a JSON object"));
        }
        let json: Value = serde_json::from_slice(bytes).map_err(|e| Problem::field("body", format!("must be JSON: {e}")))?;
        if !json.is_object() {
            return Err(Problem::field("body", "must be a JSON object"));
        }
        let digest = hex::encode(Sha256::digest(format!("{route}\n{json}")));
        let value = typed("", json)?;
        Ok(Self { value, digest })
    }
}

/// A query; numbers arrive as text, and an empty value is none.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Service> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Service) -> Result<Self> {
        let query = parts.uri.query().unwrap_or_default();
        // The last of several wins, as in most servers.
        let pairs = url::form_urlencoded::parse(query.as_bytes())
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
            .collect();
        Ok(Self(typed("", Value::Object(pairs))?))
    }
}

/// A part of a body as a type; `path` leads to it.
pub fn part<T: DeserializeOwned>(path: &str, json: &Value) -> Result<T> {
    typed(&format!("{path}."), json)
}

/// JSON as a type; the sentence of an error names the path, behind `at`, and says what may be there.
fn typed<'de, T: Deserialize<'de>>(at: &str, json: impl Deserializer<'de, Error = serde_json::Error>) -> Result<T> {
    serde_path_to_error::deserialize(json).map_err(|e| {
        let path = e.path().to_string();
        let (field, rest) = plainly(&path, &e.inner().to_string());
        Problem::field(&format!("{at}{field}"), rest)
    })
}

/// serde's wording, in a client's terms: the field, and how the sentence goes on.
fn plainly(path: &str, message: &str) -> (String, String) {
    let here = || if path == "." { "body".to_owned() } else { path.to_owned() };
    if let Some(name) = message.strip_prefix("missing field ") {
        let name = name.trim_matches('`');
        let field = if path == "." { name.to_owned() } else { format!("{path}.{name}") };
        return (field, "is required".into());
    }
    if let Some((_, expected)) = message.split_once(", expected ") {
        return (here(), format!("must be {}", expectation(expected)));
    }
    (here(), message.to_owned())
}

fn expectation(expected: &str) -> String {
    match expected {
        "a string" | "a borrowed string" | "string or map" => "text".into(),
        "a boolean" => "true or false".into(),
        "a sequence" => "a list".into(),
        e if e.starts_with("struct ") || e == "a map" => "an object".into(),
        e if e.starts_with(['i', 'u', 'f']) && e[1..].parse::<u8>().is_ok() => "a number".into(),
        e => e.replace('`', "").replacen("one of ", "", 1),
    }
}

/// A number, or a numeric string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(pub f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = match Value::deserialize(deserializer)? {
            Value::Number(n) => n.as_f64(),
            Value::String(s) => s.trim().parse().ok(),
            _ => None,
        };
        number
            .filter(|n| n.is_finite())
            .map(Self)
            .ok_or_else(|| D::Error::custom("must be a number"))
    }
}

/// A number or a numeric string; null and `""` are as good as nothing.
pub fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Number>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    match &value {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        _ => match Number::deserialize(&value) {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(D::Error::custom(format!("is {}, but must be a number", shown(&value.to_string())))),
        },
    }
}

/// A whole number in a range; `otherwise` when it was not sent.
pub fn whole(field: &str, value: Option<Number>, range: RangeInclusive<u32>, otherwise: u32) -> Result<u32> {
    let Some(Number(value)) = value else { return Ok(otherwise) };
    let inside = value.fract() == 0.0 && value >= f64::from(*range.start()) && value <= f64::from(*range.end());
    if !inside {
        let rest = format!("must be a whole number from {} to {}", range.start(), range.end());
        return Err(Problem::field(field, rest));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number between two u32"
    )]
    Ok(value as u32)
}

/// One of a few numbers that mean something; `None` when it was not sent.
pub fn choice<N: Copy + Into<f64> + Display>(field: &str, value: Option<Number>, known: &[(N, &str)]) -> Result<Option<N>> {
    let Some(Number(value)) = value else { return Ok(None) };
    let found = known.iter().find(|(number, _)| (*number).into() == value);
    if let Some((number, _)) = found {
        return Ok(Some(*number));
    }
    let all: Vec<_> = known.iter().map(|(number, meaning)| format!("{number} ({meaning})")).collect();
    Err(Problem::field(field, format!("may be {}", all.join(" or "))))
}

/// What a client wrote, as far as a sentence repeats it.
pub fn shown(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A text that says something: empty ones are as good as none.
pub fn filled(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

/// Text that must be there.
pub fn required(field: &str, value: Option<String>) -> Result<String> {
    value.filter(|v| !v.is_empty()).ok_or_else(|| Problem::field(field, "is required"))
}

/// Text that people read: no control characters, and at most so many others.
pub fn readable(field: &str, text: &str, longest: usize) -> Result<()> {
    if text.chars().any(char::is_control) || text.chars().count() > longest {
        let rest = format!("may have up to {longest} characters, none of them control characters");
        return Err(Problem::field(field, rest));
    }
    Ok(())
}
