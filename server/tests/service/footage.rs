//! Filmed faces: kept as avatars, named by url, and refused where nobody is seen.

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
    let small = client.download(avatar["thumbnailUrl"].as_str().unwrap(), &[]).await;
    assert_eq!((small.status, &small.body[..2]), (200, &[0xFF, 0xD8][..]));
    let mut body = simple("", &world.url("voice.wav"));
    body["elements"][0]["avatar_id"] = avatar["avatar_id"].clone();
    let info = client.ended(client.create(&body).await["_id"].as_str().unwrap()).await;
    assert_eq!(info["video_status"], 3, "{info}");
    assert!((info["video_duration"].as_f64().unwrap() - 1.5).abs() < 0.05, "{info}");
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
