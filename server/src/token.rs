//! Tokens: JWT, HS256, with a key that is made once and kept in the database.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::clock::Millis;
use crate::db::Db;
use crate::id::secret;
use crate::problem::{Problem, Result};

/// The contract's 3600 days, in seconds.
const VALID: i64 = 3600 * 24 * 3600;

#[derive(Serialize, Deserialize)]
struct Claims {
    id: String,
    uid: i64,
    iat: i64,
    exp: i64,
    /// The account's generation of credentials.
    r#gen: i64,
}

/// Signs and reads tokens.
#[derive(Clone)]
pub struct Tokens {
    sign: EncodingKey,
    read: DecodingKey,
}

/// What a good token says.
pub struct Bearer {
    pub uid: i64,
    pub generation: i64,
}

impl Tokens {
    /// With the key of this database.
    pub async fn open(db: &Db) -> Result<Self> {
        let mut tx = db.write().await?;
        sqlx::query("INSERT INTO settings (name, value) VALUES ('token_key', $1) ON CONFLICT DO NOTHING")
            .bind(secret(64))
            .execute(&mut *tx)
            .await?;
        let key: String = sqlx::query_scalar("SELECT value FROM settings WHERE name = 'token_key'")
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Self {
            sign: EncodingKey::from_secret(key.as_bytes()),
            read: DecodingKey::from_secret(key.as_bytes()),
        })
    }

    pub fn issue(&self, account: &Account, now: Millis) -> Result<String> {
        let iat = now / 1000;
        let claims = Claims {
            id: account.id.to_string(),
            uid: account.uid,
            iat,
            exp: iat + VALID,
            r#gen: account.generation,
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.sign).map_err(Problem::internal)
    }

    /// `None` for a token that is not ours, was changed, or has run out.
    pub fn check(&self, token: &str, now: Millis) -> Option<Bearer> {
        let mut rules = Validation::new(Algorithm::HS256);
        // The injected clock decides.
        rules.validate_exp = false;
        rules.required_spec_claims.clear();
        let claims = decode::<Claims>(token, &self.read, &rules).ok()?.claims;
        (claims.exp > now / 1000).then_some(Bearer {
            uid: claims.uid,
            generation: claims.r#gen,
        })
    }
}
