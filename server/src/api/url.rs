//! Urls that clients send: checked for their form here, and for where they lead when they are fetched.

use url::Url;

use crate::problem::{Problem, Result};
use crate::service::Service;

/// The longest link that is taken.
const LONGEST: usize = 8192;
const MAY_BE: &str = "must be a link that begins with http:// or https://, or a picture as a data: url";

/// A url as it will be fetched; `field` names it in the sentence of a refusal.
pub fn checked_url(service: &Service, field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    let is_data = text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
    if is_data {
        return checked_data(service, field, text);
    }
    if text.len() > LONGEST {
        return Err(Problem::field(field, format!("may have up to {LONGEST} characters")));
    }
    let url = Url::parse(text).map_err(|_| Problem::field(field, MAY_BE))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(Problem::field(field, MAY_BE));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Problem::field(field, "must not contain a user name or a password"));
    }
    Ok(url.into())
}

/// A picture in the request itself: base64 makes it a third longer.
fn checked_data(service: &Service, field: &str, text: &str) -> Result<String> {
    let longest = service.config.limits.image_bytes.saturating_mul(7) / 5;
    if text.len() as u64 > longest {
        return Err(Problem::field(field, format!("may have up to {longest} characters as a data: url")));
    }
    let head = text[5..].split_once(',').map(|(head, _)| head.to_ascii_lowercase());
    match head {
        Some(head) if head.starts_with("image/") => Ok(text.to_owned()),
        _ => Err(Problem::field(field, MAY_BE)),
    }
}
