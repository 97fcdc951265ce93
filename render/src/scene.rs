//! What to render: valid by construction, local paths only.

use serde::{Deserialize, Serialize};

/// Frames per second as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fps {
    pub num: u32,
    pub den: u32,
}

impl Fps {
    pub const DEFAULT: Self = Self { num: 25, den: 1 };

    pub fn as_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// The nearest whole number of frames to a length in seconds.
    pub fn frames(self, seconds: f64) -> usize {
        (seconds * self.as_f64()).round().max(0.0) as usize
    }

    /// The time in seconds at which frame `index` is in the middle of being shown.
    pub fn middle(self, index: usize) -> f64 {
        (index as f64 + 0.5) / self.as_f64()
    }
}
