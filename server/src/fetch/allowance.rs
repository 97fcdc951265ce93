//! What the files of one request may hold together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::FetchError;

/// Bytes that are left; clones share them.
#[derive(Clone, Debug)]
pub struct Allowance {
    limit: u64,
    left: Arc<AtomicU64>,
}

impl Allowance {
    pub fn of(limit: u64) -> Self {
        Self {
            limit,
            left: Arc::new(AtomicU64::new(limit)),
        }
    }

    /// Takes so many of what is left; nothing where that is too little.
    pub fn take(&self, bytes: u64) -> Result<(), FetchError> {
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes))
            .map(drop)
            .map_err(|_| self.spent())
    }

    /// Whether so many more could be taken.
    pub fn has(&self, bytes: u64) -> Result<(), FetchError> {
        match self.left.load(Ordering::Relaxed) {
            left if left < bytes => Err(self.spent()),
            _ => Ok(()),
        }
    }

    fn spent(&self) -> FetchError {
        FetchError::TooMuch { limit: self.limit }
    }
}

/// As much as there is.
impl Default for Allowance {
    fn default() -> Self {
        Self::of(u64::MAX)
    }
}
