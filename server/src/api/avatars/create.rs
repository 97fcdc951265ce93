//! What is asked of a new avatar, and its recording.

use serde::Deserialize;
use utoipa::ToSchema;

use super::TYPE;
use super::record::Avatar;
use crate::api::request::{Number, choice, readable, required};
use crate::api::schema;
use crate::api::url::checked_url;
use crate::db::Tx;
use crate::fetch::Wanted;
use crate::id::RecordId;
use crate::job::{self, Kind, NewJob};
use crate::problem::{Code, Problem, Result};
use crate::service::Service;
use crate::spec::{AvatarSpec, StoredAvatar};
use crate::stock;

/// The longest `avatar_id` and the longest name.
const LONGEST_ID: usize = 100;
const LONGEST_NAME: usize = 200;

/// A face to be kept.
#[derive(Deserialize, ToSchema)]
pub struct NewAvatarBody {
    /// An image, or a video of about a minute in which the head turns by small angles: a link, or an image as a `data:` url.
    #[schema(required, nullable = false)]
    url: Option<String>,
    /// A name for it in later calls, unique in the account; made when missing.
    #[schema(pattern = "^[a-zA-Z0-9]+$", min_length = 1, max_length = 100)]
    avatar_id: Option<String>,
    /// 1: talking (also when missing), 2: streaming.
    #[schema(schema_with = schema::one_or_two)]
    r#type: Option<Number>,
    /// For people; the first 8 characters of `_id` when missing.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// 1: `url` is a direct link (also when missing). 2, a page of a third party, is not supported.
    #[schema(schema_with = schema::one_or_two)]
    url_from: Option<Number>,
}

/// The same, found good.
pub struct NewAvatar {
    url: String,
    avatar_id: Option<String>,
    r#type: u8,
    name: Option<String>,
}

impl NewAvatarBody {
    pub fn checked(self, service: &Service) -> Result<NewAvatar> {
        let Self {
            url,
            avatar_id,
            r#type,
            name,
            url_from,
        } = self;
        let r#type = choice("type", r#type, &TYPE)?.unwrap_or(1);
        if choice("url_from", url_from, &[(1, "a direct link"), (2, "a page of a third party")])? == Some(2) {
            let rest = "may be 1 (a direct link): pages of third parties (2) are not supported, so send a link to the file itself";
            return Err(Problem::field("url_from", rest));
        }
        if let Some(id) = &avatar_id
            && (id.is_empty() || id.len() > LONGEST_ID || !id.bytes().all(|b| b.is_ascii_alphanumeric()))
        {
            let rest = format!("may have 1 to {LONGEST_ID} letters and digits (a-z, A-Z, 0-9) and nothing else");
            return Err(Problem::field("avatar_id", rest));
        }
        let name = name.filter(|name| !name.trim().is_empty());
        if let Some(name) = &name {
            readable("name", name, LONGEST_NAME)?;
        }
        let url = checked_url(service, "url", &required("url", url)?, Wanted::ImageOrVideo)?;
        Ok(NewAvatar {
            url,
            avatar_id,
            r#type,
            name,
        })
    }
}

/// The type of avatars that are to be driven live.
const STREAMING: u8 = 2;

/// Records an avatar and the job that will look at it.
pub async fn create(service: &Service, tx: &mut Tx, uid: i64, new: NewAvatar) -> Result<Avatar> {
    let NewAvatar {
        url,
        avatar_id,
        r#type,
        name,
    } = new;
    let id = RecordId::new(service.clock.now());
    // The `_id` is made of letters and digits, and nobody has it yet.
    let avatar_id = avatar_id.unwrap_or_else(|| id.to_string());
    make_room(service, tx, uid, &avatar_id).await?;
    let job = NewJob {
        id: &id,
        uid,
        kind: Kind::Avatar,
        spec: &StoredAvatar::V1(AvatarSpec {
            url,
            live: r#type == STREAMING,
        }),
        webhook_url: None,
        reserve: 0,
    };
    job::enqueue(service, tx, &job).await?;
    sqlx::query("INSERT INTO avatars (id, uid, avatar_id, type, name) VALUES ($1, $2, $3, $4, $5)")
        .bind(&id)
        .bind(uid)
        .bind(&avatar_id)
        .bind(r#type)
        .bind(name.unwrap_or_else(|| id.as_str()[..8].to_owned()))
        .execute(&mut **tx)
        .await?;
    let made = Avatar::find_own(service, tx, uid, id.as_str()).await?;
    made.ok_or_else(|| Problem::internal("an avatar was recorded and is not there"))
}

/// Refuses an `avatar_id` that is taken, and one avatar too many.
async fn make_room(service: &Service, tx: &mut Tx, uid: i64, avatar_id: &str) -> Result<()> {
    let (taken, count): (bool, u32) = sqlx::query_as("SELECT coalesce(max(avatar_id = $2), FALSE), count(*) FROM avatars WHERE uid = $1")
        .bind(uid)
        .bind(avatar_id)
        .fetch_one(&mut **tx)
        .await?;
    if taken || stock::find(avatar_id).is_some() {
        let message = format!("resource already exists: there is an avatar with the avatar_id {avatar_id}; choose another, or delete it");
        return Err(Problem::new(Code::Exists, message));
    }
    let limit = service.config.limits.avatars;
    if count >= limit {
        let message = format!("quota not enough: an account may have {limit} avatars; delete some that are not needed");
        return Err(Problem::new(Code::Quota, message));
    }
    Ok(())
}
