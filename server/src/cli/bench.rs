//! `mouthpiece bench`: what a render costs on this machine, on each of its paths, beside what others would type for the same still picture.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mouthpiece_render::error::{Error, Kind, Result};
use serde_json::{Value, json};

use crate::cli::outcome::{self, say, tell};
use crate::cli::stop::Stop;
use crate::cli::tool::{self, Cost};

mod memory;
mod table;
mod way;

use table::{Comparison, Growth, Side};
use way::{Stage, Take, Way};

/// Time a render and its stages, beside ffmpeg and MoviePy showing the same still picture with the same sound.
///
/// The runs take turns, so that a busy machine is unfair to none; the median counts. Memory is that of a program and all that it calls, at
/// one time.
#[derive(clap::Args)]
#[command(after_help = outcome::EXIT_STATUSES)]
pub struct Args {
    /// Length of the speech in seconds; the recording repeats or ends there
    #[arg(long, value_name = "N", default_value_t = 10.0)]
    seconds: f64,
    /// Sizes of the video: 720p, 1080p, 4k
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "1080p,4k", value_parser = size)]
    sizes: Vec<(u32, u32)>,
    /// What is compared, the first with all others [default: all that there is]
    #[arg(long, value_enum, value_name = "LIST", value_delimiter = ',')]
    ways: Vec<Way>,
    /// Also how the cost grows: lengths in seconds, such as 10,60,600,3600, in the first of the sizes
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    lengths: Vec<f64>,
    /// Also how many renders side by side cost: such as 1,2, in the first of the sizes
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Vec<u16>,
    /// How often each is run
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=99))]
    rounds: u16,
    /// Another portrait than the contained one
    #[arg(long, value_name = "FILE")]
    avatar: Option<PathBuf>,
    /// The video whose person speaks in the row `footage`; if missing, one in which the portrait speaks is made first
    #[arg(long, value_name = "FILE")]
    clip: Option<PathBuf>,
    /// Another recording than the contained one
    #[arg(long, value_name = "FILE")]
    audio: Option<PathBuf>,
    /// The Python that has MoviePy 2 (`pip install moviepy`) [default: python3, if it has it]
    #[arg(long, value_name = "PYTHON")]
    moviepy: Option<PathBuf>,
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
    let invalid = |message: &str| Err(Error::new(Kind::SceneInvalid, message));
    if !(args.seconds >= 1.0 && args.seconds <= 600.0) {
        return invalid("--seconds must be from 1 to 600");
    }
    if !args.lengths.iter().all(|seconds| (1.0..=3600.0).contains(seconds)) {
        return invalid("--lengths must each be from 1 to 3600");
    }
    let stop = Stop::on_signals()?;
    let folder = tempfile::tempdir().map_err(|e| Error::new(Kind::OutputUnwritable, "no temporary folder can be made").because(e))?;
    let python = args.moviepy.as_deref().unwrap_or(Path::new("python3"));
    let mut stage = Stage::new(args.avatar.as_deref(), args.audio.as_deref(), python, folder.path(), &stop)?;
    let (ways, left_out) = ways(&args, &stage)?;
    if ways.contains(&Way::MouthpieceFootage) {
        stage.film(args.clip.as_deref())?;
    }
    let bench = Bench {
        folder: folder.path(),
        stage,
        stop: &stop,
        rounds: args.rounds,
    };
    let compared = bench.compare(&ways, &args.sizes, args.seconds)?;
    let (first, size) = (ways.first().copied().unwrap_or(Way::MouthpieceBand), args.sizes[0]);
    let growth = bench.grow(first, size, &args.lengths)?;
    let sides = bench.side_by_side(first, size, args.seconds, &args.jobs)?;
    let found = Found {
        compared,
        growth,
        sides,
        left_out,
    };
    found.report(&args);
    Ok(ExitCode::SUCCESS)
}

/// What is compared, and a sentence about what cannot be.
fn ways(args: &Args, stage: &Stage) -> Result<(Vec<Way>, Option<String>)> {
    let mut ways = args.ways.clone();
    if ways.is_empty() {
        ways = <Way as clap::ValueEnum>::value_variants().to_vec();
    }
    if !ways.iter().any(|way| way.is_moviepy()) || stage.moviepy().is_some() {
        return Ok((ways, None));
    }
    let lacks = |python: &str| format!("{python} has no MoviePy 2: install it with `{python} -m pip install moviepy`");
    if let Some(python) = &args.moviepy {
        return Err(Error::new(Kind::ToolMissing, lacks(&python.to_string_lossy())));
    }
    ways.retain(|way| !way.is_moviepy());
    if ways.is_empty() {
        return Err(Error::new(Kind::ToolMissing, lacks("python3")));
    }
    let told = format!("MoviePy is left out: {}, or name another Python with --moviepy", lacks("python3"));
    Ok((ways, Some(told)))
}

