//! Who plays in each frame of the canvas: the bed's frame, and the frames that lend their mouths.

use super::bed::{self, Moment, Shown};
use super::features::{Features, GAP, features};
use super::form::{self, Form};
use super::talker::Talker;
use super::trail::Trail;
use super::units::{Unit, Units, Wanted};
use super::wanted::Asked;
use crate::face::Fit;
use crate::face::head::Head;
use crate::mouth::MouthTrack;

/// Points whose places in the picture say where the head is: forehead, temples, bridge and tip of the nose.
const BONES: [usize; 5] = [10, 127, 356, 168, 4];
/// Upper and lower lid of each eye in its middle, and the middle of each brow.
const LIDS: [(usize, usize); 2] = [(159, 145), (386, 374)];
const BROWS: [usize; 2] = [105, 334];
/// Seconds before and after a moment in which a mouth counts as moving there, and the change of the opening that is a lively one, cm a second.
const AROUND: f64 = 0.3;
const LIVELY: f64 = 2.0;
/// Less usable footage lends nothing, seconds.
const LEAST: f64 = 2.0;
/// A head that is turned less, to a side and up or down together, is seen from the front, radians.
const FRONT: f32 = 0.26;
/// How far a unit's form is pulled to what is asked: gap, width, upper lip, chin. Lips that must shut, and silence, go all the way.
const PULL: [f32; 4] = [0.65, 0.75, 0.3, 0.5];
const WHOLE: [f32; 4] = [1.0, 1.0, 0.6, 0.6];
/// Faces at rest whose mean is this person's.
const RESTS: usize = 40;
/// Seconds in which a mouth comes to rest, and wakes.
const SETTLING: f64 = 0.24;

/// Up to two frames that lend their mouths, with weights that sum to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lenders {
    pub first: usize,
    pub second: Option<(usize, f32)>,
}

impl Lenders {
    pub fn iter(&self) -> impl Iterator<Item = (usize, f32)> + use<> {
        let other = self.second.map_or(0.0, |(_, w)| w);
        std::iter::once((self.first, 1.0 - other)).chain(self.second)
    }
}

/// The plan of a whole film; what it says of a frame is a pure function of trail, track and seed.
pub struct Cast {
    shown: Vec<Shown>,
    /// Empty where the footage has no mouths to lend.
    units: Vec<u32>,
    shut: Vec<bool>,
    cut: Vec<bool>,
    asked: Option<Asked>,
    /// The mouth at rest, and how much of it each frame of the canvas has.
    rest: Form,
    calm: Vec<f32>,
    canvas: f64,
    footage: f64,
}

impl Cast {
    /// Without a seed the frames are shown in their own order.
    pub fn new(trail: &Trail, fps: f64, track: &MouthTrack, seed: Option<u64>) -> Self {
        let seen = Seen::all(trail, fps);
        let canvas = track.fps.as_f64();
        let frames = track.shapes.len();
        let steps = frames.checked_sub(1).map_or(0, |last| bed::step(last, canvas, fps) + 1);
        let shown = match seed {
            Some(seed) => bed::plan(&seen.moments, &super::wanted::voice(track, steps, fps), fps, seed),
            None => bed::filmed(trail.frames(), steps),
        };
        let mut cast = Self {
            cut: seen.moments.iter().map(|m| m.cut).collect(),
            shown,
            units: Vec::new(),
            shut: Vec::new(),
            asked: None,
            rest: Form::new(),
            calm: calm(track),
            canvas,
            footage: fps,
        };
        if let Some(talker) = talker(&seen.units, (LEAST * fps) as usize) {
            cast.lend(trail, &seen.units, &talker, track);
        }
        cast
    }

