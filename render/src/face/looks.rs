//! What the skin, lips and eyes of a tracked face look like: the evidence for hands, masks, bars and sunglasses.
//!
//! No net tells whether a mouth is hidden, and the mesh bravely invents one behind a mask. So colours are compared on an
//! upright cut-out of 256 pixels: lips differ from the skin around them, are redder than it, and have edges; eyes hold
//! something bright and something dark. All numbers are CIE Lab units at a common exposure.

use crate::face::Landmarks;
use crate::face::mesh::region_of;
use crate::face::region::{Edge, Region};
use crate::media::Picture;

const SIDE: usize = 256;
/// Lightness to which the skin of the upper face is brought before anything is compared.
const EXPOSURE: f32 = 70.0;

/// Upper and lower lip, away from the rims.
const LIPS: [usize; 12] = [15, 16, 86, 85, 316, 315, 12, 11, 38, 268, 72, 302];
/// Skin around the lips.
const AROUND_LIPS: [usize; 11] = [164, 167, 393, 200, 201, 421, 18, 83, 313, 206, 426];
/// Between and under the eyes, and the forehead: what a medical mask leaves free.
const UPPER_FACE: [usize; 9] = [6, 168, 118, 347, 119, 348, 151, 9, 197];
/// The nose, which a medical mask hides.
const NOSE: [usize; 5] = [4, 5, 195, 45, 275];
/// Chin and jaw.
const LOWER_FACE: [usize; 13] = [200, 199, 175, 208, 428, 210, 430, 169, 394, 135, 364, 212, 432];
const CHEEKS: [usize; 6] = [50, 280, 205, 425, 4, 5];
/// Outer rims of upper and lower lip, pairwise above each other.
const LIP_COLUMNS: [[usize; 2]; 5] = [[0, 17], [37, 84], [267, 314], [39, 181], [269, 405]];
/// Rims of the two eyes, and the skin under each.
const EYES: [([usize; 16], [usize; 4]); 2] = [
    (
        [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7],
        [230, 229, 231, 119],
    ),
    (
        [263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249],
        [450, 449, 451, 348],
    ),
];

/// Measured looks of a face.
#[derive(Clone, Copy, Debug)]
pub(super) struct Looks {
    /// Lightness of the upper face as photographed, 0 to 100; everything below is as if it were 70.
    pub light: f32,
    /// Difference between lips and the skin around them.
    pub lips_differ: f32,
    /// How much redder lips are than the skin around them (Lab a).
    pub lips_redder: f32,
    /// How much darker lips are than the skin around them.
    pub lips_darker: f32,
    /// How much lightness varies from the upper lip's rim to the lower lip's.
    pub lips_vary: f32,
    /// Difference in hue between lower and upper face.
    pub jaw_hue: f32,
    /// Difference in hue between nose and upper face.
    pub nose_hue: f32,
    pub eyes: [EyeLooks; 2],
    /// Width of the sharpest edges at the eyes, as a standard deviation in cm.
    pub blur: f32,
}

/// Looks of one eye: the one at the picture's left is the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct EyeLooks {
    /// Darkest to lightest between the lids.
    pub range: f32,
    /// The lightest between the lids against the cheeks, 1 is equal.
    pub white: f32,
    /// The skin under the eye against the cheeks, 1 is equal.
    pub under: f32,
}

