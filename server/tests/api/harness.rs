//! A service of its own for each test, and what stands in for its workers.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use futures_util::TryStreamExt;
use mouthpiece_server::account::{Account, NewAccount};
use mouthpiece_server::api;
use mouthpiece_server::clock::Clock;
use mouthpiece_server::config::{Compat, Config};
use mouthpiece_server::db::Tx;
use mouthpiece_server::id::RecordId;
use mouthpiece_server::job::{self, Ending, Job, Kind, NewJob};
use mouthpiece_server::problem::{Code, Problem};
use mouthpiece_server::queue::Queue;
use mouthpiece_server::service::Service;
use mouthpiece_server::store::{Key, Link};
use mouthpiece_server::voices::Official;
use serde_json::{Value, json};
use tower::ServiceExt;

/// Long enough for every file to run out.
pub const WEEK: Duration = Duration::from_hours(7 * 24);

pub struct Api {
    pub service: Service,
    router: Router,
    /// Removed at the end.
    _data: tempfile::TempDir,
}

/// An account, and what it calls with.
pub struct Client<'a> {
    api: &'a Api,
    pub account: Account,
    token: String,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.bytes)))
    }

    pub fn code(&self) -> u64 {
        self.json()["code"].as_u64().unwrap()
    }

    pub fn data(&self) -> Value {
        let json = self.json();
        assert_eq!(json["code"], 1000, "{json}");
        json["data"].clone()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("no {name}: {:?}", self.headers))
            .to_str()
            .unwrap()
    }
}

impl Api {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// With settings of its own.
    pub async fn with(set: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config {
            data: data.path().join("data"),
            public_url: Some("https://mouthpiece.test".parse().unwrap()),
            workers: 0,
            ..Config::default()
        };
        set(&mut config);
        let service = Service::open(config, Clock::movable()).await.unwrap();
        Self {
            router: api::router(service.clone()),
            service,
            _data: data,
        }
    }

