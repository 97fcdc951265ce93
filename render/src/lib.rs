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
mod memory;
pub mod model;
pub mod mouth;
mod pipeline;
mod progress;
mod ranges;
pub mod scene;
mod scenes;
mod show;
pub mod speech;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use error::{Error, Kind};
pub use examine::{Examined, examine, natural_rate, natural_size, prepared};
pub use footage::{Covered, Lost, PackCache, PackFacts, Report as FootageReport, Shape, Why};
pub use media::Shelf;
pub use media::encode::{EncodePath, EncodeShape, Quality};
pub use model::RuntimeChoice;
pub use progress::{Flow, Progress, Stage, aside, go_on};
pub use ranges::Frames;
pub use show::{Avatar, Desk, Show};

use driver::Region;
use error::Result;
use face::FaceNets;
use filming::{Film, Filming, Writer};
use footage::{Need, Opener, Pack};
use lettering::Lettering;
use matte::MatteNet;
use media::encode::Goal;
use media::piece::{self, Order};
use media::{Tools, encode, image, sniff, sound};
use model::{Lent, Runtime};
use mouth::MouthNets;
use progress::Watch;
use ranges::Wish;
use scene::{Captions, Scene};
use speech::captions::{self, Files};
use speech::{Language, Readers, TimedWord};

/// Every net that rendering needs. None is in memory that nobody uses.
pub struct Models {
    face: Lent<FaceNets>,
    mouth: Lent<MouthNets>,
    matte: Lent<MatteNet>,
    readers: Readers,
}

impl Models {
    /// Finds what runs them.
    pub fn new(choice: &RuntimeChoice) -> Result<Self> {
        let runtime = Runtime::from_choice(choice)?;
        let (face, mouth, matte) = (runtime.clone(), runtime.clone(), runtime.clone());
        Ok(Self {
            face: Lent::new(move || FaceNets::load(&face)),
            mouth: Lent::new(move || MouthNets::load(&mouth)),
            matte: Lent::new(move || MatteNet::load(&matte)),
            readers: Readers::new(&runtime),
        })
    }

    /// Those that find faces.
    pub fn face(&self) -> Result<Arc<FaceNets>> {
        self.face.get()
    }