/// Everything that was found out.
struct Found {
    compared: Vec<Comparison>,
    growth: Option<Growth>,
    sides: Option<Side>,
    left_out: Option<String>,
}

impl Found {
    fn report(&self, args: &Args) {
        let Self {
            compared,
            growth,
            sides,
            left_out,
        } = self;
        if args.json {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            say(&json!({
                "ok": true, "cores": cores, "seconds": args.seconds, "rounds": args.rounds, "sizes": compared, "lengths": growth,
                "jobs": sides, "left_out": left_out,
            }));
            return;
        }
        for comparison in compared {
            say(&comparison.text(args.seconds, args.rounds));
        }
        for text in [growth.as_ref().map(Growth::text), sides.as_ref().map(Side::text), left_out.clone()] {
            text.iter().for_each(say);
        }
    }
}

/// One run, or several side by side.
struct Run {
    cost: Cost,
    /// All programs at one time.
    peak_bytes: u64,
    /// Bytes of the video.
    size: u64,
    /// Seconds by stage; ours only.
    told: Option<Value>,
}

struct Bench<'a> {
    folder: &'a Path,
    stage: Stage<'a>,
    stop: &'a Stop,
    rounds: u16,
}

impl Bench<'_> {
    fn compare(&self, ways: &[Way], sizes: &[(u32, u32)], seconds: f64) -> Result<Vec<Comparison>> {
        let mut compared = Vec::new();
        for &size in sizes {
            let mut runs = Vec::new();
            for round in 1..=self.rounds {
                for &way in ways {
                    tell(&format_args!(
                        "{}x{}, round {round} of {}: {}",
                        size.0,
                        size.1,
                        self.rounds,
                        way.name()
                    ));
                    runs.push((way, self.measure(way, Take { size, seconds }, 1)?));
                }
            }
            compared.push(Comparison::of(size, ways, &runs));
        }
        Ok(compared)
    }

    fn grow(&self, way: Way, size: (u32, u32), lengths: &[f64]) -> Result<Option<Growth>> {
        let mut runs = Vec::new();
        for round in 1..=self.rounds {
            for &seconds in lengths {
                tell(&format_args!("{seconds} s, round {round} of {}: {}", self.rounds, way.name()));
                runs.push((seconds, self.measure(way, Take { size, seconds }, 1)?));
            }
        }
        Ok((!runs.is_empty()).then(|| Growth::of(way, size, lengths, &runs)))
    }

    fn side_by_side(&self, way: Way, size: (u32, u32), seconds: f64, jobs: &[u16]) -> Result<Option<Side>> {
        let mut runs = Vec::new();
        for round in 1..=self.rounds {
            for &count in jobs {
                tell(&format_args!(
                    "{count} side by side, round {round} of {}: {}",
                    self.rounds,
                    way.name()
                ));
                runs.push((count, self.measure(way, Take { size, seconds }, count)?));
            }
        }
        Ok((!runs.is_empty()).then(|| Side::of(way, size, seconds, jobs, &runs)))
    }

    /// Runs so many at the same time.
    fn measure(&self, way: Way, take: Take, count: u16) -> Result<Run> {
        let outputs: Vec<PathBuf> = (0..count).map(|n| self.folder.join(format!("out-{n}.mp4"))).collect();
        let commands = outputs.iter().map(|output| self.stage.command(way, take, output));
        let mut commands = commands.collect::<Result<Vec<_>>>()?;
        let begun = Instant::now();
        let (ran, peak_bytes) = memory::watched(|| {
            std::thread::scope(|scope| {
                let all: Vec<_> = commands
                    .iter_mut()
                    .map(|command| scope.spawn(|| tool::run(command, self.stop)))
                    .collect();
                let lost = |_| Err(Error::new(Kind::Internal, "a thread failed"));
                all.into_iter()
                    .map(|one| one.join().unwrap_or_else(lost))
                    .collect::<Result<Vec<_>>>()
            })
        });
        let (wall, ran) = (begun.elapsed(), ran?);
        let largest = ran.iter().map(|(cost, _)| cost.peak_bytes).max().unwrap_or(0);
        let told = ran.first().and_then(|(_, printed)| printed.lines().last());
        Ok(Run {
            cost: Cost {
                wall,
                cpu: ran.iter().map(|(cost, _)| cost.cpu).sum::<Duration>(),
                peak_bytes: largest,
            },
            // A short one may not have been looked at.
            peak_bytes: peak_bytes.max(largest),
            size: outputs.first().map_or(0, |output| std::fs::metadata(output).map_or(0, |m| m.len())),
            told: told.and_then(|line| serde_json::from_str(line).ok()),
        })
    }
}

fn keep(path: &Path, bytes: &[u8]) -> Result<PathBuf> {
    std::fs::write(path, bytes).map_err(|e| Error::new(Kind::DiskFull, format!("{} cannot be written", path.display())).because(e))?;
    Ok(path.to_owned())
}
