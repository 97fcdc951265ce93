//! The time, injected: days pass in tests without waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970 UTC.
pub type Millis = i64;

/// Where the time comes from; clones share it.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    #[default]
    System,
    /// The system's, moved by so many milliseconds.
    Moved(Arc<AtomicI64>),
}

impl Clock {
    /// One that runs with the system's and can be moved.
    pub fn movable() -> Self {
        Self::Moved(Arc::new(AtomicI64::new(0)))
    }

    pub fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let moved = match self {
            Self::System => 0,
            Self::Moved(by) => by.load(Ordering::Relaxed),
        };
        millis(since) + moved
    }

    /// Lets time pass; the system's clock cannot be moved.
    pub fn advance(&self, by: Duration) {
        if let Self::Moved(moved) = self {
            moved.fetch_add(millis(by), Ordering::Relaxed);
        }
    }
}

/// A duration in milliseconds.
pub fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX / 4)
}
