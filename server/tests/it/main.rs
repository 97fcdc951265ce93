//! The program as its users run it: a command line and files go in; files, sentences and an exit status come out.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and starts the program itself"
)]

mod avatar;
mod bench;
mod doctor;
mod inspect;
mod output;
mod pictures;
mod recording;
mod scene;
mod signal;
mod studio;
mod video;
