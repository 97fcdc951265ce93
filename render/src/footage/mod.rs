//! A video as the avatar: who speaks in it, and where the face is in every frame.

pub mod survey;
