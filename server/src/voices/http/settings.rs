//! `[[voices.http]]` of the settings.

use std::fmt;
use std::time::Duration;

use ipnet::IpNet;
use mouthpiece_render::speech::{Gender, Language, VoiceInfo};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// A server that speaks text, and which of its voices are offered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What the ids of its voices begin with.
    #[serde(default = "default_name")]
    pub name: String,
    /// The whole address, such as `https://speech.example/v1/audio/speech`.
    pub url: String,
    pub model: String,
    pub voices: Vec<Offered>,
    /// Of the voices that have none of their own, as a code such as `en-GB`.
    #[serde(default = "english", deserialize_with = "by_code")]
    pub language: Language,
    /// The environment's variable that holds the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_env: Option<String>,
    /// The key itself; better kept out of files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Secret>,
    /// What is asked for as `response_format`.
    #[serde(default)]
    pub format: Format,
    /// Private networks in which this server may be, besides those of `allow_net`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_net: Vec<IpNet>,
    /// For one sentence.
    #[serde(default = "default_time_limit", with = "humantime_serde")]
    pub time_limit: Duration,
}

/// A voice as the server calls it, or with what else is to be told of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Offered {
    Called(String),
    Described(Described),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// As the server calls it.
    pub voice: String,
    /// What it is shown as; by default what the server calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "maybe_by_code")]
    pub language: Option<Language>,
    #[serde(default = "female")]
    pub gender: Gender,
    #[serde(default)]
    pub accent: String,
}

/// How the server packs sound; what comes is looked at all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    #[default]
    Wav,
    Mp3,
    Flac,
    Opus,
    Aac,
}

/// A key. It is never printed; only what is handed to a worker of ours holds it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Settings {
    /// What is wrong with them: the field and a sentence that goes on after its name.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let wrong = |field, rest: &str| Err((field, rest.to_owned()));
        if self.name.is_empty() || self.name.len() > 32 || !self.name.chars().all(of_an_id) {
            return wrong("name", "must be 1 to 32 ASCII letters, digits, _ or -");
        }
        let web = url::Url::parse(&self.url).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
        if !web {
            return wrong("url", "must be a whole address, like https://speech.example/v1/audio/speech");
        }
        if self.key.is_some() && self.key_env.is_some() {
            return wrong("key", "cannot be given beside key_env; remove one of them");
        }
        if self.voices.is_empty() {
            return wrong("voices", "must name at least one voice of the server");
        }
        if self.voices.iter().any(|v| v.called().is_empty() || v.called().len() > 200) {
            return wrong("voices", "must be names of 1 to 200 bytes");
        }
        if self.time_limit.is_zero() {
            return wrong("time_limit", "must be more than 0 s");
        }
        let mut ids: Vec<String> = self.infos().map(|i| i.id).collect();
        ids.sort();
        match ids.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => wrong("voices", &format!("would have the id {} twice; name each once", pair[0])),
            None => Ok(()),
        }
    }

    /// What is told of its voices, in their order.
    pub fn infos(&self) -> impl Iterator<Item = VoiceInfo> {
        self.voices.iter().map(|v| self.info(v))
    }

    /// How the server calls the voice of an id.
    pub(super) fn called(&self, id: &str) -> Option<(&str, Language)> {
        let voice = self.voices.iter().find(|v| self.id(v) == id)?;
        Some((voice.called(), self.info(voice).language))
    }

    fn id(&self, voice: &Offered) -> String {
        let called = voice.called().chars().map(|c| if of_an_id(c) { c } else { '_' });
        format!("{}-{}", self.name, called.collect::<String>())
    }

    fn info(&self, offered: &Offered) -> VoiceInfo {
        let described = match offered {
            Offered::Called(voice) => &Described::called(voice),
            Offered::Described(described) => described,
        };
        VoiceInfo {
            id: self.id(offered),
            name: described.name.clone().unwrap_or_else(|| described.voice.clone()),
            language: described.language.unwrap_or(self.language),
            gender: described.gender,
            accent: described.accent.clone(),
            description: format!("{} of the speech server \"{}\".", described.voice, self.name),
            use_case: "narration".to_owned(),
            age: "middle_aged".to_owned(),
            engine: self.name.clone(),
        }
    }
}

impl Offered {
    fn called(&self) -> &str {
        match self {
            Self::Called(voice) => voice,
            Self::Described(described) => &described.voice,
        }
    }
}

impl Described {
    fn called(voice: &str) -> Self {
        Self {
            voice: voice.to_owned(),
            name: None,
            language: None,
            gender: female(),
            accent: String::new(),
        }
    }
}

/// A language as people write it: `en`, `pt_BR`.
fn by_code<'de, D: Deserializer<'de>>(from: D) -> Result<Language, D::Error> {
    let code = String::deserialize(from)?;
    Language::from_code(&code).ok_or_else(|| {
        let known: Vec<_> = Language::ALL.iter().map(|l| l.code()).collect();
        D::Error::custom(format!("{code:?} is no language here; there are {}", known.join(", ")))
    })
}

fn maybe_by_code<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Language>, D::Error> {
    by_code(from).map(Some)
}

fn of_an_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

fn default_name() -> String {
    "http".to_owned()
}

fn english() -> Language {
    Language::AmericanEnglish
}

fn female() -> Gender {
    Gender::Female
}

fn default_time_limit() -> Duration {
    Duration::from_mins(2)
}
