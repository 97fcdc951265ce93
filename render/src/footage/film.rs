//! A scene whose avatar is a video, ready to be drawn: the still canvas, who plays in each frame, and how mouths come into it.

use fast_image_resize::Resizer;

use super::cast::{Cast, Lenders};
use super::form::{self, Form};
use super::framing::Framing;
use super::pack::Pack;
use super::rewrite::{Lender, Wear, Wearer, rewrite};
use super::teeth;
use super::trail::{Placed, Trail};
use crate::composite::{Composition, overlay};
use crate::driver::photo::warp::Kernel;
use crate::driver::photo::{FrameDriver, Sitting};
use crate::driver::{Patch, Region};
use crate::error::{Error, Kind, Result};
use crate::face::{Landmarks, fit};
use crate::matte::lift;
use crate::media::{Planes, Tools};
use crate::mouth::MouthTrack;

/// From this enlargement on pictures hold no detail that smooth sampling could lose.
const ENLARGED: f32 = 1.5;

/// Everything but the video's own frames; a frame is a pure function of it, the video's frames and an index.
pub struct Film<'a> {
    framing: Framing,
    /// What is under the avatar, where that shines through and nobody else puts it there.
    under: Option<Planes>,
    /// For footage that has no mouths to lend.
    driver: FrameDriver,
    cast: Cast,
    pack: &'a Pack,
    track: MouthTrack,
    /// What is over the avatar, with its place in the avatar's rectangle.
    above: Option<(Patch, usize, usize)>,
}

/// What the pack gives for one frame of the canvas.
#[derive(Default)]
pub struct Material {
    /// The bed's frame, and one that is mixed in.
    pub frames: [Option<Planes>; 2],
    /// Which part of those is the person, where it is cut out: the luma, 0 to 255.
    pub alphas: [Option<Planes>; 2],
    /// The mouths that are lent.
    pub mouths: [Option<Planes>; 2],
}

/// Memory for one drawing thread.
#[derive(Default)]
pub struct Bench {
    resizer: Resizer,
    mixed: Option<Planes>,
    alpha: Vec<u8>,
    /// An avatar before it lies on what is under it.
    figure: Option<Patch>,
    mouths: [Option<Planes>; 2],
}

/// A lender's face.
struct Lent {
    /// Pixels of its mouth picture at the canvas's scale.
    points: Vec<[f32; 2]>,
    form: Form,
    view: [f64; 3],
    weight: f32,
}

impl<'a> Film<'a> {
    /// `alone`: the avatar keeps its alpha, and lies on nothing. `filmed_order`: the frames are not chosen, but shown as they were filmed.
    pub fn new(
        framing: Framing,
        (composition, alone): (Composition, bool),
        pack: &'a Pack,
        track: MouthTrack,
        (seed, filmed_order): (u64, bool),
        tools: &Tools,
    ) -> Result<Self> {
        let (best, trail) = (pack.looks(), pack.trail());
        let above = composition
            .above
            .map(|a| {
                let patch = Patch::from_straight(&overlay::straight(&a.picture))?;
                let within = |at: i32, origin: i32| (at - origin).max(0) as usize;
                let (x, y) = (within(a.rect.left, framing.rect.left), within(a.rect.top, framing.rect.top));
                Ok::<_, Error>((patch, x, y))
            })
            .transpose()?;
        let enlargement = framing.enlargement();
        let cast = Cast::new(trail, pack.facts.fps.as_f64(), &track, (!filmed_order).then_some(seed));
        let mut driver =
            FrameDriver::new(&best.picture, &best.face, (enlargement, best.scale), trail.tones(), seed).keeping_smile(trail.smiles());
        // A smile that lasts shows its own teeth in every frame.
        if !cast.lends()
            && !trail.smiles()
            && let Some(crowns) = teeth::best(&driver, pack, tools)?
        {
            driver = driver.wearing(&crowns);
        }
        Ok(Self {
            under: (pack.matte().is_some() && !alone)
                .then(|| Ok::<_, Error>(overlay::cut(&composition.base.to_planes()?, Region::of(&framing.rect))))
                .transpose()?,
            driver,
            cast,
            framing,
            pack,
            track,
            above,
        })
    }

