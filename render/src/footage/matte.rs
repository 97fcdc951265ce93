//! Which part of each frame is the person: a stream of its own beside a pack, made when it is first asked for.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Alive;
use super::pack::{Container, GROUP, Pack, PackFacts, Section, Writer, damaged};
use super::prepare::reopened;
use super::trail::Trail;
use crate::driver::Region;
use crate::error::{Error, Kind, Result};
use crate::face::Landmarks;
use crate::matte::{MatteNet, Moving, Subject};
use crate::media::frames::Frames;
use crate::media::record::{Recorder, Recording};
use crate::media::reel::{Cut, Reel};
use crate::media::{Planes, Tools, partial, sniff};

/// What this program makes; one of another version is made again.
pub const VERSION: u32 = 1;

/// Quantiser of alpha, which is stored as luma.
const QUANTISER: u8 = 10;
/// Chroma of what has none.
const GREY: u8 = 128;
/// Most bytes of a header.
const HEADER: u64 = 1 << 16;

/// Which frames it belongs to.
#[derive(PartialEq, Serialize, Deserialize)]
struct Facts {
    version: u32,
    width: usize,
    height: usize,
    frames: usize,
}

impl Facts {
    fn of(pack: &PackFacts) -> Self {
        Self {
            version: VERSION,
            width: pack.width,
            height: pack.height,
            frames: pack.frames,
        }
    }
}

/// The alpha of every frame of a pack.
pub struct Matte(Reel);

impl Matte {
    /// Opens what was made before for a pack with these facts.
    pub fn open(path: &Path, pack: &PackFacts) -> Result<Self> {
        Self::read(sniff::open_file(path)?, pack)
    }

    pub fn read(file: File, pack: &PackFacts) -> Result<Self> {
        let container = Container::open(file)?;
        let header = container.read(Section::MatteHeader, HEADER)?;
        let facts: Option<Facts> = serde_json::from_slice(&header).ok();
        let (marks, start) = container.marks(Section::AlphaMarks, Section::Alphas, pack.frames)?;
        if facts != Some(Facts::of(pack)) || marks.len() != pack.frames {
            return Err(damaged("its matte belongs to other frames"));
        }
        let size = (pack.width, pack.height);
        Ok(Self(Reel::new(Arc::new(container.into_file()), start, marks, GROUP, size)))
    }

    /// Alpha, 0 to 255, as the luma of frames: as [`Pack::pictures`] gives those.
    pub fn alphas<O>(&self, order: O, size: (usize, usize), crop: Region, tools: &Tools) -> Result<Frames>
    where
        O: IntoIterator<Item = usize>,
        O::IntoIter: ExactSizeIterator + Send + 'static,
    {
        self.0.play(order, Some(Cut { size, crop }), tools)
    }
}

/// What making a matte needs besides the pack.
pub struct Cutter<'a> {
    pub net: &'a MatteNet,
    pub tools: &'a Tools,
    pub threads: usize,
    /// For temporary files.
    pub folder: &'a Path,
}

impl Cutter<'_> {
    /// Writes the matte of a pack into an empty file.
    pub fn cut(&self, pack: &Pack, file: File, alive: Alive) -> Result<()> {
        let facts = &pack.facts;
        let (size, frames) = ((facts.width, facts.height), facts.frames);
        let recorded = partial::temporary(self.folder, ".matte.")?;
        let recording = Recording {
            path: recorded.path(),
            group: GROUP,
            quantiser: QUANTISER,
            most: frames,
        };
        let whole = Region {
            x: 0,
            y: 0,
            width: size.0,
            height: size.1,
        };
        let mut pictures = pack.pictures(0..frames, size, whole, self.tools)?;
        let mut recorder = Recorder::start(&recording, size, self.tools)?;
        let heads = Heads::new(pack.trail());
        let moving = Moving {
            net: self.net,
            size,
            frames,
            fps: facts.fps.as_f64(),
            threads: self.threads,
            subject: &|index, shrink| (heads.subject(index, shrink), pack.trail().is_cut(index)),
        };
        let total = frames as u64;
        // Two closures ask the same caller.
        let alive = std::cell::RefCell::new(alive);
        let mut done = 0;
        let mut read = |frame: &mut Planes| {
            let given = pictures.read(frame, &mut || (alive.borrow_mut())(0, total))?;
            given
                .then_some(())
                .ok_or_else(|| Error::new(Kind::Internal, "the avatar's frames ended early"))
        };
        let mut frame = Planes::blank(size.0, size.1);
        frame.u.fill(GREY);
        frame.v.fill(GREY);
        let mut write = |alpha: &[u8]| {
            frame.y.copy_from_slice(alpha);
            recorder.write(&frame)
        };
        moving.run(&mut read, &mut write, &mut |written| {
            done = written as u64;
            (alive.borrow_mut())(done, total)
        })?;
        recorder.finish(&mut || (alive.borrow_mut())(total, total))?;
        let mut writer = Writer::new(file)?;
        let mut stored = reopened(&recorded)?;
        let (marks, _) = writer.stream(Section::Alphas, &mut stored, &mut || (alive.borrow_mut())(total, total))?;
        if marks.len() != frames {
            return Err(Error::new(Kind::Internal, "a matte was stored that has not all frames"));
        }
        writer.marks(Section::AlphaMarks, &marks)?;
        let header =
            serde_json::to_vec(&Facts::of(facts)).map_err(|e| Error::new(Kind::Internal, "a header could not be written").because(e))?;
        writer.add(Section::MatteHeader, &header)?;
        writer.finish()
    }
}

/// Where the head is in every frame, also where no face is seen.
struct Heads<'a> {
    trail: &'a Trail,
    /// The nearest frame that shows a face.
    nearest: Vec<usize>,
}

impl<'a> Heads<'a> {
    fn new(trail: &'a Trail) -> Self {
        let seen: Vec<usize> = (0..trail.frames()).filter(|i| trail.state(*i).is_some()).collect();
        let nearest = |i: usize| {
            let after = seen.partition_point(|s| *s < i);
            let two = [after.saturating_sub(1), after].map(|k| seen.get(k).copied());
            two.into_iter().flatten().min_by_key(|s| s.abs_diff(i)).unwrap_or(i)
        };
        Self {
            nearest: (0..trail.frames()).map(nearest).collect(),
            trail,
        }
    }

    fn subject(&self, index: usize, shrink: f32) -> Subject {
        let near = self.nearest[index];
        let mut landmarks: Box<Landmarks> = Box::new([[0.0; 3]; 478]);
        let Some(fit) = self.trail.fit(near) else {
            return Subject::new(&landmarks, [0.0; 4], shrink).unseen();
        };
        for (to, place) in landmarks.iter_mut().zip(&fit.points) {
            *to = fit.project(*place).map(|v| v as f32);
        }
        let known = fit.points.len().min(landmarks.len());
        let mut bbox = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
        for [x, y, _] in &landmarks[..known] {
            bbox = [bbox[0].min(*x), bbox[1].min(*y), bbox[2].max(*x), bbox[3].max(*y)];
        }
        let subject = Subject::new(&landmarks, bbox, shrink);
        if near == index { subject } else { subject.unseen() }
    }
}
