//! Which face speaks: the avatar that a request names, or its url.

use crate::api::request::shown;
use crate::api::url::checked_url;
use crate::db::Tx;
use crate::fetch::Wanted;
use crate::id::RecordId;
use crate::job::Status;
use crate::problem::{Code, Problem, Result};
use crate::service::Service;
use crate::spec::AvatarSource;
use crate::stock::{self, StockAvatar};

/// Where the request says that its avatar is from; it only decides which of two avatars of the same name is meant.
///
/// A name is looked for in the other place too: published examples send 3 with official ids, and clients send 2 with whatever they list.
/// For the same reason a url is taken with either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Official,
    Own,
}

/// What the request says about its avatar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The path of what the names stand in, empty or with a dot at its end.
    pub path: String,
    pub from: Origin,
    pub asked: Asked,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Named { name: String, otherwise: Option<String> },
    Url(String),
}

/// A row that bears the name.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Upload {
    pub id: RecordId,
    pub uid: i64,
    pub status: Status,
    pub error_reason: String,
}

/// Finds the avatar, and whether it can be used. A url is looked at only if it is needed: clients send back what a list told them.
pub async fn find(service: &Service, tx: &mut Tx, uid: i64, wish: &Wish) -> Result<AvatarSource> {
    let url = match &wish.asked {
        Asked::Url(url) => url,
        Asked::Named { name, otherwise } => {
            let upload = Upload::by_name(tx, uid, name).await?;
            if let Some(source) = choose(wish, name, uid, stock::find(name), upload)? {
                return Ok(source);
            }
            let rest = "is unknown: /api/open/v3/avatar/list says which there are, or send the url of a photo or video";
            otherwise.as_ref().ok_or_else(|| wish.problem(Code::UnknownResource, name, rest))?
        }
    };
    let url = checked_url(service, &wish.field("url"), url, Wanted::ImageOrVideo)?;
    Ok(AvatarSource::Url(url))
}

/// Of those that bear the name, the one that is meant; `None` if there is none.
pub fn choose(wish: &Wish, name: &str, uid: i64, official: Option<&StockAvatar>, upload: Option<Upload>) -> Result<Option<AvatarSource>> {
    let own = upload.as_ref().is_some_and(|u| u.uid == uid);
    match (official, upload) {
        (Some(official), _) if wish.from == Origin::Official || !own => Ok(Some(AvatarSource::Stock(official.avatar_id.to_owned()))),
        (_, Some(upload)) => usable(wish, name, uid, upload).map(Some),
        _ => Ok(None),
    }
}

fn usable(wish: &Wish, name: &str, uid: i64, upload: Upload) -> Result<AvatarSource> {
    let Upload {
        id,
        uid: owner,
        status,
        error_reason,
    } = upload;
    if owner != uid {
        return Err(wish.problem(Code::Forbidden, name, "belongs to another account"));
    }
    match status {
        Status::Completed => Ok(AvatarSource::Upload(id)),
        Status::Queueing | Status::Processing => {
            let rest = format!("is not ready yet (status {}): try again at status 3", status.number());
            Err(wish.problem(Code::AvatarProcessing, name, &rest))
        }
        Status::Failed => {
            let rest = format!("has failed and cannot be used: {error_reason}");
            Err(wish.problem(Code::AvatarProcessing, name, &rest))
        }
    }
}

impl Wish {
    fn field(&self, field: &str) -> String {
        format!("{}{field}", self.path)
    }

    fn problem(&self, code: Code, name: &str, rest: &str) -> Problem {
        Problem::new(code, format!("{}: the avatar {:?} {rest}", self.field("avatar_id"), shown(name)))
    }
}

impl Upload {
    /// By `avatar_id` in the account, or by `_id`, then of whichever account; the account's own go first.
    async fn by_name(tx: &mut Tx, uid: i64, name: &str) -> Result<Option<Self>> {
        Ok(sqlx::query_as(
            "SELECT a.id, a.uid, j.status, j.error_reason FROM avatars a JOIN jobs j ON j.id = a.id
             WHERE (a.uid = $1 AND a.avatar_id = $2) OR a.id = $2
             ORDER BY a.uid = $1 DESC, a.avatar_id = $2 DESC LIMIT 1",
        )
        .bind(uid)
        .bind(name)
        .fetch_optional(&mut **tx)
        .await?)
    }
}
