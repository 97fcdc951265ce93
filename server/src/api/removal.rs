//! Deleting and cancelling, for every kind of record that a job makes.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::request::{Body, Query};
use crate::db::Tx;
use crate::id::RecordId;
use crate::job::{self, Job, Kind};
use crate::problem::{Code, Problem, Result};
use crate::service::Service;
use crate::stock;

/// So many records can be named at once.
const MOST: usize = 1000;

/// The records that a call is about: one, or a list.
#[derive(Deserialize, ToSchema)]
pub struct Named {
    /// Several `_id`s.
    #[serde(rename = "_ids")]
    ids: Option<Vec<String>>,
    /// One `_id`; a refusal is then the answer's code.
    #[serde(rename = "_id", alias = "id")]
    id: Option<String>,
}

/// The same in a query, for clients that send no body with DELETE.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NamedInQuery {
    /// One `_id`, instead of a body.
    #[serde(rename = "_id", alias = "id")]
    id: Option<String>,
}

/// Whom a call is about, well-formed or not.
pub enum Target {
    One(String),
    Several(Vec<String>),
}

impl FromRequest<Service> for Target {
    type Rejection = Response;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Query(NamedInQuery { id }) = Query::from_request_parts(&mut parts, service)
            .await
            .map_err(IntoResponse::into_response)?;
        if let Some(id) = id {
            return Ok(Self::One(id));
        }
        let request = Request::from_parts(parts, body);
        let Named { ids, id } = Body::from_request(request, service).await?.value;
        Self::try_from_fields(ids, id).map_err(IntoResponse::into_response)
    }
}

impl Target {
    fn try_from_fields(ids: Option<Vec<String>>, id: Option<String>) -> Result<Self> {
        match (ids, id) {
            (Some(ids), _) if ids.len() > MOST => Err(Problem::field("_ids", format!("may name up to {MOST} records at once"))),
            (Some(ids), _) if !ids.is_empty() => Ok(Self::Several(ids)),
            (_, Some(id)) if !id.is_empty() => Ok(Self::One(id)),
            _ => Err(Problem::field("_id", "is required; or a list of them as _ids")),
        }
    }

    /// The only one, for calls that take no list.
    pub fn one(self) -> Result<String> {
        match self {
            Self::One(id) => Ok(id),
            Self::Several(_) => Err(Problem::field("_ids", "cannot be taken here: send one _id")),
        }
    }
}

/// Why a record was not deleted.
#[derive(Serialize, ToSchema)]
pub struct Refused {
    #[serde(rename = "_id")]
    pub id: String,
    /// As if it had been the only one.
    pub code: u16,
    pub msg: String,
}

/// What became of each record.
#[derive(Default)]
pub struct Removed {
    pub done: Vec<String>,
    pub refused: Vec<Refused>,
}

/// Deletes records and, when that is certain, their files; a job that has not ended is cancelled first.
///
/// A single record that cannot be deleted is an error; in a list it is told beside the others.
pub async fn remove(service: &Service, uid: i64, kind: Kind, target: Target) -> Result<Removed> {
    let mut tx = service.db.write().await?;
    let (mut removed, mut keys) = (Removed::default(), Vec::new());
    match target {
        Target::One(id) => {
            keys = remove_one(service, &mut tx, uid, kind, &id).await?;
            removed.done.push(id);
        }
        Target::Several(ids) => {
            for id in ids {
                match remove_one(service, &mut tx, uid, kind, &id).await {
                    Ok(more) => {
                        keys.extend(more);
                        removed.done.push(id);
                    }
                    Err(e) if e.code == Code::Internal => return Err(e),
                    Err(e) => removed.refused.push(Refused {
                        id,
                        code: e.code.number(),
                        msg: e.message,
                    }),
                }
            }
        }
    }
    tx.commit().await?;
    service.wake.call();
    for key in keys {
        if let Err(e) = service.store.remove(&key).await {
            tracing::warn!(key, error = ?e.source, "a deleted record's file stays behind");
        }
    }
    Ok(removed)
}

