//! `mouthpiece speak`: a text becomes a recording.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::speech::captions::{self, cues};
use mouthpiece_render::speech::script::Script;
use mouthpiece_render::speech::speaker::{AudioFormat, Recording};
use mouthpiece_render::speech::{Manner, Spoken, VoiceInfo};
use serde_json::json;

use crate::cli::outcome::{self, say};
use crate::cli::progress::Show;
use crate::cli::settings::Data;
use crate::cli::stop::Stop;
use crate::cli::usage::readable;
use crate::cli::voice::Cast;

mod input;
pub mod work;

use work::{Done, Work, perform};

/// Say a text with a voice, into a sound file.
#[derive(clap::Args)]
#[command(after_help = outcome::EXIT_STATUSES)]
pub struct Args {
    #[command(flatten)]
    data: Data,
    /// What is said
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    text: Option<String>,
    /// Read what is said from a file, or from standard input with -
    #[arg(long, short, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The id of a voice, as `mouthpiece voice list` shows it [default: the first there]
    #[arg(long, short, value_name = "ID")]
    voice: Option<String>,
    /// The text has markup: SSML's break, prosody, phoneme, say-as and sub
    #[arg(long)]
    ssml: bool,
    /// How words are said: {"word": "/phonemes/", "other": "respelling"}
    #[arg(long, value_name = "FILE")]
    dictionary: Option<PathBuf>,
    /// Times the voice's own pace, 0.5 to 2
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = within(0.5, 2.0))]
    speed: f32,
    /// Semitones above the voice's own pitch, -12 to 12
    #[arg(long, value_name = "N", default_value_t = 0.0, value_parser = within(-12.0, 12.0), allow_negative_numbers = true)]
    pitch: f32,
    /// dB above the usual loudness, -40 to 6
    #[arg(long, value_name = "DB", default_value_t = 0.0, value_parser = within(-40.0, 6.0), allow_negative_numbers = true)]
    volume: f32,
    /// What is written [default: as the output's name ends]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Samples a second, 8000 to 48000 [default: the voice's own]
    #[arg(long, value_name = "HZ", value_parser = clap::value_parser!(u32).range(8000..=48000))]
    rate: Option<u32>,
    /// kbit a second of an mp3, 16 to 320
    #[arg(long, value_name = "KBIT", value_parser = clap::value_parser!(u32).range(16..=320))]
    bitrate: Option<u32>,
    /// 1 or 2, both the same
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    channels: u8,
    /// Write captions beside the output, with its name
    #[arg(long, value_enum)]
    captions: Option<Captions>,
    /// Write what is said when, as `render --phonemes` reads it
    #[arg(long, value_name = "FILE")]
    phonemes: Option<PathBuf>,
    /// Progress and result as JSON, one object a line
    #[arg(long)]
    json: bool,
    /// No progress and no last line
    #[arg(long, short)]
    quiet: bool,
    /// The recording to write (wav or mp3); replaced if it is there
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Wav,
    Mp3,
}

#[derive(Clone, Copy, ValueEnum)]
enum Captions {
    Srt,
    Vtt,
}

/// Reads a number in a range.
pub fn within(from: f32, to: f32) -> impl Fn(&str) -> Result<f32, String> + Clone {
    move |text| match text.parse::<f32>() {
        Ok(n) if (from..=to).contains(&n) => Ok(n),
        _ => Err(format!("must be a number from {from} to {to}")),
    }
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let stop = Stop::on_signals()?;
    let work = work(args)?;
    let cast = Cast::open(&args.data)?;
    let (info, voice) = cast.find(args.voice.as_deref())?;
    let show = Show::of(args.quiet, args.json);
    let done = perform(&cast.speaker, &*voice, &work, show, &stop)?;
    write_beside(args, &done.spoken)?;
    told(&info, &work, &done, args.json, args.quiet);
    Ok(ExitCode::SUCCESS)
}

/// Everything that can be wrong with the command line, before a voice is loaded.
fn work(args: &Args) -> Result<Work> {
    let text = match (&args.text, &args.file) {
        (Some(text), _) => text.clone(),
        (None, Some(file)) => input::text(file)?,
        (None, None) => return Err(Error::new(Kind::TextInvalid, "there is no text: give one, or --file")),
    };
    let format = match args.format {
        Some(Format::Wav) => AudioFormat::Wav,
        Some(Format::Mp3) => AudioFormat::Mp3,
        None => format_of(&args.output)?,
    };
    if args.bitrate.is_some() && matches!(format, AudioFormat::Wav) {
        return Err(Error::new(Kind::SceneInvalid, "--bitrate is for mp3; a wav file has none"));
    }
    input::spare(args)?;
    Ok(Work {
        script: if args.ssml { Script::parse(&text)? } else { Script::plain(&text)? },
        manner: Manner {
            speed: args.speed,
            pitch: args.pitch,
            volume: args.volume,
        },
        dictionary: args.dictionary.as_deref().map(input::dictionary).transpose()?.unwrap_or_default(),
        to: Recording {
            path: args.output.clone(),
            format,
            rate: args.rate,
            bitrate: args.bitrate.map(|kbit| kbit * 1000),
            channels: args.channels,
        },
    })
}

/// What a file's name promises.
pub fn format_of(output: &Path) -> Result<AudioFormat> {
    let end = output.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    match end.as_str() {
        "wav" => Ok(AudioFormat::Wav),
        "mp3" => Ok(AudioFormat::Mp3),
        _ => {
            let message = format!("-o {}: the name must end in .wav or .mp3, or give --format", output.display());
            Err(Error::new(Kind::SceneInvalid, message))
        }
    }
}

fn captions_file(args: &Args) -> Option<PathBuf> {
    let end = match args.captions? {
        Captions::Srt => "srt",
        Captions::Vtt => "vtt",
    };
    Some(args.output.with_extension(end))
}

fn write_beside(args: &Args, spoken: &Spoken) -> Result<()> {
    let write = |file: &Path, text: &str| {
        std::fs::write(file, text).map_err(|e| {
            Error::new(
                Kind::OutputUnwritable,
                format!("{} cannot be written: {}", file.display(), e.kind()),
            )
            .because(e)
        })
    };
    if let (Some(kind), Some(file)) = (args.captions, captions_file(args)) {
        let cues = cues(&spoken.words, spoken.seconds);
        let text = match kind {
            Captions::Srt => captions::srt(&cues),
            Captions::Vtt => captions::vtt(&cues),
        };
        write(&file, &text)?;
    }
    if let Some(file) = &args.phonemes {
        write(file, &json!(spoken.phonemes).to_string())?;
    }
    Ok(())
}

/// The last line.
pub fn told(info: &VoiceInfo, work: &Work, done: &Done, json: bool, quiet: bool) {
    let path = &work.to.path;
    let bytes = std::fs::metadata(path).map_or(0, |m| m.len());
    let (seconds, wall) = (done.spoken.seconds, done.wall.as_secs_f64());
    let speed = seconds / wall.max(f64::EPSILON);
    if json {
        say(&json!({
            "ok": true, "path": path, "bytes": bytes, "seconds": seconds, "wall_seconds": wall, "speed": speed, "voice": info.id,
            "language": info.language, "characters": work.script.characters(), "words": done.spoken.words,
        }));
    } else if !quiet {
        say(&format_args!(
            "{}: {seconds:.1} s of speech by {} ({}), {}; made in {wall:.1} s, {speed:.1} times real time",
            path.display(),
            info.name,
            info.language,
            readable(bytes),
        ));
    }
}
