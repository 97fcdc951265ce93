//! A video as the avatar: the person in it says what the recording says.
//!
//! A clip is prepared once (`prepare`): a dozen frames say who speaks (`survey`), the face is followed through all of them (`follow`,
//! `trail`), and a `pack` is written. Whatever is drawn later comes from the pack alone (`film`, `reels`): one frame exists from its decoding
//! to its encoding.
//!
//! Who plays is decided before anything is drawn (`cast`): the frames that carry head, eyes and body (`bed`), and those that lend their
//! mouths to what is said (`wanted`, `talker`, `units`). A mouth is brought into the form that is asked (`form`) and written into the bed's
//! frame (`rewrite`, `outline`, `tone`). Where the footage has no mouths to lend, the photo driver draws them. A `matte` says which part of
//! each frame is the person, where that is to stand before something else.

mod bed;
mod cache;
mod cast;
mod features;
mod film;
mod follow;
mod form;
mod framing;
mod matte;
mod outline;
mod pack;
mod prepare;
mod reels;
mod report;
mod rewrite;
mod smooth;
mod survey;
mod talker;
mod tone;
mod trail;
mod units;
mod wanted;

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

pub use cache::PackCache;
pub(crate) use cache::hash;
pub use pack::{Pack, PackFacts};
pub use report::{Covered, Lost, Report, Shape, Why};

use crate::composite::{self, Composition, overlay};
use crate::driver::Patch;
use crate::error::{Error, Kind, Result};
use crate::face::FaceNets;
use crate::matte::MatteNet;
use crate::media::frames::Frames;
use crate::media::partial::Partial;
use crate::media::video::{self, VideoFacts};
use crate::media::{Planes, Tools, encode, image, sniff, write_error};
use crate::mouth::MouthTrack;
use crate::progress::{self, Stage as Step, Watch};
use crate::scene::Scene;
use crate::show::file_name;

use film::{Film, Material};
pub(crate) use framing::Framing;
use matte::Matte;
use prepare::Workshop;
use survey::Survey;

/// A video that was found fit to speak.
pub struct Clip {
    path: PathBuf,
    pub facts: VideoFacts,
    pub survey: Survey,
    /// Seconds from its beginning that are prepared, if not all of it is.
    pub part: Option<f64>,
}

/// How much of a clip is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Need {
    Whole,
    /// Enough for so many seconds of sound.
    Sound(f64),
}

/// A part is so many seconds, or so many times as long: about a minute is what a person is best filmed for, and the longer the sound the less
/// often the same is shown.
const PART: f64 = 60.0;
/// A clip that is longer than its part by less than this is prepared whole.
const REST: f64 = 1.5;
/// A part of which less can be used is not enough, seconds.
const LEAST_USABLE: f64 = 20.0;

impl Need {
    /// Seconds from the beginning of a clip that are enough, if it is longer than that.
    fn part(self, seconds: f64) -> Option<f64> {
        let Self::Sound(sound) = self else { return None };
        let part = (sound / PART).ceil().max(1.0) * PART;
        (part * REST < seconds).then_some(part)
    }

    /// All parts that are enough, and may lie in a cache.
    fn parts(self) -> impl Iterator<Item = f64> {
        let longest = video::Limits::default().seconds;
        let first = self.part(f64::INFINITY).unwrap_or(f64::INFINITY);
        std::iter::successors(Some(first), |part| Some(part + PART)).take_while(move |part| *part < longest)
    }
}

/// Asked with how much of how much is done.
pub type Alive<'a> = &'a mut dyn FnMut(u64, u64) -> Result<()>;

impl Clip {
    /// Holds a video against the limits and looks who speaks in it.
    pub fn open(path: &Path, nets: &FaceNets, tools: &Tools, threads: usize, alive: Alive) -> Result<Self> {
        let probe = || video::probe(path, &video::Limits::default(), tools);
        let facts = progress::aside(probe, &mut || alive(0, 1))?;
        let survey = survey::survey(path, &facts, nets, tools, threads, alive)?;
        Ok(Self {
            path: path.to_owned(),
            facts,
            survey,
            part: None,
        })
    }

    /// Only so many seconds of it are prepared.
    fn cut(&mut self, part: Option<f64>) {
        self.part = part;
        if let Some(part) = part {
            self.facts.seconds = self.facts.seconds.min(part);
        }
    }
}

