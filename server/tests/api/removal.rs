//! Contract, section 6: deleting and cancelling.

use axum::http::{Method, StatusCode};
use mouthpiece_server::job::Kind;
use mouthpiece_server::stock;
use serde_json::{Value, json};

use crate::harness::{Api, local};

const CANCEL: &str = "/api/open/v3/content/video/cancel";
const DELETE: &str = "/api/open/v3/content/video/delete";
const DELETE_AVATAR: &str = "/api/open/v3/avatar/delete";
const CANCEL_AVATAR: &str = "/api/open/v3/avatar/cancel";

fn info(id: &str) -> String {
    format!("/api/open/v3/content/video/infobymodelid?video_model_id={id}")
}

async fn credit(client: &crate::harness::Client<'_>) -> Value {
    client.get("/api/open/v3/faceswap/quota/info").await.data()["credit"].clone()
}

#[tokio::test]
async fn a_cancelled_video_fails_and_costs_nothing() {
    let api = Api::new().await;
    let client = api.client().await;
    let id = client.video().await;
    assert_eq!(credit(&client).await, 995);
    let reply = client.post(CANCEL, &json!({"_id": id})).await.data();
    assert_eq!((&reply["video_status"], &reply["error_code"]), (&json!(4), &json!(1109)));
    assert_eq!(reply["error_reason"], "cancelled, as asked for");
    assert_eq!(credit(&client).await, 1000);
    assert_eq!(api.count("SELECT count(*) FROM messages WHERE queue = 'videos'").await, 0);
    assert_eq!(client.post(CANCEL, &json!({"_id": id})).await.code(), 1010);
}

#[tokio::test]
async fn a_running_video_can_be_cancelled_and_a_finished_one_cannot() {
    let api = Api::new().await;
    let client = api.client().await;
    let (first, second) = (client.video().await, client.video().await);
    api.begin(Kind::Video).await;
    assert_eq!(client.post(CANCEL, &json!({"id": first})).await.data()["video_status"], 4);
    let work = api.begin(Kind::Video).await;
    api.complete_video(&work, b"a video").await;
    assert_eq!(client.post(CANCEL, &json!({"_id": second})).await.code(), 1010);
    assert_eq!(client.get(&info(second.as_str())).await.data()["video_status"], 3);
}

#[tokio::test]
async fn a_deleted_video_is_gone_with_its_file() {
    let api = Api::new().await;
    let client = api.client().await;
    let id = client.video().await;
    let work = api.begin(Kind::Video).await;
    api.complete_video(&work, b"a video").await;
    let link = client.get(&info(id.as_str())).await.data()["video"].as_str().unwrap().to_owned();
    let reply = client.post(DELETE, &json!({"_id": id})).await.data();
    assert_eq!(reply, json!({"successIds": [id], "noPermissionVideos": []}));
    assert_eq!(client.get(&info(id.as_str())).await.code(), 1008);
    assert_eq!(api.get(local(&link)).await.status, StatusCode::NOT_FOUND);
    assert!(api.stored_keys("videos").await.is_empty());
    assert_eq!(api.count("SELECT count(*) FROM files").await, 0);
    assert_eq!(credit(&client).await, 997, "what was made stays paid");
    assert_eq!(client.post(DELETE, &json!({"_id": id})).await.code(), 1008);
}

#[tokio::test]
async fn an_open_video_is_cancelled_before_it_is_deleted() {
    let api = Api::new().await;
    let client = api.client().await;
    let id = client.video().await;
    let path = format!("{DELETE}?_id={id}");
    assert_eq!(client.call(Method::DELETE, &path, &[], "").await.data()["successIds"], json!([id]));
    assert_eq!(credit(&client).await, 1000);
    assert_eq!(
        api.count("SELECT count(*) FROM webhooks WHERE status = 4").await,
        1,
        "who waits is told"
    );
    assert_eq!(api.count("SELECT count(*) FROM messages WHERE queue = 'videos'").await, 0);
    assert_eq!(api.count("SELECT count(*) FROM videos").await, 0);
}

