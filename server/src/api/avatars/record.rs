//! The record of an avatar, as clients see it.

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::answer::Answer;
use crate::api::page::Page;
use crate::api::removal::{foreign, unknown};
use crate::api::schema;
use crate::clock::Millis;
use crate::config::Compat;
use crate::job::Status;
use crate::problem::Result;
use crate::service::Service;
use crate::stock::{self, StockAvatar};
use crate::voices::Cast;

/// The union of what clients know; official ones are `from` 2, uploads 3.
#[derive(Clone, Serialize, ToSchema)]
pub struct Avatar {
    #[serde(rename = "_id")]
    id: String,
    uid: i64,
    /// 1 talking, 2 streaming
    r#type: i64,
    from: u8,
    /// 1 queueing, 2 processing, 3 completed, 4 failed
    #[schema(minimum = 1, maximum = 4)]
    status: u8,
    disabled: bool,
    sort: i64,
    /// Milliseconds since 1970.
    #[schema(value_type = i64)]
    create_time: Millis,
    name: String,
    avatar_id: String,
    /// A link to the photo or video; empty before it was fetched, and when the link has run out.
    url: String,
    modify_url: String,
    /// `female`, `male` or empty.
    gender: String,
    #[serde(rename = "thumbnailUrl")]
    thumbnail_url: String,
    #[schema(schema_with = schema::any_list)]
    crop_arr: Vec<Value>,
    /// A voice that suits it; empty for uploads.
    voice_id: String,
    /// Whether it can be used in a video now.
    available: bool,
    /// Percent.
    #[schema(minimum = 0, maximum = 100)]
    progress: i64,
    /// How good a video is for speaking; null for photos, and before status 3.
    footage: Option<Footage>,
    /// Seconds of video that were made of it in a second when it was looked at, at its own size to 1920×1080; from 1 on it can be driven live on
    /// this machine. Null unless its `type` is 2.
    live_speed: Option<f64>,
    /// 0 unless it failed.
    error_code: i64,
    error_reason: String,
    /// What could be better, such as a second face in the picture.
    warnings: Vec<String>,
}

/// How good a video is for speaking, and what to film to make it better.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
struct Footage {
    seconds: f64,
    /// Seconds in which the mouth can be moved.
    usable: f64,
    /// Why it cannot in the others; what does not occur is not told.
    lost: Vec<LostFootage>,
    /// How often the mouth does what speech needs.
    shapes: Vec<CoveredShape>,
    /// What to film, in sentences.
    missing: Vec<String>,
}

/// Seconds that cannot be used.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
struct LostFootage {
    /// `no_face`, `turned`, `outside`, `covered` or `too_short` (between two of those).
    why: String,
    seconds: f64,
}

/// A shape of the mouth.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
struct CoveredShape {
    /// `rest`, `closed`, `open`, `wide`, `spread` or `rounded`.
    shape: String,
    seconds: f64,
    /// Separate moments.
    times: usize,
    /// As much as speech needs.
    enough: bool,
}

/// One avatar, in the shape of the account's reading.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Single {
    Documented(Vec<Avatar>),
    Live(Box<Avatar>),
}

impl Single {
    pub fn new(compat: Compat, avatar: Avatar) -> Self {
        match compat {
            Compat::Documented => Self::Documented(vec![avatar]),
            Compat::Live => Self::Live(Box::new(avatar)),
        }
    }
}

/// A page of avatars, in the shape of the account's reading.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum List {
    Documented(Vec<Avatar>),
    Live {
        count: u64,
        result: Vec<Avatar>,
        page: u32,
        size: u32,
    },
}

impl List {
    /// What the bare array cannot say goes into headers.
    pub fn answer(compat: Compat, count: u64, result: Vec<Avatar>, Page { page, size }: Page) -> Response {
        match compat {
            Compat::Documented => {
                let mut headers = HeaderMap::new();
                headers.insert("x-total-count", count.into());
                headers.insert("x-page", page.into());
                headers.insert("x-size", size.into());
                (headers, Answer::small_ok(Self::Documented(result))).into_response()
            }
            Compat::Live => Answer::small_ok(Self::Live { count, result, page, size }).into_response(),
        }
    }
}

/// What of all avatars is wanted; `None` is no wish.
pub struct Filter {
    pub from: Option<u8>,
    pub kind: Option<u8>,
}

/// An upload with its job, and with those of its links that have not run out.
#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    uid: i64,
    avatar_id: String,
    r#type: i64,
    name: String,
    status: Status,
    error_code: i64,
    error_reason: String,
    #[sqlx(json)]
    warnings: Vec<String>,
    progress: i64,
    #[sqlx(json(nullable))]
    report: Option<Footage>,
    pace: Option<f64>,
    created_at: Millis,
    file: Option<String>,
    thumbnail: Option<String>,
}

/// `$1` is the time now.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.uid, a.avatar_id, a.type, a.name, j.status, j.error_code, j.error_reason, j.warnings, j.progress,
                 a.report, a.pace, j.created_at,
                 f.name AS file, t.name AS thumbnail
             FROM avatars a JOIN jobs j ON j.id = a.id
             LEFT JOIN files f ON f.name = a.file AND coalesce(f.expires_at > $1, TRUE)
             LEFT JOIN files t ON t.name = a.thumbnail AND coalesce(t.expires_at > $1, TRUE) ",
            $rest
        )
    };
}

