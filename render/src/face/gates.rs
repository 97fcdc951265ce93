//! Whether a face can be made to speak: errors that refuse it, warnings that lower what to expect.

use crate::error::Kind;
use crate::face::{Detection, Face};
use crate::media::Picture;

/// A reason to refuse a picture.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Problem {
    pub kind: Kind,
    /// What is wrong and what would help.
    pub sentence: String,
}

/// Something that lowers what to expect.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Warning {
    pub kind: WarningKind,
    pub sentence: String,
}

/// What a warning is about, as a stable name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WarningKind {
    SeveralFaces,
    Small,
    Turned,
}

/// Whether a picture makes a good avatar, and why not.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Verdict {
    /// No problem was found.
    pub good: bool,
    pub problems: Vec<Problem>,
    pub warnings: Vec<Warning>,
}

/// Pixels between the eyes below which a face is refused, and below which it is warned of.
const EYES: (f64, f64) = (24.0, 60.0);
/// Degrees.
const YAW: (f64, f64) = (22.0, 35.0);
const PITCH: (f64, f64) = (22.0, 30.0);

/// Why there is no face.
pub(super) fn without_face(_doubtful: &[Detection], turned: Option<(u32, Detection)>) -> Verdict {
    let mut verdict = Verdict::default();
    let sentence = match turned {
        Some((quarters, _)) => format!(
            "no upright face was found; turn the picture by {} degrees clockwise and try again",
            quarters * 90
        ),
        None => "no face was found; use a photo of one person who looks at the camera, with the whole face in the picture".to_owned(),
    };
    verdict.refuse(Kind::NoFace, sentence);
    verdict
}

/// Looks at one face from all sides.
pub(super) fn judge(_picture: &Picture, face: &Face, _detection: &Detection, others: &[Detection]) -> Verdict {
    let mut verdict = Verdict {
        good: true,
        ..Verdict::default()
    };
    let eyes = face.eye_distance();
    if eyes < EYES.0 {
        verdict.refuse(
            Kind::FaceTooSmall,
            format!("the face is too small: {eyes:.0} pixels between the eyes, at least {:.0} are needed; use a larger photo or one taken nearer", EYES.0),
        );
    } else if eyes < EYES.1 {
        verdict.warn(
            WarningKind::Small,
            format!(
                "the face is small ({eyes:.0} pixels between the eyes); from {:.0} on the mouth looks sharp",
                EYES.1
            ),
        );
    }
    let (yaw, pitch) = (face.pose.yaw.abs(), face.pose.pitch.abs());
    if yaw > YAW.1 || pitch > PITCH.1 {
        verdict.refuse(
            Kind::FaceTurned,
            format!("the head is turned too far from the camera ({yaw:.0} degrees sideways, {pitch:.0} up or down); use a photo that looks at the camera"),
        );
    } else if yaw > YAW.0 || pitch > PITCH.0 {
        verdict.warn(
            WarningKind::Turned,
            format!("the head is turned ({yaw:.0} degrees sideways, {pitch:.0} up or down); the mouth looks best in a photo that looks at the camera"),
        );
    }
    if !others.is_empty() {
        verdict.warn(
            WarningKind::SeveralFaces,
            format!("{} faces were found; the largest speaks", others.len() + 1),
        );
    }
    verdict
}

impl Verdict {
    fn refuse(&mut self, kind: Kind, sentence: String) {
        self.good = false;
        self.problems.push(Problem { kind, sentence });
    }

    fn warn(&mut self, kind: WarningKind, sentence: String) {
        self.warnings.push(Warning { kind, sentence });
    }
}
