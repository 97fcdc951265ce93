//! Texts that are spoken, from the contract alone: heard, measured, charged, told and gone after a week.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use mouthpiece_render::face::{self, FaceNets};
use mouthpiece_render::media::image;
use mouthpiece_render::model::Runtime;
use nix::sys::signal::{Signal, kill};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Client;
use crate::house::House;
use crate::media::{World, unseal};
use crate::site::{Site, persistent};
use crate::walk::simple;

const CREATE: &str = "/api/open/v3/audio/create";
const TTS: &str = "/api/open/v4/voice/tts";
const CREDIT: &str = "/api/open/v3/faceswap/quota/info";
const TEXT: &str = "Hello there. Bob and Mary bought a new map of the moon, and put it up by the door.";

/// The first official voice.
async fn voice(client: &Client) -> String {
    let voices = client.get("/api/open/v3/voice/list?from=3").await;
    voices[0]["voice_id"].as_str().unwrap().to_owned()
}

/// Saves what a link leads to.
async fn fetched(client: &Client, world: &World, url: &Value, name: &str) -> String {
    let file = client.download(url.as_str().unwrap(), &[]).await;
    assert_eq!(file.status, 200, "{url}");
    std::fs::write(world.path(name), &file.body).unwrap();
    file.headers["content-type"].to_str().unwrap().to_owned()
}

