//! Contract, section 7: voices.

use axum::http::Method;
use mouthpiece_server::job::Kind;
use mouthpiece_server::problem::Code;
use serde_json::{Value, json};

use crate::harness::{Api, WEEK, local};

const OLDER: &str = "/api/open/v3/voice/list";
const LIST: &str = "/api/open/v4/voice/list";
const CLONE: &str = "/api/open/v4/voice/clone";
const DELETE: &str = "/api/open/v4/voice/del";
const URL: &str = "https://voices.test/me.mp3";
const CREDIT: &str = "/api/open/v3/faceswap/quota/info";

fn detail(id: &str) -> String {
    format!("/api/open/v4/voice/detail/{id}")
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|v| v["_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_older_list_is_a_bare_array_of_voices_that_can_speak() {
    let api = Api::new().await;
    let (client, other) = (api.client().await, api.client().await);
    let own = client.voice().await;
    other.voice().await;
    // One that is not done cannot speak.
    client.post(CLONE, &json!({"source_voice_file": URL})).await.data();
    let reply = client.get(OLDER).await;
    assert_eq!(reply.json()["msg"], "ok");
    let all = reply.data();
    let official = client.get(&format!("{OLDER}?from=3")).await.data();
    let mine = client.get(&format!("{OLDER}?from=4")).await.data();
    assert_eq!(ids(&mine), [own.as_str()]);
    assert_eq!(ids(&all), [ids(&official), ids(&mine)].concat());
    assert!(official.as_array().unwrap().len() >= 2, "{official}");
    for voice in all.as_array().unwrap() {
        let mut keys: Vec<_> = voice.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        let wanted = [
            "_id",
            "accent",
            "create_time",
            "description",
            "from",
            "gender",
            "language",
            "name",
            "preview",
            "type",
            "uid",
            "useCase",
            "voice_id",
        ];
        assert_eq!(keys, wanted);
        let id = voice["_id"].as_str().unwrap();
        assert!(
            id.len() == 24 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)),
            "{id}"
        );
    }
    for voice in official.as_array().unwrap() {
        assert_eq!((&voice["from"], &voice["type"], &voice["uid"]), (&json!(3), &json!(2), &json!(0)));
        assert!(matches!(voice["gender"].as_str(), Some("Female" | "Male")), "{voice}");
        assert!(!voice["name"].as_str().unwrap().is_empty() && !voice["language"].as_str().unwrap().is_empty());
    }
    assert_eq!((&mine[0]["from"], &mine[0]["uid"]), (&json!(4), &json!(client.account.uid)));
    assert_eq!(client.get(&format!("{OLDER}?from=2")).await.code(), 1003);
    // Live accounts get the same shape.
    assert!(api.live_client().await.get(OLDER).await.data().is_array());
}

