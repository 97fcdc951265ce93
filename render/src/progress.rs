//! Telling the caller how far we are, and hearing whether to stop.

use std::time::Instant;

use crate::error::{Error, Kind, Result};

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Reading,
    Face,
    Mouth,
    Drawing,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Continue,
    Stop,
}

/// Hears how far a render is; called often, from the thread that renders.
pub trait Progress {
    /// `done` of `total` parts of a stage.
    fn at(&mut self, stage: Stage, done: u64, total: u64) -> Flow;
}

/// Times the stages and passes progress on.
pub(crate) struct Watch<'a> {
    progress: &'a mut dyn Progress,
    stages: Vec<(Stage, f64)>,
    now: Stage,
}

impl<'a> Watch<'a> {
    pub fn new(progress: &'a mut dyn Progress) -> Self {
        Self {
            progress,
            stages: Vec::new(),
            now: Stage::Reading,
        }
    }

    /// Runs one stage; `Cancelled` if the caller wants to stop before it.
    pub fn stage<T>(&mut self, stage: Stage, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.now = stage;
        self.check(0, 1)?;
        let started = Instant::now();
        let result = work(self);
        self.stages.push((stage, started.elapsed().as_secs_f64()));
        result
    }

    pub fn check(&mut self, done: u64, total: u64) -> Result<()> {
        match self.progress.at(self.now, done, total) {
            Flow::Continue => Ok(()),
            Flow::Stop => Err(Error::new(
                Kind::Cancelled,
                "stopped before the video was complete; nothing was written",
            )),
        }
    }

    pub fn stages(self) -> Vec<(Stage, f64)> {
        self.stages
    }
}
