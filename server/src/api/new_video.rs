//! A video that waits to be made, whatever request asked for it: its row, its job, and the answer that tells its ids.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::idempotency::{IdempotencyKey, Turn};
use crate::db::Tx;
use crate::id::RecordId;
use crate::job::{self, Kind, NewJob, Status};
use crate::problem::Result;
use crate::service::Service;
use crate::spec::{StoredVideo, VideoSpec, anchor};

/// A video that waits to be made.
#[derive(Serialize, ToSchema)]
pub struct Created {
    /// What `infobymodelid` asks for.
    #[serde(rename = "_id")]
    #[schema(value_type = String, example = "67491cdb4d9d1664a9782292")]
    id: RecordId,
    uid: i64,
    video_id: Uuid,
    #[schema(value_type = String, example = "67491cdbdaa7e0f10a4f6c15")]
    task_id: RecordId,
    /// 1: queueing.
    #[schema(example = 1)]
    video_status: u8,
    /// Empty until the video is done.
    #[schema(example = "")]
    video: String,
    /// Milliseconds since 1970 UTC.
    create_time: i64,
}

/// What was asked for, as the contract numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[repr(i64)]
pub enum Form {
    TalkingAvatar = 4,
    TalkingPhoto = 5,
    LipSync = 9,
}

/// Everything that was agreed to.
pub struct NewVideo {
    pub form: Form,
    pub spec: VideoSpec,
    pub webhook_url: Option<String>,
    /// Credits that its spoken texts cost.
    pub speech: i64,
}

impl NewVideo {
    /// Records it once for an idempotency key; the answer.
    pub async fn accept(self, service: &Service, uid: i64, key: IdempotencyKey, digest: String) -> Result<Value> {
        match key.begin(service, uid, digest).await? {
            Turn::Known(answer) => Ok(answer),
            Turn::New(mut turn) => {
                let created = self.record(service, &mut turn.tx, uid).await?;
                turn.finish(service, &created).await
            }
        }
    }

    /// Records it with its job.
    pub async fn record(self, service: &Service, tx: &mut Tx, uid: i64) -> Result<Created> {
        let Self {
            form,
            spec,
            webhook_url,
            speech,
        } = self;
        let now = service.clock.now();
        let (id, task_id, video_id) = (RecordId::new(now), RecordId::new(now), Uuid::new_v4());
        // Sizes of media are known when they are fetched.
        let anchor = anchor::reading(&spec, &|_| None);
        let warnings = spec.warnings.clone();
        let new = NewJob {
            id: &id,
            uid,
            kind: Kind::Video,
            spec: &StoredVideo::V2(spec),
            webhook_url: webhook_url.as_deref(),
            // The whole price is known with the length of the sound.
            reserve: i64::from(service.config.credit.per_second) + speech,
        };
        let create_time = job::enqueue(service, tx, &new).await?;
        job::note_warnings(tx, &id, &warnings).await?;
        sqlx::query("INSERT INTO videos (id, uid, video_id, task_id, type, anchor) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(&id)
            .bind(uid)
            .bind(video_id.to_string())
            .bind(&task_id)
            .bind(form)
            .bind(anchor)
            .execute(&mut **tx)
            .await?;
        Ok(Created {
            id,
            uid,
            video_id,
            task_id,
            video_status: Status::Queueing.number(),
            video: String::new(),
            create_time,
        })
    }
}
