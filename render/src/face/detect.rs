//! Finding faces: BlazeFace, short range and full range, on the whole picture and on overlapping tiles of it.

use crate::error::Result;
use crate::face::region::{Edge, Region};
use crate::media::Picture;
use crate::model::Net;

/// A face as the detector sees it, in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Detection {
    /// Left, top, right, bottom, upright: about from the brows to the chin.
    pub bbox: [f32; 4],
    /// 0 to 1.
    pub score: f32,
    /// Eye at the picture's left, eye at its right, nose tip, mouth, ear at the left, ear at the right.
    pub keypoints: [[f32; 2]; 6],
}

impl Detection {
    pub fn width(&self) -> f32 {
        self.bbox[2] - self.bbox[0]
    }

    pub fn height(&self) -> f32 {
        self.bbox[3] - self.bbox[1]
    }

    pub fn area(&self) -> f32 {
        self.width().max(0.0) * self.height().max(0.0)
    }

    /// Where the mesh should look: the box and half as much again, level with the eyes.
    pub fn region(&self) -> Region {
        let [left, right] = [self.keypoints[0], self.keypoints[1]];
        let angle = f64::from(right[1] - left[1]).atan2(f64::from(right[0] - left[0]));
        Region {
            centre: [
                f64::from(self.bbox[0] + self.bbox[2]) / 2.0,
                f64::from(self.bbox[1] + self.bbox[3]) / 2.0,
            ],
            size: f64::from(self.width().max(self.height())) * 1.5,
            angle,
        }
    }

    fn overlap(&self, other: &Self) -> f32 {
        let width = self.bbox[2].min(other.bbox[2]) - self.bbox[0].max(other.bbox[0]);
        let height = self.bbox[3].min(other.bbox[3]) - self.bbox[1].max(other.bbox[1]);
        let common = width.max(0.0) * height.max(0.0);
        common / (self.area() + other.area() - common).max(f32::MIN_POSITIVE)
    }
}

/// The two BlazeFace nets.
pub(super) struct Detector {
    pub short: Net,
    pub full: Net,
}

/// Detections below this are not looked at.
const LEAST_SCORE: f32 = 0.5;
/// Boxes that overlap more than this are one face.
const SAME_FACE: f32 = 0.3;
/// How much higher the two detectors' scores together must be for a face to count as upside down: true ones were 0.35
/// and more above, upright ones in masks up to 0.02.
const UPSIDE_DOWN: f32 = 0.2;
/// Tiles are not made smaller than this: a face of 24 pixels between the eyes is a tenth of it.
const LEAST_TILE: f64 = 500.0;

impl Detector {
    /// All faces of a picture, largest first; small ones are only searched for where there are no large ones.
    pub fn find(&self, picture: &Picture) -> Result<Vec<Detection>> {
        let whole = Region::whole(picture);
        let mut found = self.short(picture, &whole)?;
        found.extend(self.full(picture, &whole)?);
        let mut tile = whole.size / 2.0;
        while found.is_empty() && tile >= LEAST_TILE {
            for region in tiles(picture, tile) {
                found.extend(self.full(picture, &region)?);
            }
            tile /= 2.0;
        }
        let mut faces = merge(found);
        faces.sort_by(|a, b| b.area().total_cmp(&a.area()));
        Ok(faces)
    }

    /// Faces of a picture that lies on its side or head, best first, each with the quarter turns, clockwise, that
    /// would set it upright.
    pub fn find_turned(&self, picture: &Picture) -> Result<Vec<(u32, Detection)>> {
        let mut all = Vec::new();
        for quarters in 1..4 {
            let region = Region {
                angle: -f64::from(quarters) * std::f64::consts::FRAC_PI_2,
                ..Region::whole(picture)
            };
            let mut found = self.short(picture, &region)?;
            found.extend(self.full(picture, &region)?);
            all.extend(merge(found).into_iter().map(|detection| (quarters, detection)));
        }
        all.sort_by(|a, b| b.1.score.total_cmp(&a.1.score));
        Ok(all)
    }

    /// Whether the face that a mesh region holds looks more like one when turned by half a circle.
    pub fn is_upside_down(&self, picture: &Picture, region: &Region) -> Result<bool> {
        // The detectors were taught on faces with more around them than the mesh wants.
        let region = Region {
            size: region.size * 1.25,
            ..*region
        };
        let score = |region: &Region| -> Result<f32> {
            let best = |found: Vec<Detection>| found.iter().map(|d| d.score).fold(0.0, f32::max);
            Ok(best(self.short(picture, region)?) + best(self.full(picture, region)?))
        };
        Ok(score(&region.upside_down())? > score(&region)? + UPSIDE_DOWN)
    }

