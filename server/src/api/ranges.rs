//! HTTP's conditions and ranges (RFC 9110), for whatever is served as a file.

use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, IF_MATCH,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::answer::refusal;
use crate::problem::Code;

/// What a file is, apart from its bytes.
pub struct Served {
    pub size: u64,
    /// Quoted, strong.
    pub etag: String,
    pub modified: Option<SystemTime>,
    pub content_type: String,
    /// What a browser calls it when it is saved.
    pub filename: String,
    pub cache: String,
}

/// What a request gets of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    Whole,
    Bytes(Range<u64>),
    NotModified,
    /// A condition does not hold.
    Refused,
    /// No byte of the range is there.
    OutOfRange,
}

impl Served {
    pub fn wanted(&self, method: &Method, headers: &HeaderMap) -> Part {
        let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
        let modified = self.modified.map(whole_second);
        let date = |name| text(name).and_then(|v| httpdate::parse_http_date(v).ok()).zip(modified);
        if let Some(tags) = text(IF_MATCH) {
            if !self.is_among(tags, false) {
                return Part::Refused;
            }
        } else if date(IF_UNMODIFIED_SINCE).is_some_and(|(since, modified)| modified > since) {
            return Part::Refused;
        }
        if let Some(tags) = text(IF_NONE_MATCH) {
            if self.is_among(tags, true) {
                return Part::NotModified;
            }
        } else if date(IF_MODIFIED_SINCE).is_some_and(|(since, modified)| modified <= since) {
            return Part::NotModified;
        }
        match text(RANGE) {
            Some(range) if method == Method::GET && text(IF_RANGE).is_none_or(|v| self.is_still(v)) => part(range, self.size),
            _ => Part::Whole,
        }
    }

    fn is_among(&self, tags: &str, weakly: bool) -> bool {
        let bare = |tag: &str| {
            if weakly {
                tag.trim_start_matches("W/").to_owned()
            } else {
                tag.to_owned()
            }
        };
        tags.trim() == "*" || tags.split(',').any(|tag| bare(tag.trim()) == self.etag)
    }

    /// Whether what the client has a part of is this.
    fn is_still(&self, validator: &str) -> bool {
        let validator = validator.trim();
        let date = || httpdate::parse_http_date(validator).ok();
        validator == self.etag || date().is_some_and(|date| self.modified.map(whole_second) == Some(date))
    }

    /// The answer; `body` is what belongs to a whole or to a part, and nothing otherwise.
    pub fn answer(&self, part: &Part, body: Body) -> Response {
        let (status, length) = match part {
            Part::Whole => (StatusCode::OK, self.size),
            Part::Bytes(range) => (StatusCode::PARTIAL_CONTENT, range.end - range.start),
            Part::NotModified => return (StatusCode::NOT_MODIFIED, self.validators()).into_response(),
            Part::Refused => {
                return refusal(
                    StatusCode::PRECONDITION_FAILED,
                    Code::NotOperable,
                    "the file is not what the conditions ask for",
                );
            }
            Part::OutOfRange => {
                let headers = [(CONTENT_RANGE, format!("bytes */{}", self.size))];
                let message = format!(
                    "parameter validate error: Range must begin inside the {} bytes of the file",
                    self.size
                );
                return (headers, refusal(StatusCode::RANGE_NOT_SATISFIABLE, Code::Parameter, message)).into_response();
            }
        };
        let mut headers = self.validators();
        headers.insert(CONTENT_LENGTH, length.into());
        if let Part::Bytes(range) = part {
            put(
                &mut headers,
                CONTENT_RANGE,
                &format!("bytes {}-{}/{}", range.start, range.end - 1, self.size),
            );
        }
        put(&mut headers, CONTENT_TYPE, &self.content_type);
        put(
            &mut headers,
            CONTENT_DISPOSITION,
            &format!("inline; filename=\"{}\"", self.filename),
        );
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        (status, headers, body).into_response()
    }

