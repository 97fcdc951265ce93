//! `talkingavatar/create` over HTTP, without a worker: what is answered, and what is recorded.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use mouthpiece_server::account::{Account, NewAccount};
use mouthpiece_server::api;
use mouthpiece_server::clock::Clock;
use mouthpiece_server::config::{Compat, Config};
use mouthpiece_server::id::RecordId;
use mouthpiece_server::job::{self, Job, Kind, NewJob};
use mouthpiece_server::service::Service;
use mouthpiece_server::spec::speech::VoiceSource;
use mouthpiece_server::spec::{AnchorRule, AvatarSource, AvatarSpec, Sound, StoredAvatar, StoredVideo, VideoSpec};
use serde_json::{Value, json};
use tower::ServiceExt;

const CREATE: &str = "/api/open/v3/talkingavatar/create";

/// A service in a folder of its own.
struct World {
    service: Service,
    router: Router,
    _data: tempfile::TempDir,
}

impl World {
    async fn open() -> Self {
        Self::with(|_| ()).await
    }

    async fn with(set: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config {
            data: data.path().to_owned(),
            ..Config::default()
        };
        set(&mut config);
        let service = Service::open(config, Clock::movable()).await.unwrap();
        let router = api::router(service.clone());
        Self {
            service,
            router,
            _data: data,
        }
    }

