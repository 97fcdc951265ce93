//! `mouthpiece voice`: who can speak here, how they sound, and where more come from.

mod add;
mod cast;
mod enrol;
mod list;
mod preview;
mod pull;

use std::process::ExitCode;

use clap::Subcommand;
use mouthpiece_render::error::Result;

pub use cast::Cast;

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
    List(list::Args),
    Preview(preview::Args),
    Pull(pull::Args),
    Match(enrol::Args),
    Add(add::Args),
}

pub fn run(args: Args) -> Result<ExitCode> {
    match args.what {
        What::List(args) => list::run(&args),
        What::Preview(args) => preview::run(&args),
        What::Pull(args) => pull::run(&args),
        What::Match(args) => enrol::run(&args),
        What::Add(args) => add::run(&args),
    }
}
