//! What was seen, drawn over the picture.

use crate::face::head::Head;
use crate::face::{Detection, Face, Inspection};
use crate::media::Picture;

const MESH: [u8; 3] = [80, 200, 255];
const LIPS: [u8; 3] = [255, 60, 90];
const IRIS: [u8; 3] = [255, 230, 60];
const OTHER: [u8; 3] = [255, 140, 0];

/// The rims of the lips, each as a closed line of landmarks.
const LIP_RIMS: [[usize; 20]; 2] = [
    [
        78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191,
    ],
    [
        61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
    ],
];

/// A copy of the picture with the mesh, lips and irises of the face, and boxes around the faces that were not taken.
pub fn overlay(picture: &Picture, inspection: &Inspection) -> Picture {
    let mut drawn = picture.clone();
    for other in &inspection.others {
        boxed(&mut drawn, other);
    }
    if let Some(face) = &inspection.face {
        meshed(&mut drawn, face);
    }
    drawn
}

fn meshed(picture: &mut Picture, face: &Face) {
    let at = |i: usize| [face.landmarks[i][0], face.landmarks[i][1]];
    for triangle in &Head::get().triangles {
        for k in 0..3 {
            let (a, b) = (triangle[k], triangle[(k + 1) % 3]);
            // Each inner edge belongs to two triangles of opposite order: draw it once.
            if a < b {
                line(picture, at(a), at(b), MESH, 0.35);
            }
        }
    }
    for rim in LIP_RIMS {
        for k in 0..rim.len() {
            line(picture, at(rim[k]), at(rim[(k + 1) % rim.len()]), LIPS, 0.9);
        }
    }
    for ring in [469, 474] {
        for k in 0..4 {
            line(picture, at(ring + k), at(ring + (k + 1) % 4), IRIS, 0.9);
        }
    }
}

fn boxed(picture: &mut Picture, detection: &Detection) {
    let [left, top, right, bottom] = detection.bbox;
    let corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
    for k in 0..4 {
        line(picture, corners[k], corners[(k + 1) % 4], OTHER, 0.9);
    }
}

/// A line one pixel wide, blended by `opacity`.
fn line(picture: &mut Picture, from: [f32; 2], to: [f32; 2], colour: [u8; 3], opacity: f32) {
    let steps = (to[0] - from[0]).abs().max((to[1] - from[1]).abs()).ceil().clamp(1.0, 20_000.0);
    for i in 0..steps as usize {
        let t = i as f32 / steps;
        let x = from[0] + (to[0] - from[0]) * t;
        let y = from[1] + (to[1] - from[1]) * t;
        if x < 0.0 || y < 0.0 || x >= picture.width as f32 || y >= picture.height as f32 {
            continue;
        }
        let start = (y as usize * picture.width + x as usize) * 4;
        for (value, target) in picture.rgba[start..start + 3].iter_mut().zip(colour) {
            *value = (f32::from(*value) + (f32::from(target) - f32::from(*value)) * opacity).round() as u8;
        }
        picture.rgba[start + 3] = 255;
    }
}
