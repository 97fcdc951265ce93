//! A drawn dental arch, as reflectance, for mouths whose photo shows no teeth.
//!
//! Crown widths and heights follow the means of Wheeler's Dental Anatomy (central incisor 8.5 × 10.5 mm, lateral 6.5,
//! canine 7.5, premolars 7), foreshortened by the arch's curve.

use super::crowns::{Crowns, Edge};
use super::noise;

/// Half the width that the table covers, cm.
const HALF_WIDTH: f32 = 3.2;
/// The part before the biting edge that the table covers, cm.
const BEFORE: f32 = 0.12;
/// The height that the table covers behind the biting edge, cm.
const HEIGHT: f32 = 1.35;

/// So far behind the biting edge seen teeth say where they end, and from there not any more, cm.
const TIPS: (f32, f32) = (0.06, 0.12);

/// Reflectance of the middle of a crown.
pub const ENAMEL: [f32; 3] = [0.90, 0.862, 0.78];

/// One row of teeth seen from the front.
pub struct Arch {
    per_cm: f32,
    width: usize,
    height: usize,
    /// Reflectance of red, green, blue, and coverage, each in 0..1; coverage is not multiplied in.
    pixels: Vec<[f32; 4]>,
    edge: Edge,
}

struct Tooth {
    centre: f32,
    half: f32,
    length: f32,
    /// How much shorter than its neighbours.
    recess: f32,
    pointed: f32,
    tint: [f32; 3],
}

impl Arch {
    /// `per_cm`: the resolution that it will be looked at with, pixels per cm.
    pub fn upper(per_cm: f32, seed: u64) -> Self {
        Self::new(
            per_cm,
            seed,
            &[0.82, 0.64, 0.70, 0.60, 0.56, 0.5],
            &[1.00, 0.86, 0.96, 0.80, 0.72, 0.7],
            &[0.0, 0.055, 0.02, 0.07, 0.10, 0.12],
        )
    }

    pub fn lower(per_cm: f32, seed: u64) -> Self {
        Self::new(
            per_cm,
            seed ^ 0x51,
            &[0.50, 0.54, 0.62, 0.62, 0.60, 0.5],
            &[0.85, 0.85, 0.90, 0.78, 0.7, 0.7],
            &[0.0, 0.015, -0.01, 0.05, 0.08, 0.1],
        )
    }

    fn new(per_cm: f32, seed: u64, widths: &[f32], lengths: &[f32], recesses: &[f32]) -> Self {
        let per_cm = per_cm.clamp(16.0, 160.0);
        let width = (2.0 * HALF_WIDTH * per_cm).ceil() as usize;
        let height = ((BEFORE + HEIGHT) * per_cm).ceil() as usize;
        let teeth = row_of_teeth(seed, widths, lengths, recesses);
        let soft = (1.1 / per_cm).max(0.012);
        let pixels = (0..width * height)
            .map(|i| {
                let x = (i % width) as f32 / per_cm - HALF_WIDTH;
                let v = (i / width) as f32 / per_cm - BEFORE;
                pixel(&teeth, x, v, soft)
            })
            .collect();
        Self {
            per_cm,
            width,
            height,
            pixels,
            edge: Edge::default(),
        }
    }

    /// The same in another colour: each of red, green and blue is multiplied.
    #[must_use]
    pub fn tinted(mut self, tint: [f32; 3]) -> Self {
        for pixel in &mut self.pixels {
            for (value, tint) in pixel.iter_mut().zip(tint) {
                *value *= tint;
            }
        }
        self
    }

    /// The same with crowns that were seen, where they were; their biting edge holds for those beside them.
    #[must_use]
    pub fn wearing(mut self, crowns: &Crowns) -> Self {
        for (n, pixel) in self.pixels.iter_mut().enumerate() {
            let x = (n % self.width) as f32 / self.per_cm - HALF_WIDTH;
            let v = (n / self.width) as f32 / self.per_cm - BEFORE;
            let ([own @ .., cover], [seen, tooth]) = crowns.at(x, v);
            for (value, own) in pixel.iter_mut().zip(own) {
                *value += (own - *value) * cover;
            }
            // Where each tooth ends can be seen; further up there is no hole between them.
            let edge = seen * cover * smoothstep(TIPS.1, TIPS.0, v);
            pixel[3] += (tooth - pixel[3]) * edge;
        }
        self.edge = crowns.edge();
        self
    }

