//! What clients send: bodies and queries, read leniently where the contract says so.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use bytes::Bytes;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::problem::{Problem, Result};
use crate::service::Service;

/// A JSON body; unknown fields are ignored, and whatever is wrong is named by its path.
pub struct Body<T> {
    pub value: T,
    /// SHA-256 of method, path and body, whatever the sequence of its keys.
    pub digest: String,
}

impl<T: DeserializeOwned> FromRequest<Service> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, service: &Service) -> Result<Self> {
        let route = format!("{} {}", request.method(), request.uri().path());
        let bytes = Bytes::from_request(request, service)
            .await
            .map_err(|e| Problem::field("body", format!("could not be read: {e}")))?;
        let json: Value = serde_json::from_slice(&bytes).map_err(|e| Problem::field("body", format!("must be JSON: {e}")))?;
        if !json.is_object() {
            return Err(Problem::field("body", "must be a JSON object"));
        }
        let digest = hex::encode(Sha256::digest(format!("{route}\n{json}")));
        let value = serde_path_to_error::deserialize(json).map_err(|e| wrong(&e.path().to_string(), e.inner()))?;
        Ok(Self { value, digest })
    }
}

/// A query; numbers arrive as text.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Service> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Service) -> Result<Self> {
        let query = parts.uri.query().unwrap_or_default();
        // The last of several wins, as in most servers.
        let pairs: serde_json::Map<String, Value> = url::form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
            .collect();
        let value = serde_path_to_error::deserialize(Value::Object(pairs)).map_err(|e| wrong(&e.path().to_string(), e.inner()))?;
        Ok(Self(value))
    }
}

fn wrong(path: &str, e: &serde_json::Error) -> Problem {
    let field = if path == "." { "body" } else { path };
    Problem::field(field, e)
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
