//! `mouthpiece voice list`.

use std::process::ExitCode;

use mouthpiece_render::error::Result;
use mouthpiece_render::speech::VoiceInfo;
use serde_json::json;

use super::cast::{Cast, gender, language};
use crate::cli::outcome::{say, tell};
use crate::cli::settings::Data;

/// Show who can speak, by the id that `speak --voice` takes.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: Data,
    /// Those of a language only, such as en, en-GB or fr
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// One JSON list
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let mut infos = Cast::open(&args.data)?.infos()?;
    if let Some(code) = &args.language {
        let wanted = language("--language", code)?;
        // A code without a country means all countries.
        let exact = code.contains(['-', '_']);
        infos.retain(|v| v.language == wanted || (!exact && v.language.name() == wanted.name()));
    }
    if args.json {
        say(&json!(infos));
        return Ok(ExitCode::SUCCESS);
    }
    table(&infos).iter().for_each(say);
    if !infos.iter().any(|v| v.engine == "kokoro") {
        tell(&"`mouthpiece voice pull kokoro` adds 54 voices in eight languages");
    }
    Ok(ExitCode::SUCCESS)
}

/// Columns as wide as what is in them.
fn table(infos: &[VoiceInfo]) -> Vec<String> {
    let head = ["id", "name", "language", "gender", "accent", "engine"].map(str::to_owned);
    let row = |v: &VoiceInfo| {
        [
            v.id.clone(),
            v.name.clone(),
            v.language.code().to_owned(),
            gender(v.gender).to_owned(),
            v.accent.clone(),
            v.engine.clone(),
        ]
    };
    let rows: Vec<[String; 6]> = std::iter::once(head).chain(infos.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|r| r[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    let line = |r: &[String; 6]| {
        let cells: Vec<String> = r.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use mouthpiece_render::speech::{Gender, Language};

    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let voice = |id: &str, accent: &str| VoiceInfo {
            id: id.to_owned(),
            name: "Name".to_owned(),
            language: Language::AmericanEnglish,
            gender: Gender::Female,
            accent: accent.to_owned(),
            description: String::new(),
            use_case: String::new(),
            age: String::new(),
            engine: "engine".to_owned(),
        };
        let lines = table(&[voice("a", "American"), voice("a_longer_id", "")]);
        let at = |line: &str, what: &str| line.find(what).unwrap();
        assert_eq!(at(&lines[0], "language"), at(&lines[2], "en-US"));
        assert_eq!(at(&lines[1], "engine"), at(&lines[2], "engine"));
        assert!(lines.iter().all(|l| l.trim_end() == l));
    }
}
