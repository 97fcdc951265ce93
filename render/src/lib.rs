//! Frames of a talking avatar: local files in, one local file out.
//!
//! No HTTP, no database, no async and no urls live here; see `ARCHITECTURE.md` for the walk of one video.

pub mod composite;
pub mod driver;
pub mod error;
mod examine;
pub mod face;
mod filming;
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
mod scenes;
mod show;
pub mod speech;

use std::path::{Path, PathBuf};

pub use error::{Error, Kind};
pub use examine::{Examined, examine, natural_rate, natural_size, prepared};
pub use footage::{Covered, Lost, PackCache, PackFacts, Report as FootageReport, Shape, Why};
pub use media::encode::{EncodePath, EncodeShape, Quality};
pub use model::RuntimeChoice;
pub use progress::{Flow, Progress, Stage, aside, go_on};
pub use show::{Avatar, Desk, Show};

use driver::Region;
use error::Result;
use face::FaceNets;
use filming::{Film, Filming, Writer};
use footage::{Need, Opener, Pack};
use lettering::Lettering;
use matte::MatteNet;
use media::{Tools, encode, image, sniff, sound};
use model::Runtime;
use mouth::MouthNets;
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
    pub encode: EncodePath,
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
    let need = scenes::need(scenes, &facts);
    let (mut speaker, mut warnings) = scenes::look(scenes, need, output, models, &tools, &mut watch)?;
    let heard = watch.stage(Stage::Mouth, |w| scenes::listen(scenes, &facts, output, models, &tools, w))?;
    warnings.extend(heard.warnings);
    let frames: usize = heard.tracks.iter().map(|track| track.shapes.len()).sum();
    let seconds = frames as f64 / first.canvas().fps().as_f64();
    let Written { files, lettering, warning } = write_captions(first, heard.language, &heard.words, seconds, output)?;
    warnings.extend(warning);
    watch.stage(Stage::Drawing, |w| {
        let sound = scenes::SoundTrack::new(scenes, &facts, &heard.tracks, &output.path, &tools, w)?;
        let (mut writer, mut lettering, mut begun) = (None, lettering, 0);
        for (scene, track) in scenes.iter().zip(heard.tracks) {
            let last = begun + track.shapes.len();
            let speaker = match speaker.take() {
                Some(speaker) => speaker,
                None => look(scene, need, output, models, &tools, w)?.0,
            };
            let filming = Filming::new(scene, speaker, track, output.threads, &tools)?;
            let writer = match &mut writer {
                Some(writer) => writer,
                None => {
                    let canvas = first.canvas();
                    // From one scene to the next everything changes.
                    let moving = if scenes.len() == 1 {
                        filming.moving()
                    } else {
                        Region::whole(canvas)
                    };
                    let film = Film {
                        canvas,
                        frames,
                        sound: sound.recording(),
                        moving,
                    };
                    writer.insert(Writer::start(&film, lettering.take(), output, &tools)?)
                }
            };
            // Shares of the scene, as its share of all.
            let alive = |done: u64, total: u64| {
                let share = (last - begun) as u64 * done / total.max(1);
                w.check(begun as u64 + share, frames as u64)
            };
            filming.draw(&mut |index, frame| writer.write(begun + index, frame), alive)?;
            begun = last;
        }
        writer.map_or(Ok(()), |writer| writer.finish(&mut || w.check(frames as u64, frames as u64)))
    })?;
    let captions = files.map_or(Ok(Vec::new()), Files::publish)?;
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

/// Writes the files of captions, and prepares those in the picture, for a video of so many seconds.
fn write_captions(scene: &Scene, language: Language, words: &[TimedWord], seconds: f64, output: &Output) -> Result<Written> {
    if scene.captions() == Captions::None || words.is_empty() {
        return Ok(Written::default());
    }
    let files = Files::write(&captions::cues(words, seconds), &output.path)?;
    let (lettering, warning) = match scene.captions() {
        Captions::Burn(size) => {
            let (lettering, warning) = Lettering::new(words, seconds, scene.canvas(), size, language);
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
fn look(scene: &Scene, need: Need, output: &Output, models: &Models, tools: &Tools, watch: &mut Watch) -> Result<(Speaker, Vec<String>)> {
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
    let pack = opener.open(path, need, watch).map_err(about)?;
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
