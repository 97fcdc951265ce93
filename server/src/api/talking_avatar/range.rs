//! What numbers of a request may be, for the checks, the sentences and the OpenAPI document.

use mouthpiece_render::scene::{Placement, Scene};

use crate::api::request::Number;
use crate::problem::{Problem, Result};

/// A set of numbers.
pub struct Range {
    /// Ends a sentence: "must be …".
    pub is: &'static str,
    holds: fn(f64) -> bool,
}

/// Whole numbers that `f64` tells apart.
const WHOLE: f64 = 9_007_199_254_740_992.0;

pub const SIDE: Range = Range {
    is: "an even number from 128 to 4096",
    holds: |n| (128.0..=4096.0).contains(&n) && n % 2.0 == 0.0,
};
pub const FROM: Range = Range {
    is: "2 (official) or 3 (your own)",
    holds: |n| n == 2.0 || n == 3.0,
};
pub const SCALE: Range = Range {
    is: "a number above 0 and at most 16",
    holds: |n| n > 0.0 && n <= Placement::MAX_SCALE,
};
pub const OFFSET: Range = Range {
    is: "a number of pixels, at most 1000000 either way",
    holds: |n| n.abs() <= Placement::MAX_PIXELS,
};
pub const LENGTH: Range = Range {
    is: "a number of pixels, above 0 and at most 1000000",
    holds: |n| n > 0.0 && n <= Placement::MAX_PIXELS,
};
pub const DURATION: Range = Range {
    is: "a number of seconds, 0 or more",
    holds: |n| (0.0..=Scene::MAX_SECONDS).contains(&n),
};
pub const LAYER: Range = Range {
    is: "a whole number",
    holds: |n| n.fract() == 0.0 && n.abs() <= WHOLE,
};

impl Range {
    /// A number that must be there.
    pub fn required(&self, field: &str, value: Option<Number>) -> Result<f64> {
        self.optional(field, value)?
            .ok_or_else(|| Problem::field(field, format!("is missing, but must be {}", self.is)))
    }

    pub fn optional(&self, field: &str, value: Option<Number>) -> Result<Option<f64>> {
        match value {
            Some(Number(n)) if !(self.holds)(n) => Err(Problem::field(field, format!("is {n}, but must be {}", self.is))),
            _ => Ok(value.map(|Number(n)| n)),
        }
    }
}
