//! A photo driver for a photo that lasts one frame: in a video only the mouth and the jaw are ours.

use std::sync::Arc;

use super::aperture::Sides;
use super::crowns::{Crowns, Shown};
use super::field::Field;
use super::light::{self, Light, Tones, luma};
use super::mesh::Inset;
use super::openings::{Lips, View, to_rgb};
use super::oral::Oral;
use super::own::OwnMouth;
use super::shape::{MouthRig, Rest};
use super::sitter::{self, Sitter, bounds, clipped, pitch};
use super::teeth::{self, Arch};
use super::warp::Kernel;
use crate::driver::{Patch, Region};
use crate::face::head::Head;
use crate::face::{Face, Landmarks};
use crate::media::{Picture, Planes};
use crate::mouth::MouthShape;

/// Canonical heights between which the motion comes in, cm: above, a video's face lives its own life.
const LOWER_FACE: (f32, f32) = (1.2, -1.0);
/// How dark a drawn mouth is at its darkest, luma, and the most by which it is lightened.
const BLACK: f32 = 14.0;
const MOST_HAZE: f32 = 45.0;
/// Half the width of what a camera and its codec smear, pixels of the video.
const BLUR: f32 = 0.8;
/// Skin that moves less than this is left alone, pixels.
const STILL: f32 = 0.02;

/// One person's mouth, drawn into frames.
pub struct FrameDriver {
    light: Light,
    /// The brightness of what is darkest, 0 to 255.
    haze: [f32; 3],
    upper: Arc<Arch>,
    lower: Arc<Arch>,
    /// The resolution that teeth are drawn with, pixels per cm, and what makes them differ from others'.
    detail: f32,
    seed: u64,
    enlargement: f32,
    smile: bool,
}

/// A face in one frame.
pub struct Sitting<'a> {
    /// Pixels of the frame, whole numbers in their middles.
    pub landmarks: &'a Landmarks,
    pub rest: Rest,
    /// How bright it is, against the picture that the driver was made from.
    pub light: f32,
    /// 0 to 1: from the mouth as filmed to the one that is asked for.
    pub drive: f32,
}

