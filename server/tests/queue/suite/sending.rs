//! From sending to reading, and to the archive.

use std::time::Duration;

use mouthpiece_server::queue::Queue;
use serde_json::json;

use crate::bench::{Bench, LEASE, NOW, QUEUE};

const SECOND: Duration = Duration::from_secs(1);

pub async fn nothing_is_visible_before_the_commit(b: &impl Bench) {
    let other = b.elsewhere().await;
    let mut tx = b.begin().await;
    let id = b.queue().send(&mut tx, QUEUE, "g", &json!(1), NOW).await.unwrap();
    assert!(other.is_idle().await);
    b.commit(tx).await;
    assert_eq!(other.read_one().await.lease.id, id);
}

pub async fn a_rollback_sends_nothing(b: &impl Bench) {
    let mut tx = b.begin().await;
    b.queue().send(&mut tx, QUEUE, "g", &json!(1), NOW).await.unwrap();
    drop(tx);
    assert!(b.is_idle().await);
}

pub async fn a_delay_is_waited_for(b: &impl Bench) {
    let mut tx = b.begin().await;
    b.queue().send(&mut tx, QUEUE, "g", &json!(1), LEASE).await.unwrap();
    b.commit(tx).await;
    b.pass(LEASE - 5 * SECOND).await;
    assert!(b.is_idle().await);
    b.pass(5 * SECOND).await;
    assert_eq!(b.read_one().await.lease.reads, 1);
}

pub async fn a_body_comes_as_it_was_sent(b: &impl Bench) {
    let body = json!({"text": "„Grüße“ \u{1F600} \"'\\ $1", "list": [1, 2.5, null, true], "nothing": {}});
    let id = b.send("g", body.clone()).await;
    let message = b.read_one().await;
    assert_eq!((message.lease.id, message.body), (id, body));
}

pub async fn queues_do_not_mix(b: &impl Bench) {
    b.send("g", json!(1)).await;
    assert!(b.queue().read("other", LEASE, 9).await.unwrap().is_empty());
    assert_eq!(b.read(9).await.len(), 1);
}

pub async fn what_was_buried_is_kept_for_a_while(b: &impl Bench) {
    let (waiting, first) = (b.send("g", json!(0)).await, b.send("g", json!(1)).await);
    assert!(b.bury(first, "unreadable").await);
    assert!(!b.bury(first, "again").await);
    b.pass(LEASE).await;
    let second = b.send("g", json!(2)).await;
    assert!(b.bury(second, "cancelled").await);
    assert_eq!(b.buried().await, [(first, "unreadable".into()), (second, "cancelled".into())]);
    for left in [1, 0] {
        let mut tx = b.begin().await;
        assert_eq!(b.queue().forget(&mut tx, LEASE, 1).await.unwrap(), left);
        b.commit(tx).await;
    }
    assert_eq!(b.buried().await, [(second, "cancelled".into())]);
    assert_eq!(b.read_one().await.lease.id, waiting);
    assert!(b.is_idle().await);
}
