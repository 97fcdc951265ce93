//! `mouthpiece voice match`.

use std::path::PathBuf;
use std::process::ExitCode;

use mouthpiece_render::error::Result;
use mouthpiece_render::media::Tools;
use mouthpiece_render::speech::matching::{self, Options, Recipe};
use serde_json::json;

use super::cast::{Cast, Matched, language};
use crate::cli::outcome::{say, tell};
use crate::cli::progress::{Meter, Show};
use crate::cli::scene_file::must_exist;
use crate::cli::settings::Data;
use crate::cli::stop::Stop;

/// Make a voice that resembles the one in a recording.
///
/// This is matching, not cloning: voices that are here are mixed and bent until they come near, and the similarity that was reached is
/// told. A Pocket TTS bundle, where one is installed, clones. Match voices only of people who agreed to it.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: Data,
    /// 5 seconds to 5 minutes of one person who speaks (mp3, wav, m4a, aac, ogg, flac, or a video with sound)
    reference: PathBuf,
    /// What the voice is called, for `speak --voice`
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Take noise out of the recording first
    #[arg(long)]
    denoise: bool,
    /// The person agreed to it; kept with the voice
    #[arg(long)]
    consent: bool,
    /// What the voice is to speak [default: en-US]
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// kokoro, hibari or the name of a Pocket TTS bundle [default: the best that is here]
    #[arg(long, value_name = "ENGINE")]
    engine: Option<String>,
    /// Take the place of a matched voice of that name
    #[arg(long)]
    replace: bool,
    /// Progress and result as JSON, one object a line
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let stop = Stop::on_signals()?;
    let options = Options {
        denoise: args.denoise,
        language: args.language.as_deref().map(|code| language("--language", code)).transpose()?,
        engine: args.engine.clone(),
    };
    must_exist("REFERENCE", &args.reference)?;
    let cast = Cast::open(&args.data)?;
    cast.check_name(&args.name, args.replace)?;
    let mut meter = Meter::new(Show::of(false, args.json), stop);
    let recipe = matching::enrol(&args.reference, &options, &cast.speaker, &Tools::from_env(), &mut meter)?;
    drop(meter);
    let matched = Matched {
        consent: args.consent,
        denoised: args.denoise,
        recipe,
    };
    cast.keep(&args.name, &matched)?;
    told(args, &matched.recipe);
    Ok(ExitCode::SUCCESS)
}

fn told(args: &Args, recipe: &Recipe) {
    if args.json {
        say(&json!({
            "ok": true, "voice": args.name, "similarity": recipe.similarity, "engine": recipe.engine(), "language": recipe.language,
            "consent": args.consent,
        }));
        return;
    }
    say(&format_args!(
        "{}: matched with {}, similarity {:.2} (1 is the same; two recordings of one person have about 0.85, different people about 0.55)",
        args.name,
        recipe.engine(),
        recipe.similarity
    ));
    say(&format_args!("hear it with: mouthpiece voice preview {} -o preview.wav", args.name));
    if !args.consent {
        tell(&"warning: nothing is noted about consent; use voices only of people who agreed to it, and say --consent if they did");
    }
}
