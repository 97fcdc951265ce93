//! A look at a dozen frames of a video: who speaks, whether that face can, and which frame shows it best.

use std::path::Path;

use crate::error::{Error, Kind, Result};
use crate::face::{self, Face, FaceNets, Verdict, WarningKind, blendshape};
use crate::media::frames::Take;
use crate::media::video::VideoFacts;
use crate::media::{Picture, Tools};

/// Frames that are looked at: so many a second, but at least and at most so many.
const RATE: f64 = 4.0;
const LEAST: usize = 3;
const SAMPLES: usize = 12;
/// Longest side in which they are looked at, pixels.
const SIDE: usize = 1920;
/// Up to this length all of the video is decoded for them, seconds; a longer one is entered at its key frames.
const SHORT: f64 = 12.0;
/// Faces whose middles are nearer than this, in widths of the face, are one person's.
const SAME_SEAT: f32 = 0.75;

/// The frame that shows the speaking face best.
pub struct Best {
    pub picture: Picture,
    pub face: Face,
    /// Pixels of the video per pixel of the picture.
    pub scale: f32,
}

/// What a video shows.
pub struct Survey {
    pub best: Best,
    /// Width of the face in each sighting, and its middle, pixels of the video.
    pub seats: Vec<[f32; 3]>,
    /// Somebody else is seen too.
    pub others: bool,
    pub warnings: Vec<String>,
}

/// One person's sightings.
struct Person {
    sightings: Vec<(Face, Verdict, usize)>,
    area: f32,
}

/// Looks through a video, or says why nobody in it can be made to speak.
///
/// `alive` is told how many frames of how many are done.
pub fn survey(
    path: &Path,
    facts: &VideoFacts,
    nets: &FaceNets,
    tools: &Tools,
    alive: &mut dyn FnMut(u64, u64) -> Result<()>,
) -> Result<Survey> {
    let mut people: Vec<Person> = Vec::new();
    let mut best: Vec<Option<(f32, Picture)>> = Vec::new();
    let (mut seen, mut together) = (0, 0);
    samples(path, facts, tools, alive, &mut |picture| {
        let faces = face::everyone(&picture, nets)?;
        together = together.max(faces.len());
        for (face, verdict) in faces {
            // Who is alone may have walked.
            let at = people.iter().position(|p| p.sits(&face) || together == 1);
            let at = at.unwrap_or_else(|| {
                people.push(Person {
                    sightings: Vec::new(),
                    area: 0.0,
                });
                best.push(None);
                people.len() - 1
            });
            let (width, height) = (face.bbox[2] - face.bbox[0], face.bbox[3] - face.bbox[1]);
            people[at].area += width * height;
            let looks = poorness(&face);
            if verdict.good && best[at].as_ref().is_none_or(|(poorest, _)| looks < *poorest) {
                best[at] = Some((looks, picture.clone()));
            }
            people[at].sightings.push((face, verdict, seen));
        }
        seen += 1;
        Ok(())
    })?;
    let Some(speaker) = (0..people.len()).max_by(|&a, &b| people[a].area.total_cmp(&people[b].area)) else {
        return Err(refusal(Kind::NoFace));
    };
    let others = people
        .iter()
        .enumerate()
        .filter(|(i, p)| *i != speaker && p.sightings.len() * 3 > seen)
        .count();
    let Some((_, picture)) = best.swap_remove(speaker) else {
        return Err(refusal(people[speaker].usual_problem()));
    };
    let mut survey = people.swap_remove(speaker).conclude(picture, seen, others, facts);
    survey.others = together > 1;
    Ok(survey)
}

/// What the frames are looked at in.
fn size(facts: &VideoFacts) -> (usize, usize) {
    let longest = facts.width.max(facts.height) as usize;
    let side = |length: u32| (length as usize * SIDE.min(longest)).div_ceil(longest).next_multiple_of(2);
    (side(facts.width), side(facts.height))
}

