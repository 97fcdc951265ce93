//! What the tests of footage share: clips made of a portrait by ffmpeg.

#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    reason = "each test binary uses its own part, and fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use mouthpiece_render::{Flow, Models, Progress, RuntimeChoice, Stage};

#[path = "../media/common.rs"]
pub mod common;

pub use common::{Folder, ffmpeg, ffprobe};

pub static MODELS: LazyLock<Models> = LazyLock::new(|| Models::new(&RuntimeChoice::Rten).expect("rten is built in"));

/// Always goes on.
pub struct Calm;

impl Progress for Calm {
    fn at(&mut self, _: Stage, _: u64, _: u64) -> Flow {
        Flow::Continue
    }
}

pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The astronaut, whose camera moves to and fro: `frames` at 25 a second, sides of 384 pixels.
pub fn clip(folder: &Folder, name: &str, frames: usize, options: &str) -> PathBuf {
    clip_of("astronaut.png", folder, name, frames, options)
}

/// The same of another contained portrait.
pub fn clip_of(portrait: &str, folder: &Folder, name: &str, frames: usize, options: &str) -> PathBuf {
    let path = folder.join(name);
    let portrait = repository("render/tests/media").join(portrait);
    let pan = "crop=384:384:40+30*sin(n/9):10+10*sin(n/7)";
    ffmpeg(
        &format!(
            "-loop 1 -framerate 25 -i {} -frames:v {frames} -vf {pan},format=yuv420p -colorspace bt709 {options}",
            portrait.display()
        ),
        &path,
    );
    path
}
