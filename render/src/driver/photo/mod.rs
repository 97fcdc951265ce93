//! A photo that speaks: its own pixels warped by a mesh, with a drawn inside of the mouth (design: mesh warp of the face
//! mesh's triangles, as in Averbuch-Elor 2017, with the oral cavity drawn where the photo shows none).

mod aperture;
mod corners;
mod crowns;
pub(crate) mod field;
mod frame;
mod lids;
mod life;
mod light;
pub(crate) mod mesh;
pub(crate) mod noise;
mod openings;
mod oral;
mod own;
pub(crate) mod shape;
pub(crate) mod sitter;
mod sway;
mod teeth;
pub(crate) mod topology;
pub(crate) mod warp;

pub use crowns::Crowns;
pub use frame::{FrameDriver, Sitting, lower_face, skin_level, tones};
pub use light::{Tones, luma};
pub use shape::{Rest, measure};

use std::sync::Arc;

use self::aperture::Sides;
use self::field::Field;
use self::lids::Lids;
use self::life::Life;
use self::light::Light;
use self::mesh::Inset;
use self::openings::{Eyelids, Lips, View};
use self::oral::Oral;
use self::own::OwnMouth;
use self::shape::MouthRig;
use self::sitter::{Sitter, bounds, clipped, pitch};
use self::sway::{HeadEllipse, Sway};
use self::teeth::Arch;
use self::topology::{CORNER_LEFT, CORNER_RIGHT, EYES, UPPER_MIDDLE};
use self::warp::{Kernel, Plane, Window, warp};
use super::{MouthDriver, Patch, Region};
use crate::face::Landmarks;
use crate::face::head::Head;
use crate::media::Picture;
use crate::mouth::MouthTrack;

/// A photo, already at the size at which it is shown.
pub struct Portrait<'a> {
    pub picture: &'a Picture,
    /// The same as planes.
    pub still: Patch,
    /// Pixels of `picture`, whole numbers in their middles.
    pub landmarks: &'a Landmarks,
    /// The part of `picture` that can be seen.
    pub visible: Region,
    /// Pixels of `picture` per pixel of the photo as it was sent.
    pub enlargement: f32,
}

/// Draws a [`Portrait`] that follows a mouth track.
pub struct PhotoDriver {
    /// What skin is made of.
    skin: Patch,
    region: Region,
    sitter: Sitter,
    lids: Lids,
    oral: Oral,
    own: Option<OwnMouth>,
    grid: Field,
    face_grid: Field,
    sway: Sway,
    eye_boxes: [[f32; 4]; 2],
    irises: [[f32; 2]; 2],
    /// How far each frame's smile has relaxed.
    talk: Vec<f32>,
    track: MouthTrack,
    seed: u64,
}

/// Memory for one drawing thread.
pub struct Scratch {
    total: Field,
    swayed: Field,
    face: Field,
    lips: Sides,
    lids: [Sides; 2],
    spare: Vec<f32>,
}

impl PhotoDriver {
    pub fn new(portrait: Portrait, track: MouthTrack, seed: u64) -> Self {
        let head = Head::get();
        let fit = crate::face::fit(portrait.landmarks);
        let px_per_cm = fit.scale as f32;
        let points: Vec<[f32; 2]> = portrait.landmarks[..468].iter().map(|p| [p[0], p[1]]).collect();
        let rig = MouthRig::new(fit.points.iter().map(|p| p.map(|v| v as f32)).collect(), head);
        let lids = Lids::new(&rig.own, portrait.picture, &points, px_per_cm, fit.pose().yaw);
        let open = rig.own_gap > shape::OPEN_PHOTO;
        let (rim, corner) = if open { (0.09, 0.25) } else { (0.05, 0.0) };
        let inset = Inset {
            rim: rim * px_per_cm,
            corner: corner * px_per_cm,
        };
        let blur = 0.55 * portrait.enlargement.max(1.0);
        let (oral, own) = oral(&portrait, &rig, &points, px_per_cm, blur, seed);
        let mut sitter = Sitter::new(fit, rig, &points, inset, portrait.enlargement);
        let size = (portrait.picture.width, portrait.picture.height);
        let ellipse = HeadEllipse::of(&points);
        let region = moving_region(ellipse, portrait.visible);
        let pitch = pitch(px_per_cm);
        let (x0, y0) = (region.x as f32, region.y as f32);
        let grid = Field::covering(x0, y0, x0 + region.width as f32, y0 + region.height as f32, pitch);
        let face_box = clipped(bounds(&sitter.mesh.home, 0.6 * px_per_cm), region);
        sitter.mouth_box = clipped(sitter.mouth_box, region);
        let face_grid = Field::covering(face_box[0], face_box[1], face_box[2], face_box[3], pitch);
        let bounds_all = [0.0, 0.0, size.0 as f32 - 1.0, size.1 as f32 - 1.0];
        let sway = Sway::new(&grid, ellipse, bounds_all, px_per_cm);
        let eye_boxes = std::array::from_fn(|e| {
            let lids: Vec<[f32; 2]> = EYES[e].upper.iter().chain(&EYES[e].lower).map(|&i| points[i]).collect();
            clipped(bounds(&lids, 0.5 * px_per_cm), region)
        });
        let irises = std::array::from_fn(|e| [portrait.landmarks[EYES[e].iris][0], portrait.landmarks[EYES[e].iris][1]]);
        let talk = life::talk(&track);
        let mut skin = portrait.still;
        if own.is_some() {
            let corners = [points[CORNER_RIGHT], points[CORNER_LEFT]];
            skin.planes = corners::lightened(&skin.planes, corners, px_per_cm);
        }
        Self {
            skin,
            region,
            sitter,
            lids,
            oral,
            own,
            grid,
            face_grid,
            sway,
            eye_boxes,
            irises,
            talk,
            track,
            seed,
        }
    }

