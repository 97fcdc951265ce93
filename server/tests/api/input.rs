//! Whatever is sent, the answer is an envelope.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Api, Reply};

const CREATE: &str = "/api/open/v3/avatar/create";

fn assert_envelope(reply: &Reply, status: u16, code: u64) {
    let json = reply.json();
    assert_eq!((reply.status.as_u16(), reply.code()), (status, code), "{json}");
    assert!(
        json["msg"].is_string() && json["data"].is_null() && json.get("data").is_some(),
        "{json}"
    );
    assert_eq!(reply.header("content-type"), "application/json");
}

#[tokio::test]
async fn bodies_that_are_no_objects() {
    let api = Api::new().await;
    let client = api.client().await;
    let deep = "[".repeat(10_000);
    for body in [
        "",
        " ",
        "{",
        "[]",
        "5",
        "null",
        "\"x\"",
        "{\"url\": 1e999}",
        "{'url': 1}",
        deep.as_str(),
    ] {
        let reply = client
            .call(Method::POST, CREATE, &[("content-type", "application/json")], body)
            .await;
        assert_envelope(&reply, 200, 1003);
        assert!(
            reply.json()["msg"].as_str().unwrap().starts_with("parameter validate error: body "),
            "{}",
            reply.json()
        );
    }
}

#[tokio::test]
async fn bodies_that_are_no_text() {
    let api = Api::new().await;
    let secret = api.client().await.account.client_secret;
    let request = Request::post(CREATE)
        .header("x-api-key", secret)
        .body(Body::from(&b"{\"url\": \"\xff\"}"[..]));
    assert_envelope(&api.send(request.unwrap()).await, 200, 1003);
}

#[tokio::test]
async fn the_content_type_does_not_matter() {
    let api = Api::new().await;
    let client = api.client().await;
    let body = json!({"url": "https://photos.test/a.png"}).to_string();
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "nonsense"] {
        let reply = client.call(Method::POST, CREATE, &[("content-type", content_type)], &body).await;
        assert_eq!(reply.code(), 1000, "{content_type}");
    }
    assert_eq!(client.call(Method::POST, CREATE, &[], &body).await.code(), 1000);
}

#[tokio::test]
async fn unknown_paths_and_methods() {
    let api = Api::new().await;
    for path in [
        "/nowhere",
        "/api/open/v3/nowhere",
        "/api/open/v4/getToken",
        "/%ff%00",
        "//",
        "/docs/nowhere.js",
    ] {
        assert_envelope(&api.get(path).await, 404, 1008);
    }
    let wrong = api.get("/api/open/v3/getToken").await;
    assert_envelope(&wrong, 405, 1008);
    assert_eq!(wrong.header("allow"), "POST");
    let odd = api.call("INVENTED".parse().unwrap(), "/api/open/v3/avatar/list", &[], "").await;
    assert_envelope(&odd, 405, 1008);
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let api = Api::with(|c| c.limits.body_bytes = 1000).await;
    let client = api.client().await;
    let body = json!({"url": "x".repeat(2000)}).to_string();
    assert_envelope(&client.post(CREATE, &Value::String("x".repeat(2000))).await, 413, 1003);
    // Without a length it is noticed on the way.
    let blocks: Vec<Result<_, std::io::Error>> = body.as_bytes().chunks(100).map(|c| Ok(bytes::Bytes::copy_from_slice(c))).collect();
    let request = Request::post(CREATE).header("x-api-key", &client.account.client_secret);
    let request = request.body(Body::from_stream(futures_util::stream::iter(blocks))).unwrap();
    assert_envelope(&api.send(request).await, 413, 1003);
    let fits = json!({"url": format!("https://photos.test/{}", "x".repeat(900))});
    assert_eq!(client.post(CREATE, &fits).await.code(), 1000);
}

#[tokio::test]
async fn two_megabytes_are_not_too_much() {
    let api = Api::new().await;
    let client = api.client().await;
    let photo = format!("data:image/png;base64,{}", "A".repeat(5 << 20));
    assert_eq!(client.post(CREATE, &json!({"url": photo})).await.code(), 1000);
}

#[tokio::test]
async fn huge_and_odd_queries() {
    let api = Api::new().await;
    let client = api.client().await;
    let many = (0..5000).map(|n| format!("a{n}=1&")).collect::<String>();
    for query in [many.as_str(), "%zz=%zz", "a=%00", "&&&===", "page", "page=1&page=2"] {
        let reply = client.get(&format!("/api/open/v3/avatar/list?{query}")).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::OK, 1000), "{query:.40}");
    }
}

#[tokio::test]
async fn requests_have_names() {
    let api = Api::new().await;
    let named = async |id: &str| {
        api.call(Method::GET, "/healthz", &[("x-request-id", id)], "")
            .await
            .header("x-request-id")
            .to_owned()
    };
    assert_eq!(named("client-1.a_B").await, "client-1.a_B");
    for bad in ["", "a b", "a\tb", "<script>", &"x".repeat(65)] {
        let made = named(bad).await;
        assert!(made != bad && made.len() == 36, "{made}");
    }
    assert_ne!(
        api.get("/healthz").await.header("x-request-id"),
        api.get("/nowhere").await.header("x-request-id")
    );
}