    fn validators(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        put(&mut headers, ETAG, &self.etag);
        put(&mut headers, CACHE_CONTROL, &self.cache);
        if let Some(modified) = self.modified {
            put(&mut headers, LAST_MODIFIED, &httpdate::fmt_http_date(modified));
        }
        headers
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Dates in headers have no smaller parts.
fn whole_second(time: SystemTime) -> SystemTime {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

/// One range of bytes; several, other units and what makes no sense get the whole.
fn part(header: &str, size: u64) -> Part {
    let spec = header
        .trim()
        .split_once('=')
        .filter(|(unit, _)| unit.trim().eq_ignore_ascii_case("bytes"));
    let Some((first, last)) = spec.and_then(|(_, range)| range.trim().split_once('-')) else {
        return Part::Whole;
    };
    match (first.trim(), last.trim()) {
        ("", last) => match digits(last) {
            None => Part::Whole,
            Some(length) if length == 0 || size == 0 => Part::OutOfRange,
            Some(length) => Part::Bytes(size.saturating_sub(length)..size),
        },
        (first, last) => {
            let end = if last.is_empty() { Some(u64::MAX) } else { digits(last) };
            match (digits(first), end) {
                (Some(first), Some(end)) if end < first => Part::Whole,
                (Some(first), Some(_)) if first >= size => Part::OutOfRange,
                (Some(first), Some(end)) => Part::Bytes(first..end.saturating_add(1).min(size)),
                _ => Part::Whole,
            }
        }
    }
}

/// A number of any length; what is too large to count is as large as can be.
fn digits(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let known = [
            ("bytes=0-0", Part::Bytes(0..1)),
            ("bytes=2-", Part::Bytes(2..10)),
            ("bytes=2-99", Part::Bytes(2..10)),
            ("BYTES = 2-3", Part::Bytes(2..4)),
            ("bytes=-3", Part::Bytes(7..10)),
            ("bytes=-99", Part::Bytes(0..10)),
            ("bytes=0-99999999999999999999999", Part::Bytes(0..10)),
            ("bytes=10-", Part::OutOfRange),
            ("bytes=99999999999999999999999-", Part::OutOfRange),
            ("bytes=-0", Part::OutOfRange),
            ("bytes=3-2", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes", Part::Whole),
            ("lines=0-1", Part::Whole),
        ];
        for (header, wanted) in known {
            assert_eq!(part(header, 10), wanted, "{header}");
        }
        assert_eq!(part("bytes=-5", 0), Part::OutOfRange);
        assert_eq!(part("bytes=0-", 0), Part::OutOfRange);
    }

    #[test]
    fn conditions() {
        let modified = UNIX_EPOCH + Duration::from_millis(1_700_000_000_500);
        let served = Served {
            size: 10,
            etag: "\"a\"".into(),
            modified: Some(modified),
            content_type: String::new(),
            filename: String::new(),
            cache: String::new(),
        };
        let then = httpdate::fmt_http_date(modified);
        let before = httpdate::fmt_http_date(modified - Duration::from_secs(5));
        let half = Part::Bytes(0..5);
        let known: [(&[(HeaderName, &str)], Part); 14] = [
            (&[(IF_NONE_MATCH, "\"a\"")], Part::NotModified),
            (&[(IF_NONE_MATCH, "\"b\", W/\"a\"")], Part::NotModified),
            (&[(IF_NONE_MATCH, "*")], Part::NotModified),
            (&[(IF_NONE_MATCH, "\"b\""), (IF_MODIFIED_SINCE, &then)], Part::Whole),
            (&[(IF_MODIFIED_SINCE, &then)], Part::NotModified),
            (&[(IF_MODIFIED_SINCE, &before)], Part::Whole),
            (&[(IF_MATCH, "\"b\"")], Part::Refused),
            (&[(IF_MATCH, "W/\"a\"")], Part::Refused),
            (&[(IF_UNMODIFIED_SINCE, &before)], Part::Refused),
            (&[(IF_UNMODIFIED_SINCE, &then)], Part::Whole),
            (&[(RANGE, "bytes=0-4"), (IF_RANGE, "\"a\"")], Part::Bytes(0..5)),
            (&[(RANGE, "bytes=0-4"), (IF_RANGE, &then)], half),
            (&[(RANGE, "bytes=0-4"), (IF_RANGE, &before)], Part::Whole),
            (&[(RANGE, "bytes=0-4"), (IF_RANGE, "W/\"a\"")], Part::Whole),
        ];
        for (sent, wanted) in known {
            let headers = sent.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
            assert_eq!(served.wanted(&Method::GET, &headers), wanted, "{sent:?}");
        }
        let range = [(RANGE, HeaderValue::from_static("bytes=0-4"))].into_iter().collect();
        assert_eq!(served.wanted(&Method::HEAD, &range), Part::Whole);
    }
}
