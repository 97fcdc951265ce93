//! The record of a voice, as clients of both editions see it.

use std::collections::HashMap;

use mouthpiece_render::speech::Language;
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::Account;
use crate::api::removal::{foreign, unknown};
use crate::clock::Millis;
use crate::db::Tx;
use crate::id::RecordId;
use crate::job::Status;
use crate::problem::{Problem, Result};
use crate::service::Service;
use crate::voices::{self, Official, gender};

/// A voice.
#[derive(Clone, Serialize, ToSchema)]
pub struct Voice {
    #[serde(rename = "_id")]
    #[schema(value_type = String, example = "67491cdb4d9d1664a9782292")]
    pub id: RecordId,
    pub uid: i64,
    #[schema(value_type = Option<String>)]
    pub team_id: Option<RecordId>,
    /// 1 cloned, 2 official.
    pub r#type: u8,
    /// What names it in later calls, as `_id` does too; null before it is done.
    pub voice_id: Option<String>,
    /// `Female`, `Male` or empty.
    pub gender: String,
    pub name: String,
    /// A link to a short sound; null before it is done. Of official voices made when the service has nothing else to do.
    pub preview: Option<String>,
    /// Said in its preview.
    pub text: String,
    /// Seconds of the recording that it was matched to; 0 until they are known.
    pub duration: f64,
    /// 1 queueing, 2 processing, 3 completed, 4 failed
    #[schema(minimum = 1, maximum = 4)]
    pub status: u8,
    /// Milliseconds since 1970.
    #[schema(value_type = i64)]
    pub create_time: Millis,
    pub style: Vec<String>,
    pub scenario: Vec<String>,
    pub age: Vec<String>,
    /// Credits that it cost; 0 until it is done.
    pub deduction_credit: i64,
    #[serde(rename = "webhookUrl")]
    pub webhook_url: String,
    /// The recording, as it was named.
    pub source_voice_file: String,
    /// Such as `en-US`.
    pub language: String,
    pub accent: String,
    pub description: String,
    /// How it was made: `official`, or `matching`, which bends voices of this service until they sound like the recording.
    pub method: &'static str,
    /// How near matching came, up to 1, by a net that tells speakers apart: two recordings of one person have about 0.85, strangers 0.55.
    pub similarity: Option<f64>,
    /// What the request said of the person's consent.
    pub consent: Option<bool>,
    /// 0 unless it failed.
    pub error_code: i64,
    pub error_reason: String,
    /// What could be better in the recording.
    pub warnings: Vec<String>,
}

/// A voice that can speak now, as the older call shows it.
#[derive(Serialize, ToSchema)]
pub struct ListedVoice {
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    id: RecordId,
    /// Milliseconds since 1970.
    #[schema(value_type = i64)]
    create_time: Millis,
    uid: i64,
    /// 3 official, 4 your own.
    from: u8,
    voice_id: String,
    /// `Female`, `Male` or empty.
    gender: String,
    accent: String,
    name: String,
    description: String,
    #[serde(rename = "useCase")]
    use_case: String,
    /// 1 cloned, 2 official.
    r#type: u8,
    /// A link to a short sound; empty while there is none.
    preview: String,
    /// Such as `en-US`.
    language: String,
}

impl Voice {
    /// As the older call shows it; `None` for one that cannot speak.
    pub fn listed(self) -> Option<ListedVoice> {
        Some(ListedVoice {
            voice_id: self.voice_id?,
            id: self.id,
            create_time: self.create_time,
            uid: self.uid,
            from: if self.r#type == OFFICIAL { 3 } else { 4 },
            gender: self.gender,
            accent: self.accent,
            name: self.name,
            description: self.description,
            use_case: self.scenario.into_iter().next().unwrap_or_default(),
            r#type: self.r#type,
            preview: self.preview.unwrap_or_default(),
            language: self.language,
        })
    }
}

pub const CLONED: u8 = 1;
pub const OFFICIAL: u8 = 2;

/// A matched voice with what made it, and with its link.
#[derive(sqlx::FromRow)]
pub struct Row {
    pub id: RecordId,
    pub uid: i64,
    pub voice_id: String,
    pub name: String,
    text: String,
    pub language: String,
    pub gender: String,
    #[sqlx(json)]
    style: Vec<String>,
    #[sqlx(json)]
    age: Vec<String>,
    #[sqlx(json)]
    scenario: Vec<String>,
    consent: Option<bool>,
    source: String,
    seconds: f64,
    similarity: Option<f64>,
    preview: Option<String>,
    created_at: Millis,
    pub status: Status,
    cost: i64,
    error_code: i64,
    pub error_reason: String,
    #[sqlx(json)]
    warnings: Vec<String>,
    webhook_url: Option<String>,
}

/// A voice outlives the audio that it was matched for.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT v.id, v.uid, v.voice_id, v.name, v.text, v.language, v.gender, v.style, v.age, v.scenario, v.consent, v.source,
                 v.seconds, v.similarity, v.preview, v.created_at, coalesce(j.status, 3) AS status,
                 CASE WHEN j.id = v.id THEN j.cost ELSE 0 END AS cost, coalesce(j.error_code, 0) AS error_code,
                 coalesce(j.error_reason, '') AS error_reason, coalesce(j.warnings, '[]') AS warnings, j.webhook_url
             FROM voices v LEFT JOIN jobs j ON j.id = v.job ",
            $rest
        )
    };
}

