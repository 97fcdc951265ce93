//! Who has a message in hand, and until when.

use std::time::Duration;

use mouthpiece_server::queue::Queue;
use serde_json::json;

use crate::bench::{Bench, LEASE, NOW};

const SECOND: Duration = Duration::from_secs(1);

pub async fn what_is_in_hand_is_not_read_again_until_its_lease_ends(b: &impl Bench) {
    let id = b.send("g", json!("x")).await;
    let first = b.read_one().await;
    assert_eq!((first.lease.id, first.lease.reads), (id, 1));
    b.pass(LEASE - 5 * SECOND).await;
    assert!(b.is_idle().await);
    b.pass(5 * SECOND).await;
    let second = b.read_one().await;
    assert_eq!((second.lease.id, second.lease.reads, second.body), (id, 2, first.body));
}

pub async fn extending_keeps_it(b: &impl Bench) {
    b.send("g", json!(1)).await;
    let message = b.read_one().await;
    for _ in 0..5 {
        b.pass(LEASE - 5 * SECOND).await;
        assert!(b.extend(message.lease).await);
        assert!(b.is_idle().await);
    }
    assert!(b.ack(message.lease).await);
}

pub async fn a_lost_lease_cannot_be_extended(b: &impl Bench) {
    b.send("g", json!(1)).await;
    let lost = b.read_one().await;
    b.pass(LEASE).await;
    let current = b.read_one().await;
    assert!(!b.extend(lost.lease).await);
    assert!(b.extend(current.lease).await);
    // Nor one that was given back, to whoever waits for its pause to end.
    assert!(b.retry(current.lease, LEASE).await);
    assert!(!b.extend(current.lease).await);
}

pub async fn a_buried_message_tells_its_holder(b: &impl Bench) {
    let id = b.send("g", json!(1)).await;
    let lease = b.read_one().await.lease;
    assert!(b.bury(id, "cancelled").await);
    assert!(!b.extend(lease).await);
    assert!(!b.ack(lease).await);
    assert!(!b.retry(lease, NOW).await);
    b.pass(LEASE).await;
    assert!(b.is_idle().await);
    assert_eq!(b.buried().await, [(id, "cancelled".into())]);
}

pub async fn a_stale_lease_changes_nothing(b: &impl Bench) {
    b.send("g", json!(1)).await;
    let stale = b.read_one().await.lease;
    b.pass(LEASE).await;
    let current = b.read_one().await.lease;
    assert!(!b.ack(stale).await);
    assert!(!b.retry(stale, NOW).await);
    assert!(b.is_idle().await, "the message was given back by somebody who does not have it");
    assert!(b.ack(current).await);
}

pub async fn what_was_dealt_with_is_gone(b: &impl Bench) {
    b.send("g", json!(1)).await;
    let lease = b.read_one().await.lease;
    assert!(b.ack(lease).await);
    assert!(!b.ack(lease).await);
    assert!(!b.retry(lease, NOW).await);
    assert!(!b.extend(lease).await);
    assert!(!b.bury(lease.id, "late").await);
    b.pass(LEASE).await;
    assert!(b.is_idle().await);
    assert!(b.buried().await.is_empty());
}

pub async fn a_retry_gives_it_back_after_its_pause(b: &impl Bench) {
    let id = b.send("g", json!(1)).await;
    let first = b.read_one().await.lease;
    assert!(b.retry(first, LEASE).await);
    // It is nobody's now.
    assert!(!b.ack(first).await);
    assert!(!b.retry(first, NOW).await);
    b.pass(LEASE - 5 * SECOND).await;
    assert!(b.is_idle().await);
    b.pass(5 * SECOND).await;
    let second = b.read_one().await.lease;
    assert_eq!((second.id, second.reads), (id, 2));
    assert!(b.retry(second, NOW).await);
    assert_eq!(b.read_one().await.lease.reads, 3);
}

pub async fn an_ack_that_is_not_committed_did_not_happen(b: &impl Bench) {
    b.send("g", json!(1)).await;
    let lease = b.read_one().await.lease;
    let mut tx = b.begin().await;
    assert!(b.queue().ack(&mut tx, lease).await.unwrap());
    drop(tx);
    assert!(b.extend(lease).await);
    assert!(b.ack(lease).await);
}

/// Fences are about others: somebody who was slow and met nobody has lost nothing.
pub async fn an_end_that_nobody_took_from_us_is_still_ours(b: &impl Bench) {
    b.send("g", json!(1)).await;
    let lease = b.read_one().await.lease;
    b.pass(2 * LEASE).await;
    assert!(b.extend(lease).await);
    assert!(b.is_idle().await);
    b.pass(2 * LEASE).await;
    assert!(b.ack(lease).await);
}
