//! Voices.

pub mod http;
