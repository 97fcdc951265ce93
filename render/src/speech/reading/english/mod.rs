//! English: misaki's way to phonemes (Apache-2.0, hexgrad), which the nets' teachers were taught with, as hibari ports it without spaCy.
//! Words are tagged by their part of speech, looked up with what follows them, and guessed by a net where they are unknown.

mod lexicon;
mod stress;
mod table;
mod tagger;
mod unknown;

use std::sync::{Arc, OnceLock};

use super::{Phonemizer, Sayable};
use crate::error::Result;
use crate::model::Runtime;
use lexicon::{Ahead, Lexicon};
pub use stress::before_vowels;
pub use tagger::Tagger;
use unknown::Unknown;

struct Data {
    lexicon: &'static [u8],
    net: &'static [u8],
    alphabets: &'static str,
}

const AMERICAN: Data = Data {
    lexicon: include_bytes!("../../../../models/reading/lexicon_us.z"),
    net: include_bytes!("../../../../models/reading/unknown_us.onnx"),
    alphabets: include_str!("../../../../models/reading/unknown_us.txt"),
};

const BRITISH: Data = Data {
    lexicon: include_bytes!("../../../../models/reading/lexicon_gb.z"),
    net: include_bytes!("../../../../models/reading/unknown_gb.onnx"),
    alphabets: include_str!("../../../../models/reading/unknown_gb.txt"),
};

const TAGGER: &[u8] = include_bytes!("../../../../models/reading/tagger.z");

/// One accent.
pub struct English {
    lexicon: Lexicon,
    tagger: Arc<Tagger>,
    runtime: Runtime,
    unknown: OnceLock<Unknown>,
    data: &'static Data,
}

/// A part of a word that may be known by itself.
struct Piece<'a> {
    text: &'a str,
    tag: &'a str,
    phonemes: Option<String>,
}

impl English {
    pub fn tagger() -> Result<Arc<Tagger>> {
        Ok(Arc::new(Tagger::load(TAGGER)?))
    }

    pub fn load(runtime: &Runtime, tagger: Arc<Tagger>, british: bool) -> Result<Self> {
        let data = if british { &BRITISH } else { &AMERICAN };
        Ok(Self {
            lexicon: Lexicon::load(data.lexicon, british)?,
            tagger,
            runtime: runtime.clone(),
            unknown: OnceLock::new(),
            data,
        })
    }

    fn guess(&self, word: &str) -> Result<String> {
        let unknown = match self.unknown.get() {
            Some(unknown) => unknown,
            None => {
                let loaded = Unknown::load(&self.runtime, self.data.net, self.data.alphabets)?;
                self.unknown.get_or_init(|| loaded)
            }
        };
        unknown.say(word)
    }

    fn spell(&self, letters: &str) -> Result<String> {
        let (bare, owns) = letters.strip_suffix("'s").map_or((letters, false), |l| (l, true));
        let said = match self.lexicon.letters(bare) {
            Some(said) => said,
            None => self.guess(bare)?,
        };
        let owned = if owns { stress::with_s(&said, self.lexicon.british) } else { None };
        Ok(owned.unwrap_or(said))
    }

    fn word(&self, pieces: &mut [Piece], ahead: Ahead) -> Result<String> {
        let (mut left, mut right, mut now) = (0, pieces.len(), ahead);
        while left < right {
            let run = &pieces[left..right];
            let (text, tag) = merged(run);
            let said = match run.iter().any(|p| p.phonemes.is_some()) {
                true => None,
                false => self.lexicon.say(&text, tag, now),
            };
            if let Some(said) = said {
                now = after(now, &said, &text, tag);
                for piece in &mut pieces[left..right] {
                    piece.phonemes = Some(String::new());
                }
                pieces[left].phonemes = Some(said);
                (left, right) = (0, left);
            } else if left + 1 < right {
                left += 1;
            } else {
                right -= 1;
                left = 0;
                if pieces[right].phonemes.is_none() {
                    if !pieces[right].text.chars().all(is_junk) {
                        return self.unknown_word(pieces, ahead);
                    }
                    pieces[right].phonemes = Some(String::new());
                }
            }
        }
        Ok(together(pieces))
    }

