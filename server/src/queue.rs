//! Messages with pgmq's semantics: six operations behind one seam, over whatever database holds the state.

use std::time::Duration;

use serde_json::Value;

use crate::problem::Result;

pub mod sqlite;

/// A message in the hands of a reader.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub lease: Lease,
    pub body: Value,
}

/// The right to a message, until its visibility ends: later readers have another `reads`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    pub id: i64,
    /// How often the message has been read, this time included.
    pub reads: i64,
}

/// A queue; messages of one group come in the order in which they were sent, and groups take turns.
///
/// What happens together with a change of state takes its transaction.
pub trait Queue: Clone + Send + Sync + 'static {
    type Tx: Send;

    /// Adds a message that can be read after `delay`; gives its number.
    fn send(
        &self,
        tx: &mut Self::Tx,
        queue: &'static str,
        group: &str,
        body: &Value,
        delay: Duration,
    ) -> impl Future<Output = Result<i64>> + Send;

    /// Takes up to `n` messages; nobody else sees them for the time of `visibility`.
    ///
    /// Groups with less in hand come first, then those that were served longest ago; inside a group the oldest.
    fn read(&self, queue: &'static str, visibility: Duration, n: u32) -> impl Future<Output = Result<Vec<Message>>> + Send {
        self.read_bounded(queue, visibility, n, u32::MAX)
    }

    /// As `read`, but so that no group has more than `per_group` in hand, whoever has them.
    fn read_bounded(
        &self,
        queue: &'static str,
        visibility: Duration,
        n: u32,
        per_group: u32,
    ) -> impl Future<Output = Result<Vec<Message>>> + Send;

    /// Keeps a message for longer; false when it is not the caller's any more, or was cancelled.
    fn extend(&self, lease: Lease, visibility: Duration) -> impl Future<Output = Result<bool>> + Send;

    /// Removes a message that was dealt with; false when it is not the caller's any more.
    fn ack(&self, tx: &mut Self::Tx, lease: Lease) -> impl Future<Output = Result<bool>> + Send;

    /// Gives a message back, to be read again after `delay`; false when it is not the caller's any more.
    fn retry(&self, tx: &mut Self::Tx, lease: Lease, delay: Duration) -> impl Future<Output = Result<bool>> + Send;

    /// Takes a message out of the queue into the archive, whoever has it; false when it is not there.
    fn bury(&self, tx: &mut Self::Tx, id: i64, reason: &str) -> impl Future<Output = Result<bool>> + Send;

    /// Removes up to `n` messages from the archive that were buried so long ago; gives how many there were.
    fn forget(&self, tx: &mut Self::Tx, age: Duration, n: u32) -> impl Future<Output = Result<u64>> + Send;
}
