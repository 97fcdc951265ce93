//! Contract, section 7: spoken texts.

use axum::http::{Method, StatusCode};
use mouthpiece_server::job::Kind;
use mouthpiece_server::problem::Code;
use serde_json::{Value, json};

use crate::harness::{Api, WEEK, local};

const CREATE: &str = "/api/open/v3/audio/create";
const CLONE: &str = "/api/open/v3/audio/clone";
const TTS: &str = "/api/open/v4/voice/tts";
const LIST: &str = "/api/open/v4/voice/resource/list";
const CREDIT: &str = "/api/open/v3/faceswap/quota/info";
const URL: &str = "https://voices.test/me.mp3";

fn info(id: &str) -> String {
    format!("/api/open/v3/audio/infobymodelid?audio_model_id={id}")
}

fn detail(id: &str) -> String {
    format!("/api/open/v4/voice/resource/detail/{id}")
}

#[tokio::test]
async fn a_text_is_recorded_and_its_link_lives_a_week() {
    let api = Api::with(|c| c.credit.per_1000_characters = 4).await;
    let client = api.client().await;
    let voice = api.official().await;
    let body =
        json!({"input_text": "Hello!", "voice_id": voice.info.id, "rate": "120%", "webhookUrl": "https://client.test/hook", "more": 1});
    let data = client.post(CREATE, &body).await.data();
    let id = data["_id"].as_str().unwrap();
    let begun = json!({
        "_id": id, "create_time": data["create_time"], "update_time": data["create_time"], "uid": client.account.uid, "from": 3,
        "input_text": "Hello!", "rate": "120%", "voice_model_id": voice.id, "url": "", "status": 1, "duration": 0.0, "deduction_credit": 0,
        "error_code": 0, "error_reason": "", "similarity": null, "warnings": [],
    });
    assert_eq!(data, begun);
    assert_eq!(client.get(&info(id)).await.data(), begun);
    assert_eq!(client.get(CREDIT).await.data()["credit"], 996);
    let job = api.begin(Kind::Audio).await;
    let spec = job.spec::<Value>().unwrap();
    assert_eq!(
        (&spec["speech"]["voice"], &spec["format"]),
        (&json!({"official": voice.info.id}), &json!("mp3")),
        "{spec}"
    );
    assert!((spec["speech"]["manner"]["speed"].as_f64().unwrap() - 1.2).abs() < 1e-6, "{spec}");
    api.complete_audio(&job, b"a sound").await;
    let done = client.get(&info(id)).await.data();
    assert_eq!(
        (&done["status"], &done["deduction_credit"], &done["duration"]),
        (&json!(3), &json!(4), &json!(1.5))
    );
    let link = done["url"].as_str().unwrap();
    assert_eq!(api.get(local(link)).await.bytes, b"a sound");
    assert_eq!(api.count("SELECT count(*) FROM webhooks WHERE status IN (2, 3)").await, 2);
    api.service.clock.advance(WEEK);
    assert_eq!(api.get(local(link)).await.status, StatusCode::NOT_FOUND);
    let later = client.get(&info(id)).await.data();
    assert_eq!((&later["status"], &later["url"]), (&json!(3), &json!("")));
    mouthpiece_server::retention::sweep(&api.service).await.unwrap();
    assert!(api.stored_keys("audios").await.is_empty() && api.stored_keys("captions").await.is_empty());
    assert_eq!(client.get(&detail(id)).await.data()["result"]["preview"], Value::Null);
}

#[tokio::test]
async fn every_thousand_characters_that_were_begun_cost() {
    let api = Api::with(|c| c.credit.per_1000_characters = 3).await;
    let client = api.client().await;
    let voice = api.official().await.info.id;
    let mut left = 1000;
    for (characters, price) in [(1, 3), (1000, 3), (1001, 6), (5000, 15)] {
        let text = "a".repeat(characters);
        assert_eq!(
            client.post(CREATE, &json!({"input_text": text, "voice_id": voice})).await.code(),
            1000,
            "{characters}"
        );
        left -= price;
        assert_eq!(client.get(CREDIT).await.data()["credit"], left, "{characters}");
    }
    let dear = Api::with(|c| c.credit.per_1000_characters = 501).await;
    let client = dear.client().await;
    let text = "a".repeat(1001);
    assert_eq!(
        client.post(CREATE, &json!({"input_text": text, "voice_id": voice})).await.code(),
        1006
    );
    assert_eq!(
        (
            client.get(CREDIT).await.data()["credit"].as_i64(),
            dear.count("SELECT count(*) FROM jobs").await
        ),
        (Some(1000), 0)
    );
}

