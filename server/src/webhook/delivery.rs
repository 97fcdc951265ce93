//! Sends callbacks: each until it is answered with 200, or given up after days.
//!
//! An attempt is a lease, a post and a commit. Whoever dies between the last two has delivered and does not know it: the lease runs out and
//! the same bytes go out once more, under the same `webhook-id`.

use std::time::Duration;

use rand::Rng;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{QUEUE, send, signature};
use crate::db::Tx;
use crate::id::RecordId;
use crate::problem::{Problem, Result};
use crate::queue::{Lease, Message, Queue};
use crate::service::Service;

/// Callbacks under way at once, and those of one account among them: a slow receiver must not hold up the others.
const SLOTS: usize = 16;
const SLOTS_OF_ACCOUNT: u32 = 4;

/// Between attempts; after the one behind the last pause a callback is given up.
const PAUSES: [Duration; 8] = [
    Duration::from_secs(5),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(24),
];
/// Pauses are this much shorter or longer, so that a receiver that comes back is not met by all at once.
const JITTER: f64 = 0.2;

/// What a lease lasts longer than the post: for waiting until others have written to the database.
const MARGIN: Duration = Duration::from_secs(30);

/// Delivers until told to stop; what is under way then is finished.
pub async fn run(service: Service, stop: CancellationToken) {
    let mut under_way = JoinSet::new();
    while !stop.is_cancelled() {
        match take(&service, SLOTS - under_way.len()).await {
            Ok(messages) => {
                for message in messages {
                    under_way.spawn(deliver(service.clone(), message));
                }
            }
            Err(problem) => complain(&problem),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = service.wake.wait() => {}
            Some(ended) = under_way.join_next() => note(ended),
        }
    }
    while let Some(ended) = under_way.join_next().await {
        note(ended);
    }
}

async fn take(service: &Service, free: usize) -> Result<Vec<Message>> {
    let lease = service.config.limits.callback_time + MARGIN;
    let free = u32::try_from(free).unwrap_or_default();
    service.queue.read_bounded(QUEUE, lease, free, SLOTS_OF_ACCOUNT).await
}

/// After any fault the lease runs out and the callback is tried again.
fn note(ended: Result<Result<()>, tokio::task::JoinError>) {
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(problem)) => complain(&problem),
        Err(e) => tracing::error!(error = ?e, "a callback's attempt broke off"),
    }
}

fn complain(problem: &Problem) {
    tracing::error!(error = ?problem.source, "callbacks cannot be delivered now");
}

/// A callback that waits for its turn.
#[derive(sqlx::FromRow)]
struct Hook {
    id: String,
    job: RecordId,
    url: String,
    body: String,
    /// Attempts before this one.
    tries: i64,
    /// `None` when the account is gone.
    client_secret: Option<String>,
}

impl Hook {
    /// `None` when this message has nothing to deliver any more.
    async fn find(service: &Service, message: &Message) -> Result<Option<Self>> {
        Ok(sqlx::query_as(
            "SELECT w.id, w.job, w.url, w.body, w.tries, a.client_secret FROM webhooks w LEFT JOIN accounts a ON a.uid = w.uid
             WHERE w.id = $1 AND w.message = $2 AND w.state = 'waiting'",
        )
        .bind(message.body["webhook"].as_str())
        .bind(message.lease.id)
        .fetch_optional(service.db.read())
        .await?)
    }

    fn headers(&self, service: &Service) -> Result<HeaderMap> {
        let seconds = service.clock.now() / 1000;
        let mut headers = HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (HeaderName::from_static("webhook-id"), value(&self.id)?),
            (HeaderName::from_static("webhook-timestamp"), HeaderValue::from(seconds)),
        ]);
        if let Some(secret) = &self.client_secret {
            let signature = signature::sign(secret.as_bytes(), &self.id, seconds, &self.body)?;
            headers.insert(HeaderName::from_static("webhook-signature"), value(&signature)?);
        }
        Ok(headers)
    }
}

