//! What is asked of a voice like that of a recording, and its recording.

use mouthpiece_render::speech::Language;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::words;
use crate::api::request::{readable, required};
use crate::api::spoken;
use crate::api::url::{checked_url, checked_webhook};
use crate::db::Tx;
use crate::fetch::Wanted;
use crate::id::{RecordId, secret};
use crate::job::{self, Kind, NewJob};
use crate::problem::{Code, Problem, Result};
use crate::service::Service;
use crate::spec::speech::{StoredVoice, VoiceSpec};

/// The longest name, and the longest text of a preview, in characters.
const NAME: usize = 200;
const TEXT: usize = 1000;
/// Letters and digits of a `voice_id`.
pub const VOICE_ID: usize = 20;

/// A recording whose voice is to be kept.
#[derive(Deserialize, ToSchema)]
pub struct CloneBody {
    /// A link to a recording of one speaker, 5 s to 5 min, up to 30 MB: mp3, wav, m4a, aac, ogg or flac.
    #[schema(required, nullable = false, format = "uri", max_length = 8192)]
    source_voice_file: Option<String>,
    /// For people; the first 8 characters of `_id` when missing.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// Said in the preview; a sentence of the voice's language when missing.
    #[schema(max_length = 1000)]
    text: Option<String>,
    voice_options: Option<CloneOptions>,
    /// Is posted to when the work is begun, and when the voice is done or has failed.
    #[serde(rename = "webhookUrl")]
    #[schema(format = "uri", max_length = 8192)]
    webhook_url: Option<String>,
    /// Whether the person who is heard agrees; it is kept with the voice.
    consent: Option<bool>,
}

/// What the voice is called in lists, and how the recording is treated.
#[derive(Default, Deserialize, ToSchema)]
pub struct CloneOptions {
    style: Option<Vec<String>>,
    /// `Female` or `Male`; found out when missing.
    gender: Option<Vec<String>>,
    age: Option<Vec<String>>,
    scenario: Option<Vec<String>>,
    /// Whether noise is taken out of the recording before it is listened to.
    remove_background_noise: Option<bool>,
    /// What the voice will speak, such as `en`: English unless it is said.
    #[schema(max_length = 35)]
    language: Option<String>,
    /// All speech here is evened out; `false` cannot be honoured.
    need_volume_normalization: Option<bool>,
}

/// The same, found good.
pub struct NewClone {
    url: String,
    name: Option<String>,
    text: Option<String>,
    label: Label,
    denoise: bool,
    language: Language,
    webhook_url: Option<String>,
    consent: Option<bool>,
    warnings: Vec<String>,
}

/// What a voice is called in lists.
#[derive(Default)]
pub struct Label {
    gender: Option<String>,
    style: Vec<String>,
    age: Vec<String>,
    scenario: Vec<String>,
}

impl CloneBody {
    pub fn checked(self, service: &Service) -> Result<NewClone> {
        let Self {
            source_voice_file,
            name,
            text,
            voice_options,
            webhook_url,
            consent,
        } = self;
        let CloneOptions {
            style,
            gender,
            age,
            scenario,
            remove_background_noise,
            language,
            need_volume_normalization,
        } = voice_options.unwrap_or_default();
        let name = name.filter(|name| !name.trim().is_empty());
        if let Some(name) = &name {
            readable("name", name, NAME)?;
        }
        let text = text.filter(|text| !text.trim().is_empty());
        let text = text.map(|text| spoken::text("text", text, TEXT)).transpose()?;
        let url = required("source_voice_file", source_voice_file)?;
        let webhook_url = webhook_url.filter(|url| !url.trim().is_empty());
        let mut warnings = Vec::new();
        if need_volume_normalization == Some(false) {
            warnings.push("voice_options.need_volume_normalization: all speech here is brought to the same loudness".to_owned());
        }
        Ok(NewClone {
            url: checked_url(service, "source_voice_file", &url, Wanted::Voice)?,
            name,
            text: text.map(|text| text.written),
            label: Label {
                gender: gender_of("voice_options.gender", gender)?,
                style: words("voice_options.style", style)?,
                age: words("voice_options.age", age)?,
                scenario: words("voice_options.scenario", scenario)?,
            },
            denoise: remove_background_noise.unwrap_or(false),
            language: match language.filter(|code| !code.trim().is_empty()) {
                Some(code) => spoken::known_language("voice_options.language", &code)?,
                None => Language::AmericanEnglish,
            },
            webhook_url: webhook_url.map(|url| checked_webhook(service, "webhookUrl", &url)).transpose()?,
            consent,
            warnings,
        })
    }
}

