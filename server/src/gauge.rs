//! How far an attempt is, and whether it is to stop: shared by a render's thread and whoever watches it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use mouthpiece_render::{Error, Flow, Kind, Progress, Stage};
use tokio_util::sync::CancellationToken;

/// Clones share everything.
#[derive(Clone, Default)]
pub struct Gauge {
    percent: Arc<AtomicU8>,
    halt: CancellationToken,
}

impl Gauge {
    pub fn percent(&self) -> u8 {
        self.percent.load(Ordering::Relaxed)
    }

    pub fn set(&self, percent: u8) {
        self.percent.store(percent.min(99), Ordering::Relaxed);
    }

    /// Asks the work to stop; the renderer hears it at its next step.
    pub fn halt(&self) {
        self.halt.cancel();
    }

    pub fn is_halted(&self) -> bool {
        self.halt.is_cancelled()
    }

    /// `Cancelled` once the work is to stop.
    pub fn go_on(&self) -> Result<(), Error> {
        if self.is_halted() {
            return Err(Error::new(Kind::Cancelled, "stopped before it was complete"));
        }
        Ok(())
    }

    pub async fn halted(&self) {
        self.halt.cancelled().await;
    }
}

/// Where each stage begins and ends, in percent of the whole job; fetching has the first tenth.
fn share(stage: Stage) -> (u64, u64) {
    match stage {
        Stage::Reading => (10, 11),
        Stage::Face => (11, 15),
        Stage::Preparing => (11, 60),
        Stage::Mouth => (15, 20),
        Stage::Drawing | Stage::Joining => (20, 99),
        Stage::Matching => (11, 90),
        Stage::Speaking => (10, 99),
    }
}

impl Progress for Gauge {
    fn at(&mut self, stage: Stage, done: u64, total: u64) -> Flow {
        let (from, to) = share(stage);
        let percent = from + (to - from) * done.min(total) / total.max(1);
        // After a preparation the other stages begin at less.
        self.set(self.percent().max(u8::try_from(percent).unwrap_or(99)));
        if self.is_halted() { Flow::Stop } else { Flow::Continue }
    }
}