/// Hands the frames to `each`, evenly spaced as far as that is cheap.
fn samples(
    path: &Path,
    facts: &VideoFacts,
    tools: &Tools,
    alive: &mut dyn FnMut(u64, u64) -> Result<()>,
    each: &mut dyn FnMut(Picture) -> Result<()>,
) -> Result<()> {
    let size = size(facts);
    let wanted = ((facts.seconds * RATE).ceil() as usize).clamp(LEAST, SAMPLES);
    let total = wanted as u64;
    let take = |from: Option<f64>, rate: String, most: usize| Take {
        path,
        facts,
        from,
        rate,
        most,
        size,
    };
    if facts.seconds <= SHORT {
        // A frame in the middle of each part: twice as many, and every second of them.
        let rate = format!("{:.0}/{:.0}", wanted as f64 * 2000.0, (facts.seconds * 1000.0).max(1.0));
        let mut frames = take(None, rate, wanted * 2).start(tools)?;
        let mut planes = frames.blank();
        let mut done = 0;
        while frames.read(&mut planes, &mut || alive(done / 2, total))? {
            // Of a video of one frame, that one.
            if done % 2 == 1 || done == 0 && facts.seconds * facts.fps < 3.0 {
                each(planes.to_picture())?;
            }
            done += 1;
            alive(done / 2, total)?;
        }
        return Ok(());
    }
    let mut failed = None;
    let mut found = 0;
    for k in 0..SAMPLES {
        let from = facts.seconds * (k as f64 + 0.5) / SAMPLES as f64;
        alive(k as u64, total)?;
        let mut frames = take(Some(from), "60".into(), 1).start(tools)?;
        let mut planes = frames.blank();
        match frames.read(&mut planes, &mut || alive(k as u64, total)) {
            Ok(true) => {
                found += 1;
                each(planes.to_picture())?;
            }
            Ok(false) => {}
            Err(e) if e.kind == Kind::Cancelled => return Err(e),
            // A place that cannot be entered is passed over.
            Err(e) => failed = Some(e),
        }
    }
    failed.filter(|_| found == 0).map_or(Ok(()), Err)
}

/// How badly a frame shows a face: turned, blinking, mouth open.
fn poorness(face: &Face) -> f32 {
    let turned = face.pose.yaw.abs() + face.pose.pitch.abs();
    let blink = face.blendshapes[blendshape::EYE_BLINK_LEFT].max(face.blendshapes[blendshape::EYE_BLINK_RIGHT]);
    turned as f32 / 20.0 + blink + face.blendshapes[blendshape::JAW_OPEN]
}

impl Person {
    fn sits(&self, face: &Face) -> bool {
        let middle = |f: &Face| [(f.bbox[0] + f.bbox[2]) / 2.0, (f.bbox[1] + f.bbox[3]) / 2.0];
        self.sightings.last().is_some_and(|(last, ..)| {
            let ([ax, ay], [bx, by]) = (middle(last), middle(face));
            let width = (last.bbox[2] - last.bbox[0]).max(face.bbox[2] - face.bbox[0]);
            (ax - bx).hypot(ay - by) < SAME_SEAT * width
        })
    }

    /// What most often stands in the way.
    fn usual_problem(&self) -> Kind {
        let kinds: Vec<Kind> = self
            .sightings
            .iter()
            .filter_map(|(_, v, _)| v.problems.first())
            .map(|p| p.kind)
            .collect();
        let count = |kind: Kind| kinds.iter().filter(|k| **k == kind).count();
        kinds.iter().copied().max_by_key(|k| count(*k)).unwrap_or(Kind::NoFace)
    }

    fn conclude(self, picture: Picture, seen: usize, others: usize, facts: &VideoFacts) -> Survey {
        let usable = self.sightings.iter().filter(|(_, v, _)| v.good).count();
        let mut warnings = Vec::new();
        if others > 0 {
            let count = others + 1;
            warnings.push(format!("{count} faces were found; the one that fills most of the frames speaks"));
        }
        if usable * 3 < seen * 2 {
            warnings.push(format!(
                "the face can be made to speak in only {usable} of {seen} frames that were looked at; the others stay as they are"
            ));
        }
        if facts.hdr {
            warnings.push("the video is HDR; its colours may come out paler".into());
        }
        let scale = facts.width as f32 / size(facts).0 as f32;
        let seat = |f: &Face| [f.bbox[2] - f.bbox[0], (f.bbox[0] + f.bbox[2]) / 2.0, (f.bbox[1] + f.bbox[3]) / 2.0];
        let seats = self.sightings.iter().map(|(f, ..)| seat(f).map(|v| v * scale)).collect();
        let (face, verdict, _) = self
            .sightings
            .into_iter()
            .filter(|(_, v, _)| v.good)
            .min_by(|a, b| poorness(&a.0).total_cmp(&poorness(&b.0)))
            .expect("a picture is kept only of a good sighting");
        let lasting = |kind: WarningKind| !matches!(kind, WarningKind::MouthOpen | WarningKind::EyesClosed | WarningKind::Smiling);
        warnings.extend(verdict.warnings.into_iter().filter(|w| lasting(w.kind)).map(|w| w.sentence));
        Survey {
            best: Best { picture, face, scale },
            seats,
            others: false,
            warnings,
        }
    }
}

fn refusal(kind: Kind) -> Error {
    Error::new(
        kind,
        match kind {
            Kind::FaceTurned => {
                "the head is turned too far to see the mouth, or the picture lies on its side; use a video that looks at the camera"
            }
            Kind::FaceTooSmall => "the face is too small: 24 pixels between the eyes are needed; use a larger video or one taken nearer",
            Kind::FaceCovered => {
                "the mouth or the eyes cannot be seen: they are covered or outside the picture; use a video that shows the whole face"
            }
            _ => "no face was found in the video; use one of a person who looks at the camera, with the whole face in the picture",
        },
    )
}
