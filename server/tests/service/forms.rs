//! The other forms of the same job: a lip-sync, a talking photo, and several scenes in one video.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Client;
use crate::house::House;
use crate::media::{World, repository, unseal};

const LIP_SYNC: &str = "/api/open/v3/content/video/lipsync";
const TALKING_PHOTO: &str = "/api/open/v3/content/video/createbytalkingphoto";
const SCENES: &str = "/api/open/v3/avatar/createVideo";

/// Asks, waits for the end, and keeps the video here.
async fn done(client: &Client, world: &World, path: &str, body: &Value, name: &str) -> Value {
    let made = client.post(path, body).await;
    let keys: Vec<_> = made.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["_id", "create_time", "task_id", "uid", "video", "video_id", "video_status"]);
    let info = client.ended(made["_id"].as_str().unwrap()).await;
    assert_eq!(info["video_status"], 3, "{info}");
    let file = client.download(info["video"].as_str().unwrap(), &[]).await;
    std::fs::write(world.path(name), file.body).unwrap();
    info
}

/// Three quarters of a second of a slow zoom, taller than wide and at a rate of its own.
fn film(world: &World, name: &str) {
    let photo = repository("media/demo/astronaut.png");
    world.ffmpeg(&format!(
        "-loop 1 -i {} -vf zoompan=z='1+0.02*on/30':d=1:s=300x340:fps=30 -t 0.75 -c:v libx264 -pix_fmt yuv420p {name}",
        photo.display()
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_says_something_else_in_its_own_size_and_rate() {
    let (house, world) = (House::open().await, World::open().await);
    let account = house.account(None, 100).await;
    let client = Client::with_key(&house.base, &account.client_secret);
    film(&world, "talker.mp4");
    let body = json!({"video_url": world.url("talker.mp4"), "audio_url": world.url("voice.wav"), "webhookUrl": world.url("hook")});
    let info = done(&client, &world, LIP_SYNC, &body, "result.mp4").await;
    assert_eq!((&info["type"], &info["deduction_duration"]), (&json!(9), &json!(2)), "{info}");
    let (width, height, picture, sound) = world.probe("result.mp4");
    assert_eq!((width, height), (300, 340));
    assert!((picture - 1.5).abs() < 0.02 && (sound - 1.5).abs() < 0.05, "{picture} {sound}");
    assert_eq!(world.stream("result.mp4")["r_frame_rate"], "30/1");
    let told = unseal(&world.callback(1).await, &account.client_id, &account.client_secret);
    assert_eq!(
        told,
        json!({"_id": info["_id"], "status": 3, "type": "avatar", "url": info["video"]})
    );
    // Removed as any video is.
    let gone = client.post("/api/open/v3/content/video/delete", &json!({"_id": info["_id"]})).await;
    assert_eq!(gone["successIds"], json!([info["_id"]]));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_speaks_in_its_own_shape() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    world.ffmpeg("-i face.png -vf crop=512:400:0:0 wide.png");
    let body = json!({"talking_photo_url": world.url("wide.png"), "audio_url": world.url("voice.wav"), "resolution": "720",
                      "prompt": "waves"});
    let info = done(&client, &world, TALKING_PHOTO, &body, "result.mp4").await;
    assert_eq!(info["type"], 5, "{info}");
    assert!(info["warnings"][0].as_str().unwrap().starts_with("prompt "), "{info}");
    let (width, height, picture, _) = world.probe("result.mp4");
    assert_eq!((width, height), (922, 720));
    assert!((picture - 1.5).abs() < 0.021, "{picture}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_other_forms_refuse_is_named() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    film(&world, "talker.mp4");
    let (face, film, voice) = (world.url("face.png"), world.url("talker.mp4"), world.url("voice.wav"));
    for (path, body, sentence) in [
        (LIP_SYNC, json!({"audio_url": voice}), "video_url is required"),
        (LIP_SYNC, json!({"video_url": " ", "audio_url": voice}), "video_url is required"),
        (LIP_SYNC, json!({"video_url": film}), "audio_url is required"),
        (LIP_SYNC, json!({"video_url": 5, "audio_url": voice}), "video_url must be text"),
        (LIP_SYNC, json!({"video_url": "ftp://x.y/z.mp4", "audio_url": voice}), "video_url "),
        (LIP_SYNC, json!({"video_url": film, "audio_url": "http://10.0.0.1/x"}), "audio_url "),
        (
            LIP_SYNC,
            json!({"video_url": film, "audio_url": voice, "webhookUrl": "x"}),
            "webhookUrl ",
        ),
        (TALKING_PHOTO, json!({"audio_url": voice}), "talking_photo_url is required"),
        (TALKING_PHOTO, json!({"talking_photo_url": face}), "audio_url is required"),
        (
            TALKING_PHOTO,
            json!({"talking_photo_url": face, "audio_url": voice, "resolution": "480"}),
            "resolution may be 720 (",
        ),
        (
            TALKING_PHOTO,
            json!({"talking_photo_url": face, "audio_url": voice, "resolution": "large"}),
            "resolution is \"large\", but must be a number",
        ),
    ] {
        let (code, message) = client.refused(path, &body).await;
        let expected = format!("parameter validate error: {sentence}");
        assert!(code == 1003 && message.starts_with(&expected), "{body}: {code} {message}");
    }
    // What only the files tell.
    for (path, body, code, sentence) in [
        (
            LIP_SYNC,
            json!({"video_url": face, "audio_url": voice}),
            1208,
            "video_url: the video is a PNG picture",
        ),
        (
            TALKING_PHOTO,
            json!({"talking_photo_url": film, "audio_url": voice}),
            1108,
            "talking_photo_url: the picture is an MP4",
        ),
        (
            LIP_SYNC,
            json!({"video_url": world.url("gone.mp4"), "audio_url": voice}),
            1105,
            "video_url answers 404",
        ),
        (
            LIP_SYNC,
            json!({"video_url": film, "audio_url": face}),
            1110,
            "audio_url: the recording is a PNG picture",
        ),
    ] {
        let made = client.post(path, &body).await;
        let info = client.ended(made["_id"].as_str().unwrap()).await;
        let reason = info["error_reason"].as_str().unwrap();
        assert!(info["error_code"] == code && reason.starts_with(sentence), "{body}: {info}");
    }
    // The same key, the same video.
    let body = json!({"video_url": film, "audio_url": voice});
    let headers = [("idempotency-key", "once")];
    let first = client.call(Method::POST, LIP_SYNC, Some(&body), &headers).await.unwrap();
    assert_eq!(first, client.call(Method::POST, LIP_SYNC, Some(&body), &headers).await.unwrap());
    assert_eq!(
        client
            .refused(LIP_SYNC, &json!({"video_url": film, "audio_url": voice, "webhookUrl": "y"}))
            .await
            .0,
        1003
    );
    house.close().await;
}

/// A scene with its avatar in the middle of 256×256.
fn scene(world: &World, background: &str) -> Value {
    json!({"width": 256, "height": 256, "avatarFrom": 3, "background": background,
           "elements": [{"type": "avatar", "url": world.url("face.png"), "width": 192, "height": 192, "scale_x": 1, "scale_y": 1,
                         "offset_x": 32, "offset_y": 64}]})
}

/// Mean colour of the upper left corner of a frame.
fn corner(world: &World, video: &str, frame: usize) -> [u8; 3] {
    let bytes = world.ffmpeg(&format!(
        "-i {video} -vf select=eq(n\\,{frame}),crop=16:16:0:0,scale=1:1 -frames:v 1 -f rawvideo -pix_fmt rgb24 pipe:1"
    ));
    bytes.try_into().unwrap()
}

fn near(seen: [u8; 3], expected: [u8; 3]) -> bool {
    seen.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 24)
}

#[tokio::test(flavor = "multi_thread")]
async fn scenes_follow_each_other_to_the_frame() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    world.speech("short.wav", 0.73);
    let mut first = scene(&world, "#ff0000");
    first["voice"] = json!({"voice_url": world.url("short.wav")});
    let mut second = scene(&world, "00f");
    (second["width"], second["height"], second["duration"]) = (json!(128), json!(128), json!(0.5));
    let mut third = scene(&world, "#00ff00");
    (third["voice"], third["duration"]) = (json!({"voice_url": world.url("voice.wav")}), json!("0.8"));
    let mut fourth = scene(&world, "#ffff00");
    (fourth["voice"], fourth["duration"]) = (json!({"voice_url": world.url("short.wav")}), json!(1));
    let body = json!({"data": [first, second, third, fourth]});
    let info = done(&client, &world, SCENES, &body, "result.mp4").await;
    assert_eq!((&info["type"], &info["offset_anchor"]), (&json!(4), &json!("top_left")), "{info}");
    // 0.73 s are 18 frames, 0.5 s are 13 (12.5 is rounded away from zero), then 20 and 25.
    let ends = [18, 31, 51, 76];
    let (width, height, picture, sound) = world.probe("result.mp4");
    assert_eq!((width, height), (256, 256));
    let whole = f64::from(ends[3]) / 25.0;
    assert!((picture - whole).abs() < 0.005 && (sound - whole).abs() < 0.03, "{picture} {sound}");
    assert_eq!(info["deduction_duration"], 4, "{info}");
    let colours = [[255, 0, 0], [0, 0, 255], [0, 255, 0], [255, 255, 0]];
    for (n, colour) in colours.into_iter().enumerate() {
        let begin = if n == 0 { 0 } else { ends[n - 1] };
        for frame in [begin, ends[n] - 1] {
            let seen = corner(&world, "result.mp4", frame as usize);
            assert!(near(seen, colour), "scene {n}, frame {frame}: {seen:?}");
        }
    }
    check_sound(&world, &ends);
    house.close().await;
}

/// Each scene is heard from its first frame on, silence is silent, and no join clicks.
fn check_sound(world: &World, ends: &[i32]) {
    let samples = |name: &str| -> Vec<f32> {
        let bytes = world.ffmpeg(&format!("-i {name} -ar 48000 -ac 1 -f f32le pipe:1"));
        bytes
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect()
    };
    let (made, voice) = (samples("result.mp4"), samples("voice.wav"));
    let at = |frame: i32| frame as usize * 1920;
    let level = |part: &[f32]| (part.iter().map(|s| s * s).sum::<f32>() / part.len() as f32).sqrt();
    let silent = level(&made[at(ends[0]) + 480..at(ends[1]) - 480]);
    assert!(silent < 1e-3, "{silent}");
    // The third scene is the beginning of the voice, and comes when it should: no other shift fits as well.
    let part = &made[at(ends[1])..at(ends[2])];
    let fit = |shift: i32| -> f32 {
        let n = part.len() - 2000;
        let shifted = (0..n).map(|i| part[(i as i32 + 1000 + shift) as usize] * voice[i + 1000]);
        shifted.sum::<f32>()
    };
    let best = (-400..=400).max_by(|a, b| fit(*a).total_cmp(&fit(*b))).unwrap();
    assert!(best.abs() <= 48, "the sound of the third scene is {best} samples off");
    // A click is a step; speech has none so steep where it was faded.
    for &join in &ends[..3] {
        let around = &made[at(join) - 48..at(join) + 48];
        let step = around.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        assert!(step < 0.05, "a step of {step} at frame {join}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_a_scene_is_named_by_its_place() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    world.ffmpeg("-f lavfi -i color=c=gray:s=256x256 -frames:v 1 wall.png");
    world.ffmpeg("-f lavfi -i anullsrc=r=16000:cl=mono -t 1 silence.wav");
    let mut good = scene(&world, "");
    good["voice"] = json!({"voice_url": world.url("voice.wav")});
    let wall = {
        let mut scene = good.clone();
        scene["elements"][0]["url"] = json!(world.url("wall.png"));
        scene
    };
    let silence = {
        let mut scene = good.clone();
        scene["voice"]["voice_url"] = json!(world.url("silence.wav"));
        scene
    };
    let background = {
        let mut scene = good.clone();
        scene["background"] = json!(world.url("silence.wav"));
        scene
    };
    for (second, code, sentence) in [
        (wall, 1105, "the avatar data[1].elements[0]: "),
        (silence, 1110, "data[1].voice.voice_url: the recording is silent"),
        (background, 1108, "the layer data[1].background: "),
    ] {
        let made = client.post(SCENES, &json!({"data": [good, second]})).await;
        let info = client.ended(made["_id"].as_str().unwrap()).await;
        let reason = info["error_reason"].as_str().unwrap();
        assert!(info["error_code"] == code && reason.starts_with(sentence), "{info}");
    }
    house.close().await;
}
