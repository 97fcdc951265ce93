//! A mouth track in the terms of one person: his rest, his range.

use super::features::{DROP, Features, GAP, LOWER, THICKNESS, UPPER, WIDTH};
use super::talker::Talker;
use crate::mouth::{MouthShape, MouthTrack};

/// Less is not asked of anybody than this part of what the track has.
const LEAST: f32 = 0.55;
/// A lower lip under the teeth is so much thinner, cm.
const TUCKED: f32 = 0.15;
/// From here on lips must touch.
pub const CLOSED: f32 = 0.5;
/// Below this nobody speaks; in silences longer than so many seconds the whole face rests.
const SILENT: f32 = 0.05;
const LONG: f64 = 0.8;

/// What is asked of a mouth in every frame of the canvas.
pub struct Asked {
    talker: Talker,
    opening: f32,
    corners: f32,
    fps: f64,
    shapes: Vec<MouthShape>,
    /// Nobody speaks.
    silent: Vec<bool>,
}

impl Asked {
    pub fn new(track: &MouthTrack, talker: &Talker) -> Self {
        let quantile = |mut values: Vec<f32>, part: f32| {
            values.sort_by(f32::total_cmp);
            values.get(((values.len().max(1) - 1) as f32 * part) as usize).copied().unwrap_or(0.0)
        };
        let spoken = || track.shapes.iter().zip(&track.voice).filter(|(_, v)| **v > 0.5).map(|(s, _)| s);
        let widest = quantile(spoken().map(|s| s.gap).collect(), 0.98);
        let corners = quantile(spoken().map(|s| s.width.abs()).collect(), 0.95);
        let part = |own: f32, asked: f32| (own / asked.max(1e-3)).clamp(LEAST, 1.0);
        Self {
            opening: part(talker.widest, widest),
            corners: part(talker.corners, corners),
            talker: talker.clone(),
            fps: track.fps.as_f64(),
            silent: track.voice.iter().map(|v| is_silent(*v)).collect(),
            shapes: track.shapes.clone(),
        }
    }

    /// cm on the canonical head.
    pub fn features(&self, frame: usize) -> Features {
        self.of(&self.shapes[frame])
    }

    pub fn shut(&self, frame: usize) -> bool {
        self.shapes[frame].closure >= CLOSED
    }

    fn of(&self, shape: &MouthShape) -> Features {
        let rest = &self.talker.rest;
        let open = 1.0 - shape.closure;
        let gap = shape.gap * self.opening * open;
        let upper = shape.upper * self.opening * open;
        let mut features = *rest;
        // At rest this person's lips may be apart a little; shut they are not.
        features[GAP] = gap + rest[GAP] + (self.talker.touching - rest[GAP]) * shape.closure;
        features[WIDTH] += shape.width * self.corners;
        features[UPPER] += upper;
        features[LOWER] = features[UPPER] - features[GAP];
        features[DROP] -= shape.chin * self.opening;
        features[THICKNESS] += self.talker.thinning * (features[GAP] - rest[GAP]) - TUCKED * shape.tuck;
        features
    }

    /// The same between the canvas's frames, at a time in seconds: features, whether lips must touch, whether nobody speaks.
    pub fn at(&self, seconds: f64) -> (Features, bool, bool) {
        let last = self.shapes.len().saturating_sub(1);
        let place = (seconds * self.fps - 0.5).clamp(0.0, last as f64);
        let (low, t) = (place as usize, place.fract() as f32);
        let high = (low + 1).min(last);
        let near = place.round() as usize;
        let (a, b) = (self.features(low), self.features(high));
        let features = if self.shut(near) {
            self.features(near)
        } else {
            std::array::from_fn(|k| a[k] + (b[k] - a[k]) * t)
        };
        (features, self.shut(near), self.silent[near])
    }
}

pub fn is_silent(voice: f32) -> bool {
    voice < SILENT
}

/// For each of `steps` at `fps`: 0 where nobody speaks for long, else 1.
pub fn voice(track: &MouthTrack, steps: usize, fps: f64) -> Vec<f32> {
    let count = track.voice.len();
    let rate = track.fps.as_f64();
    let silent = |i: usize| is_silent(track.voice[i]);
    let mut long = vec![1.0; count];
    let mut start = 0;
    while start < count {
        let end = (start..count).find(|&i| silent(i) != silent(start)).unwrap_or(count);
        if silent(start) && end - start >= (LONG * rate) as usize {
            long[start..end].fill(0.0);
        }
        start = end;
    }
    let at = |s: usize| ((s as f64 + 0.5) / fps * rate) as usize;
    (0..steps).map(|s| long.get(at(s).min(count.max(1) - 1)).copied().unwrap_or(1.0)).collect()
}