    /// Near faces: a fifth of the region and more.
    pub fn short(&self, picture: &Picture, region: &Region) -> Result<Vec<Detection>> {
        decode(&self.short, picture, region, 128, short_anchors())
    }

    /// Faces down to about a twentieth of the region.
    pub fn full(&self, picture: &Picture, region: &Region) -> Result<Vec<Detection>> {
        decode(&self.full, picture, region, 192, grid_anchors(48, 1))
    }
}

/// Square tiles that overlap by a third and together cover the picture.
fn tiles(picture: &Picture, size: f64) -> Vec<Region> {
    let places = |length: usize| -> Vec<f64> {
        let length = length as f64;
        if length <= size {
            return vec![length / 2.0];
        }
        let count = ((length - size) / (size * 2.0 / 3.0)).ceil();
        (0..=count as usize)
            .map(|i| size / 2.0 + (length - size) * i as f64 / count)
            .collect()
    };
    let (columns, rows) = (places(picture.width), places(picture.height));
    rows.iter()
        .flat_map(|&y| {
            columns.iter().map(move |&x| Region {
                centre: [x, y],
                size,
                angle: 0.0,
            })
        })
        .collect()
}

/// Centres of a square grid of cells, `repeat` times each, from 0 to 1.
fn grid_anchors(cells: usize, repeat: usize) -> impl Iterator<Item = [f32; 2]> {
    (0..cells * cells * repeat).map(move |i| {
        let cell = i / repeat;
        [cell % cells, cell / cells].map(|k| (k as f32 + 0.5) / cells as f32)
    })
}

fn short_anchors() -> impl Iterator<Item = [f32; 2]> {
    grid_anchors(16, 2).chain(grid_anchors(8, 6))
}

/// Runs one net on one region. Outputs are `[1, n, 16]` (centre and size of the box, six key points, in pixels of the
/// net's input, relative to the anchor) and `[1, n, 1]` logits.
fn decode(net: &Net, picture: &Picture, region: &Region, side: usize, anchors: impl Iterator<Item = [f32; 2]>) -> Result<Vec<Detection>> {
    let input = region.cut(picture, side, Edge::Black, 1.0 / 127.5, -1.0);
    let outputs = net.run(&[input])?;
    let (Some(boxes), Some(logits)) = (outputs.first(), outputs.get(1)) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for ((raw, &logit), anchor) in boxes.data.chunks_exact(16).zip(&logits.data).zip(anchors) {
        let score = 1.0 / (1.0 + (-logit).exp());
        if score < LEAST_SCORE {
            continue;
        }
        let unit = |i: usize| [raw[i] / side as f32 + anchor[0], raw[i + 1] / side as f32 + anchor[1]];
        let place = |uv: [f32; 2]| region.to_picture(uv.map(f64::from)).map(|v| v as f32);
        let centre = place(unit(0));
        let scale = region.size as f32 / side as f32;
        // Regions are only ever turned by quarters here; the box is nearly square, so that its sides need not swap.
        let half = [raw[2] * scale / 2.0, raw[3] * scale / 2.0];
        found.push(Detection {
            bbox: [centre[0] - half[0], centre[1] - half[1], centre[0] + half[0], centre[1] + half[1]],
            score,
            keypoints: std::array::from_fn(|k| place(unit(4 + 2 * k))),
        });
    }
    Ok(merge(found))
}

/// Weighted non-maximum suppression: boxes of one face become their mean by score.
fn merge(mut all: Vec<Detection>) -> Vec<Detection> {
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut faces = Vec::new();
    while let Some(&best) = all.first() {
        let (same, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|d| *d == best || d.overlap(&best) > SAME_FACE);
        let total: f32 = same.iter().map(|d| d.score).sum();
        let mean = |value: &dyn Fn(&Detection) -> f32| same.iter().map(|d| d.score * value(d)).sum::<f32>() / total;
        faces.push(Detection {
            bbox: std::array::from_fn(|i| mean(&|d| d.bbox[i])),
            score: best.score,
            keypoints: std::array::from_fn(|k| std::array::from_fn(|c| mean(&|d| d.keypoints[k][c]))),
        });
        all = rest;
    }
    faces
}
