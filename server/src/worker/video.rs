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
use crate::spec::canvas::Natural;
use crate::spec::scene::{self, Files};
use crate::spec::{AnchorRule, CanvasSpec, SceneSpec, Sound, StoredVideo, VideoSpec};
use crate::store::Key;

/// The steps, in their order.
pub async fn make(studio: &Studio, mut job: Job, gauge: &Gauge) -> Result<(), Trouble> {
    let service = &studio.service;
    let spec = VideoSpec::from(job.spec::<StoredVideo>()?);
    let desk = Desk::new(service, &job)?;
    let files = gather(service, &spec, &desk, gauge).await?;
    let mut spoken = Vec::new();
    for (scene, file) in spec.scenes.iter().zip(&files.sounds) {
        spoken.push(match (&scene.sound, file) {
            (Some(sound), Some(file)) => speak(service, sound, file, gauge).await?,
            _ => None,
        });
    }
    let price = Price::of(service, &spec);
    reserve(service, &mut job, &spec, &files, price).await?;
    let sizes = Sizes::read(&spec, &files).await?;
    // A medium without a size cannot be drawn either: the renderer says why.
    let anchor = anchor::reading(&spec, &|field| sizes.of(field)).unwrap_or(Anchor::TopLeft);
    let scenes = scene::scenes(&spec, &job.id, anchor, sizes.first, &files)?;
    let scenes = scenes.into_iter().zip(&spec.scenes).zip(spoken);
    // What is dubbed stays the film that it was.
    let dubbed = matches!(spec.canvas, CanvasSpec::AsFilmed);
    let scenes = scenes.map(|((scene, spec), spoken)| with_words(scene.with_filmed_order(dubbed), spec.sound.as_ref(), spoken));
    let scenes = scenes.collect::<Result<_, _>>()?;
    let file = desk.file("video.mp4");
    let mut report = render(studio, &spec, scenes, &desk, &file, gauge).await?;
    tracing::info!(frames = report.frames, drawn = report.drawn.end - report.drawn.start, "rendered");
    report.warnings.splice(0..0, spec.warnings);
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
fn with_words(scene: Scene, sound: Option<&Sound>, spoken: Option<(Spoken, Language)>) -> Result<Scene, Trouble> {
    let scene = match (spoken, sound) {
        (Some((spoken, language)), _) => {
            let scene = scene.with_phonemes(spoken.phonemes).map_err(Problem::from)?;
            scene.with_words(spoken.words, language).map_err(Problem::from)?
        }
        (
            None,
            Some(Sound::Url {
                field,
                text: Some(text),
                language,
                ..
            }),
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
    /// Of the texts that are spoken for it.
    speech: i64,
    per_second: i64,
}

impl Price {
    fn of(service: &Service, spec: &VideoSpec) -> Self {
        let credit = &service.config.credit;
        let speech = spec.scenes.iter().filter_map(|scene| match &scene.sound {
            Some(Sound::Speech(speech)) => Script::parse(&speech.text).ok(),
            _ => None,
        });
        Self {
            speech: speech.map(|script| credit.speech(script.characters())).sum(),
            per_second: credit.per_second.into(),
        }
    }

    /// Each second that was begun counts.
    fn of_seconds(self, seconds: f64) -> i64 {
        // A tenth of a frame is rounding, and no second begun.
        (seconds - 0.004).ceil().max(1.0) as i64 * self.per_second + self.speech
    }
}

/// Sets aside what the whole video costs, now that the lengths of its sounds are known.
async fn reserve(service: &Service, job: &mut Job, spec: &VideoSpec, files: &Files, price: Price) -> Result<(), Trouble> {
    let limits = sound_limits(service);
    let mut seconds = 0.0;
    for (scene, file) in spec.scenes.iter().zip(&files.sounds) {
        let heard = match (&scene.sound, file) {
            (Some(sound), Some(file)) => {
                let path = file.clone();
                let probe = tokio::task::spawn_blocking(move || sound::probe(&path, &limits, &Tools::from_env()));
                let facts = probe.await.map_err(Trouble::panicked)?;
                facts.map_err(|e| e.about(sound.field()))?.seconds.unwrap_or(0.0).max(1.0)
            }
            _ => 0.0,
        };
        seconds += scene.seconds.unwrap_or(heard);
    }
    job::reserve_whole(service, job, price.of_seconds(seconds))
        .await
        .map_err(Trouble::from)
}

fn sound_limits(service: &Service) -> sound::Limits {
    sound::Limits {
        bytes: service.config.limits.sound_bytes,
        seconds: f64::from(service.config.limits.speech_seconds),
    }
}

/// How large the media are.
struct Sizes {
    first: Natural,
    others: HashMap<String, anchor::Size>,
}

impl Sizes {
    async fn read(spec: &VideoSpec, files: &Files) -> Result<Self, Trouble> {
        let first = spec.scenes.first().map(|scene| scene.avatar.field.clone());
        let first = first.ok_or_else(|| Problem::internal("a video without a scene"))?;
        // Otherwise nothing hangs on them.
        let needed = spec.anchor == AnchorRule::Documented || !matches!(spec.canvas, CanvasSpec::Given { .. });
        let media = if needed { files.media.clone() } else { HashMap::new() };
        let reading = tokio::task::spawn_blocking(move || {
            let mut others = HashMap::new();
            for (field, file) in &media {
                if let Ok((width, height)) = mouthpiece_render::natural_size(file) {
                    others.insert(field.clone(), (f64::from(width), f64::from(height)));
                }
            }
            let rate = media
                .get(&first)
                .and_then(|file| mouthpiece_render::natural_rate(file).ok().flatten());
            (others, first, rate)
        });
        let (others, first, fps) = reading.await.map_err(Trouble::panicked)?;
        // The renderer refuses what has no size.
        let (width, height) = others.get(&first).copied().unwrap_or((1280.0, 720.0));
        let first = Natural {
            width: width as u32,
            height: height as u32,
            fps,
        };
        Ok(Self { first, others })
    }

    fn of(&self, field: &str) -> Option<anchor::Size> {
        self.others.get(field).copied()
    }
}

/// Renders, after what a former attempt has left.
async fn render(studio: &Studio, spec: &VideoSpec, scenes: Vec<Scene>, desk: &Desk, file: &Path, gauge: &Gauge) -> Result<Report, Trouble> {
    let models = studio.models().await?;
    let output = Output {
        path: PathBuf::from(file),
        poster: None,
        quality: Quality::Standard,
        encode: EncodePath::Auto,
        threads: studio.threads,
        sound: sound_limits(&studio.service),
        packs: Some(studio.service.packs()),
    };
    let (mut gauge, shelf) = (gauge.clone(), desk.shelf());
    let rendering = tokio::task::spawn_blocking(move || mouthpiece_render::render_kept(&scenes, &output, &shelf, &models, &mut gauge));
    let made = rendering.await.map_err(Trouble::panicked)?;
    Ok(made.map_err(|e| match &spec.scenes[..] {
        // Of several, the renderer names the file, which has the field's name.
        [SceneSpec { sound: Some(sound), .. }] if is_about_sound(e.kind) => e.about(sound.field()),
        _ => e,
    })?)
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
