//! Where the face is in every frame of a video, and how much of it may be moved there.

mod cuts;
mod sight;

use std::ops::Range;

use super::features::{Features, features};
use super::smooth::{reflected, slow, weights};
use crate::driver::photo::{Rest, Tones, luma};
use crate::face::head::POINTS;
use crate::face::{Fit, Landmarks};

pub use sight::{SMALL, STEPS, Sight, State, small};

use cuts::cuts;

/// Deviations, seconds: of the head's motion, of the mouth's, and of what does not move on a face.
const HEAD: f64 = 0.055;
const MOUTH: f64 = 0.045;
const BONE: f64 = 0.2;
/// Of what a mouth at rest would be, and of the light.
const MOOD: f64 = 0.6;
const LIGHT: f64 = 0.4;
/// Seconds in which the drive comes and goes.
const FADE: f64 = 0.2;
/// Shorter moments without a usable face are bridged, and shorter ones with it are not used, seconds.
const BRIDGED: f64 = 0.15;
const LEAST: f64 = 0.3;
/// From this opening on teeth may be seen, cm.
const OPEN: f32 = 0.3;
/// From this opening on there is something to be seen between the lips, cm.
const PARTED: f32 = 0.08;
/// From here on its darkness can be seen, cm.
const WIDE: f32 = 0.55;
/// A smile that shows teeth, cm.
const OPEN_SMILE: f32 = 0.2;
/// A mouth wider than this smiles, and at rest it keeps half of that, cm.
const UNSMILING: f32 = 4.8;

/// A video's faces.
pub struct Trail {
    sights: Vec<Option<Sight>>,
    /// The face is elsewhere than in the frame before: the film was cut.
    cuts: Vec<bool>,
    drive: Vec<f32>,
    rests: Vec<Rest>,
    light: Vec<f32>,
    fps: f64,
}

/// The face of one frame, smoothed.
pub struct Placed {
    pub landmarks: Box<Landmarks>,
    /// 0 to 1: how far the mouth is moved.
    pub drive: f32,
    pub rest: Rest,
    /// How bright it is, against the frame that the light was read from.
    pub light: f32,
}

impl Trail {
    /// `skin`: its brightness in the frame that the light is read from.
    pub fn new(mut sights: Vec<Option<Sight>>, skin: f32, fps: f64) -> Self {
        bridge(&mut sights, (BRIDGED * fps) as usize);
        let cuts = cuts(&sights);
        let usable: Vec<bool> = sights.iter().map(|s| s.as_ref().is_some_and(Sight::is_free)).collect();
        let light = slow(&seen(&sights, |s| s.skin), LIGHT * fps)
            .into_iter()
            .map(|v| v.map_or(1.0, |v| (v / skin.max(1.0)).clamp(0.5, 2.0)))
            .collect();
        Self {
            drive: drive(&usable, &sights, fps),
            rests: rests(&sights, fps),
            cuts,
            light,
            sights,
            fps,
        }
    }

    pub fn frames(&self) -> usize {
        self.sights.len()
    }

    /// How dark and how bright it is between open lips in this video, where it shows them often enough to tell.
    pub fn tones(&self) -> Option<Tones> {
        let open = |gap: f32| self.sights.iter().flatten().filter(move |s| s.is_free() && s.mouth()[0] > gap);
        let mut bright: Vec<[f32; 3]> = open(OPEN).filter_map(|s| Some(s.tones?.bright)).collect();
        let mut dark: Vec<f32> = open(WIDE).filter_map(|s| Some(s.tones?.dark)).collect();
        if bright.len() < 3 {
            return None;
        }
        bright.sort_by(|a, b| luma(*a).total_cmp(&luma(*b)));
        dark.sort_by(f32::total_cmp);
        // The mean of the brightest fifth; where the mouth never opens wide, nothing is known of its darkness.
        let best = &bright[bright.len() * 8 / 10..];
        let bright = std::array::from_fn(|c| best.iter().map(|t| t[c]).sum::<f32>() / best.len() as f32);
        let dark = dark.get(dark.len() / 5).copied().unwrap_or(0.0);
        Some(Tones { dark, bright })
    }

