//! Words that are known, their forms, and what the words around them make of them; rules of misaki's `en.py` (Apache-2.0, hexgrad) as
//! hibari's `g2p/lexicon.py` ports them.

use super::stress::{self, PRIMARY, SECONDARY};
use super::table::{Table, inflate};
use crate::error::Result;

pub struct Lexicon {
    words: Table,
    pub british: bool,
}

/// What follows a word.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ahead {
    /// Whether the next sound is a vowel; none at a pause or the end.
    pub vowel: Option<bool>,
    /// Whether the next word is "to".
    pub to: bool,
}

/// A word's part of speech, the stress that its spelling asks for, and what follows it.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub tag: &'a str,
    pub stress: Option<f32>,
    pub ahead: Ahead,
}

/// How a dictionary says a word.
enum Entry<'a> {
    One(&'a str),
    /// `TAG=phonemes|TAG=-`.
    ByTag(&'a str),
}

type Suffix = fn(&str, bool) -> Option<String>;

impl Lexicon {
    pub fn load(packed: &[u8], british: bool) -> Result<Self> {
        let words = Table::new(inflate(packed)?)?;
        Ok(Self { words, british })
    }

    /// Phonemes of a word with its part of speech, if they are known.
    pub fn say(&self, word: &str, tag: &str, ahead: Ahead) -> Option<String> {
        let lower = word.to_lowercase();
        let stress = if word == lower {
            None
        } else if word == word.to_uppercase() {
            Some(2.0)
        } else {
            Some(0.5)
        };
        self.word(word, &lower, Place { tag, stress, ahead })
    }

    /// Letters by their names, the last one stressed.
    pub fn letters(&self, word: &str) -> Option<String> {
        let mut all = String::new();
        for c in word.chars().filter(|c| c.is_alphabetic()) {
            match self.gold(&c.to_uppercase().to_string())? {
                Entry::One(phonemes) => all.push_str(phonemes),
                Entry::ByTag(_) => return None,
            }
        }
        let mut all = stress::apply(&all, Some(0.0));
        if let Some(at) = all.rfind(SECONDARY) {
            all.replace_range(at..at + SECONDARY.len_utf8(), "ˈ");
        }
        (!all.is_empty()).then_some(all)
    }

    fn entry(&self, word: &str, gold: bool) -> Option<Entry<'_>> {
        let value = self.words.get(word)?;
        let silver = value.strip_prefix('~');
        if silver.is_some() == gold {
            return None;
        }
        let value = silver.unwrap_or(value);
        Some(if value.contains('=') {
            Entry::ByTag(value)
        } else {
            Entry::One(value)
        })
    }

    /// Either spelling of the first letter answers for the other.
    fn find(&self, word: &str, gold: bool) -> Option<Entry<'_>> {
        if let Some(entry) = self.entry(word, gold) {
            return Some(entry);
        }
        let mut chars = word.chars();
        let first = chars.next()?;
        let rest = chars.as_str();
        if rest.is_empty() || rest.chars().any(char::is_uppercase) {
            return None;
        }
        let other: String = if first.is_uppercase() {
            first.to_lowercase().collect()
        } else {
            first.to_uppercase().collect()
        };
        self.entry(&(other + rest), gold)
    }

    fn gold(&self, word: &str) -> Option<Entry<'_>> {
        self.find(word, true)
    }

    fn has_gold(&self, word: &str) -> bool {
        self.gold(word).is_some()
    }

    fn has(&self, word: &str) -> bool {
        self.has_gold(word) || self.find(word, false).is_some()
    }

    fn by_tag<'a>(&self, variants: &'a str, tag: &str, ahead: Ahead) -> Option<&'a str> {
        let of = |name: &str| variants.split('|').filter_map(|v| v.split_once('=')).find(|(n, _)| *n == name);
        let at_end = if ahead.vowel.is_none() { of("None") } else { None };
        let (_, phonemes) = at_end.or_else(|| of(tag)).or_else(|| of(parent(tag))).or_else(|| of("DEFAULT"))?;
        (phonemes != "-").then_some(phonemes)
    }

    fn tagged(&self, word: &str, tag: &str) -> Option<String> {
        match self.gold(word)? {
            Entry::One(phonemes) => Some(phonemes.into()),
            Entry::ByTag(variants) => self
                .by_tag(
                    variants,
                    tag,
                    Ahead {
                        vowel: Some(false),
                        to: false,
                    },
                )
                .map(String::from),
        }
    }

    /// Words that change with what follows.
    fn special(&self, word: &str, place: Place) -> Option<String> {
        let Place { tag, stress, ahead } = place;
        let noun = tag.starts_with("NN");
        Some(match word {
            "a" | "A" if tag == "DT" => "ɐ".into(),
            "a" | "A" => "ˈA".into(),
            "am" | "Am" | "AM" if noun => return self.letters(word),
            "am" if ahead.vowel.is_some() && !stress.is_some_and(|s| s > 0.0) => "ɐm".into(),
            "am" | "Am" | "AM" => return self.tagged("am", tag),
            "AN" if noun => return self.letters(word),
            "an" | "An" | "AN" => "ɐn".into(),
            "I" if tag == "PRP" => "ˌI".into(),
            "by" | "By" | "BY" if parent(tag) == "ADV" => "bˈI".into(),
            "to" | "To" => self.to(ahead)?,
            "TO" if matches!(tag, "TO" | "IN") => self.to(ahead)?,
            "in" | "In" => with_in(tag, ahead),
            "IN" if tag != "NNP" => with_in(tag, ahead),
            "the" | "The" => the(ahead),
            "THE" if tag == "DT" => the(ahead),
            "used" | "Used" | "USED" if matches!(tag, "VBD" | "JJ") && ahead.to => return self.tagged("used", "VBD"),
            "used" | "Used" | "USED" => return self.tagged("used", "DEFAULT"),
            _ => return None,
        })
    }

    fn to(&self, ahead: Ahead) -> Option<String> {
        match ahead.vowel {
            None => self.tagged("to", "DEFAULT"),
            Some(false) => Some("tə".into()),
            Some(true) => Some("tʊ".into()),
        }
    }

    fn is_known(&self, word: &str) -> bool {
        if self.has(word) {
            return true;
        }
        if word.is_empty() || !word.bytes().all(|b| b.is_ascii_alphabetic()) {
            return false;
        }
        word.len() == 1
            || (word == word.to_ascii_uppercase() && self.has_gold(&word.to_ascii_lowercase()))
            || word[1..].bytes().all(|b| b.is_ascii_uppercase())
    }

    fn lookup(&self, word: &str, place: Place) -> Option<String> {
        let mut word = word.to_owned();
        let mut name = false;
        if word == word.to_uppercase() && !self.has_gold(&word) {
            word = word.to_lowercase();
            name = place.tag == "NNP";
        }
        let entry = match self.gold(&word) {
            None if !name => self.find(&word, false),
            found => found,
        };
        let phonemes = match entry {
            Some(Entry::One(phonemes)) => Some(phonemes),
            Some(Entry::ByTag(variants)) => self.by_tag(variants, place.tag, place.ahead),
            None => None,
        };
        if phonemes.is_none_or(|p| name && !p.contains(PRIMARY))
            && let Some(spelled) = self.letters(&word)
        {
            return Some(spelled);
        }
        phonemes.map(|p| stress::apply(p, place.stress))
    }

    fn word(&self, word: &str, lower: &str, place: Place) -> Option<String> {
        if let Some(special) = self.special(word, place) {
            return Some(special);
        }
        let forms = |w: &str| {
            self.with_s(w, place)
                .or_else(|| self.with_ed(w, place))
                .or_else(|| self.with_ing(w, place))
        };
        let plain = || word.chars().all(|c| c.is_alphabetic() || c == '\'');
        let one_case = || word == word.to_uppercase() || word.chars().skip(1).all(|c| !c.is_uppercase());
        let lowers = word.chars().nth(1).is_some()
            && word != lower
            && (place.tag != "NNP" || word.chars().count() > 7)
            && plain()
            && one_case()
            && !self.has(word)
            && (self.has(lower) || forms(lower).is_some());
        let word = if lowers { lower } else { word };
        if self.is_known(word) {
            return self.lookup(word, place);
        }
        if let Some(owner) = word.strip_suffix('\'') {
            let one = owner.strip_suffix('s').map(|one| format!("{one}'s"));
            if let Some(known) = one.as_deref().into_iter().chain([owner]).find(|w| self.is_known(w)) {
                return self.lookup(known, place);
            }
        }
        let ing = Place {
            stress: place.stress.or(Some(0.5)),
            ..place
        };
        self.with_s(word, place)
            .or_else(|| self.with_ed(word, place))
            .or_else(|| self.with_ing(word, ing))
    }

    /// The first of these stems that is known, with its ending.
    fn stem(&self, stems: impl IntoIterator<Item = String>, place: Place, suffix: Suffix) -> Option<String> {
        let stem = stems.into_iter().find(|stem| self.is_known(stem))?;
        suffix(&self.lookup(&stem, place)?, self.british)
    }

    fn with_s(&self, word: &str, place: Place) -> Option<String> {
        let stem = word.strip_suffix('s')?;
        let length = word.chars().count();
        if length < 3 {
            return None;
        }
        let mut stems = Vec::new();
        if !stem.ends_with('s') {
            stems.push(stem.to_owned());
        }
        if let Some(owner) = stem.strip_suffix('\'') {
            stems.push(owner.into());
        } else if let Some(start) = stem.strip_suffix('e').filter(|_| length > 4) {
            match start.strip_suffix('i') {
                Some(start) => stems.push(format!("{start}y")),
                None => stems.push(start.into()),
            }
        }
        self.stem(stems, place, stress::with_s)
    }

    fn with_ed(&self, word: &str, place: Place) -> Option<String> {
        let stem = word.strip_suffix('d')?;
        let length = word.chars().count();
        if length < 4 {
            return None;
        }
        let mut stems = Vec::new();
        if !stem.ends_with('d') {
            stems.push(stem.to_owned());
        }
        if let Some(start) = stem.strip_suffix('e').filter(|s| length > 4 && !s.ends_with('e')) {
            stems.push(start.into());
        }
        self.stem(stems, place, stress::with_ed)
    }

    fn with_ing(&self, word: &str, place: Place) -> Option<String> {
        let stem = word.strip_suffix("ing")?;
        let length = word.chars().count();
        if length < 5 {
            return None;
        }
        let mut stems = Vec::new();
        if length > 5 {
            stems.push(stem.to_owned());
        }
        stems.push(format!("{stem}e"));
        let mut ends = stem.chars().rev();
        if length > 5
            && let (Some(last), Some(before)) = (ends.next(), ends.next())
            && ((last == before && "bcdgklmnprstvxz".contains(last)) || (before == 'c' && last == 'k'))
        {
            stems.push(stem[..stem.len() - 1].into());
        }
        self.stem(stems, place, stress::with_ing)
    }
}

fn with_in(tag: &str, ahead: Ahead) -> String {
    if ahead.vowel.is_none() || tag != "IN" { "ˈɪn" } else { "ɪn" }.into()
}

fn the(ahead: Ahead) -> String {
    if ahead.vowel == Some(true) { "ði" } else { "ðə" }.into()
}

/// The coarse part of speech that a Penn tag belongs to.
fn parent(tag: &str) -> &str {
    for (start, parent) in [
        ("VB", "VERB"),
        ("NN", "NOUN"),
        ("RB", "ADV"),
        ("ADV", "ADV"),
        ("JJ", "ADJ"),
        ("ADJ", "ADJ"),
    ] {
        if tag.starts_with(start) {
            return parent;
        }
    }
    tag
}
