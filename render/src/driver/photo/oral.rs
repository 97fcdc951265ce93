//! What lies between the lips, back to front: cavity, tongue, lower teeth, upper teeth, shade, the lips' wet inside.

use std::sync::Arc;

use super::aperture::Place;
use super::light::Light;
use super::teeth::Arch;
use super::topology::{CORNER_LEFT, CORNER_RIGHT};

/// The upper teeth's biting edge under the closed lips' line, cm.
pub const UPPER_EDGE: f32 = 0.17;
/// How far behind the lips the teeth stand, cm.
const DEPTH: f32 = 0.6;

/// What one photo's mouth is drawn with.
pub struct Oral {
    pub light: Light,
    /// What lies over everything, as in a video: the brightness of black, 0 to 255.
    pub haze: [f32; 3],
    /// Pixels over which colours are smeared either way.
    pub blur: f32,
    pub upper: Arc<Arch>,
    pub lower: Arc<Arch>,
    /// Pixels per cm.
    pub px_per_cm: f32,
}

/// From pixels of the raster to cm on the plane of the teeth: x right of the head's middle, y up.
#[derive(Clone, Copy)]
pub struct TeethPlane {
    origin: [f32; 2],
    axes: [[f32; 2]; 2],
    inverse: [[f32; 2]; 2],
}

impl TeethPlane {
    /// `project` takes canonical cm to pixels; `middle` and `depth` place the plane.
    pub fn new(project: impl Fn([f32; 3]) -> [f32; 2], lip_depth: f32) -> Self {
        let z = lip_depth - DEPTH;
        let (o, x, y) = (project([0.0, 0.0, z]), project([1.0, 0.0, z]), project([0.0, 1.0, z]));
        let (a, b, c, d) = (x[0] - o[0], y[0] - o[0], x[1] - o[1], y[1] - o[1]);
        let det = a * d - b * c;
        let det = if det.abs() < 1e-6 { 1e-6 } else { det };
        Self {
            origin: o,
            axes: [[a, b], [c, d]],
            inverse: [[d / det, -b / det], [-c / det, a / det]],
        }
    }

    /// Pixels of a place on the plane.
    pub fn to(&self, x: f32, y: f32) -> [f32; 2] {
        let [across, up] = self.axes;
        std::array::from_fn(|k| self.origin[k] + x * across[k] + y * up[k])
    }

    /// The place on the plane that is seen at a pixel.
    pub fn at(&self, x: f32, y: f32) -> [f32; 2] {
        let (dx, dy) = (x - self.origin[0], y - self.origin[1]);
        [
            self.inverse[0][0] * dx + self.inverse[0][1] * dy,
            self.inverse[1][0] * dx + self.inverse[1][1] * dy,
        ]
    }
}

/// The mouth of one frame.
pub struct OpenMouth<'a> {
    pub oral: &'a Oral,
    pub plane: TeethPlane,
    /// The middle of the mouth, canonical x.
    pub middle: f32,
    /// The closed lips' line, canonical y.
    pub lip_line: f32,
    /// How far the jaw hangs, cm.
    pub jaw: f32,
    /// The widest opening, cm.
    pub opening: f32,
    /// 0 to 1: the tongue's tip at the upper teeth.
    pub tongue: f32,
}

/// The middle of a mouth, canonical x.
pub fn middle(shape: &[[f32; 3]]) -> f32 {
    (shape[CORNER_RIGHT][0] + shape[CORNER_LEFT][0]) / 2.0
}

/// How much light reaches a place in the opening: less under the upper lip and at the corners.
pub fn shade(place: &Place, px_per_cm: f32) -> f32 {
    let top = (place.below_upper / px_per_cm).max(0.0);
    let low = (place.above_lower / px_per_cm).max(0.0);
    let corner = ((std::f32::consts::PI * place.along.clamp(0.0, 1.0)).sin() * 1.5)
        .clamp(0.0, 1.0)
        .powf(0.7);
    (0.74 + 0.26 * (top / 0.24).min(1.0).powf(0.8)) * (0.86 + 0.14 * (low / 0.15).min(1.0)) * (0.50 + 0.50 * corner)
}

