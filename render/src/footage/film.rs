//! A scene whose avatar is a video, ready to be drawn: the still canvas, the face's trail, and the driver of its mouth.

use fast_image_resize::Resizer;

use super::framing::Framing;
use super::pack::Pack;
use super::smooth::reflected;
use super::trail::Trail;
use crate::composite::{Composition, overlay};
use crate::driver::Patch;
use crate::driver::photo::{FrameDriver, Sitting};
use crate::error::{Error, Result};
use crate::media::Planes;
use crate::mouth::MouthTrack;

/// Everything but the video's own frames; a frame is a pure function of it, the video's frame and an index.
pub struct Film<'a> {
    framing: Framing,
    still: Planes,
    driver: FrameDriver,
    trail: &'a Trail,
    /// Frames of the pack in one of the canvas.
    pace: f64,
    track: MouthTrack,
    /// What is over the avatar, with its place in the avatar's rectangle.
    above: Option<(Patch, usize, usize)>,
}

/// Memory for one drawing thread.
#[derive(Default)]
pub struct Bench {
    resizer: Resizer,
}

impl<'a> Film<'a> {
    pub fn new(framing: Framing, composition: Composition, pack: &'a Pack, track: MouthTrack, seed: u64) -> Result<Self> {
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
        Ok(Self {
            still: composition.base.to_planes()?,
            driver: FrameDriver::new(&best.picture, &best.face, (enlargement, best.scale), trail.tones(), seed)
                .keeping_smile(trail.smiles()),
            framing,
            trail,
            pace: pack.facts.fps.as_f64() / track.fps.as_f64(),
            track,
            above,
        })
    }

    pub fn still(&self) -> &Planes {
        &self.still
    }

    pub fn frames(&self) -> usize {
        self.track.shapes.len()
    }

    /// Which of the pack's frames is shown: to its end, back to its beginning, and so on.
    pub fn source(&self, index: usize) -> usize {
        // What lies exactly between two frames is the former.
        reflected((index as f64 * self.pace - 1e-6).round() as isize, self.trail.frames())
    }

    /// A buffer for one frame's rectangle.
    pub fn patch(&self) -> Patch {
        Patch {
            planes: self.framing.blank(),
            alpha: None,
        }
    }

    /// Draws the avatar's rectangle of frame `index`, complete, from the video's frame `source(index)`.
    pub fn draw(&self, index: usize, frame: &Planes, bench: &mut Bench, patch: &mut Patch) -> Result<()> {
        self.framing.shown(frame, &mut bench.resizer, &mut patch.planes)?;
        if let Some(mut placed) = self.trail.at(self.source(index)) {
            for p in placed.landmarks.iter_mut() {
                *p = self.framing.place(*p);
            }
            let sitting = Sitting {
                landmarks: &placed.landmarks,
                rest: placed.rest,
                light: placed.light,
                drive: placed.drive,
            };
            self.driver.draw(&mut patch.planes, &sitting, &self.track.shapes[index]);
        }
        if let Some((above, x, y)) = &self.above {
            overlay::draw(above, &mut patch.planes, *x, *y);
        }
        Ok(())
    }

    /// Puts a drawn rectangle into a canvas.
    pub fn place(&self, patch: &Patch, canvas: &mut Planes) {
        let rect = self.framing.rect;
        overlay::draw(patch, canvas, rect.left as usize, rect.top as usize);
    }
}