    async fn account(&self, credit: i64, compat: Option<Compat>) -> Account {
        let mut tx = self.service.db.write().await.unwrap();
        let new = NewAccount {
            name: "tester",
            compat,
            credit,
        };
        let account = Account::create(&mut tx, &new, self.service.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        account
    }

    async fn post(&self, account: Option<&Account>, key: Option<&str>, body: &Value) -> (StatusCode, Value) {
        let mut request = Request::post(CREATE).header("content-type", "application/json");
        if let Some(account) = account {
            request = request.header("x-api-key", &account.client_secret);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = request.body(Body::from(body.to_string())).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let json: Value = serde_json::from_slice(&bytes).unwrap();
        assert!(
            json["code"].is_u64() && json["msg"].is_string() && json.get("data").is_some(),
            "{json}"
        );
        (status, json)
    }

    /// A create that must succeed, to its data.
    async fn made(&self, account: &Account, body: &Value) -> Value {
        let (status, json) = self.post(Some(account), None, body).await;
        assert_eq!(
            (status, &json["code"], &json["msg"]),
            (StatusCode::OK, &json!(1000), &json!("OK")),
            "{json}"
        );
        json["data"].clone()
    }

    /// A create that must be refused, to its code and sentence.
    async fn refused(&self, account: &Account, body: &Value) -> (u64, String) {
        let (_, json) = self.post(Some(account), None, body).await;
        assert_ne!(json["code"], 1000, "{json}");
        (json["code"].as_u64().unwrap(), json["msg"].as_str().unwrap().to_owned())
    }

    async fn count(&self, table: &'static str) -> i64 {
        let sql = match table {
            "jobs" => "SELECT count(*) FROM jobs WHERE kind = 'video'",
            "videos" => "SELECT count(*) FROM videos",
            "messages" => "SELECT count(*) FROM messages WHERE queue = 'videos'",
            other => panic!("{other}"),
        };
        sqlx::query_scalar(sql).fetch_one(self.service.db.read()).await.unwrap()
    }

    /// The job of a created video, and what was agreed to.
    async fn job(&self, made: &Value) -> (Job, VideoSpec) {
        let id = RecordId::parse(made["_id"].as_str().unwrap()).unwrap();
        let job = Job::find(self.service.db.read(), &id).await.unwrap().unwrap();
        let spec = VideoSpec::from(job.spec::<StoredVideo>().unwrap());
        (job, spec)
    }

    async fn upload(&self, account: &Account, avatar_id: &str, status: i64) -> RecordId {
        let id = RecordId::new(self.service.clock.now());
        let mut tx = self.service.db.write().await.unwrap();
        let spec = StoredAvatar::V1(AvatarSpec {
            url: "https://example.com/a.jpg".into(),
            live: false,
        });
        let new = NewJob {
            id: &id,
            uid: account.uid,
            kind: Kind::Avatar,
            spec: &spec,
            webhook_url: None,
            reserve: 0,
        };
        job::enqueue(&self.service, &mut tx, &new).await.unwrap();
        sqlx::query("UPDATE jobs SET status = $2, error_reason = CASE $2 WHEN 4 THEN 'no face was found' ELSE '' END WHERE id = $1")
            .bind(&id)
            .bind(status)
            .execute(&mut *tx)
            .await
            .unwrap();
        sqlx::query("INSERT INTO avatars (id, uid, avatar_id, type, name) VALUES ($1, $2, $3, 1, 'x')")
            .bind(&id)
            .bind(account.uid)
            .bind(avatar_id)
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        id
    }
}

/// A video of the avatar with these fields.
fn body(avatar: &Value) -> Value {
    let mut element = json!({"type": "avatar", "scale_x": 1, "scale_y": 1, "offset_x": 0, "offset_y": 0, "width": 640, "height": 360});
    for (name, value) in avatar.as_object().unwrap() {
        element[name] = value.clone();
    }
    json!({"width": 640, "height": 360, "avatar_from": 3, "webhookUrl": "https://example.com/hook",
           "elements": [element, {"type": "audio", "url": "https://example.com/s.mp3"}]})
}

fn by_url() -> Value {
    body(&json!({"url": "https://example.com/a.jpg"}))
}

fn named(name: &str) -> Value {
    body(&json!({"avatar_id": name}))
}

#[tokio::test]
async fn a_create_is_answered_and_recorded() {
    let world = World::with(|c| c.credit.per_second = 3).await;
    let account = world.account(100, None).await;
    let made = world.made(&account, &by_url()).await;
    let names: Vec<_> = made.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["_id", "create_time", "task_id", "uid", "video", "video_id", "video_status"]);
    assert_eq!(
        (&made["uid"], &made["video_status"], &made["video"]),
        (&json!(account.uid), &json!(1), &json!(""))
    );
    for id in ["_id", "task_id"] {
        assert!(RecordId::parse(made[id].as_str().unwrap()).is_some(), "{made}");
    }
    assert_eq!(
        uuid::Uuid::parse_str(made["video_id"].as_str().unwrap()).unwrap().get_version_num(),
        4
    );

    let (job, spec) = world.job(&made).await;
    assert_eq!((job.kind, job.uid, job.reserved), (Kind::Video, account.uid, 3));
    assert_eq!(job.webhook_url.as_deref(), Some("https://example.com/hook"));
    assert_eq!(made["create_time"], job.created_at);
    assert_eq!(spec.scenes[0].avatar.source, AvatarSource::Url("https://example.com/a.jpg".into()));
    let (video_id, task_id, r#type, anchor): (String, String, i64, Option<String>) =
        sqlx::query_as("SELECT video_id, task_id, type, anchor FROM videos WHERE id = $1")
            .bind(&job.id)
            .fetch_one(world.service.db.read())
            .await
            .unwrap();
    assert_eq!(
        (json!(video_id), json!(task_id), r#type),
        (made["video_id"].clone(), made["task_id"].clone(), 4)
    );
    assert_eq!(anchor.as_deref(), Some("top_left"));
    assert_eq!((world.count("jobs").await, world.count("messages").await), (1, 1));
}

#[tokio::test]
async fn the_reading_is_recorded_when_it_is_known() {
    let world = World::open().await;
    let (documented, live) = (world.account(100, None).await, world.account(100, Some(Compat::Live)).await);
    let mut unknown = by_url();
    let avatar = &mut unknown["elements"][0];
    (avatar["width"], avatar["height"], avatar["offset_x"], avatar["offset_y"]) = (Value::Null, Value::Null, json!(320), json!(180));
    let mut told = unknown.clone();
    told["offset_anchor"] = json!("top_left");
    for (account, body, rule, expected) in [
        (&documented, &by_url(), AnchorRule::Documented, Some("top_left")),
        (&documented, &unknown, AnchorRule::Documented, None),
        (&live, &unknown, AnchorRule::Center, Some("center")),
        (&live, &told, AnchorRule::TopLeft, Some("top_left")),
    ] {
        let (job, spec) = world.job(&world.made(account, body).await).await;
        let anchor: Option<String> = sqlx::query_scalar("SELECT anchor FROM videos WHERE id = $1")
            .bind(&job.id)
            .fetch_one(world.service.db.read())
            .await
            .unwrap();
        assert_eq!((spec.anchor, anchor.as_deref()), (rule, expected));
    }
}

#[tokio::test]
async fn a_key_makes_one_job() {
    let world = World::open().await;
    let (account, other) = (world.account(100, None).await, world.account(100, None).await);
    let (_, first) = world.post(Some(&account), Some("k1"), &by_url()).await;
    let (_, again) = world.post(Some(&account), Some("k1"), &by_url()).await;
    assert_eq!(first["code"], 1000);
    assert_eq!(first, again);
    assert_eq!(world.count("jobs").await, 1);
    // Another body, another account, another key, no key.
    let mut changed = by_url();
    changed["width"] = json!(642);
    let (_, refused) = world.post(Some(&account), Some("k1"), &changed).await;
    assert_eq!(refused["code"], 1003);
    assert!(
        refused["msg"]
            .as_str()
            .unwrap()
            .starts_with("parameter validate error: Idempotency-Key "),
        "{refused}"
    );
    for (account, key) in [(&other, Some("k1")), (&account, Some("k2")), (&account, None)] {
        let (_, answer) = world.post(Some(account), key, &by_url()).await;
        assert_ne!(answer["data"]["_id"], first["data"]["_id"], "{answer}");
    }
    assert_eq!((world.count("jobs").await, world.count("videos").await), (4, 4));
    // For a day.
    let day = std::time::Duration::from_hours(24);
    world.service.clock.advance(day - std::time::Duration::from_mins(1));
    assert_eq!(world.post(Some(&account), Some("k1"), &by_url()).await.1, first);
    world.service.clock.advance(std::time::Duration::from_mins(2));
    let later = world.post(Some(&account), Some("k1"), &by_url()).await.1;
    assert!(later["code"] == 1000 && later["data"]["_id"] != first["data"]["_id"], "{later}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_at_once_one_is_made() {
    let world = World::open().await;
    let account = world.account(100, None).await;
    let body = by_url();
    let create = || world.post(Some(&account), Some("twins"), &body);
    let answers = tokio::join!(create(), create(), create(), create());
    assert_eq!(answers.0.1["code"], 1000, "{answers:?}");
    assert!([answers.1, answers.2, answers.3].iter().all(|a| a.1 == answers.0.1));
    assert_eq!(
        (
            world.count("jobs").await,
            world.count("videos").await,
            world.count("messages").await
        ),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn a_refusal_leaves_nothing_and_keeps_no_key() {
    let world = World::open().await;
    let poor = world.account(0, None).await;
    let (status, json) = world.post(Some(&poor), Some("k"), &by_url()).await;
    assert_eq!((status, &json["code"], &json["data"]), (StatusCode::OK, &json!(1006), &Value::Null));
    assert_eq!(
        (
            world.count("jobs").await,
            world.count("videos").await,
            world.count("messages").await
        ),
        (0, 0, 0)
    );
    let mut tx = world.service.db.write().await.unwrap();
    Account::grant(&mut tx, poor.uid, 5, 0).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.post(Some(&poor), Some("k"), &by_url()).await.1["code"], 1000);
}

#[tokio::test]
async fn a_server_that_is_full_takes_nobodys() {
    let world = World::with(|c| c.limits.open_jobs_total = 1).await;
    let (one, other) = (world.account(100, None).await, world.account(100, None).await);
    assert_eq!(world.post(Some(&one), None, &by_url()).await.1["code"], 1000);
    let (status, refused) = world.post(Some(&other), None, &by_url()).await;
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!(1005)),
        "{refused}"
    );
}

#[tokio::test]
async fn a_full_queue_is_told() {
    let world = World::with(|c| c.limits.open_jobs = 2).await;
    let (account, other) = (world.account(100, None).await, world.account(100, None).await);
    for _ in 0..2 {
        world.made(&account, &by_url()).await;
    }
    let (status, json) = world.post(Some(&account), None, &by_url()).await;
    assert_eq!((status, &json["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!(1005)), "{json}");
    world.made(&other, &by_url()).await;
    assert_eq!((world.count("jobs").await, world.count("videos").await), (3, 3));
}

#[tokio::test]
async fn uploads_go_by_either_name() {
    let world = World::open().await;
    let account = world.account(100, None).await;
    let id = world.upload(&account, "Mine1", 3).await;
    for name in ["Mine1", id.as_str()] {
        for from in [2, 3] {
            let mut body = named(name);
            body["avatar_from"] = json!(from);
            // It wins over a url, which may then be anything.
            body["elements"][0]["url"] = json!("//cdn/preview.png");
            let (_, spec) = world.job(&world.made(&account, &body).await).await;
            assert_eq!(spec.scenes[0].avatar.source, AvatarSource::Upload(id.clone()), "{name} from {from}");
        }
    }
}

#[tokio::test]
async fn official_avatars_go_by_either_name() {
    let world = World::open().await;
    let account = world.account(100, None).await;
    let official = &mouthpiece_server::stock::ALL[0];
    for name in [official.avatar_id, official.id] {
        for from in [2, 3] {
            let mut body = named(name);
            body["avatar_from"] = json!(from);
            let (_, spec) = world.job(&world.made(&account, &body).await).await;
            assert_eq!(
                spec.scenes[0].avatar.source,
                AvatarSource::Stock(official.avatar_id.into()),
                "{name} from {from}"
            );
        }
    }
}

#[tokio::test]
async fn avatars_that_cannot_be_used_are_told() {
    let world = World::open().await;
    let (account, other) = (world.account(100, None).await, world.account(100, None).await);
    let foreign = world.upload(&other, "Theirs", 3).await;
    for (name, status) in [("Waiting", 1), ("Working", 2), ("Broken", 4)] {
        world.upload(&account, name, status).await;
    }
    for (name, code, says) in [
        ("nobody", 1014, "elements[0].avatar_id: the avatar \"nobody\" is unknown"),
        // An avatar_id is its account's own matter.
        ("Theirs", 1014, "is unknown"),
        (foreign.as_str(), 1009, "belongs to another account"),
        ("Waiting", 1105, "not ready yet (status 1)"),
        ("Working", 1105, "not ready yet (status 2)"),
        ("Broken", 1105, "no face was found"),
    ] {
        let (found, sentence) = world.refused(&account, &named(name)).await;
        assert_eq!(found, code, "{name}: {sentence}");
        assert!(sentence.contains(says), "{name}: {sentence}");
    }
    assert_eq!(world.count("jobs").await, 0);
    // With a url an unknown name does not matter, but one that exists does.
    let both = |name: &str| body(&json!({"avatar_id": name, "url": "https://example.com/a.jpg"}));
    let (_, spec) = world.job(&world.made(&account, &both("nobody")).await).await;
    assert_eq!(spec.scenes[0].avatar.source, AvatarSource::Url("https://example.com/a.jpg".into()));
    assert_eq!(world.refused(&account, &both("Waiting")).await.0, 1105);
    let (code, sentence) = world
        .refused(&account, &body(&json!({"avatar_id": "nobody", "url": "ftp://x.y/z"})))
        .await;
    assert_eq!(
        (code, sentence.contains("elements[0].url must begin with http")),
        (1003, true),
        "{sentence}"
    );
}

#[tokio::test]
async fn a_text_needs_a_voice_that_is_there() {
    let world = World::with(|c| c.credit.per_1000_characters = 7).await;
    let account = world.account(100, None).await;
    let official = mouthpiece_server::stock::ALL[0].avatar_id;
    let voices = world.service.voices.now().await.unwrap().official;
    let short = |avatar: &str, voice: &str| json!({"avatar_from": 2, "avatar_id": avatar, "voice_id": voice, "input_text": "Hello!", "width": "720", "height": "1280"});
    assert_eq!(world.refused(&account, &short(official, "nobody")).await.0, 1014);
    assert_eq!(world.refused(&account, &short("nobody", &voices[0].info.id)).await.0, 1014);
    let mut odd = short("nobody", "nobody");
    odd["height"] = json!(1281);
    assert_eq!(world.refused(&account, &odd).await.0, 1003);
    assert_eq!((world.count("jobs").await, world.count("videos").await), (0, 0));
    // By either of its names.
    for name in [voices[0].info.id.as_str(), voices[0].id.as_str()] {
        let (job, spec) = world.job(&world.made(&account, &short(official, name)).await).await;
        let Some(Sound::Speech(speech)) = &spec.scenes[0].sound else {
            panic!("{spec:?}")
        };
        assert_eq!(speech.voice, VoiceSource::Official(voices[0].info.id.clone()));
        assert_eq!((speech.field.as_str(), speech.text.as_str()), ("input_text", "Hello!"));
        assert_eq!(job.reserved, 1 + 7, "a second, and a thousand characters");
    }
}

#[tokio::test]
async fn a_text_that_would_last_too_long_is_refused_at_once() {
    let world = World::with(|c| c.limits.speech_seconds = 60).await;
    let account = world.account(1000, None).await;
    let voice = world.service.voices.now().await.unwrap().official[0].info.id.clone();
    let long = "a word and another ".repeat(100);
    let body =
        json!({"avatar_from": 2, "avatar_id": "Eileen_Collins", "voice_id": voice, "input_text": long, "width": 720, "height": 1280});
    let (code, sentence) = world.refused(&account, &body).await;
    assert_eq!(code, 1204, "{sentence}");
    assert!(sentence.starts_with("input_text would last more than"), "{sentence}");
}

#[tokio::test]
async fn strangers_and_banned_ones_are_refused() {
    let world = World::open().await;
    let account = world.account(100, None).await;
    assert_eq!(world.post(None, None, &by_url()).await.1["code"], 1102);
    let mut stranger = account.clone();
    stranger.client_secret = "x".repeat(32);
    assert_eq!(world.refused(&stranger, &by_url()).await.0, 1101);
    let mut tx = world.service.db.write().await.unwrap();
    Account::set_banned(&mut tx, account.uid, true).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.refused(&account, &by_url()).await.0, 1200);
    assert_eq!(world.count("jobs").await, 0);
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let world = World::open().await;
    let account = world.account(100, None).await;
    let mut body = by_url();
    body["elements"][0]["scale_x"] = Value::Null;
    let (code, sentence) = world.refused(&account, &body).await;
    assert_eq!(code, 1003);
    assert_eq!(
        sentence,
        "parameter validate error: elements[0].scale_x is missing, but must be a number above 0 and at most 16"
    );
}
