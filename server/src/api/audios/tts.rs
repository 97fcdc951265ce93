//! What the newer call for speech is sent.

use std::collections::BTreeMap;

use mouthpiece_render::speech::{AudioFormat, Manner, Script};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::create::{Asked, By, Sound};
use super::older::{filled, named};
use crate::api::request::{Number, part, required, shown};
use crate::api::spoken;
use crate::api::url::checked_webhook;
use crate::problem::{Problem, Result};
use crate::service::Service;

pub const SAMPLE_RATES: [u32; 6] = [8000, 16_000, 22_050, 24_000, 32_000, 44_100];
pub const BITRATES: [u32; 4] = [32_000, 64_000, 128_000, 256_000];
/// The quietest that a voice is made, in dB.
const FLOOR: f32 = -40.0;

/// A text to be spoken.
#[derive(Deserialize, ToSchema)]
pub struct TtsBody {
    /// Plain, or with SSML's `break`, `prosody`, `phoneme`, `say-as` and `sub`.
    #[schema(required, nullable = false, min_length = 1, max_length = 50000, example = "Hello!")]
    input_text: Option<String>,
    /// A voice's `voice_id` or `_id`.
    #[schema(required, nullable = false, min_length = 1, max_length = 255)]
    voice_id: Option<String>,
    /// `speed` and `volume` are honoured; `stability`, `similarity_boost`, `style`, `speaker_boost` and `emotion` are taken and listed
    /// in `warnings`.
    #[schema(value_type = Option<VoiceOptions>)]
    voice_options: Option<Map<String, Value>>,
    /// Such as `en`; a language that the voice does not speak is refused with 1112.
    #[schema(max_length = 35)]
    language_code: Option<String>,
    #[schema(schema_with = super::schema::pitch)]
    pitch: Option<Number>,
    #[schema(value_type = Option<ExtraOptions>)]
    extra_options: Option<Map<String, Value>>,
    /// How words are pronounced: a respelling, or phonemes between slashes.
    pronunciation_dictionary: Option<BTreeMap<String, String>>,
    /// Is posted to when the work is begun, and when the audio is done or has failed.
    #[serde(rename = "webhookUrl")]
    #[schema(format = "uri", max_length = 8192)]
    webhook_url: Option<String>,
}

/// How it is said.
#[derive(Default, Deserialize, ToSchema)]
pub struct VoiceOptions {
    #[schema(schema_with = super::schema::speed)]
    speed: Option<Number>,
    #[schema(schema_with = super::schema::volume)]
    volume: Option<Number>,
}

/// What the file is, and what comes with it; other options are taken and listed in `warnings`.
#[derive(Default, Deserialize, ToSchema)]
pub struct ExtraOptions {
    audio_setting: Option<AudioSetting>,
    /// Whether links to captions come with it, as SubRip and WebVTT.
    subtitle_enable: Option<bool>,
}

#[derive(Default, Deserialize, ToSchema)]
pub struct AudioSetting {
    #[schema(schema_with = super::schema::sample_rate)]
    sample_rate: Option<Number>,
    #[schema(schema_with = super::schema::bitrate)]
    bitrate: Option<Number>,
    /// `mp3` (also when missing) or `wav`.
    format: Option<String>,
    #[schema(schema_with = super::schema::channel)]
    channel: Option<Number>,
}

impl TtsBody {
    pub fn checked(self, service: &Service) -> Result<Asked> {
        let Self {
            input_text,
            voice_id,
            voice_options,
            language_code,
            pitch,
            extra_options,
            pronunciation_dictionary,
            webhook_url,
        } = self;
        let (options, extra) = (voice_options.unwrap_or_default(), extra_options.unwrap_or_default());
        let mut warnings = Vec::new();
        unheard("voice_options", &options, &["speed", "volume"], &mut warnings);
        unheard("extra_options", &extra, &["audio_setting", "subtitle_enable"], &mut warnings);
        let VoiceOptions { speed, volume } = part("voice_options", &Value::Object(options.clone()))?;
        let ExtraOptions {
            audio_setting,
            subtitle_enable,
        } = part("extra_options", &Value::Object(extra))?;
        let text = spoken::text("input_text", required("input_text", input_text)?, Script::MAX_CHARACTERS)?;
        let voice = named(required("voice_id", filled(voice_id))?)?;
        let manner = Manner {
            speed: within("voice_options.speed", speed, 0.7, 1.2)?.unwrap_or(1.0),
            pitch: within("pitch", pitch, -12.0, 12.0)?.unwrap_or(0.0),
            volume: decibels(within("voice_options.volume", volume, 0.0, 100.0)?.unwrap_or(100.0)),
        };
        let sound = sound(audio_setting.unwrap_or_default(), &mut warnings)?;
        let webhook_url = filled(webhook_url);
        Ok(Asked {
            text,
            by: By::Voice(voice),
            rate: format!("{}%", (manner.speed * 100.0).round()),
            manner,
            dictionary: spoken::dictionary("pronunciation_dictionary", pronunciation_dictionary)?,
            language: filled(language_code).map(|code| ("language_code", code)),
            sound,
            captions: subtitle_enable.unwrap_or(false),
            options: Value::Object(options),
            webhook_url: webhook_url.map(|url| checked_webhook(service, "webhookUrl", &url)).transpose()?,
            warnings,
        })
    }
}

