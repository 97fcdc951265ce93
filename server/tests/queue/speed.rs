//! How long a look takes when much is waiting. Run it by name, with `--ignored --nocapture`.

#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use std::time::{Duration, Instant};

use mouthpiece_server::queue::Queue;
use serde_json::json;

use crate::bench::{Bench, LEASE, NOW, QUEUE};
use crate::sqlite::Sqlite;

#[tokio::test]
#[ignore = "a measurement"]
async fn ten_thousand_waiting_in_a_hundred_groups() {
    let b = Sqlite::new().await;
    let mut tx = b.begin().await;
    for i in 0..10_000 {
        let group = (i % 100).to_string();
        b.queue().send(&mut tx, QUEUE, &group, &json!({"job": i}), NOW).await.unwrap();
    }
    b.commit(tx).await;
    for n in [1, 16] {
        let mut times: Vec<Duration> = Vec::new();
        for _ in 0..30 {
            let start = Instant::now();
            assert_eq!(b.queue().read(QUEUE, LEASE, n).await.unwrap().len(), n as usize);
            times.push(start.elapsed());
        }
        times.sort();
        println!("read of {n}, commit included: median {:?}, longest {:?}", times[15], times[29]);
    }
}
