//! What is heard: a recording, or a text and the voice that speaks it; and whether it can be read as well.

use std::collections::BTreeMap;

use mouthpiece_render::speech::{Manner, Script};

use super::into::{NAME, short};
use super::wire::AudioBody;
use crate::api::request::{filled, shown};
use crate::api::spoken::{self, Text};
use crate::api::url::checked_url;
use crate::api::voices::Chosen;
use crate::fetch::Wanted;
use crate::problem::{Problem, Result};
use crate::service::Service;
use crate::spec::speech::{SpeechSpec, VoiceSource};
use crate::spec::{CaptionSize, Captions, Sound};

#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    Recording(Sound),
    Speech(Speech),
}

/// A text to be spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct Speech {
    /// How the request names the text, and the voice.
    field: String,
    pub voice_field: String,
    /// A `voice_id` or `_id`.
    pub voice: String,
    pub text: Text,
    dictionary: BTreeMap<String, String>,
}

impl Speech {
    pub fn agreed(self, voice: VoiceSource) -> SpeechSpec {
        let Self {
            field,
            voice_field: _,
            voice: _,
            text,
            dictionary,
        } = self;
        SpeechSpec {
            field,
            text: text.written,
            voice,
            manner: Manner::default(),
            dictionary,
        }
    }

    /// Refuses what is plainly too long, before it is spoken.
    pub fn fits(&self, service: &Service, voice: &Chosen) -> Result<()> {
        spoken::fits(service, &self.field, &self.text, voice)
    }
}

/// `voice_clone` may stand beside the url and is not looked at; nor are text and voice, then.
pub fn heard(service: &Service, path: &str, body: AudioBody) -> Result<Heard> {
    let AudioBody {
        url,
        input_text,
        voice_id,
        pronunciation_dictionary,
        text,
        language_code,
    } = body;
    let field = format!("{path}.url");
    if let Some(url) = filled(url) {
        let url = checked_url(service, &field, &url, Wanted::Sound)?;
        let text = filled(text).map(|text| spoken::plain(&format!("{path}.text"), text)).transpose()?;
        let code = filled(language_code).filter(|_| text.is_some());
        return Ok(Heard::Recording(Sound::Url {
            field: path.to_owned(),
            url,
            text,
            language: code
                .map(|code| spoken::known_language(&format!("{path}.language_code"), &code))
                .transpose()?,
        }));
    }
    let heard = speech(&format!("{path}."), filled(voice_id), filled(input_text), pronunciation_dictionary)?;
    heard.ok_or_else(|| Problem::field(&field, "is missing: send the url of a recording, or input_text with voice_id"))
}

/// Text and voice: both or neither.
pub fn speech(
    path: &str,
    voice_id: Option<String>,
    input_text: Option<String>,
    dictionary: Option<BTreeMap<String, String>>,
) -> Result<Option<Heard>> {
    let (field, voice_field) = (format!("{path}input_text"), format!("{path}voice_id"));
    short(&voice_field, voice_id.as_deref(), NAME)?;
    let (text, voice) = match (input_text, voice_id) {
        (Some(text), Some(voice)) => (text, voice),
        (Some(_), None) => {
            return Err(Problem::field(
                &voice_field,
                "is missing, but must name the voice that speaks input_text",
            ));
        }
        (None, Some(_)) => return Err(Problem::field(&field, "is missing, but must be the text that voice_id speaks")),
        (None, None) => return Ok(None),
    };
    let text = spoken::text(&field, text, Script::MAX_CHARACTERS)?;
    let dictionary = spoken::dictionary(&format!("{path}pronunciation_dictionary"), dictionary)?;
    Ok(Some(Heard::Speech(Speech {
        field,
        voice_field,
        voice,
        text,
        dictionary,
    })))
}

pub fn wanted_captions(name: Option<String>, size: Option<String>) -> Result<Captions> {
    let size = match size.as_deref() {
        Some("small") => CaptionSize::Small,
        None | Some("medium") => CaptionSize::Medium,
        Some("large") => CaptionSize::Large,
        Some(other) => {
            let rest = format!("is {:?}, but may be small, medium or large", shown(other));
            return Err(Problem::field("caption_size", rest));
        }
    };
    match name.as_deref() {
        None | Some("none") => Ok(Captions::None),
        Some("file") => Ok(Captions::File),
        Some("burn") => Ok(Captions::Burn(size)),
        Some(other) => {
            let rest = format!("is {:?}, but may be none, file or burn", shown(other));
            Err(Problem::field("captions", rest))
        }
    }
}
