//! `mouthpiece bench`: what a render costs on this machine, on each of its paths, beside the ffmpeg command that shows the same still picture.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use mouthpiece_render::error::{Error, Kind, Result};
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::outcome::{self, say, tell};
use crate::cli::stop::Stop;
use crate::cli::tool::{self, Cost};

mod table;

const PORTRAIT: &[u8] = include_bytes!("../../../media/demo/astronaut.png");
const SPEECH: &[u8] = include_bytes!("../../../media/demo/speech.flac");

/// Time a render and its stages, beside ffmpeg overlaying the same still picture with the same sound.
///
/// The runs take turns, so that a busy machine is unfair to none; the median counts.
#[derive(clap::Args)]
#[command(after_help = outcome::EXIT_STATUSES)]
pub struct Args {
    /// Length of the speech in seconds; the recording repeats or ends there
    #[arg(long, value_name = "N", default_value_t = 10.0)]
    seconds: f64,
    /// Sizes of the video: 720p, 1080p, 4k
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "1080p,4k", value_parser = size)]
    sizes: Vec<(u32, u32)>,
    /// How often each is run
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=99))]
    rounds: u16,
    /// Another portrait than the contained one
    #[arg(long, value_name = "FILE")]
    avatar: Option<PathBuf>,
    /// Another recording than the contained one
    #[arg(long, value_name = "FILE")]
    audio: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

fn size(text: &str) -> Result<(u32, u32), &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "720p" => Ok((1280, 720)),
        "1080p" => Ok((1920, 1080)),
        "4k" | "2160p" => Ok((3840, 2160)),
        _ => Err("may be 720p, 1080p or 4k"),
    }
}

pub fn run(args: Args) -> Result<ExitCode> {
    if !(args.seconds >= 1.0 && args.seconds <= 600.0) {
        return Err(Error::new(Kind::SceneInvalid, "--seconds must be from 1 to 600"));
    }
    let stop = Stop::on_signals()?;
    let folder = tempfile::tempdir().map_err(|e| Error::new(Kind::OutputUnwritable, "no temporary folder can be made").because(e))?;
    let bench = Bench::prepare(&args, folder.path(), &stop)?;
    let mut compared = Vec::new();
    for (width, height) in args.sizes.iter().copied() {
        let background = bench.background(width, height, &stop)?;
        let mut runs = Vec::new();
        for round in 1..=args.rounds {
            for way in Way::ALL {
                tell(&format_args!("{width}x{height}, round {round} of {}: {}", args.rounds, way.name()));
                runs.push((way, bench.measure(way, width, height, &background, &stop)?));
            }
        }
        compared.push(table::Comparison::of(width, height, &runs));
    }
    report(&args, &compared);
    Ok(ExitCode::SUCCESS)
}

fn report(args: &Args, compared: &[table::Comparison]) {
    if args.json {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        say(&json!({"ok": true, "cores": cores, "seconds": args.seconds, "rounds": args.rounds, "sizes": compared}));
        return;
    }
    for comparison in compared {
        say(&format_args!("{}", comparison.text(args.seconds, args.rounds)));
    }
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    MouthpieceBand,
    MouthpieceTile,
    MouthpiecePlain,
    FfmpegVeryfast,
    FfmpegUltrafast,
}

impl Way {
    /// What all are compared with first.
    const ALL: [Self; 5] = [
        Self::MouthpieceBand,
        Self::MouthpieceTile,
        Self::MouthpiecePlain,
        Self::FfmpegVeryfast,
        Self::FfmpegUltrafast,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::MouthpieceBand => "mouthpiece, band",
            Self::MouthpieceTile => "mouthpiece, tile",
            Self::MouthpiecePlain => "mouthpiece, plain",
            Self::FfmpegVeryfast => "ffmpeg overlay, veryfast",
            Self::FfmpegUltrafast => "ffmpeg overlay, ultrafast",
        }
    }
}

/// One run.
struct Run {
    cost: Cost,
    /// Bytes of the video.
    size: u64,
    /// Seconds by stage and peak memory; ours only.
    told: Option<Value>,
}