/// Tells of options that say something and change nothing.
fn unheard(path: &str, options: &Map<String, Value>, heard: &[&str], warnings: &mut Vec<String>) {
    /// Clients may send anything; nobody reads more.
    const MOST: usize = 20;
    let without_effect = |(name, value): &(&String, &Value)| !heard.contains(&name.as_str()) && !is_nothing(value);
    for (name, _) in options.iter().filter(without_effect).take(MOST) {
        warnings.push(format!("{path}.{}: no voice here can honour this; it was ignored", shown(name)));
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn within(field: &str, value: Option<Number>, from: f32, to: f32) -> Result<Option<f32>> {
    let Some(Number(value)) = value else { return Ok(None) };
    let value = value as f32;
    if !(from..=to).contains(&value) {
        return Err(Problem::field(
            field,
            format!("is {value}, but must be a number from {from} to {to}"),
        ));
    }
    Ok(Some(value))
}

/// A share of full amplitude, in percent, as a level.
fn decibels(percent: f32) -> f32 {
    (20.0 * (percent / 100.0).log10()).max(FLOOR)
}

fn sound(setting: AudioSetting, warnings: &mut Vec<String>) -> Result<Sound> {
    let AudioSetting {
        sample_rate,
        bitrate,
        format,
        channel,
    } = setting;
    let at = |field: &str| format!("extra_options.audio_setting.{field}");
    let format = match filled(format).as_deref() {
        None | Some("mp3") => AudioFormat::Mp3,
        Some("wav") => AudioFormat::Wav,
        Some(other) => {
            return Err(Problem::field(
                &at("format"),
                format!("is {:?}, but may be mp3 or wav", shown(other)),
            ));
        }
    };
    let rate = one_of(&at("sample_rate"), sample_rate, &SAMPLE_RATES)?;
    let mut bitrate = one_of(&at("bitrate"), bitrate, &BITRATES)?;
    let channels = one_of(&at("channel"), channel, &[1, 2])?.map_or(1, |n| n as u8);
    match (format, bitrate) {
        (AudioFormat::Wav, Some(_)) => {
            warnings.push(format!("{}: a wav file has none; it was ignored", at("bitrate")));
            bitrate = None;
        }
        (AudioFormat::Mp3, Some(asked)) if asked > most(rate) => {
            let most = most(rate);
            warnings.push(format!(
                "{}: an mp3 of this sample_rate has at most {most}, which was taken",
                at("bitrate")
            ));
            bitrate = Some(most);
        }
        _ => {}
    }
    Ok(Sound {
        format,
        rate,
        bitrate,
        channels,
    })
}

/// The most bits a second that MPEG layer III has at a sample rate (ISO 11172-3, 13818-3, and MPEG 2.5); voices here have 24 kHz or less.
fn most(rate: Option<u32>) -> u32 {
    match rate.unwrap_or(24_000) {
        0..16_000 => 64_000,
        16_000..32_000 => 160_000,
        _ => 320_000,
    }
}

fn one_of(field: &str, value: Option<Number>, known: &[u32]) -> Result<Option<u32>> {
    let Some(Number(value)) = value else { return Ok(None) };
    let found = known.iter().find(|n| f64::from(**n) == value);
    let all: Vec<_> = known.iter().map(u32::to_string).collect();
    match found {
        Some(n) => Ok(Some(*n)),
        None => Err(Problem::field(field, format!("is {value}, but may be one of {}", all.join(", ")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volume_is_a_share_of_the_amplitude() {
        assert_eq!(decibels(100.0), 0.0);
        assert!((decibels(50.0) + 6.02).abs() < 0.01);
        assert_eq!(decibels(0.0), FLOOR);
    }

    #[test]
    fn what_an_mp3_cannot_have_is_told() {
        let setting = |rate: f64, bitrate: f64, format: &str| AudioSetting {
            sample_rate: Some(Number(rate)),
            bitrate: Some(Number(bitrate)),
            format: Some(format.to_owned()),
            channel: None,
        };
        for (rate, bitrate, format, taken, told) in [
            (44_100.0, 256_000.0, "mp3", Some(256_000), 0),
            (24_000.0, 256_000.0, "mp3", Some(160_000), 1),
            (8000.0, 128_000.0, "mp3", Some(64_000), 1),
            (8000.0, 32_000.0, "mp3", Some(32_000), 0),
            (44_100.0, 128_000.0, "wav", None, 1),
        ] {
            let mut warnings = Vec::new();
            let sound = sound(setting(rate, bitrate, format), &mut warnings).unwrap();
            assert_eq!((sound.bitrate, warnings.len()), (taken, told), "{rate} {bitrate} {format}");
        }
    }
}
