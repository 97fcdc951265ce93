//! A clip and its pack: sought in the cache, prepared where it is missing, as much of it as is needed.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::cache::{PackCache, hash};
use super::matte::{self, Matte};
use super::pack::{Pack, PackFacts};
use super::prepare::Workshop;
use super::survey::{self, Survey};
use super::{Alive, Step};
use crate::error::{Error, Kind, Result};
use crate::face::FaceNets;
use crate::matte::MatteNet;
use crate::media::partial::Partial;
use crate::media::video::{self, VideoFacts};
use crate::media::{Tools, encode, sniff, write_error};
use crate::progress::{self, Watch};

/// A video that was found fit to speak.
pub struct Clip {
    pub path: PathBuf,
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
    pub(super) fn part(self, seconds: f64) -> Option<f64> {
        let Self::Sound(sound) = self else { return None };
        let part = (sound / PART).ceil().max(1.0) * PART;
        (part * REST < seconds).then_some(part)
    }

    /// All parts that are enough, and may lie in a cache.
    pub(super) fn parts(self) -> impl Iterator<Item = f64> {
        let longest = video::Limits::default().seconds;
        let first = self.part(f64::INFINITY).unwrap_or(f64::INFINITY);
        std::iter::successors(Some(first), |part| Some(part + PART)).take_while(move |part| *part < longest)
    }
}

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
    pub(super) fn cut(&mut self, part: Option<f64>) {
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
    pub(super) fn cached(&self, source: &str, need: Need) -> Option<Pack> {
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
    pub(super) fn made(&self, clip: &Clip, source: &str, watch: &mut Watch) -> Result<Pack> {
        let Some(cache) = self.cache else {
            let (file, written) = self.nameless()?;
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
            let (file, written) = self.nameless()?;
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
                let file = writable(&part)?;
                make(file, watch)?;
                part.publish()?;
                Matte::open(&place, &pack.facts)?
            }
        };
        cache.used(&place);
        pack.cut_out(matte);
        Ok(())
    }

    /// A file that goes when it is closed, to be read and to be written.
    fn nameless(&self) -> Result<(File, File)> {
        tempfile::tempfile_in(self.folder)
            .and_then(|file| Ok((file.try_clone()?, file)))
            .map_err(|e| write_error(e, "its folder takes no temporary file"))
    }

    pub(super) fn clip(&self, path: &Path, watch: &mut Watch) -> Result<Clip> {
        watch.stage(Step::Face, |w| {
            Clip::open(path, self.nets, self.tools, self.threads, &mut |done, total| w.check(done, total))
        })
    }

    /// Under its name only when it is complete.
    fn publish(&self, clip: &Clip, source: String, output: &Path, watch: &mut Watch) -> Result<PackFacts> {
        let part = Partial::create(output)?;
        let file = writable(&part)?;
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

fn writable(part: &Partial) -> Result<File> {
    let open = File::options().read(true).write(true).open(part.path());
    open.map_err(|e| write_error(e, "its bytes cannot be stored"))
}

fn hashed(path: &Path, watch: &mut Watch) -> Result<String> {
    watch.stage(Step::Reading, |w| progress::aside(|| hash(path), &mut || w.check(0, 1)))
}

/// The pack of a clip with this hash, if it is there and whole.
pub(super) fn kept(path: &Path, source: &str) -> Option<Pack> {
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
