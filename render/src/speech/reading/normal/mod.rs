//! What people write as people say it: rules in order, the first that fits a token says it, some of them the next tokens with it.

mod address;
mod amount;
mod calendar;
mod marked;
mod word;

use super::token::Token;
use super::tongue::Tongue;
use super::{Sayable, ipa};
use crate::speech::Language;
use crate::speech::dictionary::{Dictionary, Entry};

/// What is said of each token of a sentence.
pub type Readings = Vec<Vec<Sayable>>;

/// A sentence being read.
pub struct Sentence<'a> {
    pub tokens: &'a [Token],
    pub tongue: &'a dyn Tongue,
    pub language: Language,
    pub dictionary: &'a Dictionary,
    /// Whether it is all in capitals, so that these say nothing.
    shouted: bool,
}

type Rule = fn(&Sentence, usize) -> Option<Readings>;

/// The first that fits wins.
const RULES: [(&str, Rule); 15] = [
    ("markup", marked::said),
    ("dictionary", defined),
    ("address", address::address),
    ("telephone", address::telephone),
    ("version", address::version),
    ("date", calendar::numeric),
    ("month", calendar::named),
    ("time", calendar::time),
    ("decade", calendar::decade),
    ("money", amount::money),
    ("fraction", amount::fraction),
    ("range", amount::range),
    ("quantity", amount::quantity),
    ("year", calendar::year),
    ("number", amount::number),
];

impl<'a> Sentence<'a> {
    pub fn new(tokens: &'a [Token], tongue: &'a dyn Tongue, language: Language, dictionary: &'a Dictionary) -> Self {
        let letters = || tokens.iter().flat_map(|t| t.core.chars()).filter(|c| c.is_alphabetic());
        let words = tokens
            .iter()
            .filter(|t| t.core.chars().filter(|c| c.is_alphabetic()).count() > 1)
            .count();
        let shouted = words > 2 && letters().all(char::is_uppercase);
        Self {
            tokens,
            tongue,
            language,
            dictionary,
            shouted,
        }
    }

    /// What is said of each token, in order.
    pub fn say(&self) -> Readings {
        let mut said: Readings = Vec::with_capacity(self.tokens.len());
        while said.len() < self.tokens.len() {
            let at = said.len();
            let rules = if self.tongue.is_plain() { &RULES[..2] } else { &RULES[..] };
            let reading = rules.iter().find_map(|(_, rule)| rule(self, at)).filter(|r| !r.is_empty());
            said.extend(reading.unwrap_or_else(|| vec![word::word(self, at)]));
        }
        said.truncate(self.tokens.len());
        said
    }

    pub fn core(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |t| t.core.as_str())
    }

    /// The core of the next token where nothing but a space parts them.
    pub fn next(&self, at: usize) -> &str {
        match (self.tokens.get(at), self.tokens.get(at + 1)) {
            (Some(token), Some(next)) if token.trail.is_empty() && next.lead.is_empty() && next.said.is_none() => &next.core,
            _ => "",
        }
    }

    /// The core of the token before where nothing but a space parts them.
    pub fn before(&self, at: usize) -> &str {
        at.checked_sub(1)
            .map_or("", |b| if self.next(b) == self.core(at) { self.core(b) } else { "" })
    }

    /// The next token's core with its trailing dot.
    pub fn dotted(&self, at: usize) -> String {
        let dot = if self.tokens.get(at).is_some_and(|t| t.trail.starts_with('.')) {
            "."
        } else {
            ""
        };
        format!("{}{dot}", self.core(at))
    }
}

/// Text of a [`Tongue`] in words, with pauses where it has commas.
pub fn words(text: &str) -> Vec<Sayable> {
    let mut said = Vec::new();
    for word in text.split_whitespace() {
        let bare = word.trim_end_matches(',');
        if !bare.is_empty() {
            said.push(Sayable::Word(bare.into()));
        }
        if bare.len() < word.len() {
            said.push(Sayable::Pause(','));
        }
    }
    said
}

/// One token's reading.
pub fn one(text: &str) -> Option<Readings> {
    Some(vec![words(text)])
}

/// Words of the caller's dictionary.
fn defined(sentence: &Sentence, at: usize) -> Option<Readings> {
    let core = sentence.core(at);
    let entry = |word: &str| sentence.dictionary.get(word);
    let (entry, owner) = match entry(core) {
        Some(entry) => (entry, false),
        None => {
            let owner = core.strip_suffix("'s").or_else(|| core.strip_suffix("’s"))?;
            (entry(owner)?, true)
        }
    };
    Some(vec![match entry {
        Entry::Phonemes(phonemes) => {
            let mut phonemes = ipa::to_alphabet(phonemes, sentence.language);
            if owner {
                phonemes.push_str(ipa::possessive(&phonemes));
            }
            vec![Sayable::Given {
                text: core.into(),
                phonemes,
            }]
        }
        Entry::Respelling(text) => words(&if owner { format!("{text}'s") } else { text.clone() }),
    }])
}
