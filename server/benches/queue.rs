//! How long a read takes when much is waiting: `cargo bench --package mouthpiece --bench queue`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints what it measured and may panic"
)]

use std::time::{Duration, Instant};

use mouthpiece_server::clock::Clock;
use mouthpiece_server::db::Db;
use mouthpiece_server::queue::Queue;
use mouthpiece_server::queue::sqlite::SqliteQueue;
use serde_json::json;

const QUEUE: &str = "work";
const LEASE: Duration = Duration::from_secs(60);
const ROUNDS: usize = 100;

#[tokio::main]
async fn main() {
    println!("{:<28} {:>12} {:>12}", "a read, its commit included", "median", "longest");
    for (waiting, groups) in [(100, 1), (10_000, 1), (10_000, 100), (10_000, 10_000)] {
        for n in [1, 16] {
            let mut took = measure(waiting, groups, n).await;
            took.sort();
            let what = format!("{n} of {waiting} in {groups}");
            println!("{what:<28} {:>12.2?} {:>12.2?}", took[ROUNDS / 2], took[ROUNDS - 1]);
        }
    }
}

async fn measure(waiting: u32, groups: u32, n: u32) -> Vec<Duration> {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&folder.path().join("queue.sqlite")).await.unwrap();
    let queue = SqliteQueue::new(db.clone(), Clock::System);
    let mut tx = db.write().await.unwrap();
    for i in 0..waiting {
        let group = (i % groups).to_string();
        queue
            .send(&mut tx, QUEUE, &group, &json!({"job": i}), Duration::ZERO)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let mut took = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let messages = queue.read(QUEUE, LEASE, n).await.unwrap();
        took.push(begun.elapsed());
        let mut tx = db.write().await.unwrap();
        for message in messages {
            queue.retry(&mut tx, message.lease, Duration::ZERO).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    took
}
