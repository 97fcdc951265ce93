//! What the suite needs of an implementation, and a few words of its own.

use std::time::Duration;

use mouthpiece_server::queue::{Lease, Message, Queue};
use serde_json::{Value, json};

pub const QUEUE: &str = "work";
pub const LEASE: Duration = Duration::from_secs(60);
pub const NOW: Duration = Duration::ZERO;

type Tx<B> = <<B as Bench>::Queue as Queue>::Tx;

/// A fresh queue, and a hand on its clock. Dropping a transaction rolls it back.
pub trait Bench: Sized + Send + Sync {
    type Queue: Queue;

    fn new() -> impl Future<Output = Self> + Send;

    fn queue(&self) -> &Self::Queue;

    /// The same messages, as another process sees them.
    fn elsewhere(&self) -> impl Future<Output = Self> + Send;

    fn begin(&self) -> impl Future<Output = Tx<Self>> + Send;

    fn commit(&self, tx: Tx<Self>) -> impl Future<Output = ()> + Send;

    /// Lets time pass.
    fn pass(&self, time: Duration) -> impl Future<Output = ()> + Send;

    /// The archive, the oldest first: number and reason.
    fn buried(&self) -> impl Future<Output = Vec<(i64, String)>> + Send;

    fn send(&self, group: &str, body: Value) -> impl Future<Output = i64> + Send {
        async move {
            let mut tx = self.begin().await;
            let id = self.queue().send(&mut tx, QUEUE, group, &body, NOW).await.unwrap();
            self.commit(tx).await;
            id
        }
    }

    /// Sends messages whose bodies are the group's name and a number.
    fn send_many(&self, group: &str, n: u32) -> impl Future<Output = ()> + Send {
        async move {
            let mut tx = self.begin().await;
            for i in 0..n {
                let body = json!(format!("{group}{i}"));
                self.queue().send(&mut tx, QUEUE, group, &body, NOW).await.unwrap();
            }
            self.commit(tx).await;
        }
    }

    fn read(&self, n: u32) -> impl Future<Output = Vec<Message>> + Send {
        async move { self.queue().read(QUEUE, LEASE, n).await.unwrap() }
    }

    /// The one message that is due.
    fn read_one(&self) -> impl Future<Output = Message> + Send {
        async move {
            let mut messages = self.read(1).await;
            messages.pop().expect("nothing is due")
        }
    }

    fn is_idle(&self) -> impl Future<Output = bool> + Send {
        async move { self.read(1).await.is_empty() }
    }

    fn ack(&self, lease: Lease) -> impl Future<Output = bool> + Send {
        async move {
            let mut tx = self.begin().await;
            let done = self.queue().ack(&mut tx, lease).await.unwrap();
            self.commit(tx).await;
            done
        }
    }

    fn retry(&self, lease: Lease, delay: Duration) -> impl Future<Output = bool> + Send {
        async move {
            let mut tx = self.begin().await;
            let done = self.queue().retry(&mut tx, lease, delay).await.unwrap();
            self.commit(tx).await;
            done
        }
    }

    fn bury(&self, id: i64, reason: &str) -> impl Future<Output = bool> + Send {
        async move {
            let mut tx = self.begin().await;
            let done = self.queue().bury(&mut tx, id, reason).await.unwrap();
            self.commit(tx).await;
            done
        }
    }

    fn extend(&self, lease: Lease) -> impl Future<Output = bool> + Send {
        async move { self.queue().extend(lease, LEASE).await.unwrap() }
    }
}

/// The bodies, for comparison with words.
pub fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|m| m.body.as_str().unwrap()).collect()
}
