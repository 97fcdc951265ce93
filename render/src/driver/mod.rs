//! Mouth track and avatar to pixels.

pub mod photo;

use crate::composite::Rect;
use crate::media::Planes;
use crate::scene::Canvas;

/// A rectangle in pixels; all four numbers are even, as 4:2:0 needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

impl Region {
    /// A rectangle inside the canvas.
    pub fn of(rect: &Rect) -> Self {
        Self {
            x: rect.left.max(0) as usize,
            y: rect.top.max(0) as usize,
            width: rect.width(),
            height: rect.height(),
        }
    }

    pub fn whole(canvas: Canvas) -> Self {
        Self {
            x: 0,
            y: 0,
            width: canvas.width() as usize,
            height: canvas.height() as usize,
        }
    }

    /// The smallest that holds both.
    #[must_use]
    pub fn joined(&self, other: &Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let right = (self.x + self.width).max(other.x + other.width);
        let bottom = (self.y + self.height).max(other.y + other.height);
        Self {
            x,
            y,
            width: right - x,
            height: bottom - y,
        }
    }
}

/// The pixels of a driver's moving region in one frame.
#[derive(Clone)]
pub struct Patch {
    pub planes: Planes,
    /// `width * height` bytes, present when the avatar is not opaque.
    pub alpha: Option<Vec<u8>>,
}

/// Draws an avatar that follows a mouth track.
///
/// A frame is a pure function of its index: any range can be drawn anywhere, in any order, and comes out the same.
pub trait MouthDriver: Send + Sync {
    /// Memory that one thread needs while it draws.
    type Scratch: Send;

    /// Where the avatar moves, in pixels of its raster; outside of it the raster is shown as it is.
    fn region(&self) -> Region;

    fn scratch(&self) -> Self::Scratch;

    /// Draws frame `index` of the moving region into `patch`, whose sides are the region's.
    fn draw(&self, index: usize, scratch: &mut Self::Scratch, patch: &mut Patch);
}
