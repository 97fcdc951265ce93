//! The way through a chain of sounds that suits a recording best.
//!
//! A hypothesis is "sound k begins at frame t", with the score of all before it. Each 10 ms every sound in reach may end: its best
//! beginning among the last [`LONGEST`] frames counts, by the net's posteriors since then and by how usual that length is. Sounds out of
//! reach are those whose best is far worse than the best of all, so that an hour costs an hour's time and little memory: what hypotheses
//! have in common is a tree, whose dead branches are cut again and again.

use std::collections::VecDeque;

use super::Stretch;
use super::chain::{Chain, Sound};
use crate::error::Result;
use crate::mouth::{BANDS, Heard, SIL, VISEMES};
use crate::progress;

/// Frames of the longest stretch whose length is weighed by the table; each frame more costs `STRETCHED`.
const LONGEST: usize = 48;
const STRETCHED: f32 = 0.3;
/// Frames of the shortest sound and of the shortest pause.
const SHORTEST: usize = 2;
const SHORTEST_PAUSE: usize = 3;
/// What less costs: so much that it is not chosen, and yet not out of reach while it grows.
const TOO_SHORT: f32 = 50.0;
/// Deviation of the logarithm of a sound's length from the usual one, and how much lengths weigh against sound.
const SPREAD: f32 = 0.5;
const LENGTH_WEIGHT: f32 = 1.0;
/// No posterior counts as less than this.
const FLOOR: f32 = 0.01;
/// Nepers for beginning a sound where the spectrum changes as much as it does on average.
const CHANGE_WEIGHT: f32 = 0.6;
/// Hypotheses this much worse than the best are dropped: about a second of nothing but wrong sounds.
const BEAM: f32 = 400.0;
/// Sounds that may be in reach at once.
const WIDEST: usize = 4000;
/// Frames between two cuts of the tree.
const SEASON: usize = 512;
const NEVER: f32 = f32::NEG_INFINITY;
const ROOT: u32 = u32::MAX;

/// Seconds at which a frame begins: frame i is centred on i / 100.
pub fn seconds(frame: usize) -> f64 {
    (frame as f64 / crate::mouth::FRAMES_PER_SECOND - 0.005).max(0.0)
}

/// The best way, in order; `None` if none reaches the end of the chain by the end of the sound.
pub fn best(chain: &Chain, heard: &Heard) -> Result<Option<Vec<Stretch>>> {
    let mut search = Search::new(chain);
    let changes = changes(heard);
    for (t, posteriors) in heard.posteriors().iter().enumerate() {
        if t % SEASON == 0 {
            progress::go_on()?;
            search.turn();
        }
        let suits = posteriors.map(|p| (p + FLOOR).ln());
        search.step(t, &suits, changes.get(t + 1).copied().unwrap_or_default());
    }
    Ok(search.end(heard.posteriors().len()))
}

/// How much the spectrum changes at the beginning of each frame, 1 on average.
fn changes(heard: &Heard) -> Vec<f32> {
    const REACH: usize = 2;
    let frames = heard.frames();
    let deep = heard.floor();
    let side = |from: usize, band: usize| (0..REACH).map(|k| frames[from + k][band].max(deep)).sum::<f32>();
    let mut out = vec![0.0; frames.len()];
    let inside = REACH..frames.len().saturating_sub(REACH).max(REACH);
    for (t, change) in out.iter_mut().enumerate().take(inside.end).skip(inside.start) {
        *change = (0..BANDS).map(|band| (side(t, band) - side(t - REACH, band)).abs()).sum();
    }
    let mean = out.iter().sum::<f32>() / out.len().max(1) as f32;
    out.iter_mut().for_each(|v| *v = (*v / mean.max(1e-3)).min(4.0));
    out
}

/// A beginning of a sound; `before` is the beginning of the sound before it.
#[derive(Clone, Copy)]
struct Begin {
    before: u32,
    sound: u32,
    frame: u32,
}

/// A sound in reach.
struct Place {
    /// Scores of beginnings, less what the sound would have gained from the first frame to there; the last `LONGEST` before `Search::at`
    /// count, and the newest is the last.
    begun: [f32; 2 * LONGEST],
    paths: [u32; 2 * LONGEST],
    /// The best of all that began earlier, and its path.
    long: (f32, u32),
    /// What lengths cost, the longest first.
    lengths: [f32; LONGEST],
}

