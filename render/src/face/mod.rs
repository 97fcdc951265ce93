//! Where the face is, how it is turned, and whether it can speak.

mod detect;
mod fit;
mod gates;
pub mod head;
mod mesh;
pub mod overlay;
mod region;
pub mod track;

pub use detect::Detection;
pub use fit::{Fit, Pose, fit};
pub use gates::{Problem, Verdict, Warning, WarningKind};

use detect::Detector;
use mesh::Mesh;

use crate::error::{Error, Kind, Result};
use crate::media::Picture;
use crate::model::Runtime;

/// 478 points (FaceMesh v2 order) in pixels of the picture; z in the same unit, towards the viewer negative.
///
/// Places are continuous: pixel `i` covers `[i, i + 1)`, so that the first pixel's middle is at 0.5.
pub type Landmarks = [[f32; 3]; 478];

/// The nets that find and read faces; callable from several threads at once.
pub struct FaceNets {
    detector: Detector,
    mesh: Mesh,
}

impl FaceNets {
    pub fn load(runtime: &Runtime) -> Result<Self> {
        Ok(Self {
            detector: Detector {
                short: runtime.load(include_bytes!("../../models/blazeface_short_128.onnx"))?,
                full: runtime.load(include_bytes!("../../models/blazeface_full_192.onnx"))?,
            },
            mesh: Mesh {
                landmarks: runtime.load(include_bytes!("../../models/facemesh_v2_478_256.onnx"))?,
                blendshapes: runtime.load(include_bytes!("../../models/blendshapes_v2_52.onnx"))?,
            },
        })
    }
}

/// One face, read completely.
#[derive(Clone, Debug)]
pub struct Face {
    pub landmarks: Box<Landmarks>,
    /// 0 to 1: how sure the mesh is that a face is there.
    pub score: f32,
    /// Left, top, right, bottom of the landmarks, pixels.
    pub bbox: [f32; 4],
    pub pose: Pose,
    pub fit: Fit,
    /// 0 to 1 each; see [`blendshape`] for their places.
    pub blendshapes: [f32; 52],
}

/// Places of the blendshapes that we look at, in ARKit's order as MediaPipe gives it.
pub mod blendshape {
    pub const EYE_BLINK_LEFT: usize = 9;
    pub const EYE_BLINK_RIGHT: usize = 10;
    pub const JAW_OPEN: usize = 25;
    pub const MOUTH_SMILE_LEFT: usize = 44;
    pub const MOUTH_SMILE_RIGHT: usize = 45;
}

impl Face {
    fn read(landmarks: Box<Landmarks>, score: f32, nets: &FaceNets) -> Result<Self> {
        let fit = fit(&landmarks);
        let mut bbox = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
        for [x, y, _] in landmarks.iter() {
            bbox = [bbox[0].min(*x), bbox[1].min(*y), bbox[2].max(*x), bbox[3].max(*y)];
        }
        Ok(Self {
            blendshapes: nets.mesh.blendshapes(&landmarks)?,
            pose: fit.pose(),
            landmarks,
            score,
            bbox,
            fit,
        })
    }

    /// Pixels between the middles of the eyes, as if seen from the front.
    pub fn eye_distance(&self) -> f64 {
        let middle =
            |a: usize, b: usize| -> [f64; 3] { std::array::from_fn(|c| f64::from(self.landmarks[a][c] + self.landmarks[b][c]) / 2.0) };
        let (left, right) = (middle(33, 133), middle(362, 263));
        (0..3).map(|c| (right[c] - left[c]).powi(2)).sum::<f64>().sqrt()
    }
}

/// A face that can be made to speak.
#[derive(Clone, Debug)]
pub struct Analysis {
    pub face: Face,
    /// Further faces in the picture; the largest was taken.
    pub others: Vec<Detection>,
    pub warnings: Vec<Warning>,
}

/// What a picture shows, and whether it makes a good avatar.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The largest face, if any; it may be unfit.
    pub face: Option<Face>,
    pub others: Vec<Detection>,
    pub verdict: Verdict,
}

/// Reads the largest face, or says what is wrong with the picture and what would help.
pub fn analyse(picture: &Picture, nets: &FaceNets) -> Result<Analysis> {
    let inspection = inspect(picture, nets)?;
    if let Some(problem) = inspection.verdict.problems.first() {
        return Err(Error::new(problem.kind, problem.sentence.clone()));
    }
    let face = inspection
        .face
        .ok_or_else(|| Error::new(Kind::Internal, "a picture without a problem has no face"))?;
    Ok(Analysis {
        face,
        others: inspection.others,
        warnings: inspection.verdict.warnings,
    })
}

/// The mesh says yes to real faces with 0.9 and more, to chance patterns with less than 0.1.
const LEAST_MESH_SCORE: f32 = 0.5;

/// Says what a picture shows; fails only where we fail, not for a bad picture.
pub fn inspect(picture: &Picture, nets: &FaceNets) -> Result<Inspection> {
    let mut faces = Vec::new();
    let mut doubtful = Vec::new();
    for detection in nets.detector.find(picture)? {
        let (first, _) = nets.mesh.run(picture, &detection.region())?;
        let (landmarks, score) = nets.mesh.run(picture, &mesh::region_of(&first))?;
        if score >= LEAST_MESH_SCORE {
            faces.push((detection, landmarks, score));
        } else {
            doubtful.push(detection);
        }
    }
    let mut faces = faces.into_iter();
    let Some((detection, landmarks, score)) = faces.next() else {
        return Ok(Inspection {
            face: None,
            others: Vec::new(),
            verdict: gates::without_face(&doubtful, nets.detector.find_turned(picture)?),
        });
    };
    let face = Face::read(landmarks, score, nets)?;
    let others: Vec<Detection> = faces.map(|(detection, ..)| detection).collect();
    let verdict = gates::judge(picture, &face, &detection, &others);
    Ok(Inspection {
        face: Some(face),
        others,
        verdict,
    })
}
