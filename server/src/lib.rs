//! The parts of the service that do not belong to one command.

pub mod fetch;