    /// Parts at hyphens by themselves, an owner without his s, all else as a whole.
    fn unknown_word(&self, pieces: &mut [Piece], ahead: Ahead) -> Result<String> {
        for piece in &mut *pieces {
            piece.phonemes = None;
        }
        if let Some(hyphen) = pieces.iter().rposition(|p| p.text.chars().all(|c| c == '-')) {
            let (first, rest) = pieces.split_at_mut(hyphen);
            let last = self.word(&mut rest[1..], ahead)?;
            let (text, tag) = merged(first);
            let first = if first.is_empty() {
                String::new()
            } else {
                self.word(first, after(ahead, &last, &text, tag))?
            };
            return Ok(first + &last);
        }
        let (text, _) = merged(pieces);
        if let Some(owner) = text.strip_suffix("'s")
            && let Some(said) = stress::with_s(&self.guess(owner)?, self.lexicon.british)
        {
            return Ok(said);
        }
        self.guess(&text)
    }
}

impl Phonemizer for English {
    fn phonemes(&self, sentence: &[Sayable]) -> Result<Vec<String>> {
        // What the tagger sees, and which item it belongs to.
        let mut tokens: Vec<(usize, &str)> = Vec::new();
        for (i, item) in sentence.iter().enumerate() {
            match item {
                Sayable::Word(word) => tokens.extend(parts(word).into_iter().map(|part| (i, part))),
                Sayable::Letters(letters) => tokens.push((i, letters)),
                Sayable::Given { .. } => tokens.push((i, "thing")),
                Sayable::Pause(sign) => tokens.push((i, pause(*sign))),
            }
        }
        let tags = self.tagger.tag(&tokens.iter().map(|(_, t)| *t).collect::<Vec<_>>());
        let mut said = vec![String::new(); sentence.len()];
        let mut ahead = Ahead::default();
        let mut end = tokens.len();
        for (i, item) in sentence.iter().enumerate().rev() {
            let start = tokens[..end].iter().rposition(|(of, _)| *of != i).map_or(0, |at| at + 1);
            let own = start..end;
            end = start;
            let phonemes = match item {
                Sayable::Pause(_) => {
                    ahead = Ahead::default();
                    continue;
                }
                Sayable::Given { phonemes, .. } => phonemes.clone(),
                Sayable::Letters(letters) => self.spell(letters)?,
                Sayable::Word(word) => {
                    let known = heteronym(word, sentence.get(i + 1));
                    let mut pieces = Vec::new();
                    for at in own {
                        let piece = |text| Piece {
                            text,
                            tag: tags[at],
                            phonemes: None,
                        };
                        pieces.extend(humps(tokens[at].1).into_iter().map(piece));
                    }
                    known.map_or_else(|| self.word(&mut pieces, ahead), |known| Ok(known.into()))?
                }
            };
            let word = if let Sayable::Word(word) = item { word.as_str() } else { "" };
            ahead = after(ahead, &phonemes, word, "TO");
            said[i] = phonemes.replace('ɾ', "T").replace('ʔ', "t");
        }
        Ok(said)
    }
}

/// Words whose sound depends on the next word rather than on their part of speech.
fn heteronym(word: &str, next: Option<&Sayable>) -> Option<&'static str> {
    let Some(Sayable::Word(next)) = next else { return None };
    let next = next.to_lowercase();
    let list: (&str, &[&str]) = match word {
        "bass" | "Bass" => (
            "bˈAs",
            &[
                "player",
                "players",
                "guitar",
                "guitars",
                "guitarist",
                "line",
                "lines",
                "drum",
                "clarinet",
                "note",
                "notes",
                "singer",
                "sound",
            ],
        ),
        "lead" | "Lead" => (
            "lˈɛd",
            &[
                "pipe",
                "pipes",
                "paint",
                "poisoning",
                "acid",
                "bullet",
                "bullets",
                "mine",
                "mines",
                "weights",
            ],
        ),
        _ => return None,
    };
    list.1.contains(&next.as_str()).then_some(list.0)
}

/// What stands ahead of the word before.
fn after(now: Ahead, phonemes: &str, text: &str, tag: &str) -> Ahead {
    let first = phonemes.chars().find(|c| stress::is_vowel(*c) || stress::is_consonant(*c));
    Ahead {
        vowel: first.map_or(now.vowel, |c| Some(stress::is_vowel(c))),
        to: matches!(text, "to" | "To") || (text == "TO" && matches!(tag, "TO" | "IN")),
    }
}

