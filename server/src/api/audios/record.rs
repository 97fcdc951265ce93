//! The record of an audio, as clients of both editions see it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::account::Account;
use crate::api::captions::Captions;
use crate::api::page::Page;
use crate::api::removal::{foreign, unknown};
use crate::clock::Millis;
use crate::db::Tx;
use crate::id::RecordId;
use crate::job::Status;
use crate::problem::{Problem, Result};
use crate::service::Service;

/// An audio, as the older calls show it.
#[derive(Serialize, ToSchema)]
pub struct OlderAudio {
    /// What `infobymodelid` asks for.
    #[serde(rename = "_id")]
    #[schema(value_type = String, example = "67491cdb4d9d1664a9782292")]
    id: RecordId,
    /// Milliseconds since 1970.
    #[schema(value_type = i64)]
    create_time: Millis,
    #[schema(value_type = i64)]
    update_time: Millis,
    uid: i64,
    from: u8,
    input_text: String,
    #[schema(example = "100%")]
    rate: String,
    /// The voice's `_id`.
    voice_model_id: String,
    /// The link to the file; empty before it is done, and when the link has run out.
    url: String,
    /// 1 queueing, 2 processing, 3 completed, 4 failed
    #[schema(minimum = 1, maximum = 4)]
    status: u8,
    /// Seconds; 0 until they are known.
    duration: f64,
    /// Credits that it cost; 0 until it is done.
    deduction_credit: i64,
    /// 0 unless it failed.
    error_code: i64,
    error_reason: String,
    /// How near a voice came that was matched for this, up to 1.
    similarity: Option<f64>,
    warnings: Vec<String>,
}

/// An audio.
#[derive(Serialize, ToSchema)]
pub struct Audio {
    #[serde(rename = "_id")]
    #[schema(value_type = String, example = "67491cdb4d9d1664a9782292")]
    id: RecordId,
    /// Milliseconds since 1970.
    #[schema(value_type = i64)]
    create_time: Millis,
    #[schema(value_type = i64)]
    update_time: Millis,
    uid: i64,
    #[schema(value_type = String)]
    team_id: RecordId,
    input_text: String,
    /// The link to the file; null before it is done, and when the link has run out.
    preview: Option<String>,
    /// 1 queueing, 2 processing, 3 completed, 4 failed
    #[schema(minimum = 1, maximum = 4)]
    status: u8,
    #[serde(rename = "webhookUrl")]
    webhook_url: String,
    /// Seconds; 0 until they are known.
    duration: f64,
    file_name: String,
    /// The voice's: `Female`, `Male` or empty.
    gender: String,
    /// Credits that it cost; 0 until it is done.
    deduction_credit: i64,
    /// The voice's name.
    name: String,
    /// The voice's `_id`.
    voice_model_id: String,
    voice_id: String,
    /// As they were sent.
    #[schema(value_type = Object)]
    voice_options: Value,
    /// Links, if `subtitle_enable` was asked for.
    captions: Option<Captions>,
    /// 0 unless it failed.
    error_code: i64,
    error_reason: String,
    /// Options that no voice here can honour, and what else could be better.
    warnings: Vec<String>,
}

/// An audio with its job, and with its links if they have not run out.
#[derive(sqlx::FromRow)]
pub struct Row {
    id: RecordId,
    uid: i64,
    input_text: String,
    rate: String,
    voice: String,
    voice_id: String,
    voice_name: String,
    gender: String,
    #[sqlx(json)]
    options: Value,
    format: String,
    seconds: f64,
    file: Option<String>,
    srt: Option<String>,
    vtt: Option<String>,
    status: Status,
    cost: i64,
    error_code: i64,
    error_reason: String,
    #[sqlx(json)]
    warnings: Vec<String>,
    webhook_url: Option<String>,
    similarity: Option<f64>,
    created_at: Millis,
    updated_at: Millis,
}