fn seconds(stream: &Value) -> f64 {
    stream["duration"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_walks_from_its_token_to_the_end_of_what_was_said() {
    let (house, world) = (House::open().await, World::open().await);
    let account = house.account(None, 100).await;
    let client = Client::signed_in(&house.base, &account.client_id, &account.client_secret).await;
    let voice = voice(&client).await;
    let body = json!({"input_text": TEXT, "voice_id": voice, "rate": "100%", "webhookUrl": world.url("hook")});
    let made = client.post(CREATE, &body).await;
    assert_eq!(
        (&made["status"], &made["url"], &made["from"]),
        (&json!(1), &json!(""), &json!(3)),
        "{made}"
    );
    let id = made["_id"].as_str().unwrap();

    let told = [world.callback(0).await, world.callback(1).await].map(|b| unseal(&b, &account.client_id, &account.client_secret));
    let info = client.audio_ended(id).await;
    assert_eq!(
        (&info["status"], &info["deduction_credit"], &info["warnings"]),
        (&json!(3), &json!(5), &json!([])),
        "{info}"
    );
    assert_eq!(told[0], json!({"_id": id, "status": 2, "type": "audio", "url": ""}));
    assert_eq!(told[1], json!({"_id": id, "status": 3, "type": "audio", "url": info["url"]}));
    assert_eq!(client.get(CREDIT).await["credit"], 95);

    assert_eq!(fetched(&client, &world, &info["url"], "said.mp3").await, "audio/mpeg");
    let (length, told) = (seconds(&world.stream("said.mp3")), info["duration"].as_f64().unwrap());
    // 83 signs: people need about 5 s.
    assert!((3.0..9.0).contains(&length) && (length - told).abs() < 0.1, "{length} {told}");
    let (loudness, peak) = world.loudness("said.mp3");
    println!("{length:.2} s, {loudness:.1} LUFS, peak {peak:.1} dB");
    assert!((loudness + 16.0).abs() <= 1.0 && peak <= -0.9, "{loudness} {peak}");

    house.service.clock.advance(Duration::from_hours(7 * 24) + Duration::from_mins(2));
    let gone = client.download(info["url"].as_str().unwrap(), &[]).await;
    assert_eq!(gone.status, 404);
    assert_eq!(client.audio_ended(id).await["url"], "");
    mouthpiece_server::retention::sweep(&house.service).await.unwrap();
    let audios = house.data.path().join("data/files/audios");
    assert_eq!(std::fs::read_dir(audios).map_or(0, Iterator::count), 0);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_option_of_the_newer_call_is_heard() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    let voice = voice(&client).await;
    let say = async |changes: Value| {
        let mut body = json!({"input_text": TEXT, "voice_id": voice});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let made = client.post(TTS, &body).await;
        let id = made["_id"].as_str().unwrap().to_owned();
        client.audio_ended(&id).await;
        client.get(&format!("/api/open/v4/voice/resource/detail/{id}")).await["result"].clone()
    };
    let plain = say(json!({})).await;
    assert_eq!(fetched(&client, &world, &plain["preview"], "plain.mp3").await, "audio/mpeg");
    let usual = plain["duration"].as_f64().unwrap();
    let (level, _) = world.loudness("plain.mp3");

    let setting = json!({"sample_rate": 8000, "format": "wav", "channel": 2});
    let wav =
        say(json!({"extra_options": {"audio_setting": setting, "subtitle_enable": true}, "voice_options": {"speed": 1.2, "volume": 50}}))
            .await;
    assert_eq!(fetched(&client, &world, &wav["preview"], "fast.wav").await, "audio/wav");
    let stream = world.stream("fast.wav");
    assert_eq!(
        (&stream["sample_rate"], &stream["channels"]),
        (&json!("8000"), &json!(2)),
        "{stream}"
    );
    let ratio = usual / seconds(&stream);
    assert!((1.1..1.35).contains(&ratio), "{ratio}");
    let quieter = level - world.loudness("fast.wav").0;
    assert!((4.5..8.0).contains(&quieter), "half the amplitude is 6 dB less: {quieter}");
    // Captions are there and end with the sound.
    assert!(
        fetched(&client, &world, &wav["captions"]["srt"], "fast.srt")
            .await
            .starts_with("application/x-subrip")
    );
    assert!(
        fetched(&client, &world, &wav["captions"]["vtt"], "fast.vtt")
            .await
            .starts_with("text/vtt")
    );
    let vtt = std::fs::read_to_string(world.path("fast.vtt")).unwrap();
    let srt = std::fs::read_to_string(world.path("fast.srt")).unwrap();
    assert!(
        vtt.starts_with("WEBVTT") && vtt.contains("Mary") && srt.contains("the door."),
        "{vtt}{srt}"
    );

    let setting = json!({"sample_rate": 44100, "bitrate": 64000, "format": "mp3", "channel": 1});
    let mp3 = say(json!({"extra_options": {"audio_setting": setting}, "pitch": 4, "voice_options": {"speed": 0.7}})).await;
    fetched(&client, &world, &mp3["preview"], "slow.mp3").await;
    let stream = world.stream("slow.mp3");
    assert_eq!(
        (&stream["sample_rate"], &stream["channels"]),
        (&json!("44100"), &json!(1)),
        "{stream}"
    );
    let rate: f64 = stream["bit_rate"].as_str().unwrap().parse().unwrap();
    assert!((rate - 64_000.0).abs() < 3000.0, "{rate}");
    let ratio = seconds(&stream) / usual;
    assert!((1.25..1.6).contains(&ratio), "{ratio}");
    assert_eq!((&mp3["captions"], &mp3["warnings"]), (&Value::Null, &json!([])));

    // Markup counts: half a second between the words, and half the pace.
    let pause = say(json!({"input_text": "One.<break time='2s'/>Two."})).await["duration"]
        .as_f64()
        .unwrap();
    let none = say(json!({"input_text": "One. Two."})).await["duration"].as_f64().unwrap();
    assert!((1.2..2.6).contains(&(pause - none)), "{pause} {none}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_face_says_a_text() {
    let (house, world) = (House::open().await, World::open().await);
    let account = house.account(None, 100).await;
    let client = Client::with_key(&house.base, &account.client_secret);
    let voice = voice(&client).await;
    let text = "Papa and Mama have a big map.";
    let mut body = simple(&world.url("face.png"), "");
    body["elements"][1] = json!({"type": "audio", "input_text": text, "voice_id": voice, "pronunciation_dictionary": {"map": "mop"}});
    body["captions"] = json!("file");
    let made = client.create(&body).await;
    let keys: Vec<_> = made.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["_id", "create_time", "task_id", "uid", "video", "video_id", "video_status"]);
    // The short form of the same.
    let flat =
        json!({"avatar_from": 2, "avatar_id": "Eileen_Collins", "voice_id": voice, "input_text": "Hello!", "width": 256, "height": 256});
    let flat = client.create(&flat).await;

    let info = client.ended(made["_id"].as_str().unwrap()).await;
    assert_eq!(info["video_status"], 3, "{info}");
    let length = info["video_duration"].as_f64().unwrap();
    assert!((1.0..6.0).contains(&length), "{info}");
    // Its seconds, and a thousand characters.
    assert_eq!(info["deduction_duration"], length.ceil() as i64 + 5, "{info}");
    fetched(&client, &world, &info["video"], "said.mp4").await;
    let (_, _, picture, sound) = world.probe("said.mp4");
    assert!(
        (picture - sound).abs() < 0.1 && (picture - length).abs() < 0.05,
        "{picture} {sound} {length}"
    );
    fetched(&client, &world, &info["captions"]["vtt"], "said.vtt").await;
    let vtt = std::fs::read_to_string(world.path("said.vtt")).unwrap();
    assert!(vtt.contains("big map."), "{vtt}");
    check_mouth(&world);

    let info = client.ended(flat["_id"].as_str().unwrap()).await;
    assert_eq!((&info["video_status"], &info["captions"]), (&json!(3), &Value::Null), "{info}");
    house.close().await;
}

/// Lips that part for vowels, and that meet for P, B and M.
fn check_mouth(world: &World) {
    world.ffmpeg("-i said.mp4 frame-%03d.png");
    let nets = FaceNets::load(&Runtime::rten()).unwrap();
    let mut gaps = Vec::new();
    for index in (1..).step_by(2) {
        let path = world.path(&format!("frame-{index:03}.png"));
        if !path.exists() {
            break;
        }
        let picture = image::open(&path, &image::Limits::default()).unwrap();
        let landmarks = face::analyse(&picture, &nets).unwrap().face.landmarks;
        gaps.push(landmarks[14][1] - landmarks[13][1]);
    }
    let (least, most) = gaps.iter().fold((f32::MAX, f32::MIN), |(a, b), g| (a.min(*g), b.max(*g)));
    println!("lips apart: {least:.1} to {most:.1} pixels");
    assert!(most > 2.0 && least < most / 3.0, "{gaps:?}");
    // Shut between vowels, not only at the ends.
    let crossings = gaps.windows(2).filter(|w| (w[0] > most / 2.0) != (w[1] > most / 2.0)).count();
    assert!(crossings >= 4, "the mouth does not speak: {gaps:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_wins_over_a_text() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    let mut body = simple(&world.url("face.png"), &world.url("voice.wav"));
    body["elements"][1]["input_text"] = json!("A text that is not spoken, although somebody wrote it down here.");
    body["elements"][1]["voice_id"] = json!("nobody");
    let info = client.ended(client.create(&body).await["_id"].as_str().unwrap()).await;
    assert_eq!(
        (&info["video_status"], &info["deduction_duration"]),
        (&json!(3), &json!(2)),
        "{info}"
    );
    assert!((info["video_duration"].as_f64().unwrap() - 1.5).abs() < 0.05, "{info}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_with_its_words_can_be_read() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    world.speech("dashwood.wav", 15.4);
    let mut body = simple(&world.url("face.png"), &world.url("dashwood.wav"));
    body["elements"][1]["text"] = json!(
        "And Mr. John Dashwood had then leisure to consider how much there might be prudently in his power to do for them. He was not an \
         ill-disposed young man, unless to be rather cold-hearted, and rather selfish, is to be ill-disposed."
    );
    body["captions"] = json!("burn");
    body["caption_size"] = json!("large");
    let info = client.ended(client.create(&body).await["_id"].as_str().unwrap()).await;
    assert_eq!(
        (&info["video_status"], &info["deduction_duration"]),
        (&json!(3), &json!(16)),
        "{info}"
    );
    fetched(&client, &world, &info["captions"]["srt"], "read.srt").await;
    let srt = std::fs::read_to_string(world.path("read.srt")).unwrap();
    assert!(
        srt.contains("Dashwood") && srt.contains("-->") && srt.trim_end().ends_with("ill-disposed."),
        "{srt}"
    );
    // They run out like the video.
    house.service.clock.advance(Duration::from_hours(7 * 24) + Duration::from_mins(2));
    let later = client.info(info["_id"].as_str().unwrap()).await;
    assert_eq!((&later["video"], &later["captions"]), (&json!(""), &Value::Null), "{later}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn speech_that_is_cancelled_stops_soon_and_costs_nothing() {
    let house = House::open().await;
    let account = house.account(None, 300).await;
    let client = Client::with_key(&house.base, &account.client_secret);
    let text = format!("{TEXT} ").repeat(500);
    let made = client
        .post(TTS, &json!({"input_text": text, "voice_id": voice(&client).await}))
        .await;
    assert_eq!(client.get(CREDIT).await["credit"], 300 - 5 * 42);
    let id = made["_id"].as_str().unwrap();
    let info = format!("/api/open/v3/audio/infobymodelid?audio_model_id={id}");
    while client.get(&info).await["status"] == 1 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    client.post("/api/open/v3/audio/cancel", &json!({"_id": id})).await;
    let begun = Instant::now();
    while std::fs::read_dir(house.service.store.scratch()).unwrap().count() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "it goes on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("stopped after {:.2} s", begun.elapsed().as_secs_f64());
    assert_eq!(client.get(CREDIT).await["credit"], 300);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_workers_lose_no_speech() {
    let (jobs, kills) = (6, 3);
    let mut site = Site::new();
    site.settings.push(("MOUTHPIECE_JOBS__TRIES", (kills + 2).to_string()));
    site.start();
    let account = site.account();
    let client = Client::with_key(&site.base(), &account.secret);
    let before = persistent(&client, Method::GET, CREDIT, None, &[]).await["credit"]
        .as_i64()
        .unwrap();
    let body = json!({"input_text": format!("{TEXT} ").repeat(15), "voice_id": voice(&client).await});
    let mut ids = BTreeSet::new();
    for n in 0..jobs {
        let key = format!("job-{n}");
        let made = persistent(&client, Method::POST, CREATE, Some(&body), &[("idempotency-key", &key)]).await;
        ids.insert(made["_id"].as_str().unwrap().to_owned());
    }
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(700)).await;
        if let Some(worker) = site.worker() {
            // It may have ended by itself.
            let _ = kill(worker, Signal::SIGKILL);
        }
    }
    for id in &ids {
        let info = client.audio_ended(id).await;
        assert_eq!((&info["status"], &info["deduction_credit"]), (&json!(3), &json!(10)), "{info}");
        assert_eq!(client.download(info["url"].as_str().unwrap(), &[]).await.status, 200);
    }
    assert_eq!(before - client.get(CREDIT).await["credit"].as_i64().unwrap(), 10 * jobs);
    site.signal(Signal::SIGTERM);
    let files = std::fs::read_dir(site.data().join("files/audios")).unwrap().count();
    assert_eq!(files, ids.len(), "one file for each");
}
