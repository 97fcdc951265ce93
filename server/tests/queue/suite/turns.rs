//! Who comes first.

use mouthpiece_server::queue::Queue;
use serde_json::json;

use crate::bench::{Bench, LEASE, NOW, QUEUE, bodies};

pub async fn a_group_comes_in_its_order(b: &impl Bench) {
    b.send_many("g", 5).await;
    for i in 0..2 {
        let message = b.read_one().await;
        assert_eq!(message.body, json!(format!("g{i}")));
        assert!(b.ack(message.lease).await);
    }
    assert_eq!(bodies(&b.read(9).await), ["g2", "g3", "g4"]);
}

pub async fn a_pause_does_not_hold_up_its_group(b: &impl Bench) {
    b.send_many("g", 3).await;
    let first = b.read_one().await;
    assert!(b.retry(first.lease, LEASE).await);
    let second = b.read_one().await;
    assert_eq!(second.body, json!("g1"));
    assert!(b.ack(second.lease).await);
    b.pass(LEASE).await;
    assert_eq!(bodies(&b.read(9).await), ["g0", "g2"]);
}

pub async fn a_late_group_does_not_wait_behind_a_long_one(b: &impl Bench) {
    b.send_many("long", 100).await;
    // Whether the long one's is still in hand or dealt with.
    for keep in [true, false] {
        let taken = b.read_one().await;
        assert!(keep || b.ack(taken.lease).await);
        b.send("late", json!("late")).await;
        let next = b.read_one().await;
        assert_eq!(next.body, json!("late"));
        assert!(b.ack(next.lease).await);
    }
}

pub async fn groups_take_turns(b: &impl Bench) {
    b.send_many("a", 3).await;
    b.send_many("b", 3).await;
    b.send_many("c", 2).await;
    let mut served = Vec::new();
    for _ in 0..8 {
        let message = b.read_one().await;
        served.push(message.body.as_str().unwrap().to_owned());
        assert!(b.ack(message.lease).await);
    }
    assert_eq!(served, ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2"]);
}

pub async fn what_is_in_hand_counts(b: &impl Bench) {
    b.send_many("a", 5).await;
    assert_eq!(b.read(3).await.len(), 3);
    b.send_many("b", 5).await;
    // Three of b until both have three in hand; then the one served longer ago.
    assert_eq!(bodies(&b.read(3).await), ["b0", "b1", "b2"]);
    assert_eq!(bodies(&b.read(2).await), ["a3", "b3"]);
    // A lease that has ended is in nobody's hand, and the oldest comes again first.
    b.pass(LEASE).await;
    assert_eq!(bodies(&b.read(2).await), ["a0", "b0"]);
}

pub async fn several_at_once_are_spread_over_groups(b: &impl Bench) {
    b.send_many("a", 10).await;
    b.send_many("b", 2).await;
    b.send_many("c", 1).await;
    assert_eq!(bodies(&b.read(7).await), ["a0", "b0", "c0", "a1", "b1", "a2", "a3"]);
    assert_eq!(b.read(100).await.len(), 6);
    assert!(b.read(0).await.is_empty());
}

pub async fn a_bound_holds_for_all_readers(b: &impl Bench) {
    b.send_many("a", 10).await;
    b.send_many("b", 1).await;
    let other = b.elsewhere().await;
    let first = b.queue().read_bounded(QUEUE, LEASE, 2, 3).await.unwrap();
    assert_eq!(bodies(&first), ["a0", "b0"]);
    let second = other.queue().read_bounded(QUEUE, LEASE, 9, 3).await.unwrap();
    assert_eq!(bodies(&second), ["a1", "a2"]);
    assert!(b.queue().read_bounded(QUEUE, LEASE, 9, 3).await.unwrap().is_empty());
    // What rests for a while is in nobody's hand.
    assert!(b.retry(second[0].lease, LEASE).await);
    assert!(b.ack(first[0].lease).await);
    let third = b.queue().read_bounded(QUEUE, NOW, 9, 3).await.unwrap();
    assert_eq!(bodies(&third), ["a3", "a4"]);
}
