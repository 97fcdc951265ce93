//! Speech that was agreed to: texts to be spoken, and voices to be matched.

use std::collections::BTreeMap;

use mouthpiece_render::speech::{AudioFormat, Language, Manner};
use serde::{Deserialize, Serialize};

use crate::id::RecordId;

/// A text to be spoken into a file; `version` is that of this type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "version")]
pub enum StoredAudio {
    #[serde(rename = "1")]
    V1(Box<AudioSpec>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AudioSpec {
    pub speech: SpeechSpec,
    pub format: AudioFormat,
    /// Samples a second; the voice's own where nothing is said.
    pub rate: Option<u32>,
    /// Bits a second, of mp3.
    pub bitrate: Option<u32>,
    pub channels: u8,
    pub captions: bool,
    /// Options that nothing here honours.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// The voice that is matched first, and that speaks.
    pub voice: Option<VoiceSpec>,
}

/// What is said, by whom, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpeechSpec {
    /// How the client's request names the text, for sentences: `elements[2].input_text`.
    pub field: String,
    /// Plain, or with the markup that `Script::parse` reads.
    pub text: String,
    pub voice: VoiceSource,
    pub manner: Manner,
    /// How words are pronounced, as `Dictionary` reads it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dictionary: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoiceSource {
    /// One of everybody's, by its `voice_id`.
    Official(String),
    /// One of the caller's.
    Own(RecordId),
}

/// A voice to be matched; `version` is that of this type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "version")]
pub enum StoredVoice {
    #[serde(rename = "1")]
    V1(VoiceSpec),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VoiceSpec {
    /// The record that gets the voice.
    pub id: RecordId,
    /// How the client's request names the recording, for sentences.
    pub field: String,
    pub url: String,
    pub denoise: bool,
    pub language: Language,
    /// What the preview says; nothing: the sample of the voice's language.
    pub text: Option<String>,
    /// Options that nothing here honours.
    #[serde(default)]
    pub warnings: Vec<String>,
}
