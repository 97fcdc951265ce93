//! For whoever runs the service.

use std::time::Duration;

use axum::http::StatusCode;
use mouthpiece_server::job::Kind;

use crate::harness::Api;

async fn metrics(api: &Api) -> String {
    let reply = api.get("/metrics").await;
    assert!(reply.header("content-type").starts_with("text/plain"));
    String::from_utf8(reply.bytes).unwrap()
}

/// The value of a series, by its name and labels as they are printed.
fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in:\n{text}")).parse().unwrap()
}

#[tokio::test]
async fn it_lives_and_is_ready() {
    let api = Api::new().await;
    assert!(api.get("/healthz").await.data()["version"].is_string());
    assert!(api.get("/readyz").await.data()["version"].is_string());
}

#[tokio::test]
async fn it_is_not_ready_without_its_disk_or_its_database() {
    let api = Api::new().await;
    std::fs::remove_dir_all(api.service.store.scratch()).unwrap();
    let reply = api.get("/readyz").await;
    assert_eq!((reply.status, reply.code()), (StatusCode::SERVICE_UNAVAILABLE, 2001));
    assert_eq!(reply.json()["msg"], "not ready: the data folder cannot be written");
    api.service.db.close().await;
    let reply = api.get("/readyz").await;
    let msg = "not ready: the database does not answer; the data folder cannot be written";
    assert_eq!(reply.json()["msg"], msg);
    assert_eq!(api.get("/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_broken_database_is_an_internal_error_that_tells_nothing() {
    let api = Api::new().await;
    let client = api.client().await;
    api.service.db.close().await;
    let reply = client.get("/api/open/v3/avatar/list").await;
    assert_eq!((reply.status, reply.code()), (StatusCode::OK, 2001));
    let msg = reply.json()["msg"].as_str().unwrap().to_owned();
    assert!(
        !["pool", "sql", "closed", "/"].iter().any(|w| msg.to_lowercase().contains(w)),
        "{msg}"
    );
    assert_eq!(api.get("/files/x.mp4").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(api.get("/metrics").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn the_state_of_all_work() {
    let api = Api::new().await;
    let client = api.client().await;
    for _ in 0..3 {
        client.video().await;
    }
    let work = api.begin(Kind::Video).await;
    api.complete_video(&work, b"a video").await;
    api.service.clock.advance(Duration::from_secs(100));
    let text = metrics(&api).await;
    assert_eq!(value(&text, r#"mouthpiece_jobs{kind="video",status="queueing"}"#), 2.0);
    assert_eq!(value(&text, r#"mouthpiece_jobs{kind="video",status="completed"}"#), 1.0);
    assert_eq!(value(&text, r#"mouthpiece_jobs{kind="avatar",status="failed"}"#), 0.0);
    assert_eq!(value(&text, r#"mouthpiece_queue_waiting{queue="videos"}"#), 2.0);
    let oldest = value(&text, r#"mouthpiece_queue_oldest_seconds{queue="videos"}"#);
    assert!((100.0..200.0).contains(&oldest), "{oldest}");
    assert_eq!(value(&text, r#"mouthpiece_queue_oldest_seconds{queue="avatars"}"#), 0.0);
    assert_eq!(value(&text, "mouthpiece_webhooks_waiting"), 2.0);
    assert_eq!(value(&text, "mouthpiece_files"), 1.0);
    assert_eq!(value(&text, "mouthpiece_files_bytes"), 7.0);
}

#[tokio::test]
async fn requests_are_counted_by_route() {
    let api = Api::new().await;
    let client = api.client().await;
    client.get("/api/open/v3/avatar/detail?id=a-secret").await;
    api.get("/nowhere/at/all").await;
    api.call("INVENTED".parse().unwrap(), "/nowhere", &[], "").await;
    let text = metrics(&api).await;
    let counted = |labels: &str| value(&text, &format!("mouthpiece_http_requests_total{{{labels}}}"));
    // Other tests of this process count, too.
    assert!(counted(r#"method="GET",route="/api/open/v3/avatar/detail",status="200",code="1008""#) >= 1.0);
    assert!(counted(r#"method="GET",route="unknown",status="404",code="1008""#) >= 1.0);
    assert!(counted(r#"method="other",route="unknown",status="404",code="1008""#) >= 1.0);
    assert!(text.contains(r#"mouthpiece_http_request_seconds_bucket{method="GET",route="/api/open/v3/avatar/detail",le="0.005"}"#));
    assert!(!text.contains("secret") && !text.contains("INVENTED"));
}

#[tokio::test]
async fn two_services_in_one_process_do_not_mix() {
    let (full, empty) = (Api::new().await, Api::new().await);
    full.client().await.video().await;
    assert_eq!(
        value(&metrics(&empty).await, r#"mouthpiece_jobs{kind="video",status="queueing"}"#),
        0.0
    );
    assert_eq!(
        value(&metrics(&full).await, r#"mouthpiece_jobs{kind="video",status="queueing"}"#),
        1.0
    );
}
