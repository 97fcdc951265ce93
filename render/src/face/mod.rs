//! Where the face is, how it is turned, and whether it can speak.

mod detect;
mod fit;
mod gates;
pub mod head;
mod looks;
mod mesh;
pub mod overlay;
mod region;
pub mod track;

pub use detect::Detection;
pub use fit::{Fit, Pose, fit};
pub use gates::{Problem, Verdict, Warning, WarningKind};
pub(crate) use gates::{mouth_is_free, obstacle};

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
        let blendshapes = nets.mesh.blendshapes(&landmarks)?;
        Ok(Self {
            blendshapes,
            ..Self::plain(landmarks, score)
        })
    }

    /// Without its expression.
    pub(crate) fn plain(landmarks: Box<Landmarks>, score: f32) -> Self {
        let fit = fit(&landmarks);
        let mut bbox = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
        for [x, y, _] in landmarks.iter() {
            bbox = [bbox[0].min(*x), bbox[1].min(*y), bbox[2].max(*x), bbox[3].max(*y)];
        }
        Self {
            blendshapes: [0.0; 52],
            pose: fit.pose(),
            landmarks,
            score,
            bbox,
            fit,
        }
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

/// The mesh says yes to real faces with 0.99 and more, even to covered ones; this only keeps out chance patterns.
const LEAST_MESH_SCORE: f32 = 0.5;
/// Faces beyond this many are not looked at.
const MOST_FACES: usize = 6;

/// Says what a picture shows; fails only where we fail, not for a bad picture.
pub fn inspect(picture: &Picture, nets: &FaceNets) -> Result<Inspection> {
    let mut faces = Vec::new();
    let mut doubtful = Vec::new();
    for detection in nets.detector.find(picture)?.into_iter().take(MOST_FACES) {
        match nets.read(picture, &detection)? {
            Some(read) => faces.push((detection, read)),
            None => doubtful.push(detection),
        }
    }
    let mut faces = faces.into_iter();
    let Some((_, (landmarks, score))) = faces.next() else {
        let turned = nets.turned(picture)?;
        return Ok(Inspection {
            face: None,
            others: Vec::new(),
            verdict: gates::without_face(picture, &doubtful, turned),
        });
    };
    let face = Face::read(landmarks, score, nets)?;
    let others: Vec<Detection> = faces.map(|(detection, _)| detection).collect();
    let verdict = gates::judge(picture, &face, &others);
    Ok(Inspection {
        face: Some(face),
        others,
        verdict,
    })
}

/// Every face of a picture that can be read, largest first, each with what `judge` would say of it alone.
pub(crate) fn everyone(picture: &Picture, nets: &FaceNets) -> Result<Vec<(Face, Verdict)>> {
    let mut faces = Vec::new();
    for detection in nets.detector.find(picture)?.into_iter().take(MOST_FACES) {
        if let Some((landmarks, score)) = nets.read(picture, &detection)? {
            let face = Face::read(landmarks, score, nets)?;
            let verdict = gates::judge(picture, &face, &[]);
            faces.push((face, verdict));
        }
    }
    Ok(faces)
}

impl FaceNets {
    /// The landmarks of a detected face and the mesh's score, if the mesh sees a face there.
    ///
    /// The mesh reads twice, the second time where the first found the face. A detector also answers to faces that
    /// stand on their head, and the mesh then bends a wrong face over them; so the detector judges both ways up.
    fn read(&self, picture: &Picture, detection: &Detection) -> Result<Option<(Box<Landmarks>, f32)>> {
        let (first, _) = self.mesh.run(picture, &detection.region())?;
        let mut region = mesh::region_of(&first);
        if self.detector.is_upside_down(picture, &region)? {
            let (again, _) = self.mesh.run(picture, &detection.region().upside_down())?;
            region = mesh::region_of(&again);
        }
        let seen = self.mesh.run(picture, &region)?;
        Ok((seen.1 >= LEAST_MESH_SCORE).then_some(seen))
    }

    /// By how many quarters, clockwise, a picture in which no face is seen must be turned to show one.
    fn turned(&self, picture: &Picture) -> Result<Option<u32>> {
        for (quarters, detection) in self.detector.find_turned(picture)? {
            if detection.score < 0.7 {
                continue;
            }
            if let Some((landmarks, score)) = self.read(picture, &detection)?
                && score > 0.9
            {
                let tilt = mesh::region_of(&landmarks).angle + f64::from(quarters) * std::f64::consts::FRAC_PI_2;
                // The face must stand as the turn supposed, else the detector saw things.
                if tilt.cos() > 0.7 {
                    return Ok(Some(quarters));
                }
            }
        }
        Ok(None)
    }
}