    /// Loads all of them once: an error says which do not run here.
    pub fn check(&self) -> Result<()> {
        self.face.get()?;
        self.mouth.get()?;
        self.matte.get().map(drop)
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
    /// Those that were drawn: a range, of a piece; without those that a former attempt had drawn.
    pub drawn: Range<u64>,
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
    make(scenes, output, &Wish::Video, models, progress)
}

/// The same; what is finished of a long video is kept on the shelf while it is made, and what former attempts left there is taken over if it
/// is of the very same video, made by the same program. The file is the same as without, byte by byte.
///
/// The shelf stays where the render fails: for the next attempt. A poster needs the first frame: with one, nothing is taken over.
pub fn render_kept(scenes: &[Scene], output: &Output, shelf: &Shelf, models: &Models, progress: &mut dyn Progress) -> Result<Report> {
    make(scenes, output, &Wish::Kept(shelf), models, progress)
}

/// Renders some of the frames to a piece at `output.path`, which [`join`] joins with the others. Everything is heard, for what one frame shows
/// depends on all that is said. The poster is made with the first frame, and the captions wait in its piece.
pub fn render_piece(scenes: &[Scene], output: &Output, frames: &Frames, models: &Models, progress: &mut dyn Progress) -> Result<Report> {
    make(scenes, output, &Wish::Piece(frames), models, progress)
}

/// Joins the pieces of a video, in whatever order they are named: the file is the same as if it had been made at once, byte by byte.
pub fn join(pieces: &[PathBuf], output: &Path, progress: &mut dyn Progress) -> Result<Report> {
    encode::check_output(output)?;
    let mut watch = Watch::new(progress);
    let about = |e: Error, path: &Path| match e.kind {
        Kind::PieceUnfit | Kind::FileUnreadable => e.about(&format!("the piece {}", show::file_name(path))),
        _ => e,
    };
    let joined = watch.stage(Stage::Joining, |w| {
        let mut alive = |done: usize, all: usize| w.check(done as u64, all as u64);
        piece::join(pieces, output, &Tools::from_env(), &about, &mut alive)
    })?;
    let captions = match joined.captions {
        Some(piece::Captions { srt, vtt }) => Files::write([srt, vtt], output)?.publish()?,
        None => Vec::new(),
    };
    Ok(Report {
        frames: joined.frames as u64,
        drawn: 0..0,
        seconds: joined.seconds,
        warnings: Vec::new(),
        words: Vec::new(),
        captions,
        stages: watch.stages(),
    })
}

fn make(scenes: &[Scene], output: &Output, wish: &Wish, models: &Models, progress: &mut dyn Progress) -> Result<Report> {
    let tools = Tools::from_env();
    let mut watch = Watch::new(progress);
    let first = scenes::first(scenes)?;
    encode::check_output(&output.path)?;
    let facts = watch.stage(Stage::Reading, |w| scenes::probe(scenes, output, &tools, w))?;
    let need = match wish {
        // Wherever pieces are made, they are made of the same.
        Wish::Piece(_) => Need::Whole,
        Wish::Video | Wish::Kept(_) => scenes::need(scenes, &facts),
    };
    let encode_sound = || match wish {
        // Its recording is kept as it is.
        Wish::Piece(_) => Ok(None),
        Wish::Video | Wish::Kept(_) => scenes::encode_sound(scenes, &facts, &output.path, &tools),
    };
    // Beside all that one thread does before frames are drawn; but hearing what is long needs memory of its own.
    let long = scenes::are_long(&facts);
    let mut encoding = if long { None } else { encode_sound()? };
    let (mut speaker, mut warnings) = scenes::look(scenes, need, output, models, &tools, &mut watch)?;
    let heard = watch.stage(Stage::Mouth, |w| scenes::listen(scenes, &facts, output, models, &tools, w))?;
    if long {
        encoding = encode_sound()?;
    }
    warnings.extend(heard.warnings);
    let frames: usize = heard.tracks.iter().map(|track| track.shapes.len()).sum();
    let seconds = frames as f64 / first.canvas().fps().as_f64();
    let Lettered { texts, lettering, warning } = letter(first, heard.language, &heard.words, seconds);
    warnings.extend(warning);
    let (goal, files) = watch.stage(Stage::Drawing, |w| goal(wish, scenes, texts, output, frames, &tools, w))?;
    let drawn = goal.range(frames);
    // A piece is all that is made; a video may be there in part.
    let (from, all) = match goal {
        Goal::Piece(_) => (drawn.start, drawn.len() as u64),
        Goal::Video | Goal::Kept(..) => (0, frames as u64),
    };
    watch.stage(Stage::Drawing, |w| {
        let sound = scenes::SoundTrack::new(scenes, &facts, &heard.tracks, &output.path, &tools, w)?;
        let (mut writer, mut lettering, mut goal, mut begun) = (None, lettering, Some(goal), 0);
        for (scene, track) in scenes.iter().zip(heard.tracks) {
            let last = begun + track.shapes.len();
            // Those of its own frames that are drawn.
            let own = drawn.start.max(begun) - begun..drawn.end.clamp(begun, last) - begun;
            if own.is_empty() {
                begun = last;
                continue;
            }
            let speaker = match speaker.take() {
                Some(speaker) => speaker,
                None => look(scene, need, output, models, &tools, w)?.0,
            };
            let filming = Filming::new(scene, speaker, track, output.threads, &tools)?;
            // What was needed to hear, to see and to put together is needed no more; drawing needs the most.
            memory::give_back();
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
                        encoding: encoding.take(),
                        moving,
                        goal: goal.take().unwrap_or_default(),
                    };
                    writer.insert(Writer::start(film, lettering.take(), output, &tools, &mut || w.check(0, all))?)
                }
            };
            // Shares of the scene, as its share of all.
            let alive = |done: u64, total: u64| {
                let share = (last - begun) * done as usize / total.max(1) as usize;
                w.check((begun + share).saturating_sub(from) as u64, all)
            };
            filming.draw(own, &mut |index, frame| writer.write(begun + index, frame), alive)?;
            begun = last;
        }
        writer.map_or(Ok(()), |writer| writer.finish(&mut || w.check(all, all)))
    })?;
    let captions = files.map_or(Ok(Vec::new()), Files::publish)?;
    Ok(Report {
        frames: frames as u64,
        drawn: drawn.start as u64..drawn.end as u64,
        seconds,
        warnings,
        words: heard.words,
        captions,
        stages: watch.stages(),
    })
}