#[tokio::test]
async fn what_cannot_be_spoken_is_refused_and_named() {
    let api = Api::new().await;
    let client = api.client().await;
    let voice = api.official().await.info.id;
    let with = |field: &str, value: Value| {
        let mut body = json!({"input_text": "Hello!", "voice_id": voice});
        body[field] = value;
        body
    };
    let both = [
        ("input_text", Value::Null, "input_text is required"),
        ("input_text", json!(""), "input_text is required"),
        ("input_text", json!(" \n "), "input_text: "),
        ("input_text", json!(7), "input_text must be text"),
        ("input_text", json!("word ".repeat(12_000)), "input_text: "),
        ("input_text", json!("\u{1f600}\u{1f44d}"), "input_text: "),
        ("input_text", json!("?!"), "input_text: "),
        ("input_text", json!("a\u{0}b"), "input_text: "),
        ("input_text", json!("a\u{1b}[2Jb"), "input_text: "),
        ("input_text", json!("<audio src='x'>no</audio>"), "input_text: "),
        ("input_text", json!("<break time='5s'>"), "input_text: "),
        ("voice_id", Value::Null, "voice_id is required"),
        ("voice_id", json!(""), "voice_id is required"),
        ("voice_id", json!("v".repeat(256)), "voice_id has 256 characters, but may have 255"),
        ("webhookUrl", json!("client.test"), "webhookUrl must begin with http"),
        (
            "pronunciation_dictionary",
            json!(["x"]),
            "pronunciation_dictionary must be an object",
        ),
        ("pronunciation_dictionary", json!({"two words": "x"}), "pronunciation_dictionary: "),
        ("pronunciation_dictionary", json!({"word": ""}), "pronunciation_dictionary: "),
    ];
    let older = [
        (
            "input_text",
            json!("a".repeat(5001)),
            "input_text has 5001 characters, but may have 5000",
        ),
        ("rate", json!("49%"), "rate is \"49%\", but may be \"50%\" to \"200%\""),
        ("rate", json!({}), "rate is \"{}\", but may be \"50%\" to \"200%\""),
    ];
    let newer = [
        ("pitch", json!(13), "pitch is 13, but must be a number from -12 to 12"),
        ("pitch", json!("high"), "pitch must be a number"),
        ("voice_options", json!("loud"), "voice_options must be an object"),
        (
            "voice_options",
            json!({"speed": 0.6}),
            "voice_options.speed is 0.6, but must be a number from 0.7 to 1.2",
        ),
        (
            "voice_options",
            json!({"volume": 101}),
            "voice_options.volume is 101, but must be a number from 0 to 100",
        ),
        (
            "extra_options",
            json!({"audio_setting": {"sample_rate": 48000}}),
            "extra_options.audio_setting.sample_rate is 48000, but may be one of 8000",
        ),
        (
            "extra_options",
            json!({"audio_setting": {"bitrate": 1}}),
            "extra_options.audio_setting.bitrate is 1, but may be one of 32000",
        ),
        (
            "extra_options",
            json!({"audio_setting": {"format": "ogg"}}),
            "extra_options.audio_setting.format is \"ogg\", but may be mp3 or wav",
        ),
        (
            "extra_options",
            json!({"audio_setting": {"channel": 3}}),
            "extra_options.audio_setting.channel is 3, but may be one of 1, 2",
        ),
        (
            "extra_options",
            json!({"subtitle_enable": "srt"}),
            "extra_options.subtitle_enable must be true or false",
        ),
    ];
    let tables = [
        (CREATE, both.iter().chain(&older).collect::<Vec<_>>()),
        (TTS, both.iter().chain(&newer).collect()),
    ];
    for (path, table) in tables {
        for (field, value, rest) in table {
            let reply = client.post(path, &with(field, value.clone())).await;
            let msg = reply.json()["msg"].as_str().unwrap().to_owned();
            assert_eq!(reply.code(), 1003, "{path} {field}: {msg}");
            assert!(
                msg.starts_with(&format!("parameter validate error: {rest}")),
                "{path} {field}: {msg}"
            );
            assert!(msg.chars().count() < 400, "{msg}");
        }
        assert_eq!(client.post(path, &with("voice_id", json!("nobody"))).await.code(), 1014);
    }
    assert_eq!(api.count("SELECT count(*) FROM jobs").await, 0);
}

