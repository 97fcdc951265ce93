//! Who calls: `Authorization: Bearer <token>` or `x-api-key: <clientSecret>`.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::Extensions;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::account::Account;
use crate::config::Compat;
use crate::problem::{Code, Problem, Result};
use crate::service::Service;

/// An account that was shown to be the caller's, is not banned, and does not call too often.
pub struct Caller {
    pub account: Account,
    /// The reading of the contract that it gets.
    pub compat: Compat,
}

impl Caller {
    pub fn uid(&self) -> i64 {
        self.account.uid
    }
}

impl FromRequestParts<Service> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self> {
        let caller = known(parts, service).await?;
        service.gates.call(caller.uid())?;
        Ok(caller)
    }
}

/// A caller who asks how far a job is, and may do so oftener than other things.
pub struct Poller(pub Caller);

impl FromRequestParts<Service> for Poller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self> {
        let caller = known(parts, service).await?;
        service.gates.poll(caller.uid())?;
        Ok(Self(caller))
    }
}

/// Somebody without an account, as far as we know; an address has one allowance for all of them.
pub struct Stranger;

impl FromRequestParts<Service> for Stranger {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self> {
        service.gates.stranger(peer(&parts.extensions))?;
        Ok(Self)
    }
}

/// The address that a call comes from, if the listener told it.
fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
}

/// Who calls; an address without a valid account has its own allowance.
async fn known(parts: &Parts, service: &Service) -> Result<Caller> {
    match identify(&parts.headers, service).await {
        Ok(account) => {
            tracing::Span::current().record("uid", account.uid);
            let compat = account.compat.unwrap_or(service.config.compat);
            Ok(Caller { account, compat })
        }
        Err(e) if e.code == Code::Internal => Err(e),
        Err(e) => {
            service.gates.stranger(peer(&parts.extensions))?;
            Err(e)
        }
    }
}

async fn identify(headers: &HeaderMap, service: &Service) -> Result<Account> {
    // Authorization decides, even where it is bad and the key is good.
    let account = if let Some(value) = headers.get(AUTHORIZATION) {
        by_bearer(service, given(value.to_str())?).await?
    } else if let Some(value) = headers.get("x-api-key") {
        Account::by_secret(&service.db, given(value.to_str())?).await?
    } else {
        return Err(missing());
    };
    let account = account.ok_or_else(bad)?;
    if account.banned { Err(banned()) } else { Ok(account) }
}

/// The text of a header that says who calls.
fn given<E>(text: Result<&str, E>) -> Result<&str> {
    match text.map(str::trim) {
        Ok("") => Err(missing()),
        Ok(text) => Ok(text),
        Err(_) => Err(bad()),
    }
}

fn missing() -> Problem {
    let message = "no authorization: send `Authorization: Bearer <token>` or `x-api-key: <clientSecret>`";
    Problem::new(Code::NoAuthorization, message)
}

fn bad() -> Problem {
    Problem::new(Code::BadAuthorization, "invalid authorization")
}

pub fn banned() -> Problem {
    Problem::new(Code::Banned, "this account is banned; ask the operator of this service")
}

async fn by_bearer(service: &Service, header: &str) -> Result<Option<Account>> {
    let Some((scheme, token)) = header.split_once(' ') else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let Some(bearer) = service.tokens.check(token.trim(), service.clock.now()) else {
        return Ok(None);
    };
    let mut db = service.db.read().acquire().await?;
    let account = Account::by_uid(&mut db, bearer.uid).await?;
    Ok(account.filter(|a| a.generation == bearer.generation))
}
