//! Words with their phonemes and pauses, in pieces that a voice says in one breath.

use super::normal::Readings;
use super::token::Token;
use super::{Phonemizer, Piece, Sayable, ipa};
use crate::error::Result;
use crate::speech::Word;

/// Words of a sentence, and what was written of one without any; what nothing is said of is written with its neighbour. `complete`: it
/// ends here, so that a voice falls.
pub fn words(tokens: &[Token], readings: Readings, complete: bool, phonemizer: &dyn Phonemizer) -> Result<(Vec<Word>, String)> {
    let last = tokens.len().saturating_sub(1);
    let pauses: Vec<Option<char>> = tokens
        .iter()
        .enumerate()
        .map(|(i, token)| {
            // But not before the area code of a telephone number.
            let opens = tokens
                .get(i + 1)
                .is_some_and(|next| next.lead.contains(['(', '[', '—']) && !next.starts_with_digit());
            let listed = i == 0 && token.trail == "." && token.core.chars().all(|c| c.is_ascii_digit());
            match pause(&token.trail, i == last) {
                None if listed && i < last => Some(','),
                None if i == last && complete => Some('.'),
                None if opens && i < last => Some(','),
                pause => pause,
            }
        })
        .collect();
    let mut sentence = Vec::new();
    let mut spans = Vec::with_capacity(tokens.len());
    for (reading, pause) in readings.into_iter().zip(&pauses) {
        let start = sentence.len();
        sentence.extend(reading);
        spans.push(start..sentence.len());
        sentence.extend(pause.map(Sayable::Pause));
    }
    let phonemes = phonemizer.phonemes(&sentence)?;
    let mut words: Vec<Word> = Vec::with_capacity(tokens.len());
    let mut early = String::new();
    for ((token, span), pause) in tokens.iter().zip(spans).zip(pauses) {
        let word = word(token, &sentence[span.clone()], &phonemes[span], pause);
        if !word.phonemes.is_empty() {
            let text = join(&early, &word.text);
            early.clear();
            words.push(Word { text, ..word });
        } else if let Some(before) = words.last_mut() {
            before.text = join(&before.text, &word.text);
            if !word.pause.is_empty() {
                before.pause = word.pause;
            }
        } else {
            early = join(&early, &word.text);
        }
    }
    Ok((words, early))
}

pub fn join(before: &str, text: &str) -> String {
    if before.is_empty() || text.is_empty() {
        format!("{before}{text}")
    } else {
        format!("{before} {text}")
    }
}

fn word(token: &Token, sayables: &[Sayable], phonemes: &[String], pause: Option<char>) -> Word {
    let mut spoken: Vec<String> = Vec::new();
    let mut said = String::new();
    for (sayable, phonemes) in sayables.iter().zip(phonemes) {
        match sayable {
            Sayable::Pause(sign) if !said.is_empty() => {
                said.push(*sign);
                if let Some(last) = spoken.last_mut() {
                    last.push(*sign);
                }
                continue;
            }
            Sayable::Pause(_) => continue,
            Sayable::Word(text) | Sayable::Given { text, .. } => spoken.push(text.clone()),
            Sayable::Letters(letters) => spoken.push(spaced(letters)),
        }
        let phonemes = ipa::known(phonemes);
        if !phonemes.is_empty() {
            if !said.is_empty() {
                said.push(' ');
            }
            said.push_str(&phonemes);
        }
    }
    // A pause inside a word belongs behind it if nothing of it follows.
    let bare = said.trim_end_matches([',', '…', ' ']).to_owned();
    let own = said[bare.len()..].chars().next();
    Word {
        text: token.text.clone(),
        spoken: spoken.join(" ").trim_end_matches(',').to_owned(),
        phonemes: bare,
        pause: pause.or(own).map(String::from).unwrap_or_default(),
    }
}

