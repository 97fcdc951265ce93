//! Spanish, French, Italian and Portuguese: their spelling nearly says how they sound. Tables of rules and lists of exceptions are ours;
//! the signs are those with which Kokoro was taught these languages, which are espeak-ng's as misaki maps them.

mod french;
mod italian;
mod portuguese;
mod rules;
mod spanish;
mod stress;

use std::collections::HashMap;

use super::{Phonemizer, Sayable};
use crate::error::Result;
use crate::speech::Language;
use rules::Rules;

/// What a language does beyond its table.
trait Ways: Send + Sync {
    /// Rules of [`Rules`].
    fn table(&self) -> &'static str;
    /// Lines `word sounds` of what the rules would say wrongly.
    fn exceptions(&self) -> &'static str;
    /// Words that lean on their neighbours, separated by spaces: without stress.
    fn weak(&self) -> &'static str;
    /// The letter whose vowel is stressed.
    fn stress(&self, word: &[char]) -> Option<usize>;
    /// What is still to do for a word when its letters have their sounds.
    fn finish(&self, _word: &str, _sounds: &mut String) {}
    /// What neighbours do to each other.
    fn link(&self, words: &mut [Heard]);
}

/// A word in its sentence.
struct Heard {
    /// In small letters.
    text: String,
    sounds: String,
    /// Whether nothing parts it from the word before.
    follows: bool,
    /// The sayable that it is of, and whether it is joined to the former word without a space, as behind an apostrophe.
    of: usize,
    elided: bool,
}

/// One of these languages.
pub struct Romance {
    ways: &'static dyn Ways,
    rules: Rules,
    exceptions: HashMap<&'static str, &'static str>,
    weak: Vec<&'static str>,
}

impl Romance {
    pub fn load(language: Language) -> Option<Self> {
        let ways: &'static dyn Ways = match language {
            Language::Spanish => &spanish::Spanish,
            Language::French => &french::French,
            Language::Italian => &italian::Italian,
            Language::Portuguese => &portuguese::Portuguese,
            _ => return None,
        };
        Some(Self {
            ways,
            rules: Rules::new(ways.table()),
            exceptions: ways.exceptions().lines().filter_map(|line| line.trim().split_once(' ')).collect(),
            weak: ways.weak().split_whitespace().collect(),
        })
    }

    fn word(&self, word: &str) -> String {
        let weak = self.weak.contains(&word);
        let mut sounds = match self.exceptions.get(word) {
            Some(sounds) => (*sounds).to_owned(),
            None => {
                let letters: Vec<char> = word.chars().collect();
                let stress = if weak { None } else { self.ways.stress(&letters) };
                let mut sounds = self.rules.say(&letters, stress).into_iter().map(|s| s.sign).collect();
                self.ways.finish(word, &mut sounds);
                sounds
            }
        };
        if weak {
            sounds.retain(|c| c != 'ˈ');
        }
        sounds
    }
}

impl Phonemizer for Romance {
    fn phonemes(&self, sentence: &[Sayable]) -> Result<Vec<String>> {
        let mut heard: Vec<Heard> = Vec::new();
        let mut follows = false;
        for (of, item) in sentence.iter().enumerate() {
            match item {
                Sayable::Pause(_) => follows = false,
                Sayable::Given { phonemes, .. } => {
                    heard.push(Heard {
                        text: String::new(),
                        sounds: phonemes.clone(),
                        follows,
                        of,
                        elided: false,
                    });
                    follows = true;
                }
                Sayable::Word(text) | Sayable::Letters(text) => {
                    let text = text.to_lowercase();
                    let mut elided = false;
                    for part in text.split_inclusive(['\'', '-']) {
                        let bare = part.trim_end_matches('-');
                        if bare.chars().any(char::is_alphabetic) {
                            heard.push(Heard {
                                text: bare.into(),
                                sounds: self.word(bare),
                                follows,
                                of,
                                elided,
                            });
                            follows = true;
                        }
                        elided = part.ends_with('\'') || part.ends_with('-');
                    }
                }
            }
        }
        self.ways.link(&mut heard);
        let mut said = vec![String::new(); sentence.len()];
        for word in heard {
            said[word.of].push_str(&word.sounds);
        }
        Ok(said)
    }
}