/// Removes the rows of one record; gives the keys of what is to be removed from the store.
async fn remove_one(service: &Service, tx: &mut Tx, uid: i64, kind: Kind, id: &str) -> Result<Vec<String>> {
    if kind == Kind::Voice {
        return remove_voice(service, tx, uid, id).await;
    }
    let job = owned(tx, uid, kind, id).await?;
    if !job.status.is_final() {
        job::cancel(service, tx, &job).await?;
    }
    let keys = sqlx::query_scalar(
        "SELECT f.key FROM files f JOIN videos v ON v.file = f.name WHERE v.id = $1
         UNION SELECT f.key FROM files f JOIN avatars a ON f.name IN (a.file, a.thumbnail) WHERE a.id = $1
         UNION SELECT f.key FROM files f JOIN audios u ON u.file = f.name WHERE u.id = $1
         UNION SELECT f.key FROM files f JOIN captions c ON f.name IN (c.srt, c.vtt) WHERE c.job = $1
         UNION SELECT media FROM avatars WHERE id = $1 AND media IS NOT NULL",
    )
    .bind(&job.id)
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query(
        "DELETE FROM files WHERE name IN (SELECT file FROM videos WHERE id = $1
         UNION SELECT file FROM avatars WHERE id = $1 UNION SELECT thumbnail FROM avatars WHERE id = $1
         UNION SELECT file FROM audios WHERE id = $1
         UNION SELECT srt FROM captions WHERE job = $1 UNION SELECT vtt FROM captions WHERE job = $1)",
    )
    .bind(&job.id)
    .execute(&mut **tx)
    .await?;
    forget_pack(service, tx, &job.id).await?;
    // A voice that this was to match first, and has not.
    sqlx::query("DELETE FROM voices WHERE job = $1 AND recipe IS NULL")
        .bind(&job.id)
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM jobs WHERE id = $1")
        .bind(&job.id)
        .execute(&mut **tx)
        .await?;
    Ok(keys)
}

/// The prepared form of a video goes with the last avatar that is made of it; whoever still draws from it keeps it open.
async fn forget_pack(service: &Service, tx: &mut Tx, avatar: &RecordId) -> Result<()> {
    let source: Option<String> = sqlx::query_scalar(
        "SELECT source FROM avatars a WHERE id = $1 AND source IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM avatars b WHERE b.source = a.source AND b.id <> a.id)",
    )
    .bind(avatar)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(source) = source else { return Ok(()) };
    let packs = service.packs();
    let removed = tokio::task::spawn_blocking(move || packs.remove(&source)).await;
    if let Err(e) = removed.map_err(Problem::internal)? {
        tracing::warn!(error = %e, "a deleted avatar's prepared video stays behind until it has had its time");
    }
    Ok(())
}

/// Removes a matched voice. A job of its own goes with it; an audio that it was matched for stays, unless it has not ended: then it fails
/// as cancelled.
async fn remove_voice(service: &Service, tx: &mut Tx, uid: i64, id: &str) -> Result<Vec<String>> {
    if service.voices.now().await?.find(id).is_some() {
        return Err(Problem::new(Code::Forbidden, "permission denied: official voices stay as they are"));
    }
    let found: Option<(i64, Option<RecordId>)> = sqlx::query_as("SELECT uid, job FROM voices WHERE id = $1")
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?;
    let (owner, job) = found.ok_or_else(unknown)?;
    if owner != uid {
        return Err(foreign());
    }
    let job = match job {
        Some(job) => Job::find(&mut **tx, &job).await?,
        None => None,
    };
    if let Some(job) = job.as_ref().filter(|job| !job.status.is_final()) {
        job::cancel(service, tx, job).await?;
    }
    let keys = sqlx::query_scalar("DELETE FROM files WHERE name = (SELECT preview FROM voices WHERE id = $1) RETURNING key")
        .bind(id)
        .fetch_all(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM voices WHERE id = $1").bind(id).execute(&mut **tx).await?;
    sqlx::query("DELETE FROM jobs WHERE id = $1 AND kind = 'voice'")
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(keys)
}

/// Ends a job that has not ended; 1010 when it has.
pub async fn cancel(service: &Service, uid: i64, kind: Kind, id: &str) -> Result<RecordId> {
    let mut tx = service.db.write().await?;
    let job = owned(&mut tx, uid, kind, id).await?;
    job::cancel(service, &mut tx, &job).await?;
    tx.commit().await?;
    service.wake.call();
    Ok(job.id)
}

/// The caller's job: 1008 for an unknown one, 1009 for another account's.
pub async fn owned(db: &mut sqlx::SqliteConnection, uid: i64, kind: Kind, id: &str) -> Result<Job> {
    if kind == Kind::Avatar && stock::find(id).is_some() {
        return Err(Problem::new(
            Code::Forbidden,
            "permission denied: official avatars stay as they are",
        ));
    }
    // What is no id is the id of nothing.
    let id = RecordId::parse(id).ok_or_else(unknown)?;
    match Job::find(db, &id).await?.filter(|job| job.kind == kind) {
        Some(job) if job.uid == uid => Ok(job),
        Some(_) => Err(foreign()),
        None => Err(unknown()),
    }
}

pub fn unknown() -> Problem {
    Problem::new(Code::NotFound, "content does not exist: there is no record with this id")
}

pub fn foreign() -> Problem {
    Problem::new(Code::Forbidden, "permission denied: this record belongs to another account")
}