#[tokio::test]
async fn the_newer_list_is_filtered_and_has_pages() {
    let api = Api::new().await;
    let client = api.client().await;
    for (name, gender, style) in [
        ("Old Tom", "male", "calm"),
        ("Ann", "Female", "bright"),
        ("Thomas", "Male", "bright"),
    ] {
        let options = json!({"gender": [gender], "style": [style, "warm"], "age": ["young"], "scenario": ["news"]});
        let body = json!({"source_voice_file": URL, "name": name, "voice_options": options});
        client.post(CLONE, &body).await.data();
        api.service.clock.advance(std::time::Duration::from_secs(1));
    }
    let list = async |query: &str| client.get(&format!("{LIST}?{query}")).await.data();
    let named = async |query: &str| {
        let data = list(query).await;
        let names: Vec<_> = data["result"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v["name"].as_str().unwrap().to_owned())
            .collect();
        (data["count"].as_u64().unwrap(), names.join(" "))
    };
    assert_eq!(named("type=1").await, (3, "Thomas Ann Old Tom".into()));
    assert_eq!(named("type=1&gender=male").await, (2, "Thomas Old Tom".into()));
    assert_eq!(named("type=1&gender=male,female&style=Bright").await, (2, "Thomas Ann".into()));
    assert_eq!(named("type=1&style=calm,bright&name=TOM").await, (1, "Old Tom".into()));
    assert_eq!(named("type=1&age=old").await, (0, String::new()));
    assert_eq!(named("type=1&scenario=ads,%20news&size=2&page=2").await, (3, "Old Tom".into()));
    let page = list("type=1&size=2").await;
    assert_eq!((&page["page"], &page["size"]), (&json!(1), &json!(2)));
    let official = list("type=2").await;
    assert_eq!(official["size"], 10);
    assert!(
        official["result"]
            .as_array()
            .unwrap()
            .iter()
            .all(|v| v["type"] == 2 && v["status"] == 3),
        "{official}"
    );
    let female = list("type=2&gender=Female&size=1000").await;
    assert!(female["count"].as_u64().unwrap() < list("type=2").await["count"].as_u64().unwrap());
    for (query, rest) in [
        ("", "type is required: 1 (cloned) or 2 (official)"),
        ("type=3", "type may be 1 (cloned) or 2 (official)"),
        ("type=1&size=0", "size must be a whole number from 1 to 1000"),
        ("type=1&page=x", "page must be a number"),
    ] {
        let reply = client.get(&format!("{LIST}?{query}")).await;
        let msg = format!("parameter validate error: {rest}");
        assert_eq!((reply.code(), reply.json()["msg"].as_str()), (1003, Some(msg.as_str())), "{query}");
    }
}

#[tokio::test]
async fn a_clone_begins_with_the_whole_record_and_ends_with_a_voice() {
    let api = Api::with(|c| c.credit.per_voice = 30).await;
    let client = api.client().await;
    let body = json!({
        "source_voice_file": URL, "name": "Me", "text": "This is me.", "webhookUrl": "https://client.test/hook", "consent": true, "more": [],
        "voice_options": {"style": ["calm"], "gender": ["female"], "age": ["young"], "scenario": ["news"], "remove_background_noise": true,
            "language": "en", "need_volume_normalization": true, "other": 1},
    });
    let data = client.post(CLONE, &body).await.data();
    let id = data["_id"].as_str().unwrap();
    let begun = json!({
        "_id": id, "uid": client.account.uid, "team_id": client.account.id, "type": 1, "voice_id": null, "gender": "Female", "name": "Me",
        "preview": null, "text": "This is me.", "duration": 0.0, "status": 1, "create_time": data["create_time"], "style": ["calm"],
        "scenario": ["news"], "age": ["young"], "deduction_credit": 0, "webhookUrl": "https://client.test/hook", "source_voice_file": URL,
        "language": "en-US", "accent": "", "description": data["description"], "method": "matching", "similarity": null, "consent": true,
        "error_code": 0, "error_reason": "", "warnings": [],
    });
    assert_eq!(data, begun);
    assert_eq!(client.get(&detail(id)).await.data(), begun);
    assert_eq!(client.get(CREDIT).await.data()["credit"], 970);
    let job = api.begin(Kind::Voice).await;
    assert_eq!(
        job.spec::<Value>().unwrap(),
        json!({"version": "1", "id": id, "field": "source_voice_file", "url": URL, "denoise": true, "language": "en-US",
            "text": "This is me.", "warnings": []})
    );
    api.complete_voice(&job).await;
    let done = client.get(&detail(id)).await.data();
    assert_eq!((&done["status"], &done["deduction_credit"]), (&json!(3), &json!(30)));
    assert_eq!((&done["similarity"], &done["duration"]), (&json!(0.8), &json!(7.5)));
    let voice_id = done["voice_id"].as_str().unwrap();
    assert_eq!(client.get(&detail(voice_id)).await.data(), done);
    // Voices and their previews stay.
    api.service.clock.advance(WEEK * 10);
    mouthpiece_server::retention::sweep(&api.service).await.unwrap();
    let later = client.get(&detail(id)).await.data();
    assert_eq!(later, done);
    assert_eq!(api.get(local(later["preview"].as_str().unwrap())).await.bytes, b"preview");
}

