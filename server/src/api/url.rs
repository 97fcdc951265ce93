//! Urls that clients send: whether one may be fetched or called is said here, before anything is recorded, and again when it is.

use crate::fetch::Wanted;
use crate::problem::{Problem, Result};
use crate::service::Service;

/// A url as it will be fetched; `field` names it in the sentence of a refusal. Pictures may be within a `data:` url.
pub fn checked_url(service: &Service, field: &str, text: &str, wanted: Wanted) -> Result<String> {
    let url = service.fetcher.check(text, wanted).map_err(|e| Problem::field(field, e))?;
    Ok(url.as_str().to_owned())
}

/// A url as it will be called.
pub fn checked_webhook(service: &Service, field: &str, text: &str) -> Result<String> {
    let url = service.fetcher.check_webhook(text).map_err(|e| Problem::field(field, e))?;
    Ok(url.as_str().to_owned())
}
