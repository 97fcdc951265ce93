//! Frames of a talking avatar: local files in, one local file out.
//!
//! No HTTP, no database, no async and no urls live here; see `ARCHITECTURE.md` for the walk of one video.

pub mod composite;
pub mod driver;
pub mod error;
mod examine;
pub mod face;
mod footage;
mod lettering;
mod listen;
pub mod matte;
pub mod media;
pub mod model;
pub mod mouth;
mod pipeline;
mod progress;
pub mod scene;
mod scenes;
mod show;
pub mod speech;

use std::path::{Path, PathBuf};

pub use error::{Error, Kind};
pub use examine::{Examined, examine, natural_rate, natural_size, prepared};
pub use footage::{Covered, Lost, PackCache, PackFacts, Report as FootageReport, Shape, Why};
pub use media::encode::Quality;
pub use model::RuntimeChoice;
pub use progress::{Flow, Progress, Stage, aside, go_on};
pub use show::{Avatar, Desk, Show};

use composite::{Strata, overlay};
use error::Result;
use face::FaceNets;
use footage::{Opener, Pack};
use lettering::Lettering;
use matte::MatteNet;
use media::encode::{self, EncodeSettings, Encoder};
use media::sound::SoundFacts;
use media::{Planes, Tools, image, sniff, sound};
use model::Runtime;
use mouth::{MouthNets, MouthTrack};
use progress::Watch;
use scene::{Captions, Scene};
use speech::captions::{self, Files};
use speech::{Language, Readers, TimedWord};

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
    /// Threads that draw.
    pub threads: usize,
    /// What the recording may be.
    pub sound: sound::Limits,
    /// Where the packs of clips are kept; without it each render prepares its clip anew.
    pub packs: Option<PackCache>,
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
    render_all(std::slice::from_ref(scene), output, models, progress)
}

