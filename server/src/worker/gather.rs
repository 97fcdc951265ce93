//! Everything that a video is made of, brought into the attempt's folder.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use futures_util::future::try_join_all;

use super::desk::Desk;
use super::trouble::Trouble;
use crate::fetch::Wanted;
use crate::gauge::Gauge;
use crate::id::RecordId;
use crate::problem::{Code, Problem};
use crate::service::Service;
use crate::spec::scene::Files;
use crate::spec::{AvatarSource, ImageSource, Sound, VideoSpec};
use crate::stock;
use crate::store::Key;

/// Brings everything at once; whatever fails first ends it, and so does a halt.
pub async fn gather(service: &Service, spec: &VideoSpec, desk: &Desk, gauge: &Gauge) -> Result<Files, Trouble> {
    let sound = desk.file("sound");
    let images = spec.images.iter().filter_map(|image| match &image.source {
        ImageSource::Url(url) => Some((image.field.as_str(), url.as_str())),
        ImageSource::Colour(_) => None,
    });
    let mut media: HashMap<String, PathBuf> = images.clone().map(|(field, _)| (field.to_owned(), desk.file(field))).collect();
    let face = desk.file(&spec.avatar.field);
    let everything = async {
        let images = images.map(async |(field, url)| fetch(service, &format!("{field}.url"), url, Wanted::Image, desk.file(field)).await);
        tokio::try_join!(
            avatar(service, &spec.avatar.field, &spec.avatar.source, &face),
            recording(service, &spec.sound, &sound),
            try_join_all(images),
        )
    };
    tokio::select! {
        done = everything => done?,
        () = gauge.halted() => return Err(Trouble::halted()),
    };
    media.insert(spec.avatar.field.clone(), face);
    Ok(Files { media, sound })
}

/// Fetches what is heard; what is to be spoken comes later.
async fn recording(service: &Service, sound: &Sound, to: &Path) -> Result<(), Trouble> {
    match sound {
        Sound::Url { field, url, .. } => fetch(service, &format!("{field}.url"), url, Wanted::Sound, to.to_owned()).await,
        Sound::Speech(_) => Ok(()),
    }
}

async fn avatar(service: &Service, field: &str, source: &AvatarSource, to: &Path) -> Result<(), Trouble> {
    let gone = |what: &str| Trouble::for_good(Problem::new(Code::UnknownResource, format!("{field}.avatar_id: {what}")));
    match source {
        AvatarSource::Stock(id) => {
            let avatar = stock::find(id).ok_or_else(|| gone("this service has no such avatar any more"))?;
            tokio::fs::write(to, avatar.photo).await.map_err(Problem::from)?;
        }
        AvatarSource::Upload(id) => {
            if !exists(service, id).await? {
                return Err(gone("the avatar was deleted before its video was made"));
            }
            service.store.fetch(&Key::AvatarMedia { avatar: id }, to).await?;
        }
        AvatarSource::Url(url) => fetch(service, &format!("{field}.url"), url, Wanted::ImageOrVideo, to.to_owned()).await?,
    }
    Ok(())
}

async fn exists(service: &Service, avatar: &RecordId) -> Result<bool, Trouble> {
    let found: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM avatars WHERE id = $1)")
        .bind(avatar)
        .fetch_one(service.db.read())
        .await
        .map_err(Problem::from)?;
    Ok(found)
}

/// Fetches the url that a field held to a file.
pub async fn fetch(service: &Service, field: &str, url: &str, wanted: Wanted, to: PathBuf) -> Result<(), Trouble> {
    let code = match wanted {
        Wanted::Sound | Wanted::Voice => Code::AudioProcessing,
        Wanted::Image => Code::ImageProcessing,
        Wanted::Video | Wanted::ImageOrVideo => Code::AvatarProcessing,
    };
    let url = service.fetcher.check(url, wanted).map_err(|e| Trouble::refused(field, e))?;
    let fetched = service.fetcher.get(&url, wanted, &to).await;
    fetched.map(drop).map_err(|e| Trouble::fetching(field, code, e))
}
