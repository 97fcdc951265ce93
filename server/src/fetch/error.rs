//! Why something was not fetched. Every sentence goes on after the name of the field that held the url ("elements[0].url is larger than
//! 30 MB"), says what to do, and says nothing about this network that the url's author does not know.

use std::error::Error;
use std::io;

use super::limits::Wanted;
use super::resolver::NotResolved;

/// A url that is not fetched at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    #[error("is empty; give a url like https://example.com/file")]
    Empty,
    #[error("is longer than {limit} characters; give a shorter url")]
    TooLong { limit: usize },
    #[error("is not a valid url; give one like https://example.com/file")]
    Invalid,
    #[error("must begin with http:// or https://")]
    Scheme,
    #[error("must not contain a user name or password; give a url that can be fetched without signing in")]
    Credentials,
    #[error(
        "points to a private or reserved address, which this service does not fetch; use a public url \
         (the operator can allow networks with --allow-net)"
    )]
    Address,
    #[error("holds no image; a data: url must begin with data:image/, and its data follow a comma")]
    DataKind,
    #[error("holds damaged data; after ;base64, only base64 may follow")]
    DataDamaged,
    #[error("holds more than {}; give a smaller image", size(*limit))]
    DataTooLarge { limit: u64 },
}

/// What did not come in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Slow {
    /// A connection.
    Connect,
    /// The next byte.
    Idle,
    /// The last byte.
    Total,
    /// The answer of a webhook.
    Answer,
}

impl Slow {
    fn phrase(self) -> &'static str {
        match self {
            Self::Connect => "cannot be connected to in time",
            Self::Idle => "is too slow: its server stopped sending",
            Self::Total => "is too slow: the file did not arrive in time",
            Self::Answer => "did not answer in time",
        }
    }
}

/// What came instead of media.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    WebPage,
    Json,
    Xml,
    /// Compressed for the way, though we ask for it as it is.
    Compressed,
}

impl Found {
    fn phrase(self) -> &'static str {
        match self {
            Self::WebPage => "a web page",
            Self::Json => "JSON",
            Self::Xml => "XML",
            Self::Compressed => "compressed data",
        }
    }
}

/// A url that could not be fetched or called. Its source is for the log only.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("is redirected to a url that {0}")]
    Redirect(Refused),
    #[error("is redirected more than {limit} times; give the url at the end of the redirects")]
    TooManyRedirects { limit: u32 },
    #[error("is larger than {}; give a smaller file", size(*limit))]
    TooLarge { limit: u64 },
    #[error("is too much: all files of a request together may hold {}; give fewer or smaller ones", size(*limit))]
    TooMuch { limit: u64 },
    #[error("{}", what.phrase())]
    TooSlow { what: Slow },
    #[error("answers {status}{}", advice(*status))]
    Http { status: u16 },
    #[error("answers with {}, not {}; give the direct url of the file", found.phrase(), wanted.phrase())]
    WrongType { found: Found, wanted: Wanted },
    #[error("cannot be found: its host name is not known; check the spelling")]
    UnknownHost(#[source] BoxError),
    #[error("cannot be fetched by https: its server has no valid certificate or speaks no TLS")]
    Tls(#[source] BoxError),
    #[error("cannot be reached: its server takes no connection or does not speak http; check the url or try again later")]
    Unreachable(#[source] BoxError),
    #[error("ended before the whole file had arrived; try again later")]
    Truncated(#[source] BoxError),
    #[error("cannot be stored: the disk of this service is full; try again later")]
    DiskFull(#[source] io::Error),
    #[error("cannot be stored by this service; try again later")]
    Disk(#[source] io::Error),
}

type BoxError = Box<dyn Error + Send + Sync>;

/// The http client cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("https cannot be set up; install the system's root certificates (package ca-certificates)")]
pub struct Unusable(#[source] pub(super) reqwest::Error);

impl FetchError {
    /// Whether the same url may succeed later.
    pub fn retry(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Redirect(_) | Self::TooManyRedirects { .. } | Self::TooLarge { .. } | Self::TooMuch { .. } => false,
            Self::WrongType { .. } | Self::Tls(_) => false,
            Self::Http { status } => passing(*status),
            // A resolver that is down says the same as one that does not know the name.
            Self::UnknownHost(_) => true,
            Self::TooSlow { .. } | Self::Unreachable(_) | Self::Truncated(_) => true,
            Self::DiskFull(_) | Self::Disk(_) => true,
        }
    }

    pub(super) fn after_redirect(self) -> Self {
        match self {
            Self::Refused(reason) => Self::Redirect(reason),
            other => other,
        }
    }

    pub(super) fn from_disk(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(error),
            _ => Self::Disk(error),
        }
    }

    /// A request without an answer.
    pub(super) fn from_request(error: reqwest::Error) -> Self {
        // Clients' urls may hold signatures, which logs must not.
        let error = error.without_url();
        match cause(&error) {
            Some(Cause::Refused) => Self::Refused(Refused::Address),
            Some(Cause::UnknownHost) => Self::UnknownHost(error.into()),
            Some(Cause::Tls) => Self::Tls(error.into()),
            None if error.is_timeout() => Self::TooSlow { what: Slow::Connect },
            None => Self::Unreachable(error.into()),
        }
    }

    /// A body that ended too early.
    pub(super) fn from_body(error: reqwest::Error) -> Self {
        Self::Truncated(error.without_url().into())
    }
}

enum Cause {
    Refused,
    UnknownHost,
    Tls,
}

fn cause(error: &reqwest::Error) -> Option<Cause> {
    let first: &(dyn Error + 'static) = error;
    std::iter::successors(Some(first), |e| inside(*e)).find_map(|e| match e.downcast_ref::<NotResolved>() {
        Some(NotResolved::Refused) => Some(Cause::Refused),
        Some(NotResolved::Unknown(_)) => Some(Cause::UnknownHost),
        None => e.is::<rustls::Error>().then_some(Cause::Tls),
    })
}

fn inside<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>() {
        // Its `source` skips the error that it holds and gives that one's source.
        Some(io) => io.get_ref().map(|held| held as _),
        None => error.source(),
    }
}

/// Statuses that pass.
fn passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

fn advice(status: u16) -> &'static str {
    match status {
        401 | 403 => ": it may not be fetched without signing in, or its link has expired; give a public url",
        404 | 410 => ": there is no such file; check the url",
        _ if passing(status) => ": its server cannot serve it now; try again later",
        _ => " instead of a file; check the url",
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{bytes} bytes"),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
