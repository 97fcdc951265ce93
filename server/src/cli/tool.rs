//! Programs that a command runs beside the renderer, on files of our own making, and what they cost.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::media::Tools;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use wait4::{ResUse, Wait4};

use crate::cli::stop::Stop;

/// What one run of a program cost, with the programs that it ran itself.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub wall: Duration,
    pub cpu: Duration,
    /// Resident memory of its largest process at its highest.
    pub peak_bytes: u64,
}

/// ffmpeg, quiet but for errors and ready for its inputs.
pub fn ffmpeg() -> Command {
    let mut command = start(Tools::from_env().ffmpeg);
    command.args(["-nostdin", "-hide_banner", "-v", "error", "-y"]);
    command
}

/// This program itself.
pub fn ourselves() -> Result<Command> {
    let program = std::env::current_exe().map_err(|e| Error::new(Kind::Internal, "this program does not find itself").because(e))?;
    Ok(start(program))
}

/// A program that is looked for on the `PATH`.
pub fn program(name: &str) -> Command {
    start(name.into())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the renderer's own way of starting programs is for files from strangers and counts no cost"
)]
fn start(program: PathBuf) -> Command {
    Command::new(program)
}

/// Runs a program to its end and returns its cost and what it printed; its complaints go to our standard error.
///
/// A wish to stop ends it too.
pub fn run(command: &mut Command, stop: &Stop) -> Result<(Cost, String)> {
    run_within(command, stop, Duration::MAX)
}

/// Like [`run`], and a program that takes longer than `most` is ended.
pub fn run_within(command: &mut Command, stop: &Stop, most: Duration) -> Result<(Cost, String)> {
    let name = command.get_program().to_string_lossy().into_owned();
    let missing = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => Error::new(Kind::ToolMissing, format!("{name} is not installed")),
        _ => Error::new(Kind::ToolFailed, format!("{name} cannot be started")).because(e),
    };
    let begun = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(missing)?;
    let (used, printed) = watch(child, stop, most).map_err(|e| Error::new(Kind::ToolFailed, format!("{name} was lost")).because(e))?;
    if stop.requested() {
        return Err(Error::new(Kind::Cancelled, "stopped"));
    }
    if !used.status.success() {
        let failure = format!("{name} failed ({})", used.status);
        return Err(Error::new(Kind::ToolFailed, failure).because(printed));
    }
    let cost = Cost {
        wall: begun.elapsed(),
        cpu: used.rusage.utime + used.rusage.stime,
        peak_bytes: used.rusage.maxrss,
    };
    Ok((cost, printed))
}

/// Waits for a child, and ends it when somebody asks to stop or it takes too long.
fn watch(mut child: Child, stop: &Stop, most: Duration) -> std::io::Result<(ResUse, String)> {
    let id = Pid::from_raw(child.id().cast_signed());
    let output = child.stdout.take();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let (ended, end) = mpsc::channel::<()>();
        scope.spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = end.recv_timeout(Duration::from_millis(100)) {
                if stop.requested() || begun.elapsed() > most {
                    // Once is enough, and it may have ended just now, which is as good.
                    let _ = kill(id, Signal::SIGTERM);
                    break;
                }
            }
        });
        let printed = output.map(std::io::read_to_string).transpose()?.unwrap_or_default();
        let used = child.wait4()?;
        drop(ended);
        Ok((used, printed))
    })
}
