//! Drawing a scene: over layers that stand still, or among layers that move; and the file that takes the frames.

use std::cell::RefCell;
use std::ops::Range;
use std::path::Path;

use crate::composite::{self, Rect, Strata, overlay};
use crate::driver::{Patch, Region};
use crate::error::Result;
use crate::footage::{self, Pack};
use crate::lettering::Lettering;
use crate::media::aac::Encoding;
use crate::media::encode::{EncodeSettings, Encoder, Goal, KEY_SECONDS};
use crate::media::sound::SoundFacts;
use crate::media::{Planes, Poster, Tools};
use crate::mouth::MouthTrack;
use crate::scene::{Canvas, Scene};
use crate::show::Show;
use crate::{Output, Speaker, pipeline};

/// Where no more threads run at once, the sound is encoded before the frames are: beside them it would need its memory for longer, and they
/// would wait for it all the same.
const FEW_CORES: usize = 2;

/// Takes the frames of a scene, in order, and leaves each as it was.
type Take<'a> = &'a mut dyn FnMut(usize, &mut Planes) -> Result<()>;

/// A scene ready to be drawn.
pub struct Filming<'a> {
    scene: &'a Scene,
    player: Player,
    threads: usize,
    tools: &'a Tools,
    frames: u64,
}

enum Player {
    Photo(Box<Show>),
    Footage(Box<Pack>, MouthTrack),
}

impl<'a> Filming<'a> {
    pub fn new(scene: &'a Scene, speaker: Speaker, track: MouthTrack, threads: usize, tools: &'a Tools) -> Result<Self> {
        let frames = track.shapes.len() as u64;
        let player = match speaker {
            Speaker::Photo(avatar) if scene.moves() => Player::Photo(Box::new(Show::alone(scene, avatar, track)?)),
            Speaker::Photo(avatar) => Player::Photo(Box::new(Show::new(scene, avatar, track)?)),
            Speaker::Footage(pack) => Player::Footage(pack, track),
        };
        Ok(Self {
            scene,
            player,
            threads,
            tools,
            frames,
        })
    }

    /// Outside of it all frames are the same.
    pub fn moving(&self) -> Region {
        match &self.player {
            _ if self.scene.moves() => Region::whole(self.scene.canvas()),
            Player::Photo(show) => show.region(),
            Player::Footage(pack, _) => Region::of(&self.shown(pack)),
        }
    }

    /// Draws some of the scene's frames; `alive` hears how much of how much of it is done.
    pub fn draw(self, frames: Range<usize>, write: Take, mut alive: impl FnMut(u64, u64) -> Result<()>) -> Result<()> {
        if self.scene.moves() {
            let mut strata = Strata::open(self.scene, frames.clone(), self.tools)?;
            return self.among(frames, &mut strata, write, &mut alive);
        }
        match self.player {
            Player::Photo(mut show) => {
                let canvas = show.take_still();
                pipeline::run(&show, frames, canvas, self.threads, |index, frame| {
                    write(index, frame)?;
                    alive(index as u64 + 1, self.frames)
                })
            }
            Player::Footage(pack, track) => stage(self.scene, self.threads, self.tools).draw(&pack, track, frames, write, &mut alive),
        }
    }