/// How much a point at this canonical height moves with the mouth.
pub fn lower_face(y: f32) -> f32 {
    let t = ((LOWER_FACE.0 - y) / (LOWER_FACE.0 - LOWER_FACE.1)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// How bright the skin of a face is, 0 to 255; `landmarks` in pixels of `picture`.
pub fn skin_level(picture: &Picture, landmarks: &Landmarks, px_per_cm: f32) -> f32 {
    luma(light::skin(picture, &flat(landmarks), px_per_cm))
}

/// How dark and how bright it is between the lips, where that can be said; `landmarks` in pixels of `picture`.
pub fn tones(picture: &Picture, landmarks: &Landmarks) -> Option<Tones> {
    Tones::of(picture, &light::mouth_outline(&flat(landmarks)))
}

fn flat(landmarks: &Landmarks) -> Vec<[f32; 2]> {
    landmarks[..468].iter().map(|p| [p[0], p[1]]).collect()
}

impl FrameDriver {
    /// `picture` shows the person well; the first of `enlargement` is pixels of the frames per pixel of the video, the
    /// second pixels of the video per pixel of the picture. `tones`: what was seen between the lips
    /// where they were open.
    pub fn new(picture: &Picture, face: &Face, (enlargement, scale): (f32, f32), tones: Option<Tones>, seed: u64) -> Self {
        let px_per_cm = face.fit.scale as f32 * enlargement * scale;
        let points = flat(&face.landmarks);
        let light = Light::read(picture, &points, face.fit.scale as f32);
        let (light, haze) = match tones {
            Some(seen) => (
                light.no_brighter(seen.bright, teeth::ENAMEL),
                (seen.dark - BLACK).clamp(0.0, MOST_HAZE),
            ),
            None => (light, 0.0),
        };
        let detail = px_per_cm / (1.0 + 0.03 * 0.55 * enlargement.max(1.0));
        let red = luma(light.lower_lip).max(1.0);
        Self {
            haze: light.lower_lip.map(|v| v / red * haze),
            light,
            upper: Arc::new(Arch::upper(detail, seed)),
            lower: Arc::new(Arch::lower(detail, seed)),
            detail,
            seed,
            enlargement,
            smile: false,
        }
    }

    /// Somebody who always shows teeth keeps them: what the frames show between the lips is used where it is needed.
    #[must_use]
    pub fn keeping_smile(self, smile: bool) -> Self {
        Self { smile, ..self }
    }

    /// The upper teeth that a frame shows, which may have any scale; `None` where that is too little.
    pub fn crowns(&self, frame: &Planes, sitting: &Sitting) -> Option<Crowns> {
        let points = flat(sitting.landmarks);
        let fit = crate::face::fit(sitting.landmarks);
        let own: Vec<[f32; 3]> = fit.points.iter().map(|p| p.map(|v| v as f32)).collect();
        let rig = MouthRig::resting(own, sitting.rest, Head::get());
        let [py, pu, pv] = sitter::planes(frame);
        let colour = |x: f32, y: f32| {
            let (cx, cy) = ((x - 0.5) / 2.0, (y - 0.5) / 2.0);
            to_rgb([
                py.at(x, y, Kernel::Cubic),
                pu.at(cx, cy, Kernel::Linear),
                pv.at(cx, cy, Kernel::Linear),
            ])
        };
        Crowns::seen(&Shown {
            fit: &fit,
            points: &points,
            own: &rig.own,
            lip_line: rig.lip_line(),
            light: self.light.dimmed(sitting.light),
            haze: self.haze.map(|v| v * sitting.light),
            colour: &colour,
        })
    }

    /// Drawn teeth become those that were seen; beside them, and below, they take their colour.
    #[must_use]
    pub fn wearing(mut self, crowns: &Crowns) -> Self {
        let tint = crowns.tint(&self.upper);
        self.upper = Arc::new(Arch::upper(self.detail, self.seed).tinted(tint).wearing(crowns));
        self.lower = Arc::new(Arch::lower(self.detail, self.seed).tinted(tint));
        self
    }

    /// Gives the face in a frame a mouth shape. Where the person is cut out, its alpha (a byte a pixel) goes with the jaw.
    pub fn draw(&self, frame: &mut Planes, alpha: Option<&mut [u8]>, sitting: &Sitting, mouth: &MouthShape) {
        let points = flat(sitting.landmarks);
        let fit = crate::face::fit(sitting.landmarks);
        let own = fit.points.iter().map(|p| p.map(|v| v as f32)).collect();
        let rig = MouthRig::resting(own, sitting.rest, Head::get());
        let mut target = rig.target(mouth, 0.0);
        for (t, o) in target.iter_mut().zip(&rig.own) {
            let share = sitting.drive * lower_face(o[1]);
            *t = std::array::from_fn(|c| o[c] + (t[c] - o[c]) * share);
        }
        let inset = Inset::of_opening(rig.own_gap, self.smile, fit.scale as f32);
        let sitter = Sitter::new(fit, rig, &points, inset, self.enlargement);
        let moved = sitter.mesh.target(&sitter.moved(&target));
        let Some(region) = touched(&sitter, &moved, frame) else { return };
        let skin = skin(&sitter, &moved, region);
        let mut patch = self.patch(frame, &sitter, (&moved, &skin), &target, sitting.light, mouth, region);
        if let Some(alpha) = alpha {
            sitter::warp_alpha(alpha, frame.width, &skin, region, (2.0 * sitting.drive).min(1.0));
        }
        blend(&mut patch, frame, region, sitting.drive);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one frame, each used once")]
    fn patch(
        &self,
        frame: &Planes,
        sitter: &Sitter,
        (moved, skin): (&[[f32; 2]], &Field),
        target: &[[f32; 3]],
        light: f32,
        mouth: &MouthShape,
        region: Region,
    ) -> Patch {
        let pitch = pitch(sitter.px_per_cm);
        let mut patch = Patch {
            planes: blank(region),
            alpha: None,
        };
        let planes = sitter::planes(frame);
        sitter::warp_planes(&planes, skin, region, sitter.kernel, &mut patch.planes);
        let oral = Oral {
            light: self.light.dimmed(light),
            haze: self.haze.map(|v| v * light),
            blur: BLUR * self.enlargement.max(1.0),
            upper: Arc::clone(&self.upper),
            lower: Arc::clone(&self.lower),
            px_per_cm: sitter.px_per_cm,
        };
        let outline = light::mouth_outline(&sitter.mesh.home);
        let own = self.smile.then(|| OwnMouth::of(&outline, sitter.px_per_cm, frame));
        let view = View {
            sitter,
            planes,
            oral: &oral,
            own: own.as_ref(),
            region,
        };
        let [left, top, right, low] = clipped(sitter.mouth_box, region);
        let mut sides = Sides::covering(left, top, right, low, (pitch / 4.0).max(1.0));
        // The head's motion is the video's own.
        let still = Field::covering(0.0, 0.0, 1.0, 1.0, 1.0);
        Lips {
            view: &view,
            target: moved,
            shape: target,
            mouth,
        }
        .draw(&mut sides, skin, &still, &mut patch);
        patch
    }
}

/// Where the skin of a region comes from.
fn skin(sitter: &Sitter, moved: &[[f32; 2]], region: Region) -> Field {
    let (x0, y0) = (region.x as f32, region.y as f32);
    let (x1, y1) = (x0 + region.width as f32, y0 + region.height as f32);
    let mut skin = Field::covering(x0, y0, x1, y1, pitch(sitter.px_per_cm));
    skin.rasterise(&sitter.mesh.triangles, moved, &sitter.mesh.source);
    skin.smooth(&mut Vec::new());
    skin
}

/// The even part of the frame in which something moves.
fn touched(sitter: &Sitter, moved: &[[f32; 2]], frame: &Planes) -> Option<Region> {
    let home = &sitter.mesh.home;
    let moves = |i: u16| {
        let (a, b) = (home[usize::from(i)], moved[usize::from(i)]);
        (a[0] - b[0]).abs().max((a[1] - b[1]).abs()) > STILL
    };
    let corners = sitter.mesh.triangles.iter().filter(|t| t.iter().any(|i| moves(*i))).flatten();
    let mut points: Vec<[f32; 2]> = corners.flat_map(|&i| [home[usize::from(i)], moved[usize::from(i)]]).collect();
    let [left, top, right, low] = sitter.mouth_box;
    points.extend([[left, top], [right, low]]);
    let [left, top, right, low] = bounds(&points, 4.0);
    let even = |v: f32, most: usize| (v.max(0.0) as usize & !1).min(most);
    let (x0, x1) = (even(left, frame.width), even(right + 2.0, frame.width));
    let (y0, y1) = (even(top, frame.height), even(low + 2.0, frame.height));
    (x1 > x0 && y1 > y0).then(|| Region {
        x: x0,
        y: y0,
        width: x1 - x0,
        height: y1 - y0,
    })
}

fn blank(region: Region) -> Planes {
    Planes::blank(region.width, region.height)
}

/// Puts a patch into the frame; while the drive comes or goes, mixed with what is there.
fn blend(patch: &mut Patch, frame: &mut Planes, region: Region, drive: f32) {
    if drive < 1.0 {
        // The shape is near the filmed one where the drive is low: what is mixed lies almost in one place.
        let alpha = ((2.0 * drive).min(1.0) * 255.0).round() as u8;
        patch.alpha = Some(vec![alpha; region.width * region.height]);
    }
    crate::composite::overlay::draw(patch, frame, region.x, region.y);
}
