//! Everything that a video is made of, brought into the attempt's folder.

use std::collections::HashMap;
use std::path::PathBuf;

use futures_util::{TryStreamExt, stream};
use mouthpiece_render::media::sniff;

use super::desk::Desk;
use super::trouble::Trouble;
use crate::fetch::{Allowance, Wanted};
use crate::gauge::Gauge;
use crate::id::RecordId;
use crate::problem::{Code, Problem};
use crate::service::Service;
use crate::spec::scene::Files;
use crate::spec::{AvatarSource, Element, LayerSource, Sound, VideoSpec, link_field};
use crate::stock;
use crate::store::Key;

/// Files that are fetched side by side.
const AT_ONCE: usize = 16;

/// Something to be brought; scenes that name the same thing share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Thing<'a> {
    Url(&'a str, Wanted),
    Stock(&'a str),
    Upload(&'a RecordId),
}

/// What a video is made of, each thing once.
struct List<'a> {
    desk: &'a Desk,
    files: HashMap<Thing<'a>, PathBuf>,
    /// In the sequence of the request.
    things: Vec<Errand<'a>>,
}

struct Errand<'a> {
    thing: Thing<'a>,
    /// The path of its url, or of its name, where the request has it first.
    link: String,
    to: PathBuf,
}

impl<'a> List<'a> {
    /// Where it will lie. `link` is the path of its url in the request.
    fn add(&mut self, thing: Thing<'a>, field: &str, link: String) -> PathBuf {
        if let Some(file) = self.files.get(&thing) {
            return file.clone();
        }
        // Sentences about a file name it, so that it has the name of its field.
        let file = self.desk.file(field);
        self.files.insert(thing.clone(), file.clone());
        let to = file.clone();
        self.things.push(Errand { thing, link, to });
        file
    }

    fn avatar(&mut self, avatar: &'a Element<AvatarSource>) -> PathBuf {
        let named = format!("{}.avatar_id", avatar.field);
        match &avatar.source {
            AvatarSource::Stock(id) => self.add(Thing::Stock(id), &avatar.field, named),
            AvatarSource::Upload(id) => self.add(Thing::Upload(id), &avatar.field, named),
            AvatarSource::Url(url) => self.link(avatar, url, Wanted::ImageOrVideo),
            AvatarSource::Photo(url) => self.link(avatar, url, Wanted::Image),
            AvatarSource::Footage(url) => self.link(avatar, url, Wanted::Video),
        }
    }

    fn link<S>(&mut self, element: &Element<S>, url: &'a str, wanted: Wanted) -> PathBuf {
        self.add(Thing::Url(url, wanted), &element.field, link_field(&element.field))
    }

    fn layer(&mut self, layer: &'a Element<LayerSource>) -> Option<PathBuf> {
        let (url, wanted) = match &layer.source {
            LayerSource::Colour(_) => return None,
            LayerSource::Image(url) => (url, Wanted::Image),
            LayerSource::Video(url) => (url, Wanted::Video),
            LayerSource::Media(url) => (url, Wanted::ImageOrVideo),
        };
        Some(self.link(layer, url, wanted))
    }

    /// What is to be spoken comes later, into a file of its own.
    fn sound(&mut self, sound: &'a Sound) -> PathBuf {
        match sound {
            Sound::Url { field, url, .. } => self.add(Thing::Url(url, Wanted::Sound), field, link_field(field)),
            Sound::Speech(speech) => self.desk.file(&speech.field),
        }
    }
}

/// Brings everything, a few at once; whatever fails first ends it, and so does a halt.
pub async fn gather(service: &Service, spec: &VideoSpec, desk: &Desk, gauge: &Gauge) -> Result<Files, Trouble> {
    let mut list = List {
        desk,
        files: HashMap::new(),
        things: Vec::new(),
    };
    let mut files = Files::default();
    for scene in &spec.scenes {
        files.media.insert(scene.avatar.field.clone(), list.avatar(&scene.avatar));
        for layer in &scene.layers {
            if let Some(file) = list.layer(layer) {
                files.media.insert(layer.field.clone(), file);
            }
        }
        files.sounds.push(scene.sound.as_ref().map(|sound| list.sound(sound)));
    }
    let things = list.things.into_iter().map(Ok::<_, Trouble>);
    let all = Allowance::of(service.config.limits.request_bytes);
    let everything = stream::iter(things).try_for_each_concurrent(AT_ONCE, |errand| bring(service, errand, &all));
    tokio::select! {
        done = everything => done?,
        () = gauge.halted() => return Err(Trouble::halted()),
    };
    for scene in &spec.scenes {
        is_as_asked(&scene.avatar, &files)?;
    }
    Ok(files)
}

/// Refuses an avatar that is a video where a photo was asked for, or the other way round.
fn is_as_asked(avatar: &Element<AvatarSource>, files: &Files) -> Result<(), Trouble> {
    let Some(file) = files.media.get(&avatar.field) else {
        return Ok(());
    };
    let found = match &avatar.source {
        AvatarSource::Photo(_) => sniff::image(file).map(drop),
        AvatarSource::Footage(_) => sniff::video(file).map(drop),
        AvatarSource::Stock(_) | AvatarSource::Upload(_) | AvatarSource::Url(_) => Ok(()),
    };
    found.map_err(|e| e.about(&avatar.field).into())
}

async fn bring(service: &Service, errand: Errand<'_>, all: &Allowance) -> Result<(), Trouble> {
    let Errand { thing, link, to } = errand;
    let gone = |what: &str| Trouble::for_good(Problem::new(Code::UnknownResource, format!("{link}: {what}")));
    match thing {
        Thing::Url(url, wanted) => fetch_among(service, &link, url, wanted, all, to).await?,
        Thing::Stock(id) => {
            let avatar = stock::find(id).ok_or_else(|| gone("this service has no such avatar any more"))?;
            tokio::fs::write(to, avatar.photo).await.map_err(Problem::from)?;
        }
        Thing::Upload(id) => {
            if !exists(service, id).await? {
                return Err(gone("the avatar was deleted before its video was made"));
            }
            service.store.fetch(&Key::AvatarMedia { avatar: id }, &to).await?;
            let bytes = tokio::fs::metadata(&to).await.map_err(Problem::from)?.len();
            all.take(bytes).map_err(|e| Trouble::fetching(&link, Code::Size, e))?;
        }
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
    fetch_among(service, field, url, wanted, &Allowance::default(), to).await
}

async fn fetch_among(service: &Service, field: &str, url: &str, wanted: Wanted, all: &Allowance, to: PathBuf) -> Result<(), Trouble> {
    let code = match wanted {
        Wanted::Sound | Wanted::Voice => Code::AudioProcessing,
        Wanted::Image => Code::ImageProcessing,
        Wanted::Video | Wanted::ImageOrVideo => Code::AvatarProcessing,
    };
    let url = service.fetcher.check(url, wanted).map_err(|e| Trouble::refused(field, e))?;
    let fetched = service.fetcher.get_among(&url, wanted, all, &to).await;
    fetched.map(drop).map_err(|e| Trouble::fetching(field, code, e))
}
