//! The bed: which frame of the footage carries head, eyes and body at every moment.
//!
//! Footage is played forwards and backwards. Where it ends, or shows nothing of use, play turns round while the head hardly moves, or
//! hops to a place that looks the same and moves the same way (video textures: Schödl 2000), mixed over a few frames.

use super::smooth::reflected;
use crate::driver::photo::noise;

/// Numbers in a [`Moment`]'s signature.
pub const SIGNS: usize = 15;

/// One frame of the footage, as the bed sees it.
pub struct Moment {
    /// Head, lids, brows and light, in steps that are just seen when they jump.
    pub signs: [f32; SIGNS],
    /// The whole picture in small, luma; may be empty.
    pub small: Vec<u8>,
    /// The mouth can be moved here.
    pub usable: bool,
    /// 0 to 1: how much the mouth moves around here.
    pub restless: f32,
    /// The film was cut before this frame.
    pub cut: bool,
}

/// What is shown at one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown {
    pub frame: usize,
    /// A frame that is mixed in, and its weight below 1.
    pub with: Option<(usize, f32)>,
}

/// Seconds from one turn or hop to the next, at least.
const LEAST_LEG: f64 = 1.2;
/// Seconds in which a hop is mixed.
const MIX: f64 = 0.24;
/// Seconds that are looked at beyond a turn or hop.
const AHEAD: f64 = 2.0;
/// Seconds: a hop nearer than this is none.
const NEAR: f64 = 0.6;
/// Hops that are kept for a place and a way, and how many are looked at more closely.
const KEPT: usize = 4;
const TRIED: usize = 16;
/// Pairs of frames that are compared, at most.
const PAIRS: usize = 12_000_000;
/// Turns and hops that are followed further.
const FOLLOWED: usize = 48;

/// Frames a second for which costs are told.
const USUAL: f64 = 25.0;

/// What things cost; a hop between places that look the same costs 1.
mod cost {
    pub const HOP: f32 = 1.0;
    pub const TURN: f32 = 1.2;
    /// For each squared step by which places differ, and by which the motion in a 25th of a second does.
    pub const APART: f32 = 0.3;
    pub const JERK: f32 = 2.0;
    /// A turn costs no more, however fast the head is: somebody who falls silent is worse.
    pub const WORST: f32 = 12.0;
    /// A hop that costs more is none.
    pub const DEAREST: f32 = 9.0;
    /// A frame of no use while somebody speaks, and while nobody does.
    pub const MUTE: f32 = 2.0;
    pub const AWAY: f32 = 0.3;
    /// A frame that chews while nobody speaks, and one that rests while somebody does.
    pub const CHEWING: f32 = 0.04;
    pub const STIFF: f32 = 0.004;
    /// A frame that was just shown.
    pub const AGAIN: f32 = 0.05;
    /// For each time that a frame was shown more often than frames are on average.
    pub const WORN: f32 = 0.02;
    pub const BACKWARDS: f32 = 0.002;
    /// A start that lies a second into the footage, and one where nothing is of use.
    pub const LATE: f32 = 0.03;
    pub const USELESS: f32 = 50.0;
}

/// Levels of luma by which a part of the picture may differ unseen.
const PATCH: f32 = 6.0;
/// Steps of a signature: cm for places, part for light.
const PLACE_STEP: f32 = 0.04;
const LIGHT_STEP: f32 = 0.012;

/// A moment's signature. `places`: ten coordinates of the head's bones in the picture, cm; `lids`: how far each eye is open, `brows`: their
/// heights, cm; `light`: 1 is usual.
pub fn signs(places: [f32; 10], lids: [f32; 2], brows: [f32; 2], light: f32) -> [f32; SIGNS] {
    // The mean over five points.
    let part = 1.0 / (PLACE_STEP * 5f32.sqrt());
    let mut signs = [0.0; SIGNS];
    for (s, p) in signs.iter_mut().zip(places) {
        *s = p * part;
    }
    for (s, v) in signs[10..14].iter_mut().zip([lids[0], lids[1], brows[0], brows[1]]) {
        *s = v * 0.5 / PLACE_STEP;
    }
    signs[14] = light / LIGHT_STEP;
    signs
}

/// A place and the way that play goes from it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Head {
    frame: usize,
    forwards: bool,
}

struct Hop {
    to: Head,
    cost: f32,
}

struct Plan<'a> {
    moments: &'a [Moment],
    fps: f64,
    /// For each frame and way (forwards first).
    hops: Vec<[Vec<Hop>; 2]>,
    /// Motion of each frame, steps.
    speed: Vec<[f32; SIGNS]>,
    /// For each step: 0 where nobody speaks for long, 1 where somebody does.
    voice: &'a [f32],
    seed: u64,
}

