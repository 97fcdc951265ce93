//! Whether a face can be made to speak: errors that refuse it, warnings that lower what to expect.

use crate::error::Kind;
use crate::face::looks::{EyeLooks, Looks};
use crate::face::{Detection, Face, blendshape};
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
    Tilted,
    /// Part of the face outside the mouth lies beyond the picture's edge, or the chin has no room to fall.
    Cut,
    PartlyCovered,
    MouthOpen,
    Smiling,
    EyesClosed,
    Dark,
    Blurred,
}

/// Whether a picture makes a good avatar, and why not.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Verdict {
    /// No problem was found.
    pub good: bool,
    pub problems: Vec<Problem>,
    pub warnings: Vec<Warning>,
}

impl Verdict {
    fn refuse(&mut self, kind: Kind, sentence: impl Into<String>) {
        let sentence = sentence.into();
        self.problems.push(Problem { kind, sentence });
    }

    fn warn(&mut self, kind: WarningKind, sentence: impl Into<String>) {
        let sentence = sentence.into();
        self.warnings.push(Warning { kind, sentence });
    }
}

/// Pixels between the eyes below which a face is refused, and below which it is warned of.
const LEAST_EYES: f64 = 24.0;
const FEW_EYES: f64 = 60.0;
/// Degrees, as FaceMesh sees them, give or take 3. Vermeer's girl with a pearl earring, 33 to 37 by the crop, speaks well.
const MOST_YAW: f64 = 38.0;
/// How far the tip of the nose may stick out over the cheek's outline, in widths of the face.
const MOST_NOSE: f32 = 0.1;
const MOST_PITCH: f64 = 30.0;
const MUCH_TURN: f64 = 22.0;
/// Degrees of tilt from which the picture lies on its side, and from which it is worth a word.
const MOST_TILT: f64 = 60.0;
const MUCH_TILT: f64 = 30.0;

/// Why no face could be read.
///
/// `doubtful` are detections in which the mesh saw none; `turned` is by how many quarters, clockwise, the picture would
/// have to be turned for a face to appear.
pub(super) fn without_face(picture: &Picture, doubtful: &[Detection], turned: Option<u32>) -> Verdict {
    let mut verdict = Verdict::default();
    if let Some(quarters) = turned {
        verdict.refuse(Kind::NoFace, turn(quarters));
    } else if doubtful.iter().any(|d| is_cut(picture, d)) {
        verdict.refuse(
            Kind::FaceCovered,
            "a face is cut off by the picture's edge; use a photo that shows the whole face with some room around it",
        );
    } else if doubtful.iter().any(|d| d.score > 0.75) {
        verdict.refuse(
            Kind::FaceCovered,
            "what looks like a face could not be read: it is covered, turned away or too blurred; use a photo that shows the whole face from the front",
        );
    } else {
        verdict.refuse(
            Kind::NoFace,
            "no face was found; use a photo of one person who looks at the camera, with the whole face in the picture",
        );
    }
    verdict
}

/// Looks at one face from all sides.
pub(super) fn judge(picture: &Picture, face: &Face, others: &[Detection]) -> Verdict {
    let mut verdict = Verdict::default();
    size(&mut verdict, face);
    pose(&mut verdict, face);
    edges(&mut verdict, picture, face);
    let looks = Looks::of(picture, &face.landmarks);
    mouth_covered(&mut verdict, &looks);
    eyes_covered(&mut verdict, &looks);
    light(&mut verdict, &looks);
    expression(&mut verdict, face);
    if !others.is_empty() {
        let count = others.len() + 1;
        verdict.warn(WarningKind::SeveralFaces, format!("{count} faces were found; the largest speaks"));
    }
    verdict.good = verdict.problems.is_empty();
    verdict
}

/// Why the mouth of a face in a video cannot be moved in this very frame: it is turned too far, or cut off by the picture's edge.
pub(crate) fn obstacle(picture: &Picture, face: &Face) -> Option<Kind> {
    let mut verdict = Verdict::default();
    pose(&mut verdict, face);
    edges(&mut verdict, picture, face);
    verdict.problems.first().map(|p| p.kind)
}