/// The files that all ways read.
struct Bench<'a> {
    folder: &'a Path,
    portrait: PathBuf,
    speech: PathBuf,
}

impl<'a> Bench<'a> {
    fn prepare(args: &Args, folder: &'a Path, stop: &Stop) -> Result<Self> {
        let place = |given: &Option<PathBuf>, name: &str, bytes: &[u8]| match given {
            Some(path) => Ok(path.clone()),
            None => keep(&folder.join(name), bytes),
        };
        let portrait = place(&args.avatar, "portrait.png", PORTRAIT)?;
        let recording = place(&args.audio, "speech.flac", SPEECH)?;
        let speech = folder.join("speech.wav");
        let mut command = tool::ffmpeg();
        command.args(["-stream_loop", "-1", "-i"]).arg(recording);
        command
            .args(["-t", &args.seconds.to_string(), "-ac", "1", "-ar", "48000"])
            .arg(&speech);
        tool::run(&mut command, stop)?;
        Ok(Self { folder, portrait, speech })
    }

    /// A soft picture of the canvas's size, as a user's background would be.
    fn background(&self, width: u32, height: u32, stop: &Stop) -> Result<PathBuf> {
        let path = self.folder.join(format!("background-{width}x{height}.png"));
        let source = format!("gradients=size={width}x{height}:c0=0x24364a:c1=0xc8b89a:x0=0:y0=0:x1={width}:y1={height}:seed=1");
        let mut command = tool::ffmpeg();
        command.args(["-f", "lavfi", "-i", &source, "-frames:v", "1"]).arg(&path);
        tool::run(&mut command, stop)?;
        Ok(path)
    }

    fn measure(&self, way: Way, width: u32, height: u32, background: &Path, stop: &Stop) -> Result<Run> {
        let output = self.folder.join("out.mp4");
        let mut command = match way {
            Way::MouthpieceBand => self.render("band", width, height, background, &output)?,
            Way::MouthpieceTile => self.render("tile", width, height, background, &output)?,
            Way::MouthpiecePlain => self.render("plain", width, height, background, &output)?,
            Way::FfmpegVeryfast => self.overlay(height, background, "veryfast", &output),
            Way::FfmpegUltrafast => self.overlay(height, background, "ultrafast", &output),
        };
        let (cost, printed) = tool::run(&mut command, stop)?;
        Ok(Run {
            cost,
            size: std::fs::metadata(&output).map_or(0, |m| m.len()),
            told: printed.lines().last().and_then(|line| serde_json::from_str(line).ok()),
        })
    }

    fn render(&self, encode: &str, width: u32, height: u32, background: &Path, output: &Path) -> Result<Command> {
        let mut command = tool::ourselves()?;
        command.args([
            "render",
            "--quiet",
            "--json",
            "--size",
            &format!("{width}x{height}"),
            "--encode",
            encode,
        ]);
        command.arg("--avatar").arg(&self.portrait).arg("--audio").arg(&self.speech);
        command.arg("--background").arg(background).arg("--output").arg(output);
        Ok(command)
    }

    /// What somebody would type who wants the picture over the background with the sound, and no lips.
    fn overlay(&self, height: u32, background: &Path, preset: &str, output: &Path) -> Command {
        let mut command = tool::ffmpeg();
        for picture in [background, &self.portrait] {
            command.args(["-loop", "1", "-framerate", "25", "-i"]).arg(picture);
        }
        let filter = format!("[1:v]scale=-2:{height}[face];[0:v][face]overlay=(W-w)/2:(H-h)/2:shortest=1,format=yuv420p[v]");
        command
            .arg("-i")
            .arg(&self.speech)
            .args(["-filter_complex", &filter, "-map", "[v]", "-map", "2:a"]);
        command
            .args(["-c:v", "libx264", "-preset", preset, "-c:a", "aac", "-shortest"])
            .arg(output);
        command
    }
}

fn keep(path: &Path, bytes: &[u8]) -> Result<PathBuf> {
    std::fs::write(path, bytes).map_err(|e| Error::new(Kind::DiskFull, format!("{} cannot be written", path.display())).because(e))?;
    Ok(path.to_owned())
}
