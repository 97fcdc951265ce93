//! Many jobs: each is taken, each ends, and nobody waits behind somebody else's pile.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::client::Client;
use crate::house::House;
use crate::media::World;
use crate::walk::simple;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once_all_end_in_order() {
    // Before the worker runs, so that all of them wait at once.
    let (house, world) = (House::with(|c| c.workers = 0).await, World::open().await);
    let (one, other) = (house.account(None, 1_000_000).await, house.account(None, 1_000_000).await);
    let creates = (0..200).map(|n| {
        let account = if n % 4 == 3 { &other } else { &one };
        let client = Client::with_key(&house.base, &account.client_secret);
        // Most are refused by the fetcher at once; every twentieth is rendered.
        let face = if n % 20 == 0 { "face.png" } else { "gone.png" };
        let body = simple(&world.url(face), &world.url("voice.wav"));
        async move { client.create(&body).await["_id"].as_str().unwrap().to_owned() }
    });
    let ids: BTreeSet<String> = join_all(creates).await.into_iter().collect();
    assert_eq!(ids.len(), 200);

    let stop = tokio_util::sync::CancellationToken::new();
    let worker = tokio::spawn(mouthpiece_server::worker::run(house.service.clone(), 1, stop.clone()));
    let begun = Instant::now();
    loop {
        let open: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs WHERE status IN (1, 2)")
            .fetch_one(house.service.db.read())
            .await
            .unwrap();
        if open == 0 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(300), "{open} are stuck");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stop.cancel();
    worker.await.unwrap();

    let statuses: HashMap<i64, i64> = sqlx::query_as("SELECT status, count(*) FROM jobs GROUP BY status")
        .fetch_all(house.service.db.read())
        .await
        .unwrap()
        .into_iter()
        .collect();
    assert_eq!(statuses, HashMap::from([(3, 10), (4, 190)]));
    // One worker: jobs end in the order in which they were begun. The ledger knows the one, the queue's numbers the other.
    let ended: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT jobs.uid, jobs.message FROM ledger JOIN jobs ON jobs.id = ledger.job
         WHERE entry IN ('settle', 'release') ORDER BY ledger.id",
    )
    .fetch_all(house.service.db.read())
    .await
    .unwrap();
    for uid in [one.uid, other.uid] {
        let own: Vec<_> = ended.iter().filter(|(u, _)| *u == uid).map(|(_, m)| *m).collect();
        assert!(own.is_sorted(), "of account {uid}: {own:?}");
    }
    // They take turns: the smaller pile is done when as much of the larger one is.
    let last = ended.iter().rposition(|(uid, _)| *uid == other.uid).unwrap();
    assert!(last <= 101, "the smaller pile ended at place {last}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_render_stops_soon() {
    let (house, world) = (House::open().await, World::open().await);
    let account = house.account(None, 1000).await;
    let client = Client::with_key(&house.base, &account.client_secret);
    world.speech("long.wav", 60.0);
    let mut body = simple(&world.url("face.png"), &world.url("long.wav"));
    (body["width"], body["height"]) = (json!(3840), json!(2160));
    let made = client.create(&body).await;
    let id = made["_id"].as_str().unwrap();
    client.drawing(id).await;
    let path = "/api/open/v3/content/video/cancel";
    let begun = Instant::now();
    client.post(path, &json!({"_id": id})).await;
    let info = client.info(id).await;
    assert_eq!((&info["video_status"], &info["video"]), (&json!(4), &json!("")), "{info}");
    // The attempt's folder goes when its render has stopped: within two seconds, if the machine has nothing else to do.
    while std::fs::read_dir(house.service.store.scratch()).unwrap().count() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(10), "the render goes on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("stopped after {:.2} s", begun.elapsed().as_secs_f64());
    assert_eq!(client.get("/api/open/v3/faceswap/quota/info").await["credit"], 1000);
    assert_eq!(client.refused(path, &json!({"_id": id})).await.0, 1010);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_credit_nothing_is_begun_and_nothing_is_owed() {
    let (house, world) = (House::open().await, World::open().await);
    world.speech("five.wav", 5.0);
    let body = simple(&world.url("face.png"), &world.url("five.wav"));
    let poor = house.account(None, 0).await;
    let client = Client::with_key(&house.base, &poor.client_secret);
    assert_eq!(client.refused("/api/open/v3/talkingavatar/create", &body).await.0, 1006);
    // Enough for a second, but not for this recording.
    let thrifty = house.account(None, 3).await;
    let client = Client::with_key(&house.base, &thrifty.client_secret);
    let info = client.ended(client.create(&body).await["_id"].as_str().unwrap()).await;
    assert_eq!((&info["video_status"], &info["error_code"]), (&json!(4), &json!(1006)), "{info}");
    assert_eq!(client.get("/api/open/v3/faceswap/quota/info").await["credit"], 3);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_does_not_tell_its_length_costs_what_it_lasts() {
    let (house, world) = (House::with(|c| c.limits.speech_seconds = 4).await, World::open().await);
    world.speech("three.wav", 3.0);
    world.speech("five.wav", 5.0);
    // Written to a pipe, as browsers write: the header has no length.
    for name in ["three", "five"] {
        let live = world.ffmpeg(&format!("-i {name}.wav -c:a libopus -f webm pipe:1"));
        std::fs::write(world.path(&format!("{name}.webm")), live).unwrap();
    }
    let speaking = |voice: &str| simple(&world.url("face.png"), &world.url(voice));
    for (credit, voice, code, left) in [(10, "three.webm", 0, 7), (2, "three.webm", 1006, 2), (10, "five.webm", 1204, 10)] {
        let account = house.account(None, credit).await;
        let client = Client::with_key(&house.base, &account.client_secret);
        let info = client.ended(client.create(&speaking(voice)).await["_id"].as_str().unwrap()).await;
        assert_eq!(info["error_code"], code, "{voice} with {credit}: {info}");
        assert_eq!(client.get("/api/open/v3/faceswap/quota/info").await["credit"], left, "{voice}");
    }
    house.close().await;
}
