//! Callbacks: recorded with the change that they tell, sealed once, and sent until they are heard.

use serde_json::json;

use crate::account::Account;
use crate::db::Tx;
use crate::id::secret;
use crate::job::{Job, Kind, Status};
use crate::problem::Result;
use crate::queue::Queue;
use crate::service::Service;

pub mod cipher;
pub mod delivery;
pub mod signature;

/// The queue that their messages are on.
pub const QUEUE: &str = "webhooks";

/// Records that a job's status changed, for whoever asked to be called; each status is told once.
pub async fn announce(service: &Service, tx: &mut Tx, job: &Job, status: Status, url: Option<&str>) -> Result<()> {
    let Some(target) = &job.webhook_url else { return Ok(()) };
    let Some(account) = Account::by_uid(tx, job.uid).await? else {
        return Ok(());
    };
    let kind = match job.kind {
        Kind::Video | Kind::Avatar => "avatar",
        Kind::Audio | Kind::Voice => "audio",
    };
    let mut plain = json!({"_id": job.id, "status": status.number(), "type": kind, "url": url.unwrap_or_default()});
    if status == Status::Failed {
        plain["error_code"] = json!(job.error_code);
        plain["error_reason"] = json!(job.error_reason);
    }
    let now = service.clock.now();
    let sealed = cipher::seal(&account.client_id, &account.client_secret, &plain.to_string(), now)?;
    let id = format!("msg_{}", secret(24));
    let first: bool = sqlx::query_scalar("SELECT NOT EXISTS (SELECT 1 FROM webhooks WHERE job = $1 AND state = 'waiting')")
        .bind(&job.id)
        .fetch_one(&mut **tx)
        .await?;
    let recorded = sqlx::query(
        "INSERT INTO webhooks (id, uid, job, status, url, body, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
         ON CONFLICT DO NOTHING",
    )
    .bind(&id)
    .bind(job.uid)
    .bind(&job.id)
    .bind(status)
    .bind(target)
    .bind(serde_json::to_string(&sealed)?)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    if recorded.rows_affected() == 1 && first {
        send(service, tx, &id, job.uid).await?;
    }
    Ok(())
}

/// Puts a recorded callback into the queue; the next one of its job follows when it is out.
async fn send(service: &Service, tx: &mut Tx, id: &str, uid: i64) -> Result<()> {
    let message = service
        .queue
        .send(tx, QUEUE, &uid.to_string(), &json!({"webhook": id}), std::time::Duration::ZERO)
        .await?;
    sqlx::query("UPDATE webhooks SET message = $2 WHERE id = $1")
        .bind(id)
        .bind(message)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
