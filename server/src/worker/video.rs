//! A video: from its spec to its file, its charge and its callback.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use mouthpiece_render::error::Kind;
use mouthpiece_render::media::Tools;
use mouthpiece_render::media::sound;
use mouthpiece_render::scene::Scene;
use mouthpiece_render::speech::{AudioFormat, Language, Recording, Script, Spoken};
use mouthpiece_render::{EncodePath, Output, Quality, Report};

use super::Studio;
use super::desk::Desk;
use super::gather::gather;
use super::parcels::{Label, Life, Parcels};
use super::speech::{Actor, Captions, insert_captions};
use super::trouble::Trouble;
use crate::gauge::Gauge;
use crate::job::{self, Ending, Job};
use crate::problem::{Code, Problem};
use crate::service::Service;
use crate::spec::anchor::{self, Anchor};
use crate::spec::scene;
use crate::spec::{Sound, StoredVideo, VideoSpec};
use crate::store::Key;

/// The steps, in their order.
pub async fn make(studio: &Studio, mut job: Job, gauge: &Gauge) -> Result<(), Trouble> {
    let service = &studio.service;
    let StoredVideo::V1(spec) = job.spec()?;
    let desk = Desk::new(service, &job)?;
    let files = gather(service, &spec, &desk, gauge).await?;
    let field = spec.sound.field();
    let spoken = speak(service, &spec.sound, &files.sound, gauge).await?;
    let price = Price::of(service, &spec.sound);
    reserve(service, &mut job, field, &files.sound, price).await?;
    let anchor = read_offsets(spec.clone(), files.media.clone()).await?;
    let scene = scene::scene(&spec, &job.id, anchor, &files)?;
    let scene = with_words(scene, &spec, spoken)?;
    let file = desk.file("video.mp4");
    let report = render(studio, scene, &file, field, gauge).await?;
    // A recording may be longer than its header says, or say nothing.
    let cost = price.of_seconds(report.seconds);
    job::reserve_whole(service, &mut job, cost).await?;
    let made = Made {
        file: &file,
        report: &report,
        anchor,
        captions: Captions::of(&report.captions),
        cost,
    };
    publish(service, &job, &made).await
}

/// Speaks what is to be spoken, with the exact times of what is said; a recording was fetched and is left as it is.
async fn speak(service: &Service, sound: &Sound, to: &Path, gauge: &Gauge) -> Result<Option<(Spoken, Language)>, Trouble> {
    let Sound::Speech(speech) = sound else { return Ok(None) };
    let actor = Actor::of(service, &speech.voice, &speech.field).await?;
    let to = Recording {
        path: to.to_owned(),
        format: AudioFormat::Wav,
        rate: None,
        bitrate: None,
        channels: 1,
    };
    let spoken = actor.speak(speech, to, gauge).await?;
    Ok(Some((spoken, actor.language())))
}

/// With what is said: exactly when, of our own speech; of a recording its text, whose times are found in it.
fn with_words(scene: Scene, spec: &VideoSpec, spoken: Option<(Spoken, Language)>) -> Result<Scene, Trouble> {
    let scene = scene.with_captions(spec.captions.into());
    let scene = match (spoken, &spec.sound) {
        (Some((spoken, language)), _) => {
            let scene = scene.with_phonemes(spoken.phonemes).map_err(Problem::from)?;
            scene.with_words(spoken.words, language).map_err(Problem::from)?
        }
        (
            None,
            Sound::Url {
                field,
                text: Some(text),
                language,
                ..
            },
        ) => {
            let script = Script::plain(text).map_err(|e| e.about(&format!("{field}.text")))?;
            scene.with_text(script, language.unwrap_or(Language::AmericanEnglish))
        }
        (None, _) => scene,
    };
    Ok(scene)
}

/// What a video costs.
#[derive(Clone, Copy)]
struct Price {
    /// Of the text that was spoken for it.
    speech: i64,
    per_second: i64,
}

impl Price {
    fn of(service: &Service, sound: &Sound) -> Self {
        let credit = &service.config.credit;
        let characters = match sound {
            Sound::Speech(speech) => Script::parse(&speech.text).map_or(0, |script| script.characters()),
            Sound::Url { .. } => 0,
        };
        Self {
            speech: credit.speech(characters),
            per_second: credit.per_second.into(),
        }
    }

    /// Each second that was begun counts.
    fn of_seconds(self, seconds: f64) -> i64 {
        // A tenth of a frame is rounding, and no second begun.
        (seconds - 0.004).ceil().max(1.0) as i64 * self.per_second + self.speech
    }
}

/// Sets aside what the whole video costs, now that the length of its sound is known.
async fn reserve(service: &Service, job: &mut Job, field: &str, sound: &Path, price: Price) -> Result<(), Trouble> {
    let limits = sound_limits(service);
    let path = sound.to_owned();
    let probe = tokio::task::spawn_blocking(move || sound::probe(&path, &limits, &Tools::from_env()));
    let facts = probe.await.map_err(Trouble::panicked)?.map_err(|e| e.about(field))?;
    let price = price.of_seconds(facts.seconds.unwrap_or(0.0).max(1.0));
    job::reserve_whole(service, job, price).await.map_err(Trouble::from)
}

fn sound_limits(service: &Service) -> sound::Limits {
    sound::Limits {
        bytes: service.config.limits.sound_bytes,
        seconds: f64::from(service.config.limits.speech_seconds),
    }
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
        encode: EncodePath::Auto,
        threads: studio.threads,
        sound: sound_limits(&studio.service),
        packs: None,
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

/// What is to become true.
struct Made<'a> {
    file: &'a Path,
    report: &'a Report,
    anchor: Anchor,
    captions: Option<Captions>,
    cost: i64,
}

/// Ends the job: files, links, charge, callback and message become true together, or not at all.
async fn publish(service: &Service, job: &Job, made: &Made<'_>) -> Result<(), Trouble> {
    let mut parcels = Parcels::new(service, job);
    let label = Label {
        what: "video",
        extension: "mp4",
        content_type: "video/mp4",
        life: Life::Result,
    };
    let name = parcels.add(made.file, Key::Video { job: &job.id }, label).await?;
    let captions = match &made.captions {
        Some(captions) => Some(captions.add(&mut parcels, job).await?),
        None => None,
    };
    let (url, cost) = (service.public(&format!("files/{name}")), made.cost);
    let mut tx = service.db.write().await?;
    if !job::end(service, &mut tx, job, Ending::Completed { cost, url: &url }).await? {
        parcels.discard().await?;
        return Err(Trouble::for_good(Problem::new(Code::VideoProcessing, "somebody else has this job")));
    }
    job::note_warnings(&mut tx, &job.id, &made.report.warnings).await?;
    parcels.insert(&mut tx).await?;
    sqlx::query("UPDATE videos SET anchor = $2, seconds = $3, file = $4 WHERE id = $1")
        .bind(&job.id)
        .bind(made.anchor)
        .bind(made.report.seconds)
        .bind(&name)
        .execute(&mut *tx)
        .await
        .map_err(Problem::from)?;
    if let Some(links) = &captions {
        insert_captions(&mut tx, job, links).await?;
    }
    parcels.publish().await?;
    tx.commit().await.map_err(Problem::from)?;
    Ok(())
}
