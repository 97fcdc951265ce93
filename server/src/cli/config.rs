//! `mouthpiece config`: the settings in force.

use std::process::ExitCode;

use mouthpiece_render::error::{Error, Kind};

use super::outcome::{self, Stopped, say};
use super::settings::Settings;

/// Print the settings in force, as a settings file.
///
/// They come from the built-in ones, then mouthpiece.toml, then the environment (MOUTHPIECE_LISTEN, MOUTHPIECE_LIMITS__IMAGES, …), then
/// flags; the later win.
#[derive(clap::Args)]
#[command(after_help = outcome::EXIT_STATUSES)]
pub struct Args {
    #[command(flatten)]
    settings: Settings,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<ExitCode, Stopped> {
    let config = args.settings.read()?.shown();
    if args.json {
        say(&serde_json::to_string_pretty(&config).map_err(unprintable)?);
        return Ok(ExitCode::SUCCESS);
    }
    let layers = args.settings.layers()?;
    let text = toml::to_string(&config).map_err(unprintable)?;
    let mut section = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = format!("{}.", name.trim_end_matches(']'));
        }
        let said = line
            .split_once(" = ")
            .and_then(|(name, _)| layers.find_metadata(&format!("{section}{name}")));
        match said.filter(|m| !m.name.contains("Config")) {
            Some(layer) => say(&format_args!("{line}  # {}", origin(layer))),
            None => say(&line),
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Where a setting was said.
fn origin(layer: &figment::Metadata) -> String {
    match &layer.source {
        Some(figment::Source::File(path)) => path.display().to_string(),
        _ if layer.name.contains("environment") => "environment".to_owned(),
        _ => "command line".to_owned(),
    }
}

fn unprintable(e: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(Kind::Internal, "the settings cannot be printed").because(e)
}