/// The best end of a sound.
#[derive(Clone, Copy)]
struct End {
    score: f32,
    path: u32,
}

const NO_END: End = End { score: NEVER, path: ROOT };

struct Search<'a> {
    chain: &'a Chain,
    /// Places of the sounds from `first` on.
    places: VecDeque<Place>,
    first: usize,
    /// Ends of the sounds of `places` at the current frame.
    ends: Vec<End>,
    /// Where the next beginning is written in each place.
    at: usize,
    gained: [f32; VISEMES],
    tree: Vec<Begin>,
}

impl<'a> Search<'a> {
    fn new(chain: &'a Chain) -> Self {
        let mut search = Self {
            chain,
            places: VecDeque::new(),
            first: 0,
            ends: Vec::new(),
            at: LONGEST,
            gained: [0.0; VISEMES],
            tree: Vec::new(),
        };
        // The recording may begin with the first sound, or with a pause.
        for sound in 0..2.min(chain.sounds.len()) {
            search.places.push_back(Place::new(&chain.sounds[sound]));
            let path = search.note(ROOT, sound, 0);
            search.places[sound].begin(search.at, 0.0, path);
        }
        search.at += 1;
        search
    }

    fn note(&mut self, before: u32, sound: usize, frame: usize) -> u32 {
        let (sound, frame) = (sound as u32, frame as u32);
        self.tree.push(Begin { before, sound, frame });
        (self.tree.len() - 1) as u32
    }

    /// Hears frame `t`, of which `suits` says how well it suits each viseme.
    fn step(&mut self, t: usize, suits: &[f32; VISEMES], change: f32) {
        for (gained, suits) in self.gained.iter_mut().zip(suits) {
            *gained += suits;
        }
        self.ends.clear();
        for (k, place) in self.places.iter_mut().enumerate() {
            let sound = &self.chain.sounds[self.first + k];
            let end = place.end(self.at, sound);
            self.ends.push(End {
                score: end.score + self.gained[sound.viseme],
                ..end
            });
        }
        let best = self.ends.iter().map(|e| e.score).fold(NEVER, f32::max);
        self.drop_behind(best - BEAM);
        self.begin_next(t + 1, best - BEAM, CHANGE_WEIGHT * change);
    }

    fn drop_behind(&mut self, least: f32) {
        let behind = self.ends.iter().take_while(|e| e.score < least).count();
        // The last one stays, so that there is something to go on from.
        let behind = behind.min(self.places.len().saturating_sub(1));
        self.places.drain(..behind);
        self.ends.drain(..behind);
        self.first += behind;
    }

    fn begin_next(&mut self, frame: usize, least: f32, bonus: f32) {
        if self.at == 2 * LONGEST {
            self.places.iter_mut().for_each(Place::shift);
            self.at = LONGEST;
        }
        let sounds = &self.chain.sounds;
        for k in 0..(self.ends.len() + 2).min(WIDEST) {
            let sound = self.first + k;
            if sound >= sounds.len() {
                break;
            }
            let end = |back: usize| k.checked_sub(back).and_then(|k| self.ends.get(k)).copied().unwrap_or(NO_END);
            let mut from = end(1);
            // A pause may be left out.
            if sound > 0 && sounds[sound - 1].phoneme.is_none() && end(2).score > from.score {
                from = end(2);
            }
            if from.score < least || from.score == NEVER {
                if let Some(place) = self.places.get_mut(k) {
                    place.begin(self.at, NEVER, ROOT);
                }
                continue;
            }
            while self.places.len() <= k {
                let next = &sounds[self.first + self.places.len()];
                self.places.push_back(Place::new(next));
            }
            let path = self.note(from.path, sound, frame);
            let score = from.score + bonus - self.gained[sounds[sound].viseme];
            self.places[k].begin(self.at, score, path);
        }
        self.at += 1;
    }

    /// Cuts what no hypothesis needs any more, and keeps the numbers small.
    fn turn(&mut self) {
        let best = self.ends.iter().map(|e| e.score).fold(NEVER, f32::max);
        if best == NEVER {
            return;
        }
        for (k, place) in self.places.iter_mut().enumerate() {
            let less = self.gained[self.chain.sounds[self.first + k].viseme] - best;
            place.begun.iter_mut().chain([&mut place.long.0]).for_each(|s| *s += less);
        }
        self.gained = [0.0; VISEMES];
        self.prune();
    }

