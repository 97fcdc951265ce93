//! A job's life: recorded with its answer, claimed with a lease, fenced by its attempt, ended once.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::account;
use crate::clock::Millis;
use crate::db::Tx;
use crate::id::RecordId;
use crate::problem::{Code, Problem, Result};
use crate::queue::{Lease, Message, Queue};
use crate::service::Service;
use crate::webhook;

/// What a job makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "lowercase")]
pub enum Kind {
    Video,
    Avatar,
    /// A spoken text.
    Audio,
    /// A voice, matched to a recording.
    Voice,
}

impl Kind {
    /// The queue that its messages are on.
    pub fn queue(self) -> &'static str {
        match self {
            Self::Video => "videos",
            Self::Avatar => "avatars",
            Self::Audio => "audios",
            Self::Voice => "voices",
        }
    }

    /// The code of one that cannot be made, for no reason that has a code of its own.
    pub fn failure(self) -> Code {
        match self {
            Self::Video => Code::VideoProcessing,
            Self::Avatar => Code::AvatarProcessing,
            Self::Audio => Code::CreateAudio,
            Self::Voice => Code::VoiceProcessing,
        }
    }

    /// The code of one that was cancelled.
    fn cancelled(self) -> Code {
        match self {
            Self::Video | Self::Avatar => Code::CreateVideo,
            Self::Audio | Self::Voice => self.failure(),
        }
    }
}

/// The contract's status numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[repr(i64)]
pub enum Status {
    Queueing = 1,
    Processing = 2,
    Completed = 3,
    Failed = 4,
}

impl Status {
    pub fn number(self) -> u8 {
        self as u8
    }

    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}

/// A row of `jobs`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Job {
    pub id: RecordId,
    pub uid: i64,
    pub kind: Kind,
    pub status: Status,
    spec: String,
    pub webhook_url: Option<String>,
    /// Its message in the queue.
    pub message: i64,
    /// The fence: only who knows the newest one may change the job.
    pub attempt: i64,
    /// Attempts that do not count against the limit.
    pub excused: i64,
    /// Percent.
    pub progress: i64,
    pub reserved: i64,
    pub cost: i64,
    pub error_code: i64,
    pub error_reason: String,
    pub created_at: Millis,
    pub updated_at: Millis,
}

/// A job to be recorded.
pub struct NewJob<'a, S> {
    pub id: &'a RecordId,
    pub uid: i64,
    pub kind: Kind,
    pub spec: &'a S,
    pub webhook_url: Option<&'a str>,
    /// Credits that are set aside at once.
    pub reserve: i64,
}

/// How a job ends.
pub enum Ending<'a> {
    Completed {
        cost: i64,
        /// What the callback says at 3.
        url: &'a str,
    },
    Failed(&'a Problem),
}

/// Records a job with its message, in the transaction of the answer that tells its id; gives the time of it.
pub async fn enqueue<S: Serialize>(service: &Service, tx: &mut Tx, new: &NewJob<'_, S>) -> Result<Millis> {
    make_room(service, tx, new.uid).await?;
    let now = service.clock.now();
    account::reserve(tx, new.uid, new.id, new.reserve, now).await?;
    let body = json!({"job": new.id});
    let message = service
        .queue
        .send(tx, new.kind.queue(), &new.uid.to_string(), &body, std::time::Duration::ZERO)
        .await?;
    sqlx::query(
        "INSERT INTO jobs (id, uid, kind, spec, webhook_url, message, reserved, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
    )
    .bind(new.id)
    .bind(new.uid)
    .bind(new.kind)
    .bind(serde_json::to_string(new.spec)?)
    .bind(new.webhook_url)
    .bind(message)
    .bind(new.reserve)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(now)
}