    /// Draws the avatar by itself, and puts each of its frames between layers that move.
    fn among(self, frames: Range<usize>, strata: &mut Strata, write: Take, alive: &mut dyn FnMut(u64, u64) -> Result<()>) -> Result<()> {
        let mut canvas = strata.blank();
        let all = self.frames;
        match &self.player {
            Player::Photo(show) => {
                let mut figure = show.figure();
                pipeline::patches(show, frames, self.threads, |index, patch| {
                    let mut ask = || alive(index as u64, all);
                    strata.under(&mut canvas, &mut ask)?;
                    figure.draw(patch, &mut canvas);
                    strata.over(&mut canvas, &mut ask)?;
                    write(index, &mut canvas)?;
                    alive(index as u64 + 1, all)
                })
            }
            Player::Footage(pack, track) => {
                let shown = self.shown(pack);
                // Two closures ask the same caller.
                let alive = RefCell::new(alive);
                let mut between = |index: usize, drawn: &mut Patch| {
                    let mut ask = || (alive.borrow_mut())(index as u64, all);
                    strata.under(&mut canvas, &mut ask)?;
                    overlay::draw(drawn, &mut canvas, shown.left as usize, shown.top as usize);
                    strata.over(&mut canvas, &mut ask)?;
                    write(index, &mut canvas)
                };
                let alone = self.scene.alone();
                let mut ask = |done: u64, total: u64| (alive.borrow_mut())(done, total);
                stage(&alone, self.threads, self.tools).figures(pack, track.clone(), frames, &mut between, &mut ask)
            }
        }
    }

    /// Where footage lies on the canvas; everything in it may move.
    fn shown(&self, pack: &Pack) -> Rect {
        let natural = (pack.facts.width, pack.facts.height);
        composite::place(self.scene.avatar().1, natural, self.scene.canvas()).clip
    }
}

fn stage<'a>(scene: &'a Scene, threads: usize, tools: &'a Tools) -> footage::Stage<'a> {
    footage::Stage { scene, tools, threads }
}

/// What is written besides the frames.
pub struct Film<'a> {
    pub canvas: Canvas,
    /// All of the video's.
    pub frames: usize,
    pub goal: Goal,
    pub sound: (&'a Path, &'a SoundFacts),
    /// The same, where it has begun to be encoded.
    pub encoding: Option<Encoding>,
    /// Outside of it all frames are the same, but for captions.
    pub moving: Region,
}

/// The video and its poster, with captions over all.
pub struct Writer {
    encoder: Encoder,
    poster: Option<Poster>,
    lettering: Option<Lettering>,
}

impl Writer {
    /// Starts ffmpeg; `alive` is asked while the sound is waited for.
    pub fn start(
        film: Film,
        lettering: Option<Lettering>,
        output: &Output,
        tools: &Tools,
        alive: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Self> {
        let captions = lettering.as_ref().and_then(Lettering::region);
        let moving: Vec<Region> = captions.into_iter().chain([film.moving]).collect();
        let (sound, facts) = film.sound;
        let settings = EncodeSettings {
            width: film.canvas.width() as usize,
            height: film.canvas.height() as usize,
            fps: film.canvas.fps(),
            frames: film.frames,
            sound,
            facts,
            output: &output.path,
            quality: output.quality,
            path: output.encode,
            moving: &moving,
            key_seconds: KEY_SECONDS,
            tools,
        };
        let mut encoding = film.encoding;
        if let Some(sound) = &mut encoding
            && std::thread::available_parallelism().map_or(1, usize::from) <= FEW_CORES
        {
            sound.finish(alive)?;
        }
        let begins = film.goal.range(film.frames).start == 0;
        let encoder = Encoder::start_for(&settings, film.goal, encoding)?;
        let poster = output.poster.as_deref().filter(|_| begins).map(Poster::new).transpose()?;
        Ok(Self {
            encoder,
            poster,
            lettering,
        })
    }

    /// Draws on a frame, and leaves it as it was.
    pub fn write(&mut self, index: usize, frame: &mut Planes) -> Result<()> {
        if let (0, Some(poster)) = (index, &mut self.poster) {
            // Without a caption, which would be the first words and nothing else.
            poster.draw(frame)?;
        }
        match &mut self.lettering {
            Some(lettering) => lettering.over(index, frame, |frame| self.encoder.write(frame)),
            None => self.encoder.write(frame),
        }
    }

    pub fn finish(self, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        self.encoder.finish_while(alive)?;
        self.poster.map_or(Ok(()), Poster::publish)
    }
}
