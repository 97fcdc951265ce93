//! `mouthpiece avatar`: a clip is prepared once, and speaks as often as you like.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Subcommand;
use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::model::RuntimeChoice;
use mouthpiece_render::{FootageReport, Lost, Models, PackCache, PackFacts, Shape, Why};
use serde_json::{Value, json};

use crate::cli::outcome::{self, say};
use crate::cli::progress::{Meter, Show};
use crate::cli::render::runtime;
use crate::cli::stop::Stop;
use crate::cli::usage::readable;

/// Most bytes of packs that are kept for later renders.
const CACHE: u64 = 8 << 30;

/// Prepared avatars.
#[derive(clap::Args)]
#[command(after_help = outcome::EXIT_STATUSES)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Build(Build),
}

/// Prepare a video of a person who talks to the camera, best about a minute, and say how good it is.
///
/// Renders then draw from the prepared avatar alone and begin at once. A second build of the same video is free.
#[derive(clap::Args)]
struct Build {
    /// Video (mp4, mov, avi, webm, mkv, mpg), up to 4K and five minutes
    clip: PathBuf,
    /// The prepared avatar to write (NAME.avatar); replaced if it is there
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Threads that follow the face [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// What runs the nets: rten (built in), onnxruntime, or onnxruntime=LIBRARY
    #[arg(long, value_name = "RUNTIME", default_value = "rten", value_parser = runtime)]
    runtime: RuntimeChoice,
    /// Progress and result as JSON, one object a line
    #[arg(long)]
    json: bool,
    /// No progress and no last lines
    #[arg(long, short)]
    quiet: bool,
}

pub fn run(args: Args) -> Result<ExitCode> {
    match args.what {
        What::Build(args) => build(&args),
    }
}

fn build(args: &Build) -> Result<ExitCode> {
    let stop = Stop::on_signals()?;
    let begun = Instant::now();
    if args
        .clip
        .canonicalize()
        .is_ok_and(|clip| args.output.canonicalize().is_ok_and(|output| output == clip))
    {
        let message = format!(
            "{} is the video itself and would be overwritten; choose another output",
            args.output.display()
        );
        return Err(Error::new(Kind::OutputUnwritable, message));
    }
    let show = Show::of(args.quiet, args.json);
    let mut meter = Meter::new(show, stop);
    let threads = args.threads.map_or_else(crate::cli::render::cores, usize::from);
    let models = Models::new(&args.runtime)?;
    let built = mouthpiece_render::prepare(&args.clip, &args.output, cache().as_ref(), &models, threads, &mut meter);
    let (facts, fresh) = built.map_err(|e| match e.kind {
        Kind::OutputUnwritable | Kind::DiskFull | Kind::Cancelled => e,
        _ => e.about(&args.clip.display().to_string()),
    })?;
    drop(meter);
    let bytes = std::fs::metadata(&args.output).map_or(0, |m| m.len());
    let wall = begun.elapsed().as_secs_f64();
    if args.json {
        let mut told = told(&args.output, bytes, &facts);
        told["built"] = json!(fresh);
        told["wall_seconds"] = json!(wall);
        say(&told);
    } else if !args.quiet {
        lines(&args.output, bytes, &facts).iter().for_each(say);
        say(&match fresh {
            true => format!("built in {wall:.1} s"),
            false => "it was built before from the same video".to_owned(),
        });
    }
    Ok(ExitCode::SUCCESS)
}

/// Where this program keeps the packs of videos that are rendered: `MOUTHPIECE_CACHE`, else the user's own cache. Nowhere if there is none,
/// or if the variable is empty.
pub fn cache() -> Option<PackCache> {
    let folder = match std::env::var_os("MOUTHPIECE_CACHE") {
        Some(folder) if folder.is_empty() => return None,
        Some(folder) => PathBuf::from(folder),
        None => {
            let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
            set("XDG_CACHE_HOME")
                .or_else(|| set("HOME").map(|home| home.join(".cache")))?
                .join("mouthpiece")
        }
    };
    Some(PackCache {
        folder: folder.join("avatars"),
        bytes: CACHE,
    })
}

/// What is told of a pack, for machines.
pub fn told(file: &Path, bytes: u64, facts: &PackFacts) -> Value {
    let PackFacts {
        width,
        height,
        fps,
        frames,
        source,
        warnings,
        report,
        ..
    } = facts;
    json!({
        "ok": true, "file": file, "type": "pack", "bytes": bytes, "width": width, "height": height, "fps": fps.as_f64(), "frames": frames,
        "source_sha256": source, "warnings": warnings, "report": report,
    })
}

/// What is told of a pack, for people.
pub fn lines(file: &Path, bytes: u64, facts: &PackFacts) -> Vec<String> {
    let PackFacts { width, height, fps, .. } = facts;
    let FootageReport {
        seconds,
        usable,
        lost,
        shapes,
        missing,
    } = &facts.report;
    let mut lines = vec![format!(
        "{}: a prepared avatar, {seconds:.1} s of {width}x{height} pixels at {} frames a second, {}",
        file.display(),
        Short(fps.as_f64()),
        readable(bytes)
    )];
    lines.push(format!(
        "usable: {usable:.1} s of {seconds:.1} s ({:.0} %)",
        100.0 * usable / seconds.max(f64::MIN_POSITIVE)
    ));
    lines.extend(
        lost.iter()
            .map(|Lost { why, seconds }| format!("  {seconds:.1} s: {}", reason(*why))),
    );
    let shapes: Vec<String> = shapes
        .iter()
        .map(|c| match c.shape {
            Shape::Rest => format!("at rest {:.1} s", c.seconds),
            shape => format!("{} {} times", name(shape), c.times),
        })
        .collect();
    lines.push(format!("the mouth is {}", shapes.join(", ")));
    lines.extend(missing.iter().map(|m| format!("missing: {m}")));
    lines.extend(facts.warnings.iter().map(|w| format!("warning: {w}")));
    lines
}

/// A number without zeros at its end.
struct Short(f64);

impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let text = format!("{:.3}", self.0);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

fn reason(why: Why) -> &'static str {
    match why {
        Why::NoFace => "no face is seen",
        Why::Turned => "the head is turned away",
        Why::Outside => "the face is cut off by the picture's edge",
        Why::Covered => "something is in front of the mouth",
        Why::TooShort => "moments between those, too short to be used",
    }
}

fn name(shape: Shape) -> &'static str {
    match shape {
        Shape::Rest => "at rest",
        Shape::Closed => "closed while speaking",
        Shape::Open => "half open",
        Shape::Wide => "wide open",
        Shape::Spread => "spread",
        Shape::Rounded => "rounded",
    }
}
