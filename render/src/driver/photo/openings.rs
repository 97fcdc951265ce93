//! The two kinds of openings in the face, drawn pixel by pixel: between the lips and between the lids.

use super::aperture::{Aperture, Place, Sides};
use super::field::Field;
use super::life::Life;
use super::mesh::touching;
use super::oral::{self, OpenMouth, Oral, TeethPlane};
use super::own::OwnMouth;
use super::sitter::Sitter;
use super::topology::{CHIN, EYES, INNER_LOWER, INNER_UPPER, LOWER_MIDDLE};
use super::warp::{Kernel, Plane};
use super::{UPPER_MIDDLE, shape};
use crate::driver::{Patch, Region};
use crate::mouth::MouthShape;

/// From here to there (cm from the rim) the rim's own displacement passes into the skin's.
const RAMP: (f32, f32) = (0.25, 0.75);

/// A face and the pixels that it is made of.
pub struct View<'a> {
    pub sitter: &'a Sitter,
    pub planes: [Plane<'a>; 3],
    pub oral: &'a Oral,
    /// What the picture itself shows between the lips, if it is teeth.
    pub own: Option<&'a OwnMouth>,
    /// What the patch that is drawn covers.
    pub region: Region,
}

/// The mouth of one frame.
pub struct Lips<'a> {
    pub view: &'a View<'a>,
    /// Where the mesh's points go, pixels.
    pub target: &'a [[f32; 2]],
    /// The same on the canonical head, cm.
    pub shape: &'a [[f32; 3]],
    pub mouth: &'a MouthShape,
}

/// One eye of one frame.
pub struct Eyelids<'a> {
    pub view: &'a View<'a>,
    pub eye: usize,
    /// Left, top, right, bottom.
    pub bounds: [f32; 4],
    pub iris: [f32; 2],
    pub target: &'a [[f32; 2]],
    pub life: &'a Life,
}

impl Lips<'_> {
    /// `face`: the skin's own motion. `swayed`: the head's.
    pub fn draw(&self, lips: &mut Sides, face: &Field, swayed: &Field, patch: &mut Patch) {
        let d = self.view.sitter;
        let scale = d.px_per_cm;
        let b = d.mouth_box;
        let skin = touching(&d.mesh.triangles, self.target, b[0], b[1], b[2], b[3]);
        lips.rasterise(&skin, self.target, &d.mesh.source, [&INNER_UPPER, &INNER_LOWER], 0.5 * scale);
        let ring = |ids: &[usize]| ids.iter().map(|&i| self.target[i]).collect::<Vec<_>>();
        // Shut lips touch all along, though the points of their rims do not lie on each other.
        let gap = self.shape[UPPER_MIDDLE][1] - self.shape[LOWER_MIDDLE][1];
        let contact = shape::CONTACT * (1.0 + 3.0 * (1.0 - gap / 0.15).clamp(0.0, 1.0));
        let aperture = Aperture::new(&ring(&INNER_UPPER), &ring(&INNER_LOWER), d.soft, contact * scale);
        let open = self.open_mouth(&aperture);
        let thick = (open.opening / 0.25).clamp(0.0, 1.0);
        let inside = |x: f32, y: f32, place: &Place| {
            let mut c = open.colour(x, y, place);
            let blur = open.oral.blur;
            if blur > 0.0 {
                let sides = [(-blur, -blur), (blur, -blur), (-blur, blur), (blur, blur)];
                let around = sides.map(|(dx, dy)| open.colour(x + dx, y + dy, &aperture.place(x + dx, y + dy)));
                for k in 0..3 {
                    c[k] = (c[k] + around.iter().map(|a| a[k]).sum::<f32>()) / 5.0;
                }
            }
            if let Some(own) = self.view.own {
                let cover = own.at(x, y);
                if cover > 0.0 {
                    let kept = (oral::shade(place, scale) * 1.5).clamp(0.45, 1.0);
                    let cover = cover * ((place.below_upper + place.above_lower) / (0.14 * scale)).clamp(0.0, 1.0);
                    let own = to_rgb(own.colour(x, y, d.kernel));
                    for k in 0..3 {
                        c[k] += (own[k] * kept - c[k]) * cover;
                    }
                }
            }
            to_yuv(c)
        };
        let rim = |place: &Place| {
            let near = place.below_upper.abs().min(place.above_lower.abs()) / (0.06 * scale);
            1.0 - 0.12 * thick * (1.0 - near).max(0.0)
        };
        let opening = Opening {
            view: self.view,
            aperture: &aperture,
            bounds: b,
            sides: lips,
        };
        opening.draw(face, swayed, patch, inside, rim);
    }

    fn open_mouth(&self, aperture: &Aperture) -> OpenMouth<'_> {
        let d = self.view.sitter;
        let rest = &d.rig.rest;
        let drop = (rest[INNER_LOWER[5]][1] - self.shape[INNER_LOWER[5]][1]).max(0.0);
        let chin = (rest[CHIN][1] - self.shape[CHIN][1]).max(0.0);
        OpenMouth {
            oral: self.view.oral,
            plane: TeethPlane::new(|p| d.project(p), self.shape[UPPER_MIDDLE][2]),
            middle: oral::middle(self.shape),
            lip_line: d.rig.lip_line(),
            jaw: (chin * 1.2).max(drop * 0.8),
            opening: aperture.opening() / d.px_per_cm,
            tongue: self.mouth.tongue,
        }
    }
}