fn value(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(Problem::internal)
}

/// What came of an attempt.
struct Answer {
    heard: bool,
    /// A status or a short reason, never what a receiver wrote.
    said: String,
}

impl Answer {
    fn not_heard(said: impl ToString) -> Self {
        Self {
            heard: false,
            said: said.to_string(),
        }
    }
}

async fn deliver(service: Service, message: Message) -> Result<()> {
    let Some(hook) = Hook::find(&service, &message).await? else {
        let mut tx = service.db.write().await?;
        service.queue.ack(&mut tx, message.lease).await?;
        return Ok(tx.commit().await?);
    };
    let answer = post(&service, &hook).await?;
    let outcome = record(&service, &hook, message.lease, &answer).await?;
    metrics::counter!("mouthpiece_callbacks_total", "outcome" => outcome).increment(1);
    let (job, webhook, attempt) = (&hook.job, &hook.id, hook.tries + 1);
    tracing::info!(%job, webhook, attempt, answer = answer.said, outcome, "callback");
    Ok(())
}

async fn post(service: &Service, hook: &Hook) -> Result<Answer> {
    let url = match service.fetcher.check_webhook(&hook.url) {
        Ok(url) => url,
        // The operator may allow it before the last attempt.
        Err(refused) => return Ok(Answer::not_heard(refused)),
    };
    let headers = hook.headers(service)?;
    Ok(match service.fetcher.post(&url, headers, hook.body.clone()).await {
        Ok(status) => Answer {
            heard: status == StatusCode::OK,
            said: status.to_string(),
        },
        Err(e) => Answer::not_heard(e),
    })
}

/// Notes an attempt and what follows from it, all at once; gives the outcome's name.
async fn record(service: &Service, hook: &Hook, lease: Lease, answer: &Answer) -> Result<&'static str> {
    let mut tx = service.db.write().await?;
    let pause = usize::try_from(hook.tries).ok().and_then(|t| PAUSES.get(t));
    let (ours, state, outcome) = match (answer.heard, pause) {
        (true, _) => (service.queue.ack(&mut tx, lease).await?, "delivered", "delivered"),
        (false, Some(pause)) => (service.queue.retry(&mut tx, lease, jittered(*pause)).await?, "waiting", "failed"),
        (false, None) => (give_up(service, &mut tx, lease, answer).await?, "given_up", "given_up"),
    };
    if !ours {
        // Somebody else has it by now, and will note what came of it.
        return Ok("late");
    }
    sqlx::query("UPDATE webhooks SET state = $2, tries = tries + 1, last_answer = $3, updated_at = $4 WHERE id = $1")
        .bind(&hook.id)
        .bind(state)
        .bind(&answer.said)
        .bind(service.clock.now())
        .execute(&mut *tx)
        .await?;
    if state != "waiting" {
        send_next(service, &mut tx, &hook.job).await?;
    }
    tx.commit().await?;
    Ok(outcome)
}

async fn give_up(service: &Service, tx: &mut Tx, lease: Lease, answer: &Answer) -> Result<bool> {
    // Burying asks nobody whose message it is; giving it back does.
    let ours = service.queue.retry(tx, lease, Duration::ZERO).await?;
    Ok(ours && service.queue.bury(tx, lease.id, &answer.said).await?)
}

/// Callbacks of one job keep their order: the end is told when the start is out.
async fn send_next(service: &Service, tx: &mut Tx, job: &RecordId) -> Result<()> {
    let next: Option<(String, i64)> =
        sqlx::query_as("SELECT id, uid FROM webhooks WHERE job = $1 AND state = 'waiting' AND message IS NULL ORDER BY status LIMIT 1")
            .bind(job)
            .fetch_optional(&mut **tx)
            .await?;
    match next {
        Some((id, uid)) => send(service, tx, &id, uid).await,
        None => Ok(()),
    }
}

fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(1.0 - JITTER..=1.0 + JITTER))
}