    pub async fn client(&self) -> Client<'_> {
        self.client_in(None).await
    }

    pub async fn live_client(&self) -> Client<'_> {
        self.client_in(Some(Compat::Live)).await
    }

    async fn client_in(&self, compat: Option<Compat>) -> Client<'_> {
        let mut tx = self.service.db.write().await.unwrap();
        let new = NewAccount {
            name: "test",
            compat,
            credit: 1000,
        };
        let now = self.service.clock.now();
        let account = Account::create(&mut tx, &new, now).await.unwrap();
        tx.commit().await.unwrap();
        let token = self.service.tokens.issue(&account, now).unwrap();
        Client { api: self, account, token }
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        Reply {
            status: parts.status,
            headers: parts.headers,
            bytes: axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        }
    }

    /// Without an account.
    pub async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, &[], "").await
    }

    /// What a link of ours leads to.
    pub async fn follow(&self, link: &str, headers: &[(&str, &str)]) -> Reply {
        self.call(Method::GET, local(link), headers, "").await
    }

    pub async fn write(&self, work: impl AsyncFnOnce(&mut Tx)) {
        let mut tx = self.service.db.write().await.unwrap();
        work(&mut tx).await;
        tx.commit().await.unwrap();
    }

    /// The next job, as a worker gets it.
    pub async fn begin(&self, kind: Kind) -> Job {
        let messages = self.service.queue.read(kind.queue(), Duration::from_secs(60), 1).await.unwrap();
        job::begin(&self.service, &messages[0]).await.unwrap().unwrap()
    }

    /// Ends it well, as a video with these bytes.
    pub async fn complete_video(&self, job: &Job, bytes: &'static [u8]) {
        let key = Key::Video { job: &job.id };
        let link = self.stored(&key, "mp4", "video/mp4", bytes).await;
        self.write(async |tx| {
            link.insert(tx).await.unwrap();
            sqlx::query("UPDATE videos SET file = $2, seconds = 2.5, anchor = 'top_left' WHERE id = $1")
                .bind(&job.id)
                .bind(&link.name)
                .execute(&mut **tx)
                .await
                .unwrap();
            let ending = Ending::Completed { cost: 3, url: &link.name };
            assert!(job::end(&self.service, tx, job, ending).await.unwrap());
        })
        .await;
    }

    /// Ends it well, as an avatar with this photo.
    pub async fn complete_avatar(&self, job: &Job, bytes: &'static [u8]) {
        let key = Key::AvatarMedia { avatar: &job.id };
        let link = self.stored(&key, "png", "image/png", bytes).await;
        let small = Key::AvatarThumbnail { avatar: &job.id };
        let small = Link {
            expires_at: None,
            ..self.stored(&small, "jpg", "image/jpeg", b"small").await
        };
        self.write(async |tx| {
            link.insert(tx).await.unwrap();
            small.insert(tx).await.unwrap();
            sqlx::query("UPDATE avatars SET file = $2, thumbnail = $4, media = $3 WHERE id = $1")
                .bind(&job.id)
                .bind(&link.name)
                .bind(&link.key)
                .bind(&small.name)
                .execute(&mut **tx)
                .await
                .unwrap();
            let ending = Ending::Completed { cost: 0, url: "" };
            assert!(job::end(&self.service, tx, job, ending).await.unwrap());
        })
        .await;
    }

    /// Ends it well, as an audio with these bytes.
    pub async fn complete_audio(&self, job: &Job, bytes: &'static [u8]) {
        let extension = "mp3";
        let link = self
            .stored(&Key::Audio { job: &job.id, extension }, extension, "audio/mpeg", bytes)
            .await;
        let captions = |extension| Key::Captions { job: &job.id, extension };
        let srt = self.stored(&captions("srt"), "srt", "application/x-subrip", b"1").await;
        let vtt = self.stored(&captions("vtt"), "vtt", "text/vtt", b"WEBVTT").await;
        self.write(async |tx| {
            for link in [&link, &srt, &vtt] {
                link.insert(tx).await.unwrap();
            }
            sqlx::query("UPDATE audios SET file = $2, seconds = 1.5 WHERE id = $1")
                .bind(&job.id)
                .bind(&link.name)
                .execute(&mut **tx)
                .await
                .unwrap();
            sqlx::query("INSERT INTO captions (job, srt, vtt) VALUES ($1, $2, $3)")
                .bind(&job.id)
                .bind(&srt.name)
                .bind(&vtt.name)
                .execute(&mut **tx)
                .await
                .unwrap();
            let ending = Ending::Completed {
                cost: job.reserved,
                url: &link.name,
            };
            assert!(job::end(&self.service, tx, job, ending).await.unwrap());
        })
        .await;
    }

    /// Ends it well, as a voice with a preview.
    pub async fn complete_voice(&self, job: &Job) {
        let key = Key::VoicePreview { voice: &job.id };
        let link = Link {
            expires_at: None,
            ..self.stored(&key, "mp3", "audio/mpeg", b"preview").await
        };
        self.write(async |tx| {
            link.insert(tx).await.unwrap();
            sqlx::query("UPDATE voices SET recipe = '{}', similarity = 0.8, seconds = 7.5, preview = $2 WHERE id = $1")
                .bind(&job.id)
                .bind(&link.name)
                .execute(&mut **tx)
                .await
                .unwrap();
            let ending = Ending::Completed {
                cost: job.reserved,
                url: &link.name,
            };
            assert!(job::end(&self.service, tx, job, ending).await.unwrap());
        })
        .await;
    }

    /// The first official voice.
    pub async fn official(&self) -> Official {
        self.service.voices.now().await.unwrap().official[0].clone()
    }

    pub async fn fail(&self, job: &Job, code: Code, reason: &str) {
        let problem = Problem::new(code, reason);
        self.write(async |tx| {
            assert!(job::end(&self.service, tx, job, Ending::Failed(&problem)).await.unwrap());
        })
        .await;
    }

    pub async fn stored(&self, key: &Key<'_>, extension: &str, content_type: &str, bytes: &'static [u8]) -> Link {
        self.service.store.put_bytes(bytes.into(), key).await.unwrap();
        let now = self.service.clock.now();
        let end = now + i64::try_from(WEEK.as_millis()).unwrap();
        Link::new(key, extension, content_type, bytes.len() as u64, now, Some(end))
    }

    /// What lies in a folder of the store.
    pub async fn stored_keys(&self, folder: &str) -> Vec<(String, i64)> {
        self.service.store.list(folder).try_collect().await.unwrap()
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.service.db.read()).await.unwrap()
    }
}

/// The path of a link of ours.
pub fn local(link: &str) -> &str {
    link.strip_prefix("https://mouthpiece.test").unwrap_or(link)
}

impl Client<'_> {
    pub async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(headers);
        self.api.call(method, path, &all, body).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, &[], "").await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::POST, path, &[], &body.to_string()).await
    }

    /// Asks for an avatar; gives its record.
    pub async fn avatar(&self, body: &Value) -> Value {
        let data = self.post("/api/open/v3/avatar/create", body).await.data();
        if data.is_array() { data[0].clone() } else { data }
    }

    /// A voice that was matched.
    pub async fn voice(&self) -> RecordId {
        let body = json!({"source_voice_file": "https://voices.test/me.mp3"});
        let made = self.post("/api/open/v4/voice/clone", &body).await.data();
        let job = self.api.begin(Kind::Voice).await;
        assert_eq!(made["_id"], job.id.as_str());
        self.api.complete_voice(&job).await;
        job.id
    }

    /// A video that waits, with 5 credits set aside.
    pub async fn video(&self) -> RecordId {
        let service = &self.api.service;
        let id = RecordId::new(service.clock.now());
        let new = NewJob {
            id: &id,
            uid: self.account.uid,
            kind: Kind::Video,
            spec: &json!({}),
            webhook_url: Some("https://client.test/hook"),
            reserve: 5,
        };
        self.api
            .write(async |tx| {
                job::enqueue(service, tx, &new).await.unwrap();
                sqlx::query("INSERT INTO videos (id, uid, video_id, task_id, type) VALUES ($1, $2, $3, $4, 4)")
                    .bind(&id)
                    .bind(self.account.uid)
                    .bind(format!("video of {id}"))
                    .bind(format!("task of {id}"))
                    .execute(&mut **tx)
                    .await
                    .unwrap();
            })
            .await;
        id
    }
}
