//! `mouthpiece join`: the pieces that `render --frames` made become their video.

use std::path::PathBuf;
use std::process::ExitCode;

use mouthpiece_render::error::{Error, Kind, Result};
use serde_json::json;

use crate::cli::outcome::{self, say};
use crate::cli::progress::{Meter, Show};
use crate::cli::stop::Stop;
use crate::cli::usage::readable;

/// Join the pieces of a video that `mouthpiece render --frames` made.
///
/// The file is the same as if the video had been made at once, byte by byte; so are its captions.
#[derive(clap::Args)]
#[command(after_help = outcome::EXIT_STATUSES)]
pub struct Args {
    /// All pieces, in whatever order
    #[arg(value_name = "PIECE", required = true)]
    pieces: Vec<PathBuf>,
    /// Result as JSON
    #[arg(long)]
    json: bool,
    /// No progress and no last line
    #[arg(long, short)]
    quiet: bool,
    /// The video to write (mp4); replaced if it is there
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let stop = Stop::on_signals()?;
    let output = args.output.canonicalize().ok();
    if output.is_some() && args.pieces.iter().any(|piece| piece.canonicalize().ok() == output) {
        let message = format!("{} is one of the pieces; choose another output", args.output.display());
        return Err(Error::new(Kind::SceneInvalid, message));
    }
    let show = Show::of(args.quiet, args.json);
    let mut meter = Meter::new(show, stop);
    let report = mouthpiece_render::join(&args.pieces, &args.output, &mut meter)?;
    drop(meter);
    let bytes = std::fs::metadata(&args.output).map_or(0, |m| m.len());
    if args.json {
        say(&json!({
            "ok": true, "path": args.output, "bytes": bytes, "frames": report.frames, "seconds": report.seconds, "captions": report.captions,
        }));
    } else if !args.quiet {
        let (name, pieces) = (args.output.display(), args.pieces.len());
        say(&format_args!(
            "{name}: {:.1} s of video out of {pieces} pieces, {}",
            report.seconds,
            readable(bytes)
        ));
    }
    Ok(ExitCode::SUCCESS)
}
