//! Frames of a talking avatar: local files in, one local file out.
//!
//! No HTTP, no database, no async and no urls live here; see `ARCHITECTURE.md` for the walk of one video.

pub mod composite;
pub mod driver;
pub mod error;
pub mod face;
pub mod matte;
pub mod media;
pub mod model;
pub mod mouth;
pub mod scene;

pub use error::{Error, Kind};
