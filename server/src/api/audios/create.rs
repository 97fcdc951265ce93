//! What every call asks for that speaks a text, and its recording.

use std::collections::BTreeMap;

use mouthpiece_render::speech::{AudioFormat, Language, Manner};
use serde_json::Value;

use crate::api::spoken::{self, Text};
use crate::api::voices::clone::{self, Label, NewVoice};
use crate::api::voices::{Chosen, choose};
use crate::db::Tx;
use crate::id::{RecordId, secret};
use crate::job::{self, Kind, NewJob};
use crate::problem::Result;
use crate::service::Service;
use crate::spec::speech::{AudioSpec, SpeechSpec, StoredAudio, VoiceSource, VoiceSpec};

/// A request that is sound in itself; whether there is such a voice is still to be seen.
pub struct Asked {
    pub text: Text,
    pub by: By,
    pub rate: String,
    pub manner: Manner,
    pub dictionary: BTreeMap<String, String>,
    /// The field that named it, and what it said.
    pub language: Option<(&'static str, String)>,
    pub sound: Sound,
    pub captions: bool,
    /// What the record repeats.
    pub options: Value,
    pub webhook_url: Option<String>,
    pub warnings: Vec<String>,
}

/// Who speaks.
pub enum By {
    /// The voice that `voice_id` names.
    Voice(String),
    /// One that is like a recording, and is kept.
    Recording { url: String, consent: Option<bool> },
}

/// What the file is to be.
pub struct Sound {
    pub format: AudioFormat,
    pub rate: Option<u32>,
    pub bitrate: Option<u32>,
    pub channels: u8,
}

impl Default for Sound {
    fn default() -> Self {
        Self {
            format: AudioFormat::Mp3,
            rate: None,
            bitrate: None,
            channels: 1,
        }
    }
}

/// Records an audio and the job that will speak it; gives its `_id`.
pub async fn create(service: &Service, tx: &mut Tx, uid: i64, asked: Asked) -> Result<RecordId> {
    let Asked {
        text,
        by,
        rate,
        manner,
        dictionary,
        language,
        sound: Sound {
            format,
            rate: samples,
            bitrate,
            channels,
        },
        captions,
        options,
        webhook_url,
        warnings,
    } = asked;
    let id = RecordId::new(service.clock.now());
    let credit = &service.config.credit;
    let mut price = credit.speech(text.characters);
    let (voice, matching) = match by {
        By::Voice(name) => (choose(&service.voices.now().await?, tx, uid, "voice_id", &name).await?, None),
        By::Recording { url, consent } => {
            clone::make_room(service, tx, uid).await?;
            price += i64::from(credit.per_voice);
            let voice = new_voice(service);
            (voice, Some((url, consent)))
        }
    };
    if let Some((field, code)) = &language {
        spoken::language(field, code, &voice)?;
    }
    let spec = AudioSpec {
        speech: SpeechSpec {
            field: "input_text".to_owned(),
            text: text.written.clone(),
            voice: voice.source.clone(),
            manner,
            dictionary,
        },
        format,
        rate: samples,
        bitrate,
        channels,
        captions,
        warnings: warnings.clone(),
        voice: matching.as_ref().map(|(url, _)| VoiceSpec {
            id: voice.id.clone(),
            field: "voice_url".to_owned(),
            url: url.clone(),
            denoise: false,
            language: voice.language,
            text: None,
            warnings: Vec::new(),
        }),
    };
    let new = NewJob {
        id: &id,
        uid,
        kind: Kind::Audio,
        spec: &StoredAudio::V1(Box::new(spec)),
        webhook_url: webhook_url.as_deref(),
        reserve: price,
    };
    job::enqueue(service, tx, &new).await?;
    job::note_warnings(tx, &id, &warnings).await?;
    if let Some((url, consent)) = matching {
        let new = NewVoice {
            id: &voice.id,
            job: &id,
            voice_id: &voice.voice_id,
            name: None,
            text: None,
            label: Label::default(),
            language: voice.language,
            consent,
            source: &url,
        };
        clone::insert(service, tx, uid, new).await?;
    }
    sqlx::query(
        "INSERT INTO audios (id, uid, input_text, rate, voice, voice_id, voice_name, gender, options, format)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(&id)
    .bind(uid)
    .bind(text.written)
    .bind(rate)
    .bind(&voice.id)
    .bind(&voice.voice_id)
    .bind(&voice.name)
    .bind(&voice.gender)
    .bind(options.to_string())
    .bind(format.extension())
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// The voice that the job will match first.
fn new_voice(service: &Service) -> Chosen {
    let id = RecordId::new(service.clock.now());
    Chosen {
        source: VoiceSource::Own(id.clone()),
        voice_id: secret(clone::VOICE_ID),
        name: id.as_str()[..8].to_owned(),
        gender: String::new(),
        language: Language::AmericanEnglish,
        id,
    }
}
