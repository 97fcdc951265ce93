//! Voices like those of recordings, and previews of the official ones.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Client;
use crate::house::House;
use crate::media::{World, unseal};

const CLONE: &str = "/api/open/v4/voice/clone";
const CREDIT: &str = "/api/open/v3/faceswap/quota/info";

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_is_matched_speaks_and_is_deleted() {
    let (house, world) = (House::open().await, World::open().await);
    world.speech("me.wav", 9.0);
    let account = house.account(None, 100).await;
    let client = Client::signed_in(&house.base, &account.client_id, &account.client_secret).await;
    let body = json!({"source_voice_file": world.url("me.wav"), "name": "Me", "text": "This is me.", "consent": true,
        "webhookUrl": world.url("hook"), "voice_options": {"remove_background_noise": true}});
    let made = client.post(CLONE, &body).await;
    assert_eq!(
        (&made["status"], &made["voice_id"], &made["preview"]),
        (&json!(1), &Value::Null, &Value::Null),
        "{made}"
    );
    let id = made["_id"].as_str().unwrap();
    let voice = client.voice_ended(id).await;
    assert_eq!(
        (&voice["status"], &voice["deduction_credit"], &voice["consent"]),
        (&json!(3), &json!(10), &json!(true)),
        "{voice}"
    );
    println!("{} like it, as {}", voice["similarity"], voice["gender"]);
    assert!(voice["similarity"].as_f64().unwrap() > 0.4, "{voice}");
    assert!((voice["duration"].as_f64().unwrap() - 9.0).abs() < 0.1, "{voice}");
    let told = [world.callback(0).await, world.callback(1).await].map(|b| unseal(&b, &account.client_id, &account.client_secret));
    assert_eq!(told[0], json!({"_id": id, "status": 2, "type": "audio", "url": ""}));
    assert_eq!(told[1], json!({"_id": id, "status": 3, "type": "audio", "url": voice["preview"]}));
    assert_eq!(client.get(CREDIT).await["credit"], 90);

    let said = json!({"input_text": "Hello there, it is me.", "voice_id": voice["voice_id"]});
    let audio = client.post("/api/open/v3/audio/create", &said).await;
    assert_eq!(audio["voice_model_id"], id);
    let audio = client.audio_ended(audio["_id"].as_str().unwrap()).await;
    assert_eq!(audio["status"], 3, "{audio}");
    // Weeks later the voice is still there, and what it said is not.
    house.service.clock.advance(Duration::from_hours(30 * 24));
    mouthpiece_server::retention::sweep(&house.service).await.unwrap();
    assert_eq!(client.download(voice["preview"].as_str().unwrap(), &[]).await.status, 200);
    assert_eq!(client.download(audio["url"].as_str().unwrap(), &[]).await.status, 404);
    let listed = client.get("/api/open/v3/voice/list?from=4").await;
    assert_eq!(
        (listed.as_array().unwrap().len(), &listed[0]["voice_id"]),
        (1, &voice["voice_id"]),
        "{listed}"
    );

    let deleted = client.post("/api/open/v4/voice/del", &json!({"_ids": [id]})).await;
    assert_eq!(deleted["successIds"], json!([id]));
    assert_eq!(client.refused("/api/open/v3/audio/create", &said).await.0, 1014);
    assert_eq!(client.download(voice["preview"].as_str().unwrap(), &[]).await.status, 404);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_matched_and_speaks_in_one_go() {
    let (house, world) = (House::open().await, World::open().await);
    world.speech("me.wav", 6.0);
    let account = house.account(None, 15).await;
    let client = Client::with_key(&house.base, &account.client_secret);
    let body = json!({"input_text": "Hello there!", "voice_url": world.url("me.wav"), "rate": "110%"});
    let made = client.post("/api/open/v3/audio/clone", &body).await;
    assert_eq!(client.refused("/api/open/v3/audio/clone", &body).await.0, 1006);
    let audio = client.audio_ended(made["_id"].as_str().unwrap()).await;
    assert_eq!((&audio["status"], &audio["deduction_credit"]), (&json!(3), &json!(15)), "{audio}");
    assert!(audio["similarity"].as_f64().is_some(), "{audio}");
    assert_eq!(client.download(audio["url"].as_str().unwrap(), &[]).await.status, 200);
    let voice = client.voice_ended(audio["voice_model_id"].as_str().unwrap()).await;
    assert_eq!((&voice["status"], &voice["type"]), (&json!(3), &json!(1)), "{voice}");
    assert_eq!(client.download(voice["preview"].as_str().unwrap(), &[]).await.status, 200);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_that_nobody_can_be_matched_to_are_told_why() {
    let (house, world) = (House::open().await, World::open().await);
    let account = house.account(None, 100).await;
    let client = Client::with_key(&house.base, &account.client_secret);
    world.ffmpeg("-f lavfi -i anullsrc=r=16000:cl=mono -t 8 silence.wav");
    world.ffmpeg("-f lavfi -i aevalsrc=0.2*sin(2*PI*262*t)+0.2*sin(2*PI*330*t)+0.2*sin(2*PI*392*t)*sin(4*PI*t):s=16000 -t 8 music.wav");
    world.speech("short.wav", 0.3);
    std::fs::write(world.path("text.wav"), "this is a text").unwrap();
    std::fs::copy(world.path("silence.wav"), world.path("large.wav")).unwrap();
    std::fs::File::options()
        .write(true)
        .open(world.path("large.wav"))
        .unwrap()
        .set_len(40 << 20)
        .unwrap();
    let cases = [
        ("silence.wav", vec![1110, 1112]),
        ("music.wav", vec![1112]),
        ("short.wav", vec![1112]),
        ("text.wav", vec![1110, 1112]),
        ("large.wav", vec![1207]),
        ("gone.wav", vec![1110]),
    ];
    for (name, codes) in cases {
        let made = client.post(CLONE, &json!({"source_voice_file": world.url(name)})).await;
        let voice = client.voice_ended(made["_id"].as_str().unwrap()).await;
        let (code, reason) = (voice["error_code"].as_i64().unwrap(), voice["error_reason"].as_str().unwrap());
        println!("{name}: {code} {reason}");
        assert!(voice["status"] == 4 && codes.contains(&code), "{voice}");
        assert!(reason.starts_with("source_voice_file") && !reason.contains("scratch"), "{voice}");
        let body = json!({"input_text": "Hello!", "voice_id": made["_id"]});
        assert_eq!(client.refused("/api/open/v4/voice/tts", &body).await.0, 1112);
    }
    assert_eq!(client.get(CREDIT).await["credit"], 100);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn previews_of_official_voices_are_made_once_and_stay() {
    let house = House::with(|c| c.voices.previews = true).await;
    let client = house.client().await;
    let begun = Instant::now();
    let voice = loop {
        let voices = client.get("/api/open/v3/voice/list?from=3").await;
        if let Some(voice) = voices.as_array().unwrap().iter().find(|v| v["preview"] != "") {
            break voice.clone();
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "no preview was made");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    house.service.clock.advance(Duration::from_hours(30 * 24));
    mouthpiece_server::retention::sweep(&house.service).await.unwrap();
    let file = client.download(voice["preview"].as_str().unwrap(), &[]).await;
    assert_eq!((file.status, file.headers["content-type"].to_str().unwrap()), (200, "audio/mpeg"));
    assert!(file.body.len() > 5000, "{}", file.body.len());
    let newer = client
        .get(&format!("/api/open/v4/voice/detail/{}", voice["_id"].as_str().unwrap()))
        .await;
    assert_eq!(newer["preview"], voice["preview"]);
    house.close().await;
}
