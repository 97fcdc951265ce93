//! Contract, section 5: how far a video is; and the list.

use axum::http::StatusCode;
use mouthpiece_server::job::{self, Kind};
use mouthpiece_server::problem::Code;
use serde_json::{Value, json};

use crate::harness::{Api, WEEK, local};

fn info(id: impl std::fmt::Display) -> String {
    format!("/api/open/v3/content/video/infobymodelid?video_model_id={id}")
}

#[tokio::test]
async fn a_video_from_its_queue_to_its_link() {
    let api = Api::new().await;
    let client = api.client().await;
    let id = client.video().await;
    let reply = client.get(&info(&id)).await;
    assert_eq!(reply.json()["msg"], "OK");
    let waiting = reply.data();
    let since = waiting["create_time"].as_i64().unwrap();
    assert!((api.service.clock.now() - since).abs() < 60_000);
    let wanted = json!({
        "_id": id, "uid": client.account.uid, "video_id": format!("video of {id}"), "task_id": format!("task of {id}"),
        "video_status": 1, "video": "", "create_time": since, "update_time": since, "deduction_duration": 0,
        "video_duration": 0.0, "type": 4, "from": 2, "progress": 0, "error_code": 0, "error_reason": "", "offset_anchor": null, "captions": null, "warnings": [],
    });
    assert_eq!(waiting, wanted);

    let work = api.begin(Kind::Video).await;
    job::note_progress(&api.service, &work, 40).await.unwrap();
    let running = client.get(&info(&id)).await.data();
    assert_eq!((&running["video_status"], &running["progress"]), (&json!(2), &json!(40)));

    api.complete_video(&work, b"a video").await;
    let done = client.get(&info(&id)).await.data();
    assert_eq!((&done["video_status"], &done["progress"]), (&json!(3), &json!(100)));
    assert_eq!((&done["deduction_duration"], &done["video_duration"]), (&json!(3), &json!(2.5)));
    assert_eq!(done["offset_anchor"], "top_left");
    assert!(done["update_time"].as_i64().unwrap() >= since);
    let link = done["video"].as_str().unwrap();
    assert!(
        link.starts_with("https://mouthpiece.test/files/") && link.ends_with(".mp4"),
        "{link}"
    );
    assert_eq!(api.get(local(link)).await.bytes, b"a video");
}

#[tokio::test]
async fn a_failure_is_told_with_its_reason() {
    let api = Api::new().await;
    let client = api.client().await;
    let id = client.video().await;
    let work = api.begin(Kind::Video).await;
    api.fail(&work, Code::AudioProcessing, "the recording is silent").await;
    let failed = client.get(&info(&id)).await.data();
    assert_eq!((&failed["video_status"], &failed["video"]), (&json!(4), &json!("")));
    assert_eq!(
        (&failed["error_code"], &failed["error_reason"]),
        (&json!(1110), &json!("the recording is silent"))
    );
    assert_eq!(failed["deduction_duration"], 0);
}

#[tokio::test]
async fn links_run_out_and_the_record_stays() {
    let api = Api::new().await;
    let client = api.client().await;
    let id = client.video().await;
    let work = api.begin(Kind::Video).await;
    api.complete_video(&work, b"a video").await;
    let link = client.get(&info(&id)).await.data()["video"].as_str().unwrap().to_owned();
    api.service.clock.advance(WEEK - std::time::Duration::from_secs(60));
    assert_eq!(api.get(local(&link)).await.status, StatusCode::OK);
    api.service.clock.advance(std::time::Duration::from_secs(61));
    let gone = api.get(local(&link)).await;
    assert_eq!(
        (gone.status, gone.code(), &gone.json()["data"]),
        (StatusCode::NOT_FOUND, 1008, &Value::Null)
    );
    let old = client.get(&info(&id)).await.data();
    assert_eq!(
        (&old["video_status"], &old["video"], &old["video_duration"]),
        (&json!(3), &json!(""), &json!(2.5))
    );
}

#[tokio::test]
async fn ids_that_lead_to_nothing() {
    let api = Api::new().await;
    let (client, other) = (api.client().await, api.client().await);
    let id = client.video().await;
    let avatar = client.avatar(&json!({"url": "https://photos.test/a.png"})).await;
    assert_eq!(other.get(&info(&id)).await.code(), 1009);
    assert_eq!(client.get(&info("0123456789abcdef01234567")).await.code(), 1008);
    assert_eq!(client.get(&info(avatar["_id"].as_str().unwrap())).await.code(), 1008);
    for bad in ["x", "0123456789ABCDEF01234567", "%00", "%ff"] {
        assert_eq!(client.get(&info(bad)).await.code(), 1008, "{bad}");
    }
    assert_eq!(client.get(&info("")).await.code(), 1003);
    let missing = client.get("/api/open/v3/content/video/infobymodelid").await;
    assert_eq!(missing.json()["msg"], "parameter validate error: video_model_id is required");
    assert_eq!(missing.code(), 1003);
}

#[tokio::test]
async fn a_list_has_only_the_callers_own_the_newest_first() {
    let api = Api::new().await;
    let (client, other) = (api.client().await, api.client().await);
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(client.video().await.to_string());
        api.service.clock.advance(std::time::Duration::from_secs(1));
    }
    other.video().await;
    client.avatar(&json!({"url": "https://photos.test/a.png"})).await;
    made.reverse();
    let list = async |query: &str| client.get(&format!("/api/open/v3/content/video/list{query}")).await;
    let ids = |data: &Value| {
        data["result"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v["_id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };

    let all = list("").await.data();
    assert_eq!((&all["count"], ids(&all)), (&json!(3), made.clone()));
    assert_eq!(all["result"][0], client.get(&info(&made[0])).await.data());
    let second = list("?page=2&size=2").await.data();
    assert_eq!((&second["count"], ids(&second)), (&json!(3), made[2..].to_vec()));
    assert_eq!(list("?size=5000").await.code(), 1003);
}
