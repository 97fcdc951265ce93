//! Texts to be spoken, for every call that takes one.

use std::collections::BTreeMap;

use mouthpiece_render::speech::{Dictionary, Language, Script};

use super::request::shown;
use super::voices::Chosen;
use crate::problem::{Code, Problem, Result};
use crate::service::Service;

/// A text that can be spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// As it was sent.
    pub written: String,
    /// What is charged and spoken.
    pub characters: usize,
}

/// A text of at most so many characters, markup not counted; `field` names it in sentences.
pub fn text(field: &str, written: String, longest: usize) -> Result<Text> {
    let script = Script::parse(&written).map_err(|e| Problem::field(&format!("{field}:"), e.message))?;
    let characters = script.characters();
    if characters > longest {
        let rest = format!("has {characters} characters, but may have {longest}");
        return Err(Problem::field(field, rest));
    }
    Ok(Text { written, characters })
}

/// What is said in a recording: words without markup.
pub fn plain(field: &str, written: String) -> Result<String> {
    Script::plain(&written).map_err(|e| Problem::field(&format!("{field}:"), e.message))?;
    Ok(written)
}

/// How words are pronounced: `{"word": "respelling"}` or `{"word": "/phonemes/"}`.
pub fn dictionary(field: &str, words: Option<BTreeMap<String, String>>) -> Result<BTreeMap<String, String>> {
    let words = words.unwrap_or_default();
    let json = serde_json::to_value(&words)?;
    serde_json::from_value::<Dictionary>(json).map_err(|e| Problem::field(&format!("{field}:"), e))?;
    Ok(words)
}

/// A language that voices here may speak.
pub fn known_language(field: &str, code: &str) -> Result<Language> {
    Language::from_code(code.trim()).ok_or_else(|| {
        let known: Vec<_> = Language::ALL.iter().map(|l| l.code()).collect();
        Problem::field(field, format!("is {:?}, but may be one of {}", shown(code), known.join(", ")))
    })
}

/// Refuses a language that the voice does not speak, with 1112.
pub fn language(field: &str, code: &str, voice: &Chosen) -> Result<()> {
    let refused = |rest: String| Err(Problem::new(Code::VoiceProcessing, format!("{field}: {rest}")));
    match Language::from_code(code) {
        Some(language) if language.name() == voice.language.name() => Ok(()),
        Some(language) => refused(format!(
            "the voice {:?} speaks {}, not {}; choose a voice of that language",
            voice.name,
            voice.language.name(),
            language.name()
        )),
        None => refused(format!("nothing here speaks {:?}", shown(code))),
    }
}

/// Refuses a text that is plainly too long for one video, before it is spoken: 1204.
pub fn fits(service: &Service, field: &str, text: &Text, voice: &Chosen) -> Result<()> {
    let limit = service.config.limits.speech_seconds;
    // Faster than almost everybody talks, so that nothing is refused that would have fitted.
    let per_second = match voice.language {
        Language::Chinese | Language::Japanese => 8.0,
        _ => 20.0,
    };
    let least = text.characters as f64 / per_second;
    if least <= f64::from(limit) {
        return Ok(());
    }
    let rest = format!("would last more than {least:.0} s when it is spoken, and {limit} s are allowed; cut it into parts");
    Err(Problem::new(Code::Duration, format!("{field} {rest}")))
}