/// Renders scenes to one file, one after the other; all have the canvas and the captions of the first.
pub fn render_all(scenes: &[Scene], output: &Output, models: &Models, progress: &mut dyn Progress) -> Result<Report> {
    let tools = Tools::from_env();
    let mut watch = Watch::new(progress);
    let first = scenes::first(scenes)?;
    encode::check_output(&output.path)?;
    let facts = watch.stage(Stage::Reading, |w| scenes::probe(scenes, output, &tools, w))?;
    let (mut speaker, mut warnings) = scenes::look(scenes, output, models, &tools, &mut watch)?;
    let heard = watch.stage(Stage::Mouth, |w| scenes::listen(scenes, &facts, output, models, &tools, w))?;
    warnings.extend(heard.warnings);
    let Written { files, lettering, warning } = write_captions(first, heard.language, &heard.words, output)?;
    warnings.extend(warning);
    let frames = heard.tracks.iter().map(|track| track.shapes.len()).sum();
    watch.stage(Stage::Drawing, |w| {
        let track = scenes::SoundTrack::new(scenes, &facts, &heard.tracks, &output.path, &tools, w)?;
        let (sound, facts) = track.recording();
        let mut writer = Writer::new(first, (sound, facts), frames, output, lettering, &tools)?;
        let mut begun = 0;
        for (scene, track) in scenes.iter().zip(heard.tracks) {
            let last = begun + track.shapes.len();
            let speaker = match speaker.take() {
                Some(speaker) => speaker,
                None => look(scene, output, models, &tools, w)?.0,
            };
            let film = Filming {
                scene,
                output,
                tools: &tools,
            };
            // Shares of the scene, as its share of all.
            let alive = |done: u64, total: u64| {
                let share = (last - begun) as u64 * done / total.max(1);
                w.check(begun as u64 + share, frames as u64)
            };
            film.draw(speaker, track, &mut |index, frame| writer.write(begun + index, frame), alive)?;
            begun = last;
        }
        writer.finish(&mut || w.check(frames as u64, frames as u64))
    })?;
    let captions = files.map_or(Ok(Vec::new()), Files::publish)?;
    let seconds = frames as f64 / first.canvas().fps().as_f64();
    Ok(Report {
        frames: frames as u64,
        seconds,
        warnings,
        words: heard.words,
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
fn write_captions(scene: &Scene, language: Language, words: &[TimedWord], output: &Output) -> Result<Written> {
    if scene.captions() == Captions::None || words.is_empty() {
        return Ok(Written::default());
    }
    let files = Files::write(&captions::cues(words), &output.path)?;
    let (lettering, warning) = match scene.captions() {
        Captions::Burn(size) => {
            let (lettering, warning) = Lettering::new(words, scene.canvas(), size, language);
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
    Footage(Box<Pack>),
}

/// Opens the avatar: a photo, whose face is found, or a video, which is prepared if it was not yet.
fn look(scene: &Scene, output: &Output, models: &Models, tools: &Tools, watch: &mut Watch) -> Result<(Speaker, Vec<String>)> {
    let (path, _) = scene.avatar();
    let about = |e: Error| e.about(&format!("the avatar {}", show::file_name(path)));
    if let sniff::Kind::Image(_) = sniff::avatar(path).map_err(about)? {
        return watch.stage(Stage::Face, |w| photo(scene, path, models, w)).map_err(about);
    }
    if scene.matte() {
        return Err(Error::new(
            Kind::SceneInvalid,
            "matte cuts the person out of a photo, and cannot yet do so in a video",
        ));
    }
    let opener = Opener {
        nets: &models.face,
        tools,
        threads: output.threads,
        cache: output.packs.as_ref(),
        folder: encode::folder(&output.path),
    };
    let pack = opener.open(path, watch).map_err(about)?;
    let warnings = pack.facts.warnings.clone();
    Ok((Speaker::Footage(Box::new(pack)), warnings))
}

/// Opens a photo, finds its face and, if asked, cuts the person out.
fn photo(scene: &Scene, path: &Path, models: &Models, watch: &mut Watch) -> Result<(Speaker, Vec<String>)> {
    let file = path.to_owned();
    let mut picture = progress::apart(move || image::open(&file, &image::Limits::default()), &mut || watch.check(0, 3))?;
    let analysis = progress::aside(|| face::analyse(&picture, &models.face), &mut || watch.check(1, 3))?;
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

/// Prepares a clip: its pack is written to `output`, unless it is there already. Says what the pack's header says, and whether it was made
/// anew. On any error, and when `progress` says stop, nothing is left behind.
pub fn prepare(
    clip: &Path,
    output: &Path,
    packs: Option<&PackCache>,
    models: &Models,
    threads: usize,
    progress: &mut dyn Progress,
) -> Result<(PackFacts, bool)> {
    let opener = Opener {
        nets: &models.face,
        tools: &Tools::from_env(),
        threads,
        cache: packs,
        folder: encode::folder(output),
    };
    encode::check_output(output)?;
    opener.build(clip, output, &mut Watch::new(progress))
}

/// What the header of a pack says; the whole file is looked at, but for its frames.
pub fn pack_facts(path: &Path) -> Result<PackFacts> {
    Pack::open(path).map(|pack| pack.facts)
}

/// What drawing every frame of a scene needs.
struct Filming<'a> {
    scene: &'a Scene,
    output: &'a Output,
    tools: &'a Tools,
}

/// Takes the frames of a scene, in order, and leaves each as it was.
type Take<'a> = &'a mut dyn FnMut(usize, &mut Planes) -> Result<()>;

impl Filming<'_> {
    /// `alive` hears how much of how much is done.
    fn draw(&self, speaker: Speaker, track: MouthTrack, write: Take, mut alive: impl FnMut(u64, u64) -> Result<()>) -> Result<()> {
        if self.scene.moves() {
            let mut strata = Strata::open(self.scene, track.shapes.len(), self.tools)?;
            return self.among(&mut strata, speaker, track, write, &mut alive);
        }
        match speaker {
            Speaker::Photo(avatar) => {
                let show = Show::new(self.scene, avatar, track)?;
                let frames = show.frames() as u64;
                pipeline::run(&show, self.output.threads, |index, frame| {
                    write(index, frame)?;
                    alive(index as u64 + 1, frames)
                })
            }
            Speaker::Footage(pack) => self.stage(self.scene).draw(&pack, track, write, &mut alive),
        }
    }

    /// Draws the avatar by itself, and puts each of its frames between layers that move.
    fn among(
        &self,
        strata: &mut Strata,
        speaker: Speaker,
        track: MouthTrack,
        write: Take,
        alive: &mut dyn FnMut(u64, u64) -> Result<()>,
    ) -> Result<()> {
        let frames = track.shapes.len() as u64;
        let mut canvas = strata.blank();
        match speaker {
            Speaker::Photo(avatar) => {
                let show = Show::alone(self.scene, avatar, track)?;
                let mut figure = show.figure();
                pipeline::patches(&show, self.output.threads, |index, patch| {
                    let mut ask = || alive(index as u64, frames);
                    strata.under(&mut canvas, &mut ask)?;
                    figure.draw(patch, &mut canvas);
                    strata.over(&mut canvas, &mut ask)?;
                    write(index, &mut canvas)?;
                    alive(index as u64 + 1, frames)
                })
            }
            Speaker::Footage(pack) => {
                let natural = (pack.facts.width, pack.facts.height);
                let seen = composite::place(self.scene.avatar().1, natural, self.scene.canvas()).clip;
                let alive = std::cell::RefCell::new(alive);
                let mut between = |index: usize, drawn: &mut Planes| {
                    let mut ask = || (alive.borrow_mut())(index as u64, frames);
                    strata.under(&mut canvas, &mut ask)?;
                    overlay::copy(drawn, seen, &mut canvas);
                    strata.over(&mut canvas, &mut ask)?;
                    write(index, &mut canvas)
                };
                let alone = self.scene.alone();
                self.stage(&alone)
                    .draw(&pack, track, &mut between, &mut |done, total| (alive.borrow_mut())(done, total))
            }
        }
    }

    fn stage<'a>(&'a self, scene: &'a Scene) -> footage::Stage<'a> {
        footage::Stage {
            scene,
            tools: self.tools,
            threads: self.output.threads,
        }
    }
}

/// The video and its poster, with captions over all.
struct Writer {
    encoder: Encoder,
    poster: Option<media::Poster>,
    lettering: Option<Lettering>,
}

impl Writer {
    fn new(
        scene: &Scene,
        (sound, facts): (&Path, &SoundFacts),
        frames: usize,
        output: &Output,
        lettering: Option<Lettering>,
        tools: &Tools,
    ) -> Result<Self> {
        let canvas = scene.canvas();
        let encoder = Encoder::start(&EncodeSettings {
            width: canvas.width() as usize,
            height: canvas.height() as usize,
            fps: canvas.fps(),
            frames,
            sound,
            facts,
            output: &output.path,
            quality: output.quality,
            tools,
        })?;
        let poster = output.poster.as_deref().map(media::Poster::new).transpose()?;
        Ok(Self {
            encoder,
            poster,
            lettering,
        })
    }

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
