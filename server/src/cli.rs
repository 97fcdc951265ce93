//! The command line: one file a command.

mod bench;
mod doctor;
mod inspect;
mod outcome;
mod progress;
mod render;
mod scene_file;
mod stop;
mod tool;
mod usage;

use clap::{Parser, Subcommand};

/// A photo speaks: a portrait and a recording become a video in which that face says those words.
#[derive(Parser)]
#[command(version, after_help = outcome::EXIT_STATUSES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Render(Box<render::Args>),
    Inspect(inspect::Args),
    Bench(bench::Args),
    Doctor(doctor::Args),
}

/// Runs the command that the program was called with.
pub fn main() -> std::process::ExitCode {
    outcome::guarded(|| match Cli::try_parse()?.command {
        Command::Render(args) => Ok(render::run(*args)?),
        Command::Inspect(args) => Ok(inspect::run(args)?),
        Command::Bench(args) => Ok(bench::run(args)?),
        Command::Doctor(args) => Ok(doctor::run(args)?),
    })
}