/// Whether nothing is in front of the mouth.
pub(crate) fn mouth_is_free(picture: &Picture, face: &Face) -> bool {
    let mut verdict = Verdict::default();
    mouth_covered(&mut verdict, &Looks::of(picture, &face.landmarks));
    verdict.problems.is_empty()
}

fn size(verdict: &mut Verdict, face: &Face) {
    let eyes = face.eye_distance();
    if eyes < LEAST_EYES {
        verdict.refuse(
            Kind::FaceTooSmall,
            format!("the face is too small: {eyes:.0} pixels between the eyes, and {LEAST_EYES:.0} are needed; use a larger photo or one taken nearer"),
        );
    } else if eyes < FEW_EYES {
        verdict.warn(
            WarningKind::Small,
            format!("the face is small: {eyes:.0} pixels between the eyes; from {FEW_EYES:.0} on the mouth looks sharp"),
        );
    }
}

fn pose(verdict: &mut Verdict, face: &Face) {
    let (yaw, pitch, roll) = (face.pose.yaw.abs(), face.pose.pitch.abs(), face.pose.roll);
    if roll.abs() > MOST_TILT {
        // A head tilted by a quarter to the left is set upright by a quarter to the right.
        verdict.refuse(Kind::FaceTurned, turn((-roll / 90.0).round().rem_euclid(4.0) as u32));
    } else if yaw > MOST_YAW || pitch > MOST_PITCH || nose_sticks_out(face) > MOST_NOSE {
        let (degrees, side) = if pitch > MOST_PITCH {
            (pitch, "up or down")
        } else {
            (yaw, "sideways")
        };
        verdict.refuse(
            Kind::FaceTurned,
            format!("the head is turned {degrees:.0} degrees {side}, too far to see the mouth; use a photo that looks at the camera"),
        );
    } else if yaw > MUCH_TURN || pitch > MUCH_TURN {
        verdict.warn(
            WarningKind::Turned,
            format!("the head is turned: {yaw:.0} degrees sideways, {pitch:.0} up or down; the mouth looks best from the front"),
        );
    }
    if (MUCH_TILT..=MOST_TILT).contains(&roll.abs()) {
        verdict.warn(WarningKind::Tilted, format!("the head is tilted by {:.0} degrees", roll.abs()));
    }
}

/// The tip of the nose beyond the outline of the face, in widths of the face; negative is within. Where it is far out, half
/// of the mouth is hidden, whatever the angle is thought to be.
fn nose_sticks_out(face: &Face) -> f32 {
    let (sin, cos) = (face.pose.roll.to_radians() as f32).sin_cos();
    let level = |i: usize| cos * face.landmarks[i][0] + sin * face.landmarks[i][1];
    let (left, right, nose) = (level(234), level(454), level(4));
    (left - nose).max(nose - right) / (right - left).max(1.0)
}

fn turn(quarters: u32) -> String {
    match quarters {
        2 => "the picture is upside down; turn it and try again".to_owned(),
        3 => "the picture lies on its side; turn it by 90 degrees counter-clockwise and try again".to_owned(),
        _ => "the picture lies on its side; turn it by 90 degrees clockwise and try again".to_owned(),
    }
}

/// Lips, chin and eyes: without them there is nothing to speak with.
const NEEDED: [usize; 10] = [0, 17, 61, 291, 152, 176, 400, 159, 386, 4];
/// Room that the chin needs to fall, cm.
const CHIN_ROOM: f64 = 0.8;

fn edges(verdict: &mut Verdict, picture: &Picture, face: &Face) {
    let cm = face.fit.scale as f32;
    // How far a landmark is inside the picture, cm; negative is outside.
    let room = |i: usize| {
        let [x, y, _] = face.landmarks[i];
        x.min(y).min(picture.width as f32 - x).min(picture.height as f32 - y) / cm
    };
    if NEEDED.iter().any(|&i| room(i) < 0.0) {
        verdict.refuse(
            Kind::FaceCovered,
            "the face is cut off by the picture's edge; use a photo that shows the whole face with some room around it",
        );
    } else if f64::from(room(152)) < CHIN_ROOM {
        verdict.warn(
            WarningKind::Cut,
            "the chin touches the picture's edge; leave some room under it, for it moves when speaking",
        );
    } else if face.landmarks.iter().enumerate().any(|(i, _)| room(i) < 0.0) {
        verdict.warn(WarningKind::Cut, "a part of the face lies outside the picture");
    }
}

