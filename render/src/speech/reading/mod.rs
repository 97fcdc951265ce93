//! Local: sentences of phonemes, until `reading` is merged.

use super::dictionary::Dictionary;
use super::script::Script;
use super::{Language, Manner, Phrase, Word};
use crate::error::Result;
use crate::model::Runtime;

pub struct Readers;

pub enum Piece {
    Phrase { phrase: Phrase, manner: Manner },
    Pause(f64),
}

impl Readers {
    pub fn new(_runtime: &Runtime) -> Self {
        Self
    }

    pub fn supports(&self, language: Language) -> bool {
        language.is_english()
    }

    pub fn read<'a>(&'a self, script: &'a Script, language: Language, _: &'a Dictionary) -> Box<dyn Iterator<Item = Result<Piece>> + 'a> {
        Box::new(
            script
                .0
                .split_inclusive(['.', '?', '!'])
                .filter(|s| !s.trim().is_empty())
                .map(move |sentence| {
                    if let Some(seconds) = sentence.trim().strip_prefix('#') {
                        return Ok(Piece::Pause(f64::from(seconds.len() as u32) * 0.5));
                    }
                    let word = |w: &str| {
                        let (phonemes, pause) = w.split_at(w.find([',', '.', '?', '!', ';']).unwrap_or(w.len()));
                        Word {
                            text: w.into(),
                            spoken: phonemes.into(),
                            phonemes: phonemes.into(),
                            pause: pause.into(),
                        }
                    };
                    Ok(Piece::Phrase {
                        phrase: Phrase {
                            language,
                            words: sentence.split_whitespace().map(word).collect(),
                        },
                        manner: Manner::default(),
                    })
                }),
        )
    }
}