/// What opening an avatar needs besides its file.
pub struct Opener<'a> {
    pub nets: &'a FaceNets,
    pub tools: &'a Tools,
    pub threads: usize,
    /// Where packs of clips are kept.
    pub cache: Option<&'a PackCache>,
    /// For a pack that is not kept.
    pub folder: &'a Path,
}

impl Opener<'_> {
    /// Opens a pack, or the pack of a clip, which is made if there is none yet; of a long clip, the pack of as much as is needed.
    pub fn open(&self, path: &Path, need: Need, watch: &mut Watch) -> Result<Pack> {
        if sniff::avatar(path)? == sniff::Kind::Pack {
            return watch.stage(Step::Face, |_| Pack::open(path));
        }
        let source = hashed(path, watch)?;
        if let Some(pack) = self.cached(&source, need) {
            return Ok(pack);
        }
        let _alone = self
            .cache
            .map(|cache| {
                cache.make()?;
                watch.stage(Step::Preparing, |w| cache.alone(&source, &mut || w.check(0, 1)))
            })
            .transpose()?;
        // Whoever was waited for may have made it.
        if let Some(pack) = self.cached(&source, need) {
            return Ok(pack);
        }
        let mut clip = self.clip(path, watch)?;
        let whole = clip.facts.seconds;
        clip.cut(need.part(whole));
        let pack = self.made(&clip, &source, watch);
        let enough = match &pack {
            Ok(pack) => pack.facts.report.usable >= LEAST_USABLE,
            Err(e) => e.kind != Kind::FaceCovered,
        };
        if enough || clip.part.is_none() {
            return pack;
        }
        // It begins with something else than the person.
        clip.facts.seconds = whole;
        clip.cut(None);
        self.made(&clip, &source, watch)
    }

    /// A pack of the cache that has what is needed; the smallest, so that another attempt finds the same.
    fn cached(&self, source: &str, need: Need) -> Option<Pack> {
        let cache = self.cache?;
        let parts = need.parts().map(Some).chain([None]);
        parts.map(|part| cache.place(source, part)).find_map(|place| {
            let pack = kept(&place, source)?;
            let enough = pack.facts.part.is_none() || pack.facts.report.usable >= LEAST_USABLE;
            enough.then(|| {
                cache.used(&place);
                pack
            })
        })
    }

    /// Prepares a clip, into the cache if there is one.
    fn made(&self, clip: &Clip, source: &str, watch: &mut Watch) -> Result<Pack> {
        let Some(cache) = self.cache else {
            let file = tempfile::tempfile_in(self.folder).map_err(|e| write_error(e, "its folder takes no temporary file"))?;
            let written = file.try_clone().map_err(|e| write_error(e, "its folder takes no temporary file"))?;
            self.prepare(clip, source.to_owned(), written, self.folder, watch)?;
            return Pack::read(file);
        };
        let place = cache.place(source, clip.part);
        self.publish(clip, source.to_owned(), &place, watch)?;
        let pack = Pack::open(&place)?;
        cache.used(&place);
        Ok(pack)
    }

    /// Writes the pack of a clip to `output`, unless it is there already; says whether it was made anew.
    pub fn build(&self, path: &Path, output: &Path, watch: &mut Watch) -> Result<(PackFacts, bool)> {
        let kind = sniff::avatar(path)?;
        if !matches!(kind, sniff::Kind::Video(_)) {
            let what = format!("the file is {}; give the video of a person", kind.phrase());
            return Err(Error::new(Kind::VideoUnreadable, what));
        }
        let source = hashed(path, watch)?;
        if let Some(pack) = kept(output, &source).filter(|pack| pack.facts.part.is_none()) {
            return Ok((pack.facts, false));
        }
        let place = self.cache.map(|cache| cache.place(&source, None));
        if let Some(place) = &place
            && let Some(pack) = kept(place, &source)
        {
            copy(place, output)?;
            return Ok((pack.facts, false));
        }
        let clip = self.clip(path, watch)?;
        let facts = self.publish(&clip, source, output, watch)?;
        if let (Some(cache), Some(place)) = (self.cache, &place) {
            // It is there for the asking; without it the next render prepares again.
            if cache.make().and_then(|()| copy(output, place)).is_ok() {
                cache.used(place);
            }
        }
        Ok((facts, true))
    }

    /// Cuts the person out of every frame of a pack that was opened from `path`; what was found is kept as packs are.
    pub fn cut_out(&self, pack: &mut Pack, path: &Path, net: &MatteNet, watch: &mut Watch) -> Result<()> {
        let make = |file: File, watch: &mut Watch| {
            let cutter = matte::Cutter {
                net,
                tools: self.tools,
                threads: self.threads,
                folder: self.folder,
            };
            watch.stage(Step::Preparing, |w| cutter.cut(pack, file, &mut |done, total| w.check(done, total)))
        };
        let Some(cache) = self.cache else {
            let file = tempfile::tempfile_in(self.folder).map_err(|e| write_error(e, "its folder takes no temporary file"))?;
            let written = file.try_clone().map_err(|e| write_error(e, "its folder takes no temporary file"))?;
            make(written, watch)?;
            let matte = Matte::read(file, &pack.facts)?;
            pack.cut_out(matte);
            return Ok(());
        };
        // What a pack says of its clip need not be true, and would be believed of other packs.
        let key = match sniff::avatar(path)? {
            sniff::Kind::Pack => hashed(path, watch)?,
            _ => pack.facts.source.clone(),
        };
        let place = cache.matte_place(&key, pack.facts.part);
        cache.make()?;
        let _alone = watch.stage(Step::Preparing, |w| cache.alone(&format!("{key}.matte"), &mut || w.check(0, 1)))?;
        let known = Matte::open(&place, &pack.facts);
        let matte = match known {
            Ok(matte) => matte,
            Err(_) => {
                let part = Partial::create(&place)?;
                let file = File::options()
                    .read(true)
                    .write(true)
                    .open(part.path())
                    .map_err(|e| write_error(e, "its bytes cannot be stored"))?;
                make(file, watch)?;
                part.publish()?;
                Matte::open(&place, &pack.facts)?
            }
        };
        cache.used(&place);
        pack.cut_out(matte);
        Ok(())
    }

    fn clip(&self, path: &Path, watch: &mut Watch) -> Result<Clip> {
        watch.stage(Step::Face, |w| {
            Clip::open(path, self.nets, self.tools, self.threads, &mut |done, total| w.check(done, total))
        })
    }

    /// Under its name only when it is complete.
    fn publish(&self, clip: &Clip, source: String, output: &Path, watch: &mut Watch) -> Result<PackFacts> {
        let part = Partial::create(output)?;
        let file = File::options()
            .read(true)
            .write(true)
            .open(part.path())
            .map_err(|e| write_error(e, "its bytes cannot be stored"))?;
        let facts = self.prepare(clip, source, file, encode::folder(output), watch)?;
        part.publish()?;
        Ok(facts)
    }

    fn prepare(&self, clip: &Clip, source: String, file: File, folder: &Path, watch: &mut Watch) -> Result<PackFacts> {
        let workshop = Workshop {
            nets: self.nets,
            tools: self.tools,
            threads: self.threads,
            folder,
        };
        watch.stage(Step::Preparing, |w| {
            workshop.prepare(clip, source, file, &mut |done, total| w.check(done, total))
        })
    }
}