/// Refuses a job when too many wait: 1005.
async fn make_room(service: &Service, tx: &mut Tx, uid: i64) -> Result<()> {
    let limits = &service.config.limits;
    let (own, all): (u32, u32) = sqlx::query_as("SELECT coalesce(sum(uid = $1), 0), count(*) FROM jobs WHERE status IN (1, 2)")
        .bind(uid)
        .fetch_one(&mut **tx)
        .await?;
    let (who, limit) = if own >= limits.open_jobs {
        ("this account", limits.open_jobs)
    } else if all >= limits.open_jobs_total {
        ("this server", limits.open_jobs_total)
    } else {
        return Ok(());
    };
    let message = format!("operation too frequent: {limit} jobs of {who} are waiting or running; try again when some have ended");
    Err(Problem::new(Code::TooFrequent, message))
}

impl Job {
    pub async fn find(db: impl sqlx::SqliteExecutor<'_>, id: &RecordId) -> Result<Option<Self>> {
        Ok(sqlx::query_as("SELECT * FROM jobs WHERE id = $1")
            .bind(id)
            .fetch_optional(db)
            .await?)
    }

    /// What was agreed to, as the kind's own type.
    pub fn spec<S: DeserializeOwned>(&self) -> Result<S> {
        Ok(serde_json::from_str(&self.spec)?)
    }

    /// Attempts that count against the limit, this one included.
    pub fn tries(&self) -> i64 {
        self.attempt - self.excused
    }

    pub fn lease(&self) -> Lease {
        Lease {
            id: self.message,
            reads: self.attempt,
        }
    }
}

/// Begins an attempt; `None` when there is nothing to do: the job has ended, or was tried too often and ends here.
pub async fn begin(service: &Service, message: &Message) -> Result<Option<Job>> {
    let mut tx = service.db.write().await?;
    let id = message.body["job"].as_str().and_then(RecordId::parse);
    let job: Option<Job> = match &id {
        Some(id) => {
            sqlx::query_as(
                "UPDATE jobs SET status = 2, attempt = $2, progress = 0, updated_at = $3
             WHERE id = $1 AND status IN (1, 2) AND attempt < $2 RETURNING *",
            )
            .bind(id)
            .bind(message.lease.reads)
            .bind(service.clock.now())
            .fetch_optional(&mut *tx)
            .await?
        }
        None => None,
    };
    let Some(job) = job else {
        service.queue.ack(&mut tx, message.lease).await?;
        tx.commit().await?;
        return Ok(None);
    };
    // Before any work: it may be this very job that kills its workers.
    if job.tries() > i64::from(service.config.jobs.tries) {
        let problem = Problem::new(
            job.kind.failure(),
            format!(
                "given up: the program that made this ended {} times without a result",
                job.tries() - 1
            ),
        );
        end(service, &mut tx, &job, Ending::Failed(&problem)).await?;
        tx.commit().await?;
        return Ok(None);
    }
    webhook::announce(service, &mut tx, &job, Status::Processing, None).await?;
    tx.commit().await?;
    Ok(Some(job))
}

