//! `mouthpiece serve`: the service.

use std::process::ExitCode;

use super::outcome::{self, Stopped, say};
use super::settings::Settings;
use crate::serve;

/// Serve the API, render, call webhooks and clean up.
///
/// Begins on an empty folder: it is made, with an account whose credentials are printed once.
#[derive(clap::Args)]
#[command(after_help = outcome::EXIT_STATUSES)]
pub struct Args {
    #[command(flatten)]
    settings: Settings,
}

pub fn run(args: &Args) -> Result<ExitCode, Stopped> {
    let config = args.settings.read()?;
    serve::run(config, |started| {
        if let Some(account) = &started.first_account {
            say(&"An account was made. Its credentials, which are not shown again:");
            say(&format_args!("  clientId      {}", account.client_id));
            say(&format_args!("  clientSecret  {}", account.client_secret));
        }
        say(&format_args!(
            "Mouthpiece listens on http://{0}, its documentation is at http://{0}/docs",
            started.address
        ));
    })?;
    Ok(ExitCode::SUCCESS)
}
