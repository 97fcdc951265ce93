//! Frames of a talking avatar: local files in, one local file out.
//!
//! No HTTP, no database, no async and no urls live here; see `ARCHITECTURE.md` for the walk of one video.

pub mod composite;
pub mod driver;
pub mod error;
mod examine;
pub mod face;
mod footage;
pub mod h264;
mod lettering;
mod listen;
pub mod matte;
pub mod media;
pub mod model;
pub mod mouth;
mod pipeline;
mod progress;
pub mod scene;
mod show;
pub mod speech;

use std::path::PathBuf;

pub use error::{Error, Kind};
pub use examine::{Examined, examine, natural_size};
pub use media::encode::{EncodePath, Quality, Shape};
pub use model::RuntimeChoice;
pub use progress::{Flow, Progress, Stage, aside, go_on};
pub use show::{Avatar, Desk, Show};

use driver::Region;
use error::Result;
use face::FaceNets;
use footage::Clip;
use lettering::Lettering;
use listen::{Listened, about_sound};
use matte::MatteNet;
use media::encode::{self, EncodeSettings, Encoder, KEY_SECONDS};
use media::sound::SoundFacts;
use media::{Planes, Tools, image, sniff, sound};
use model::Runtime;
use mouth::{MouthNets, MouthTrack};
use progress::Watch;
use scene::{Captions, Scene};
use speech::captions::{self, Files};
use speech::{Readers, TimedWord};

/// Every net that rendering needs, loaded once.
pub struct Models {
    pub face: FaceNets,
    pub mouth: MouthNets,
    pub matte: MatteNet,
    pub readers: Readers,
}

impl Models {
    pub fn load(choice: &RuntimeChoice) -> Result<Self> {
        let runtime = Runtime::from_choice(choice)?;
        Ok(Self {
            face: FaceNets::load(&runtime)?,
            mouth: MouthNets::load(&runtime)?,
            matte: MatteNet::load(&runtime)?,
            readers: Readers::new(&runtime),
        })
    }
}

/// Where the video goes, and how it is made.
pub struct Output {
    pub path: PathBuf,
    /// The first frame as a picture (png, or jpeg by its name).
    pub poster: Option<PathBuf>,
    pub quality: Quality,
    pub encode: EncodePath,
    /// Threads that draw.
    pub threads: usize,
    /// What the recording may be.
    pub sound: sound::Limits,
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Report {
    pub frames: u64,
    /// Length of picture and sound.
    pub seconds: f64,
    pub warnings: Vec<String>,
    /// When each word is said, where that is known.
    pub words: Vec<TimedWord>,
    /// Caption files, SubRip and WebVTT, where they were asked for and the words are known.
    pub captions: Vec<PathBuf>,
    /// Wall-clock seconds of each stage.
    pub stages: Vec<(Stage, f64)>,
}

/// Renders a scene to a file; on any error, and when `progress` says stop, nothing is left behind.
pub fn render(scene: &Scene, output: &Output, models: &Models, progress: &mut dyn Progress) -> Result<Report> {
    let tools = Tools::from_env();
    let mut watch = Watch::new(progress);
    encode::check_output(&output.path)?;
    let facts = watch.stage(Stage::Reading, |w| {
        let probe = || sound::probe(scene.sound(), &output.sound, &tools).map_err(about_sound);
        progress::aside(probe, &mut || w.check(0, 1))
    })?;
    let (speaker, mut warnings) = watch.stage(Stage::Face, |w| look(scene, models, &tools, w))?;
    let Listened { track, words, warning } =
        watch.stage(Stage::Mouth, |w| listen::listen(scene, &facts, &output.sound, models, &tools, w))?;
    warnings.extend(warning);
    let Written { files, lettering, warning } = write_captions(scene, &words, output)?;
    warnings.extend(warning);
    let frames = track.shapes.len();
    let film = Filming {
        scene,
        facts: &facts,
        output,
        models,
        tools: &tools,
        lettering,
    };
    watch.stage(Stage::Drawing, |w| match speaker {
        Speaker::Photo(avatar) => film.photo(avatar, track, w),
        Speaker::Footage(clip) => film.footage(&clip, track, w),
    })?;
    let captions = files.map_or(Ok(Vec::new()), Files::publish)?;
    let seconds = frames as f64 / scene.canvas().fps().as_f64();
    Ok(Report {
        frames: frames as u64,
        seconds,
        warnings,
        words,
        captions,
        stages: watch.stages(),
    })
}

/// Captions on their way.
#[derive(Default)]
struct Written {
    files: Option<Files>,
    lettering: Option<Lettering>,
    warning: Option<String>,
}

/// Writes the files of captions, and prepares those in the picture.
fn write_captions(scene: &Scene, words: &[TimedWord], output: &Output) -> Result<Written> {
    if scene.captions() == Captions::None || words.is_empty() {
        return Ok(Written::default());
    }
    let files = Files::write(&captions::cues(words), &output.path)?;
    let (lettering, warning) = match scene.captions() {
        Captions::Burn(size) => {
            let (lettering, warning) = Lettering::new(words, scene.canvas(), size, scene.language());
            (Some(lettering), warning)
        }
        Captions::None | Captions::File => (None, None),
    };
    Ok(Written {
        files: Some(files),
        lettering,
        warning,
    })
}

/// Who speaks.
enum Speaker {
    Photo(Avatar),
    Footage(Box<Clip>),
}

/// Opens the avatar, finds its face and, if asked, cuts the person out.
fn look(scene: &Scene, models: &Models, tools: &Tools, watch: &mut Watch) -> Result<(Speaker, Vec<String>)> {
    let (path, _) = scene.avatar();
    let about = |e: Error| e.about(&format!("the avatar {}", show::file_name(path)));
    if let sniff::Kind::Video(_) = sniff::avatar(path).map_err(about)? {
        if scene.matte() {
            return Err(Error::new(
                Kind::SceneInvalid,
                "matte cuts the person out of a photo, and cannot yet do so in a video",
            ));
        }
        let clip = Clip::open(path, &models.face, tools, &mut |done, total| watch.check(done, total)).map_err(about)?;
        let warnings = clip.warnings();
        return Ok((Speaker::Footage(Box::new(clip)), warnings));
    }
    let file = path.to_owned();
    let mut picture = progress::apart(move || image::open(&file, &image::Limits::default()), &mut || watch.check(0, 3)).map_err(about)?;
    let seen = progress::aside(|| face::analyse(&picture, &models.face), &mut || watch.check(1, 3));
    let analysis = seen.map_err(about)?;
    if scene.matte() {
        let cut = || matte::cut_out(&picture, &analysis.face, &models.matte);
        picture = progress::aside(cut, &mut || watch.check(2, 3))?;
    }
    let warnings = analysis.warnings.iter().map(|w| w.sentence.clone()).collect();
    let avatar = Avatar {
        picture,
        landmarks: analysis.face.landmarks,
    };
    Ok((Speaker::Photo(avatar), warnings))
}

/// What drawing and encoding every frame needs.
struct Filming<'a> {
    scene: &'a Scene,
    facts: &'a SoundFacts,
    output: &'a Output,
    models: &'a Models,
    tools: &'a Tools,
    lettering: Option<Lettering>,
}