/// When a frame was shown last, and how often it was.
#[derive(Clone, Default)]
struct Past {
    step: Option<usize>,
    times: u32,
}

impl Past {
    fn note(&mut self, step: usize) {
        self.step = Some(step);
        self.times += 1;
    }
}

/// A way to go on: how many frames are shown before play turns or hops, and where to.
#[derive(Clone, Copy)]
struct Leg {
    frames: usize,
    to: Option<Head>,
    hop: bool,
    cost: f32,
}

/// Chooses what is shown at each of `voice`'s steps of the footage's own rate; `voice` is 0 in long silence.
pub fn plan(moments: &[Moment], voice: &[f32], fps: f64, seed: u64) -> Vec<Shown> {
    if moments.is_empty() {
        return Vec::new();
    }
    let speed = speeds(moments);
    let plan = Plan {
        hops: hops(moments, &speed, fps),
        moments,
        fps,
        speed,
        voice,
        seed,
    };
    plan.walk()
}

/// What is shown when nothing is chosen: all frames, to and fro.
pub fn filmed(frames: usize, steps: usize) -> Vec<Shown> {
    let shown = |s: usize| Shown {
        frame: reflected(s as isize, frames),
        with: None,
    };
    (0..steps).map(shown).collect()
}

/// Where a moment of the canvas falls among the footage's steps.
pub fn step(index: usize, canvas: f64, footage: f64) -> usize {
    ((index as f64 + 0.5) / canvas * footage) as usize
}

fn speeds(moments: &[Moment]) -> Vec<[f32; SIGNS]> {
    let n = moments.len();
    (0..n)
        .map(|i| {
            let before = if i > 0 && !moments[i].cut { i - 1 } else { i };
            let after = if i + 1 < n && !moments[i + 1].cut { i + 1 } else { i };
            let span = (after - before).max(1) as f32;
            std::array::from_fn(|k| (moments[after].signs[k] - moments[before].signs[k]) / span)
        })
        .collect()
}

/// From squared motion a frame to that in a 25th of a second.
fn quickness(fps: f64) -> f32 {
    ((fps / USUAL) * (fps / USUAL)) as f32
}

/// Frames in which a hop is mixed.
fn mixed(fps: f64) -> usize {
    (MIX * fps).round() as usize
}

/// Frames that follow each one without a cut, forwards and backwards.
fn rooms(moments: &[Moment]) -> Vec<[usize; 2]> {
    let n = moments.len();
    let mut rooms = vec![[0; 2]; n];
    for i in 1..n {
        rooms[i][1] = if moments[i].cut { 0 } else { rooms[i - 1][1] + 1 };
    }
    for i in (0..n.saturating_sub(1)).rev() {
        rooms[i][0] = if moments[i + 1].cut { 0 } else { rooms[i + 1][0] + 1 };
    }
    rooms
}

fn sum(values: impl Iterator<Item = f32>) -> f32 {
    values.map(|v| v * v).sum()
}

/// The best places to hop to from each frame, each way.
fn hops(moments: &[Moment], speed: &[[f32; SIGNS]], fps: f64) -> Vec<[Vec<Hop>; 2]> {
    let n = moments.len();
    let near = (NEAR * fps) as usize;
    let quick = cost::JERK * quickness(fps);
    let stride = (n * n / PAIRS + 1).min(n);
    let room = rooms(moments);
    let least = (LEAST_LEG * fps) as usize;
    let mut all: Vec<[Vec<Hop>; 2]> = (0..n).map(|_| [Vec::new(), Vec::new()]).collect();
    let mut found: Vec<(f32, Head)> = Vec::new();
    for from in (0..n).step_by(stride).filter(|&a| moments[a].usable) {
        for (way, list) in all[from].iter_mut().enumerate() {
            if room[from][way] < mixed(fps) {
                continue;
            }
            let sign = if way == 0 { 1.0 } else { -1.0 };
            let motion: [f32; SIGNS] = speed[from].map(|v| v * sign);
            let next: [f32; SIGNS] = std::array::from_fn(|k| moments[from].signs[k] + motion[k]);
            found.clear();
            for to in (0..n).filter(|&b| moments[b].usable && b.abs_diff(from) > near) {
                let apart = cost::APART * sum((0..SIGNS).map(|k| moments[to].signs[k] - next[k]));
                if apart > cost::DEAREST {
                    continue;
                }
                for forwards in [true, false] {
                    if room[to][usize::from(!forwards)] < least {
                        continue;
                    }
                    let sign = if forwards { 1.0 } else { -1.0 };
                    let jerk = quick * sum((0..SIGNS).map(|k| speed[to][k] * sign - motion[k]));
                    if apart + jerk < cost::DEAREST {
                        found.push((apart + jerk, Head { frame: to, forwards }));
                    }
                }
            }
            *list = best_of(&mut found, &moments[from], moments, near);
        }
    }
    all
}