    /// Finds who lends the mouth at each step.
    fn lend(&mut self, trail: &Trail, units: &[Unit], talker: &Talker, track: &MouthTrack) {
        let asked = Asked::new(track, talker);
        let library = Units::new(units, self.footage, talker.shut, &talker.spread);
        let wanted = self.shown.iter().enumerate().map(|(s, shown)| {
            let (features, shut, silent) = asked.at((s as f64 + 0.5) / self.footage);
            let Unit { turn, light, .. } = units[shown.frame];
            Wanted {
                features,
                shut,
                silent,
                turn,
                light,
            }
        });
        self.units = library.choose(wanted);
        self.shut = units.iter().map(|u| u.features[GAP] <= talker.shut).collect();
        let resting: Vec<usize> = (0..units.len())
            .filter(|&i| units[i].usable && units[i].features[GAP] <= talker.resting)
            .collect();
        let stride = resting.len().div_ceil(RESTS).max(1);
        let forms: Vec<Form> = resting
            .iter()
            .step_by(stride)
            .filter_map(|&i| trail.fit(i).map(|f| form::of(&f)))
            .collect();
        self.rest = form::blend(forms.iter().map(|f| (&f[..], 1.0 / forms.len() as f32)));
        self.asked = Some(asked);
    }

    pub fn shown(&self, frame: usize) -> Shown {
        self.shown[bed::step(frame, self.canvas, self.footage).min(self.shown.len() - 1)]
    }

    /// Whether the footage has mouths to lend.
    pub fn lends(&self) -> bool {
        !self.units.is_empty()
    }

    /// Who lends a mouth to a frame of the canvas; at joins the take that ends is mixed in once more.
    pub fn lenders(&self, frame: usize) -> Option<Lenders> {
        let step = bed::step(frame, self.canvas, self.footage).min(self.units.len().checked_sub(1)?);
        let first = self.units[step] as usize;
        let before = step.checked_sub(1).map(|s| self.units[s] as usize);
        let joined = before.is_some_and(|b| b.abs_diff(first) > 1);
        let goes_on = before
            .map(|b| b + 1)
            .filter(|&b| joined && b < self.cut.len() && !self.cut[b])
            // Into shut lips nothing open is mixed.
            .filter(|&b| self.shut[b] || !self.shut[first]);
        Some(Lenders {
            first,
            second: goes_on.map(|b| (b, 0.5)),
        })
    }

    /// The form of the lower face in a frame of the canvas, from those of its lenders.
    pub fn form<'a>(&self, frame: usize, lent: impl IntoIterator<Item = (&'a [[f32; 3]], f32)>) -> Form {
        let mut form = form::blend(lent);
        if let Some(asked) = &self.asked {
            let shares = if asked.shut(frame) { WHOLE } else { PULL };
            form::pull(&mut form, &asked.features(frame), shares);
        }
        let calm = self.calm[frame];
        if calm > 0.0 {
            form = form::blend([(&form[..], 1.0 - calm), (&self.rest[..], calm)]);
        }
        form
    }
}

/// Who can lend mouths: opens and shuts them, in so many frames at least. A head that is turned far seems to part its lips though it does not:
/// where enough is seen of it from the front, that says what its mouth does.
fn talker(units: &[Unit], least: usize) -> Option<Talker> {
    let usable = || units.iter().filter(|u| u.usable);
    let features = |of: &mut dyn Iterator<Item = &Unit>| -> Vec<Features> { of.map(|u| u.features).collect() };
    let all = features(&mut usable());
    let front = features(&mut usable().filter(|u| u.turn[0].hypot(u.turn[1]) < FRONT));
    let speaks = |frames: &[Features]| Talker::of(frames).filter(|t| t.opens() && t.closes());
    let told = front.len() >= least.max(all.len() / 3);
    if all.len() < least || told && speaks(&front).is_none() {
        return None;
    }
    speaks(&all)
}

/// The footage as bed and units see it.
struct Seen {
    moments: Vec<Moment>,
    units: Vec<Unit>,
}

impl Seen {
    fn all(trail: &Trail, fps: f64) -> Self {
        let count = trail.frames();
        let mut seen = Self {
            moments: Vec::with_capacity(count),
            units: Vec::with_capacity(count),
        };
        // Places are measured in centimetres of a head of the usual size.
        let mut scales: Vec<f64> = (0..count).filter_map(|i| trail.scale(i)).collect();
        scales.sort_by(f64::total_cmp);
        let usual = scales.get(scales.len() / 2).copied().unwrap_or(1.0);
        for i in 0..count {
            let fit = trail.fit(i);
            let usable = fit.is_some() && trail.drive(i) == 1.0;
            let (cut, light) = (trail.is_cut(i), trail.light(i));
            seen.moments.push(Moment {
                signs: fit.as_ref().map_or([0.0; bed::SIGNS], |f| signs(f, usual, light)),
                small: trail.small(i).to_vec(),
                usable,
                restless: 0.0,
                cut,
            });
            seen.units.push(Unit {
                features: fit.as_ref().map_or([0.0; 6], |f| features(|k| f.points[k].map(|v| v as f32))),
                turn: fit.as_ref().map_or([0.0; 3], turn),
                light,
                usable,
                cut,
            });
        }
        seen.mark_restless(fps);
        seen
    }