impl Filming<'_> {
    fn photo(self, avatar: Avatar, track: MouthTrack, watch: &mut Watch) -> Result<()> {
        let mut show = Show::new(self.scene, avatar, track)?;
        let canvas = show.take_still();
        let (frames, threads) = (show.frames(), self.output.threads);
        let mut writer = self.writer(frames, show.region())?;
        pipeline::run(&show, canvas, threads, |index, frame| {
            writer.write(index, frame)?;
            watch.check(index as u64 + 1, frames as u64)
        })?;
        writer.finish(&mut || watch.check(frames as u64, frames as u64))
    }

    fn footage(self, clip: &Clip, track: MouthTrack, watch: &mut Watch) -> Result<()> {
        let stage = footage::Stage {
            scene: self.scene,
            nets: &self.models.face,
            tools: self.tools,
            threads: self.output.threads,
            folder: encode::folder(&self.output.path),
        };
        let frames = track.shapes.len();
        // Everything may move in a video.
        let natural = (clip.facts.width as usize, clip.facts.height as usize);
        let shown = composite::place(self.scene.avatar().1, natural, self.scene.canvas()).clip;
        let mut writer = self.writer(frames, Region::of(&shown))?;
        stage.draw(clip, track, &mut |index, frame| writer.write(index, frame), &mut |done, total| {
            watch.check(done, total)
        })?;
        writer.finish(&mut || watch.check(frames as u64, frames as u64))
    }

    /// `avatar` is where it moves.
    fn writer(self, frames: usize, avatar: Region) -> Result<Writer> {
        let canvas = self.scene.canvas();
        let captions = self.lettering.as_ref().and_then(Lettering::region);
        let moving: Vec<Region> = captions.into_iter().chain([avatar]).collect();
        let encoder = Encoder::start(&EncodeSettings {
            width: canvas.width() as usize,
            height: canvas.height() as usize,
            fps: canvas.fps(),
            frames,
            sound: self.scene.sound(),
            facts: self.facts,
            output: &self.output.path,
            quality: self.output.quality,
            path: self.output.encode,
            moving: &moving,
            key_seconds: KEY_SECONDS,
            tools: self.tools,
        })?;
        let poster = self.output.poster.as_deref().map(media::Poster::new).transpose()?;
        Ok(Writer {
            encoder,
            poster,
            lettering: self.lettering,
        })
    }
}

/// The video and its poster, with captions over all.
struct Writer {
    encoder: Encoder,
    poster: Option<media::Poster>,
    lettering: Option<Lettering>,
}

impl Writer {
    /// Draws on a frame, and leaves it as it was.
    fn write(&mut self, index: usize, frame: &mut Planes) -> Result<()> {
        if let (0, Some(poster)) = (index, &mut self.poster) {
            // Without a caption, which would be the first words and nothing else.
            poster.draw(frame)?;
        }
        match &mut self.lettering {
            Some(lettering) => lettering.over(index, frame, |frame| self.encoder.write(frame)),
            None => self.encoder.write(frame),
        }
    }

    fn finish(self, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        self.encoder.finish_while(alive)?;
        self.poster.map_or(Ok(()), media::Poster::publish)
    }
}
