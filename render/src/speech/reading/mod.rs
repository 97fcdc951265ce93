//! Text to phrases of phonemes.
//!
//! script -> `token` (what stands between spaces) -> `sentence` (where one ends) -> `normal` (numbers, dates and signs as words, in the
//! ways of a `tongue`) -> a [`Phonemizer`] -> `phrase` (words with phonemes, in pieces that a net says in one breath).

mod english;
mod espeak;
mod ipa;
mod normal;
mod phrase;
mod romance;
mod sentence;
#[cfg(test)]
mod tests;
mod token;
mod tongue;

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::script::{Part, invalid};
use super::{Dictionary, Language, Manner, Phrase, Script};
use crate::error::{Error, Kind, Result};
use crate::model::Runtime;
use crate::progress;
use normal::Sentence;
use token::Token;

/// Something to be said, or not.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// At most [`Piece::LONGEST`] signs of the alphabet; `manner` is what markup asks for, beside the caller's own.
    Phrase { phrase: Phrase, manner: Manner },
    /// Silence, in seconds.
    Pause(f64),
}

impl Piece {
    /// Most signs of the alphabet in a phrase.
    pub const LONGEST: usize = 400;
}

/// A part of a sentence, ready for phonemes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sayable {
    /// Letters, with apostrophes and hyphens.
    Word(String),
    /// Capitals to be said by their names, perhaps with `'s`.
    Letters(String),
    /// Phonemes that are known, and the text that they are of.
    Given { text: String, phonemes: String },
    /// A sign of the alphabet at which a voice pauses.
    Pause(char),
}

/// Turns words into phonemes of Kokoro's alphabet.
trait Phonemizer: Send + Sync {
    /// Phonemes of each part of a sentence; none for pauses, and for what cannot be read.
    fn phonemes(&self, sentence: &[Sayable]) -> Result<Vec<String>>;
}

/// Whoever reads a text aloud in any language, loaded when first needed.
pub struct Readers {
    runtime: Runtime,
    espeak: PathBuf,
    loaded: Mutex<Loaded>,
}

#[derive(Default)]
struct Loaded {
    tagger: Option<Arc<english::Tagger>>,
    /// `None` where there is none here.
    phonemizers: HashMap<Language, Option<Arc<dyn Phonemizer>>>,
}

impl Readers {
    pub fn new(runtime: &Runtime) -> Self {
        Self {
            runtime: runtime.clone(),
            espeak: "espeak-ng".into(),
            loaded: Mutex::default(),
        }
    }

    /// With the program espeak-ng at a path instead of its name on the PATH.
    #[must_use]
    pub fn with_espeak(mut self, program: PathBuf) -> Self {
        self.espeak = program;
        self
    }

    /// Whether there is a way to phonemes of this language here.
    pub fn supports(&self, language: Language) -> bool {
        match language {
            Language::Hindi | Language::Japanese | Language::Chinese => self.phonemizer(language).is_ok(),
            _ => true,
        }
    }

    /// Pieces in order, as they are asked for: a long text stays in flat memory.
    ///
    /// `LanguageUnsupported` where this machine has no way to its phonemes; `TextInvalid` if nothing in the text is of its language.
    pub fn read<'a>(
        &'a self,
        script: &'a Script,
        language: Language,
        dictionary: &'a Dictionary,
    ) -> Box<dyn Iterator<Item = Result<Piece>> + 'a> {
        match self.phonemizer(language) {
            Ok(phonemizer) => Box::new(Reading {
                language,
                dictionary,
                phonemizer,
                parts: script.parts(),
                tokens: Vec::new(),
                from: 0,
                manner: Manner::default(),
                pieces: VecDeque::new(),
                early: String::new(),
                spoken: false,
                over: false,
                failure: None,
            }),
            Err(e) => Box::new(std::iter::once(Err(e))),
        }
    }

    fn phonemizer(&self, language: Language) -> Result<Arc<dyn Phonemizer>> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = loaded.phonemizers.get(&language) {
            return known.clone().ok_or_else(|| unsupported(language));
        }
        let phonemizer: Option<Arc<dyn Phonemizer>> = match language {
            Language::AmericanEnglish | Language::BritishEnglish => {
                let tagger = match &loaded.tagger {
                    Some(tagger) => Arc::clone(tagger),
                    None => Arc::clone(loaded.tagger.insert(english::English::tagger()?)),
                };
                let british = language == Language::BritishEnglish;
                Some(Arc::new(english::English::load(&self.runtime, tagger, british)?))
            }
            _ => match romance::Romance::load(language) {
                Some(romance) => Some(Arc::new(romance)),
                None => espeak::Espeak::find(&self.espeak, language).map(|e| Arc::new(e) as Arc<dyn Phonemizer>),
            },
        };
        loaded.phonemizers.insert(language, phonemizer.clone());
        phonemizer.ok_or_else(|| unsupported(language))
    }
}