    /// How likely a frame is to show teeth well, as far as its opening, its light and its pose tell: more is better.
    pub fn promise_of_teeth(&self, index: usize) -> Option<f32> {
        let sight = self.sights[index].as_ref().filter(|_| self.drive[index] >= 1.0)?;
        let [gap, ..] = sight.mouth();
        let frontal = (sight.pose[9] as f32).max(0.0);
        let promise = gap.min(WIDE) * luma(sight.tones?.bright) / sight.skin.max(1.0) * frontal.powi(4);
        (gap > PARTED).then_some(promise)
    }

    /// Whether the mouth shows what is in it nearly all the time, as a smile does.
    pub fn smiles(&self) -> bool {
        let usable = || self.sights.iter().flatten().filter(|s| s.is_free());
        let open = usable().filter(|s| s.mouth()[0] > OPEN_SMILE).count();
        open * 5 > usable().count() * 4
    }

    /// Whether the mouth may be moved in a frame.
    pub fn usable(&self, index: usize) -> bool {
        self.drive[index] > 0.0
    }

    /// How far the mouth may be moved in a frame, 0 to 1.
    pub fn drive(&self, index: usize) -> f32 {
        self.drive[index]
    }

    /// How bright a frame is, against the one that the light was read from.
    pub fn light(&self, index: usize) -> f32 {
        self.light[index]
    }

    /// The film was cut before this frame.
    pub fn is_cut(&self, index: usize) -> bool {
        self.cuts[index]
    }

    /// Pixels per cm of the face in a frame.
    pub fn scale(&self, index: usize) -> Option<f64> {
        self.sights[index].as_ref().map(|s| s.pose[0])
    }

    /// A frame in small; nothing where nobody is seen.
    pub fn small(&self, index: usize) -> &[u8] {
        self.sights[index].as_ref().map_or(&[], |s| &s.small[..])
    }

    /// Why it may not: what was seen of the face there, or `None` where nobody was.
    pub fn state(&self, index: usize) -> Option<State> {
        self.sights[index].as_ref().map(|s| s.state)
    }

    /// Frames in which the face is seen without a cut or a hole between them.
    pub fn takes(&self) -> Vec<Range<usize>> {
        let mut takes: Vec<Range<usize>> = Vec::new();
        for (i, sight) in self.sights.iter().enumerate() {
            match takes.last_mut() {
                _ if sight.is_none() => {}
                Some(take) if take.end == i && !self.cuts[i] => take.end = i + 1,
                _ => takes.push(i..i + 1),
            }
        }
        takes
    }

    /// What the mouth does in a frame, smoothed; `None` where nobody is seen.
    pub fn features(&self, index: usize) -> Option<Features> {
        let around = self.around(index, (3.0 * MOUTH * self.fps).ceil() as isize);
        if around.is_empty() {
            return None;
        }
        let near = self.near(&around, MOUTH, 2);
        Some(features(|i| {
            let mean = |c: usize| near.iter().map(|(w, s)| w * f64::from(s.points[i][c])).sum::<f64>();
            std::array::from_fn(|c| (mean(c) / f64::from(STEPS)) as f32)
        }))
    }

    /// The head and its face in a frame, smoothed: the head and the lips quickly, what does not move on a face slowly. `None` where nobody
    /// is seen.
    pub fn fit(&self, index: usize) -> Option<Fit> {
        let around = self.around(index, (3.0 * BONE * self.fps).ceil() as isize);
        if around.is_empty() {
            return None;
        }
        let mut fit = pose(&self.near(&around, HEAD, 2));
        let (mouth, bone) = (points(&self.near(&around, MOUTH, 2)), points(&self.near(&around, BONE, 0)));
        let mix = |(quick, slow): ([f64; 3], [f64; 3])| {
            let share = f64::from(crate::driver::photo::lower_face(slow[1] as f32));
            std::array::from_fn(|c| slow[c] + (quick[c] - slow[c]) * share)
        };
        fit.points = mouth.into_iter().zip(bone).map(mix).collect();
        Some(fit)
    }

