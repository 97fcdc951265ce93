//! Mouth track and avatar to pixels.
