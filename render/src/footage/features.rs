//! What a mouth does in one frame, in six numbers: the same that the nets which listen were taught.

#![allow(dead_code, reason = "not every measure is asked for alone")]

use crate::driver::photo::topology::{CHIN, CORNER_LEFT, CORNER_RIGHT, LOWER_MIDDLE, UPPER_MIDDLE};

/// Opening, width, heights of the upper lip's and the lower lip's inner rim and of the chin, thickness of the lower lip: cm on the
/// canonical head, y up. Nothing is subtracted: a person's rest is what the footage shows when nobody speaks.
pub type Features = [f32; 6];

/// Places in [`Features`].
pub const GAP: usize = 0;
pub const WIDTH: usize = 1;
pub const UPPER: usize = 2;
pub const LOWER: usize = 3;
pub const DROP: usize = 4;
pub const THICKNESS: usize = 5;

/// The middle of the lower lip's outer rim.
const LOWER_RIM: usize = 17;

/// Measures a face; `point` gives its points on the canonical head, cm.
pub fn features(point: impl Fn(usize) -> [f32; 3]) -> Features {
    let (upper, lower) = (point(UPPER_MIDDLE)[1], point(LOWER_MIDDLE)[1]);
    [
        upper - lower,
        point(CORNER_LEFT)[0] - point(CORNER_RIGHT)[0],
        upper,
        lower,
        point(CHIN)[1],
        lower - point(LOWER_RIM)[1],
    ]
}
