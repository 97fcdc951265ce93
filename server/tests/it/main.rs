//! The program as its users run it: a command line and files go in; files, sentences and an exit status come out.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, prints what it measured, and starts the program itself"
)]

mod avatar;
mod bench;
mod captions;
mod doctor;
mod encoder;
mod footage;
mod inspect;
mod output;
mod pictures;
mod pieces;
mod pull;
mod recording;
mod scene;
mod signal;
mod speech;
mod studio;
mod video;
mod voice;