/// Of many, those few that are not beside each other, their pictures looked at too.
fn best_of(found: &mut [(f32, Head)], from: &Moment, moments: &[Moment], near: usize) -> Vec<Hop> {
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.frame.cmp(&b.1.frame)));
    let mut tried: Vec<(f32, Head)> = Vec::new();
    for &(cost, head) in found.iter() {
        if tried.len() == TRIED {
            break;
        }
        let beside = |h: &Head| h.forwards == head.forwards && h.frame.abs_diff(head.frame) < near;
        if !tried.iter().any(|(_, h)| beside(h)) {
            tried.push((cost, head));
        }
    }
    let mut hops: Vec<Hop> = tried
        .into_iter()
        .map(|(cost, to)| Hop {
            cost: cost::HOP + cost + unlike(&from.small, &moments[to.frame].small),
            to,
        })
        .filter(|h| h.cost < cost::DEAREST)
        .collect();
    hops.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.to.frame.cmp(&b.to.frame)));
    hops.truncate(KEPT);
    hops
}

/// By how much two pictures differ where they differ most.
fn unlike(a: &[u8], b: &[u8]) -> f32 {
    if a.is_empty() || a.len() != b.len() {
        return 0.0;
    }
    let mut differences: Vec<u8> = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).collect();
    let most = (differences.len() / 25).max(1);
    let at = differences.len() - most;
    let (_, _, above) = differences.select_nth_unstable(at.saturating_sub(1));
    let mean = above.iter().map(|d| f32::from(*d)).sum::<f32>() / above.len().max(1) as f32;
    (mean / PATCH).powi(2)
}

