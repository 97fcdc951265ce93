//! Readers side by side, and readers that die.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use mouthpiece_server::queue::Queue;
use serde_json::json;

use crate::bench::{Bench, LEASE, NOW, QUEUE};

/// Takes all that is there; the numbers.
async fn drain<B: Bench>(b: &B, n: u32) -> Vec<i64> {
    let mut taken = Vec::new();
    loop {
        let messages = b.read(n).await;
        if messages.is_empty() {
            return taken;
        }
        taken.extend(messages.iter().map(|m| m.lease.id));
        tokio::task::yield_now().await;
    }
}

fn assert_each_once(taken: &[Vec<i64>], n: usize) {
    let all: Vec<_> = taken.iter().flatten().collect();
    assert_eq!(all.len(), n);
    assert_eq!(BTreeSet::from_iter(all).len(), n, "a message was given to two readers");
}

pub async fn readers_side_by_side_never_get_the_same(b: &impl Bench) {
    for group in ["a", "b", "c", "d", "e"] {
        b.send_many(group, 40).await;
    }
    let processes = join_all((0..4).map(|_| b.elsewhere())).await;
    let taken = join_all((1..=20).map(|n| drain(&processes[n % 4], n as u32 % 3 + 1))).await;
    assert_each_once(&taken, 200);
}

pub async fn two_processes_share_one_queue(b: &impl Bench) {
    let (one, two) = (b.elsewhere().await, b.elsewhere().await);
    let readers = async {
        let taken = join_all([drain_until(&one, 30), drain_until(&two, 30)]).await;
        assert_each_once(&taken, 60);
    };
    let sending = async {
        for _ in 0..6 {
            b.send_many("g", 10).await;
        }
    };
    tokio::time::timeout(LEASE, async { tokio::join!(readers, sending) }).await.unwrap();
    assert!(b.is_idle().await);
}

/// Takes one after the other until it has so many.
async fn drain_until<B: Bench>(b: &B, n: usize) -> Vec<i64> {
    let mut taken = Vec::new();
    while taken.len() < n {
        taken.extend(b.read(1).await.iter().map(|m| m.lease.id));
        tokio::task::yield_now().await;
    }
    taken
}

pub async fn whoever_dies_in_a_transaction_loses_nothing(b: &impl Bench) {
    let id = b.send("g", json!("first")).await;
    let dying = b.elsewhere().await;
    let lease = dying.read_one().await.lease;
    let mut tx = dying.begin().await;
    assert!(dying.queue().ack(&mut tx, lease).await.unwrap());
    dying.queue().send(&mut tx, QUEUE, "g", &json!("second"), NOW).await.unwrap();
    // It dies between its last statement and the commit.
    drop(tx);
    drop(dying);
    assert!(b.is_idle().await, "the lease outlives its holder");
    b.pass(LEASE).await;
    let again = b.read_one().await;
    assert_eq!((again.lease.id, again.lease.reads), (id, 2));
    assert!(b.is_idle().await, "something was sent that was not committed");
}
