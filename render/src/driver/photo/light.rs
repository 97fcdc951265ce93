//! The light on the face, read from the photo: the mouth that we draw must stand in it.

use super::topology::{EYES, INNER_LOWER, INNER_UPPER, RED_LOWER, RED_UPPER};
use crate::media::Picture;

/// Cheek and chin points that are skin on every face.
const SKIN: [usize; 6] = [205, 425, 50, 280, 207, 427];
/// How far their hue goes to what was seen between the lips, and the least part of a colour that it leaves: lips shine into it, but for what is
/// as little red as teeth are.
const SEEN_HUE: (f32, f32) = (0.6, 0.75);
const SEEN_TEETH: (f32, f32) = (0.95, 0.5);
/// The least that teeth keep of the brightness that the eyes' whites suggest.
const DULLEST: f32 = 0.5;
/// Reflectance of an eye's white.
const SCLERA: f32 = 0.60;

/// Colours in 0..255, sRGB.
#[derive(Clone, Copy, Debug)]
pub struct Light {
    /// What a white surface beside the mouth would look like.
    pub white: [f32; 3],
    pub upper_lip: [f32; 3],
    pub lower_lip: [f32; 3],
}

pub fn luma(c: [f32; 3]) -> f32 {
    0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2]
}

pub fn redness(c: [f32; 3]) -> f32 {
    c[0] / luma(c).max(1.0)
}

impl Light {
    /// `points`: the face's landmarks in pixels of `picture`.
    pub fn read(picture: &Picture, points: &[[f32; 2]], px_per_cm: f32) -> Self {
        let skin = skin(picture, points, px_per_cm);
        let skin_luma = luma(skin).max(1.0);
        let whites: Vec<[f32; 3]> = EYES
            .iter()
            .filter_map(|e| {
                let outline: Vec<[f32; 2]> = e.upper.iter().chain(e.lower.iter().rev()).map(|&i| points[i]).collect();
                bright_part(picture, &outline)
            })
            .collect();
        let white = if whites.is_empty() { skin } else { mean(&whites) };
        let level = (luma(white) / SCLERA).clamp(skin_luma * 1.38, skin_luma * 1.85).clamp(60.0, 252.0);
        // Skin divided by an average skin's colour gives the light's chroma; the whites alone are fooled by glasses.
        let from_skin = [0.87, 1.03, 1.18];
        let bounds = [(-0.03, 0.12), (-0.06, 0.03), (-0.32, 0.06)];
        let brightest = white_patch(picture);
        let mut chroma = [0.0; 3];
        for c in 0..3 {
            let face = 0.5 * white[c] / luma(white).max(1.0) + 0.5 * skin[c] / skin_luma * from_skin[c];
            chroma[c] = 0.3 * face + 0.7 * brightest[c] / luma(brightest).max(1.0);
        }
        let norm = luma(chroma).max(1e-3);
        let chroma: [f32; 3] = std::array::from_fn(|c| 1.0 + (chroma[c] / norm - 1.0).clamp(bounds[c].0, bounds[c].1));
        let norm = luma(chroma);
        let white = std::array::from_fn(|c| (level * chroma[c] / norm).clamp(30.0, 255.0));
        let lip = |ids: &[usize]| {
            median(
                ids.iter()
                    .map(|&i| patch(picture, points[i], (px_per_cm * 0.04) as isize))
                    .collect(),
            )
        };
        Self {
            white,
            upper_lip: lip(&RED_UPPER),
            lower_lip: lip(&RED_LOWER),
        }
    }
}

/// The usual colour of a face's skin.
pub fn skin(picture: &Picture, points: &[[f32; 2]], px_per_cm: f32) -> [f32; 3] {
    median(
        SKIN.iter()
            .map(|&i| patch(picture, points[i], (px_per_cm * 0.12) as isize))
            .collect(),
    )
}

impl Light {
    /// The same in brighter or darker light.
    #[must_use]
    pub fn dimmed(self, level: f32) -> Self {
        let [white, upper_lip, lower_lip] = [self.white, self.upper_lip, self.lower_lip].map(|c| c.map(|v| (v * level).min(290.0)));
        Self {
            white,
            upper_lip,
            lower_lip,
        }
    }

    /// Teeth are no brighter than what was `seen` between open lips, and lean to its colour. `reflectance`: of drawn enamel.
    #[must_use]
    pub fn no_brighter(mut self, seen: [f32; 3], reflectance: [f32; 3]) -> Self {
        let (drawn, bright) = (
            luma(std::array::from_fn(|c| self.white[c] * reflectance[c])).max(1.0),
            luma(seen).max(1.0),
        );
        let share = (bright / drawn).clamp(DULLEST, 1.0);
        let enamel = luma(reflectance);
        let (part, least) = if self.redness_of_teeth() > redness(seen) {
            SEEN_TEETH
        } else {
            SEEN_HUE
        };
        for c in 0..3 {
            let hue = (seen[c] / bright / (reflectance[c] / enamel)).clamp(least, 1.2);
            let own = self.white[c] * enamel / drawn;
            self.white[c] = drawn / enamel * share * (own + (hue - own) * part);
        }
        self
    }

    /// What is less red than this is no lip and no tongue.
    pub fn redness_of_teeth(&self) -> f32 {
        let lips = (redness(self.lower_lip) + redness(self.upper_lip)) / 2.0;
        let white = redness(self.white);
        white + 0.6 * (lips - white).max(0.05)
    }