impl Looks {
    pub fn of(picture: &Picture, landmarks: &Landmarks) -> Self {
        let view = View::new(picture, landmarks);
        let upper = view.colour(&UPPER_FACE);
        let gain = EXPOSURE / upper[0].max(1.0);
        let lips = view.colour(&LIPS);
        let around = view.colour(&AROUND_LIPS);
        let hue = |a: [f32; 3], b: [f32; 3]| (a[1] - b[1]).hypot(a[2] - b[2]) * gain;
        let cheeks = view.colour(&CHEEKS)[0].max(1.0);

        let eyes = EYES.map(|(rim, under)| {
            let inside = view.inside(&rim);
            EyeLooks {
                range: (quantile(&inside, 0.95) - quantile(&inside, 0.05)) * EXPOSURE / cheeks,
                white: quantile(&inside, 0.9) / cheeks,
                under: view.colour(&under)[0] / cheeks,
            }
        });
        let columns = LIP_COLUMNS.map(|[top, bottom]| view.variation(top, bottom) * gain);
        Self {
            light: upper[0],
            lips_differ: hue(lips, around).hypot((lips[0] - around[0]) * gain),
            lips_redder: (lips[1] - around[1]) * gain,
            lips_darker: (around[0] - lips[0]) * gain,
            lips_vary: quantile(&columns, 0.5),
            jaw_hue: hue(view.colour(&LOWER_FACE), upper),
            nose_hue: hue(view.colour(&NOSE), upper),
            eyes,
            blur: view.blur(),
        }
    }
}

/// An upright cut-out in Lab, with the landmarks in its pixels.
struct View {
    lab: Vec<[f32; 3]>,
    /// Lightness before smoothing.
    sharp: Vec<f32>,
    points: Vec<[f32; 2]>,
    /// Pixels of the cut-out per cm, by the 9 cm between the outer corners of the eyes.
    per_cm: f32,
}

impl View {
    fn new(picture: &Picture, landmarks: &Landmarks) -> Self {
        let region = region_of(landmarks);
        let cut = region.cut(picture, SIDE, Edge::Repeat, 1.0 / 255.0, 0.0);
        let rgb: Vec<[f32; 3]> = cut.data.chunks_exact(3).map(|p| [p[0], p[1], p[2]]).collect();
        let points: Vec<[f32; 2]> = landmarks.iter().map(|p| into_cut(&region, [p[0], p[1]])).collect();
        let eyes = [points[263][0] - points[33][0], points[263][1] - points[33][1]];
        Self {
            sharp: rgb.iter().map(|&p| lab(p)[0]).collect(),
            lab: smooth(&rgb).into_iter().map(lab).collect(),
            points,
            per_cm: (eyes[0].hypot(eyes[1]) / 9.0).max(1.0),
        }
    }

    fn at(&self, [x, y]: [f32; 2]) -> [f32; 3] {
        let clamp = |v: f32| (v.max(0.0) as usize).min(SIDE - 1);
        self.lab[clamp(y) * SIDE + clamp(x)]
    }

    /// Median colour at some landmarks.
    fn colour(&self, indices: &[usize]) -> [f32; 3] {
        let samples: Vec<[f32; 3]> = indices.iter().map(|&i| self.at(self.points[i])).collect();
        std::array::from_fn(|c| quantile(&samples.iter().map(|s| s[c]).collect::<Vec<_>>(), 0.5))
    }

    /// Standard deviation of lightness along the line between two landmarks, with half its length at both ends.
    fn variation(&self, from: usize, to: usize) -> f32 {
        let (a, b) = (self.points[from], self.points[to]);
        let samples: [f32; 41] = std::array::from_fn(|k| {
            let t = k as f32 / 20.0 - 0.5;
            self.at([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t])[0]
        });
        let mean = samples.iter().sum::<f32>() / samples.len() as f32;
        (samples.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / samples.len() as f32).sqrt()
    }

    /// Lightness of all pixels inside a closed line of landmarks.
    fn inside(&self, rim: &[usize]) -> Vec<f32> {
        let corners: Vec<[f32; 2]> = rim.iter().map(|&i| self.points[i]).collect();
        let mut values = Vec::new();
        for (x, y) in pixels_around(&corners, 0.0) {
            if contains(&corners, [x as f32 + 0.5, y as f32 + 0.5]) {
                values.push(self.lab[y * SIDE + x][0]);
            }
        }
        values
    }

