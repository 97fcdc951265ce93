//! How a command ends: its last words, for people or machines, and its exit status.

use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::Once;

use mouthpiece_render::error::{Error, Fault, Kind};
use serde_json::{Value, json};

use crate::problem::{Code, Problem};

pub const EXIT_STATUSES: &str = "\
Exit status:
  0    done
  2    something is wrong with the command line or with a file: change it and try again
  3    something is wrong with the machine: a missing program, a full disk, a folder that cannot be written
  4    a fault of ours: please report it
  130  stopped by Ctrl-C or SIGTERM";

/// Why a command ended early.
pub enum Stopped {
    Failed(Error),
    /// Help and version end here too.
    Usage(clap::Error),
    /// The service, its data or its port.
    Unserved {
        message: String,
        fault: Fault,
    },
}

impl From<Problem> for Stopped {
    fn from(problem: Problem) -> Self {
        match problem.code {
            // Who runs the service may know the cause, unlike its clients.
            Code::Internal => Self::Unserved {
                message: format!(
                    "the service's data: {}",
                    problem.source.as_deref().map_or_else(String::new, ToString::to_string)
                ),
                fault: Fault::Machine,
            },
            _ => Self::Unserved {
                // The words of the wire say nothing here.
                message: problem.message.trim_start_matches("parameter validate error: ").to_owned(),
                fault: Fault::Input,
            },
        }
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<clap::Error> for Stopped {
    fn from(error: clap::Error) -> Self {
        Self::Usage(error)
    }
}

/// Runs a command to its exit status; a panic is told as what it is, a fault of ours.
///
/// The stack unwinds, so that temporary files and child processes end with it.
pub fn guarded(command: impl FnOnce() -> Result<ExitCode, Stopped>) -> ExitCode {
    hook_panics();
    // The command line may be what is wrong with it, hence no parsing here.
    let json = std::env::args_os().any(|a| a == "--json");
    match panic::catch_unwind(AssertUnwindSafe(command)) {
        Ok(Ok(code)) => code,
        Ok(Err(Stopped::Failed(error))) => failed(&error, json),
        Ok(Err(Stopped::Usage(error))) => misused(&error, json),
        Ok(Err(Stopped::Unserved { message, fault })) => unserved(&message, fault, json),
        Err(_) => {
            let error = Error::new(Kind::Internal, "Mouthpiece broke down; this is a fault of ours");
            if json {
                say(&failure(&error));
            }
            ExitCode::from(status(error.fault()))
        }
    }
}

/// Prints a line on standard output; a reader that has gone away is no reason to fail.
pub fn say(line: &impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Prints a line on standard error.
pub fn tell(line: &impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

fn status(fault: Fault) -> u8 {
    match fault {
        Fault::Input => 2,
        Fault::Machine => 3,
        Fault::Ours => 4,
        Fault::Nobody => 130,
    }
}

fn failed(error: &Error, json: bool) -> ExitCode {
    if json {
        say(&failure(error));
    } else if error.kind == Kind::Cancelled {
        tell(&"stopped; no unfinished file is left");
    } else {
        tell(&format_args!("error: {error}"));
        if let Some(help) = help(error.kind) {
            tell(&format_args!("help: {help}"));
        }
    }
    ExitCode::from(status(error.fault()))
}

fn failure(error: &Error) -> Value {
    json!({"ok": false, "error": {
        "kind": error.kind, "message": error.message, "fault": error.fault(), "retry": error.retry(), "help": help(error.kind),
    }})
}

fn unserved(message: &str, fault: Fault, json: bool) -> ExitCode {
    if json {
        say(&json!({"ok": false, "error": {"kind": "service", "message": message, "fault": fault, "retry": false, "help": null}}));
    } else {
        tell(&format_args!("error: {message}"));
    }
    ExitCode::from(status(fault))
}

fn misused(error: &clap::Error, json: bool) -> ExitCode {
    if json && error.use_stderr() {
        let message = error.to_string();
        let first = message.lines().next().unwrap_or_default().trim_start_matches("error: ");
        say(&json!({"ok": false, "error": {"kind": "usage", "message": first, "fault": Fault::Input, "retry": false, "help": null}}));
    } else {
        // Nothing can be done about a closed terminal.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// What to do, where the message itself cannot know it.
fn help(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        // Which one, and how it is installed, stands in the message.
        Kind::ToolMissing => "`mouthpiece doctor` looks for what renders need, and tells how to install it",
        Kind::ToolFailed => "`mouthpiece doctor` checks the programs and the memory that are needed",
        Kind::VoiceUnknown => "`mouthpiece voice list` shows who can speak here",
        Kind::LanguageUnsupported => "`mouthpiece voice list` shows the languages that are spoken here",
        Kind::EngineFailed => "`mouthpiece config` shows the servers that voices come from",
        Kind::DiskFull => "free some space, or write to another disk with -o",
        Kind::OutputUnwritable => "choose another place with -o, or make its folder writable",
        Kind::NoFace | Kind::FaceTooSmall | Kind::FaceTurned | Kind::FaceCovered => {
            "`mouthpiece inspect PHOTO --overlay seen.png` draws what was seen"
        }
        Kind::Internal => "please report this, with the command and what RUST_BACKTRACE=1 adds to it",
        _ => return None,
    })
}

/// Says once whose fault a panic is; the technical part only for those who ask for it.
fn hook_panics() {
    static SAID: Once = Once::new();
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        SAID.call_once(|| {
            tell(&"error: Mouthpiece broke down; this is a fault of ours, not of your files");
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            tell(&format_args!(
                "help: please report it with this place ({place}); RUST_BACKTRACE=1 shows more"
            ));
        });
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|v| v != "0") {
            default(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_follow_the_fault() {
        for (kind, expected) in [
            (Kind::SceneInvalid, 2),
            (Kind::NoFace, 2),
            (Kind::ToolMissing, 3),
            (Kind::DiskFull, 3),
            (Kind::Internal, 4),
            (Kind::Cancelled, 130),
        ] {
            assert_eq!(status(Error::new(kind, "x").fault()), expected, "{kind:?}");
        }
    }

    #[test]
    fn machines_get_kind_message_fault_and_retry() {
        let told = failure(&Error::new(Kind::DiskFull, "the disk is full").because("secret path"));
        assert_eq!(told["error"]["kind"], "disk_full");
        assert_eq!(told["error"]["fault"], "machine");
        assert_eq!(told["error"]["retry"], true);
        assert!(!told.to_string().contains("secret"));
    }
}
