//! A video: from its spec to its file, its charge and its callback.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use mouthpiece_render::error::Kind;
use mouthpiece_render::media::Tools;
use mouthpiece_render::media::sound;
use mouthpiece_render::scene::Scene;
use mouthpiece_render::{Output, Quality, Report};

use super::Studio;
use super::desk::Desk;
use super::gather::gather;
use super::trouble::Trouble;
use crate::clock::millis;
use crate::gauge::Gauge;
use crate::job::{self, Ending, Job};
use crate::problem::{Code, Problem};
use crate::service::Service;
use crate::spec::anchor::{self, Anchor};
use crate::spec::scene;
use crate::spec::{Sound, StoredVideo, VideoSpec};
use crate::store::{Key, Link};

/// The steps, in their order.
pub async fn make(studio: &Studio, mut job: Job, gauge: &Gauge) -> Result<(), Trouble> {
    let service = &studio.service;
    let StoredVideo::V1(spec) = job.spec()?;
    let desk = Desk::new(service, &job)?;
    let files = gather(service, &spec, &desk, gauge).await?;
    let Sound::Url { field, .. } = &spec.sound;
    reserve(service, &mut job, field, &files.sound).await?;
    let anchor = read_offsets(spec.clone(), files.media.clone()).await?;
    let scene = scene::scene(&spec, &job.id, anchor, &files)?;
    let file = desk.file("video.mp4");
    let report = render(studio, scene, &file, field, gauge).await?;
    // A recording may be longer than its header says, or say nothing.
    job::reserve_whole(service, &mut job, price(service, report.seconds)).await?;
    publish(service, &job, &file, &report, anchor).await
}

/// Sets aside what the whole video costs, now that the length of its sound is known.
async fn reserve(service: &Service, job: &mut Job, field: &str, sound: &Path) -> Result<(), Trouble> {
    let limits = sound_limits(service);
    let path = sound.to_owned();
    let probe = tokio::task::spawn_blocking(move || sound::probe(&path, &limits, &Tools::from_env()));
    let facts = probe.await.map_err(Trouble::panicked)?.map_err(|e| e.about(field))?;
    let price = price(service, facts.seconds.unwrap_or(0.0).max(1.0));
    job::reserve_whole(service, job, price).await.map_err(Trouble::from)
}

fn sound_limits(service: &Service) -> sound::Limits {
    sound::Limits {
        bytes: service.config.limits.sound_bytes,
        seconds: f64::from(service.config.limits.speech_seconds),
    }
}

/// Credits for so many seconds: each that was begun counts.
fn price(service: &Service, seconds: f64) -> i64 {
    // A tenth of a frame is rounding, and no second begun.
    (seconds - 0.004).ceil().max(1.0) as i64 * i64::from(service.config.credit.per_second)
}

/// The contract's reading of offsets, which may hang on how large the media are.
async fn read_offsets(spec: VideoSpec, media: HashMap<String, PathBuf>) -> Result<Anchor, Trouble> {
    let reading = tokio::task::spawn_blocking(move || {
        let natural = |field: &str| {
            let (width, height) = mouthpiece_render::natural_size(media.get(field)?).ok()?;
            Some((f64::from(width), f64::from(height)))
        };
        // A medium without a size cannot be drawn either: the renderer says why.
        anchor::reading(&spec, &natural).unwrap_or(Anchor::TopLeft)
    });
    reading.await.map_err(Trouble::panicked)
}

/// `sound` is the field that named the recording.
async fn render(studio: &Studio, scene: Scene, file: &Path, sound: &str, gauge: &Gauge) -> Result<Report, Trouble> {
    let models = studio.models().await?;
    let output = Output {
        path: PathBuf::from(file),
        poster: None,
        quality: Quality::Standard,
        threads: studio.threads,
        sound: sound_limits(&studio.service),
    };
    let mut gauge = gauge.clone();
    let rendering = tokio::task::spawn_blocking(move || mouthpiece_render::render(&scene, &output, &models, &mut gauge));
    let made = rendering.await.map_err(Trouble::panicked)?;
    Ok(made.map_err(|e| if is_about_sound(e.kind) { e.about(sound) } else { e })?)
}

fn is_about_sound(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::AudioUnreadable | Kind::AudioEmpty | Kind::AudioSilent | Kind::AudioTooLong
    )
}

/// Ends the job: file, link, charge, callback and message become true together, or not at all.
async fn publish(service: &Service, job: &Job, file: &Path, report: &Report, anchor: Anchor) -> Result<(), Trouble> {
    let staged = Key::Staged {
        job: &job.id,
        attempt: job.attempt,
        what: "video",
    };
    let key = Key::Video { job: &job.id };
    let bytes = service.store.put(file, &staged).await?;
    let now = service.clock.now();
    let expires = now + millis(service.config.retention.files);
    let link = Link::new(&key, "mp4", "video/mp4", bytes, now, Some(expires));
    let url = service.public(&format!("files/{}", link.name));
    let cost = price(service, report.seconds);
    let mut tx = service.db.write().await?;
    if !job::end(service, &mut tx, job, Ending::Completed { cost, url: &url }).await? {
        service.store.remove(&staged.path()).await?;
        return Err(Trouble::for_good(Problem::new(Code::VideoProcessing, "somebody else has this job")));
    }
    job::note_warnings(&mut tx, job, &report.warnings).await?;
    link.insert(&mut tx).await?;
    sqlx::query("UPDATE videos SET anchor = $2, seconds = $3, file = $4 WHERE id = $1")
        .bind(&job.id)
        .bind(anchor)
        .bind(report.seconds)
        .bind(&link.name)
        .execute(&mut *tx)
        .await
        .map_err(Problem::from)?;
    // A crash from here to the commit leaves a file that the next attempt replaces.
    service.store.publish(&staged, &key).await?;
    tx.commit().await.map_err(Problem::from)?;
    Ok(())
}
