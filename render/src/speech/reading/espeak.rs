//! Languages that only espeak-ng reads here: a separate program that the user may have, never linked, as its licence is the GPL.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Phonemizer, Sayable, ipa};
use crate::error::{Error, Kind, Result};
use crate::media::process::{Bounds, Child, Job};
use crate::media::tools;
use crate::progress;
use crate::speech::Language;

/// Most bytes of phonemes of a sentence.
const MOST: usize = 1 << 20;

/// What its marks for joined sounds become, as misaki maps them.
const JOINED: [(&str, &str); 11] = [
    ("a^ɪ", "I"),
    ("a^ʊ", "W"),
    ("d^z", "ʣ"),
    ("d^ʒ", "ʤ"),
    ("e^ɪ", "A"),
    ("o^ʊ", "O"),
    ("ə^ʊ", "Q"),
    ("s^s", "S"),
    ("t^s", "ʦ"),
    ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"),
];

pub struct Espeak {
    program: PathBuf,
    voice: &'static str,
}

impl Espeak {
    /// The program by its name on the PATH, or by its path; `None` where it is not, or cannot read the language's own script.
    pub fn find(program: &Path, language: Language) -> Option<Self> {
        let (voice, sample) = match language {
            Language::Hindi => ("hi", "नमस्ते"),
            Language::Japanese => ("ja", "漢字"),
            Language::Chinese => ("cmn", "你好"),
            _ => return None,
        };
        let espeak = Self {
            program: tools::find(program)?,
            voice,
        };
        // Where its dictionary lacks a script it says in English what it sees: "Chinese letter".
        let said = espeak.ask(sample).ok()?;
        (!said.contains('(') && !said.trim().is_empty()).then_some(espeak)
    }

    /// What it says of a text: a line a clause.
    fn ask(&self, text: &str) -> Result<String> {
        let args = ["-q", "--ipa", "--tie=^", "--stdin", "-v", self.voice];
        let mut child = Child::start(Job {
            name: "espeak-ng",
            program: self.program.clone(),
            args: args.into_iter().map(Into::into).collect(),
            bounds: Bounds {
                address_space: 512 << 20,
                cpu: Duration::from_secs(20),
                patience: Duration::from_secs(20),
            },
        })?;
        // What it could not take shows in how it ends.
        let _ = child.write(text.as_bytes());
        drop(child.take_input());
        let mut output = vec![0; MOST];
        let read = child.read_while(&mut output, &mut progress::go_on)?;
        output.truncate(read);
        let exit = child.finish_while(Duration::from_secs(5), &mut progress::go_on)?;
        if !exit.success() {
            return Err(exit.error(Error::new(Kind::ToolFailed, "espeak-ng does not read the text")));
        }
        Ok(String::from_utf8_lossy(&output).into_owned())
    }

    fn lines(&self, text: &str) -> Result<Vec<String>> {
        let said = self.ask(text)?;
        let lines = said.lines().filter(|line| !line.trim().is_empty());
        Ok(lines.map(|line| self.signs(line)).collect())
    }

    fn signs(&self, line: &str) -> String {
        // Where it changes its language it says so in brackets.
        let mut plain = String::with_capacity(line.len());
        let mut depth = 0;
        for c in line.chars() {
            match c {
                '(' => depth += 1,
                ')' => depth -= i32::from(depth > 0),
                c if depth == 0 => plain.push(c),
                _ => {}
            }
        }
        for (from, to) in JOINED {
            plain = plain.replace(from, to);
        }
        let plain = plain.replace(['^', '-'], "");
        ipa::known(&if self.voice == "cmn" { tones(&plain) } else { plain })
    }
}

/// Mandarin's tones as arrows.
fn tones(plain: &str) -> String {
    let arrow = |c| match c {
        '1' => Some('→'),
        '2' => Some('↗'),
        '3' => Some('↓'),
        '4' => Some('↘'),
        '5' => None,
        c => Some(c),
    };
    plain.chars().filter_map(arrow).collect()
}

impl Phonemizer for Espeak {
    fn phonemes(&self, sentence: &[Sayable]) -> Result<Vec<String>> {
        let text = |item: &Sayable| match item {
            Sayable::Word(text) | Sayable::Letters(text) => Some(text.replace(char::is_whitespace, " ")),
            _ => None,
        };
        let words: Vec<String> = sentence.iter().filter_map(text).collect();
        if words.is_empty() {
            return Ok(sentence.iter().map(given).collect());
        }
        // Words between empty lines come out as lines of their own.
        let mut lines = self.lines(&words.join("\n\n"))?;
        if lines.len() != words.len() {
            lines = words.iter().map(|word| Ok(self.lines(word)?.join(" "))).collect::<Result<_>>()?;
        }
        let mut lines = lines.into_iter();
        let said = sentence.iter().map(|item| {
            if text(item).is_some() {
                lines.next().unwrap_or_default()
            } else {
                given(item)
            }
        });
        Ok(said.collect())
    }
}

fn given(item: &Sayable) -> String {
    match item {
        Sayable::Given { phonemes, .. } => phonemes.clone(),
        _ => String::new(),
    }
}