    fn trail(&self) -> &Trail {
        self.pack.trail()
    }

    /// The pack's frames that a frame of the canvas is made of: one, or two that are mixed.
    pub fn sources(&self, index: usize) -> impl Iterator<Item = usize> + use<> {
        let shown = self.cast.shown(index);
        std::iter::once(shown.frame).chain(shown.with.map(|(frame, _)| frame))
    }

    /// The pack's frames whose mouths it is given, if any.
    pub fn lenders(&self, index: usize) -> Option<Lenders> {
        let mut sources = self.sources(index);
        let moves = sources.any(|frame| self.trail().drive(frame) > 0.0);
        self.cast.lenders(index).filter(|_| moves)
    }

    /// A buffer for one frame's rectangle.
    pub fn patch(&self) -> Patch {
        self.blank(self.pack.matte().is_some() && self.under.is_none())
    }

    fn blank(&self, alpha: bool) -> Patch {
        let planes = self.framing.blank();
        let alpha = alpha.then(|| vec![0; planes.y.len()]);
        Patch { planes, alpha }
    }

    /// Draws the avatar's rectangle of frame `index`, complete; `material` is used up.
    pub fn draw(&self, index: usize, material: &mut Material, bench: &mut Bench, patch: &mut Patch) -> Result<()> {
        let Some(under) = &self.under else {
            self.figure(index, material, bench, patch)?;
            self.finish(patch);
            return Ok(());
        };
        let mut figure = bench.figure.take().unwrap_or_else(|| self.blank(true));
        self.figure(index, material, bench, &mut figure)?;
        patch.planes.clone_from(under);
        overlay::draw(&figure, &mut patch.planes, 0, 0);
        bench.figure = Some(figure);
        self.finish(patch);
        Ok(())
    }

    /// Draws what is over the avatar.
    fn finish(&self, patch: &mut Patch) {
        if let Some((above, x, y)) = &self.above {
            overlay::draw(above, &mut patch.planes, *x, *y);
        }
    }

    /// Draws the person and, where nothing is cut out, what is around it.
    fn figure(&self, index: usize, material: &mut Material, bench: &mut Bench, patch: &mut Patch) -> Result<()> {
        let shown = self.cast.shown(index);
        let frame = material.frames[0].as_mut().ok_or_else(missing)?;
        if self.framing.is_plain() {
            std::mem::swap(frame, &mut patch.planes);
        } else {
            self.framing.shown(frame, &mut bench.resizer, &mut patch.planes)?;
        }
        let mut placed = self.trail().at(shown.frame);
        if let Some((frame, weight)) = shown.with {
            let mixed = bench.mixed.get_or_insert_with(|| self.framing.blank());
            self.framing.shown(given(&material.frames[1])?, &mut bench.resizer, mixed)?;
            mix(&mut patch.planes, mixed, weight);
            placed = between(placed, self.trail().at(frame), weight);
        }
        if let Some(alpha) = &mut patch.alpha {
            self.framing.alpha(given(&material.alphas[0])?, &mut bench.resizer, alpha)?;
            if let Some((_, weight)) = shown.with {
                bench.alpha.resize(alpha.len(), 0);
                self.framing
                    .alpha(given(&material.alphas[1])?, &mut bench.resizer, &mut bench.alpha)?;
                mix_plane(alpha, &bench.alpha, weight);
            }
        }
        if let Some(mut placed) = placed {
            for p in placed.landmarks.iter_mut() {
                *p = self.framing.place(*p);
            }
            match self.lenders(index) {
                Some(lenders) => self.rewrite(index, &placed, lenders, material, bench, patch)?,
                None => {
                    let sitting = Sitting {
                        landmarks: &placed.landmarks,
                        rest: placed.rest,
                        light: placed.light,
                        drive: placed.drive,
                    };
                    self.driver
                        .draw(&mut patch.planes, patch.alpha.as_deref_mut(), &sitting, &self.track.shapes[index]);
                }
            }
        }
        if let Some(alpha) = &mut patch.alpha {
            // Whatever was done to the picture was done to alpha too: it still shows the one mixed with the other.
            lift(&mut patch.planes, alpha);
        }
        Ok(())
    }

