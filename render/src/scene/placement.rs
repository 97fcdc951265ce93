//! Where a layer lies on the canvas, and how its media fits there.

use super::{Canvas, Invalid};

/// Which point of a layer's box its `x` and `y` name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    #[default]
    TopLeft,
    Centre,
}

/// How media fits into its box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fit {
    /// Fills the box, keeps its shape, loses what sticks out.
    #[default]
    Cover,
    /// Shown whole, keeps its shape, may leave parts of the box empty.
    Contain,
    /// Fills the box and may be distorted.
    Fill,
}

/// Where a layer's box lies and how its media fits into it.
///
/// The box measures `width * scale_x` by `height * scale_y`. Without both sides the media's natural size counts, with one of them the
/// other keeps the media's shape. A colour without both sides fills the canvas wherever it is placed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    pub anchor: Anchor,
    pub x: f64,
    pub y: f64,
    pub width: Option<f64>,
    pub height: Option<f64>,
    pub scale_x: f64,
    pub scale_y: f64,
    pub fit: Fit,
}

impl Default for Placement {
    /// Natural size in the upper-left corner.
    fn default() -> Self {
        Self {
            anchor: Anchor::TopLeft,
            x: 0.0,
            y: 0.0,
            width: None,
            height: None,
            scale_x: 1.0,
            scale_y: 1.0,
            fit: Fit::Cover,
        }
    }
}

impl Placement {
    /// The largest scale, as the wire contract has it.
    pub const MAX_SCALE: f64 = 16.0;
    /// Beyond this many pixels a number is a slip, and far below where `f64` loses whole pixels.
    pub const MAX_PIXELS: f64 = 1_000_000.0;

    /// A box that is the whole canvas.
    pub fn filling(canvas: Canvas, fit: Fit) -> Self {
        Self {
            width: Some(f64::from(canvas.width())),
            height: Some(f64::from(canvas.height())),
            fit,
            ..Self::default()
        }
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        for (field, value) in [("x", self.x), ("y", self.y)] {
            if !value.is_finite() || value.abs() > Self::MAX_PIXELS {
                return Err(Invalid::new(
                    field,
                    format!("is {value}, but must be pixels, at most 1000000 either way"),
                ));
            }
        }
        for (field, side) in [("width", self.width), ("height", self.height)] {
            if side.is_some_and(|s| !(s > 0.0 && s <= Self::MAX_PIXELS)) {
                return Err(Invalid::new(field, "must be pixels, above 0 and at most 1000000"));
            }
        }
        for (field, scale) in [("scale_x", self.scale_x), ("scale_y", self.scale_y)] {
            if !(scale > 0.0 && scale <= Self::MAX_SCALE) {
                return Err(Invalid::new(field, format!("is {scale}, but must be above 0 and at most 16")));
            }
        }
        Ok(())
    }
}
