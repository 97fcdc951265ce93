//! A video as the avatar: the person in it says what the recording says.
//!
//! A dozen frames say who speaks (`survey`). All frames are decoded once, small, to know where the face is (`follow`, `trail`), and
//! once more to be drawn (`film`, `reels`): one frame exists from its decoding to its encoding. A video that is shorter than the sound
//! is played to and fro, from a copy in which every frame is a key frame (`media::reel`).

mod film;
mod follow;
mod framing;
mod reels;
mod smooth;
mod survey;
mod trail;

use std::path::{Path, PathBuf};

use crate::composite::{self, Composition};
use crate::driver::photo::skin_level;
use crate::error::{Error, Kind, Result};
use crate::face::FaceNets;
use crate::media::frames::{Frames, Take};
use crate::media::reel::Reel;
use crate::media::video::{self, VideoFacts};
use crate::media::{Planes, Tools, image};
use crate::mouth::MouthTrack;
use crate::progress;
use crate::scene::{Fps, Scene};
use crate::show::file_name;

use film::Film;
use follow::Search;
pub(crate) use framing::Framing;
use smooth::reflected;
use survey::{Best, Survey};
use trail::Trail;

/// Width of a face in the frames in which it is followed, pixels: the net looks at it with about 170.
const FACE: f32 = 240.0;
/// Longest side of those frames, pixels.
const SIDE: f32 = 1920.0;

/// A video that was found fit to speak.
pub struct Clip {
    path: PathBuf,
    pub facts: VideoFacts,
    pub survey: Survey,
}

/// Asked with how much of how much is done.
pub type Alive<'a> = &'a mut dyn FnMut(u64, u64) -> Result<()>;

impl Clip {
    /// Holds a video against the limits and looks who speaks in it.
    pub fn open(path: &Path, nets: &FaceNets, tools: &Tools, alive: Alive) -> Result<Self> {
        let probe = || video::probe(path, &video::Limits::default(), tools);
        let facts = progress::aside(probe, &mut || alive(0, 1))?;
        let survey = survey::survey(path, &facts, nets, tools, alive)?;
        Ok(Self {
            path: path.to_owned(),
            facts,
            survey,
        })
    }

    pub fn warnings(&self) -> Vec<String> {
        self.survey.warnings.clone()
    }

    /// The frames of this video that are needed for so many of the canvas.
    fn take(&self, fps: Fps, most: usize, size: (usize, usize)) -> Take<'_> {
        Take {
            path: &self.path,
            facts: &self.facts,
            from: None,
            rate: format!("{}/{}", fps.num, fps.den),
            most,
            size,
            crop: Take::whole(size.0, size.1),
        }
    }

    /// Follows the face through as many frames as are needed.
    fn follow(
        &self,
        fps: Fps,
        most: usize,
        nets: &FaceNets,
        threads: usize,
        tools: &Tools,
        alive: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<Trail> {
        let (width, height) = (self.facts.width as f32, self.facts.height as f32);
        let widest = self.survey.seats.iter().map(|s| s[0]).fold(0.0, f32::max).max(1.0);
        let less = (FACE / widest).min(SIDE / width.max(height)).min(1.0);
        let even = |side: f32| ((side * less / 2.0).round() as usize * 2).max(2);
        let size = (even(width), even(height));
        let scale = (width / size.0 as f32, height / size.1 as f32);
        let seats: Vec<[f32; 3]> = self
            .survey
            .seats
            .iter()
            .map(|[w, x, y]| [w / scale.0, x / scale.0, y / scale.1])
            .collect();
        let search = Search {
            nets,
            seats: if self.survey.others { &seats } else { &[] },
            scale,
            threads,
        };
        let mut frames = self.take(fps, most, size).start(tools)?;
        let sights = search.run(&mut frames, alive)?;
        let Best { picture, face, .. } = &self.survey.best;
        let skin = skin_level(picture, &face.landmarks, face.fit.scale as f32);
        Ok(Trail::new(sights, skin, fps.as_f64()))
    }
}

/// Everything that drawing needs besides the clip.
pub struct Stage<'a> {
    pub scene: &'a Scene,
    pub nets: &'a FaceNets,
    pub tools: &'a Tools,
    pub threads: usize,
    /// For a temporary file.
    pub folder: &'a Path,
}

impl Stage<'_> {
    /// Draws every frame of the scene and hands the canvas to `write`, in order.
    pub fn draw(
        &self,
        clip: &Clip,
        track: MouthTrack,
        write: &mut dyn FnMut(usize, &mut Planes) -> Result<()>,
        alive: Alive,
    ) -> Result<()> {
        let (fps, wanted) = (self.scene.canvas().fps(), track.shapes.len());
        let natural = (clip.facts.width as usize, clip.facts.height as usize);
        let composition = self.compose(natural)?;
        let framing = Framing::new(&composition.avatar, natural);
        let (size, crop) = (framing.size, framing.crop);
        // Following a frame takes about as long as drawing one.
        let expected = (fps.frames(clip.facts.seconds).max(1)).min(wanted) as u64;
        let total = expected + wanted as u64;
        // A header may tell less than there is.
        let most = wanted.min(fps.frames(video::Limits::default().seconds));
        let trail = clip.follow(fps, most, self.nets, self.threads, self.tools, &mut |read| {
            alive((read as u64).min(expected), total)
        })?;
        let have = trail.frames();
        let take = Take {
            crop,
            ..clip.take(fps, have, size)
        };
        let film = Film::new(framing, composition, &clip.survey.best, trail, track, self.scene.seed())?;
        let mut frames = if have < wanted {
            let reel = Reel::record(&take, self.folder, self.tools, &mut |_| alive(expected, total))?;
            if reel.frames() != have {
                return Err(unsteady());
            }
            let order = (0..wanted).map(move |i| reflected(i as isize, have));
            reel.play(order, wanted as f64 / fps.as_f64(), self.tools)?
        } else {
            take.start(self.tools)?
        };
        let blank = frames.blank();
        // Two closures ask the same caller.
        let alive = std::cell::RefCell::new(alive);
        let ask = |written: usize| (alive.borrow_mut())(expected + written as u64, total);
        let mut read = |planes: &mut Planes, index: usize| next(&mut frames, planes, &mut || ask(index));
        let mut written = |index: usize, canvas: &mut Planes| {
            write(index, canvas)?;
            ask(index + 1)
        };
        reels::run(&film, self.threads, &|| blank.clone(), &mut read, &mut written, &mut |done| {
            ask(done)
        })
    }

    fn compose(&self, natural: (usize, usize)) -> Result<Composition> {
        let mut open =
            |path: &Path| image::open(path, &image::Limits::default()).map_err(|e| e.about(&format!("the layer {}", file_name(path))));
        let composition = composite::compose(self.scene, natural, &mut open)?;
        if composition.avatar.clip.is_empty() {
            return Err(crate::show::outside());
        }
        Ok(composition)
    }
}

fn next(frames: &mut Frames, planes: &mut Planes, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
    if frames.read(planes, alive)? { Ok(()) } else { Err(unsteady()) }
}

fn unsteady() -> Error {
    Error::new(
        Kind::VideoUnreadable,
        "the video does not give the same frames each time that it is decoded; save it anew",
    )
}
