//! The syntax of H.264 that moving slices to another picture needs: parameter sets, slice headers, and slices in which nothing moves.
//!
//! A slice does not know how large its picture is: it says at which macroblock it begins, and what it holds refers only to its
//! own macroblocks and to the picture before. So a slice of a small picture becomes one of a large picture by another header, if
//! all of its macroblocks follow each other there too. Pixels are never looked at.
//!
//! Clauses are those of Rec. ITU-T H.264 (08/2021). Everything is read with checks: no input makes this panic or loop.

mod bits;
mod cabac;
pub mod level;
pub mod nal;
mod pps;
mod skip;
mod slice;
mod sps;

pub use bits::{BitReader, BitWriter};
pub use nal::{AnnexB, Header, UnitType};
pub use pps::{Extension, Pps};
pub use skip::SkipSlices;
pub use slice::{Deblocking, Filter, Kind, Marking, SliceHeader, transplant};
pub use sps::{Colour, Crop, PicOrder, Restriction, Sps, Timing, VideoSignal, Vui};

/// A stream that is damaged, or uses what is not needed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    #[error("the H.264 stream ends within its syntax")]
    Truncated,
    #[error("the H.264 stream has a forbidden {0}")]
    Invalid(&'static str),
    #[error("the H.264 stream uses {0}, which cannot be spliced")]
    Unsupported(&'static str),
}

pub type Result<T> = std::result::Result<T, SyntaxError>;

#[cfg(test)]
mod tests;