    /// Where the photo shows teeth, what we draw beside them takes their colour. `reflectance`: of drawn enamel.
    #[must_use]
    pub fn matching_teeth(mut self, picture: &Picture, outline: &[[f32; 2]], reflectance: [f32; 3]) -> Self {
        if let Some(enamel) = bright_part(picture, outline) {
            self.white = std::array::from_fn(|c| (enamel[c] / reflectance[c]).clamp(30.0, 290.0));
        }
        self
    }

    /// Whether what the photo shows between the lips is mostly teeth: bright, and less red than the lips.
    pub fn shows_teeth(&self, picture: &Picture, outline: &[[f32; 2]]) -> bool {
        let limit = self.redness_of_teeth();
        let pixels = pixels(picture, outline);
        let tooth = |c: &[f32; 3]| luma(*c) > 0.5 * luma(self.white) && redness(*c) < limit;
        pixels.iter().filter(|p| tooth(&p.1)).count() * 10 > pixels.len() * 4
    }
}

/// The 99 % quantile of each channel over the whole picture: white things show the light's colour (Land 1977).
fn white_patch(picture: &Picture) -> [f32; 3] {
    let mut counts = [[0u32; 256]; 3];
    for pixel in picture.rgba.chunks_exact(4).step_by(7) {
        for c in 0..3 {
            counts[c][usize::from(pixel[c])] += 1;
        }
    }
    counts.map(|count| {
        let limit = count.iter().sum::<u32>() / 100;
        let mut above = 0;
        (0..256)
            .rev()
            .find(|&v| {
                above += count[v];
                above > limit
            })
            .unwrap_or(255) as f32
    })
}

/// How dark the darkest between the lips is (luma), and the colour of the brightest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tones {
    pub dark: f32,
    pub bright: [f32; 3],
}

impl Tones {
    /// `None` where too little is seen.
    pub fn of(picture: &Picture, outline: &[[f32; 2]]) -> Option<Self> {
        let mut seen = pixels(picture, outline);
        seen.sort_by(|a, b| a.0.total_cmp(&b.0));
        let part: Vec<[f32; 3]> = seen[seen.len() * 84 / 100..seen.len() * 96 / 100].iter().map(|p| p.1).collect();
        (seen.len() > 20).then(|| Self {
            dark: seen[seen.len() / 10].0,
            bright: mean(&part),
        })
    }
}

/// Mean colour around a point.
fn patch(picture: &Picture, at: [f32; 2], reach: isize) -> [f32; 3] {
    let (w, h) = (picture.width as isize, picture.height as isize);
    let mut sum = [0.0; 3];
    let mut n = 0.0;
    for y in at[1] as isize - reach..=at[1] as isize + reach {
        for x in at[0] as isize - reach..=at[0] as isize + reach {
            let i = (y.clamp(0, h - 1) * w + x.clamp(0, w - 1)) as usize * 4;
            for (total, value) in sum.iter_mut().zip(&picture.rgba[i..]) {
                *total += f32::from(*value);
            }
            n += 1.0;
        }
    }
    sum.map(|s| s / n)
}

fn mean(colours: &[[f32; 3]]) -> [f32; 3] {
    std::array::from_fn(|c| colours.iter().map(|v| v[c]).sum::<f32>() / colours.len() as f32)
}

fn median(colours: Vec<[f32; 3]>) -> [f32; 3] {
    std::array::from_fn(|c| {
        let mut v: Vec<f32> = colours.iter().map(|p| p[c]).collect();
        v.sort_by(f32::total_cmp);
        v[v.len() / 2]
    })
}

/// The mean of the pixels between the 80 and 97 % quantile of brightness inside an outline.
fn bright_part(picture: &Picture, outline: &[[f32; 2]]) -> Option<[f32; 3]> {
    let mut pixels = pixels(picture, outline);
    if pixels.len() <= 20 {
        return None;
    }
    pixels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let part: Vec<[f32; 3]> = pixels[pixels.len() * 80 / 100..pixels.len() * 97 / 100]
        .iter()
        .map(|p| p.1)
        .collect();
    (!part.is_empty()).then(|| mean(&part))
}

/// Luma and colour of every pixel inside an outline.
fn pixels(picture: &Picture, outline: &[[f32; 2]]) -> Vec<(f32, [f32; 3])> {
    let mut pixels: Vec<(f32, [f32; 3])> = Vec::new();
    let bounds = |axis: usize, limit: usize| {
        let low = outline.iter().map(|p| p[axis]).fold(f32::MAX, f32::min).max(0.0) as usize;
        let high = outline.iter().map(|p| p[axis]).fold(0.0, f32::max) as usize;
        (low, (high + 1).min(limit))
    };
    let ((x0, x1), (y0, y1)) = (bounds(0, picture.width), bounds(1, picture.height));
    for y in y0..y1 {
        for x in x0..x1 {
            if inside(outline, x as f32 + 0.5, y as f32 + 0.5) {
                let i = (y * picture.width + x) * 4;
                let c = std::array::from_fn(|k| f32::from(picture.rgba[i + k]));
                pixels.push((luma(c), c));
            }
        }
    }
    pixels
}

/// Even-odd rule.
pub fn inside(outline: &[[f32; 2]], x: f32, y: f32) -> bool {
    let mut odd = false;
    let mut before = outline[outline.len() - 1];
    for &p in outline {
        if (p[1] > y) != (before[1] > y) && x < (before[0] - p[0]) * (y - p[1]) / (before[1] - p[1]) + p[0] {
            odd = !odd;
        }
        before = p;
    }
    odd
}

/// The outline of the mouth's inside.
pub fn mouth_outline(points: &[[f32; 2]]) -> Vec<[f32; 2]> {
    INNER_UPPER
        .iter()
        .chain(INNER_LOWER[1..10].iter().rev())
        .map(|&i| points[i])
        .collect()
}