fn unsupported(language: Language) -> Error {
    Error::new(
        Kind::LanguageUnsupported,
        format!(
            "{} cannot be turned into phonemes here: install the program espeak-ng with its dictionary of the language, and try again",
            language.name()
        ),
    )
}

/// A script being read.
struct Reading<'a> {
    language: Language,
    dictionary: &'a Dictionary,
    phonemizer: Arc<dyn Phonemizer>,
    /// What is still to be read.
    parts: &'a [Part],
    /// Of the stretch being read, and how many of them have been.
    tokens: Vec<Token>,
    from: usize,
    manner: Manner,
    pieces: VecDeque<Piece>,
    /// Written before the first word that is said.
    early: String,
    spoken: bool,
    over: bool,
    failure: Option<Error>,
}

impl Reading<'_> {
    /// Takes the next break, or the text up to the next change of manner.
    fn advance(&mut self) {
        let Some((first, rest)) = self.parts.split_first() else {
            self.over = true;
            return;
        };
        let Part::Text { manner, .. } = first else {
            if let Part::Break(seconds) = first {
                self.pieces.push_back(Piece::Pause(*seconds));
            }
            self.parts = rest;
            return;
        };
        self.manner = *manner;
        let same = |part: &Part| matches!(part, Part::Text { manner, .. } if *manner == self.manner);
        let count = self.parts.iter().position(|p| !same(p)).unwrap_or(self.parts.len());
        let (stretch, rest) = self.parts.split_at(count);
        let texts = stretch.iter().filter_map(|part| match part {
            Part::Text { text, said, .. } => Some((text.as_str(), said)),
            Part::Break(_) => None,
        });
        self.tokens = token::tokens(texts, !self.language.is_english());
        self.from = 0;
        self.parts = rest;
    }

    /// Reads the next sentence of the stretch.
    fn sentence(&mut self) -> Result<()> {
        progress::go_on()?;
        let rest = &self.tokens[self.from..];
        let tongue = tongue::of(self.language);
        let length = sentence::length(rest, tongue);
        let tokens = &rest[..length];
        // A stretch may end within a sentence, where its manner changes.
        let complete = length < rest.len() || self.parts.is_empty();
        let readings = Sentence::new(tokens, tongue, self.language, self.dictionary).say();
        self.from += length;
        let (mut words, silent) = phrase::words(tokens, readings, complete, &*self.phonemizer)?;
        match words.first_mut() {
            Some(first) => first.text = phrase::join(&std::mem::take(&mut self.early), &first.text),
            None => match self.pieces.back_mut() {
                Some(Piece::Phrase { phrase, .. }) => {
                    if let Some(last) = phrase.words.last_mut() {
                        last.text = phrase::join(&last.text, &silent);
                    }
                }
                _ => self.early = phrase::join(&self.early, &silent),
            },
        }
        for words in phrase::cut(words) {
            self.spoken = true;
            let phrase = Phrase {
                language: self.language,
                words,
            };
            self.pieces.push_back(Piece::Phrase {
                phrase,
                manner: self.manner,
            });
        }
        Ok(())
    }
}

impl Iterator for Reading<'_> {
    type Item = Result<Piece>;

    /// A piece is given when the next is there, since what nothing is said of is written with the word before it.
    fn next(&mut self) -> Option<Self::Item> {
        while !self.over && self.pieces.len() < 2 {
            if self.from >= self.tokens.len() {
                self.advance();
            } else if let Err(e) = self.sentence() {
                self.failure = Some(e);
                self.over = true;
            }
        }
        if let Some(piece) = self.pieces.pop_front() {
            return Some(Ok(piece));
        }
        if !std::mem::replace(&mut self.spoken, true) && self.failure.is_none() {
            return Some(Err(invalid(format_args!(
                "nothing in the text can be read in {}: check the text, or choose a voice of its language",
                self.language.name()
            ))));
        }
        self.failure.take().map(Err)
    }
}
