//! A contact sheet: evenly spaced frames of a finished video in one picture.

use std::path::Path;

use mouthpiece_render::error::{Error, Kind, Result};

use crate::stop::Stop;
use crate::tool;

const COLUMNS: u64 = 4;
const ROWS: u64 = 3;
/// Width of one frame on the sheet, in pixels.
const CELL: u64 = 480;

/// Draws the sheet of a video of `frames` frames as a PNG.
pub fn write(video: &Path, frames: u64, sheet: &Path, stop: &Stop) -> Result<()> {
    let folder = tempfile::tempdir().map_err(|e| Error::new(Kind::OutputUnwritable, "no temporary folder can be made").because(e))?;
    let drawn = folder.path().join("sheet.png");
    let step = (frames / (COLUMNS * ROWS)).max(1);
    let filter = format!("select=not(mod(n\\,{step})),scale={CELL}:-2:flags=lanczos,tile={COLUMNS}x{ROWS}:padding=4:color=white");
    let mut command = tool::ffmpeg();
    command
        .arg("-i")
        .arg(video)
        .args(["-vf", &filter, "-frames:v", "1", "-vsync", "0"])
        .arg(&drawn);
    tool::run(&mut command, stop)?;
    std::fs::copy(&drawn, sheet).map_err(|e| {
        let message = format!("{} cannot be written", sheet.display());
        Error::new(Kind::OutputUnwritable, message).because(e)
    })?;
    Ok(())
}