#[tokio::test]
async fn wishes_are_checked() {
    let api = Api::new().await;
    let client = api.client().await;
    let with = |field: &str, value: Value| {
        let mut body = json!({"source_voice_file": URL});
        body[field] = value;
        body
    };
    let option = |field: &str, value: Value| with("voice_options", json!({field: value}));
    let known = [
        (json!({}), "source_voice_file is required"),
        (with("source_voice_file", json!("")), "source_voice_file is required"),
        (with("source_voice_file", json!(5)), "source_voice_file must be text"),
        (with("source_voice_file", json!("me.mp3")), "source_voice_file must begin with http"),
        (
            with("source_voice_file", json!("data:audio/mp3;base64,AAAA")),
            "source_voice_file must begin with http",
        ),
        (
            with("source_voice_file", json!("http://127.0.0.1/me.mp3")),
            "source_voice_file points to a private",
        ),
        (with("name", json!("a".repeat(201))), "name may have up to 200 characters"),
        (with("name", json!("a\u{0}")), "name may have up to 200 characters"),
        (with("text", json!("word ".repeat(300))), "text "),
        (with("text", json!("\u{1f600}")), "text: "),
        (with("webhookUrl", json!("ftp://client.test")), "webhookUrl must begin with http"),
        (with("consent", json!("perhaps")), "consent must be true or false"),
        (with("voice_options", json!([])), "voice_options"),
        (option("gender", json!(["robot"])), "voice_options.gender may be Female or Male"),
        (option("style", json!("calm")), "voice_options.style must be a list"),
        (
            option("style", json!(["a\u{7}"])),
            "voice_options.style[0] may have up to 100 characters",
        ),
        (
            option("age", json!(vec!["x"; 21])),
            "voice_options.age has 21 items, but may have 20",
        ),
        (
            option("language", json!("tlh")),
            "voice_options.language is \"tlh\", but may be one of en-US",
        ),
        (
            option("remove_background_noise", json!(1)),
            "voice_options.remove_background_noise must be true or false",
        ),
    ];
    for (body, rest) in known {
        let reply = client.post(CLONE, &body).await;
        let msg = reply.json()["msg"].as_str().unwrap().to_owned();
        assert_eq!(reply.code(), 1003, "{body}: {msg}");
        assert!(msg.starts_with(&format!("parameter validate error: {rest}")), "{body}: {msg}");
    }
    assert_eq!(api.count("SELECT count(*) FROM jobs").await, 0);
    let loud = client.post(CLONE, &option("need_volume_normalization", json!(false))).await.data();
    assert!(
        loud["warnings"][0]
            .as_str()
            .unwrap()
            .starts_with("voice_options.need_volume_normalization"),
        "{loud}"
    );
}

#[tokio::test]
async fn a_failed_clone_says_why_and_costs_nothing() {
    let api = Api::new().await;
    let client = api.client().await;
    let id = client.post(CLONE, &json!({"source_voice_file": URL})).await.data()["_id"].clone();
    let job = api.begin(Kind::Voice).await;
    api.fail(&job, Code::VoiceProcessing, "nobody speaks in it").await;
    let voice = client.get(&detail(id.as_str().unwrap())).await.data();
    assert_eq!((&voice["status"], &voice["error_code"]), (&json!(4), &json!(1112)));
    assert_eq!(
        (&voice["error_reason"], &voice["voice_id"]),
        (&json!("nobody speaks in it"), &Value::Null)
    );
    assert_eq!(client.get(CREDIT).await.data()["credit"], 1000);
}

