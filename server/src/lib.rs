//! Everything durable, and the network: the service behind `mouthpiece serve`, and the command line.

pub mod account;
pub mod api;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod gate;
pub mod id;
pub mod job;
pub mod problem;
pub mod queue;
pub mod service;
pub mod spec;
pub mod stock;
pub mod store;
pub mod telemetry;
pub mod token;
pub mod wake;
pub mod webhook;