/// Notes how far an attempt is.
pub async fn note_progress(service: &Service, job: &Job, percent: u8) -> Result<()> {
    let mut tx = service.db.write().await?;
    sqlx::query("UPDATE jobs SET progress = $3, updated_at = $4 WHERE id = $1 AND attempt = $2 AND status = 2")
        .bind(&job.id)
        .bind(job.attempt)
        .bind(percent)
        .bind(service.clock.now())
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

/// Notes what could be better in what was sent, with the job's record or its end.
pub async fn note_warnings(tx: &mut Tx, job: &RecordId, warnings: &[String]) -> Result<()> {
    sqlx::query("UPDATE jobs SET warnings = $2 WHERE id = $1")
        .bind(job)
        .bind(serde_json::to_string(warnings)?)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Sets more credits aside, now that the price is known.
pub async fn reserve_whole(service: &Service, job: &mut Job, price: i64) -> Result<()> {
    let more = price - job.reserved;
    if more <= 0 {
        return Ok(());
    }
    let mut tx = service.db.write().await?;
    let still_ours = sqlx::query("UPDATE jobs SET reserved = $3 WHERE id = $1 AND attempt = $2 AND status = 2")
        .bind(&job.id)
        .bind(job.attempt)
        .bind(price)
        .execute(&mut *tx)
        .await?;
    if still_ours.rows_affected() == 1 {
        account::reserve(&mut tx, job.uid, &job.id, more, service.clock.now()).await?;
        tx.commit().await?;
        job.reserved = price;
    }
    Ok(())
}

/// Ends a job, with its charge, its callback and its message; false when the attempt is not the job's newest any more,
/// and then nothing was done.
pub async fn end(service: &Service, tx: &mut Tx, job: &Job, ending: Ending<'_>) -> Result<bool> {
    let now = service.clock.now();
    let (status, cost, code, reason, url) = match &ending {
        Ending::Completed { cost, url } => (Status::Completed, *cost, 0, "", Some(*url)),
        Ending::Failed(problem) => (Status::Failed, 0, problem.code.number(), problem.message.as_str(), None),
    };
    let ended: Option<Job> = sqlx::query_as(
        // What was asked for may hold whole pictures, and nobody needs it any more.
        "UPDATE jobs SET status = $3, cost = $4, error_code = $5, error_reason = $6, updated_at = $7, spec = '',
             progress = CASE WHEN $3 = 3 THEN 100 ELSE progress END
         WHERE id = $1 AND attempt = $2 AND status IN (1, 2) RETURNING *",
    )
    .bind(&job.id)
    .bind(job.attempt)
    .bind(status)
    .bind(cost)
    .bind(code)
    .bind(reason)
    .bind(now)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(job) = ended else { return Ok(false) };
    account::settle(tx, job.uid, &job.id, job.reserved, cost, now).await?;
    webhook::announce(service, tx, &job, status, url).await?;
    match ending {
        Ending::Completed { .. } => {
            service.queue.ack(tx, job.lease()).await?;
        }
        Ending::Failed(problem) => {
            service.queue.bury(tx, job.message, &problem.message).await?;
        }
    }
    Ok(true)
}

/// After a bad end of an attempt: another one, if that may help and there are tries left, or the end. Tells whether there will be another.
pub async fn retry_or_fail(service: &Service, job: &Job, problem: &Problem, retry: bool) -> Result<bool> {
    let mut tx = service.db.write().await?;
    let tries = job.tries();
    let again = retry && tries < i64::from(service.config.jobs.tries);
    if again {
        let pause = service.config.jobs.pause * u32::try_from(tries).unwrap_or(1);
        service.queue.retry(&mut tx, job.lease(), pause).await?;
    } else {
        end(service, &mut tx, job, Ending::Failed(problem)).await?;
    }
    tx.commit().await?;
    Ok(again)
}

/// Gives a job back that was not finished because the worker stops; the attempt does not count.
pub async fn hand_back(service: &Service, job: &Job) -> Result<()> {
    let mut tx = service.db.write().await?;
    sqlx::query("UPDATE jobs SET excused = excused + 1 WHERE id = $1 AND attempt = $2 AND status = 2")
        .bind(&job.id)
        .bind(job.attempt)
        .execute(&mut *tx)
        .await?;
    service.queue.retry(&mut tx, job.lease(), std::time::Duration::ZERO).await?;
    Ok(tx.commit().await?)
}

/// Cancels a job that has not ended; 1010 when it has. Its worker hears of it at the next heartbeat.
pub async fn cancel(service: &Service, tx: &mut Tx, job: &Job) -> Result<()> {
    let problem = Problem::new(job.kind.cancelled(), "cancelled, as asked for");
    if job.status.is_final() || !end(service, tx, job, Ending::Failed(&problem)).await? {
        let message = "this job has ended already and cannot be cancelled; it can be deleted";
        return Err(Problem::new(Code::NotOperable, message));
    }
    Ok(())
}
