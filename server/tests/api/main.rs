//! The service as clients meet it: requests go in, answers come out; jobs are ended by hand, and days pass by moving the clock.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod account;
mod audio;
mod avatar;
mod browser;
mod document;
mod file;
mod harness;
mod input;
mod limit;
mod meta;
mod removal;
mod video;
mod voice;
