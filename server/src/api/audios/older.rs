//! What the older calls are sent.

use std::collections::BTreeMap;

use mouthpiece_render::speech::Manner;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::create::{Asked, By, Sound};
use crate::api::request::{required, shown};
use crate::api::spoken;
use crate::api::url::{checked_url, checked_webhook};
use crate::fetch::Wanted;
use crate::problem::{Problem, Result};
use crate::service::Service;

/// The longest text, in characters.
const TEXT: usize = 5000;

/// A text to be spoken.
#[derive(Deserialize, ToSchema)]
pub struct CreateBody {
    /// Plain, or with SSML's `break`, `prosody`, `phoneme`, `say-as` and `sub`.
    #[schema(required, nullable = false, min_length = 1, max_length = 5000, example = "Hello!")]
    input_text: Option<String>,
    /// A voice's `voice_id` or `_id`.
    #[schema(required, nullable = false, min_length = 1, max_length = 255)]
    voice_id: Option<String>,
    #[schema(schema_with = super::schema::rate)]
    rate: Option<Value>,
    /// Is posted to when the work is begun, and when the audio is done or has failed.
    #[serde(rename = "webhookUrl")]
    #[schema(format = "uri", max_length = 8192)]
    webhook_url: Option<String>,
    /// How words are pronounced: a respelling, or phonemes between slashes.
    pronunciation_dictionary: Option<BTreeMap<String, String>>,
}

/// A text to be spoken by a voice like that of a recording, or by one that was matched before: `voice_url` or `voice_id`.
#[derive(Deserialize, ToSchema)]
pub struct VoicedBody {
    /// Plain, or with SSML's `break`, `prosody`, `phoneme`, `say-as` and `sub`.
    #[schema(required, nullable = false, min_length = 1, max_length = 5000, example = "Hello!")]
    input_text: Option<String>,
    /// A link to a recording of one speaker, 5 s to 5 min, up to 30 MB.
    #[schema(format = "uri", max_length = 8192)]
    voice_url: Option<String>,
    /// A voice's `voice_id` or `_id`.
    #[schema(max_length = 255)]
    voice_id: Option<String>,
    #[schema(schema_with = super::schema::rate)]
    rate: Option<Value>,
    /// Is posted to when the work is begun, and when the audio is done or has failed.
    #[serde(rename = "webhookUrl")]
    #[schema(format = "uri", max_length = 8192)]
    webhook_url: Option<String>,
    /// How words are pronounced: a respelling, or phonemes between slashes.
    pronunciation_dictionary: Option<BTreeMap<String, String>>,
    /// Whether the person who is heard in `voice_url` agrees; it is kept with the voice.
    consent: Option<bool>,
}

impl CreateBody {
    pub fn checked(self, service: &Service) -> Result<Asked> {
        let Self {
            input_text,
            voice_id,
            rate,
            webhook_url,
            pronunciation_dictionary,
        } = self;
        let said = Said {
            input_text,
            rate,
            webhook_url,
            pronunciation_dictionary,
        };
        said.by(service, || Ok(By::Voice(named(required("voice_id", filled(voice_id))?)?)))
    }
}

impl VoicedBody {
    pub fn checked(self, service: &Service) -> Result<Asked> {
        let Self {
            input_text,
            voice_url,
            voice_id,
            rate,
            webhook_url,
            pronunciation_dictionary,
            consent,
        } = self;
        let said = Said {
            input_text,
            rate,
            webhook_url,
            pronunciation_dictionary,
        };
        said.by(service, || match (filled(voice_url), filled(voice_id)) {
            (Some(url), None) => Ok(By::Recording {
                url: checked_url(service, "voice_url", &url, Wanted::Voice)?,
                consent,
            }),
            (None, Some(name)) => Ok(By::Voice(named(name)?)),
            (Some(_), Some(_)) => Err(Problem::field(
                "voice_url",
                "cannot be there together with voice_id: send the recording to imitate, or the voice",
            )),
            (None, None) => Err(Problem::field(
                "voice_url",
                "is missing, and voice_id too: send the url of a recording to imitate, or name a voice",
            )),
        })
    }
}

/// What both say.
struct Said {
    input_text: Option<String>,
    rate: Option<Value>,
    webhook_url: Option<String>,
    pronunciation_dictionary: Option<BTreeMap<String, String>>,
}

impl Said {
    fn by(self, service: &Service, by: impl FnOnce() -> Result<By>) -> Result<Asked> {
        let Self {
            input_text,
            rate,
            webhook_url,
            pronunciation_dictionary,
        } = self;
        let text = spoken::text("input_text", required("input_text", input_text)?, TEXT)?;
        let by = by()?;
        let rate = percent(rate)?;
        let webhook_url = filled(webhook_url);
        Ok(Asked {
            text,
            by,
            manner: Manner {
                speed: rate / 100.0,
                ..Manner::default()
            },
            rate: format!("{rate}%"),
            dictionary: spoken::dictionary("pronunciation_dictionary", pronunciation_dictionary)?,
            language: None,
            sound: Sound::default(),
            captions: false,
            options: json!({}),
            webhook_url: webhook_url.map(|url| checked_webhook(service, "webhookUrl", &url)).transpose()?,
            warnings: Vec::new(),
        })
    }
}

/// `"50%"` to `"200%"`; a number is read so, too.
fn percent(rate: Option<Value>) -> Result<f32> {
    let written = match rate {
        None | Some(Value::Null) => return Ok(100.0),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    };
    let text = written.trim();
    if text.is_empty() {
        return Ok(100.0);
    }
    let number = text.strip_suffix('%').unwrap_or(text).trim_end().parse::<f32>().ok();
    number.filter(|n| (50.0..=200.0).contains(n)).ok_or_else(|| {
        let rest = format!("is {:?}, but may be \"50%\" to \"200%\"; \"100%\" is normal", shown(text));
        Problem::field("rate", rest)
    })
}

/// A voice's name, of a length that some voice may have.
pub fn named(name: String) -> Result<String> {
    const LONGEST: usize = 255;
    let length = name.chars().count();
    if length > LONGEST {
        return Err(Problem::field(
            "voice_id",
            format!("has {length} characters, but may have {LONGEST}"),
        ));
    }
    Ok(name)
}

/// A text that says something: empty ones are as good as none.
pub fn filled(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_percents() {
        for (written, rate) in [
            (json!("100%"), 100.0),
            (json!("50%"), 50.0),
            (json!(" 200 % "), 200.0),
            (json!("87.5%"), 87.5),
            (json!(120), 120.0),
            (json!("120"), 120.0),
            (json!(""), 100.0),
            (Value::Null, 100.0),
        ] {
            assert_eq!(percent(Some(written.clone())).unwrap(), rate, "{written}");
        }
        for wrong in [
            json!("49%"),
            json!("201%"),
            json!("fast"),
            json!("-100%"),
            json!("NaN%"),
            json!([1]),
            json!(true),
        ] {
            let problem = percent(Some(wrong.clone())).unwrap_err();
            assert!(
                problem.message.starts_with("parameter validate error: rate is "),
                "{wrong}: {problem}"
            );
        }
    }
}