#[tokio::test]
async fn voices_are_ones_own_or_everybodys_and_ready() {
    let api = Api::new().await;
    let (client, other) = (api.client().await, api.client().await);
    let own = client.voice().await;
    let voice_id = client.get(&format!("/api/open/v4/voice/detail/{own}")).await.data()["voice_id"].clone();
    for path in [CREATE, TTS, CLONE] {
        for name in [&json!(own), &voice_id] {
            let body = json!({"input_text": "Hello!", "voice_id": name});
            assert_eq!(client.post(path, &body).await.data()["voice_model_id"], json!(own), "{path}");
            assert_eq!(other.post(path, &body).await.code(), 1009, "{path}");
        }
    }
    let waiting = client
        .post("/api/open/v4/voice/clone", &json!({"source_voice_file": URL}))
        .await
        .data();
    let body = json!({"input_text": "Hello!", "voice_id": waiting["_id"]});
    let refused = client.post(CREATE, &body).await.json();
    assert_eq!(refused["code"], 1112, "{refused}");
    assert!(refused["msg"].as_str().unwrap().contains("not ready yet (status 1)"), "{refused}");
    let job = api.begin(Kind::Voice).await;
    api.fail(&job, Code::VoiceProcessing, "nobody speaks in it").await;
    let refused = client.post(TTS, &body).await.json();
    assert_eq!(refused["code"], 1112);
    assert!(refused["msg"].as_str().unwrap().contains("nobody speaks in it"), "{refused}");
}

