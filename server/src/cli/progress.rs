//! How far a render is: a bar for people at a terminal, a line of JSON for machines.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mouthpiece_render::{Flow, Progress, Stage};
use nix::sys::resource::{UsageWho, getrusage};
use serde_json::json;

use crate::cli::outcome::say;
use crate::cli::stop::Stop;

/// Reports no more often than this.
const PAUSE: Duration = Duration::from_millis(200);

/// Shows progress and passes on the wish to stop.
pub struct Meter {
    stop: Stop,
    show: Show,
    stage: Option<Stage>,
    told: Instant,
    /// Processor time when the stage began, and of those before.
    begun: f64,
    cpu: Vec<(Stage, f64)>,
}

/// How progress is shown.
pub enum Show {
    /// On standard error; invisible where that is no terminal.
    Bar(ProgressBar),
    /// One object a line on standard output.
    Json,
    Nothing,
}

impl Show {
    /// What the options `--quiet` and `--json` ask for.
    pub fn of(quiet: bool, json: bool) -> Self {
        match (quiet, json) {
            (true, _) => Self::Nothing,
            (false, true) => Self::Json,
            (false, false) => Self::bar(),
        }
    }

    pub fn bar() -> Self {
        Self::Bar(ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()))
    }
}

impl Meter {
    pub fn new(show: Show, stop: Stop) -> Self {
        Self {
            stop,
            show,
            stage: None,
            told: Instant::now(),
            begun: 0.0,
            cpu: Vec::new(),
        }
    }

    /// Processor seconds of each stage, with those of the programs that ended in it.
    pub fn cpu(mut self) -> Vec<(Stage, f64)> {
        self.count(None);
        std::mem::take(&mut self.cpu)
    }

    /// The time since the last change is the last stage's.
    fn count(&mut self, next: Option<Stage>) {
        let now = processor_seconds();
        if let Some(stage) = std::mem::replace(&mut self.stage, next) {
            let spent = now - self.begun;
            match self.cpu.iter_mut().find(|(known, _)| *known == stage) {
                Some((_, all)) => *all += spent,
                None => self.cpu.push((stage, spent)),
            }
        }
        self.begun = now;
    }
}

/// Of this program and all that it has called and that have ended.
fn processor_seconds() -> f64 {
    let of = |who| {
        getrusage(who).map_or(0.0, |usage| {
            let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
            seconds(usage.user_time()) + seconds(usage.system_time())
        })
    };
    of(UsageWho::RUSAGE_SELF) + of(UsageWho::RUSAGE_CHILDREN)
}

impl Drop for Meter {
    /// Leaves no half bar behind, however the render ended.
    fn drop(&mut self) {
        if let Show::Bar(bar) = &self.show {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Meter {
    fn at(&mut self, stage: Stage, done: u64, total: u64) -> Flow {
        let fresh = self.stage != Some(stage);
        if fresh {
            self.count(Some(stage));
        }
        if fresh || done == total || self.told.elapsed() >= PAUSE {
            self.told = Instant::now();
            match &self.show {
                Show::Bar(bar) => draw(bar, stage, done, total, fresh),
                Show::Json => say(&json!({"event": "progress", "stage": stage, "done": done, "total": total})),
                Show::Nothing => {}
            }
        }
        if self.stop.requested() { Flow::Stop } else { Flow::Continue }
    }
}

fn draw(bar: &ProgressBar, stage: Stage, done: u64, total: u64, fresh: bool) {
    if fresh {
        bar.reset();
        bar.set_style(style());
        bar.set_message(phrase(stage));
    }
    bar.set_length(total);
    bar.set_position(done);
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg:<22} {bar:32} {percent:>3} %  {pos}/{len}  ready in {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn phrase(stage: Stage) -> &'static str {
    match stage {
        Stage::Reading => "Reading the files",
        Stage::Face => "Finding the face",
        Stage::Preparing => "Preparing the avatar",
        Stage::Mouth => "Listening",
        Stage::Drawing => "Drawing",
        Stage::Joining => "Joining",
        Stage::Matching => "Matching the voice",
        Stage::Speaking => "Speaking",
    }
}