/// The first that is said, as records write it.
fn gender_of(field: &str, list: Option<Vec<String>>) -> Result<Option<String>> {
    let Some(first) = words(field, list)?.into_iter().next() else {
        return Ok(None);
    };
    match first.trim().to_lowercase().as_str() {
        "female" => Ok(Some("Female".to_owned())),
        "male" => Ok(Some("Male".to_owned())),
        _ => Err(Problem::field(field, "may be Female or Male")),
    }
}

/// Records a voice and the job that will match it; gives its `_id`.
pub async fn create(service: &Service, tx: &mut Tx, uid: i64, new: NewClone) -> Result<RecordId> {
    let NewClone {
        url,
        name,
        text,
        label,
        denoise,
        language,
        webhook_url,
        consent,
        warnings,
    } = new;
    let id = RecordId::new(service.clock.now());
    make_room(service, tx, uid).await?;
    let spec = VoiceSpec {
        id: id.clone(),
        field: "source_voice_file".to_owned(),
        url: url.clone(),
        denoise,
        language,
        text: text.clone(),
        warnings: warnings.clone(),
    };
    let job = NewJob {
        id: &id,
        uid,
        kind: Kind::Voice,
        spec: &StoredVoice::V1(spec),
        webhook_url: webhook_url.as_deref(),
        reserve: service.config.credit.per_voice.into(),
    };
    job::enqueue(service, tx, &job).await?;
    job::note_warnings(tx, &id, &warnings).await?;
    let voice = NewVoice {
        id: &id,
        job: &id,
        voice_id: &secret(VOICE_ID),
        name,
        text,
        label,
        language,
        consent,
        source: &url,
    };
    insert(service, tx, uid, voice).await?;
    Ok(id)
}

/// A voice to be recorded, beside the job that will match it.
pub struct NewVoice<'a> {
    pub id: &'a RecordId,
    pub job: &'a RecordId,
    pub voice_id: &'a str,
    pub name: Option<String>,
    pub text: Option<String>,
    pub label: Label,
    pub language: Language,
    pub consent: Option<bool>,
    pub source: &'a str,
}

pub async fn insert(service: &Service, tx: &mut Tx, uid: i64, new: NewVoice<'_>) -> Result<()> {
    let NewVoice {
        id,
        job,
        voice_id,
        name,
        text,
        label: Label {
            gender,
            style,
            age,
            scenario,
        },
        language,
        consent,
        source,
    } = new;
    sqlx::query(
        "INSERT INTO voices (id, uid, job, voice_id, name, text, language, gender, style, age, scenario, consent, source, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(id)
    .bind(uid)
    .bind(job)
    .bind(voice_id)
    .bind(name.unwrap_or_else(|| id.as_str()[..8].to_owned()))
    .bind(text.unwrap_or_default())
    .bind(language.code())
    .bind(gender.unwrap_or_default())
    .bind(json!(style).to_string())
    .bind(json!(age).to_string())
    .bind(json!(scenario).to_string())
    .bind(consent)
    .bind(source)
    .bind(service.clock.now())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Refuses one voice too many.
pub async fn make_room(service: &Service, tx: &mut Tx, uid: i64) -> Result<()> {
    let count: u32 = sqlx::query_scalar("SELECT count(*) FROM voices WHERE uid = $1")
        .bind(uid)
        .fetch_one(&mut **tx)
        .await?;
    let limit = service.config.limits.voices;
    if count >= limit {
        let message = format!("quota not enough: an account may have {limit} voices; delete some that are not needed");
        return Err(Problem::new(Code::Quota, message));
    }
    Ok(())
}