impl Row {
    /// By `_id` or `voice_id`, of whichever account.
    pub async fn find(db: impl sqlx::SqliteExecutor<'_>, name: &str) -> Result<Option<Self>> {
        Ok(
            sqlx::query_as(select!("WHERE v.id = $1 OR v.voice_id = $1 ORDER BY v.id = $1 DESC LIMIT 1"))
                .bind(name)
                .fetch_optional(db)
                .await?,
        )
    }
}

/// The caller's matched voices, the newest first.
async fn own(service: &Service, account: &Account) -> Result<Vec<Voice>> {
    let rows: Vec<Row> = sqlx::query_as(select!("WHERE v.uid = $1 ORDER BY v.created_at DESC, v.id DESC"))
        .bind(account.uid)
        .fetch_all(service.db.read())
        .await?;
    Ok(rows.into_iter().map(|row| matched(service, account, row)).collect())
}

async fn official(service: &Service) -> Result<Vec<Voice>> {
    let cast = service.voices.now().await?;
    let previews: HashMap<String, String> = sqlx::query_as("SELECT voice, file FROM previews")
        .fetch_all(service.db.read())
        .await?
        .into_iter()
        .collect();
    let shown = |voice: &Official| of_everybody(service, voice, previews.get(&voice.info.id));
    Ok(cast.official.iter().map(shown).collect())
}

/// Voices of one or both kinds, the official ones first.
pub async fn list(service: &Service, account: &Account, kind: Option<u8>) -> Result<Vec<Voice>> {
    let mut all = Vec::new();
    if kind != Some(CLONED) {
        all = official(service).await?;
    }
    if kind != Some(OFFICIAL) {
        all.extend(own(service, account).await?);
    }
    Ok(all)
}

/// An official voice or the caller's, by `_id` or `voice_id`: 1008 for an unknown one, 1009 for another account's.
pub async fn find(service: &Service, account: &Account, name: &str) -> Result<Voice> {
    if let Some(official) = service.voices.now().await?.find(name) {
        let preview: Option<String> = sqlx::query_scalar("SELECT file FROM previews WHERE voice = $1")
            .bind(&official.info.id)
            .fetch_optional(service.db.read())
            .await?;
        return Ok(of_everybody(service, official, preview.as_ref()));
    }
    match Row::find(service.db.read(), name).await? {
        Some(row) if row.uid == account.uid => Ok(matched(service, account, row)),
        Some(_) => Err(foreign()),
        None => Err(unknown()),
    }
}

/// A voice that was just recorded, as its transaction sees it.
pub async fn made(service: &Service, tx: &mut Tx, account: &Account, id: &RecordId) -> Result<Voice> {
    let row = Row::find(&mut **tx, id.as_str()).await?;
    let row = row.ok_or_else(|| Problem::internal("a voice was recorded and is not there"))?;
    Ok(matched(service, account, row))
}

fn link(service: &Service, name: &str) -> String {
    service.public(&format!("files/{name}"))
}

fn of_everybody(service: &Service, voice: &Official, preview: Option<&String>) -> Voice {
    let Official { id, info } = voice;
    Voice {
        id: id.clone(),
        uid: 0,
        team_id: None,
        r#type: OFFICIAL,
        voice_id: Some(info.id.clone()),
        gender: gender(info.gender).to_owned(),
        name: info.name.clone(),
        preview: preview.map(|name| link(service, name)),
        text: voices::sample(info.language).to_owned(),
        duration: 0.0,
        status: Status::Completed.number(),
        create_time: voices::CREATED_AT,
        style: Vec::new(),
        scenario: vec![info.use_case.clone()],
        age: vec![info.age.clone()],
        deduction_credit: 0,
        webhook_url: String::new(),
        source_voice_file: String::new(),
        language: info.language.code().to_owned(),
        accent: info.accent.clone(),
        description: info.description.clone(),
        method: "official",
        similarity: None,
        consent: None,
        error_code: 0,
        error_reason: String::new(),
        warnings: Vec::new(),
    }
}

fn matched(service: &Service, account: &Account, row: Row) -> Voice {
    let done = row.status == Status::Completed;
    let text = if row.text.is_empty() {
        let language = Language::from_code(&row.language).unwrap_or(Language::AmericanEnglish);
        voices::sample(language).to_owned()
    } else {
        row.text
    };
    Voice {
        id: row.id,
        uid: row.uid,
        team_id: Some(account.id.clone()),
        r#type: CLONED,
        voice_id: done.then_some(row.voice_id),
        gender: row.gender,
        name: row.name,
        preview: row.preview.filter(|_| done).map(|name| link(service, &name)),
        text,
        duration: row.seconds,
        status: row.status.number(),
        create_time: row.created_at,
        style: row.style,
        scenario: row.scenario,
        age: row.age,
        deduction_credit: row.cost,
        webhook_url: row.webhook_url.unwrap_or_default(),
        source_voice_file: row.source,
        language: row.language,
        accent: String::new(),
        description: "Matched to a recording: voices of this service, bent until they sound like it".to_owned(),
        method: "matching",
        similarity: row.similarity,
        consent: row.consent,
        error_code: row.error_code,
        error_reason: row.error_reason,
        warnings: row.warnings,
    }
}
