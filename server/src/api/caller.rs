//! Who calls: `Authorization: Bearer <token>` or `x-api-key: <clientSecret>`.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::account::Account;
use crate::config::Compat;
use crate::problem::{Code, Problem, Result};
use crate::service::Service;

/// An account that was shown to be the caller's, and is not banned.
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
        // Authorization decides, even where it is bad and the key is good.
        let account = if let Some(value) = parts.headers.get(AUTHORIZATION) {
            let text = value.to_str().unwrap_or_default().trim();
            by_bearer(service, text).await?
        } else if let Some(value) = parts.headers.get("x-api-key") {
            Account::by_secret(&service.db, value.to_str().unwrap_or_default().trim()).await?
        } else {
            let message = "no authorization: send `Authorization: Bearer <token>` or `x-api-key: <clientSecret>`";
            return Err(Problem::new(Code::NoAuthorization, message));
        };
        let account = account.ok_or_else(|| Problem::new(Code::BadAuthorization, "invalid authorization"))?;
        if account.banned {
            return Err(banned());
        }
        let compat = account.compat.unwrap_or(service.config.compat);
        Ok(Self { account, compat })
    }
}

pub fn banned() -> Problem {
    Problem::new(Code::Banned, "this account is banned; ask the operator of this service")
}

async fn by_bearer(service: &Service, header: &str) -> Result<Option<Account>> {
    let Some((scheme, token)) = header.split_once(' ') else {
        let code = if header.is_empty() {
            Code::NoAuthorization
        } else {
            Code::BadAuthorization
        };
        return Err(Problem::new(code, "invalid authorization"));
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