#[tokio::test]
async fn voices_and_credits_have_limits_and_a_key_makes_one_voice() {
    let api = Api::with(|c| c.limits.voices = 2).await;
    let client = api.client().await;
    let body = json!({"source_voice_file": URL}).to_string();
    let key = [("idempotency-key", "once")];
    let first = client.call(Method::POST, CLONE, &key, &body).await.data();
    assert_eq!(client.call(Method::POST, CLONE, &key, &body).await.data(), first);
    assert_eq!(api.count("SELECT count(*) FROM voices").await, 1);
    assert_eq!(client.call(Method::POST, CLONE, &[], &body).await.code(), 1000);
    let refused = client.call(Method::POST, CLONE, &[], &body).await;
    assert_eq!(refused.code(), 1006);
    assert!(refused.json()["msg"].as_str().unwrap().contains("2 voices"));
    let dear = Api::with(|c| c.credit.per_voice = 1001).await;
    assert_eq!(
        dear.client().await.post(CLONE, &json!({"source_voice_file": URL})).await.code(),
        1006
    );
    assert_eq!(dear.count("SELECT count(*) FROM voices").await, 0);
}

#[tokio::test]
async fn official_voices_are_complete_and_stay() {
    let api = Api::new().await;
    let client = api.client().await;
    for voice in api.service.voices.now().await.unwrap().official.iter() {
        let data = client.get(&detail(voice.id.as_str())).await.data();
        assert_eq!(client.get(&detail(&voice.info.id)).await.data(), data);
        assert_eq!(
            (&data["type"], &data["status"], &data["voice_id"]),
            (&json!(2), &json!(3), &json!(voice.info.id))
        );
        for name in [voice.id.as_str(), &voice.info.id] {
            assert_eq!(client.post(DELETE, &json!({"_id": name})).await.code(), 1009);
        }
    }
    assert_eq!(client.get(&detail("nobody")).await.code(), 1008);
    assert_eq!(client.get(&detail("%ff")).await.code(), 1008);
}

#[tokio::test]
async fn a_list_of_deletions_tells_what_became_of_each() {
    let api = Api::new().await;
    let (client, other) = (api.client().await, api.client().await);
    let (own, foreign) = (client.voice().await, other.voice().await);
    assert_eq!(other.get(&detail(own.as_str())).await.code(), 1009);
    let preview = client.get(&detail(own.as_str())).await.data()["preview"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = json!({"_ids": [own, foreign, "0123456789abcdef01234567", "x"]}).to_string();
    for method in [Method::POST, Method::DELETE] {
        let reply = client.call(method.clone(), DELETE, &[], &body).await.data();
        let refused = reply["noPermissionVoices"].as_array().unwrap();
        let codes: Vec<_> = refused
            .iter()
            .map(|r| (r["_id"].as_str().unwrap(), r["code"].as_u64().unwrap()))
            .collect();
        let others = [(foreign.as_str(), 1009), ("0123456789abcdef01234567", 1008), ("x", 1008)];
        if method == Method::POST {
            assert_eq!(reply["successIds"], json!([own]));
            assert_eq!(codes, others);
        } else {
            assert_eq!(codes, [&[(own.as_str(), 1008)], others.as_slice()].concat());
        }
        assert!(refused.iter().all(|r| r["msg"].is_string()));
    }
    assert_eq!(client.get(&detail(own.as_str())).await.code(), 1008);
    assert_eq!(api.get(local(&preview)).await.status, 404);
    assert_eq!(api.stored_keys("voices").await.len(), 1);
    assert_eq!(other.get(&detail(foreign.as_str())).await.data()["status"], 3);
}

#[tokio::test]
async fn one_that_has_not_ended_is_cancelled_before_it_is_deleted() {
    let api = Api::new().await;
    let client = api.client().await;
    let body = json!({"source_voice_file": URL, "webhookUrl": "https://client.test/hook"});
    let id = client.post(CLONE, &body).await.data()["_id"].clone();
    api.begin(Kind::Voice).await;
    assert_eq!(client.post(DELETE, &json!({"_ids": [id]})).await.data()["successIds"], json!([id]));
    assert_eq!(client.get(CREDIT).await.data()["credit"], 1000);
    assert_eq!(api.count("SELECT count(*) FROM webhooks WHERE status = 4").await, 1);
    assert_eq!(
        api.count("SELECT count(*) FROM voices").await + api.count("SELECT count(*) FROM jobs").await,
        0
    );
}
