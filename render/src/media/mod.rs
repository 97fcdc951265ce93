//! Media in and out.

pub(crate) mod aac;
mod colour;
pub mod encode;
pub(crate) mod frames;
mod icc;
pub mod image;
pub(crate) mod joined;
pub(crate) mod kept;
mod magic;
mod mp4;
mod mux;
pub(crate) mod openh264;
pub(crate) mod partial;
pub(crate) mod piece;
mod planar;
mod poster;
pub(crate) mod process;
pub(crate) mod record;
pub(crate) mod reel;
mod samples;
pub mod sniff;
pub mod sound;
pub mod sound_file;
pub(crate) mod splice;
pub mod tools;
pub mod video;

pub(crate) use colour::to_rgb_unit;
pub use colour::{to_rgb, to_yuv};
pub use encode::Quality;
pub use kept::Shelf;
pub(crate) use partial::write_error;
pub use poster::Poster;
pub use tools::Tools;

/// A decoded picture, straight (not premultiplied) 8-bit sRGB with alpha, upright.
#[derive(Clone)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    /// `width * height * 4` bytes, row by row.
    pub rgba: Vec<u8>,
}

/// A 4:2:0 picture, BT.709 limited range; sides are even.
#[derive(Clone, PartialEq, Eq)]
pub struct Planes {
    pub width: usize,
    pub height: usize,
    pub y: Vec<u8>,
    /// `(width / 2) * (height / 2)` bytes each.
    pub u: Vec<u8>,
    pub v: Vec<u8>,
}