impl Plan<'_> {
    fn walk(&self) -> Vec<Shown> {
        let steps = self.voice.len();
        let mut shown = Vec::with_capacity(steps);
        let mut last = vec![Past::default(); self.moments.len()];
        let mut head = self.start();
        while shown.len() < steps {
            let leg = self.leg(head, shown.len(), &last);
            let mut at = head;
            for k in 0..leg.frames {
                if k > 0 {
                    at = self.after(at).unwrap_or(at);
                }
                last[at.frame].note(shown.len());
                shown.push(Shown {
                    frame: at.frame,
                    with: None,
                });
            }
            let Some(to) = leg.to else { break };
            head = if leg.hop { self.mix(at, to, &mut shown, &mut last) } else { to };
        }
        shown.truncate(steps);
        shown
    }

    /// Shows the first frames from `to`, mixed with those that would have followed, and says where to go on.
    fn mix(&self, mut from: Head, mut to: Head, shown: &mut Vec<Shown>, last: &mut [Past]) -> Head {
        let count = mixed(self.fps);
        for k in 0..count {
            let t = (k + 1) as f32 / (count + 1) as f32;
            from = self.after(from).unwrap_or(from);
            last[to.frame].note(shown.len());
            shown.push(Shown {
                frame: to.frame,
                with: Some((from.frame, 1.0 - t * t * (3.0 - 2.0 * t))),
            });
            to = self.after(to).unwrap_or(to);
        }
        to
    }

    /// The next frame that way, unless the film begins, ends or was cut there.
    fn after(&self, head: Head) -> Option<Head> {
        let frame = if head.forwards {
            let next = head.frame + 1;
            (next < self.moments.len() && !self.moments[next].cut).then_some(next)?
        } else {
            (head.frame > 0 && !self.moments[head.frame].cut).then(|| head.frame - 1)?
        };
        Some(Head { frame, ..head })
    }

    fn speaks(&self, step: usize) -> f32 {
        self.voice.get(step).copied().unwrap_or(1.0)
    }

    /// What showing a frame at a step costs.
    fn frame(&self, head: Head, step: usize, last: &[Past]) -> f32 {
        let m = &self.moments[head.frame];
        let voice = self.speaks(step);
        let mut cost = m.restless * (1.0 - voice) * cost::CHEWING + (1.0 - m.restless) * voice * cost::STIFF;
        if !m.usable {
            cost += cost::AWAY + (cost::MUTE - cost::AWAY) * voice;
        }
        if !head.forwards {
            cost += cost::BACKWARDS;
        }
        if let Some(Past { step: Some(before), times }) = last.get(head.frame) {
            let forgets = (self.moments.len() as f32 / 2.0).max(self.fps as f32 * 4.0);
            cost += cost::AGAIN * (-(step.saturating_sub(*before) as f32) / forgets).exp();
            cost += cost::WORN * (*times as f32 - step as f32 / self.moments.len() as f32).max(0.0);
        }
        cost * (USUAL / self.fps) as f32
    }

    /// The way on that costs the least a frame.
    fn leg(&self, head: Head, step: usize, last: &[Past]) -> Leg {
        let left = self.voice.len() - step;
        let least = (LEAST_LEG * self.fps) as usize;
        let mut ways: Vec<Leg> = Vec::new();
        let (mut at, mut cost, mut frames) = (head, 0.0, 0);
        loop {
            cost += self.frame(at, step + frames, last);
            frames += 1;
            let next = self.after(at);
            if frames == left {
                ways.push(Leg {
                    frames,
                    to: None,
                    hop: false,
                    cost,
                });
                break;
            }
            let ends = next.is_none_or(|n| self.moments[at.frame].usable && !self.moments[n.frame].usable);
            if frames >= least || ends {
                self.exits(at, frames, cost, &mut ways);
            }
            let Some(next) = next else { break };
            at = next;
        }
        self.cheapest(ways, step, last)
    }

    /// Turning round after the frame `at`, or hopping from it.
    fn exits(&self, at: Head, frames: usize, cost: f32, ways: &mut Vec<Leg>) {
        let back = Head {
            forwards: !at.forwards,
            ..at
        };
        // In a film of one frame there is nowhere to go.
        let to = self.after(back).unwrap_or(back);
        let swing = 4.0 * sum(self.speed[at.frame].into_iter());
        ways.push(Leg {
            frames,
            to: Some(to),
            hop: false,
            cost: cost + cost::TURN + (cost::JERK * quickness(self.fps) * swing).min(cost::WORST),
        });
        for hop in &self.hops[at.frame][usize::from(!at.forwards)] {
            ways.push(Leg {
                frames,
                to: Some(hop.to),
                hop: true,
                cost: cost + hop.cost,
            });
        }
    }

    /// Follows the most promising ways a little further.
    fn cheapest(&self, mut ways: Vec<Leg>, step: usize, last: &[Past]) -> Leg {
        let rate = |l: &Leg| l.cost / l.frames as f32;
        if ways.len() > FOLLOWED {
            ways.select_nth_unstable_by(FOLLOWED, |a, b| rate(a).total_cmp(&rate(b)));
            ways.truncate(FOLLOWED);
        }
        let ahead = (AHEAD * self.fps) as usize;
        let full = |l: &Leg| {
            let Some(mut at) = l.to else { return rate(l) };
            let (mut cost, mut frames) = (l.cost, l.frames);
            for k in 0..ahead {
                cost += self.frame(at, step + l.frames + k, last);
                frames += 1;
                match self.after(at) {
                    Some(next) => at = next,
                    // A turn comes soon.
                    None => {
                        cost += cost::TURN * (1.0 - (k + 1) as f32 / ahead as f32);
                        break;
                    }
                }
            }
            // The same seed takes the same way, another one another.
            let luck = noise::unit(self.seed, at.frame as u64, (step + l.frames) as u64);
            cost / frames as f32 * (1.0 + 0.06 * luck)
        };
        ways.into_iter()
            .map(|l| (full(&l), l))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, l)| l)
            .expect("every leg ends somewhere")
    }

    /// Where play begins: early, with open eyes, and where it can go on for long.
    fn start(&self) -> Head {
        let n = self.moments.len();
        let steps = self.voice.len();
        let ahead = steps.min(n);
        let open = {
            let mut lids: Vec<f32> = self.moments.iter().map(|m| m.signs[10] + m.signs[11]).collect();
            let middle = n / 2;
            *lids.select_nth_unstable_by(middle, f32::total_cmp).1
        };
        // Costs forwards from each frame, as far as they matter: what comes later matters less.
        let score = |frame: usize| {
            let m = &self.moments[frame];
            let shut = ((open - m.signs[10] - m.signs[11]) / 6.0).clamp(0.0, 1.0);
            let late = cost::LATE * frame as f32 / self.fps as f32;
            let useless = if m.usable { 0.0 } else { cost::USELESS };
            let (mut at, mut cost, mut k) = (Head { frame, forwards: true }, 2.0 * shut + late + useless, 0);
            while k < ahead {
                cost += self.frame(at, k, &[]);
                k += 1;
                // Play turns before what is of no use.
                match self.after(at).filter(|next| self.moments[next.frame].usable) {
                    Some(next) => at = next,
                    None => break,
                }
            }
            cost + 2.0 * (steps as f32 / k.max(1) as f32 - 1.0).min(6.0)
        };
        let stride = (n / 250).max(1);
        let frame = (0..n)
            .step_by(stride)
            .map(|f| (score(f), f))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map_or(0, |(_, f)| f);
        Head { frame, forwards: true }
    }
}

#[cfg(test)]
mod tests;