    /// How lively the mouth is around each frame.
    fn mark_restless(&mut self, fps: f64) {
        let reach = (AROUND * fps).ceil() as usize;
        let change: Vec<f32> = (0..self.units.len())
            .map(|i| {
                let joined = i > 0 && !self.units[i].cut && self.units[i].usable && self.units[i - 1].usable;
                if joined {
                    (self.units[i].features[GAP] - self.units[i - 1].features[GAP]).abs()
                } else {
                    0.0
                }
            })
            .collect();
        let lively = (LIVELY / fps) as f32;
        for (i, m) in self.moments.iter_mut().enumerate() {
            let near = &change[i.saturating_sub(reach)..(i + reach + 1).min(change.len())];
            m.restless = (near.iter().sum::<f32>() / near.len() as f32 / lively).min(1.0);
        }
    }
}

fn signs(fit: &Fit, usual: f64, light: f32) -> [f32; bed::SIGNS] {
    let mut places = [0.0; 10];
    for (to, &i) in places.chunks_exact_mut(2).zip(&BONES) {
        // The bones of the canonical head: those as tracked tremble with the lids and lips.
        let p = fit.project(Head::get().vertices[i]);
        (to[0], to[1]) = ((p[0] / usual) as f32, (p[1] / usual) as f32);
    }
    let height = |i: usize| fit.points[i][1] as f32;
    let lids = LIDS.map(|(upper, lower)| height(upper) - height(lower));
    bed::signs(places, lids, BROWS.map(height), light)
}

fn turn(fit: &Fit) -> [f32; 3] {
    let pose = fit.pose();
    [pose.yaw, pose.pitch, pose.roll].map(|v| v.to_radians() as f32)
}

/// 0 where somebody speaks, 1 from a little after that and until a little before.
fn calm(track: &MouthTrack) -> Vec<f32> {
    let reach = (SETTLING * track.fps.as_f64()) as f32 + 1.0;
    let mut since = vec![f32::MAX; track.voice.len()];
    let mut walk = |order: &mut dyn Iterator<Item = usize>| {
        let mut d = f32::MAX;
        for i in order {
            d = if super::wanted::is_silent(track.voice[i]) { d + 1.0 } else { 0.0 };
            since[i] = since[i].min(d);
        }
    };
    walk(&mut (0..track.voice.len()));
    walk(&mut (0..track.voice.len()).rev());
    since
        .into_iter()
        .map(|d| {
            let t = (d / reach).min(1.0);
            t * t * (3.0 - 2.0 * t)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many frames of a head turned by so much, the mouth open by up to `gap`, cm.
    fn frames(count: usize, yaw: f32, gap: f32) -> Vec<Unit> {
        (0..count)
            .map(|i| Unit {
                features: [gap * (i as f32 * 0.4).sin().max(0.0), 5.0, -4.0, -4.2, -9.5, 1.0],
                turn: [yaw, 0.0, 0.0],
                light: 1.0,
                usable: true,
                cut: false,
            })
            .collect()
    }

    #[test]
    fn a_turned_head_does_not_tell_whether_its_mouth_opens() {
        let lends = |front: f32, turned: f32| talker(&[frames(150, 0.05, front), frames(100, 0.5, turned)].concat(), 50).is_some();
        assert!(!lends(0.03, 0.9), "lips that only seem to part lend nothing");
        assert!(lends(0.9, 0.9) && lends(0.9, 0.03));
        // Nobody has seen it from the front.
        assert!(talker(&frames(150, 0.5, 0.9), 50).is_some());
        assert!(talker(&frames(40, 0.0, 0.9), 50).is_none(), "so little is not enough");
    }
}
