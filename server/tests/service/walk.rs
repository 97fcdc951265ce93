//! The whole way of a client, from its token to the day on which the link has run out.

use std::time::Duration;

use mouthpiece_render::Kind;
use mouthpiece_render::face::{self, FaceNets};
use mouthpiece_render::media::image;
use mouthpiece_render::model::Runtime;
use serde_json::{Value, json};

use crate::client::Client;
use crate::house::House;
use crate::media::{World, unseal};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_walks_from_its_token_to_the_end_of_its_link() {
    let (house, world) = (House::open().await, World::open().await);
    let account = house.account(None, 100).await;
    let client = Client::signed_in(&house.base, &account.client_id, &account.client_secret).await;

    let upload = json!({"url": world.url("face.png"), "avatar_id": "Mine1", "type": "1"});
    let made = client.post("/api/open/v3/avatar/create", &upload).await;
    assert_eq!((&made[0]["status"], &made[0]["from"]), (&json!(1), &json!(3)), "{made}");
    let avatar = client.avatar_ended(made[0]["_id"].as_str().unwrap()).await;
    assert_eq!(avatar["status"], 3, "{avatar}");

    world.speech("voice.mp3", 2.0);
    let body = json!({
        "width": 640, "height": 360, "avatar_from": 3, "webhookUrl": world.url("hook"),
        "elements": [
            {"type": "image", "url": "#204060", "width": 640, "height": 360, "scale_x": 1, "scale_y": 1, "offset_x": 0, "offset_y": 0},
            {"type": "avatar", "avatar_id": "Mine1", "width": 512, "height": 512, "scale_x": 0.625, "scale_y": 0.625,
             "offset_x": 160, "offset_y": 40},
            {"type": "audio", "url": world.url("voice.mp3")},
        ],
    });
    let made = client.create(&body).await;
    let keys: Vec<_> = made.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["_id", "create_time", "task_id", "uid", "video", "video_id", "video_status"]);
    let id = made["_id"].as_str().unwrap();
    let info = client.ended(id).await;
    assert_eq!(info["video_status"], 3, "{info}");
    assert_eq!(
        (&info["type"], &info["from"], &info["progress"]),
        (&json!(4), &json!(2), &json!(100)),
        "{info}"
    );
    assert_eq!(info["deduction_duration"], 2, "{info}");
    assert_eq!(client.get("/api/open/v3/faceswap/quota/info").await["credit"], 98);

    let told = [world.callback(0).await, world.callback(1).await].map(|b| unseal(&b, &account.client_id, &account.client_secret));
    assert_eq!(told[0], json!({"_id": id, "status": 2, "type": "avatar", "url": ""}));
    assert_eq!(told[1], json!({"_id": id, "status": 3, "type": "avatar", "url": info["video"]}));

    let url = info["video"].as_str().unwrap();
    let whole = client.download(url, &[]).await;
    assert_eq!((whole.status, whole.headers["content-type"].to_str().unwrap()), (200, "video/mp4"));
    let part = client.download(url, &[("range", "bytes=100-199")]).await;
    assert_eq!((part.status, &part.body[..]), (206, &whole.body[100..200]));
    check_video(&world, &whole.body, &info);

    house.service.clock.advance(Duration::from_hours(6 * 24));
    assert_eq!(client.download(url, &[]).await.status, 200);
    house.service.clock.advance(Duration::from_hours(24) + Duration::from_mins(2));
    let gone = client.download(url, &[]).await;
    let said: Value = serde_json::from_slice(&gone.body).unwrap();
    assert_eq!((gone.status, said["data"].is_null()), (404, true), "{said}");
    let info = client.info(id).await;
    assert_eq!((&info["video_status"], &info["video"]), (&json!(3), &json!("")), "{info}");
    // The file itself, not only its link.
    mouthpiece_server::retention::sweep(&house.service).await.unwrap();
    let videos = house.data.path().join("data/files/videos");
    assert_eq!(std::fs::read_dir(videos).map_or(0, Iterator::count), 0);
    house.close().await;
}