    /// `x`: cm to the right of the middle. `v`: cm from the usual biting edge towards the gum.
    pub fn at(&self, x: f32, v: f32) -> [f32; 4] {
        let gx = (x + HALF_WIDTH) * self.per_cm;
        let gy = (v - self.edge.at(x) + BEFORE) * self.per_cm;
        if gx < 0.0 || gy < 0.0 || gx >= (self.width - 1) as f32 {
            return [0.0; 4];
        }
        let gy = gy.min((self.height - 1) as f32 - 1e-3);
        let (i, j) = (gx as usize, gy as usize);
        let (fx, fy) = (gx - i as f32, gy - j as f32);
        let n = j * self.width + i;
        let (a, b, c, d) = (
            self.pixels[n],
            self.pixels[n + 1],
            self.pixels[n + self.width],
            self.pixels[n + self.width + 1],
        );
        std::array::from_fn(|k| {
            let top = a[k] + (b[k] - a[k]) * fx;
            let low = c[k] + (d[k] - c[k]) * fx;
            top + (low - top) * fy
        })
    }
}

fn row_of_teeth(seed: u64, widths: &[f32], lengths: &[f32], recesses: &[f32]) -> Vec<Tooth> {
    let mut teeth = Vec::new();
    for (side, stream) in [(-1.0f32, 70), (1.0, 71)] {
        let mut edge = 0.0;
        for (k, ((&w, &l), &r)) in widths.iter().zip(lengths).zip(recesses).enumerate() {
            let vary = |what: u64, amount: f32| amount * noise::signed(seed, stream + what * 10, k as u64);
            let w = w * (1.0 + vary(0, 0.025));
            let shade = 1.0 + vary(1, 0.018) - 0.012 * k as f32;
            let warm = vary(2, 0.012) + if k == 2 { 0.022 } else { 0.004 * k as f32 };
            teeth.push(Tooth {
                centre: side * (edge + w / 2.0),
                half: w / 2.0,
                length: l * (1.0 + vary(3, 0.03)),
                recess: (r + vary(4, 0.012)).max(-0.02),
                pointed: if k == 2 { 0.05 } else { 0.012 },
                tint: [shade, shade * (1.0 - 0.5 * warm), shade * (1.0 - 2.0 * warm)],
            });
            edge += w;
        }
    }
    teeth
}

fn smoothstep(a: f32, b: f32, x: f32) -> f32 {
    let t = ((x - a) / (b - a)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

fn pixel(teeth: &[Tooth], x: f32, v: f32, soft: f32) -> [f32; 4] {
    // The arch curves away from the viewer: its sides get less light.
    let arch = 1.0 - 0.58 * (x.abs() / 2.7).clamp(0.0, 1.0).powf(1.6);
    let mut colour = [0.60 * arch, 0.50 * arch, 0.44 * arch];
    let mut cover = 0.0f32;
    for t in teeth {
        let u = (x - t.centre) / t.half;
        if u.abs() > 1.2 {
            continue;
        }
        // The crown narrows towards the gum and its biting corners are round.
        let taper = 1.0 - 0.10 * smoothstep(0.25, 1.0, v / t.length);
        let edge = t.recess + 0.05 * u.abs().powi(5) + t.pointed * u.abs();
        let depth = v - edge;
        let body = smoothstep(1.0 + soft / t.half, 0.94 - soft / t.half, u.abs() / taper);
        let rise = depth / t.length;
        let round = 1.0 - 0.13 * (u.abs() / taper).powi(3);
        let tip = 1.0 - smoothstep(0.0, 0.22, depth);
        let down = 1.0 - 0.10 * rise.clamp(0.0, 1.0);
        let level = round * down * arch;
        // Enamel is translucent at the tip: bluish grey; dentine shows through towards the gum: warmer.
        let enamel = [
            0.90 - 0.07 * tip,
            0.868 - 0.045 * tip - 0.012 * rise.clamp(0.0, 1.0),
            0.80 - 0.005 * tip - 0.045 * rise.clamp(0.0, 1.0),
        ];
        let shine = 0.055 * (-((u + 0.15 * t.centre.signum()) / 0.38).powi(2) - ((rise - 0.38) / 0.26).powi(2)).exp() * arch;
        for c in 0..3 {
            colour[c] += (enamel[c] * t.tint[c] * level + shine - colour[c]) * body;
        }
        // Gums: a scalloped line, highest in the middle of each tooth.
        let gum = smoothstep(-0.05, 0.05, v - edge - t.length + 0.12 * u * u);
        let flesh = [0.66 * arch, 0.36 * arch, 0.35 * arch];
        if u.abs() <= 1.0 {
            for c in 0..3 {
                colour[c] += (flesh[c] - colour[c]) * gum;
            }
        }
        cover = cover.max(smoothstep(-soft, soft * 1.2 + 0.012, depth) * smoothstep(1.06 + soft, 0.98, u.abs()));
    }
    let ends = smoothstep(3.05, 2.6, x.abs());
    [colour[0], colour[1], colour[2], cover * ends]
}
