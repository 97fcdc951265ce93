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
            values
                .get(((values.len().max(1) - 1) as f32 * part) as usize)
                .copied()
                .unwrap_or(0.0)
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
    (0..steps)
        .map(|s| long.get(at(s).min(count.max(1) - 1)).copied().unwrap_or(1.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Fps;

    fn talker() -> Talker {
        let talk: Vec<Features> = (0..400)
            .map(|i| {
                let gap = (0.5 * (i as f32 * 0.3).sin()).max(0.0);
                [
                    0.02 + gap,
                    4.7 + 0.1 * (i as f32 * 0.11).sin(),
                    -4.0,
                    -4.02 - gap,
                    -9.3 - 0.5 * gap,
                    1.1,
                ]
            })
            .collect();
        Talker::of(&talk).expect("there are frames")
    }

    fn track(shapes: Vec<MouthShape>, voice: Vec<f32>) -> MouthTrack {
        MouthTrack {
            fps: Fps { num: 25, den: 1 },
            energy: voice.clone(),
            shapes,
            voice,
        }
    }

    #[test]
    fn a_wide_track_is_asked_in_a_quiet_talkers_range() {
        let open = |gap: f32| MouthShape {
            gap,
            ..MouthShape::default()
        };
        let shut = MouthShape { closure: 1.0, ..open(1.4) };
        let asked = Asked::new(&track(vec![open(1.4), open(0.0), shut, open(0.7)], vec![1.0; 4]), &talker());
        let gap = |i: usize| asked.features(i)[GAP];
        assert!((0.6..1.0).contains(&gap(0)), "{}", gap(0));
        assert!(gap(1) < 0.06 && gap(2) < 0.06 && asked.shut(2) && !asked.shut(1));
        assert!((gap(3) - gap(0) / 2.0).abs() < 0.05, "{}", gap(3));
        // Between frames too, a closure is whole.
        assert!(asked.at(2.4 / 25.0).1 && asked.at(2.6 / 25.0).0[GAP] < 0.06);
        assert!(!asked.at(3.6 / 25.0).1);
    }

    #[test]
    fn only_long_silence_is_still() {
        let mut said = vec![1.0; 100];
        said[10..15].fill(0.0);
        said[40..80].fill(0.0);
        let heard = voice(&track(vec![MouthShape::default(); 100], said), 200, 50.0);
        assert!(heard[..80].iter().all(|v| *v == 1.0));
        assert!(heard[81..159].iter().all(|v| *v == 0.0) && heard[161..].iter().all(|v| *v == 1.0));
    }
}