    /// An edge of height h that is blurred by s has a steepest slope of h / (s * sqrt(2 pi)); taken at both eyes, where
    /// every face has hard edges, the better one counts.
    fn blur(&self) -> f32 {
        let widths = EYES.map(|(rim, _)| {
            let corners: Vec<[f32; 2]> = rim.iter().map(|&i| self.points[i]).collect();
            let (mut slopes, mut values) = (Vec::new(), Vec::new());
            for (x, y) in pixels_around(&corners, 0.5 * self.per_cm) {
                let here = y * SIDE + x;
                let across = (self.sharp[here + 1] - self.sharp[here - 1]) / 2.0;
                let down = (self.sharp[here + SIDE] - self.sharp[here - SIDE]) / 2.0;
                slopes.push(across.hypot(down));
                values.push(self.sharp[here]);
            }
            let height = quantile(&values, 0.97) - quantile(&values, 0.03);
            height / (2.507 * quantile(&slopes, 0.99)).max(1e-3) / self.per_cm
        });
        widths[0].min(widths[1])
    }
}

fn into_cut(region: &Region, [x, y]: [f32; 2]) -> [f32; 2] {
    let (dx, dy) = (f64::from(x) - region.centre[0], f64::from(y) - region.centre[1]);
    let (sin, cos) = region.angle.sin_cos();
    [cos * dx + sin * dy, cos * dy - sin * dx].map(|v| ((v / region.size + 0.5) * SIDE as f64) as f32)
}

/// Pixels of the cut-out in the bounds of some points, widened by a margin, one pixel away from its border.
fn pixels_around(corners: &[[f32; 2]], margin: f32) -> impl Iterator<Item = (usize, usize)> {
    let bound = |c: usize| {
        let low = corners.iter().map(|p| p[c]).fold(f32::INFINITY, f32::min) - margin;
        let high = corners.iter().map(|p| p[c]).fold(f32::NEG_INFINITY, f32::max) + margin;
        let clamp = |v: f32| (v.max(1.0) as usize).min(SIDE - 2);
        clamp(low.floor())..=clamp(high.ceil())
    };
    let columns = bound(0);
    bound(1).flat_map(move |y| columns.clone().map(move |x| (x, y)))
}

/// Even-odd rule.
fn contains(corners: &[[f32; 2]], [x, y]: [f32; 2]) -> bool {
    let mut inside = false;
    for (i, a) in corners.iter().enumerate() {
        let b = corners[(i + 1) % corners.len()];
        if (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) {
            inside = !inside;
        }
    }
    inside
}

/// The value below which a share of all lies; 0 for none.
fn quantile(values: &[f32], share: f32) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let place = (sorted.len().saturating_sub(1) as f32 * share).round() as usize;
    sorted.get(place).copied().unwrap_or(0.0)
}

/// A Gaussian of one pixel, which takes away noise and brush strokes.
fn smooth(rgb: &[[f32; 3]]) -> Vec<[f32; 3]> {
    const KERNEL: [f32; 5] = [0.0545, 0.2442, 0.4026, 0.2442, 0.0545];
    let pass = |from: &[[f32; 3]], stride: usize| -> Vec<[f32; 3]> {
        let along = |i: usize| if stride == 1 { i % SIDE } else { i / SIDE };
        (0..from.len())
            .map(|i| {
                let mut sum = [0.0; 3];
                for (k, weight) in KERNEL.iter().enumerate() {
                    let place = (along(i) + k).saturating_sub(2).min(SIDE - 1);
                    let source = from[i - along(i) * stride + place * stride];
                    for c in 0..3 {
                        sum[c] += source[c] * weight;
                    }
                }
                sum
            })
            .collect()
    };
    pass(&pass(rgb, 1), SIDE)
}

/// CIE Lab (D65) of sRGB, 0 to 1.
fn lab(rgb: [f32; 3]) -> [f32; 3] {
    let [r, g, b] = rgb.map(|v| if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) });
    let f = |v: f32| if v > 0.008_856 { v.cbrt() } else { 7.787 * v + 16.0 / 116.0 };
    let x = f((0.412_453 * r + 0.357_58 * g + 0.180_423 * b) / 0.950_456);
    let y = f(0.212_671 * r + 0.715_16 * g + 0.072_169 * b);
    let z = f((0.019_334 * r + 0.119_193 * g + 0.950_227 * b) / 1.088_754);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}