/// `$1` is the time now.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.uid, a.input_text, a.rate, a.voice, a.voice_id, a.voice_name, a.gender, a.options, a.format, a.seconds,
                 f.name AS file, s.name AS srt, t.name AS vtt, v.similarity,
                 j.status, j.cost, j.error_code, j.error_reason, j.warnings, j.webhook_url, j.created_at, j.updated_at
             FROM audios a JOIN jobs j ON j.id = a.id
             LEFT JOIN voices v ON v.job = a.id
             LEFT JOIN captions c ON c.job = a.id
             LEFT JOIN files f ON f.name = a.file AND coalesce(f.expires_at > $1, TRUE)
             LEFT JOIN files s ON s.name = c.srt AND coalesce(s.expires_at > $1, TRUE)
             LEFT JOIN files t ON t.name = c.vtt AND coalesce(t.expires_at > $1, TRUE) ",
            $rest
        )
    };
}

impl Row {
    /// The caller's audio: 1008 for an unknown one, 1009 for another account's.
    pub async fn find(service: &Service, uid: i64, id: &str) -> Result<Self> {
        match Self::by_id(service, service.db.read(), id).await? {
            Some(row) if row.uid == uid => Ok(row),
            Some(_) => Err(foreign()),
            None => Err(unknown()),
        }
    }

    /// One that was just recorded, as its transaction sees it.
    pub async fn made(service: &Service, tx: &mut Tx, id: &RecordId) -> Result<Self> {
        let row = Self::by_id(service, &mut **tx, id.as_str()).await?;
        row.ok_or_else(|| Problem::internal("an audio was recorded and is not there"))
    }

    async fn by_id(service: &Service, db: impl sqlx::SqliteExecutor<'_>, id: &str) -> Result<Option<Self>> {
        Ok(sqlx::query_as(select!("WHERE a.id = $2"))
            .bind(service.clock.now())
            .bind(id)
            .fetch_optional(db)
            .await?)
    }

    fn link(&self, service: &Service) -> Option<String> {
        let name = self.file.as_ref().filter(|_| self.status == Status::Completed)?;
        Some(service.public(&format!("files/{name}")))
    }
}

impl OlderAudio {
    pub fn new(service: &Service, row: Row) -> Self {
        Self {
            url: row.link(service).unwrap_or_default(),
            id: row.id,
            create_time: row.created_at,
            update_time: row.updated_at,
            uid: row.uid,
            from: 3,
            input_text: row.input_text,
            rate: row.rate,
            voice_model_id: row.voice,
            status: row.status.number(),
            duration: row.seconds,
            deduction_credit: row.cost,
            error_code: row.error_code,
            error_reason: row.error_reason,
            similarity: row.similarity,
            warnings: row.warnings,
        }
    }
}

impl Audio {
    pub fn new(service: &Service, account: &Account, row: Row) -> Self {
        Self {
            preview: row.link(service),
            file_name: format!("{}.{}", row.id, row.format),
            captions: Captions::of(service, row.srt, row.vtt),
            id: row.id,
            create_time: row.created_at,
            update_time: row.updated_at,
            uid: row.uid,
            team_id: account.id.clone(),
            input_text: row.input_text,
            status: row.status.number(),
            webhook_url: row.webhook_url.unwrap_or_default(),
            duration: row.seconds,
            gender: row.gender,
            deduction_credit: row.cost,
            name: row.voice_name,
            voice_model_id: row.voice,
            voice_id: row.voice_id,
            voice_options: row.options,
            error_code: row.error_code,
            error_reason: row.error_reason,
            warnings: row.warnings,
        }
    }
}

/// How many the account has, and those of one page, the newest first.
pub async fn list(service: &Service, uid: i64, page: Page) -> Result<(u64, Vec<Row>)> {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs WHERE uid = $1 AND kind = 'audio'")
        .bind(uid)
        .fetch_one(service.db.read())
        .await?;
    let rows = sqlx::query_as(select!(
        "WHERE j.uid = $2 AND j.kind = 'audio' ORDER BY j.created_at DESC, j.id DESC LIMIT $3 OFFSET $4"
    ))
    .bind(service.clock.now())
    .bind(uid)
    .bind(page.size)
    .bind(page.start())
    .fetch_all(service.db.read())
    .await?;
    Ok((count.unsigned_abs(), rows))
}
