//! What a client may write where a url is asked for.

use std::net::IpAddr;

use url::{Host, ParseError, Url};

use super::data_url;
use super::error::Refused;
use super::limits::{Limits, Wanted};

/// More than servers take.
const MAX_CHARACTERS: usize = 8 * 1024;

/// A url of the right form: http or https with a host and without credentials, or an image in a `data:` url.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientUrl(Form);

#[derive(Clone, PartialEq, Eq)]
enum Form {
    Web(Url),
    Data(String),
}

impl ClientUrl {
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Form::Web(url) => url.as_str(),
            Form::Data(text) => text,
        }
    }

    pub(super) fn parse(text: &str, wanted: Wanted, limits: &Limits) -> Result<Self, Refused> {
        let text = text.trim();
        if !data_url::is_one(text) {
            return Self::parse_web(text);
        }
        if !wanted.may_be_image() {
            return Err(Refused::Scheme);
        }
        data_url::check(text, limits.image_bytes)?;
        Ok(Self(Form::Data(text.to_owned())))
    }

    pub(super) fn parse_web(text: &str) -> Result<Self, Refused> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Refused::Empty);
        }
        fits(text)?;
        let url = Url::parse(text).map_err(|e| match e {
            ParseError::RelativeUrlWithoutBase => Refused::Scheme,
            _ => Refused::Invalid,
        })?;
        Self::of(url)
    }

    /// A `Location` header, which may be relative.
    pub(super) fn parse_location(location: &[u8], from: &Url) -> Result<Self, Refused> {
        let text = std::str::from_utf8(location).map_err(|_| Refused::Invalid)?;
        fits(text)?;
        Self::of(from.join(text).map_err(|_| Refused::Invalid)?)
    }

    fn of(url: Url) -> Result<Self, Refused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::Credentials);
        }
        match url.host() {
            Some(_) => Ok(Self(Form::Web(url))),
            None => Err(Refused::Invalid),
        }
    }

    /// `None` for a `data:` url.
    pub(super) fn web(&self) -> Option<&Url> {
        match &self.0 {
            Form::Web(url) => Some(url),
            Form::Data(_) => None,
        }
    }

    /// The address that stands in the url itself. The parser reads all the forms of an address that systems do: decimal, octal, hexadecimal,
    /// shortened, in full-width digits, with a dot behind.
    pub(super) fn literal_address(&self) -> Option<IpAddr> {
        match self.web()?.host()? {
            Host::Ipv4(ip) => Some(ip.into()),
            Host::Ipv6(ip) => Some(ip.into()),
            Host::Domain(_) => None,
        }
    }
}

/// For logs: without path and query, which may hold signatures, and without data.
impl std::fmt::Debug for ClientUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Form::Web(url) => write!(f, "{}/…", url.origin().ascii_serialization()),
            Form::Data(_) => f.write_str("data:…"),
        }
    }
}

fn fits(text: &str) -> Result<(), Refused> {
    match text.len() {
        0..=MAX_CHARACTERS => Ok(()),
        _ => Err(Refused::TooLong { limit: MAX_CHARACTERS }),
    }
}

#[cfg(test)]
mod tests;
