//! `mouthpiece doctor`: whether this machine has what is needed, and how to mend what is missing.

use std::process::ExitCode;

use mouthpiece_render::error::Error;
use mouthpiece_render::media::tools::{self, H264Encoder, Report};
use mouthpiece_render::{Models, RuntimeChoice};
use nix::sys::statvfs::statvfs;
use serde::Serialize;
use serde_json::json;

use crate::cli::outcome::{self, say};
use crate::cli::render::runtime;
use crate::cli::usage::{kilobytes, readable};
use crate::fetch::{Fetcher, Limits, NetPolicy, Resolver};

/// A 4K minute and its parts fit in this, in bytes.
const DISK: u64 = 1_000_000_000;
/// A 4K render fits in this, in bytes.
const MEMORY: u64 = 1_000_000_000;
const INSTALL: &str = "apt-get install ffmpeg (Debian), or point MOUTHPIECE_FFMPEG at a build with aac, best with libx264";

/// Check the programs, the disk and the memory that renders need, and what the service needs beside them.
#[derive(clap::Args)]
#[command(after_help = outcome::EXIT_STATUSES)]
pub struct Args {
    /// What runs the nets: rten (built in), onnxruntime, or onnxruntime=LIBRARY
    #[arg(long, value_name = "RUNTIME", default_value = "rten", value_parser = runtime)]
    runtime: RuntimeChoice,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// One thing that was looked at.
#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    /// What was found.
    found: String,
    /// What to do about it.
    mend: Option<String>,
}

impl Check {
    fn new(name: &'static str, ok: bool, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            name,
            ok,
            found: found.into(),
            mend: (!ok).then(|| mend.into()),
        }
    }
}

pub fn run(args: Args) -> Result<ExitCode, Error> {
    let mut checks = programs();
    checks.extend([disk(), memory(), cores(), nets(&args.runtime), certificates()]);
    let ok = checks.iter().all(|c| c.ok);
    if args.json {
        say(&json!({"ok": ok, "checks": checks}));
    } else {
        checks.iter().for_each(print);
    }
    Ok(ExitCode::from(if ok { 0 } else { 3 }))
}

fn print(check: &Check) {
    let word = if check.ok { "ok" } else { "missing" };
    say(&format_args!("{word:<8} {:<8} {}", check.name, check.found));
    if let Some(mend) = &check.mend {
        say(&format_args!("{:<17} mend it: {mend}", ""));
    }
}

fn programs() -> Vec<Check> {
    match tools::check() {
        Ok(report) => {
            let ffmpeg = Check::new("ffmpeg", true, format!("version {}", report.version), "");
            let aac = if report.aac { "can be encoded" } else { "cannot be encoded" };
            vec![ffmpeg, h264(&report), Check::new("aac", report.aac, aac, INSTALL)]
        }
        Err(e) => vec![Check::new("ffmpeg", false, e.message, INSTALL)],
    }
}

/// What encodes the pictures. Where ffmpeg has no x264, that is no want.
fn h264(report: &Report) -> Check {
    let found = match (report.h264, report.libx264) {
        (H264Encoder::X264, true) => "by x264, out of ffmpeg",
        (H264Encoder::X264, false) => "by x264, which MOUTHPIECE_H264 asks for and ffmpeg has not",
        (H264Encoder::OpenH264, false) => "by OpenH264, built in; an ffmpeg with libx264 is faster",
        (H264Encoder::OpenH264, true) => "by OpenH264, built in, which MOUTHPIECE_H264 asks for",
    };
    let ok = report.libx264 || report.h264 == H264Encoder::OpenH264;
    Check::new("h264", ok, found, format!("{INSTALL}; or unset MOUTHPIECE_H264"))
}

fn disk() -> Check {
    let free = statvfs(".").map_or(0, |s| s.blocks_available() * s.fragment_size());
    let mend = "free some space: a video is written beside its place before it appears there";
    Check::new("disk", free >= DISK, format!("{} free in this folder", readable(free)), mend)
}

fn memory() -> Check {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let available = kilobytes(&text, "MemAvailable:").unwrap_or(0);
    let mend = "close other programs: a 4K render takes up to 900 MB";
    Check::new("memory", available >= MEMORY, format!("{} available", readable(available)), mend)
}

fn cores() -> Check {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Check::new("cores", true, format!("{cores} for this program"), "")
}

/// What the service needs to fetch by https.
fn certificates() -> Check {
    let (ok, found) = match Fetcher::new(NetPolicy::default(), Limits::default(), Resolver::System) {
        Ok(_) => (true, "of the system are there: https works".to_owned()),
        Err(e) => (false, e.to_string()),
    };
    Check::new("roots", ok, found, "apt-get install ca-certificates (Debian)")
}

fn nets(runtime: &RuntimeChoice) -> Check {
    let name = match runtime {
        RuntimeChoice::Rten => "rten, built in".to_owned(),
        RuntimeChoice::OnnxRuntime { library: None } => "ONNX Runtime, where the system has it".to_owned(),
        RuntimeChoice::OnnxRuntime { library: Some(library) } => format!("ONNX Runtime, {}", library.display()),
    };
    match Models::new(runtime).and_then(|models| models.check()) {
        Ok(()) => Check::new("nets", true, format!("run on {name}"), ""),
        Err(e) => Check::new(
            "nets",
            false,
            format!("do not run on {name}: {e}"),
            "use --runtime rten, or name the library",
        ),
    }
}
