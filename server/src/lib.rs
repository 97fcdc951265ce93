//! Everything durable, and the network: the service behind `mouthpiece serve`, and the command line.

pub mod account;
pub mod api;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod fetch;
pub mod gate;
pub mod gauge;
pub mod id;
pub mod job;
mod log;
pub mod problem;
pub mod queue;
pub mod retention;
pub mod serve;
pub mod service;
pub mod spec;
pub mod stock;
pub mod store;
pub mod telemetry;
pub mod token;
pub mod voices;
pub mod wake;
pub mod webhook;
pub mod worker;
