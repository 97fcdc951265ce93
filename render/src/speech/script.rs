//! What is to be said: text, with or without SSML, valid by construction.

mod ssml;
mod tag;
#[cfg(test)]
mod tests;

use std::fmt::Display;

use super::Manner;
use crate::error::{Error, Kind, Result};

/// A text that can be spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    parts: Vec<Part>,
    characters: usize,
}

/// A stretch of a script.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Text {
        /// As written.
        text: String,
        said: Said,
        /// Beside the caller's own.
        manner: Manner,
    },
    /// Silence, in seconds.
    Break(f64),
}

/// How a stretch is said, where it is not simply read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    Read,
    /// Other words in its place.
    Alias(String),
    Phonemes {
        phonemes: String,
        /// Kokoro's alphabet instead of IPA.
        kokoro: bool,
    },
    As(SayAs),
}

/// `interpret-as`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SayAs {
    /// Each letter, digit and sign by its name.
    Characters,
    Cardinal,
    Ordinal,
    Digits,
    Fraction,
    Date(DateOrder),
    Time,
    Telephone,
    Unit,
    Currency,
    /// Not at all: a short silence in its place.
    Expletive,
}

/// The order of a date's numbers; `Usual` is the language's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateOrder {
    Usual,
    DayFirst,
    MonthFirst,
    YearFirst,
}

impl Script {
    /// Most characters, markup apart.
    pub const MAX_CHARACTERS: usize = 50_000;

    /// A text without markup: `<` and `&` are signs like others.
    ///
    /// `TextInvalid`: empty, too long, with control characters, or without a single letter or digit.
    pub fn plain(text: &str) -> Result<Self> {
        bounded(text, Self::MAX_CHARACTERS)?;
        Self::of(vec![Part::Text {
            text: text.into(),
            said: Said::Read,
            manner: Manner::default(),
        }])
    }

    /// A text in which SSML's `break`, `prosody`, `phoneme`, `say-as` and `sub` count, in `speak` or without it.
    ///
    /// A `<` is markup where a letter, `/`, `!` or `?` follows it directly and a `>` comes before the next `<`; elsewhere it is itself, as in
    /// "5 < 6". `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;` and numbered entities are read; any other `&` is itself.
    ///
    /// `TextInvalid`: as of [`Script::plain`]; other elements, attributes and values, and tags that do not pair, with name and place.
    pub fn parse(text: &str) -> Result<Self> {
        bounded(text, ssml::MOST_CHARACTERS)?;
        Self::of(ssml::parse(text)?)
    }

    /// What is charged: characters of the text, markup apart.
    pub fn characters(&self) -> usize {
        self.characters
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    fn of(parts: Vec<Part>) -> Result<Self> {
        let mut characters = 0;
        let mut speakable = false;
        for part in &parts {
            let Part::Text { text, said, .. } = part else { continue };
            characters += text.chars().count();
            if let Some((at, c)) = text
                .chars()
                .enumerate()
                .find(|(_, c)| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
            {
                return Err(invalid(format_args!(
                    "the text has the control character U+{:04X} at character {}; take it out",
                    u32::from(c),
                    at + 1
                )));
            }
            speakable |= match said {
                Said::Alias(alias) => alias.chars().any(char::is_alphanumeric),
                Said::Phonemes { .. } => true,
                _ => text.chars().any(char::is_alphanumeric),
            };
        }
        if characters > Self::MAX_CHARACTERS {
            return Err(too_long(characters, Self::MAX_CHARACTERS));
        }
        if !speakable {
            return Err(invalid("the text has nothing that can be spoken: give words or numbers"));
        }
        Ok(Self { parts, characters })
    }
}

fn bounded(text: &str, most: usize) -> Result<()> {
    if text.trim().is_empty() {
        return Err(invalid("the text is empty: give words to say"));
    }
    // Bytes first, so that a huge text costs nothing.
    let characters = if text.len() > 4 * most {
        text.len() / 4
    } else {
        text.chars().count()
    };
    if characters > most {
        Err(too_long(text.chars().count(), most))
    } else {
        Ok(())
    }
}

fn too_long(characters: usize, most: usize) -> Error {
    invalid(format_args!(
        "the text has {characters} characters, more than {most}: shorten it, or speak it in parts"
    ))
}

pub(crate) fn invalid(message: impl Display) -> Error {
    Error::new(Kind::TextInvalid, message.to_string())
}
