//! How one voice is made to sound like others: its pitch, how lively that is, its formants, its breath.

use super::synthesis::BINS;

/// Hertz between two bins.
const BIN: f32 = 20.0;
/// Up to here formants are moved as told; above, less and less, so that the highest frequency stays (as in vocal tract length
/// normalisation: Lee and Rose, ICASSP 1996).
const KNEE: f32 = 8_000.0;
/// Hertz from which the tilt counts.
const TILT_FROM: f32 = 500.0;

/// What differs from the voice as it was taught.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bend {
    /// Times the taught pitch.
    pub pitch: f32,
    /// Times the taught movement of the pitch around its mean, in octaves.
    pub liveliness: f32,
    /// Times the taught frequencies of the formants: below 1 is a longer throat.
    pub formants: f32,
    /// dB an octave above 500 Hz.
    pub tilt: f32,
    /// dB of all that is not periodic, where there is voice.
    pub breath: f32,
}

impl Default for Bend {
    fn default() -> Self {
        Self {
            pitch: 1.0,
            liveliness: 1.0,
            formants: 1.0,
            tilt: 0.0,
            breath: 0.0,
        }
    }
}

/// What is added to logarithms of magnitudes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gains {
    pub harmonic: f32,
    pub free: f32,
}

impl Bend {
    /// The pitch that is heard for the net's, both hertz a frame.
    pub fn pitches(&self, said: &[f32]) -> Vec<f32> {
        if self.liveliness == 1.0 {
            return said.iter().map(|f| f * self.pitch).collect();
        }
        let logs = || said.iter().filter(|f| **f > 60.0).map(|f| f.ln());
        let count = logs().count().max(1);
        let mean = (logs().sum::<f32>() / count as f32).exp();
        let bent = |f: f32| if f > 60.0 { mean * (f / mean).powf(self.liveliness) } else { f };
        said.iter().map(|f| bent(*f) * self.pitch).collect()
    }

    /// Whether harmonics come to lie elsewhere than they were taught.
    pub fn moves(&self) -> bool {
        self.pitch != 1.0 || self.formants != 1.0 || self.liveliness != 1.0
    }

    pub fn gains(&self, bin: usize, voiced: bool) -> Gains {
        const NEPER: f32 = std::f32::consts::LN_10 / 20.0;
        let tilt = self.tilt * (bin as f32 * BIN / TILT_FROM).max(1.0).log2() * NEPER;
        Gains {
            // Half the pitch has twice the harmonics.
            harmonic: tilt + 0.5 * self.pitch.ln(),
            free: tilt + if voiced { self.breath * NEPER } else { 0.0 },
        }
    }

    pub fn warp(&self) -> Warp {
        let last = (BINS - 1) as f32;
        let knee = KNEE / BIN * self.formants.min(1.0);
        let source = |bin: usize| {
            let bin = bin as f32;
            let from = knee / self.formants;
            if bin <= knee {
                bin / self.formants
            } else {
                from + (bin - knee) * (last - from) / (last - knee)
            }
        };
        Warp((0..BINS).map(|b| source(b).clamp(0.0, last)).collect())
    }
}

/// Which bin each bin is read from.
pub struct Warp(Vec<f32>);

impl Warp {
    /// Where a bin is read from, between bins.
    pub fn source(&self, bin: usize) -> f32 {
        self.0[bin]
    }

    /// The value for a bin, straight between two of `values`.
    pub fn read(&self, bin: usize, values: impl Fn(usize) -> f32) -> f32 {
        let at = self.0[bin];
        let low = at as usize;
        let part = at - low as f32;
        if part == 0.0 {
            return values(low);
        }
        values(low) * (1.0 - part) + values(low + 1) * part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_bent_by_default() {
        let bend = Bend::default();
        assert_eq!(bend.pitches(&[0.0, 200.0, 100.0]), [0.0, 200.0, 100.0]);
        assert_eq!(bend.gains(300, true), Gains::default());
        let warp = bend.warp();
        assert!((0..BINS).all(|b| warp.read(b, |v| v as f32) == b as f32));
    }

    #[test]
    fn formants_move_and_the_ends_stay() {
        for formants in [0.8, 1.25] {
            let warp = Bend {
                formants,
                ..Bend::default()
            }
            .warp();
            let from = |b: usize| warp.read(b, |v| v as f32);
            assert!((from(100) - 100.0 / formants).abs() < 1e-3);
            assert!(from(0) == 0.0 && (from(BINS - 1) - (BINS - 1) as f32).abs() < 1e-3);
            assert!((1..BINS).all(|b| from(b) > from(b - 1)));
        }
    }

    #[test]
    fn liveliness_keeps_the_mean() {
        let calm = Bend {
            liveliness: 0.5,
            pitch: 0.5,
            ..Bend::default()
        };
        let bent = calm.pitches(&[100.0, 400.0, 0.0]);
        assert!(
            (bent[0] - 70.7).abs() < 0.1 && (bent[1] - 141.4).abs() < 0.1 && bent[2] == 0.0,
            "{bent:?}"
        );
    }
}