    /// The face of a frame; `None` where it stays as it is.
    pub fn at(&self, index: usize) -> Option<Placed> {
        let drive = self.drive[index];
        let fit = if drive > 0.0 { self.fit(index)? } else { return None };
        let mut landmarks = Box::new([[0.0; 3]; 478]);
        for (to, place) in landmarks.iter_mut().zip(&fit.points) {
            *to = fit.project(*place).map(|v| v as f32);
        }
        Some(Placed {
            landmarks,
            drive,
            rest: self.rests[index],
            light: self.light[index],
        })
    }

    /// Weights of what was seen near a moment.
    fn near<'a>(&self, around: &[(f64, &'a Sight)], deviation: f64, order: usize) -> Vec<(f64, &'a Sight)> {
        let reach = 3.0 * deviation * self.fps;
        let near: Vec<&(f64, &Sight)> = around.iter().filter(|(d, _)| d.abs() <= reach).collect();
        let offsets: Vec<f64> = near.iter().map(|(d, _)| *d).collect();
        // With one side only, a parabola would follow the noise.
        let sided = offsets.iter().any(|d| *d < 0.0) && offsets.iter().any(|d| *d > 0.0);
        let order = if sided { order } else { order.min(1) };
        let weights = weights(&offsets, deviation * self.fps, order);
        weights.into_iter().zip(near.into_iter().map(|(_, s)| *s)).collect()
    }

    /// The sightings of the same take within `reach` frames, with their distance in frames.
    fn around(&self, index: usize, reach: isize) -> Vec<(f64, &Sight)> {
        let count = self.sights.len();
        let mut near = Vec::new();
        for direction in [-1, 1] {
            for d in isize::from(direction > 0)..=reach {
                let (d, index) = (d * direction, index as isize);
                let at = reflected(index + d, count);
                // Between two neighbours the later one knows whether the film was cut.
                let later = at.max(reflected(index + d - direction, count));
                let Some(sight) = &self.sights[at] else { break };
                if d != 0 && self.cuts[later] {
                    break;
                }
                near.push((d as f64, sight));
            }
        }
        near
    }
}

/// A measure of each frame whose mouth can be moved.
fn seen(sights: &[Option<Sight>], measure: impl Fn(&Sight) -> f32) -> Vec<Option<f32>> {
    let usable = |s: &Option<Sight>| s.as_ref().filter(|s| s.is_free()).map(&measure);
    sights.iter().map(usable).collect()
}

/// Fills holes of at most `longest` frames.
fn bridge(sights: &mut [Option<Sight>], longest: usize) {
    let mut last = None;
    for i in 0..sights.len() {
        if sights[i].is_none() {
            continue;
        }
        if let Some(before) = last.replace(i)
            && (2..=longest + 1).contains(&(i - before))
            && let (Some(a), Some(b)) = (sights[before].clone(), sights[i].clone())
            && !a.leaps_to(&b)
        {
            let way = (i - before) as f64;
            for (k, hole) in sights[before + 1..i].iter_mut().enumerate() {
                *hole = Some(a.between(&b, (k + 1) as f64 / way));
            }
        }
    }
}

/// How far the mouth may be moved in each frame: it comes and goes gently.
fn drive(usable: &[bool], sights: &[Option<Sight>], fps: f64) -> Vec<f32> {
    let mut usable = usable.to_vec();
    let seen = |i: usize| sights[i].is_some();
    fill(&mut usable, false, (BRIDGED * fps) as usize, seen);
    fill(&mut usable, true, (LEAST * fps) as usize, |_| true);
    let mut distance = vec![f32::MAX; usable.len()];
    let mut walk = |order: &mut dyn Iterator<Item = usize>| {
        let mut since = f32::MAX;
        for i in order {
            since = if usable[i] { since + 1.0 } else { 0.0 };
            distance[i] = distance[i].min(since);
        }
    };
    walk(&mut (0..usable.len()));
    walk(&mut (0..usable.len()).rev());
    let fade = (FADE * fps) as f32 + 1.0;
    distance
        .into_iter()
        .map(|d| {
            let t = (d / fade).min(1.0);
            t * t * (3.0 - 2.0 * t)
        })
        .collect()
}

