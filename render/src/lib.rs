//! Frames of a talking avatar: local files in, one local file out.
//!
//! No HTTP, no database, no async and no urls live here; see `ARCHITECTURE.md` for the walk of one video.

pub mod composite;
pub mod driver;
pub mod error;
mod examine;
pub mod face;
mod footage;
pub mod matte;
pub mod media;
pub mod model;
pub mod mouth;
mod pipeline;
mod progress;
pub mod scene;
mod show;

use std::path::PathBuf;

pub use error::{Error, Kind};
pub use examine::{Examined, examine, natural_size};
pub use media::encode::Quality;
pub use model::RuntimeChoice;
pub use progress::{Flow, Progress, Stage};
pub use show::{Avatar, Desk, Show};

use error::Result;
use face::FaceNets;
use matte::MatteNet;
use media::encode::{self, EncodeSettings, Encoder};
use media::sound::SoundFacts;
use media::{Tools, image, sound};
use model::Runtime;
use mouth::{MouthNets, MouthTrack};
use progress::Watch;
use scene::Scene;

/// Every net that rendering needs, loaded once.
pub struct Models {
    pub face: FaceNets,
    pub mouth: MouthNets,
    pub matte: MatteNet,
}

impl Models {
    pub fn load(choice: &RuntimeChoice) -> Result<Self> {
        let runtime = Runtime::from_choice(choice)?;
        Ok(Self {
            face: FaceNets::load(&runtime)?,
            mouth: MouthNets::load(&runtime)?,
            matte: MatteNet::load(&runtime)?,
        })
    }
}

/// Where the video goes, and how it is made.
pub struct Output {
    pub path: PathBuf,
    /// The first frame as a picture (png, or jpeg by its name).
    pub poster: Option<PathBuf>,
    pub quality: Quality,
    /// Threads that draw.
    pub threads: usize,
}

/// What was made.
pub struct Report {
    pub frames: u64,
    /// Length of picture and sound.
    pub seconds: f64,
    pub warnings: Vec<String>,
    /// Wall-clock seconds of each stage.
    pub stages: Vec<(Stage, f64)>,
}

/// Renders a scene to a file; on any error, and when `progress` says stop, nothing is left behind.
pub fn render(scene: &Scene, output: &Output, models: &Models, progress: &mut dyn Progress) -> Result<Report> {
    let tools = Tools::from_env();
    let mut watch = Watch::new(progress);
    encode::check_output(&output.path)?;
    let facts = watch.stage(Stage::Reading, |_| {
        sound::probe(scene.sound(), &sound::Limits::default(), &tools).map_err(about_sound)
    })?;
    let (avatar, warnings) = watch.stage(Stage::Face, |_| look(scene, models))?;
    let track = watch.stage(Stage::Mouth, |w| listen(scene, &facts, models, &tools, w))?;
    let frames = track.shapes.len();
    watch.stage(Stage::Drawing, |w| draw(scene, avatar, track, &facts, output, &tools, w))?;
    let seconds = frames as f64 / scene.canvas().fps().as_f64();
    Ok(Report {
        frames: frames as u64,
        seconds,
        warnings,
        stages: watch.stages(),
    })
}

/// Opens the avatar, finds its face and, if asked, cuts the person out.
fn look(scene: &Scene, models: &Models) -> Result<(Avatar, Vec<String>)> {
    let (path, _) = scene.avatar();
    let about = |e: Error| e.about(&format!("the avatar {}", show::file_name(path)));
    let mut picture = image::open(path, &image::Limits::default()).map_err(about)?;
    let analysis = face::analyse(&picture, &models.face).map_err(about)?;
    if scene.matte() {
        picture = matte::cut_out(&picture, &analysis.face, &models.matte)?;
    }
    let warnings = analysis.warnings.iter().map(|w| w.sentence.clone()).collect();
    Ok((
        Avatar {
            picture,
            landmarks: analysis.face.landmarks,
        },
        warnings,
    ))
}

/// Turns the recording into a mouth track; its length decides the video's.
fn listen(scene: &Scene, facts: &SoundFacts, models: &Models, tools: &Tools, watch: &mut Watch) -> Result<MouthTrack> {
    let fps = scene.canvas().fps();
    let mut samples = sound::decode_mono_16k(scene.sound(), facts, &sound::Limits::default(), tools).map_err(about_sound)?;
    let expected = facts.seconds.unwrap_or(0.0).ceil() as u64;
    let mut heard = 0;
    let mut blocks = samples.by_ref().map(|block| {
        heard += 1;
        watch.check(heard, expected.max(heard))?;
        block.map_err(about_sound)
    });
    let phonemes = Some(scene.phonemes()).filter(|p| !p.is_empty());
    let track = mouth::track(&mut blocks, |seconds| fps.frames(seconds).max(1), fps, phonemes, &models.mouth)?;
    samples.audible().map_err(about_sound)?;
    Ok(track)
}

/// Draws and encodes every frame.
fn draw(
    scene: &Scene,
    avatar: Avatar,
    track: MouthTrack,
    facts: &SoundFacts,
    output: &Output,
    tools: &Tools,
    watch: &mut Watch,
) -> Result<()> {
    let canvas = scene.canvas();
    let show = Show::new(scene, avatar, track)?;
    let frames = show.frames();
    let mut encoder = Encoder::start(&EncodeSettings {
        width: canvas.width() as usize,
        height: canvas.height() as usize,
        fps: canvas.fps(),
        frames,
        sound: scene.sound(),
        facts,
        output: &output.path,
        quality: output.quality,
        tools,
    })?;
    let mut poster = output.poster.as_deref().map(media::Poster::new).transpose()?;
    pipeline::run(&show, output.threads, |index, frame| {
        if let (0, Some(poster)) = (index, &mut poster) {
            poster.draw(frame)?;
        }
        encoder.write(frame)?;
        watch.check(index as u64 + 1, frames as u64)
    })?;
    encoder.finish()?;
    poster.map_or(Ok(()), media::Poster::publish)
}

fn about_sound(e: Error) -> Error {
    e.about("the recording")
}
