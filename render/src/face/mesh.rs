//! 478 landmarks and 52 blendshapes of one face.

use crate::error::{Error, Kind, Result};
use crate::face::Landmarks;
use crate::face::region::{Edge, Region};
use crate::media::Picture;
use crate::model::{Net, Tensor};

/// FaceMesh v2 with irises, and the blendshape net that reads its landmarks.
pub(super) struct Mesh {
    pub landmarks: Net,
    pub blendshapes: Net,
}

/// Side of the net's input.
const SIDE: usize = 256;

/// What the blendshape net reads, in its order (MediaPipe's `kLandmarksSubsetIdxs`).
#[rustfmt::skip]
const BLENDSHAPE_POINTS: [usize; 146] = [
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80, 81,
    82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153, 154, 155,
    157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263, 267,
    269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318, 321, 323,
    324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386, 387, 388,
    389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
];

impl Mesh {
    /// Landmarks of the face in a region, and 0 to 1: how sure the net is that one is there.
    pub fn run(&self, picture: &Picture, region: &Region) -> Result<(Box<Landmarks>, f32)> {
        let outputs = self.landmarks.run(&[region.cut(picture, SIDE, Edge::Repeat, 1.0 / 255.0, 0.0)])?;
        let (Some(points), Some(&[logit, ..])) = (outputs.first(), outputs.get(1).map(|t| &t.data[..])) else {
            return Err(Error::new(Kind::Internal, "the face mesh net gave no landmarks"));
        };
        let mut landmarks = Box::new([[0.0; 3]; 478]);
        for (to, from) in landmarks.iter_mut().zip(points.data.chunks_exact(3)) {
            let [x, y] = region.to_picture([f64::from(from[0]) / SIDE as f64, f64::from(from[1]) / SIDE as f64]);
            *to = [x as f32, y as f32, from[2] * (region.size / SIDE as f64) as f32];
        }
        Ok((landmarks, 1.0 / (1.0 + (-logit).exp())))
    }

    /// The 52 ARKit blendshapes, 0 to 1; see [`super::blendshape`] for their order.
    pub fn blendshapes(&self, landmarks: &Landmarks) -> Result<[f32; 52]> {
        let data = BLENDSHAPE_POINTS.iter().flat_map(|&i| [landmarks[i][0], landmarks[i][1]]).collect();
        let outputs = self.blendshapes.run(&[Tensor::new(&[1, 146, 2], data)])?;
        outputs
            .first()
            .and_then(|t| t.data[..].try_into().ok())
            .ok_or_else(|| Error::new(Kind::Internal, "the blendshape net gave no 52 values"))
    }
}

/// Where the mesh should look next: around the landmarks, level with the outer corners of the eyes.
pub(super) fn region_of(landmarks: &Landmarks) -> Region {
    let (left, right) = (landmarks[33], landmarks[263]);
    let angle = f64::from(right[1] - left[1]).atan2(f64::from(right[0] - left[0]));
    let (sin, cos) = angle.sin_cos();
    let mut low = [f64::INFINITY; 2];
    let mut high = [f64::NEG_INFINITY; 2];
    for [x, y] in landmarks.iter().map(|p| [f64::from(p[0]), f64::from(p[1])]) {
        for (c, level) in [cos * x + sin * y, cos * y - sin * x].into_iter().enumerate() {
            low[c] = low[c].min(level);
            high[c] = high[c].max(level);
        }
    }
    let middle = [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0];
    Region {
        centre: [cos * middle[0] - sin * middle[1], sin * middle[0] + cos * middle[1]],
        size: (high[0] - low[0]).max(high[1] - low[1]) * 1.5,
        angle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Runtime;

    /// What the same net gave on ONNX Runtime for the same region, cut out by OpenCV.
    const EXPECTED: [(usize, [f32; 3]); 11] = [
        (4, [222.45, 125.92, -24.87]),
        (10, [226.38, 63.79, -12.86]),
        (13, [222.67, 144.29, -5.72]),
        (14, [222.11, 151.23, -2.96]),
        (33, [195.15, 101.05, 4.69]),
        (61, [202.23, 140.45, 8.36]),
        (152, [220.19, 181.95, 10.48]),
        (263, [255.97, 103.84, 2.64]),
        (291, [244.99, 142.41, 6.82]),
        (468, [203.66, 101.31, 0.31]),
        (473, [246.65, 103.21, 0.07]),
    ];

    #[test]
    fn a_region_gives_what_onnx_runtime_gave() {
        let rgba = image::open(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/media/astronaut.png"))
            .expect("the test picture is part of the repository")
            .to_rgba8();
        let picture = Picture {
            width: rgba.width() as usize,
            height: rgba.height() as usize,
            rgba: rgba.into_raw(),
        };
        let runtime = Runtime::rten();
        let load = |bytes: &'static [u8]| runtime.load(bytes).expect("embedded nets load");
        let mesh = Mesh {
            landmarks: load(include_bytes!("../../models/facemesh_v2_478_256.onnx")),
            blendshapes: load(include_bytes!("../../models/blendshapes_v2_52.onnx")),
        };
        let region = Region {
            centre: [223.5, 112.25],
            size: 200.0,
            angle: 0.05,
        };
        let (landmarks, score) = mesh.run(&picture, &region).expect("embedded nets run");
        assert!(score > 0.999);
        for (i, expected) in EXPECTED {
            for c in 0..3 {
                assert!((landmarks[i][c] - expected[c]).abs() < 0.15, "{i}: {:?} {expected:?}", landmarks[i]);
            }
        }
        let shapes = mesh.blendshapes(&landmarks).expect("embedded nets run");
        for (i, expected) in [(9, 0.0855), (10, 0.0814), (25, 0.0234), (44, 0.8871), (45, 0.8835)] {
            assert!((shapes[i] - expected).abs() < 0.02, "{i}: {} {expected}", shapes[i]);
        }
    }
}
