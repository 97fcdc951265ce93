//! `mouthpiece voice preview`.

use std::path::PathBuf;
use std::process::ExitCode;

use mouthpiece_render::error::Result;
use mouthpiece_render::speech::Manner;
use mouthpiece_render::speech::dictionary::Dictionary;
use mouthpiece_render::speech::script::Script;
use mouthpiece_render::speech::speaker::Recording;

use super::cast::Cast;
use crate::cli::progress::Show;
use crate::cli::settings::Data;
use crate::cli::speak::work::{Work, perform};
use crate::cli::speak::{format_of, told};
use crate::cli::stop::Stop;
use crate::voices;

/// Hear a voice say who it is.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: Data,
    /// The id of a voice, as `mouthpiece voice list` shows it
    voice: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
    /// The recording to write (wav or mp3); replaced if it is there
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let stop = Stop::on_signals()?;
    let cast = Cast::open(&args.data)?;
    let (info, voice) = cast.find(Some(&args.voice))?;
    let work = Work {
        script: Script::plain(voices::sample(info.language))?,
        manner: Manner::default(),
        dictionary: Dictionary::default(),
        to: Recording {
            path: args.output.clone(),
            format: format_of(&args.output)?,
            rate: None,
            bitrate: None,
            channels: 1,
        },
    };
    let done = perform(&cast.speaker, &*voice, &work, Show::Nothing, &stop)?;
    told(&info, &work, &done, args.json, false);
    Ok(ExitCode::SUCCESS)
}
