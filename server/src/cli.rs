//! The command line: one file a command.

mod account;
mod avatar;
mod bench;
mod config;
mod doctor;
mod inspect;
mod join;
mod outcome;
mod progress;
mod render;
mod scene_file;
mod serve;
mod settings;
mod speak;
mod stop;
mod tool;
mod usage;
mod voice;
mod work;

use clap::{Parser, Subcommand};

/// A face says your words: a portrait and a recording become a video, here or as a service.
#[derive(Parser)]
#[command(version, after_help = outcome::EXIT_STATUSES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Args),
    Work(work::Args),
    Account(account::Args),
    Config(config::Args),
    Render(Box<render::Args>),
    Join(join::Args),
    Speak(Box<speak::Args>),
    Voice(voice::Args),
    Avatar(avatar::Args),
    Inspect(inspect::Args),
    Bench(bench::Args),
    Doctor(doctor::Args),
}

/// Runs the command that the program was called with.
pub fn main() -> std::process::ExitCode {
    outcome::guarded(|| match Cli::try_parse()?.command {
        Command::Serve(args) => serve::run(&args),
        Command::Work(args) => work::run(&args),
        Command::Account(args) => account::run(args),
        Command::Config(args) => config::run(&args),
        Command::Render(args) => Ok(render::run(*args)?),
        Command::Join(args) => Ok(join::run(&args)?),
        Command::Speak(args) => Ok(speak::run(&args)?),
        Command::Voice(args) => Ok(voice::run(args)?),
        Command::Avatar(args) => Ok(avatar::run(args)?),
        Command::Inspect(args) => Ok(inspect::run(args)?),
        Command::Bench(args) => Ok(bench::run(args)?),
        Command::Doctor(args) => Ok(doctor::run(args)?),
    })
}