    fn prune(&mut self) {
        let mut needed = vec![false; self.tree.len()];
        let paths = |p: &mut Place| -> Vec<u32> { p.paths.iter().copied().chain([p.long.1]).collect() };
        for mut path in self.places.iter_mut().flat_map(paths) {
            while path != ROOT && !needed[path as usize] {
                needed[path as usize] = true;
                path = self.tree[path as usize].before;
            }
        }
        let mut moved = vec![ROOT; self.tree.len()];
        let mut kept = Vec::new();
        for (k, begin) in self.tree.iter().enumerate().filter(|(k, _)| needed[*k]) {
            moved[k] = kept.len() as u32;
            let before = if begin.before == ROOT { ROOT } else { moved[begin.before as usize] };
            kept.push(Begin { before, ..*begin });
        }
        self.tree = kept;
        for place in &mut self.places {
            for path in place.paths.iter_mut().chain([&mut place.long.1]).filter(|p| **p != ROOT) {
                *path = moved[*path as usize];
            }
        }
    }

    fn end(self, frames: usize) -> Option<Vec<Stretch>> {
        // The last sound is a pause, which may be left out.
        let last = self.chain.sounds.len() - 1;
        let end = |sound: usize| {
            sound
                .checked_sub(self.first)
                .and_then(|k| self.ends.get(k))
                .copied()
                .unwrap_or(NO_END)
        };
        let with_pause = end(last);
        let without = end(last - 1);
        let best = if with_pause.score > without.score { with_pause } else { without };
        if best.score == NEVER {
            return None;
        }
        let (mut path, mut end) = (best.path, frames);
        let mut out = Vec::new();
        while path != ROOT {
            let begin = self.tree[path as usize];
            let start = begin.frame as usize;
            out.push(Stretch {
                sound: begin.sound as usize,
                start,
                end,
            });
            (path, end) = (begin.before, start);
        }
        out.reverse();
        Some(out)
    }
}

impl Place {
    fn new(sound: &Sound) -> Self {
        Self {
            begun: [NEVER; 2 * LONGEST],
            paths: [ROOT; 2 * LONGEST],
            long: (NEVER, ROOT),
            lengths: std::array::from_fn(|i| length(sound, LONGEST - i)),
        }
    }

    fn begin(&mut self, at: usize, score: f32, path: u32) {
        self.begun[at] = score;
        self.paths[at] = path;
    }

    /// The newest `LONGEST` beginnings move to the front.
    fn shift(&mut self) {
        self.begun.copy_within(LONGEST.., 0);
        self.paths.copy_within(LONGEST.., 0);
    }

    /// The best end now, without what the sound has gained since frame 0.
    fn end(&mut self, at: usize, sound: &Sound) -> End {
        let from = at - LONGEST;
        let begun = &self.begun[from..at];
        self.long.0 -= if sound.phoneme.is_some() { STRETCHED } else { 0.0 };
        let best = most(begun, &self.lengths);
        let ended = if best > self.long.0 {
            let place = begun.iter().zip(&self.lengths).position(|(b, l)| b + l == best).unwrap_or_default();
            End {
                score: best,
                path: self.paths[from + place],
            }
        } else {
            End {
                score: self.long.0,
                path: self.long.1,
            }
        };
        // The oldest is older than the table from now on.
        let oldest = begun[0] + self.lengths[0];
        if oldest > self.long.0 {
            self.long = (oldest, self.paths[from]);
        }
        ended
    }
}

/// The largest sum of the two rows, in lanes that the compiler turns into vectors.
fn most(a: &[f32], b: &[f32; LONGEST]) -> f32 {
    const LANES: usize = 8;
    let mut best = [NEVER; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for (best, (a, b)) in best.iter_mut().zip(a.iter().zip(b)) {
            let sum = a + b;
            *best = if sum > *best { sum } else { *best };
        }
    }
    best.into_iter().fold(NEVER, f32::max)
}

/// What it costs that a sound has so many frames.
fn length(sound: &Sound, frames: usize) -> f32 {
    if sound.phoneme.is_none() {
        return -sound.usual - if frames < SHORTEST_PAUSE { TOO_SHORT } else { 0.0 };
    }
    if frames < SHORTEST {
        return -TOO_SHORT;
    }
    let off = (frames as f32 / sound.usual).ln() / SPREAD;
    -0.5 * LENGTH_WEIGHT * off * off
}

const _: () = assert!(SIL == 0);
