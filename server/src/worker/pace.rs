//! How fast an avatar can be driven on this machine: a few seconds of speech are drawn and encoded as a video's are, and timed.

use std::path::Path;

use mouthpiece_render::media::sound;
use mouthpiece_render::scene::{Canvas, Fps, Scene};
use mouthpiece_render::speech::{AudioFormat, Recording};
use mouthpiece_render::{EncodePath, Examined, Output, Quality, Stage};

use super::Studio;
use super::desk::Desk;
use super::speech::Actor;
use super::trouble::Trouble;
use crate::gauge::Gauge;
use crate::problem::Problem;
use crate::spec::speech::VoiceSource;

/// What is said while the clock runs: open, round and closed mouths, some three seconds.
const TEXT: &str = "My father may choose five big blue maps, and you may see more people move them.";
/// The longest and the shortest side of a live picture.
const LARGEST: (f64, f64) = (1920.0, 1080.0);

/// Seconds of video that are made in a second, after everything that is done once.
pub async fn measure(studio: &Studio, media: &Path, avatar: &Examined, desk: &Desk, gauge: &Gauge) -> Result<f64, Trouble> {
    let service = &studio.service;
    let cast = service.voices.now().await?;
    let voice = cast.official.first().ok_or_else(|| Problem::internal("no voice to measure with"))?;
    let actor = Actor::of(service, &VoiceSource::Official(voice.info.id.clone()), "voice").await?;
    let speech = desk.file("speech.wav");
    let to = Recording {
        path: speech.clone(),
        format: AudioFormat::Wav,
        rate: None,
        bitrate: None,
        channels: 1,
    };
    actor.say("speech", TEXT, to, gauge).await?;
    let scene = Scene::portrait(canvas(avatar)?, media, &speech).map_err(Problem::from)?;
    let output = Output {
        path: desk.file("pace.mp4"),
        poster: None,
        quality: Quality::Standard,
        encode: EncodePath::Auto,
        threads: studio.threads,
        sound: sound::Limits::default(),
        packs: Some(service.packs()),
    };
    let (models, mut gauge) = (studio.models().await?, gauge.clone());
    let drawing = tokio::task::spawn_blocking(move || mouthpiece_render::render(&scene, &output, &models, &mut gauge));
    let report = drawing.await.map_err(Trouble::panicked)??;
    let drawn = report.stages.iter().filter(|(stage, _)| *stage == Stage::Drawing);
    let wall: f64 = drawn.map(|(_, seconds)| seconds).sum();
    Ok(report.seconds / wall.max(1e-3))
}

/// What the client is told of an avatar that is too slow.
pub fn warning(pace: f64) -> Option<String> {
    (pace < 1.0).then(|| {
        format!("it cannot be driven live on this machine: {pace:.2} seconds of video are made in a second; a smaller picture is faster")
    })
}

/// As large as the avatar, to a limit.
fn canvas(avatar: &Examined) -> Result<Canvas, Problem> {
    let (width, height) = (f64::from(avatar.width.max(1)), f64::from(avatar.height.max(1)));
    let scale = (LARGEST.0 / width.max(height)).min(LARGEST.1 / width.min(height)).min(1.0);
    let side = |length: f64| {
        let even = (length * scale / 2.0).floor() * 2.0;
        even.clamp(f64::from(*Canvas::SIDE.start()), f64::from(*Canvas::SIDE.end())) as u32
    };
    Ok(Canvas::new(side(width), side(height), Fps::DEFAULT)?)
}
