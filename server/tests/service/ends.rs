//! Ends of jobs that are neither a result nor a mistake in what was sent.

use std::time::Duration;

use mouthpiece_server::job::{self, Ending};
use mouthpiece_server::queue::Queue;
use serde_json::json;

use crate::client::Client;
use crate::house::House;
use crate::media::World;
use crate::walk::simple;

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_attempt_changes_nothing() {
    let (house, world) = (House::with(|c| c.workers = 0).await, World::open().await);
    let account = house.account(None, 10).await;
    let client = Client::with_key(&house.base, &account.client_secret);
    let made = client.create(&simple(&world.url("face.png"), &world.url("voice.wav"))).await;
    let (service, id) = (&house.service, made["_id"].as_str().unwrap());
    let lease = Duration::from_secs(5);
    let first = service.queue.read("videos", lease, 1).await.unwrap().remove(0);
    let old = job::begin(service, &first).await.unwrap().unwrap();
    service.clock.advance(lease);
    let second = service.queue.read("videos", lease, 1).await.unwrap().remove(0);
    let new = job::begin(service, &second).await.unwrap().unwrap();
    assert_eq!((old.attempt, new.attempt), (1, 2));

    let end = async |job: &job::Job| {
        let mut tx = service.db.write().await.unwrap();
        let ended = job::end(service, &mut tx, job, Ending::Completed { cost: 1, url: "u" })
            .await
            .unwrap();
        tx.commit().await.unwrap();
        ended
    };
    job::note_progress(service, &old, 77).await.unwrap();
    assert!(!end(&old).await);
    let info = client.info(id).await;
    assert_eq!((&info["video_status"], &info["progress"]), (&json!(2), &json!(0)), "{info}");
    assert!(end(&new).await && !end(&new).await);
    assert_eq!(client.get("/api/open/v3/faceswap/quota/info").await["credit"], 9);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_avatar_that_is_deleted_meanwhile_is_the_reason() {
    let (house, world) = (House::open().await, World::open().await);
    let client = house.client().await;
    let upload = json!({"url": world.url("face.png"), "avatar_id": "Gone"});
    let made = client.post("/api/open/v3/avatar/create", &upload).await;
    let id = made[0]["_id"].as_str().unwrap();
    assert_eq!(client.avatar_ended(id).await["status"], 3);
    // The lane is held up until the avatar is gone.
    world.speech("long.wav", 6.0);
    let first = client.create(&simple(&world.url("face.png"), &world.url("long.wav"))).await;
    let mut body = simple("", &world.url("voice.wav"));
    body["elements"][0]["avatar_id"] = json!("Gone");
    let second = client.create(&body).await;
    client.post("/api/open/v3/avatar/delete", &json!({"_id": id})).await;
    let info = client.ended(second["_id"].as_str().unwrap()).await;
    assert_eq!((&info["video_status"], &info["error_code"]), (&json!(4), &json!(1014)), "{info}");
    assert!(info["error_reason"].as_str().unwrap().contains("deleted"), "{info}");
    assert_eq!(client.ended(first["_id"].as_str().unwrap()).await["video_status"], 3);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_is_failed_for_good() {
    let (house, world) = (House::with(|c| c.jobs.time_limit = Duration::ZERO).await, World::open().await);
    world.speech("long.wav", 15.0);
    let client = house.client().await;
    let mut body = simple(&world.url("face.png"), &world.url("long.wav"));
    (body["width"], body["height"]) = (json!(1280), json!(720));
    let info = client.ended(client.create(&body).await["_id"].as_str().unwrap()).await;
    assert_eq!((&info["video_status"], &info["error_code"]), (&json!(4), &json!(1015)), "{info}");
    assert!(info["error_reason"].as_str().unwrap().contains("longer than"), "{info}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_live_as_long_as_the_setting_says_and_two_faces_are_told() {
    let (house, world) = (
        House::with(|c| c.retention.files = Duration::from_hours(1)).await,
        World::open().await,
    );
    world.ffmpeg("-i face.png -vf scale=360:360 small.png");
    world.ffmpeg("-i face.png -i small.png -filter_complex [1]pad=360:512[b];[0][b]hstack two.png");
    let client = house.client().await;
    let made = client.create(&simple(&world.url("two.png"), &world.url("voice.wav"))).await;
    let info = client.ended(made["_id"].as_str().unwrap()).await;
    assert!(info["warnings"].to_string().contains("2 faces were found"), "{info}");
    let url = info["video"].as_str().unwrap();
    house.service.clock.advance(Duration::from_mins(59));
    assert_eq!(client.download(url, &[]).await.status, 200);
    house.service.clock.advance(Duration::from_mins(2));
    assert_eq!(client.download(url, &[]).await.status, 404);
    house.close().await;
}
