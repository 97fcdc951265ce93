//! `mouthpiece work`: renders the jobs of a service, in a process of its own.

use std::process::ExitCode;

use super::outcome::{self, Stopped};
use super::settings::Settings;
use crate::serve;

/// Render the jobs of a service with the same data folder.
///
/// Several may run beside each other, and be killed at any moment: what one leaves undone another does.
#[derive(clap::Args)]
#[command(after_help = outcome::EXIT_STATUSES)]
pub struct Args {
    #[command(flatten)]
    settings: Settings,
    /// Settings, calls and the wish to stop come through standard input
    #[arg(long, hide = true)]
    child: bool,
}

pub fn run(args: &Args) -> Result<ExitCode, Stopped> {
    if args.child {
        serve::work_as_child()?;
    } else {
        serve::work(args.settings.read()?)?;
    }
    Ok(ExitCode::SUCCESS)
}