/// How many there are, and those of one page: the official ones, then uploads from the newest.
pub async fn list(service: &Service, uid: i64, filter: &Filter, page: Page) -> Result<(u64, Vec<Avatar>)> {
    let official: Vec<_> = stock::ALL
        .iter()
        .filter(|_| filter.from != Some(3) && filter.kind != Some(2))
        .collect();
    let (start, size) = (page.start() as usize, page.size as usize);
    let cast = service.voices.now().await?;
    let mut result: Vec<_> = official
        .iter()
        .skip(start)
        .take(size)
        .map(|a| Avatar::official(service, &cast, a))
        .collect();
    if filter.from == Some(2) {
        return Ok((official.len() as u64, result));
    }
    let uploads: i64 = sqlx::query_scalar("SELECT count(*) FROM avatars WHERE uid = $1 AND coalesce(type = $2, TRUE)")
        .bind(uid)
        .bind(filter.kind)
        .fetch_one(service.db.read())
        .await?;
    let rows: Vec<Row> = sqlx::query_as(select!(
        "WHERE a.uid = $2 AND coalesce(a.type = $3, TRUE) ORDER BY j.created_at DESC, a.id DESC LIMIT $4 OFFSET $5"
    ))
    .bind(service.clock.now())
    .bind(uid)
    .bind(filter.kind)
    .bind((size - result.len()) as i64)
    .bind(start.saturating_sub(official.len()) as i64)
    .fetch_all(service.db.read())
    .await?;
    result.extend(rows.into_iter().map(|row| Avatar::upload(service, row)));
    Ok((official.len() as u64 + uploads.unsigned_abs(), result))
}

impl Avatar {
    /// The caller's avatar or an official one, by `_id` or `avatar_id`; another account's is refused only by its `_id`, since
    /// two accounts may give the same `avatar_id`.
    pub async fn find(service: &Service, uid: i64, name: &str) -> Result<Self> {
        if let Some(row) = own(service, service.db.read(), uid, name).await? {
            return Ok(Self::upload(service, row));
        }
        if let Some(official) = stock::find(name) {
            return Ok(Self::official(service, &service.voices.now().await?, official));
        }
        let somebodys: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM avatars WHERE id = $1)")
            .bind(name)
            .fetch_one(service.db.read())
            .await?;
        Err(if somebodys { foreign() } else { unknown() })
    }

    /// The caller's avatar, as a transaction sees it.
    pub async fn find_own(service: &Service, tx: &mut crate::db::Tx, uid: i64, name: &str) -> Result<Option<Self>> {
        let row = own(service, &mut **tx, uid, name).await?;
        Ok(row.map(|row| Self::upload(service, row)))
    }

    fn official(service: &Service, cast: &Cast, avatar: &StockAvatar) -> Self {
        let voice = cast.suited(avatar.gender);
        let link = service.public(&crate::api::stock::path(avatar));
        Self {
            id: avatar.id.to_owned(),
            uid: 0,
            r#type: 1,
            from: 2,
            status: Status::Completed.number(),
            disabled: false,
            sort: 0,
            create_time: stock::CREATED_AT,
            name: avatar.name.to_owned(),
            avatar_id: avatar.avatar_id.to_owned(),
            url: link.clone(),
            modify_url: link.clone(),
            gender: avatar.gender.to_owned(),
            thumbnail_url: link,
            crop_arr: Vec::new(),
            voice_id: voice.map_or_else(String::new, |voice| voice.info.id.clone()),
            available: true,
            progress: 100,
            footage: None,
            live_speed: None,
            error_code: 0,
            error_reason: String::new(),
            warnings: Vec::new(),
        }
    }

    fn upload(service: &Service, row: Row) -> Self {
        let link = |name: Option<String>| name.map_or_else(String::new, |name| service.public(&format!("files/{name}")));
        let url = link(row.file);
        Self {
            id: row.id,
            uid: row.uid,
            r#type: row.r#type,
            from: 3,
            status: row.status.number(),
            disabled: false,
            sort: 0,
            create_time: row.created_at,
            name: row.name,
            avatar_id: row.avatar_id,
            modify_url: url.clone(),
            url,
            gender: String::new(),
            thumbnail_url: link(row.thumbnail),
            crop_arr: Vec::new(),
            voice_id: String::new(),
            available: row.status == Status::Completed,
            progress: row.progress,
            footage: row.report,
            live_speed: row.pace,
            error_code: row.error_code,
            error_reason: row.error_reason,
            warnings: row.warnings,
        }
    }
}

/// An `_id` goes before an `avatar_id` that looks like it.
async fn own(service: &Service, db: impl sqlx::SqliteExecutor<'_>, uid: i64, name: &str) -> Result<Option<Row>> {
    Ok(sqlx::query_as(select!(
        "WHERE a.uid = $2 AND $3 IN (a.id, a.avatar_id) ORDER BY a.id = $3 DESC LIMIT 1"
    ))
    .bind(service.clock.now())
    .bind(uid)
    .bind(name)
    .fetch_optional(db)
    .await?)
}