impl Eyelids<'_> {
    pub fn draw(&self, lids: &mut Sides, face: &Field, swayed: &Field, patch: &mut Patch) {
        let d = self.view.sitter;
        let eye = &EYES[self.eye];
        let scale = d.px_per_cm;
        let b = self.bounds;
        let skin = touching(&d.mesh.triangles, self.target, b[0], b[1], b[2], b[3]);
        // The picture's left corner first: the aperture's axis runs to the right.
        let order = |ids: &[usize; 9]| {
            let mut ids = *ids;
            if self.target[ids[0]][0] > self.target[ids[8]][0] {
                ids.reverse();
            }
            ids
        };
        let (upper, lower) = (order(&eye.upper), order(&eye.lower));
        lids.rasterise(&skin, self.target, &d.mesh.source, [&upper, &lower], 0.25 * scale);
        let ring = |ids: &[usize]| ids.iter().map(|&i| self.target[i]).collect::<Vec<_>>();
        let aperture = Aperture::new(&ring(&upper), &ring(&lower), d.soft * 0.8, 0.03 * scale);
        let [py, pu, pv] = self.view.planes;
        let iris = self.iris;
        let gaze = self.life.gaze;
        let inside = |x: f32, y: f32, place: &Place| {
            let r2 = ((x - iris[0]).powi(2) + (y - iris[1]).powi(2)) / (0.8 * scale).powi(2);
            let bump = (-r2 * r2).exp() * scale;
            let (sx, sy) = (x - gaze[0] * bump, y - gaze[1] * bump);
            let (cx, cy) = ((sx - 0.5) / 2.0, (sy - 0.5) / 2.0);
            let lid_shadow = 1.0 - 0.25 * self.life.blink * (1.0 - place.below_upper / (0.15 * scale)).clamp(0.0, 1.0);
            let y = 16.0 + (py.at(sx, sy, d.kernel) - 16.0) * lid_shadow;
            [y, pu.at(cx, cy, Kernel::Linear), pv.at(cx, cy, Kernel::Linear)]
        };
        let opening = Opening {
            view: self.view,
            aperture: &aperture,
            bounds: b,
            sides: lids,
        };
        opening.draw(face, swayed, patch, inside, |_| 1.0);
    }
}

/// What lips and lids have in common.
struct Opening<'a> {
    view: &'a View<'a>,
    aperture: &'a Aperture,
    /// Left, top, right, bottom before the head's sway.
    bounds: [f32; 4],
    sides: &'a Sides,
}

