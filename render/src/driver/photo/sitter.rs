//! One face in one picture, ready to be moved: what photos and the frames of a video have in common.

use super::field::Field;
use super::mesh::{Inset, Mesh};
use super::shape::MouthRig;
use super::topology;
use super::warp::{Kernel, Plane, Window, warp};
use crate::driver::Region;
use crate::face::Fit;
use crate::face::head::Head;
use crate::media::Planes;

pub struct Sitter {
    pub fit: Fit,
    pub rig: MouthRig,
    pub mesh: Mesh,
    pub px_per_cm: f32,
    pub kernel: Kernel,
    /// Pixels: half the width of a soft edge at the lips and lids.
    pub soft: f32,
    /// Left, top, right, bottom of all that a mouth may reach.
    pub mouth_box: [f32; 4],
}

impl Sitter {
    /// `points`: the face's 468 points in pixels. `enlargement`: pixels per pixel of the picture as it was sent.
    pub fn new(fit: Fit, rig: MouthRig, points: &[[f32; 2]], inset: Inset, enlargement: f32) -> Self {
        let px_per_cm = fit.scale as f32;
        let mouth: Vec<[f32; 2]> = topology::OUTER_UPPER
            .iter()
            .chain(&topology::OUTER_LOWER)
            .map(|&i| points[i])
            .collect();
        let mut mouth_box = bounds(&mouth, 0.9 * px_per_cm);
        mouth_box[3] += 1.6 * px_per_cm;
        let blur = 0.55 * enlargement.max(1.0);
        Self {
            fit,
            rig,
            mesh: Mesh::new(points, inset, Head::get()),
            px_per_cm,
            kernel: if enlargement >= 1.5 { Kernel::Linear } else { Kernel::Cubic },
            soft: (0.026 * px_per_cm).hypot(blur * 0.9).max(0.8),
            mouth_box,
        }
    }

    pub fn project(&self, place: [f32; 3]) -> [f32; 2] {
        let p = self.fit.project(place.map(f64::from));
        [p[0] as f32, p[1] as f32]
    }

    /// How far every skin point moves, pixels, to come to a target in cm.
    pub fn moved(&self, target: &[[f32; 3]]) -> Vec<[f32; 2]> {
        let moved = |(t, o): (&[f32; 3], &[f32; 3])| {
            let d = self.fit.project_displacement(std::array::from_fn(|k| f64::from(t[k] - o[k])));
            [d[0] as f32, d[1] as f32]
        };
        target.iter().zip(&self.rig.own).map(moved).collect()
    }
}

pub fn planes(p: &Planes) -> [Plane<'_>; 3] {
    let plane = |data, width, height| Plane { width, height, data };
    [
        plane(&p.y[..], p.width, p.height),
        plane(&p.u[..], p.width / 2, p.height / 2),
        plane(&p.v[..], p.width / 2, p.height / 2),
    ]
}

/// Fills `out` with a region of the planes, displaced by a field that begins at its corner.
pub fn warp_planes(planes: &[Plane; 3], field: &Field, r: Region, kernel: Kernel, out: &mut Planes) {
    let luma = Window {
        x: r.x,
        y: r.y,
        width: r.width,
        height: r.height,
    };
    let chroma = Window {
        x: r.x / 2,
        y: r.y / 2,
        width: r.width / 2,
        height: r.height / 2,
    };
    let [y, u, v] = *planes;
    warp(y, field, luma, 1, kernel, &mut out.y);
    warp(u, field, chroma, 2, Kernel::Linear, &mut out.u);
    warp(v, field, chroma, 2, Kernel::Linear, &mut out.v);
}

/// Displaces alpha, a byte a pixel of a picture so wide, in a region as `warp_planes` does its pixels; `strength`: how much of it.
pub fn warp_alpha(alpha: &mut [u8], width: usize, field: &Field, r: Region, strength: f32) {
    let window = Window {
        x: r.x,
        y: r.y,
        width: r.width,
        height: r.height,
    };
    let mut moved = vec![0; r.width * r.height];
    let plane = Plane {
        width,
        height: alpha.len() / width,
        data: &*alpha,
    };
    warp(plane, field, window, 1, Kernel::Linear, &mut moved);
    let part = (strength * 256.0).round() as i32;
    for (row, from) in moved.chunks_exact(r.width).enumerate() {
        let to = &mut alpha[(r.y + row) * width + r.x..][..r.width];
        for (t, f) in to.iter_mut().zip(from) {
            *t = (i32::from(*t) + (((i32::from(*f) - i32::from(*t)) * part + 128) >> 8)) as u8;
        }
    }
}

/// Pixels between nodes: a power of two near 0.12 cm, coarse enough to be cheap and fine enough for skin.
pub fn pitch(px_per_cm: f32) -> f32 {
    [16.0, 8.0, 4.0].into_iter().find(|p| *p <= px_per_cm * 0.17).unwrap_or(2.0)
}

/// Left, top, right, bottom of points, grown on all sides.
pub fn bounds(points: &[[f32; 2]], grow: f32) -> [f32; 4] {
    let fold = |axis: usize, f: fn(f32, f32) -> f32, start: f32| points.iter().map(|p| p[axis]).fold(start, f);
    [
        fold(0, f32::min, f32::MAX) - grow,
        fold(1, f32::min, f32::MAX) - grow,
        fold(0, f32::max, f32::MIN) + grow,
        fold(1, f32::max, f32::MIN) + grow,
    ]
}

/// The part of a box that can be seen in `region`, and a margin for what moves into it: a face may be enlarged far beyond its canvas.
pub fn clipped([left, top, right, low]: [f32; 4], region: Region) -> [f32; 4] {
    let margin = region.width.max(region.height) as f32 / 4.0 + 64.0;
    let (x, y) = (region.x as f32, region.y as f32);
    let (left, top) = (left.max(x - margin), top.max(y - margin));
    [
        left,
        top,
        right.min(x + region.width as f32 + margin).max(left + 1.0),
        low.min(y + region.height as f32 + margin).max(top + 1.0),
    ]
}
