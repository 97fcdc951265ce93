//! Local, until `reading` is merged.
#[derive(Default)]
pub struct Dictionary;
