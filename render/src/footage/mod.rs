//! A video as the avatar: the person in it says what the recording says.
//!
//! A clip is prepared once (`opener`, `prepare`): a dozen frames say who speaks (`survey`), the face is followed through all of them (`follow`,
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
mod facing;
mod features;
mod film;
mod follow;
mod form;
mod framing;
mod matte;
mod opener;
mod outline;
mod pack;
mod prepare;
mod reels;
mod report;
mod rewrite;
mod smooth;
mod survey;
mod talker;
mod teeth;
mod tone;
mod trail;
mod units;
mod wanted;

use std::ops::Range;
use std::path::Path;

pub use cache::PackCache;
pub(crate) use cache::hash;
pub use opener::{Clip, Need, Opener};
pub use pack::{Pack, PackFacts};
pub use report::{Covered, Lost, Report, Shape, Why};

use crate::composite::{self, Composition, overlay};
use crate::driver::Patch;
use crate::error::{Error, Kind, Result};
use crate::media::frames::Frames;
use crate::media::{Planes, Tools, image};
use crate::mouth::MouthTrack;
use crate::progress::{self, Stage as Step};
use crate::scene::Scene;
use crate::show::file_name;

use film::{Film, Material};
pub(crate) use framing::Framing;

/// Asked with how much of how much is done.
pub type Alive<'a> = &'a mut dyn FnMut(u64, u64) -> Result<()>;

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
            || Film::new(framing, (composition, alone), pack, track, (seed, filmed_order), self.tools),
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