impl Opening<'_> {
    /// `inside`: Y, U, V of what lies between, at a place of the unswayed raster. `rim`: how dark the contact line is.
    fn draw(
        &self,
        face: &Field,
        swayed: &Field,
        patch: &mut Patch,
        inside: impl Fn(f32, f32, &Place) -> [f32; 3],
        rim: impl Fn(&Place) -> f32,
    ) {
        let r = self.view.region;
        let Some(window) = self.window(swayed, r) else { return };
        for by in (window.y..window.y + window.height).step_by(2) {
            for bx in (window.x..window.x + window.width).step_by(2) {
                self.block(bx, by, face, swayed, patch, &inside, &rim);
            }
        }
    }

    /// Draws the 2×2 pixels of one chroma sample.
    #[expect(clippy::too_many_arguments, reason = "the inner loop's own parts, passed on as they are")]
    fn block(
        &self,
        bx: usize,
        by: usize,
        face: &Field,
        swayed: &Field,
        patch: &mut Patch,
        inside: &impl Fn(f32, f32, &Place) -> [f32; 3],
        rim: &impl Fn(&Place) -> f32,
    ) {
        let kernel = self.view.sitter.kernel;
        let r = self.view.region;
        let [py, pu, pv] = self.view.planes;
        let s = swayed.at(bx as f32 + 0.5, by as f32 + 0.5);
        let centre = (bx as f32 + 0.5 + s[0], by as f32 + 0.5 + s[1]);
        let ramp = self.ramp(&self.aperture.place(centre.0, centre.1));
        if ramp <= 0.0 {
            return;
        }
        // Where a side's skin comes from.
        let fields = [&self.sides.upper, &self.sides.lower];
        let from = |field: &Field, x: f32, y: f32| {
            let (base, own) = (face.at(x, y), field.at(x, y));
            [x + base[0] + (own[0] - base[0]) * ramp, y + base[1] + (own[1] - base[1]) * ramp]
        };
        let mut parts = [0.0f32; 2];
        let mut chroma = [0.0f32; 2];
        for (ox, oy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let (x, y) = (bx + ox, by + oy);
            let (ux, uy) = (x as f32 + s[0], y as f32 + s[1]);
            let place = self.aperture.place(ux, uy);
            let share = self.aperture.share(&place);
            let mut luma = 0.0;
            for (k, part) in [share.upper, share.lower].into_iter().enumerate() {
                if part > 0.0 {
                    let [sx, sy] = from(fields[k], ux, uy);
                    luma += part * py.at(sx, sy, kernel);
                    parts[k] += part / 4.0;
                }
            }
            if share.inside > 0.0 {
                let c = inside(ux, uy, &place);
                luma += share.inside * c[0];
                chroma[0] += share.inside * c[1] / 4.0;
                chroma[1] += share.inside * c[2] / 4.0;
            }
            let n = (y - r.y) * r.width + x - r.x;
            patch.planes.y[n] = (16.5 + (luma - 16.0) * rim(&place)).clamp(0.0, 255.0) as u8;
        }
        for (part, field) in parts.into_iter().zip(fields).filter(|(part, _)| *part > 0.0) {
            let [sx, sy] = from(field, centre.0, centre.1);
            let (cx, cy) = ((sx - 0.5) / 2.0, (sy - 0.5) / 2.0);
            chroma[0] += part * pu.at(cx, cy, Kernel::Linear);
            chroma[1] += part * pv.at(cx, cy, Kernel::Linear);
        }
        let n = (by - r.y) / 2 * (r.width / 2) + (bx - r.x) / 2;
        patch.planes.u[n] = (chroma[0] + 0.5) as u8;
        patch.planes.v[n] = (chroma[1] + 0.5) as u8;
    }

    /// 1 at the rim, 0 from where the skin's own displacement holds.
    fn ramp(&self, place: &Place) -> f32 {
        let scale = self.view.sitter.px_per_cm;
        let beyond = (-place.along).max(place.along - 1.0) * self.aperture.length;
        let away = (-place.below_upper).max(-place.above_lower).max(beyond * 1.6) / scale;
        let t = ((RAMP.1 - away) / (RAMP.1 - RAMP.0)).clamp(0.0, 1.0);
        t * t * (3.0 - 2.0 * t)
    }

    /// The even rectangle of the region that the opening may touch after the sway.
    fn window(&self, swayed: &Field, r: Region) -> Option<Region> {
        let b = self.bounds;
        let s = swayed.at((b[0] + b[2]) / 2.0, (b[1] + b[3]) / 2.0);
        let slack = 4.0;
        let limit = |v: f32, low: usize, size: usize| (v.max(0.0) as usize).clamp(low, low + size);
        let x0 = limit(b[0] - s[0] - slack, r.x, r.width) & !1;
        let y0 = limit(b[1] - s[1] - slack, r.y, r.height) & !1;
        let x1 = limit(b[2] - s[0] + slack, r.x, r.width) & !1;
        let y1 = limit(b[3] - s[1] + slack, r.y, r.height) & !1;
        (x1 > x0 && y1 > y0).then(|| Region {
            x: x0,
            y: y0,
            width: x1 - x0,
            height: y1 - y0,
        })
    }
}

/// sRGB 0..255 to BT.709 limited range.
fn to_yuv(c: [f32; 3]) -> [f32; 3] {
    let y = 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
    [
        16.0 + y * 219.0 / 255.0,
        128.0 + (c[2] - y) / 1.8556 * 224.0 / 255.0,
        128.0 + (c[0] - y) / 1.5748 * 224.0 / 255.0,
    ]
}

pub fn to_rgb(c: [f32; 3]) -> [f32; 3] {
    let y = (c[0] - 16.0) * 255.0 / 219.0;
    let (u, v) = ((c[1] - 128.0) * 255.0 / 224.0, (c[2] - 128.0) * 255.0 / 224.0);
    let (r, b) = (y + 1.5748 * v, y + 1.8556 * u);
    [r, (y - 0.2126 * r - 0.0722 * b) / 0.7152, b]
}
