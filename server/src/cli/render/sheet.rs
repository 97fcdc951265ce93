//! A contact sheet: evenly spaced frames of a finished video in one picture.

use std::path::Path;

use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::media::image;

use crate::cli::stop::Stop;
use crate::cli::tool;

const COLUMNS: u64 = 4;
const ROWS: u64 = 3;
/// Width of one frame on the sheet, in pixels.
const CELL: u64 = 480;

/// Of 100.
const JPEG_QUALITY: u8 = 88;

/// Draws the sheet of a video of `frames` frames: JPEG where the name says so, else PNG.
pub fn write(video: &Path, frames: u64, sheet: &Path, stop: &Stop) -> Result<()> {
    let folder = tempfile::tempdir().map_err(|e| Error::new(Kind::OutputUnwritable, "no temporary folder can be made").because(e))?;
    let drawn = folder.path().join("sheet.png");
    let step = (frames / (COLUMNS * ROWS)).max(1);
    let filter = format!("select=not(mod(n\\,{step})),scale={CELL}:-2:flags=lanczos,tile={COLUMNS}x{ROWS}:padding=4:color=white");
    let mut command = tool::ffmpeg();
    command.arg("-i").arg(video).args(["-vf", &filter, "-frames:v", "1"]).arg(&drawn);
    tool::run(&mut command, stop)?;
    // Written again by ourselves, so that the sheet appears complete or not at all.
    let picture = image::open(&drawn, &image::Limits::default())?;
    let jpeg = sheet
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("jpg") || e.eq_ignore_ascii_case("jpeg"));
    if jpeg {
        picture.save_jpeg(sheet, JPEG_QUALITY)
    } else {
        picture.save_png(sheet)
    }
}
