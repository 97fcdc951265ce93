//! The service as its clients see it: a real server on loopback, a client written from the contract, and files and callbacks of their own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, prints what it measured, and starts programs itself"
)]

mod client;
mod ends;
mod footage;
mod forms;
mod house;
mod kill;
mod media;
mod moving;
mod operator;
mod order;
mod placement;
mod site;
mod speech;
mod ssrf;
mod voices;
mod walk;
