//! How good a clip is for speaking: what of it can be used, what its mouth shows, and what to film to make it better.

use serde::{Deserialize, Serialize};

use super::features::{Features, GAP, WIDTH};
use super::talker::Talker;
use super::trail::{State, Trail};

/// What a clip is worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub seconds: f64,
    /// In which the mouth can be moved.
    pub usable: f64,
    /// Why it cannot in the others; nothing is told of what does not occur.
    pub lost: Vec<Lost>,
    /// How often the mouth does what speech needs.
    pub shapes: Vec<Covered>,
    /// What to film, as sentences.
    pub missing: Vec<String>,
}

/// Seconds that cannot be used, for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lost {
    pub why: Why,
    pub seconds: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    NoFace,
    Turned,
    Outside,
    Covered,
    /// Between two of those, too short to be used.
    TooShort,
}

/// What mouths do when they speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Shut and still for a quarter of a second and more.
    Rest,
    /// Shut for a moment between openings, as for p, b and m.
    Closed,
    /// Half open.
    Open,
    /// As far as for a clear "ah".
    Wide,
    /// Corners apart, as for "ee".
    Spread,
    /// Corners together, as for "oo".
    Rounded,
}

/// How much of a shape was seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Covered {
    pub shape: Shape,
    pub seconds: f64,
    /// Separate moments.
    pub times: usize,
    /// As much as speech needs.
    pub enough: bool,
}

/// Lips nearer than this are shut, cm.
const SHUT: f32 = 0.12;
/// From here on the mouth is open, and wide open, cm more than at rest: a smile that lasts and shows teeth is no speech.
const OPEN: f32 = 0.3;
const WIDE: f32 = 0.8;
/// How far the corners must be from where they usually are, cm.
const SPREAD: f32 = 0.2;
const ROUNDED: f32 = 0.25;
/// A moment of rest lasts so long, and a closure at most so long, seconds.
const REST: f64 = 0.25;
const CLOSURE: f64 = 0.3;
/// What is enough in all: usable seconds, seconds of rest, moments of all else.
const LEAST_SECONDS: f64 = 20.0;
const LEAST_REST: f64 = 0.8;
const LEAST_TIMES: usize = 5;
/// The share of a clip of which a reason is worth a word.
const WORTH: f64 = 0.1;

impl Report {
    pub fn of(trail: &Trail, fps: f64) -> Self {
        let seconds = |frames: usize| frames as f64 / fps;
        let frames = 0..trail.frames();
        let usable = frames.clone().filter(|&i| trail.usable(i)).count();
        let count = |why: Why| frames.clone().filter(|&i| lost(trail, i) == Some(why)).count();
        let lost = [Why::NoFace, Why::Turned, Why::Outside, Why::Covered, Why::TooShort]
            .map(|why| Lost {
                why,
                seconds: seconds(count(why)),
            })
            .into_iter()
            .filter(|l| l.seconds > 0.0)
            .collect();
        let mouths: Vec<Option<Features>> = frames.map(|i| trail.features(i).filter(|_| trail.usable(i))).collect();
        let mut report = Self {
            seconds: seconds(trail.frames()),
            usable: seconds(usable),
            lost,
            shapes: covered(&mouths, fps),
            missing: Vec::new(),
        };
        report.missing = report.wishes();
        report
    }

    fn wishes(&self) -> Vec<String> {
        let mut wishes = Vec::new();
        if self.usable < LEAST_SECONDS {
            let usable = self.usable;
            wishes.push(format!(
                "only {usable:.0} s can be used: film about a minute in which the person talks to the camera all the time"
            ));
        }
        for lost in self.lost.iter().filter(|l| l.seconds > WORTH * self.seconds) {
            let Lost { why, seconds } = lost;
            wishes.push(match why {
                Why::NoFace => format!("no face is seen in {seconds:.0} s: cut them out, or keep the face in the picture"),
                Why::Turned => format!("the head is turned away in {seconds:.0} s: look at the camera and keep the head nearly still"),
                Why::Outside => format!("the face is cut off by the picture's edge in {seconds:.0} s: leave room around the head"),
                Why::Covered => {
                    format!("something is in front of the mouth in {seconds:.0} s: keep hands and microphones below the chin")
                }
                Why::TooShort => {
                    format!("the face is seen for moments only in {seconds:.0} s: film without cuts, and keep the face in the picture")
                }
            });
        }
        let wish = |shape: Shape| match shape {
            Shape::Rest => "the mouth is hardly ever at rest: begin and end with two seconds of silence, lips closed and relaxed",
            Shape::Closed => "the lips hardly ever close while speaking: say words with p, b and m, such as \"a big pile of paper maps\"",
            Shape::Open => "the mouth hardly opens: speak as clearly as to somebody at the other end of a room",
            Shape::Wide => "the mouth never opens wide: say words with \"ah\", such as \"father\", \"hard\" and \"five\", with emphasis",
            Shape::Spread => "the mouth is never spread: say words with \"ee\", such as \"we see three green trees\"",
            Shape::Rounded => "the lips are never rounded: say words with \"oo\" and \"w\", such as \"who would choose blue shoes\"",
        };
        wishes.extend(self.shapes.iter().filter(|c| !c.enough).map(|c| wish(c.shape).to_owned()));
        wishes
    }
}

