//! `mouthpiece voice`: more voices.

mod pull;

use std::process::ExitCode;

use clap::Subcommand;
use mouthpiece_render::error::Result;

use super::outcome;

/// The voices that speak here, and more of them.
#[derive(clap::Args)]
#[command(after_help = outcome::EXIT_STATUSES)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Pull(pull::Args),
}

pub fn run(args: Args) -> Result<ExitCode> {
    match args.what {
        What::Pull(args) => pull::run(&args),
    }
}