pub fn smooth(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

fn over(under: &mut [f32; 3], colour: [f32; 3], cover: f32) {
    for c in 0..3 {
        under[c] += (colour[c] - under[c]) * cover;
    }
}

impl OpenMouth<'_> {
    /// The colour (0..255, sRGB) at a pixel of the raster.
    pub fn colour(&self, x: f32, y: f32, place: &Place) -> [f32; 3] {
        let [cx, cy] = self.plane.at(x, y);
        let side = cx - self.middle;
        let scale = self.oral.px_per_cm;
        let (top, low) = (place.below_upper / scale, place.above_lower / scale);
        let depth = (top / (top + low).max(0.02)).clamp(0.0, 1.0);
        // Hardly any light comes through a slit.
        let slit = 0.3 + 0.7 * ((top + low) / 0.25).min(1.0);
        let mut c = [0.215, 0.075, 0.07].map(|v: f32| v * slit * (0.45 + 0.75 * depth));
        self.tongue(&mut c, side, cy, 1.0 - self.tongue);
        let lower = smooth((self.opening - 0.42) / 0.5);
        if lower > 0.0 {
            let [r, g, b, a] = self.oral.lower.at(side, self.lip_line - 0.05 - self.jaw - cy);
            // They stand in the lower lip's shade and behind the upper ones.
            over(&mut c, [r * 0.80, g * 0.775, b * 0.75], a * lower);
        }
        if self.tongue > 0.02 {
            self.tongue(&mut c, side, cy, self.tongue);
        }
        let [r, g, b, a] = self.oral.upper.at(side, cy - (self.lip_line - UPPER_EDGE));
        over(&mut c, [r, g, b], a);
        let shade = shade(place, scale);
        let mut c: [f32; 3] = std::array::from_fn(|k| c[k] * shade * self.oral.light.white[k]);
        let opened = ((top + low) / 0.22).clamp(0.0, 1.0);
        let wet_low = smooth(1.0 - low / (0.13 + 0.12 * self.opening.min(1.0))) * opened;
        let wet_top = (1.0 - top / 0.07).clamp(0.0, 1.0).powf(1.3) * opened;
        let light = &self.oral.light;
        over(
            &mut c,
            std::array::from_fn(|k| light.lower_lip[k] * [0.74, 0.52, 0.52][k]),
            0.92 * wet_low,
        );
        over(
            &mut c,
            std::array::from_fn(|k| light.upper_lip[k] * [0.50, 0.40, 0.40][k]),
            0.6 * wet_top,
        );
        let haze = &self.oral.haze;
        std::array::from_fn(|k| haze[k] + c[k] * (1.0 - haze[k] / 255.0))
    }

    /// The tongue lies behind the lower teeth and falls a third of the jaw's way; for th its tip comes to the upper edge.
    fn tongue(&self, c: &mut [f32; 3], side: f32, cy: f32, amount: f32) {
        let resting = self.lip_line - 0.24 - 0.36 * self.jaw;
        let raised = self.lip_line - UPPER_EDGE - 0.02;
        let height = resting + (raised - resting) * self.tongue;
        let narrow = 1.4 - 0.4 * self.tongue;
        let below = height - cy - (-0.10 + 0.17 * (side / narrow).powi(2));
        let cover = smooth(below / (0.30 - 0.18 * self.tongue)) * ((1.8 - side.abs()) / 0.5).clamp(0.0, 1.0) * amount * 0.92;
        let groove = 1.0 - 0.10 * (-(side / 0.09).powi(2)).exp() * ((below - 0.1) / 0.3).clamp(0.0, 1.0);
        let lit = (0.44 + 0.30 * self.tongue + 0.40 * (below / 0.7).clamp(0.0, 1.0)) * groove;
        over(c, [0.70 * lit, 0.37 * lit, 0.36 * lit], cover);
    }
}