/// Why the mouth cannot be moved in a frame.
fn lost(trail: &Trail, index: usize) -> Option<Why> {
    if trail.usable(index) {
        return None;
    }
    Some(match trail.state(index) {
        None => Why::NoFace,
        Some(State::Turned) => Why::Turned,
        Some(State::Outside) => Why::Outside,
        Some(State::Covered) => Why::Covered,
        Some(State::Free) => Why::TooShort,
    })
}

/// What the mouth does in all frames.
fn covered(mouths: &[Option<Features>], fps: f64) -> Vec<Covered> {
    let mut widths: Vec<f32> = mouths.iter().flatten().map(|f| f[WIDTH]).collect();
    widths.sort_by(f32::total_cmp);
    let usual = widths.get(widths.len() / 2).copied().unwrap_or_default();
    let seen: Vec<Features> = mouths.iter().flatten().copied().collect();
    let resting = Talker::of(&seen).map_or(0.0, |talker| talker.rest[GAP]);
    let runs = |is: &dyn Fn(&Features) -> bool| runs(mouths, is);
    let shut = runs(&|f| f[GAP] < SHUT);
    let (rest, moments): (Vec<_>, Vec<_>) = shut.into_iter().partition(|r| r.len() as f64 >= REST * fps);
    let opens = |i: Option<usize>| i.and_then(|i| *mouths.get(i)?).is_some();
    let closed = moments
        .into_iter()
        .filter(|r| r.len() as f64 <= CLOSURE * fps && opens(r.start.checked_sub(1)) && opens(Some(r.end)))
        .collect();
    [
        (Shape::Rest, rest),
        (Shape::Closed, closed),
        (Shape::Open, runs(&|f| (OPEN..WIDE).contains(&(f[GAP] - resting)))),
        (Shape::Wide, runs(&|f| f[GAP] - resting >= WIDE)),
        (Shape::Spread, runs(&|f| f[GAP] >= SHUT && f[WIDTH] > usual + SPREAD)),
        (Shape::Rounded, runs(&|f| f[GAP] >= SHUT && f[WIDTH] < usual - ROUNDED)),
    ]
    .into_iter()
    .map(|(shape, runs): (Shape, Vec<std::ops::Range<usize>>)| {
        let seconds = runs.iter().map(ExactSizeIterator::len).sum::<usize>() as f64 / fps;
        Covered {
            shape,
            seconds,
            times: runs.len(),
            enough: if shape == Shape::Rest {
                seconds >= LEAST_REST
            } else {
                runs.len() >= LEAST_TIMES
            },
        }
    })
    .collect()
}

/// The longest stretches of frames that are so.
fn runs(mouths: &[Option<Features>], is: &dyn Fn(&Features) -> bool) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (i, mouth) in mouths.iter().enumerate() {
        if !mouth.as_ref().is_some_and(is) {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.end == i => run.end = i + 1,
            _ => runs.push(i..i + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a minute of a mouth that opens by `way` every half second, from `rest` on, cm.
    fn seen(rest: f32, way: f32) -> Vec<Covered> {
        let mouth = |i: usize| [rest + way * (i as f32 * 0.5).sin().max(0.0), 5.0, -4.0, -4.2, -9.5, 1.0];
        covered(&(0..750).map(|i| Some(mouth(i))).collect::<Vec<_>>(), 25.0)
    }

    fn enough(shapes: &[Covered], shape: Shape) -> bool {
        shapes.iter().any(|c| c.shape == shape && c.enough)
    }

    #[test]
    fn a_smile_that_lasts_is_no_open_mouth() {
        for rest in [0.9, 0.45] {
            let still = seen(rest, 0.05);
            for shape in [Shape::Open, Shape::Wide, Shape::Closed, Shape::Rest] {
                assert!(!enough(&still, shape), "{shape:?} at {rest}");
            }
        }
        // Whoever speaks out of a smile opens it further, and shuts his lips as little.
        let speaks = seen(0.45, 1.0);
        assert!(enough(&speaks, Shape::Wide) && enough(&speaks, Shape::Open) && !enough(&speaks, Shape::Closed));
        let plain = seen(0.03, 1.0);
        assert!([Shape::Wide, Shape::Open, Shape::Closed].iter().all(|&s| enough(&plain, s)));
    }
}