#[tokio::test]
async fn every_option_of_the_newer_call_arrives_or_is_told() {
    let api = Api::new().await;
    let client = api.client().await;
    let voice = api.official().await;
    let options = json!({"speed": 1.1, "volume": "50", "stability": 0.5, "similarity_boost": 0.7, "style": 0.2, "speaker_boost": true, "emotion": "happy"});
    let body = json!({
        "input_text": "Hello!", "voice_id": voice.id, "voice_options": options, "language_code": "en", "pitch": -3, "webhookUrl": "",
        "pronunciation_dictionary": {"Hello": "hallow"},
        "extra_options": {"audio_setting": {"sample_rate": 16000, "bitrate": "64000", "format": "mp3", "channel": 2}, "subtitle_enable": true,
            "latex_read": true, "text_normalization": false},
    });
    let data = client.post(TTS, &body).await.data();
    let id = data["_id"].as_str().unwrap();
    let begun = json!({
        "_id": id, "create_time": data["create_time"], "update_time": data["create_time"], "uid": client.account.uid,
        "team_id": client.account.id, "input_text": "Hello!", "preview": null, "status": 1, "webhookUrl": "", "duration": 0.0,
        "file_name": format!("{id}.mp3"), "gender": data["gender"], "deduction_credit": 0, "name": voice.info.name,
        "voice_model_id": voice.id, "voice_id": voice.info.id, "voice_options": options, "captions": null, "error_code": 0,
        "error_reason": "", "warnings": data["warnings"],
    });
    assert_eq!(data, begun);
    let told: Vec<_> = data["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| w.as_str().unwrap().split(':').next().unwrap())
        .collect();
    let unheard = [
        "voice_options.emotion",
        "voice_options.similarity_boost",
        "voice_options.speaker_boost",
        "voice_options.stability",
        "voice_options.style",
        "extra_options.latex_read",
    ];
    assert_eq!(told, unheard);
    assert_eq!(client.get(&detail(id)).await.data()["result"], begun);
    let job = api.begin(Kind::Audio).await;
    let spec = job.spec::<Value>().unwrap();
    let manner = &spec["speech"]["manner"];
    assert!(
        (manner["volume"].as_f64().unwrap() + 6.02).abs() < 0.01 && manner["pitch"] == -3.0,
        "{spec}"
    );
    assert_eq!(spec["speech"]["dictionary"], json!({"Hello": "hallow"}));
    assert_eq!(
        (&spec["rate"], &spec["bitrate"], &spec["channels"]),
        (&json!(16000), &json!(64000), &json!(2))
    );
    assert_eq!((&spec["captions"], &spec["warnings"]), (&json!(true), &data["warnings"]));
    api.complete_audio(&job, b"a sound").await;
    let done = client.get(&detail(id)).await.data()["result"].clone();
    assert_eq!(api.get(local(done["preview"].as_str().unwrap())).await.bytes, b"a sound");
    let captions = api.get(local(done["captions"]["vtt"].as_str().unwrap())).await;
    assert_eq!(
        (captions.header("content-type"), captions.bytes.as_slice()),
        ("text/vtt", b"WEBVTT".as_slice())
    );
    assert_eq!(
        client.get(&info(id)).await.data()["url"],
        done["preview"],
        "one record, two editions"
    );
    for (code, says) in [("fr", "speaks English, not French"), ("tlh", "nothing here speaks \"tlh\"")] {
        let body = json!({"input_text": "Hello!", "voice_id": voice.id, "language_code": code});
        let refused = client.post(TTS, &body).await.json();
        assert_eq!(refused["code"], 1112, "{refused}");
        assert!(refused["msg"].as_str().unwrap().contains(says), "{refused}");
    }
}

#[tokio::test]
async fn cloning_and_speaking_in_one_go_keeps_the_voice() {
    let api = Api::with(|c| (c.credit.per_voice, c.credit.per_1000_characters) = (20, 1)).await;
    let client = api.client().await;
    let both = json!({"input_text": "Hello!", "voice_url": URL, "voice_id": "v"});
    for (body, rest) in [
        (both, "voice_url cannot be there together with voice_id"),
        (json!({"input_text": "Hello!"}), "voice_url is missing, and voice_id too"),
        (
            json!({"input_text": "Hello!", "voice_url": "ftp://voices.test/me.mp3"}),
            "voice_url must begin with http",
        ),
        (json!({"input_text": "", "voice_url": URL}), "input_text is required"),
    ] {
        let reply = client.post(CLONE, &body).await.json();
        assert_eq!(reply["code"], 1003, "{reply}");
        assert!(
            reply["msg"]
                .as_str()
                .unwrap()
                .starts_with(&format!("parameter validate error: {rest}")),
            "{reply}"
        );
    }
    let body = json!({"input_text": "Hello!", "voice_url": URL, "consent": false});
    let made = client.post(CLONE, &body).await.data();
    assert_eq!(client.get(CREDIT).await.data()["credit"], 979);
    let voice = made["voice_model_id"].as_str().unwrap();
    let path = format!("/api/open/v4/voice/detail/{voice}");
    let seen = client.get(&path).await.data();
    assert_eq!(
        (&seen["status"], &seen["consent"], &seen["source_voice_file"]),
        (&json!(1), &json!(false), &json!(URL))
    );
    let spec = api.begin(Kind::Audio).await.spec::<Value>().unwrap();
    assert_eq!(
        (&spec["voice"]["id"], &spec["speech"]["voice"]),
        (&json!(voice), &json!({"own": voice}))
    );
    // Deleting the voice ends what needs it.
    client.post("/api/open/v4/voice/del", &json!({"_ids": [voice]})).await.data();
    let ended = client.get(&info(made["_id"].as_str().unwrap())).await.data();
    assert_eq!((&ended["status"], &ended["error_code"]), (&json!(4), &json!(1201)), "{ended}");
    assert_eq!(client.get(CREDIT).await.data()["credit"], 1000);
}

#[tokio::test]
async fn an_audio_that_is_deleted_too_early_leaves_no_voice() {
    let api = Api::new().await;
    let client = api.client().await;
    let made = client.post(CLONE, &json!({"input_text": "Hello!", "voice_url": URL})).await.data();
    let body = json!({"_ids": [made["_id"]]});
    assert_eq!(
        client.post("/api/open/v3/audio/delete", &body).await.data()["successIds"],
        json!([made["_id"]])
    );
    assert_eq!(api.count("SELECT count(*) FROM voices").await, 0);
    let voice = made["voice_model_id"].as_str().unwrap();
    assert_eq!(client.get(&format!("/api/open/v4/voice/detail/{voice}")).await.code(), 1008);
}

#[tokio::test]
async fn nobody_sees_or_touches_what_is_anothers() {
    let api = Api::new().await;
    let (client, other) = (api.client().await, api.client().await);
    let voice = api.official().await.info.id;
    let body = json!({"input_text": "Hello!", "voice_id": voice});
    let id = client.post(CREATE, &body).await.data()["_id"].as_str().unwrap().to_owned();
    for path in [info(&id), detail(&id)] {
        assert_eq!(other.get(&path).await.code(), 1009, "{path}");
    }
    for path in [
        info("0123456789abcdef01234567"),
        detail("0123456789abcdef01234567"),
        detail("x"),
        info("x"),
        detail("%ff"),
    ] {
        assert_eq!(client.get(&path).await.code(), 1008, "{path}");
    }
    assert_eq!(client.get("/api/open/v3/audio/infobymodelid").await.code(), 1003);
    for path in ["/api/open/v3/audio/cancel", "/api/open/v3/audio/delete"] {
        assert_eq!(other.post(path, &json!({"_id": id})).await.code(), 1009, "{path}");
    }
    assert_eq!(other.get(LIST).await.data()["count"], 0);
    // Nor without an account.
    for (method, path) in [
        (Method::POST, CREATE),
        (Method::POST, CLONE),
        (Method::POST, TTS),
        (Method::GET, LIST),
    ] {
        assert_eq!(api.call(method, path, &[], &body.to_string()).await.code(), 1102, "{path}");
    }
}

#[tokio::test]
async fn a_key_speaks_once_and_lists_have_pages() {
    let api = Api::new().await;
    let client = api.client().await;
    let voice = api.official().await.info.id;
    let body = json!({"input_text": "Hello!", "voice_id": voice}).to_string();
    for path in [CREATE, CLONE, TTS] {
        let key = [("idempotency-key", path)];
        let first = client.call(Method::POST, path, &key, &body).await.data();
        assert_eq!(client.call(Method::POST, path, &key, &body).await.data(), first);
        api.service.clock.advance(std::time::Duration::from_secs(1));
    }
    let page = client.get(&format!("{LIST}?type=1&size=2&page=2")).await.data();
    assert_eq!((&page["count"], &page["page"], &page["size"]), (&json!(3), &json!(2), &json!(2)));
    assert_eq!(page["result"].as_array().unwrap().len(), 1);
    assert_eq!(client.get(&format!("{LIST}?type=2")).await.code(), 1003);
}

#[tokio::test]
async fn one_can_be_cancelled_and_deleted() {
    let api = Api::new().await;
    let client = api.client().await;
    let voice = api.official().await.info.id;
    let body = json!({"input_text": "Hello!", "voice_id": voice, "webhookUrl": "https://client.test/hook"});
    let make = async || client.post(CREATE, &body).await.data()["_id"].clone();
    let first = make().await;
    let cancelled = client.post("/api/open/v3/audio/cancel", &json!({"_id": first})).await.data();
    assert_eq!((&cancelled["status"], &cancelled["error_code"]), (&json!(4), &json!(1201)));
    assert_eq!(client.post("/api/open/v3/audio/cancel", &json!({"_id": first})).await.code(), 1010);
    assert_eq!(client.get(CREDIT).await.data()["credit"], 1000);
    let second = make().await;
    let job = api.begin(Kind::Audio).await;
    api.complete_audio(&job, b"a sound").await;
    let reply = client
        .post("/api/open/v3/audio/delete", &json!({"_ids": [first, second]}))
        .await
        .data();
    assert_eq!(reply, json!({"successIds": [first, second], "noPermissionAudios": []}));
    assert!(api.stored_keys("audios").await.is_empty() && api.stored_keys("captions").await.is_empty());
    assert_eq!(
        api.count("SELECT count(*) FROM files").await + api.count("SELECT count(*) FROM audios").await,
        0
    );
}