fn hashed(path: &Path, watch: &mut Watch) -> Result<String> {
    watch.stage(Step::Reading, |w| progress::aside(|| cache::hash(path), &mut || w.check(0, 1)))
}

/// The pack of a clip with this hash, if it is there and whole.
fn kept(path: &Path, source: &str) -> Option<Pack> {
    Pack::open(path).ok().filter(|pack| pack.facts.source == source)
}

/// A second name for the same bytes where the disk can do that: packs are never changed.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let part = Partial::create(to)?;
    let copied = std::fs::remove_file(part.path())
        .and_then(|()| std::fs::hard_link(from, part.path()))
        .or_else(|_| std::fs::copy(from, part.path()).map(|_| ()));
    copied.map_err(|e| write_error(e, "its bytes cannot be stored"))?;
    part.publish()
}

/// Everything that drawing needs besides the pack.
pub struct Stage<'a> {
    pub scene: &'a Scene,
    pub tools: &'a Tools,
    pub threads: usize,
}

impl Stage<'_> {
    /// Draws some frames of the scene and hands the canvas to `write`, in order. Who plays is decided over all of it.
    pub fn draw(
        &self,
        pack: &Pack,
        track: MouthTrack,
        frames: Range<usize>,
        write: &mut dyn FnMut(usize, &mut Planes) -> Result<()>,
        alive: Alive,
    ) -> Result<()> {
        let composition = self.compose(pack)?;
        let mut canvas = composition.base.to_planes()?;
        let at = composition.avatar.clip;
        let whole = (at.width(), at.height()) == (canvas.width, canvas.height);
        let mut place = |index: usize, patch: &mut Patch| {
            if whole {
                std::mem::swap(&mut patch.planes, &mut canvas);
            } else {
                overlay::draw(patch, &mut canvas, at.left as usize, at.top as usize);
            }
            write(index, &mut canvas)
        };
        self.film((pack, track, frames), (composition, false), &mut place, alive)
    }

    /// Draws the avatar of some frames alone: its rectangle, with its alpha where it is cut out.
    pub fn figures(
        &self,
        pack: &Pack,
        track: MouthTrack,
        frames: Range<usize>,
        take: &mut dyn FnMut(usize, &mut Patch) -> Result<()>,
        alive: Alive,
    ) -> Result<()> {
        self.film((pack, track, frames), (self.compose(pack)?, true), take, alive)
    }

    fn film(
        &self,
        (pack, track, frames): (&Pack, MouthTrack, Range<usize>),
        (composition, alone): (Composition, bool),
        take: &mut dyn FnMut(usize, &mut Patch) -> Result<()>,
        alive: Alive,
    ) -> Result<()> {
        let wanted = track.shapes.len();
        let natural = (pack.facts.width, pack.facts.height);
        let framing = Framing::new(&composition.avatar, natural);
        let (size, crop) = (framing.size, framing.crop);
        let (seed, filmed_order) = (self.scene.seed(), self.scene.filmed_order());
        // Two closures ask the same caller.
        let alive = std::cell::RefCell::new(alive);
        let ask = |written: usize| (alive.borrow_mut())(written as u64, wanted as u64);
        let film = progress::aside(
            || Film::new(framing, (composition, alone), pack, track, (seed, filmed_order)),
            &mut || ask(0),
        )?;
        let order: Vec<usize> = frames.clone().flat_map(|i| film.sources(i)).collect();
        let mouths: Vec<usize> = frames
            .clone()
            .flat_map(|i| film.lenders(i).into_iter().flat_map(|l| l.iter().map(|(unit, _)| unit)))
            .collect();
        let mut alphas = pack
            .matte()
            .map(|matte| matte.alphas(order.clone(), size, crop, self.tools))
            .transpose()?;
        let mut pictures = pack.pictures(order, size, crop, self.tools)?;
        let mut mouths = (!mouths.is_empty()).then(|| pack.mouths(mouths, self.tools)).transpose()?;
        let mut read = |material: &mut Material, index: usize, go_on: &mut dyn FnMut() -> Result<()>| {
            for (_, slot) in film.sources(index).zip(&mut material.frames) {
                next(&mut pictures, slot, go_on)?;
            }
            if let Some(alphas) = &mut alphas {
                for (_, slot) in film.sources(index).zip(&mut material.alphas) {
                    next(alphas, slot, go_on)?;
                }
            }
            if let (Some(mouths), Some(lenders)) = (&mut mouths, film.lenders(index)) {
                for (_, slot) in lenders.iter().zip(&mut material.mouths) {
                    next(mouths, slot, go_on)?;
                }
            }
            Ok(())
        };
        let mut taken = |index: usize, patch: &mut Patch| {
            take(index, patch)?;
            ask(index + 1)
        };
        reels::run(&film, frames, self.threads, &mut read, &mut taken, &mut |done| ask(done))
    }

    fn compose(&self, pack: &Pack) -> Result<Composition> {
        let natural = (pack.facts.width, pack.facts.height);
        let mut open =
            |path: &Path| image::open(path, &image::Limits::default()).map_err(|e| e.about(&format!("the layer {}", file_name(path))));
        let composition = composite::compose(self.scene, natural, &mut open)?;
        if composition.avatar.clip.is_empty() {
            return Err(crate::show::outside());
        }
        Ok(composition)
    }
}

fn next(frames: &mut Frames, slot: &mut Option<Planes>, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
    let planes = slot.get_or_insert_with(|| frames.blank());
    if frames.read(planes, alive)? {
        return Ok(());
    }
    Err(Error::new(Kind::Internal, "the avatar's frames ended early"))
}

#[cfg(test)]
mod tests;
