//! An answer becomes a file.

use std::path::Path;

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use reqwest::{Response, StatusCode};

use super::allowance::Allowance;
use super::error::{FetchError, Found, Slow};
use super::limits::{Limits, Wanted};
use super::new_file::NewFile;
use super::{Fetched, within};

pub(super) async fn save(mut answer: Response, wanted: Wanted, limits: &Limits, all: &Allowance, to: &Path) -> Result<Fetched, FetchError> {
    let limit = limits.bytes(wanted);
    let content_type = acceptable(&answer, wanted, limit)?;
    all.has(answer.content_length().unwrap_or(0))?;
    let mut file = NewFile::create(to)?;
    let mut bytes = 0;
    // A body that ends before its announced length is an error of the client's.
    let mut next = async || {
        within(limits.idle, Slow::Idle, async {
            answer.chunk().await.map_err(FetchError::from_body)
        })
        .await
    };
    while let Some(piece) = next().await? {
        bytes += piece.len() as u64;
        if bytes > limit {
            return Err(FetchError::TooLarge { limit });
        }
        all.take(piece.len() as u64)?;
        file.write(&piece).await?;
    }
    file.keep().await?;
    Ok(Fetched { bytes, content_type })
}

/// What its head says, before any of the body is read. Returns its type.
fn acceptable(answer: &Response, wanted: Wanted, limit: u64) -> Result<Option<String>, FetchError> {
    // 206 and the like answer questions that were not asked.
    if answer.status() != StatusCode::OK {
        return Err(FetchError::Http {
            status: answer.status().as_u16(),
        });
    }
    let content_type = header(answer, CONTENT_TYPE);
    let compressed = header(answer, CONTENT_ENCODING).is_some_and(|e| !matches!(e.as_str(), "" | "identity"));
    let other = content_type.as_deref().and_then(no_media);
    if let Some(found) = other.or(compressed.then_some(Found::Compressed)) {
        return Err(FetchError::WrongType { found, wanted });
    }
    match answer.content_length() {
        Some(length) if length > limit => Err(FetchError::TooLarge { limit }),
        _ => Ok(content_type),
    }
}

fn header(answer: &Response, name: HeaderName) -> Option<String> {
    let text = answer.headers().get(name)?.to_str().ok()?;
    Some(text.trim().to_ascii_lowercase())
}

/// Types that are certainly no file of media. Servers are often wrong about the others; the bytes decide there.
fn no_media(content_type: &str) -> Option<Found> {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    match essence {
        "text/html" | "application/xhtml+xml" => Some(Found::WebPage),
        "application/json" | "text/json" => Some(Found::Json),
        "application/xml" | "text/xml" => Some(Found::Xml),
        _ if essence.ends_with("+json") => Some(Found::Json),
        _ => None,
    }
}
