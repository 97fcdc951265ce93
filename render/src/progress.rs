//! Telling the caller how far we are, and hearing whether to stop.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use crate::error::{Error, Kind, Result};

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Reading,
    Face,
    /// A clip becomes a pack.
    Preparing,
    Mouth,
    Drawing,
    /// Pieces become a video.
    Joining,
    /// A voice is matched to a recording.
    Matching,
    Speaking,
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
    ///
    /// A stage may come again, or within another: its times add up.
    pub fn stage<T>(&mut self, stage: Stage, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = std::mem::replace(&mut self.now, stage);
        self.check(0, 1)?;
        let started = Instant::now();
        let result = work(self);
        self.now = before;
        let seconds = started.elapsed().as_secs_f64();
        match self.stages.iter_mut().find(|(known, _)| *known == stage) {
            Some((_, all)) => *all += seconds,
            None => self.stages.push((stage, seconds)),
        }
        result
    }

    pub fn check(&mut self, done: u64, total: u64) -> Result<()> {
        match self.progress.at(self.now, done, total) {
            Flow::Continue => Ok(()),
            Flow::Stop => Err(cancelled()),
        }
    }

    pub fn stages(self) -> Vec<(Stage, f64)> {
        self.stages
    }
}

/// How long nobody is asked whether to go on.
const BEAT: Duration = Duration::from_millis(100);

thread_local! {
    /// Set on threads whose work may be called off.
    static CALLED_OFF: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// `Cancelled` on a thread of [`aside`] whose work was called off; asked where work takes long.
pub fn go_on() -> Result<()> {
    let called_off = CALLED_OFF.with_borrow(|flag| flag.as_ref().is_some_and(|f| f.load(Ordering::Relaxed)));
    if called_off { Err(cancelled()) } else { Ok(()) }
}

/// Does work that asks [`go_on`] on a thread beside this one, which asks `alive` meanwhile.
pub fn aside<T: Send>(work: impl FnOnce() -> Result<T> + Send, alive: &mut dyn FnMut() -> Result<()>) -> Result<T> {
    let flag = Arc::new(AtomicBool::new(false));
    std::thread::scope(|scope| {
        let (tell, told) = sync_channel(1);
        let called_off = Arc::clone(&flag);
        scope.spawn(move || {
            CALLED_OFF.set(Some(called_off));
            // Nobody listens any more once it is called off.
            let _ = tell.send(work());
        });
        let result = wait(&told, alive);
        flag.store(true, Ordering::Relaxed);
        result?
    })
}

/// Does work that cannot be interrupted on a thread of its own, which is left to itself if `alive` says stop.
pub(crate) fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
    alive: &mut dyn FnMut() -> Result<()>,
) -> Result<T> {
    let (tell, told) = sync_channel(1);
    std::thread::spawn(move || {
        let _ = tell.send(work());
    });
    wait(&told, alive)?
}

/// Waits for a message and asks now and then whether to go on.
pub(crate) fn wait<T>(from: &Receiver<T>, alive: &mut dyn FnMut() -> Result<()>) -> Result<T> {
    loop {
        match from.recv_timeout(BEAT) {
            Ok(message) => return Ok(message),
            Err(RecvTimeoutError::Timeout) => alive()?,
            Err(RecvTimeoutError::Disconnected) => return Err(Error::new(Kind::Internal, "a thread ended early")),
        }
    }
}

pub(crate) fn cancelled() -> Error {
    Error::new(Kind::Cancelled, "stopped before the video was complete; nothing was written")
}
