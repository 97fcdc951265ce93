//! Speech: text becomes sound, and times of its phonemes and words.
//!
//! text or SSML -> `script` (what is said how, and pauses) -> `reading` (numbers as words, sentences, phonemes in Kokoro's alphabet)
//! -> a [`Voice`] -> `joining` (trimmed, without clicks, of even loudness). An engine is one file and one line in [`Speaker::open`].

pub mod alignment;
pub mod alphabet;
pub mod captions;
pub mod dictionary;
mod hibari;
mod joining;
pub mod kokoro;
mod language;
mod loudness;
pub mod matching;
pub mod pocket;
pub mod reading;
mod recording;
pub mod script;
pub mod speaker;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::mouth::TimedPhoneme;

pub use dictionary::Dictionary;
pub use language::Language;
pub use reading::{Piece, Readers};
pub use recording::{AudioFormat, Recording};
pub use script::Script;
pub use speaker::Speaker;

/// Something that speaks; several threads may speak with it at once.
pub trait Voice: Send + Sync {
    fn language(&self) -> Language;

    /// Samples a second of what it says.
    fn rate(&self) -> u32;

    /// Says one phrase, silence at its ends included.
    fn say(&self, phrase: &Phrase, manner: &Manner) -> Result<Utterance>;
}

/// Where voices come from.
pub trait Engine: Send + Sync {
    /// The voices that can speak here and now, in the order in which they are shown.
    fn voices(&self) -> Vec<VoiceInfo>;

    /// One of them, by its id; `None` for what is not ours.
    fn voice(&self, id: &str) -> Option<Result<Arc<dyn Voice>>>;
}

/// What is told of a voice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoiceInfo {
    /// ASCII letters, digits, `_` and `-`; unique among all engines.
    pub id: String,
    pub name: String,
    pub language: Language,
    pub gender: Gender,
    /// Such as "American".
    pub accent: String,
    /// One sentence.
    pub description: String,
    /// Such as "narration".
    pub use_case: String,
    /// `young`, `middle_aged` or `old`.
    pub age: String,
    /// The engine's name.
    pub engine: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    Female,
    Male,
}

/// What a voice says in one breath: a sentence, or a part of a long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    pub language: Language,
    pub words: Vec<Word>,
}

/// A word as it was written and as it is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// As written, with its punctuation: what captions show ("$9.99,").
    pub text: String,
    /// As read aloud, without punctuation ("nine dollars and ninety-nine cents"): for engines that read text themselves.
    pub spoken: String,
    /// In Kokoro's alphabet with stress marks; words that it is read as are separated by single spaces. Empty where the language has no G2P here.
    pub phonemes: String,
    /// Punctuation after it, as signs of the alphabet (`,` `.` `?` `!` `;` `:` `—` `…`); may be empty.
    pub pause: String,
}

/// How something is said.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manner {
    /// Times the voice's own pace: 0.5 to 2.
    pub speed: f32,
    /// Semitones above the voice's own pitch: -12 to 12.
    pub pitch: f32,
    /// dB above the voice's own level: -40 to 6.
    pub volume: f32,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            speed: 1.0,
            pitch: 0.0,
            volume: 0.0,
        }
    }
}

impl Manner {
    /// A part's own manner on top of this one, within what is allowed.
    #[must_use]
    pub fn and(&self, own: &Self) -> Self {
        Self {
            speed: (self.speed * own.speed).clamp(0.5, 2.0),
            pitch: (self.pitch + own.pitch).clamp(-12.0, 12.0),
            volume: (self.volume + own.volume).clamp(-40.0, 6.0),
        }
    }
}

/// A phrase that was said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Utterance {
    /// Mono, within -1 to 1, at the voice's rate.
    pub samples: Vec<f32>,
    /// In seconds from the first sample, in order; empty where the engine does not know, and then they are found by alignment.
    pub phonemes: Vec<TimedPhoneme>,
    /// Start and end in seconds of each word of the phrase; empty with `phonemes`.
    pub words: Vec<(f64, f64)>,
}

/// A word with its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimedWord {
    /// As written, with its punctuation.
    pub text: String,
    /// Seconds from the start of the sound.
    pub start: f64,
    pub end: f64,
}

/// What was said altogether; the samples went to the caller while it was said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spoken {
    pub seconds: f64,
    pub phonemes: Vec<TimedPhoneme>,
    pub words: Vec<TimedWord>,
}