/// "F B I", "F B I's".
fn spaced(letters: &str) -> String {
    let (letters, ending) = letters.split_once('\'').map_or((letters, ""), |(l, _)| (l, "'s"));
    let letters: Vec<String> = letters.chars().map(String::from).collect();
    letters.join(" ") + ending
}

/// The sign that punctuation pauses at; a full stop only where a sentence ends.
fn pause(trail: &str, last: bool) -> Option<char> {
    let has = |signs: &[char]| trail.contains(signs);
    if has(&['?', '？']) {
        Some('?')
    } else if has(&['!', '！']) {
        Some('!')
    } else if has(&['…']) || trail.contains("..") {
        Some('…')
    } else if has(&['.', '。', '।', '．']) && last {
        Some('.')
    } else if has(&[';', '；']) {
        Some(';')
    } else if has(&[':', '：']) {
        Some(':')
    } else if has(&['—', '–']) {
        Some('—')
    } else if has(&[',', '，', '、', ')', ']']) {
        Some(',')
    } else {
        None
    }
}

/// How many signs of the alphabet a word takes, its pause and the space before it included.
fn signs(word: &Word) -> usize {
    1 + word.phonemes.chars().count() + word.pause.chars().count()
}

/// Phrases of at most [`Piece::LONGEST`] signs, cut where a speaker would breathe.
pub fn cut(words: Vec<Word>) -> Vec<Vec<Word>> {
    let words: Vec<Word> = words.into_iter().flat_map(halved).collect();
    let mut phrases = Vec::new();
    let mut rest = &words[..];
    while !rest.is_empty() {
        let total: usize = rest.iter().map(signs).sum();
        let length = if total <= Piece::LONGEST { rest.len() } else { breath(rest) };
        let (phrase, after) = rest.split_at(length);
        phrases.push(phrase.to_vec());
        rest = after;
    }
    phrases
}

/// How many of too many words to say first: up to the strongest pause in the second half of what fits.
fn breath(words: &[Word]) -> usize {
    let mut taken = 0;
    let mut best = (0, 1);
    for (i, word) in words.iter().enumerate() {
        taken += signs(word);
        if taken > Piece::LONGEST {
            break;
        }
        let strength = match word.pause.chars().next() {
            _ if taken < Piece::LONGEST / 3 => 0,
            Some('.' | '!' | '?' | '…') => 4,
            Some(';' | ':' | '—') => 3,
            Some(_) => 2,
            None => 1,
        };
        if strength >= best.0 {
            best = (strength, i + 1);
        }
    }
    best.1
}

/// A word of too many signs in parts that share its text.
fn halved(word: Word) -> Vec<Word> {
    const MOST: usize = Piece::LONGEST / 2;
    if signs(&word) <= MOST {
        return vec![word];
    }
    let mut parts: Vec<String> = vec![String::new()];
    let mut length = 0;
    for said in word.phonemes.split(' ').flat_map(|w| chunks(w, MOST / 2)) {
        let count = said.chars().count();
        if length + count + 1 > MOST
            && let Some(last) = parts.last_mut()
            && !last.is_empty()
        {
            parts.push(String::new());
            length = 0;
        }
        if let Some(last) = parts.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(&said);
            length += count + 1;
        }
    }
    let text: Vec<char> = word.text.chars().collect();
    let spoken: Vec<&str> = word.spoken.split(' ').collect();
    let count = parts.len();
    let share = |i: usize, of: usize| (i * of / count)..((i + 1) * of / count);
    let last = count - 1;
    parts
        .into_iter()
        .enumerate()
        .map(|(i, phonemes)| Word {
            text: text[share(i, text.len())].iter().collect(),
            spoken: spoken[share(i, spoken.len())].join(" "),
            phonemes,
            pause: if i == last { word.pause.clone() } else { String::new() },
        })
        .collect()
}

/// Stretches of at most so many signs.
fn chunks(text: &str, most: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(most).map(|c| c.iter().collect()).collect()
}
