//! Text as the numbers that the model reads: SentencePiece's unigram model (Kudo, "Subword Regularization", 2018), by Viterbi.

use std::collections::HashMap;

use super::protobuf::{Fields, Value};
use crate::error::{Error, Kind, Result};

/// The most pieces that a vocabulary may have, and the most bytes that one has.
const MOST_PIECES: usize = 200_000;
const LONGEST_PIECE: usize = 128;
/// What a piece that does not exist costs more than the least likely one.
const UNKNOWN: f32 = 10.0;
/// How SentencePiece writes a space.
const SPACE: char = '▁';

/// A vocabulary.
pub struct Tokenizer {
    pieces: HashMap<String, (usize, f32)>,
    /// The number of each byte, for signs that no piece has.
    bytes: Vec<Option<usize>>,
    unknown: usize,
    least: f32,
    prefix: bool,
    squeeze: bool,
}

impl Tokenizer {
    /// From a `tokenizer.model`.
    pub fn from_model(model: &[u8]) -> Result<Self> {
        let mut out = Self::empty();
        let mut fields = Fields::of(model);
        let mut number = 0;
        for (field, value) in &mut fields {
            match (field, value) {
                (1, Value::Bytes(piece)) => {
                    out.piece(number, piece)?;
                    number += 1;
                }
                (3, Value::Bytes(rules)) => {
                    for (field, value) in Fields::of(rules) {
                        match field {
                            3 => out.prefix = value.number() != Some(0),
                            4 => out.squeeze = value.number() != Some(0),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        if !fields.is_whole() {
            return Err(broken("is damaged"));
        }
        out.checked()
    }

    /// From `vocab.json`, pieces and their numbers, and `token_scores.json`, pieces and their scores.
    pub fn from_json(numbers: &[u8], scores: &[u8]) -> Result<Self> {
        let numbers: HashMap<String, usize> =
            serde_json::from_slice(numbers).map_err(|e| broken("has no readable vocab.json").because(e))?;
        let scores: HashMap<String, f32> =
            serde_json::from_slice(scores).map_err(|e| broken("has no readable token_scores.json").because(e))?;
        let mut out = Self::empty();
        for (piece, number) in numbers {
            let kind = match piece.as_str() {
                "<unk>" => 2,
                "<s>" | "</s>" | "<pad>" => 3,
                _ if byte_of(&piece).is_some() => 6,
                _ => 1,
            };
            out.add(&piece, number, scores.get(&piece).copied().unwrap_or(0.0), kind)?;
        }
        out.checked()
    }

    fn empty() -> Self {
        Self {
            pieces: HashMap::new(),
            bytes: vec![None; 256],
            unknown: 0,
            least: 0.0,
            prefix: true,
            squeeze: true,
        }
    }

    fn piece(&mut self, number: usize, message: &[u8]) -> Result<()> {
        let (mut text, mut score, mut kind) = ("", 0.0, 1);
        for (field, value) in Fields::of(message) {
            match (field, value) {
                (1, _) => text = value.text().unwrap_or_default(),
                (2, Value::Float(f)) => score = f,
                (3, Value::Number(n)) => kind = n,
                _ => {}
            }
        }
        self.add(text, number, score, kind)
    }

    /// `kind` as SentencePiece numbers it: 1 normal, 2 unknown, 3 control, 4 user's, 5 unused, 6 byte.
    fn add(&mut self, text: &str, number: usize, score: f32, kind: u64) -> Result<()> {
        if self.pieces.len() >= MOST_PIECES || number >= MOST_PIECES || text.len() > LONGEST_PIECE || !score.is_finite() {
            return Err(broken("has an impossible vocabulary"));
        }
        match kind {
            1 | 4 if !text.is_empty() => {
                self.pieces.insert(text.to_owned(), (number, score));
                self.least = self.least.min(score);
            }
            2 => self.unknown = number,
            6 => {
                if let Some(byte) = byte_of(text) {
                    self.bytes[usize::from(byte)] = Some(number);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn checked(self) -> Result<Self> {
        if self.pieces.is_empty() {
            return Err(broken("has no pieces"));
        }
        Ok(self)
    }

    /// The likeliest pieces of a text; `keep_spaces` keeps those at its start, whatever the vocabulary says.
    pub fn encode(&self, text: &str, keep_spaces: bool) -> Vec<usize> {
        let mut plain = String::with_capacity(text.len() + 4);
        if self.prefix {
            plain.push(SPACE);
        }
        let squeezed = self.squeeze && !keep_spaces;
        let text = if squeezed {
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        } else {
            text.to_owned()
        };
        plain.extend(text.chars().map(|c| if c.is_whitespace() { SPACE } else { c }));
        self.viterbi(&plain)
    }

    fn viterbi(&self, text: &str) -> Vec<usize> {
        // The best way to each byte: its score, where its last piece begins, and that piece's number.
        let mut best: Vec<Option<(f32, usize, Option<usize>)>> = vec![None; text.len() + 1];
        best[0] = Some((0.0, 0, None));
        for (at, sign) in text.char_indices() {
            let Some((score, ..)) = best[at] else { continue };
            let mut offer = |end: usize, total: f32, number: Option<usize>| {
                if best[end].is_none_or(|b| total > b.0) {
                    best[end] = Some((total, at, number));
                }
            };
            for end in (at + 1..=(at + LONGEST_PIECE).min(text.len())).filter(|e| text.is_char_boundary(*e)) {
                if let Some((number, own)) = self.pieces.get(&text[at..end]) {
                    offer(end, score + own, Some(*number));
                }
            }
            offer(at + sign.len_utf8(), score + self.least - UNKNOWN, None);
        }
        let mut out = Vec::new();
        let mut end = text.len();
        while end > 0 {
            let Some((_, start, number)) = best[end] else { break };
            match number {
                Some(number) => out.push(number),
                None => self.spell(&text[start..end], &mut out),
            }
            end = start;
        }
        out.reverse();
        out
    }

    /// A sign that no piece has, backwards.
    fn spell(&self, sign: &str, out: &mut Vec<usize>) {
        let bytes: Option<Vec<usize>> = sign.bytes().rev().map(|b| self.bytes[usize::from(b)]).collect();
        match bytes {
            Some(bytes) => out.extend(bytes),
            None => out.push(self.unknown),
        }
    }
}

/// `<0x41>` is a byte.
fn byte_of(piece: &str) -> Option<u8> {
    let hex = piece.strip_prefix("<0x")?.strip_suffix('>')?;
    u8::from_str_radix(hex, 16).ok()
}

fn broken(what: &str) -> Error {
    Error::new(Kind::FileUnreadable, format!("the bundle's tokenizer {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokenizer() -> Tokenizer {
        let numbers =
            br#"{"<unk>":0,"<s>":1,"\u2581he":2,"\u2581":3,"h":4,"e":5,"llo":6,"l":7,"o":8,"\u2581hello":9,"<0xC3>":10,"<0xA9>":11}"#;
        let scores = br#"{"<unk>":0,"<s>":0,"\u2581he":-2,"\u2581":-3,"h":-5,"e":-5,"llo":-2.5,"l":-4,"o":-4,"\u2581hello":-6,"<0xC3>":0,"<0xA9>":0}"#;
        Tokenizer::from_json(numbers, scores).expect("a vocabulary")
    }

    #[test]
    fn the_likeliest_pieces_win() {
        assert_eq!(tokenizer().encode("hello", false), [2, 6]);
        assert_eq!(tokenizer().encode("  hello   oh", false), [2, 6, 3, 8, 4]);
        assert_eq!(tokenizer().encode("  o", true), [3, 3, 3, 8]);
    }

    #[test]
    fn unknown_signs_are_spelled_in_bytes_or_unknown() {
        assert_eq!(tokenizer().encode("é", false), [3, 10, 11]);
        assert_eq!(tokenizer().encode("ж", false), [3, 0]);
    }

    #[test]
    fn models_are_read() {
        let piece = |text: &str, score: f32| {
            let mut p = vec![0x0a, text.len() as u8];
            p.extend(text.as_bytes());
            p.push(0x15);
            p.extend(score.to_le_bytes());
            let mut m = vec![0x0a, p.len() as u8];
            m.extend(p);
            m
        };
        let mut model = [piece("▁a", -1.0), piece("b", -1.0), piece("a", -2.0)].concat();
        model.extend([0x1a, 2, 0x18, 0]);
        let made = Tokenizer::from_model(&model).expect("a vocabulary");
        assert_eq!(made.encode("ab a", false), [2, 1, 0], "without a space in front");
        assert!(Tokenizer::from_model(&model[..model.len() - 3]).is_err());
        assert!(Tokenizer::from_model(&[]).is_err());
    }
}
