//! Filmed faces: kept as avatars, named by url, and refused where nobody is seen.

use std::time::Duration;

use serde_json::json;

use crate::house::House;
use crate::media::{World, repository};
use crate::walk::simple;

#[tokio::test(flavor = "multi_thread")]
async fn a_filmed_face_is_kept_and_speaks_longer_than_it_was_filmed() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    let photo = repository("media/demo/astronaut.png");
    // A second of a slow zoom, as a phone would send it.
    world.ffmpeg(&format!(
        "-loop 1 -i {} -vf zoompan=z='1+0.02*on/25':d=1:s=320x320:fps=25 -t 1 -c:v libx264 -pix_fmt yuv420p talker.mp4",
        photo.display()
    ));
    let made = client
        .post("/api/open/v3/avatar/create", &json!({"url": world.url("talker.mp4"), "type": 2}))
        .await;
    let avatar = client.avatar_ended(made[0]["_id"].as_str().unwrap()).await;
    assert_eq!((&avatar["status"], &avatar["type"]), (&json!(3), &json!(2)), "{avatar}");
    // It was prepared, judged, and driven for a moment.
    println!("{} {}", avatar["footage"], avatar["live_speed"]);
    assert!((avatar["footage"]["seconds"].as_f64().unwrap() - 1.0).abs() < 0.1, "{avatar}");
    assert!(!avatar["footage"]["missing"].as_array().unwrap().is_empty(), "{avatar}");
    assert!(avatar["live_speed"].as_f64().unwrap() > 0.0, "{avatar}");
    assert_eq!(avatar["progress"], 100);
    assert_eq!(packs(&house), 1);
    let small = client.download(avatar["thumbnailUrl"].as_str().unwrap(), &[]).await;
    assert_eq!((small.status, &small.body[..2]), (200, &[0xFF, 0xD8][..]));
    let mut body = simple("", &world.url("voice.wav"));
    body["elements"][0]["avatar_id"] = avatar["avatar_id"].clone();
    let info = client.ended(client.create(&body).await["_id"].as_str().unwrap()).await;
    assert_eq!(info["video_status"], 3, "{info}");
    assert!((info["video_duration"].as_f64().unwrap() - 1.5).abs() < 0.05, "{info}");
    // The same bytes are prepared once, and stay as long as an avatar is made of them.
    let body = json!({"url": world.url("talker.mp4"), "type": 1});
    let again = client.post("/api/open/v3/avatar/create", &body).await;
    let again = client.avatar_ended(again[0]["_id"].as_str().unwrap()).await;
    assert_eq!((&again["footage"], &again["live_speed"]), (&avatar["footage"], &json!(null)));
    assert_eq!(packs(&house), 1);
    house.service.clock.advance(Duration::from_hours(24 * 30));
    mouthpiece_server::retention::sweep(&house.service).await.unwrap();
    assert_eq!(packs(&house), 1);
    for (id, left) in [(&avatar["_id"], 1), (&again["_id"], 0)] {
        client.post("/api/open/v3/avatar/delete", &json!({"_id": id})).await;
        assert_eq!(packs(&house), left);
    }
    house.close().await;
}

/// Prepared videos that the service keeps.
fn packs(house: &House) -> usize {
    let files = std::fs::read_dir(house.data.path().join("data/packs")).unwrap();
    let names = files.map(|f| f.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".avatar")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_that_nobody_keeps_is_prepared_once_and_goes_when_it_is_old() {
    let (house, world) = (House::with(|c| c.workers = 2).await, World::open().await);
    let client = house.client().await;
    world.ffmpeg(&format!(
        "-loop 1 -i {} -vf zoompan=z='1+0.02*on/25':d=1:s=320x320:fps=25 -t 0.6 -c:v libx264 -pix_fmt yuv420p talker.mp4",
        repository("media/demo/astronaut.png").display()
    ));
    // Two at once: one prepares, and the other waits for it.
    let body = simple(&world.url("talker.mp4"), &world.url("voice.wav"));
    let made = [client.create(&body).await, client.create(&body).await];
    for made in &made {
        let info = client.ended(made["_id"].as_str().unwrap()).await;
        assert_eq!(info["video_status"], 3, "{info}");
    }
    assert_eq!(packs(&house), 1);
    house.service.clock.advance(Duration::from_hours(24 * 6));
    mouthpiece_server::retention::sweep(&house.service).await.unwrap();
    assert_eq!(packs(&house), 1);
    house.service.clock.advance(Duration::from_hours(25));
    let swept = mouthpiece_server::retention::sweep(&house.service).await.unwrap();
    assert_eq!(packs(&house), 0, "{swept:?}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_of_nobody_is_no_avatar() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    world.ffmpeg("-f lavfi -i testsrc=s=320x240:r=25 -t 1 -c:v libx264 -pix_fmt yuv420p bars.mp4");
    let made = client
        .post("/api/open/v3/avatar/create", &json!({"url": world.url("bars.mp4"), "type": 1}))
        .await;
    let id = made[0]["_id"].as_str().unwrap();
    let avatar = client.avatar_ended(id).await;
    println!("{}", avatar["error_reason"]);
    assert_eq!((&avatar["status"], &avatar["error_code"]), (&json!(4), &json!(1105)), "{avatar}");
    let mut body = simple("", &world.url("voice.wav"));
    body["elements"][0]["avatar_id"] = json!(id);
    assert_eq!(client.refused("/api/open/v3/talkingavatar/create", &body).await.0, 1105);
    house.close().await;
}
