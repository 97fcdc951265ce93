//! The state of all work, read from the database when somebody asks.

use metrics::{describe_gauge, gauge};

use crate::job::{Kind, Status};
use crate::problem::Result;
use crate::service::Service;
use crate::telemetry;
use crate::webhook;

const KINDS: [(Kind, &str); 4] = [
    (Kind::Video, "video"),
    (Kind::Avatar, "avatar"),
    (Kind::Audio, "audio"),
    (Kind::Voice, "voice"),
];
const STATUSES: [(Status, &str); 4] = [
    (Status::Queueing, "queueing"),
    (Status::Processing, "processing"),
    (Status::Completed, "completed"),
    (Status::Failed, "failed"),
];

/// How many wait in a queue, and since when the oldest does.
type Waiting = (i64, Option<i64>);

/// Gauges, as Prometheus reads them; what there is nothing of is 0.
pub async fn state(service: &Service) -> Result<String> {
    let jobs: Vec<(Kind, Status, i64)> = sqlx::query_as("SELECT kind, status, count(*) FROM jobs GROUP BY kind, status")
        .fetch_all(service.db.read())
        .await?;
    let queues = KINDS.map(|(kind, _)| kind.queue()).into_iter().chain([webhook::QUEUE]);
    let mut waiting: Vec<(&str, Waiting)> = Vec::new();
    let now = service.clock.now();
    for queue in queues {
        let found = sqlx::query_as("SELECT count(*), min(enqueued_at) FROM messages WHERE queue = $1 AND (leased = 0 OR vt <= $2)")
            .bind(queue)
            .bind(now)
            .fetch_one(service.db.read())
            .await?;
        waiting.push((queue, found));
    }
    let webhooks: i64 = sqlx::query_scalar("SELECT count(*) FROM webhooks WHERE state = 'waiting'")
        .fetch_one(service.db.read())
        .await?;
    let (files, bytes): (i64, i64) = sqlx::query_as("SELECT count(*), coalesce(sum(bytes), 0) FROM files")
        .fetch_one(service.db.read())
        .await?;
    Ok(telemetry::snapshot(|| {
        set_jobs(&jobs);
        set_queues(&waiting, now);
        set("mouthpiece_webhooks_waiting", "Callbacks that were not delivered yet.", webhooks);
        set("mouthpiece_files", "Files that have a link.", files);
        set("mouthpiece_files_bytes", "Their size.", bytes);
    }))
}

fn set_jobs(jobs: &[(Kind, Status, i64)]) {
    describe_gauge!("mouthpiece_jobs", "Jobs that are remembered, by kind and status.");
    for (kind, kind_name) in KINDS {
        for (status, status_name) in STATUSES {
            let count = jobs
                .iter()
                .find(|(k, s, _)| (*k, *s) == (kind, status))
                .map_or(0, |(.., count)| *count);
            gauge!("mouthpiece_jobs", "kind" => kind_name, "status" => status_name).set(count as f64);
        }
    }
}

fn set_queues(waiting: &[(&'static str, Waiting)], now: i64) {
    describe_gauge!("mouthpiece_queue_waiting", "Messages that nobody has in hand.");
    describe_gauge!("mouthpiece_queue_oldest_seconds", "How long the oldest of them has been waiting.");
    for (queue, (count, oldest)) in waiting {
        let age = oldest.map_or(0, |since| now - since);
        gauge!("mouthpiece_queue_waiting", "queue" => *queue).set(*count as f64);
        gauge!("mouthpiece_queue_oldest_seconds", "queue" => *queue).set(age as f64 / 1000.0);
    }
}

fn set(name: &'static str, about: &'static str, value: i64) {
    describe_gauge!(name, about);
    gauge!(name).set(value as f64);
}
