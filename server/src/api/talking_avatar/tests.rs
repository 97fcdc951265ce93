use axum::body::Body as Bytes;
use axum::extract::{FromRequest, Request};
use serde_json::json;

use super::*;
use crate::clock::Clock;
use crate::config::{Compat, Config};
use crate::problem::{Code, Problem};
use crate::spec::speech::VoiceSource;
use crate::spec::{AvatarSource, StoredVideo, VideoSpec};

mod agreed;
mod document;
mod refusals;
mod several;

struct World {
    service: Service,
    _data: tempfile::TempDir,
}

impl World {
    async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config {
            data: data.path().to_owned(),
            ..Config::default()
        };
        config.limits.images = 4;
        config.limits.videos = 2;
        config.limits.scenes = 3;
        let service = Service::open(config, Clock::movable()).await.unwrap();
        Self { service, _data: data }
    }

    async fn draft(&self, compat: Compat, body: &Value) -> Result<Draft> {
        Draft::new(&self.service, compat, self.read(body).await?)
    }

    async fn read<T: serde::de::DeserializeOwned>(&self, body: &Value) -> Result<T> {
        let request = Request::post("/api/open/v3/talkingavatar/create")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        match Body::<T>::from_request(request, &self.service).await {
            Ok(body) => Ok(body.value),
            Err(refusal) => {
                let bytes = axum::body::to_bytes(refusal.into_body(), usize::MAX).await.unwrap();
                let answer: Value = serde_json::from_slice(&bytes).unwrap();
                assert_eq!(answer["code"], 1003);
                Err(Problem::new(Code::Parameter, answer["msg"].as_str().unwrap()))
            }
        }
    }

    /// As a caller of the documented reading, with a url for an avatar.
    async fn spec(&self, body: &Value) -> Result<VideoSpec> {
        let draft = self.draft(Compat::Documented, body).await?;
        Self::cast(draft)
    }

    /// The same of the older form.
    async fn scenes(&self, body: &Value) -> Result<VideoSpec> {
        Self::cast(Draft::of_scenes(&self.service, Compat::Documented, self.read(body).await?)?)
    }

    fn cast(draft: Draft) -> Result<VideoSpec> {
        let face = || AvatarSource::Url("face".into());
        let voice = |s: &into::SceneDraft| s.speech().map(|speech| VoiceSource::Official(speech.voice.clone()));
        let cast = draft.scenes.iter().map(|scene| (face(), voice(scene))).collect();
        draft.with(cast)
    }
}

/// A background, an avatar, a recording.
fn sample() -> Value {
    json!({
        "width": 1920, "height": 1080, "avatar_from": 3, "webhookUrl": "",
        "elements": [
            {"type": "image", "url": "#e8f0ff", "scale_x": 1, "scale_y": 1, "offset_x": 0, "offset_y": 0},
            {"type": "avatar", "url": "https://example.com/a.jpg", "width": 900, "height": 1080.5, "scale_x": 0.5, "scale_y": 2,
             "offset_x": -20, "offset_y": 13.5, "object_fit": "contain"},
            {"type": "audio", "url": "https://example.com/s.mp3"},
        ],
    })
}

fn flat() -> Value {
    json!({"width": 720, "height": 1280, "avatar_from": "2", "avatar_id": "anna", "voice_id": "v1", "input_text": "Hello!"})
}

/// The body with another value at a pointer; null takes the field out.
fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Object(fields) if value.is_null() => drop(fields.remove(name)),
        Value::Object(fields) => drop(fields.insert(name.to_owned(), value)),
        Value::Array(items) if value.is_null() => drop(items.remove(name.parse().unwrap())),
        Value::Array(items) => items.insert(name.parse().unwrap(), value),
        other => panic!("{other}"),
    }
    body
}

/// Asserts that the changed body is refused with a sentence that begins so.
async fn refused(cases: &[(Value, &str, Value, &str)]) {
    let world = World::open().await;
    for (body, pointer, value, sentence) in cases {
        let problem = world.spec(&with(body.clone(), pointer, value.clone())).await.expect_err(pointer);
        assert_eq!(problem.code, Code::Parameter, "{pointer} {value}: {problem}");
        let expected = format!("parameter validate error: {sentence}");
        assert!(
            problem.message.starts_with(&expected),
            "{pointer} {value}: {problem}, not {expected}"
        );
    }
}