fn is_cut(picture: &Picture, detection: &Detection) -> bool {
    let [left, top, right, bottom] = detection.bbox;
    let slack = detection.width() * 0.05;
    left < slack || top < slack || right > picture.width as f32 - slack || bottom > picture.height as f32 - slack
}

/// Thresholds in Lab units, between what 13 faces (two bearded, two in glasses, three painted, each also dark and
/// blurred) and what masks, hands, microphones and bars before the same faces measured; see `looks.rs`.
fn mouth_covered(verdict: &mut Verdict, looks: &Looks) {
    // Without colours lips may be as light as the skin around them; their edges remain (5 and more), and a bar's darkness.
    let grey = looks.jaw_hue < 0.5 && looks.nose_hue < 0.5 && looks.lips_redder.abs() < 0.5;
    let featureless = looks.lips_vary < 1.3 || (looks.lips_differ < 3.0 && !grey) || (looks.lips_differ < 9.0 && looks.lips_vary < 2.4);
    let masked = looks.jaw_hue > 10.0 && looks.nose_hue > 10.0 && looks.lips_redder < 2.0;
    let foreign = looks.lips_redder < -1.5;
    if featureless || masked || (foreign && looks.lips_darker > 25.0) || (grey && looks.lips_darker > 40.0) {
        verdict.refuse(
            Kind::FaceCovered,
            "the mouth cannot be seen: a hand, a mask or another thing is in front of it; use a photo that shows the whole face",
        );
    } else if foreign && looks.lips_darker > 10.0 {
        verdict.warn(WarningKind::PartlyCovered, "something dark seems to be in front of the mouth");
    }
}

fn eyes_covered(verdict: &mut Verdict, looks: &Looks) {
    let covered = |eye: &EyeLooks| eye.white < 0.35 && (eye.range < 6.0 || eye.under < 0.45);
    let [left, right] = &looks.eyes;
    if !covered(left) && !covered(right) {
        return;
    }
    // A bar that hides one eye altogether and leaves the other no white hides both.
    if left.white < 0.35 && right.white < 0.35 {
        verdict.refuse(
            Kind::FaceCovered,
            "the eyes are covered, by sunglasses or a bar; use a photo that shows the eyes",
        );
    } else {
        verdict.warn(WarningKind::PartlyCovered, "one eye is covered or in deep shade");
    }
}

fn light(verdict: &mut Verdict, looks: &Looks) {
    if looks.light < 30.0 {
        verdict.warn(WarningKind::Dark, "the face is dark; a brighter photo looks better");
    }
    if looks.blur > MOST_BLUR {
        verdict.warn(WarningKind::Blurred, "the face is blurred; a sharper photo looks better");
    }
}

/// Width of an edge, cm.
const MOST_BLUR: f32 = 0.22;

/// Opening of the lips, cm: more than any speech, and more than nearly all (98 % of speech is below 1.5).
const MOST_GAP: f64 = 2.4;
const MUCH_GAP: f64 = 1.5;

fn expression(verdict: &mut Verdict, face: &Face) {
    let mean = |a: usize, b: usize| f64::from(face.blendshapes[a] + face.blendshapes[b]) / 2.0;
    let smile = mean(blendshape::MOUTH_SMILE_LEFT, blendshape::MOUTH_SMILE_RIGHT);
    let blink = mean(blendshape::EYE_BLINK_LEFT, blendshape::EYE_BLINK_RIGHT);
    let gap = face.fit.points[13][1] - face.fit.points[14][1];
    if gap > MOST_GAP {
        verdict.refuse(
            Kind::FaceCovered,
            "the mouth is torn open, or something dark is in front of it; use a photo with closed lips or a slight smile",
        );
    } else if gap > MUCH_GAP {
        verdict.warn(
            WarningKind::MouthOpen,
            "the mouth is wide open; a photo with closed lips or a slight smile speaks better",
        );
    }
    if smile > 0.6 {
        verdict.warn(WarningKind::Smiling, "the face smiles broadly; the smile relaxes while it speaks");
    }
    if blink > 0.6 {
        verdict.warn(WarningKind::EyesClosed, "the eyes are closed; they stay so in the video");
    }
}
