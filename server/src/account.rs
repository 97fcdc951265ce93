//! Accounts: who may call, in which reading of the contract, and with how much credit.

use sqlx::SqliteConnection;
use subtle::ConstantTimeEq;

use crate::clock::Millis;
use crate::config::Compat;
use crate::db::{Db, Tx};
use crate::id::{RecordId, secret};
use crate::problem::{Code, Problem, Result};

/// Both lengths are the contract's: the webhook cipher takes the id as its IV and the secret as its key.
const CLIENT_ID: usize = 16;
const CLIENT_SECRET: usize = 32;

/// One caller of the service.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Account {
    pub uid: i64,
    pub id: RecordId,
    pub name: String,
    pub client_id: String,
    pub client_secret: String,
    /// Counted up by every rotation of the credentials.
    pub generation: i64,
    /// `None`: the server's default.
    pub compat: Option<Compat>,
    pub banned: bool,
    /// What can still be spent.
    pub credit: i64,
    pub created_at: Millis,
}

/// What an account begins with.
pub struct NewAccount<'a> {
    pub name: &'a str,
    pub compat: Option<Compat>,
    pub credit: i64,
}

impl Account {
    pub async fn create(tx: &mut Tx, new: &NewAccount<'_>, now: Millis) -> Result<Self> {
        let account: Self = sqlx::query_as(
            "INSERT INTO accounts (id, name, client_id, client_secret, compat, credit, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *",
        )
        .bind(RecordId::new(now))
        .bind(new.name)
        .bind(secret(CLIENT_ID))
        .bind(secret(CLIENT_SECRET))
        .bind(new.compat)
        .bind(new.credit)
        .bind(now)
        .fetch_one(&mut **tx)
        .await?;
        enter(tx, account.uid, None, "grant", new.credit, now).await?;
        Ok(account)
    }

    pub async fn all(db: &Db) -> Result<Vec<Self>> {
        Ok(sqlx::query_as("SELECT * FROM accounts ORDER BY uid").fetch_all(db.read()).await?)
    }

    /// Whether there is one.
    pub async fn any(db: &mut SqliteConnection) -> Result<bool> {
        Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM accounts)").fetch_one(db).await?)
    }

    pub async fn by_uid(db: &mut SqliteConnection, uid: i64) -> Result<Option<Self>> {
        Ok(sqlx::query_as("SELECT * FROM accounts WHERE uid = $1")
            .bind(uid)
            .fetch_optional(db)
            .await?)
    }

    /// The account with this pair of credentials.
    pub async fn by_pair(db: &Db, client_id: &str, client_secret: &str) -> Result<Option<Self>> {
        let found: Option<Self> = sqlx::query_as("SELECT * FROM accounts WHERE client_id = $1")
            .bind(client_id)
            .fetch_optional(db.read())
            .await?;
        Ok(found.filter(|a| a.client_secret.as_bytes().ct_eq(client_secret.as_bytes()).into()))
    }

    pub async fn by_secret(db: &Db, client_secret: &str) -> Result<Option<Self>> {
        Ok(sqlx::query_as("SELECT * FROM accounts WHERE client_secret = $1")
            .bind(client_secret)
            .fetch_optional(db.read())
            .await?)
    }

    /// Gives new credentials; the old ones, and the tokens that they gave, are refused from now on.
    pub async fn rotate(tx: &mut Tx, uid: i64) -> Result<Option<Self>> {
        Ok(
            sqlx::query_as(
                "UPDATE accounts SET client_id = $2, client_secret = $3, generation = generation + 1 WHERE uid = $1 RETURNING *",
            )
            .bind(uid)
            .bind(secret(CLIENT_ID))
            .bind(secret(CLIENT_SECRET))
            .fetch_optional(&mut **tx)
            .await?,
        )
    }

    pub async fn set_banned(tx: &mut Tx, uid: i64, banned: bool) -> Result<Option<Self>> {
        Ok(sqlx::query_as("UPDATE accounts SET banned = $2 WHERE uid = $1 RETURNING *")
            .bind(uid)
            .bind(banned)
            .fetch_optional(&mut **tx)
            .await?)
    }

    pub async fn set_compat(tx: &mut Tx, uid: i64, compat: Option<Compat>) -> Result<Option<Self>> {
        Ok(sqlx::query_as("UPDATE accounts SET compat = $2 WHERE uid = $1 RETURNING *")
            .bind(uid)
            .bind(compat)
            .fetch_optional(&mut **tx)
            .await?)
    }

    /// Adds to the balance, or takes from it, but never below nothing.
    pub async fn grant(tx: &mut Tx, uid: i64, amount: i64, now: Millis) -> Result<Option<Self>> {
        let before: Option<i64> = sqlx::query_scalar("SELECT credit FROM accounts WHERE uid = $1")
            .bind(uid)
            .fetch_optional(&mut **tx)
            .await?;
        let Some(before) = before else { return Ok(None) };
        let after = before.saturating_add(amount).max(0);
        enter(tx, uid, None, "grant", after - before, now).await?;
        Ok(sqlx::query_as("UPDATE accounts SET credit = $2 WHERE uid = $1 RETURNING *")
            .bind(uid)
            .bind(after)
            .fetch_optional(&mut **tx)
            .await?)
    }
}

/// Sets credits aside for a job, on top of what it may have set aside before; 1006 when there are not enough.
pub async fn reserve(tx: &mut Tx, uid: i64, job: &RecordId, amount: i64, now: Millis) -> Result<()> {
    let taken = sqlx::query("UPDATE accounts SET credit = credit - $2 WHERE uid = $1 AND credit >= $2")
        .bind(uid)
        .bind(amount)
        .execute(&mut **tx)
        .await?;
    if taken.rows_affected() == 0 {
        let message = format!("quota not enough: this needs {amount} more credits than the account has free");
        return Err(Problem::new(Code::Quota, message));
    }
    enter(tx, uid, Some(job), "reserve", -amount, now).await
}

/// Ends a job's reservation: `cost` of the `reserved` is spent, the rest is free again. A job can be settled once.
pub async fn settle(tx: &mut Tx, uid: i64, job: &RecordId, reserved: i64, cost: i64, now: Millis) -> Result<()> {
    let entry = if cost > 0 { "settle" } else { "release" };
    enter(tx, uid, Some(job), entry, reserved - cost, now).await?;
    sqlx::query("UPDATE accounts SET credit = credit + $2 WHERE uid = $1")
        .bind(uid)
        .bind(reserved - cost)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn enter(tx: &mut Tx, uid: i64, job: Option<&RecordId>, entry: &str, amount: i64, now: Millis) -> Result<()> {
    sqlx::query("INSERT INTO ledger (uid, job, entry, amount, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(uid)
        .bind(job)
        .bind(entry)
        .bind(amount)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
