//! `mouthpiece voice add`.

use std::path::PathBuf;
use std::process::ExitCode;

use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::speech::pocket::{self, Installed};
use serde_json::json;

use crate::cli::outcome::say;
use crate::cli::settings::Data;
use crate::voices;

/// Install a Pocket TTS bundle, whose voices clone recordings.
///
/// The bundle is yours: a folder with its ONNX nets, its tokenizer and its licence. It is checked and copied into the data folder.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: Data,
    /// The bundle's folder
    folder: PathBuf,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    if !args.folder.is_dir() {
        let message = format!("FOLDER: {} is no folder; give that of a Pocket TTS bundle", args.folder.display());
        return Err(Error::new(Kind::FileUnreadable, message));
    }
    let config = args.data.read()?;
    let installed = pocket::install(&args.folder, &voices::folder(&config))?;
    if args.json {
        say(&json!({
            "ok": true, "name": installed.name, "folder": installed.folder, "language": installed.language, "voices": installed.voices,
            "licence": installed.licence,
        }));
    } else {
        lines(&installed).iter().for_each(say);
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(installed: &Installed) -> Vec<String> {
    let Installed {
        name,
        folder,
        language,
        licence,
        voices,
    } = installed;
    let mut lines = vec![format!(
        "{name}: a bundle that speaks {} is in {}",
        language.name(),
        folder.display()
    )];
    if !voices.is_empty() {
        lines.push(format!("its voices: {}", voices.join(", ")));
    }
    lines.push(format!(
        "clone a recording with: mouthpiece voice match RECORDING --name NAME --engine {name}"
    ));
    lines.push(match licence {
        Some(text) => format!("its licence, which is for you to keep:\n\n{text}"),
        None => "no licence came with it: find out what you may do with it".to_owned(),
    });
    lines
}
