//! Creates happen once: the same `Idempotency-Key` with the same body gets the same answer for a day.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Serialize;
use serde_json::Value;

use crate::clock::millis;
use crate::db::Tx;
use crate::problem::{Problem, Result};
use crate::service::Service;

/// The longest key that is taken.
const LONGEST: usize = 255;

/// The header, for the document.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only described: `IdempotencyKey` reads it")]
pub struct IdempotencyHeader {
    /// The same key with the same body gets the same answer for a day.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255)]
    key: Option<String>,
}

/// What the header says, if it is there.
pub struct IdempotencyKey(Option<String>);

impl FromRequestParts<Service> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Service) -> Result<Self> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        match value.to_str() {
            Ok(key) if !key.is_empty() && key.len() <= LONGEST => Ok(Self(Some(key.to_owned()))),
            _ => Err(Problem::field("Idempotency-Key", "must be 1 to 255 visible ASCII characters")),
        }
    }
}

/// What a create does now.
pub enum Turn {
    /// It was done before, with this answer.
    Known(Value),
    New(Attempt),
}

/// A create under way.
pub struct Attempt {
    /// For everything that it records.
    pub tx: Tx,
    uid: i64,
    key: Option<String>,
    digest: String,
}

impl IdempotencyKey {
    /// Begins a create, or gives the answer that it gave before.
    ///
    /// Writers take turns, so that of two requests at once the second finds the answer of the first. Failures are not kept.
    pub async fn begin(self, service: &Service, uid: i64, digest: String) -> Result<Turn> {
        let mut tx = service.db.write().await?;
        let key = self.0;
        if let Some(key) = &key
            && let Some(answer) = known(service, &mut tx, uid, key, &digest).await?
        {
            return Ok(Turn::Known(answer));
        }
        Ok(Turn::New(Attempt { tx, uid, key, digest }))
    }
}

impl Attempt {
    /// Commits what was recorded, with the answer that tells it.
    pub async fn finish(mut self, service: &Service, made: &impl Serialize) -> Result<Value> {
        let answer = serde_json::to_value(made)?;
        if let Some(key) = &self.key {
            sqlx::query("REPLACE INTO idempotency (uid, key, request, answer, created_at) VALUES ($1, $2, $3, $4, $5)")
                .bind(self.uid)
                .bind(key)
                .bind(&self.digest)
                .bind(answer.to_string())
                .bind(service.clock.now())
                .execute(&mut *self.tx)
                .await?;
        }
        self.tx.commit().await?;
        service.wake.call();
        Ok(answer)
    }
}

async fn known(service: &Service, tx: &mut Tx, uid: i64, key: &str, digest: &str) -> Result<Option<Value>> {
    let oldest = service.clock.now() - millis(service.config.retention.idempotency);
    let known: Option<(String, String)> =
        sqlx::query_as("SELECT request, answer FROM idempotency WHERE uid = $1 AND key = $2 AND created_at > $3")
            .bind(uid)
            .bind(key)
            .bind(oldest)
            .fetch_optional(&mut **tx)
            .await?;
    match known {
        None => Ok(None),
        Some((request, answer)) if request == digest => Ok(Some(serde_json::from_str(&answer)?)),
        Some(_) => Err(Problem::field(
            "Idempotency-Key",
            "was used for another request not long ago; use a new key for each request",
        )),
    }
}
