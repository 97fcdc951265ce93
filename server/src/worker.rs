//! Workers: each lane claims a job, keeps its lease while it is done, and ends it.

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use mouthpiece_render::{Models, RuntimeChoice};
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::gauge::Gauge;
use crate::job::{self, Job, Kind};
use crate::problem::{Problem, Result};
use crate::queue::{Message, Queue};
use crate::service::Service;

mod audio;
mod avatar;
mod desk;
mod gather;
mod pace;
mod parcels;
mod preview;
mod speech;
mod trouble;
mod video;
mod voice;

pub use preview::FOLDER as PREVIEWS;
pub use trouble::{Trouble, chain};

/// What the jobs of one process share.
#[derive(Clone)]
pub struct Studio {
    pub service: Service,
    models: Arc<OnceCell<Arc<Models>>>,
    /// Threads that one render draws with.
    threads: usize,
}

impl Studio {
    fn new(service: Service, renders: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            service,
            models: Arc::default(),
            threads: cores.div_ceil(renders.max(1)),
        }
    }

    /// The nets, for the jobs that need them.
    async fn models(&self) -> Result<Arc<Models>, Trouble> {
        let load = || async {
            let loading = tokio::task::spawn_blocking(|| Models::new(&RuntimeChoice::Rten));
            Ok::<_, Trouble>(Arc::new(loading.await.map_err(Problem::internal)??))
        };
        self.models.get_or_try_init(load).await.cloned()
    }
}

/// Works until told to stop: so many renders side by side, as many texts spoken, and lanes beside them: two for avatars, so that a photo, which
/// takes a second, is not held up by a video that is prepared, and one for voices.
pub async fn run(service: Service, renders: usize, stop: CancellationToken) {
    let studio = Studio::new(service, renders);
    let few = [Kind::Avatar, Kind::Avatar, Kind::Voice].into_iter();
    let many = [Kind::Video, Kind::Audio]
        .into_iter()
        .flat_map(|kind| std::iter::repeat_n(kind, renders));
    let lanes = join_all(few.chain(many).map(|kind| lane(studio.clone(), kind, stop.clone())));
    tokio::join!(lanes, preview::run(studio.clone(), stop.clone()));
}

async fn lane(studio: Studio, kind: Kind, stop: CancellationToken) {
    let service = &studio.service;
    while !stop.is_cancelled() {
        match service.queue.read(kind.queue(), service.config.jobs.lease, 1).await {
            Ok(messages) if messages.is_empty() => {}
            Ok(messages) => {
                for message in messages {
                    if let Err(e) = attempt(&studio, &message, &stop).await {
                        tracing::error!(
                            cause = trouble::chain(&e),
                            "an attempt could not be recorded; its lease will run out"
                        );
                    }
                }
                continue;
            }
            Err(e) => tracing::error!(cause = trouble::chain(&e), "the queue cannot be read"),
        }
        tokio::select! {
            () = service.wake.wait() => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Why an attempt was asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Halt {
    /// The job is somebody else's by now, or was cancelled.
    Lost,
    /// The worker stops.
    Stopping,
    /// It takes longer than any job may.
    TooLong,
}

/// One attempt at a job, from its claim to its end.
async fn attempt(studio: &Studio, message: &Message, stop: &CancellationToken) -> Result<()> {
    let service = &studio.service;
    let Some(job) = job::begin(service, message).await? else {
        return Ok(());
    };
    let span = tracing::info_span!("job", id = %job.id, kind = ?job.kind, attempt = job.attempt);
    async {
        tracing::info!(uid = job.uid, "begun");
        let gauge = Gauge::default();
        let mut work = tokio::spawn(perform(studio.clone(), job.clone(), gauge.clone()).in_current_span());
        let (done, halt) = watch(service, &job, &gauge, &mut work, stop).await;
        if !conclude(service, &job, done, halt).await? {
            desk::clear(service, &job);
        }
        Ok(())
    }
    .instrument(span)
    .await
}

async fn perform(studio: Studio, job: Job, gauge: Gauge) -> Result<(), Trouble> {
    match job.kind {
        Kind::Video => video::make(&studio, job, &gauge).await,
        Kind::Avatar => avatar::make(&studio, job, &gauge).await,
        Kind::Audio => audio::make(&studio, job, &gauge).await,
        Kind::Voice => voice::make(&studio, job, &gauge).await,
    }
}

/// Keeps the lease until the work is over, and stops it where it must not go on; gives how both ended.
async fn watch(
    service: &Service,
    job: &Job,
    gauge: &Gauge,
    work: &mut JoinHandle<Result<(), Trouble>>,
    stop: &CancellationToken,
) -> (Result<(), Trouble>, Option<Halt>) {
    let settings = &service.config.jobs;
    let mut beat = tokio::time::interval(settings.heartbeat);
    let (begun, mut halt, mut told) = (Instant::now(), None, 0);
    loop {
        tokio::select! {
            done = &mut *work => return (done.unwrap_or_else(|e| Err(Trouble::panicked(e))), halt),
            () = stop.cancelled(), if halt.is_none() => halt = Some(Halt::Stopping),
            _ = beat.tick() => {
                match service.queue.extend(job.lease(), settings.lease).await {
                    Ok(true) => {}
                    Ok(false) => halt = Some(Halt::Lost),
                    Err(e) => tracing::warn!(cause = trouble::chain(&e), "no heartbeat"),
                }
                if begun.elapsed() > settings.time_limit {
                    halt = halt.or(Some(Halt::TooLong));
                }
                if halt.is_none() && gauge.percent() != told {
                    told = gauge.percent();
                    if let Err(e) = job::note_progress(service, job, told).await {
                        tracing::warn!(cause = trouble::chain(&e), "no progress noted");
                    }
                }
            }
        }
        if halt.is_some() {
            gauge.halt();
        }
    }
}

/// Records how an attempt ended; tells whether another one may take over what it has done.
async fn conclude(service: &Service, job: &Job, done: Result<(), Trouble>, halt: Option<Halt>) -> Result<bool> {
    match (done, halt) {
        (Ok(()), _) => {
            tracing::info!("completed");
            Ok(false)
        }
        (Err(_), Some(Halt::Lost)) => {
            tracing::info!("dropped: cancelled, or somebody else's");
            Ok(false)
        }
        (Err(_), Some(Halt::Stopping)) => {
            tracing::info!("handed back");
            job::hand_back(service, job).await?;
            Ok(true)
        }
        (Err(_), Some(Halt::TooLong)) => {
            let limit = humantime::format_duration(service.config.jobs.time_limit);
            let problem = Problem::new(
                job.kind.failure(),
                format!("stopped: it took longer than {limit}; try a shorter recording"),
            );
            job::retry_or_fail(service, job, &problem, false).await
        }
        (Err(trouble), None) => {
            let trouble = trouble.of(job.kind);
            tracing::warn!(
                code = trouble.problem.code.number(),
                cause = trouble::chain(&trouble.problem),
                retry = trouble.retry,
                "failed"
            );
            job::retry_or_fail(service, job, &trouble.problem, trouble.retry).await
        }
    }
}
