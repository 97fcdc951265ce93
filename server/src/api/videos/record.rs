//! The record of a video, as clients see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::captions::Captions;
use crate::api::page::Page;
use crate::api::removal::{foreign, unknown};
use crate::clock::Millis;
use crate::job::Status;
use crate::problem::Result;
use crate::service::Service;

/// Everything that is told of a video.
#[derive(Serialize, ToSchema)]
pub struct Video {
    #[serde(rename = "_id")]
    id: String,
    uid: i64,
    video_id: String,
    task_id: String,
    /// 1 queueing, 2 processing, 3 completed, 4 failed
    #[schema(minimum = 1, maximum = 4)]
    video_status: u8,
    /// The link to the file; empty before it is done, and when the link has run out.
    video: String,
    /// Milliseconds since 1970.
    #[schema(value_type = i64)]
    create_time: Millis,
    #[schema(value_type = i64)]
    update_time: Millis,
    /// Credits that it cost; 0 until it is done.
    deduction_duration: i64,
    /// Seconds; 0 until they are known.
    video_duration: f64,
    /// What was asked for: 4 a talking avatar, 5 a talking photo, 9 a lip-sync.
    r#type: i64,
    from: u8,
    /// Percent.
    #[schema(minimum = 0, maximum = 100)]
    progress: i64,
    /// 0 unless it failed.
    error_code: i64,
    error_reason: String,
    /// How offsets were read: `top_left` or `center`; null before the sizes of the media are known.
    offset_anchor: Option<String>,
    /// Links to what is said, if `captions` were asked for.
    captions: Option<Captions>,
    /// What could be better in what was sent, such as a second face in the photo.
    warnings: Vec<String>,
}

/// A video with its job, and with its link if that has not run out.
#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    uid: i64,
    video_id: String,
    task_id: String,
    r#type: i64,
    anchor: Option<String>,
    seconds: f64,
    file: Option<String>,
    srt: Option<String>,
    vtt: Option<String>,
    status: Status,
    progress: i64,
    cost: i64,
    error_code: i64,
    error_reason: String,
    #[sqlx(json)]
    warnings: Vec<String>,
    created_at: Millis,
    updated_at: Millis,
}

/// `$1` is the time now.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT v.id, v.uid, v.video_id, v.task_id, v.type, v.anchor, v.seconds, f.name AS file, s.name AS srt, t.name AS vtt,
                 j.status, j.progress, j.cost, j.error_code, j.error_reason, j.warnings, j.created_at, j.updated_at
             FROM videos v JOIN jobs j ON j.id = v.id
             LEFT JOIN captions c ON c.job = v.id
             LEFT JOIN files f ON f.name = v.file AND coalesce(f.expires_at > $1, TRUE)
             LEFT JOIN files s ON s.name = c.srt AND coalesce(s.expires_at > $1, TRUE)
             LEFT JOIN files t ON t.name = c.vtt AND coalesce(t.expires_at > $1, TRUE) ",
            $rest
        )
    };
}

impl Video {
    /// The caller's video: 1008 for an unknown one, 1009 for another account's.
    pub async fn find(service: &Service, uid: i64, id: &str) -> Result<Self> {
        let row: Option<Row> = sqlx::query_as(select!("WHERE v.id = $2"))
            .bind(service.clock.now())
            .bind(id)
            .fetch_optional(service.db.read())
            .await?;
        match row {
            Some(row) if row.uid == uid => Ok(Self::new(service, row)),
            Some(_) => Err(foreign()),
            None => Err(unknown()),
        }
    }

    fn new(service: &Service, row: Row) -> Self {
        let link = row.file.filter(|_| row.status == Status::Completed);
        Self {
            id: row.id,
            uid: row.uid,
            video_id: row.video_id,
            task_id: row.task_id,
            video_status: row.status.number(),
            video: link.map_or_else(String::new, |name| service.public(&format!("files/{name}"))),
            create_time: row.created_at,
            update_time: row.updated_at,
            deduction_duration: row.cost,
            video_duration: row.seconds,
            r#type: row.r#type,
            from: 2,
            progress: row.progress,
            error_code: row.error_code,
            error_reason: row.error_reason,
            captions: Captions::of(service, row.srt, row.vtt),
            warnings: row.warnings,
            offset_anchor: row.anchor,
        }
    }
}

/// How many the account has, and those of one page, the newest first.
pub async fn list(service: &Service, uid: i64, page: Page) -> Result<(u64, Vec<Video>)> {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs WHERE uid = $1 AND kind = 'video'")
        .bind(uid)
        .fetch_one(service.db.read())
        .await?;
    let rows: Vec<Row> = sqlx::query_as(select!(
        "WHERE j.uid = $2 AND j.kind = 'video' ORDER BY j.created_at DESC, j.id DESC LIMIT $3 OFFSET $4"
    ))
    .bind(service.clock.now())
    .bind(uid)
    .bind(page.size)
    .bind(page.start())
    .fetch_all(service.db.read())
    .await?;
    Ok((count.unsigned_abs(), rows.into_iter().map(|row| Video::new(service, row)).collect()))
}