/// What is made of the frames, and the captions' files that are published with it.
fn goal(
    wish: &Wish,
    scenes: &[Scene],
    texts: Option<[String; 2]>,
    output: &Output,
    frames: usize,
    tools: &Tools,
    watch: &mut Watch,
) -> Result<(Goal, Option<Files>)> {
    let fps = scenes::first(scenes)?.canvas().fps();
    let gop = ranges::gop(fps);
    let files = |texts: Option<[String; 2]>| texts.map(|texts| Files::write(texts, &output.path)).transpose();
    match wish {
        Wish::Kept(shelf) if Shelf::is_for(frames, gop, fps) && output.poster.is_none() => {
            let open = || {
                let key = ranges::build(&ranges::film(scenes, output, frames, tools)?, tools)?;
                shelf.open(&key, frames, gop, fps)
            };
            let goal = match progress::aside(open, &mut || watch.check(0, 1)) {
                Ok((kept, former)) => Goal::Kept(kept, former),
                Err(e) if e.kind == Kind::Cancelled => return Err(e),
                // Keeping is a favour to the next attempt.
                Err(_) => Goal::Video,
            };
            Ok((goal, files(texts)?))
        }
        Wish::Video | Wish::Kept(_) => Ok((Goal::Video, files(texts)?)),
        Wish::Piece(wanted) => {
            let range = wanted.within(frames, gop)?;
            let film = progress::aside(|| ranges::film(scenes, output, frames, tools), &mut || watch.check(0, 1))?;
            let captions = texts.map(|[srt, vtt]| piece::Captions { srt, vtt });
            Ok((Goal::Piece(Order { film, captions, range }), None))
        }
    }
}

/// Captions on their way.
#[derive(Default)]
struct Lettered {
    /// SubRip and WebVTT.
    texts: Option<[String; 2]>,
    lettering: Option<Lettering>,
    warning: Option<String>,
}

/// Cuts words into captions, and prepares those in the picture, for a video of so many seconds.
fn letter(scene: &Scene, language: Language, words: &[TimedWord], seconds: f64) -> Lettered {
    if scene.captions() == Captions::None || words.is_empty() {
        return Lettered::default();
    }
    let cues = captions::cues(words, seconds);
    let (lettering, warning) = match scene.captions() {
        Captions::Burn(size) => {
            let (lettering, warning) = Lettering::new(words, seconds, scene.canvas(), size, language);
            (Some(lettering), warning)
        }
        Captions::None | Captions::File => (None, None),
    };
    Lettered {
        texts: Some([captions::srt(&cues), captions::vtt(&cues)]),
        lettering,
        warning,
    }
}

/// Who speaks.
enum Speaker {
    Photo(Avatar),
    Footage(Box<Pack>),
}

/// Opens the avatar: a photo, whose face is found, or a video, which is prepared if it was not yet. If asked, the person is cut out.
fn look(scene: &Scene, need: Need, output: &Output, models: &Models, tools: &Tools, watch: &mut Watch) -> Result<(Speaker, Vec<String>)> {
    let (path, _) = scene.avatar();
    let about = |e: Error| e.about(&format!("the avatar {}", show::file_name(path)));
    if let sniff::Kind::Image(_) = sniff::avatar(path).map_err(about)? {
        return watch.stage(Stage::Face, |w| photo(scene, path, models, w)).map_err(about);
    }
    let nets = models.face()?;
    let opener = Opener {
        nets: &nets,
        tools,
        threads: output.threads,
        cache: output.packs.as_ref(),
        folder: encode::folder(&output.path),
    };
    let mut pack = opener.open(path, need, watch).map_err(about)?;
    if scene.matte() {
        let net = models.matte.get()?;
        opener.cut_out(&mut pack, path, &net, watch).map_err(about)?;
    }
    let warnings = pack.facts.warnings.clone();
    Ok((Speaker::Footage(Box::new(pack)), warnings))
}

/// Opens a photo, finds its face and, if asked, cuts the person out.
fn photo(scene: &Scene, path: &Path, models: &Models, watch: &mut Watch) -> Result<(Speaker, Vec<String>)> {
    let file = path.to_owned();
    let mut picture = progress::apart(move || image::open(&file, &image::Limits::default()), &mut || watch.check(0, 3))?;
    let analysis = {
        let nets = models.face()?;
        progress::aside(|| face::analyse(&picture, &nets), &mut || watch.check(1, 3))?
    };
    if scene.matte() {
        let net = models.matte.get()?;
        let cut = || matte::cut_out(&picture, &analysis.face, &net);
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
    let nets = models.face()?;
    let opener = Opener {
        nets: &nets,
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