/// The size that was asked for, the sound's length to the frame, the background, and a mouth that opens and closes.
fn check_video(world: &World, bytes: &[u8], info: &Value) {
    std::fs::write(world.path("result.mp4"), bytes).unwrap();
    let (width, height, picture, sound) = world.probe("result.mp4");
    assert_eq!((width, height), (640, 360));
    assert!((picture - 2.0).abs() < 0.05 && (sound - 2.0).abs() < 0.08, "{picture} {sound}");
    assert!((info["video_duration"].as_f64().unwrap() - picture).abs() < 0.05);
    world.ffmpeg("-i result.mp4 -vf fps=8 frame-%02d.png");
    let nets = FaceNets::load(&Runtime::rten()).unwrap();
    let mut gaps = Vec::new();
    for index in 1..=16 {
        let picture = image::open(&world.path(&format!("frame-{index:02}.png")), &image::Limits::default()).unwrap();
        let landmarks = match face::analyse(&picture, &nets) {
            Ok(seen) => seen.face.landmarks,
            // The gate is for photos that are to speak: so small a mouth may look covered in a moment of speech.
            Err(e) if e.kind == Kind::FaceCovered => continue,
            Err(e) => panic!("frame {index}: {e}"),
        };
        gaps.push(landmarks[14][1] - landmarks[13][1]);
        // The avatar's box begins at 160, 40: its face lies right and below of there.
        assert!(landmarks[1][0] > 160.0 && landmarks[1][0] < 480.0, "{:?}", landmarks[1]);
    }
    assert!(gaps.len() >= 12, "{gaps:?}");
    let (least, most) = gaps.iter().fold((f32::MAX, f32::MIN), |(a, b), g| (a.min(*g), b.max(*g)));
    println!("lips apart: {least:.1} to {most:.1} pixels");
    assert!(most - least > 2.0, "the mouth does not move: {gaps:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_avatars_speak_and_urls_may_be_pictures_in_the_request() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    let stock = client.get("/api/open/v3/avatar/list?from=2").await;
    let first = &stock[0];
    assert_eq!(
        (first["from"].as_u64(), first["available"].as_bool()),
        (Some(2), Some(true)),
        "{stock}"
    );
    let seen = client.download(first["url"].as_str().unwrap(), &[]).await;
    assert_eq!(seen.status, 200);
    use base64::Engine;
    let red = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
    assert!(base64::engine::general_purpose::STANDARD.decode(red).is_ok());
    let body = json!({
        "width": 256, "height": 256, "avatar_from": 2,
        "elements": [
            {"type": "image", "url": format!("data:image/png;base64,{red}"), "width": 256, "height": 256, "scale_x": 1, "scale_y": 1,
             "offset_x": 0, "offset_y": 0},
            {"type": "avatar", "avatar_id": first["avatar_id"], "width": 256, "height": 256, "scale_x": 1, "scale_y": 1,
             "offset_x": 0, "offset_y": 64},
            {"type": "audio", "url": world.url("voice.wav")},
        ],
    });
    let info = client.ended(client.create(&body).await["_id"].as_str().unwrap()).await;
    assert_eq!(info["video_status"], 3, "{info}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_made_fails_with_its_code_and_a_reason() {
    let (house, world) = (House::open().await, World::open().await);
    let account = house.account(None, 50).await;
    let client = Client::with_key(&house.base, &account.client_secret);
    world.ffmpeg("-f lavfi -i color=c=gray:s=256x256 -frames:v 1 wall.png");
    world.ffmpeg("-f lavfi -i anullsrc=r=16000:cl=mono -t 1 silence.wav");
    std::fs::write(world.path("text.png"), "this is a text").unwrap();
    let (face, voice) = (world.url("face.png"), world.url("voice.wav"));
    let cases = [
        (world.url("wall.png"), voice.clone(), 1105, "face"),
        (world.url("gone.png"), voice.clone(), 1105, "elements[0].url answers 404"),
        (world.url("text.png"), voice, 1108, "elements[0]"),
        (face.clone(), world.url("silence.wav"), 1110, "elements[1]: the recording is"),
        (face.clone(), world.url("face.png"), 1110, "elements[1]: the recording is"),
        (face, "http://127.0.0.1:1/voice.wav".to_owned(), 1110, "elements[1].url"),
    ];
    let bodies: Vec<_> = cases.iter().map(|(face, voice, ..)| simple(face, voice)).collect();
    let made = futures_util::future::join_all(bodies.iter().map(|body| client.create(body))).await;
    for (made, (face, voice, code, word)) in made.iter().zip(&cases) {
        let info = client.ended(made["_id"].as_str().unwrap()).await;
        let reason = info["error_reason"].as_str().unwrap();
        println!("{}: {reason}", info["error_code"]);
        assert_eq!(
            (&info["video_status"], &info["error_code"]),
            (&json!(4), &json!(code)),
            "{face} {voice}: {info}"
        );
        assert!(reason.contains(word), "{face} {voice}: {reason}");
        assert!(!reason.contains("house-") && !reason.contains("scratch"), "{reason}");
    }
    assert_eq!(client.get("/api/open/v3/faceswap/quota/info").await["credit"], 50);
    house.close().await;
}

/// A face and a voice, small.
pub fn simple(face: &str, voice: &str) -> Value {
    json!({
        "width": 256, "height": 256, "avatar_from": 3,
        "elements": [
            {"type": "avatar", "url": face, "width": 256, "height": 256, "scale_x": 1, "scale_y": 1, "offset_x": 0, "offset_y": 0,
             "offset_anchor": "top_left"},
            {"type": "audio", "url": voice},
        ],
    })
}