fn is_junk(c: char) -> bool {
    "',-._‘’/".contains(c)
}

/// The pieces' text, and the tag of the heaviest.
fn merged<'a>(pieces: &[Piece<'a>]) -> (String, &'a str) {
    let weight = |text: &str| -> usize { text.chars().map(|c| if c.is_uppercase() { 2 } else { 1 }).sum() };
    let heaviest = pieces.iter().rev().max_by_key(|p| weight(p.text));
    (pieces.iter().map(|p| p.text).collect(), heaviest.map_or("NN", |p| p.tag))
}

/// Joins a word's pieces: of many stressed ones, the lighter half is stressed less.
fn together(pieces: &mut [Piece]) -> String {
    let mut heard: Vec<(bool, usize, usize)> = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        if let Some(said) = piece.phonemes.as_deref().filter(|p| !p.is_empty()) {
            heard.push((said.contains(stress::PRIMARY), stress::weight(said), i));
        }
    }
    let stressed = heard.iter().filter(|(primary, ..)| *primary).count();
    let weaker: Vec<usize> = match heard[..] {
        [(.., first), (.., second)] if pieces[first].text.chars().count() == 1 => vec![second],
        _ if heard.len() >= 2 && stressed > heard.len().div_ceil(2) => {
            heard.sort_unstable();
            heard[..heard.len() / 2].iter().map(|(.., i)| *i).collect()
        }
        _ => Vec::new(),
    };
    for i in weaker {
        let piece = &mut pieces[i];
        piece.phonemes = piece.phonemes.as_deref().map(|p| stress::apply(p, Some(-0.5)));
    }
    pieces.iter().filter_map(|p| p.phonemes.as_deref()).collect()
}

/// What the tagger was taught as tokens: contractions and hyphens apart.
fn parts(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = word;
    while let Some((at, _)) = rest.match_indices('-').find(|(at, _)| *at > 0 && at + 1 < rest.len()) {
        contracted(&rest[..at], &mut parts);
        parts.push(&rest[at..=at]);
        rest = &rest[at + 1..];
    }
    contracted(rest, &mut parts);
    parts
}

/// A word without its contracted followers, then these.
fn contracted<'a>(word: &'a str, parts: &mut Vec<&'a str>) {
    let ends = |end: &str| {
        word.len() > end.len() && word.is_char_boundary(word.len() - end.len()) && {
            word[word.len() - end.len()..].eq_ignore_ascii_case(end)
        }
    };
    let whole = |w: &str| word.eq_ignore_ascii_case(w);
    let end = if whole("cannot") || whole("gonna") || whole("gotta") {
        word.len() - 3 + usize::from(!whole("cannot"))
    } else {
        let known = ["n't", "'s", "'ll", "'ve", "'re", "'d", "'m"].into_iter().find(|end| ends(end));
        word.len() - known.map_or(0, str::len)
    };
    if end < word.len() {
        contracted(&word[..end], parts);
        parts.push(&word[end..]);
    } else if !word.is_empty() {
        parts.push(word);
    }
}

/// A word cut where capitals begin anew: "YouTube", "XMen".
fn humps(word: &str) -> Vec<&str> {
    let chars: Vec<(usize, char)> = word.char_indices().collect();
    let mut humps = Vec::new();
    let mut start = 0;
    for (i, (at, c)) in chars.iter().enumerate().skip(1) {
        let (before, after) = (chars[i - 1].1, chars.get(i + 1).map(|(_, c)| *c));
        let rises = before.is_lowercase() && c.is_uppercase();
        let apostrophe = i == 1 && before == '\'';
        let lone = chars[i - 1].0 == start && before.is_uppercase() && c.is_uppercase() && after.is_some_and(char::is_lowercase);
        if rises || lone || apostrophe {
            humps.push(&word[start..*at]);
            start = *at;
        }
    }
    humps.push(&word[start..]);
    humps
}

/// A pause as the tagger knows it.
fn pause(sign: char) -> &'static str {
    match sign {
        ',' => ",",
        '?' => "?",
        '!' => "!",
        ';' => ";",
        ':' => ":",
        '—' => "—",
        '…' => "...",
        _ => ".",
    }
}
