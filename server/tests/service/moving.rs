//! Videos as layers: behind the avatar and before it, looped or cut to the sound, with alpha where they have it.

use mouthpiece_render::face::{self, FaceNets};
use mouthpiece_render::media::{Picture, image};
use mouthpiece_render::model::Runtime;
use serde_json::{Value, json};

use crate::client::Client;
use crate::house::House;
use crate::media::{World, repository};

const SIDE: u32 = 256;

/// Asks for a video and keeps its frames here, from `frame-001.png`.
async fn frames(client: &Client, world: &World, path: &str, body: &Value) -> Value {
    let made = client.post(path, body).await;
    let info = client.ended(made["_id"].as_str().unwrap()).await;
    assert_eq!(info["video_status"], 3, "{info}");
    let file = client.download(info["video"].as_str().unwrap(), &[]).await;
    std::fs::write(world.path("result.mp4"), file.body).unwrap();
    world.ffmpeg("-i result.mp4 frame-%03d.png");
    info
}

fn frame(world: &World, index: usize) -> Picture {
    let path = world.path(&format!("frame-{:03}.png", index + 1));
    image::open(&path, &image::Limits::default()).unwrap()
}

/// What colour a pixel has: one of these, or none.
fn colour(picture: &Picture, (x, y): (usize, usize)) -> &'static str {
    let at = (y * picture.width + x) * 4;
    let named = [
        ("red", [255, 0, 0]),
        ("blue", [0, 0, 255]),
        ("lime", [0, 255, 0]),
        ("white", [255; 3]),
        ("yellow", [255, 255, 0]),
    ];
    let near = |of: &[u8; 3]| picture.rgba[at..at + 3].iter().zip(of).all(|(a, b)| a.abs_diff(*b) < 40);
    named.iter().find(|(_, of)| near(of)).map_or("other", |(name, _)| name)
}

/// Ten frames, red and then blue, which begin again every 0.4 s.
fn flashes(world: &World) {
    world.ffmpeg(
        "-f lavfi -i color=c=red:s=128x128:r=25:d=0.2 -f lavfi -i color=c=blue:s=128x128:r=25:d=0.2 \
         -filter_complex concat=n=2 -c:v libx264 -pix_fmt yuv420p flashes.mp4",
    );
}

