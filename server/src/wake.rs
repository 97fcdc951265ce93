//! Telling loops that there may be work, so that they need not look often.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

/// Loops look by themselves so often: other processes share the database and cannot call.
const LOOK: Duration = Duration::from_millis(200);

/// Clones wake the same loops.
#[derive(Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// There is work.
    pub fn call(&self) {
        self.0.notify_waiters();
    }

    /// Until called.
    pub async fn called(&self) {
        self.0.notified().await;
    }

    /// Until called, or until it is time to look.
    pub async fn wait(&self) {
        // Running out is as good as being called.
        let _ = tokio::time::timeout(LOOK, self.0.notified()).await;
    }
}
