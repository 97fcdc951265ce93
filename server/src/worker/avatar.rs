//! An uploaded avatar: fetched, looked at, prepared if it is a video, and kept if it can be made to speak.

use std::path::Path;

use mouthpiece_render::Examined;
use mouthpiece_render::media::sniff::{self, Image, Kind, Video};

use super::Studio;
use super::desk::Desk;
use super::gather::fetch;
use super::pace;
use super::trouble::Trouble;
use crate::clock::millis;
use crate::fetch::Wanted;
use crate::gauge::Gauge;
use crate::job::{self, Ending, Job};
use crate::problem::{Code, Problem};
use crate::service::Service;
use crate::spec::StoredAvatar;
use crate::store::{Key, Link};

/// The steps, in their order.
pub async fn make(studio: &Studio, job: Job, gauge: &Gauge) -> Result<(), Trouble> {
    let service = &studio.service;
    let StoredAvatar::V1(spec) = job.spec()?;
    let desk = Desk::new(service, &job)?;
    let (media, thumbnail) = (desk.file("avatar"), desk.file("thumbnail.jpg"));
    tokio::select! {
        done = fetch(service, "url", &spec.url, Wanted::ImageOrVideo, media.clone()) => done?,
        () = gauge.halted() => return Err(Trouble::halted()),
    }
    let mut examined = examine(studio, &media, &thumbnail, gauge).await?;
    let pace = if spec.live {
        let pace = pace::measure(studio, &media, &examined, &desk, gauge).await?;
        examined.warnings.extend(pace::warning(pace));
        Some(pace)
    } else {
        None
    };
    let made = Made {
        media: &media,
        thumbnail: &thumbnail,
        examined: &examined,
        pace,
    };
    publish(service, &job, &made).await
}

async fn examine(studio: &Studio, media: &Path, thumbnail: &Path, gauge: &Gauge) -> Result<Examined, Trouble> {
    let models = studio.models().await?;
    let (media, thumbnail, mut gauge) = (media.to_owned(), thumbnail.to_owned(), gauge.clone());
    let (packs, threads) = (studio.service.packs(), studio.threads);
    let looking =
        tokio::task::spawn_blocking(move || mouthpiece_render::prepared(&media, Some(&thumbnail), &packs, threads, &models, &mut gauge));
    Ok(looking.await.map_err(Trouble::panicked)??)
}

/// What is to become true.
struct Made<'a> {
    media: &'a Path,
    thumbnail: &'a Path,
    examined: &'a Examined,
    /// Seconds of video in a second.
    pace: Option<f64>,
}

/// Ends the job: media, links and state become true together, or not at all.
async fn publish(service: &Service, job: &Job, made: &Made<'_>) -> Result<(), Trouble> {
    let Made {
        media,
        thumbnail,
        examined,
        pace,
    } = *made;
    let report = examined
        .report
        .as_ref()
        .map(serde_json::to_string)
        .transpose()
        .map_err(Problem::from)?;
    let staged = |what| Key::Staged {
        job: &job.id,
        attempt: job.attempt,
        what,
    };
    let keys = (Key::AvatarMedia { avatar: &job.id }, Key::AvatarThumbnail { avatar: &job.id });
    let bytes = (
        service.store.put(media, &staged("media")).await?,
        service.store.put(thumbnail, &staged("thumbnail")).await?,
    );
    let (extension, content_type) = file_type(sniff::sniff(media)?);
    let now = service.clock.now();
    let expires = now + millis(service.config.retention.files);
    let upload = Link::new(&keys.0, extension, content_type, bytes.0, now, Some(expires));
    let small = Link::new(&keys.1, "jpg", "image/jpeg", bytes.1, now, None);
    let mut tx = service.db.write().await?;
    if !job::end(service, &mut tx, job, Ending::Completed { cost: 0, url: "" }).await? {
        service.store.remove(&staged("media").path()).await?;
        service.store.remove(&staged("thumbnail").path()).await?;
        return Err(Trouble::for_good(Problem::new(
            Code::AvatarProcessing,
            "somebody else has this job",
        )));
    }
    job::note_warnings(&mut tx, &job.id, &examined.warnings).await?;
    upload.insert(&mut tx).await?;
    small.insert(&mut tx).await?;
    sqlx::query(
        "UPDATE avatars SET media = $2, footage = $3, file = $4, thumbnail = $5, source = $6, report = $7, pace = $8 WHERE id = $1",
    )
    .bind(&job.id)
    .bind(keys.0.path())
    .bind(examined.footage)
    .bind(&upload.name)
    .bind(&small.name)
    .bind(&examined.source)
    .bind(report)
    .bind(pace)
    .execute(&mut *tx)
    .await
    .map_err(Problem::from)?;
    service.store.publish(&staged("media"), &keys.0).await?;
    service.store.publish(&staged("thumbnail"), &keys.1).await?;
    tx.commit().await.map_err(Problem::from)?;
    Ok(())
}

/// The ending of a link, and what a browser is told.
fn file_type(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Image(Image::Png) => ("png", "image/png"),
        Kind::Image(Image::Jpeg) => ("jpg", "image/jpeg"),
        Kind::Image(Image::Webp) => ("webp", "image/webp"),
        Kind::Video(Video::Mp4) => ("mp4", "video/mp4"),
        Kind::Video(Video::Matroska) => ("mkv", "video/x-matroska"),
        Kind::Video(Video::Avi) => ("avi", "video/x-msvideo"),
        Kind::Video(Video::MpegPs | Video::MpegTs) => ("mpg", "video/mpeg"),
        Kind::Video(Video::Ogg) => ("ogv", "video/ogg"),
        Kind::Audio(_) | Kind::Pack => ("bin", "application/octet-stream"),
    }
}