#[tokio::test]
async fn a_list_tells_what_became_of_each() {
    let api = Api::new().await;
    let (client, other) = (api.client().await, api.client().await);
    let (own, foreign) = (client.video().await, other.video().await);
    let ids = json!({"_ids": [own, foreign, "0123456789abcdef01234567", "x"]});
    let reply = client.call(Method::DELETE, DELETE, &[], &ids.to_string()).await.data();
    assert_eq!(reply["successIds"], json!([own]));
    let refused = reply["noPermissionVideos"].as_array().unwrap();
    let codes: Vec<_> = refused
        .iter()
        .map(|r| (r["_id"].as_str().unwrap(), r["code"].as_u64().unwrap()))
        .collect();
    assert_eq!(codes, [(foreign.as_str(), 1009), ("0123456789abcdef01234567", 1008), ("x", 1008)]);
    assert!(refused.iter().all(|r| r["msg"].is_string()));
    assert_eq!(other.get(&info(foreign.as_str())).await.data()["video_status"], 1);
}

#[tokio::test]
async fn nobody_touches_what_is_anothers() {
    let api = Api::new().await;
    let (client, other) = (api.client().await, api.client().await);
    let video = client.video().await;
    let avatar = client.avatar(&json!({"url": "https://photos.test/a.png"})).await;
    for path in [CANCEL, DELETE] {
        assert_eq!(other.post(path, &json!({"_id": video})).await.code(), 1009, "{path}");
    }
    for path in [CANCEL_AVATAR, DELETE_AVATAR] {
        assert_eq!(other.post(path, &json!({"_id": avatar["_id"]})).await.code(), 1009, "{path}");
        // A video is no avatar.
        assert_eq!(client.post(path, &json!({"_id": video})).await.code(), 1008, "{path}");
    }
    assert_eq!(api.count("SELECT count(*) FROM jobs WHERE status = 1").await, 2);
}

#[tokio::test]
async fn a_deleted_avatar_is_gone_with_its_files_and_its_name_is_free() {
    let api = Api::new().await;
    let client = api.client().await;
    let body = json!({"url": "https://photos.test/a.png", "avatar_id": "anna"});
    let record = client.avatar(&body).await;
    let work = api.begin(Kind::Avatar).await;
    api.complete_avatar(&work, b"a photo").await;
    let reply = client.post(DELETE_AVATAR, &json!({"_ids": [record["_id"]]})).await.data();
    assert_eq!(reply, json!({"successIds": [record["_id"]], "noPermissionAvatars": []}));
    assert_eq!(client.get("/api/open/v3/avatar/detail?id=anna").await.code(), 1008);
    assert!(api.stored_keys("avatars").await.is_empty());
    assert_eq!(client.post("/api/open/v3/avatar/create", &body).await.code(), 1000);
}

#[tokio::test]
async fn a_cancelled_avatar_fails() {
    let api = Api::new().await;
    let client = api.client().await;
    let record = client.avatar(&json!({"url": "https://photos.test/a.png"})).await;
    let body = json!({"_id": record["_id"]});
    assert_eq!(client.post(CANCEL_AVATAR, &body).await.data()[0]["status"], 4);
    assert_eq!(client.post(CANCEL_AVATAR, &body).await.code(), 1010);
}

#[tokio::test]
async fn official_avatars_stay() {
    let api = Api::new().await;
    let client = api.client().await;
    for avatar in stock::ALL {
        for name in [avatar.id, avatar.avatar_id] {
            assert_eq!(client.post(DELETE_AVATAR, &json!({"_id": name})).await.code(), 1009);
        }
    }
}

#[tokio::test]
async fn what_is_to_be_deleted_must_be_said() {
    let api = Api::new().await;
    let client = api.client().await;
    let many = vec!["x"; 1001];
    let known = [
        json!({}),
        json!({"_ids": []}),
        json!({"_id": ""}),
        json!({"_ids": "x"}),
        json!({"_ids": [5]}),
        json!({"_ids": many}),
    ];
    for body in known {
        assert_eq!(client.post(DELETE, &body).await.code(), 1003, "{body}");
    }
    assert_eq!(client.post(CANCEL, &json!({"_ids": ["x"]})).await.code(), 1003);
    assert_eq!(client.call(Method::DELETE, DELETE, &[], "").await.code(), 1003);
}
