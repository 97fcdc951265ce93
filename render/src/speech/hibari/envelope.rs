//! What the harmonics of one frame are filtered by, free of the pitch that it was taught with.
//!
//! The net shapes pulses of its own pitch: what it says of frequencies between their harmonics was never heard, and is far off. Bent
//! to another pitch or other formants, its filter is therefore taken at its own harmonics, and joined between them.

use realfft::num_complex::Complex32;

use super::synthesis::BINS;

/// The filter at the harmonics of the net's pitch, the first of them first.
pub struct Envelope {
    /// Bins from one harmonic to the next.
    spacing: f32,
    /// Logarithm of the magnitude, and the turn of the phase.
    points: Vec<(f32, Complex32)>,
}

impl Envelope {
    /// `spacing`: the net's pitch in bins; `log` and `turn` are its filter at a bin.
    pub fn of(spacing: f32, log: impl Fn(usize) -> f32, turn: impl Fn(usize) -> Complex32) -> Self {
        let last = BINS - 1;
        let point = |harmonic: usize| {
            let at = (harmonic as f32 * spacing).min(last as f32);
            let (low, part) = (at as usize, at.fract());
            let log = log(low) * (1.0 - part) + log((low + 1).min(last)) * part;
            (log, turn(at.round() as usize))
        };
        let count = (last as f32 / spacing) as usize + 2;
        Self {
            spacing,
            points: (1..=count).map(point).collect(),
        }
    }

    /// The filter at a place between the bins. Below the first harmonic it is as there.
    pub fn at(&self, bin: f32) -> (f32, Complex32) {
        let place = (bin / self.spacing - 1.0).max(0.0);
        let first = (place as usize).min(self.points.len() - 1);
        let (a, b) = (self.points[first], self.points[(first + 1).min(self.points.len() - 1)]);
        let part = (place - first as f32).min(1.0);
        let turn = a.1 * (1.0 - part) + b.1 * part;
        let size = turn.norm();
        let turn = if size > 1e-3 { turn / size } else { a.1 };
        (a.0 * (1.0 - part) + b.0 * part, turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_between_harmonics_does_not_count() {
        let envelope = Envelope::of(
            10.0,
            |bin| if bin % 10 == 0 { bin as f32 / 100.0 } else { 99.0 },
            |bin| Complex32::from_polar(1.0, if bin % 20 == 0 { 1.0 } else { 0.0 }),
        );
        let (log, turn) = envelope.at(25.0);
        assert!((log - 0.25).abs() < 1e-4 && (turn.arg() - 0.5).abs() < 1e-4 && (turn.norm() - 1.0).abs() < 1e-4);
        assert!((envelope.at(3.0).0 - 0.1).abs() < 1e-4);
        assert!((envelope.at(600.0).0 - 6.0).abs() < 1e-3);
    }
}