    /// Gives the frame its lenders' mouth.
    fn rewrite(
        &self,
        index: usize,
        placed: &Placed,
        lenders: Lenders,
        material: &Material,
        bench: &mut Bench,
        frame: &mut Patch,
    ) -> Result<()> {
        let lent: Vec<Lent> = lenders
            .iter()
            .map(|(unit, weight)| self.lent(unit, weight))
            .collect::<Result<_>>()?;
        for (k, _) in lenders.iter().enumerate() {
            let mouth = given(&material.mouths[k])?;
            if let Some((width, height)) = self.framing.scaled_size((mouth.width, mouth.height)) {
                let scaled = bench.mouths[k].get_or_insert_with(|| Planes::blank(width, height));
                self.framing.scaled(mouth, &mut bench.resizer, scaled)?;
            }
        }
        let mut list = Vec::with_capacity(lent.len());
        for (k, l) in lent.iter().enumerate() {
            list.push(Lender {
                planes: match &bench.mouths[k] {
                    Some(scaled) => scaled,
                    None => given(&material.mouths[k])?,
                },
                points: &l.points,
                view: l.view,
                weight: l.weight,
            });
        }
        let form = self.cast.form(index, lent.iter().map(|l| (&l.form[..], l.weight)));
        let points = flat(&placed.landmarks);
        let wearer = Wearer {
            points: &points,
            fit: &fit(&placed.landmarks),
        };
        let wear = Wear {
            form: &form,
            drive: placed.drive,
            kernel: if self.framing.enlargement() >= ENLARGED {
                Kernel::Linear
            } else {
                Kernel::Cubic
            },
        };
        rewrite(&mut frame.planes, frame.alpha.as_deref_mut(), &wearer, &list, &wear);
        Ok(())
    }

    fn lent(&self, unit: usize, weight: f32) -> Result<Lent> {
        let missing = || Error::new(Kind::Internal, "a mouth was chosen where there is none");
        let mut landmarks = self.trail().at(unit).ok_or_else(missing)?.landmarks;
        let fit = fit(&landmarks);
        let place = self.pack.mouth_place(unit).ok_or_else(missing)?;
        for p in landmarks.iter_mut() {
            *p = self.framing.within(*p, place);
        }
        Ok(Lent {
            points: flat(&landmarks),
            form: form::of(&fit),
            view: fit.rotation[2],
            weight,
        })
    }
}

fn given(planes: &Option<Planes>) -> Result<&Planes> {
    planes.as_ref().ok_or_else(missing)
}

fn missing() -> Error {
    Error::new(Kind::Internal, "a picture that is needed was not read")
}

fn flat(landmarks: &Landmarks) -> Vec<[f32; 2]> {
    landmarks[..468].iter().map(|p| [p[0], p[1]]).collect()
}

/// The face in a picture that is mixed of two.
fn between(one: Option<Placed>, other: Option<Placed>, weight: f32) -> Option<Placed> {
    let (Some(mut one), Some(other)) = (one, other) else { return None };
    for (a, b) in one.landmarks.as_flattened_mut().iter_mut().zip(other.landmarks.as_flattened()) {
        *a += (b - *a) * weight;
    }
    one.drive += (other.drive - one.drive) * weight;
    one.light += (other.light - one.light) * weight;
    Some(one)
}

/// Mixes one picture into another.
fn mix(to: &mut Planes, from: &Planes, weight: f32) {
    for (to, from) in [(&mut to.y, &from.y), (&mut to.u, &from.u), (&mut to.v, &from.v)] {
        mix_plane(to, from, weight);
    }
}

fn mix_plane(to: &mut [u8], from: &[u8], weight: f32) {
    let part = (weight * 256.0).round() as i32;
    for (a, b) in to.iter_mut().zip(from) {
        *a = (i32::from(*a) + (((i32::from(*b) - i32::from(*a)) * part + 128) >> 8)) as u8;
    }
}