    pub fn frames(&self) -> usize {
        self.track.shapes.len()
    }

    /// Inner-lip opening and distance of the mouth's corners that frame `index` is drawn to, cm on the canonical head.
    pub fn requested(&self, index: usize) -> (f32, f32) {
        let [gap, width, ..] = shape::measure(&self.sitter.rig.target(&self.track.shapes[index], self.talk[index]));
        (gap, width)
    }

    /// How far the lids are down in frame `index`: 0 open, 1 shut.
    pub fn blink(&self, index: usize) -> f32 {
        life::at(self.seed, &self.track, index).blink
    }

    /// How far every skin point moves in a frame, pixels, and the target it moves to, cm.
    fn pose(&self, index: usize, life: &Life) -> (Vec<[f32; 2]>, shape::Points) {
        let rig = &self.sitter.rig;
        let mut target = rig.target(&self.track.shapes[index], self.talk[index]);
        rig.raise_brows(&mut target, life.brow);
        self.lids.close(&mut target, life.blink);
        (self.sitter.moved(&target), target)
    }

    /// Fills the scratch's fields: the face's own motion, the head's, and both together.
    fn fields(&self, life: &Life, target: &[[f32; 2]], scratch: &mut Scratch) {
        scratch.face.clear();
        scratch
            .face
            .rasterise(&self.sitter.mesh.triangles, target, &self.sitter.mesh.source);
        scratch.face.smooth(&mut scratch.spare);
        self.sway.displace(life, &mut scratch.swayed);
        scratch.total.after(&scratch.swayed, &scratch.face);
    }
}

impl MouthDriver for PhotoDriver {
    type Scratch = Scratch;

    fn region(&self) -> Region {
        self.region
    }

    fn scratch(&self) -> Scratch {
        // Kinks at the rims lie between nodes: what they blur must stay below a pixel or two.
        let fine = (self.grid.pitch / 4.0).max(1.0);
        let sides = |b: [f32; 4]| Sides::covering(b[0], b[1], b[2], b[3], fine);
        Scratch {
            total: self.grid.clone(),
            swayed: self.grid.clone(),
            face: self.face_grid.clone(),
            lips: sides(self.sitter.mouth_box),
            lids: [sides(self.eye_boxes[0]), sides(self.eye_boxes[1])],
            spare: Vec::new(),
        }
    }

    fn draw(&self, index: usize, scratch: &mut Scratch, patch: &mut Patch) {
        let life = life::at(self.seed, &self.track, index);
        let (moved, shape) = self.pose(index, &life);
        let target = self.sitter.mesh.target(&moved);
        self.fields(&life, &target, scratch);
        let r = self.region;
        let planes = sitter::planes(&self.skin.planes);
        sitter::warp_planes(&planes, &scratch.total, r, self.sitter.kernel, &mut patch.planes);
        if let (Some(out), Some(alpha)) = (&mut patch.alpha, &self.skin.alpha) {
            let plane = Plane {
                width: self.skin.planes.width,
                height: self.skin.planes.height,
                data: alpha,
            };
            let luma = Window {
                x: r.x,
                y: r.y,
                width: r.width,
                height: r.height,
            };
            warp(plane, &scratch.total, luma, 1, Kernel::Linear, out);
        }
        let view = View {
            sitter: &self.sitter,
            planes,
            oral: &self.oral,
            own: self.own.as_ref(),
            region: r,
        };
        for e in 0..2 {
            Eyelids {
                view: &view,
                eye: e,
                bounds: self.eye_boxes[e],
                iris: self.irises[e],
                target: &target,
                life: &life,
            }
            .draw(&mut scratch.lids[e], &scratch.face, &scratch.swayed, patch);
        }
        Lips {
            view: &view,
            target: &target,
            shape: &shape,
            mouth: &self.track.shapes[index],
        }
        .draw(&mut scratch.lips, &scratch.face, &scratch.swayed, patch);
    }
}

/// What is drawn between the lips, and what the photo shows there if it is teeth.
fn oral(portrait: &Portrait, rig: &MouthRig, points: &[[f32; 2]], px_per_cm: f32, blur: f32, seed: u64) -> (Oral, Option<OwnMouth>) {
    let picture = portrait.picture;
    let light = Light::read(picture, points, px_per_cm);
    let outline = light::mouth_outline(points);
    let shown = rig.own_gap > shape::OPEN_PHOTO && light.shows_teeth(picture, &outline);
    let own = shown.then(|| OwnMouth::of(&outline, px_per_cm, &portrait.still.planes));
    let light = if shown {
        light.matching_teeth(picture, &outline, teeth::ENAMEL)
    } else {
        light
    };
    // A little softer where the photo is blurred.
    let detail = px_per_cm / (1.0 + 0.03 * blur);
    let oral = Oral {
        light,
        haze: [0.0; 3],
        blur: 0.0,
        upper: Arc::new(Arch::upper(detail, seed)),
        lower: Arc::new(Arch::lower(detail, seed)),
        px_per_cm,
    };
    (oral, own)
}

/// The region in which the head moves, even, inside what can be seen.
fn moving_region(head: HeadEllipse, visible: Region) -> Region {
    let [left, top, right, low] = head.reach();
    // Saturates at 0 for what lies outside to the left or above.
    let even = |v: f32, start: usize, size: usize| (v as usize & !1).clamp(start, start + size);
    let (x0, x1) = (even(left, visible.x, visible.width), even(right + 2.0, visible.x, visible.width));
    let (y0, y1) = (even(top, visible.y, visible.height), even(low + 2.0, visible.y, visible.height));
    Region {
        x: x0,
        y: y0,
        width: x1 - x0,
        height: y1 - y0,
    }
}