fn element(kind: &str, url: &str, (x, y): (u32, u32), side: u32) -> Value {
    json!({"type": kind, "url": url, "width": side, "height": side, "scale_x": 1, "scale_y": 1, "offset_x": x, "offset_y": y})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_speaks_between_videos() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    flashes(&world);
    world.ffmpeg("-i face.png -vf crop=240:240:100:0 head.png");
    // Longer than the sound, and at another rate.
    world.ffmpeg("-f lavfi -i color=c=lime:s=64x48:r=10:d=4 -c:v mpeg4 long.avi");
    let body = json!({
        "width": SIDE, "height": SIDE, "avatar_from": 3,
        "elements": [
            element("video", &world.url("flashes.mp4"), (0, 0), SIDE),
            element("image", "#ffff00", (0, 200), 32),
            element("avatar", &world.url("head.png"), (48, 48), 160),
            element("video", &world.url("long.avi"), (192, 192), 64),
            element("image", "#ffffff", (240, 240), 16),
            {"type": "audio", "url": world.url("voice.wav")},
        ],
    });
    frames(&client, &world, "/api/open/v3/talkingavatar/create", &body).await;
    let nets = FaceNets::load(&Runtime::rten()).unwrap();
    let mut gaps = Vec::new();
    for index in (0..37).step_by(2) {
        let picture = frame(&world, index);
        let flash = if index % 10 < 5 { "red" } else { "blue" };
        for at in [(8, 8), (250, 100), (20, 180)] {
            assert_eq!(colour(&picture, at), flash, "frame {index} at {at:?}");
        }
        assert_eq!(colour(&picture, (16, 216)), "yellow", "frame {index}");
        assert_eq!(colour(&picture, (200, 200)), "lime", "frame {index}");
        assert_eq!(colour(&picture, (250, 250)), "white", "frame {index}");
        let face = face::analyse(&picture, &nets).unwrap().face.landmarks;
        gaps.push(face[14][1] - face[13][1]);
    }
    let (least, most) = gaps.iter().fold((f32::MAX, f32::MIN), |(a, b), g| (a.min(*g), b.max(*g)));
    println!("lips apart: {least:.1} to {most:.1} pixels");
    assert!(most - least > 1.5, "the mouth does not move: {gaps:?}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filmed_face_speaks_before_a_video() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    flashes(&world);
    world.ffmpeg(&format!(
        "-loop 1 -i {} -vf zoompan=z='1+0.02*on/25':d=1:s=320x320:fps=25 -t 0.6 -c:v libx264 -pix_fmt yuv420p talker.mp4",
        repository("media/demo/astronaut.png").display()
    ));
    let mut avatar = element("avatar", &world.url("talker.mp4"), (40, 40), 200);
    avatar["layer_number"] = json!(2);
    let scene = json!({
        "width": SIDE, "height": SIDE, "avatarFrom": 3, "background": world.url("flashes.mp4"),
        "voice": {"voice_url": world.url("voice.wav")},
        "elements": [avatar],
    });
    // Its first frame is the video's first again in the second scene.
    let mut second = scene.clone();
    (second["voice"], second["duration"]) = (Value::Null, json!(0.6));
    frames(
        &client,
        &world,
        "/api/open/v3/avatar/createVideo",
        &json!({"data": [scene, second]}),
    )
    .await;
    for index in [0, 4, 5, 9, 10, 36, 38, 42, 43, 52] {
        let of_scene = if index < 38 { index } else { index - 38 };
        let flash = if of_scene % 10 < 5 { "red" } else { "blue" };
        let picture = frame(&world, index);
        assert_eq!(colour(&picture, (8, 8)), flash, "frame {index}");
        assert_eq!(colour(&picture, (250, 250)), flash, "frame {index}");
        assert_eq!(colour(&picture, (140, 140)), "other", "frame {index}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_transparent_in_a_video_shows_what_is_below() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    for (file, codec) in [
        ("half.mov", "qtrle -pix_fmt argb"),
        ("half.webm", "libvpx-vp9 -pix_fmt yuva420p -b:v 200k"),
    ] {
        world.ffmpeg(&format!(
            "-f lavfi -i color=c=red:s=32x64:r=25:d=0.4,format=rgba -f lavfi -i color=c=lime@0.0:s=32x64:r=25:d=0.4,format=rgba \
             -filter_complex hstack -c:v {codec} {file}"
        ));
    }
    let body = json!({
        "width": SIDE, "height": SIDE, "avatar_from": 3,
        "elements": [
            element("image", "#0000ff", (0, 0), SIDE),
            element("video", &world.url("half.mov"), (0, 0), 64),
            element("avatar", &world.url("face.png"), (64, 64), 160),
            element("video", &world.url("half.webm"), (0, 128), 128),
            {"type": "audio", "url": world.url("voice.wav")},
        ],
    });
    frames(&client, &world, "/api/open/v3/talkingavatar/create", &body).await;
    for index in [0, 15, 36] {
        let picture = frame(&world, index);
        assert_eq!(
            (colour(&picture, (16, 32)), colour(&picture, (48, 32))),
            ("red", "blue"),
            "frame {index}"
        );
        assert_eq!(
            (colour(&picture, (32, 190)), colour(&picture, (32, 250))),
            ("red", "red"),
            "frame {index}"
        );
        // Through it the avatar is seen, and the ground beside.
        assert_eq!(
            (colour(&picture, (100, 190)), colour(&picture, (100, 250))),
            ("other", "blue"),
            "frame {index}"
        );
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_that_is_no_video_is_named() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    flashes(&world);
    let whole = std::fs::read(world.path("flashes.mp4")).unwrap();
    // Its index is at its end: without that nothing can be read.
    std::fs::write(world.path("broken.mp4"), &whole[..whole.len() / 2]).unwrap();
    for (file, code) in [("face.png", 1208), ("broken.mp4", 1208), ("voice.wav", 1208)] {
        let body = json!({
            "width": SIDE, "height": SIDE, "avatar_from": 3,
            "elements": [
                element("video", &world.url(file), (0, 0), SIDE),
                element("avatar", &world.url("face.png"), (48, 48), 160),
                {"type": "audio", "url": world.url("voice.wav")},
            ],
        });
        let made = client.create(&body).await;
        let info = client.ended(made["_id"].as_str().unwrap()).await;
        let reason = info["error_reason"].as_str().unwrap();
        println!("{file}: {reason}");
        assert!(
            info["error_code"] == code && reason.contains("elements[0]: the video is"),
            "{file}: {info}"
        );
    }
    house.close().await;
}