/// Turns runs of `value` shorter than `least`, between others, where all of their frames are `allowed` to be.
fn fill(flags: &mut [bool], value: bool, least: usize, allowed: impl Fn(usize) -> bool) {
    let mut start = 0;
    while start < flags.len() {
        let end = (start..flags.len()).find(|&i| flags[i] != flags[start]).unwrap_or(flags.len());
        // A whole video is no short moment.
        let part = start > 0 || end < flags.len();
        if flags[start] == value && end - start < least && part && (start..end).all(&allowed) {
            flags[start..end].fill(!value);
        }
        start = end;
    }
}

/// What each frame's mouth would be if it were shut and relaxed: opening it moves lips and chin, as much as this video shows.
fn rests(sights: &[Option<Sight>], fps: f64) -> Vec<Rest> {
    let gap = seen(sights, |s| s.mouth()[0]);
    // How much a measure changes with the opening; `usual` counts as much as a few frames of talk.
    let at_rest = |k: usize, usual: f32, range: (f32, f32)| -> Vec<f32> {
        let value = seen(sights, |s| s.mouth()[k]);
        let pairs: Vec<(f32, f32)> = gap.iter().zip(&value).filter_map(|(g, v)| Some(((*g)?, (*v)?))).collect();
        let n = pairs.len().max(1) as f32;
        let (mg, mv) = (
            pairs.iter().map(|p| p.0).sum::<f32>() / n,
            pairs.iter().map(|p| p.1).sum::<f32>() / n,
        );
        let (mut vary, mut common) = (0.3f32, 0.3 * usual);
        for (g, v) in &pairs {
            vary += (g - mg).powi(2);
            common += (g - mg) * (v - mv);
        }
        let slope = (common / vary).clamp(range.0, range.1);
        let shut: Vec<Option<f32>> = gap.iter().zip(&value).map(|(g, v)| Some((*v)? - slope * (*g)?)).collect();
        slow(&shut, MOOD * fps).into_iter().map(|v| v.unwrap_or(mv)).collect()
    };
    let width = at_rest(1, 0.0, (-0.4, 0.2));
    let upper = at_rest(2, 0.15, (0.0, 0.4));
    let chin = at_rest(3, -0.5, (-1.1, -0.2));
    let rest = |((width, upper), chin): ((f32, f32), f32)| Rest {
        width: width - 0.5 * (width - UNSMILING).max(0.0),
        upper,
        chin,
    };
    width.into_iter().zip(upper).zip(chin).map(rest).collect()
}

/// The weighted mean of poses, with a rotation that is one again.
fn pose(near: &[(f64, &Sight)]) -> Fit {
    let p: [f64; 13] = std::array::from_fn(|i| near.iter().map(|(w, s)| w * s.pose[i]).sum());
    let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let unit = |a: [f64; 3]| a.map(|v| v / dot(a, a).sqrt().max(1e-9));
    let x = unit([p[1], p[2], p[3]]);
    let y = [p[4], p[5], p[6]];
    let along = dot(x, y);
    let y = unit(std::array::from_fn(|c| y[c] - along * x[c]));
    let z = [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]];
    Fit {
        scale: p[0],
        rotation: [x, y, z],
        translation: [p[10], p[11], p[12]],
        points: Vec::new(),
    }
}

fn points(near: &[(f64, &Sight)]) -> Vec<[f64; 3]> {
    let mut sum = vec![[0.0; 3]; POINTS];
    for (weight, sight) in near {
        let weight = weight / f64::from(STEPS);
        for (to, from) in sum.iter_mut().zip(sight.points.iter()) {
            for c in 0..3 {
                to[c] += weight * f64::from(from[c]);
            }
        }
    }
    sum
}
