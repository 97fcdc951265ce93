//! Local: the text as phonemes, until `reading` is merged.

use crate::error::{Error, Kind, Result};

pub struct Script(pub(crate) String);

impl Script {
    pub const MAX_CHARACTERS: usize = 50_000;

    pub fn plain(text: &str) -> Result<Self> {
        if text.trim().is_empty() {
            return Err(Error::new(Kind::TextInvalid, "the text is empty"));
        }
        Ok(Self(text.into()))
    }

    pub fn parse(text: &str) -> Result<Self> {
        Self::plain(text)
    }

    pub fn characters(&self) -> usize {
        self.0.chars().count()
    }
}
