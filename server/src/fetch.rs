//! Urls of clients: untrusted url -> local file, and calls to webhooks.
//!
//! Whoever names a url makes this machine connect to it, from inside its network. So three rules hold here:
//! - Only public addresses are connected to, and those that the operator lists. A literal address is checked before the request, a name's
//!   addresses are checked where it is resolved, all of them, and exactly these are connected to: nothing is looked up twice.
//! - Redirects are followed by hand, each through the same checks. From https to http is allowed: no secret is sent where they are followed.
//! - Size, time and redirects are limited, and nothing is decompressed.
//!
//! No connection is kept, so that every request passes the checks anew. No proxy is used: it would connect for us, unchecked.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use tokio::time::timeout;

mod allowance;
mod answer;
mod client_url;
mod data_url;
mod error;
mod limits;
mod new_file;
mod policy;
mod resolver;

pub use allowance::Allowance;
pub use client_url::ClientUrl;
pub use error::{FetchError, Found, Refused, Slow, Unusable};
pub use limits::{Limits, Wanted};
pub use policy::{NetPolicy, NotANetwork};
pub use resolver::{Answers, Resolver};

/// What was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    pub bytes: u64,
    /// As the server calls it, which may be wrong.
    pub content_type: Option<String>,
}

/// Fetches files and calls webhooks, within a policy and limits. Clones share everything.
#[derive(Clone)]
pub struct Fetcher {
    policy: Arc<NetPolicy>,
    limits: Limits,
    client: Client,
}

impl Fetcher {
    /// Reads the system's root certificates, once.
    pub fn new(policy: NetPolicy, limits: Limits, resolver: Resolver) -> Result<Self, Unusable> {
        // An error says that the process has one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let policy = Arc::new(policy);
        let client = Client::builder()
            .dns_resolver(resolver.guarded_by(Arc::clone(&policy)))
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // Another crate may have switched these features on.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .http1_only()
            .pool_max_idle_per_host(0)
            .connect_timeout(limits.connect_time)
            .user_agent(concat!("mouthpiece/", env!("CARGO_PKG_VERSION")))
            .default_headers(HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]))
            .build()
            .map_err(Unusable)?;
        Ok(Self { policy, limits, client })
    }

    /// Whether a url may be tried, without any network. A name may still turn out to point to a refused address.
    pub fn check(&self, url: &str, wanted: Wanted) -> Result<ClientUrl, Refused> {
        let url = ClientUrl::parse(url, wanted, &self.limits)?;
        self.admit(&url)?;
        Ok(url)
    }

    /// As `check`, for a url to call: no `data:`.
    pub fn check_webhook(&self, url: &str) -> Result<ClientUrl, Refused> {
        let url = ClientUrl::parse_web(url)?;
        self.admit(&url)?;
        Ok(url)
    }

    /// Fetches to a file that must not exist yet. Nothing is left of it after a failure or when this future is dropped.
    pub async fn get(&self, url: &ClientUrl, wanted: Wanted, to: &Path) -> Result<Fetched, FetchError> {
        self.get_among(url, wanted, &Allowance::default(), to).await
    }

    /// The same of one of several files that have an allowance together.
    pub async fn get_among(&self, url: &ClientUrl, wanted: Wanted, all: &Allowance, to: &Path) -> Result<Fetched, FetchError> {
        let fetching = async {
            match url.web() {
                Some(_) => answer::save(self.follow(url).await?, wanted, &self.limits, all, to).await,
                // Its bytes came with the request, whose size is limited.
                None if wanted.may_be_image() => data_url::save(url.as_str(), self.limits.image_bytes, to).await,
                None => Err(Refused::Scheme.into()),
            }
        };
        within(self.limits.total_time, Slow::Total, fetching).await
    }

    /// Calls a webhook and returns the status of its answer. Redirects are not followed and the answer's body is not read.
    pub async fn post(&self, url: &ClientUrl, headers: HeaderMap, body: impl Into<reqwest::Body>) -> Result<u16, FetchError> {
        let web = url.web().ok_or(Refused::Scheme)?;
        self.admit(url)?;
        let request = self.client.post(web.clone()).headers(headers).body(body);
        let answer = within(self.limits.post_time, Slow::Answer, send(request)).await?;
        Ok(answer.status().as_u16())
    }

    /// Asks a server that the operator named, and stores its answer as `get` does; a name that leads to a refused address is not called.
    ///
    /// Redirects are not followed, since the headers may hold a secret: they are `FetchError::Http`.
    pub async fn call(
        &self,
        url: &ClientUrl,
        headers: HeaderMap,
        body: impl Into<reqwest::Body>,
        wanted: Wanted,
        to: &Path,
    ) -> Result<Fetched, FetchError> {
        let web = url.web().ok_or(Refused::Scheme)?;
        self.admit(url)?;
        let request = self.client.post(web.clone()).headers(headers).body(body);
        let calling = async { answer::save(send(request).await?, wanted, &self.limits, &Allowance::default(), to).await };
        within(self.limits.total_time, Slow::Total, calling).await
    }

    /// A name's addresses are checked where it is resolved; the resolver is never asked about a literal address.
    fn admit(&self, url: &ClientUrl) -> Result<(), Refused> {
        match url.literal_address() {
            Some(ip) if !self.policy.allows(ip) => Err(Refused::Address),
            _ => Ok(()),
        }
    }

    /// The answer at the end of the redirects.
    async fn follow(&self, first: &ClientUrl) -> Result<Response, FetchError> {
        let mut answer = self.hop(first).await?;
        for _ in 0..self.limits.redirects {
            let Some(next) = target(&answer) else {
                return Ok(answer);
            };
            let next = next.map_err(FetchError::Redirect)?;
            answer = self.hop(&next).await.map_err(FetchError::after_redirect)?;
        }
        match target(&answer) {
            None => Ok(answer),
            Some(_) => Err(FetchError::TooManyRedirects {
                limit: self.limits.redirects,
            }),
        }
    }

    async fn hop(&self, url: &ClientUrl) -> Result<Response, FetchError> {
        self.admit(url)?;
        let web = url.web().ok_or(Refused::Scheme)?;
        // The client itself ends an attempt to connect; the time that it takes counts here too.
        let patience = self.limits.connect_time.saturating_add(self.limits.idle);
        within(patience, Slow::Idle, send(self.client.get(web.clone()))).await
    }
}

async fn send(request: RequestBuilder) -> Result<Response, FetchError> {
    request.send().await.map_err(FetchError::from_request)
}

/// A future held to a time.
async fn within<T>(limit: Duration, what: Slow, work: impl Future<Output = Result<T, FetchError>>) -> Result<T, FetchError> {
    timeout(limit, work).await.unwrap_or(Err(FetchError::TooSlow { what }))
}

/// Where a redirect leads; `None` for any other answer.
fn target(answer: &Response) -> Option<Result<ClientUrl, Refused>> {
    let redirects = [
        StatusCode::MOVED_PERMANENTLY,
        StatusCode::FOUND,
        StatusCode::SEE_OTHER,
        StatusCode::TEMPORARY_REDIRECT,
        StatusCode::PERMANENT_REDIRECT,
    ];
    let location = answer.headers().get(LOCATION).filter(|_| redirects.contains(&answer.status()))?;
    Some(ClientUrl::parse_location(location.as_bytes(), answer.url()))
}
