//! How often somebody may call.

use axum::http::{Method, StatusCode};

use crate::harness::{Api, Client};

const QUOTA: &str = "/api/open/v3/faceswap/quota/info";

async fn refused(calls: usize, mut call: impl AsyncFnMut() -> crate::harness::Reply) -> usize {
    let mut refused = 0;
    for _ in 0..calls {
        let reply = call().await;
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(reply.code(), 1005);
            assert!(reply.header("retry-after").parse::<u64>().unwrap() >= 1);
            refused += 1;
        }
    }
    refused
}

#[tokio::test]
async fn an_account_may_call_so_often() {
    let api = Api::with(|c| (c.limits.calls_per_second, c.limits.open_jobs) = (3, 1000)).await;
    let (client, other) = (api.client().await, api.client().await);
    assert!(refused(20, async || client.get(QUOTA).await).await >= 10);
    assert_eq!(other.get(QUOTA).await.code(), 1000);
}

#[tokio::test]
async fn polling_is_not_limited_tighter_than_once_a_second_for_each_job() {
    let api = Api::with(|c| (c.limits.calls_per_second, c.limits.open_jobs) = (1, 100)).await;
    let client = api.client().await;
    let id = client.video().await;
    let path = format!("/api/open/v3/content/video/infobymodelid?video_model_id={id}");
    assert_eq!(refused(100, async || client.get(&path).await).await, 0);
}

#[tokio::test]
async fn strangers_may_try_so_often() {
    let api = Api::with(|c| c.limits.strangers_per_minute = 3).await;
    let client: Client<'_> = api.client().await;
    assert_eq!(refused(5, async || api.get(QUOTA).await).await, 2, "without authorization");
    let token = async || api.call(Method::POST, "/api/open/v3/getToken", &[], "{}").await;
    assert_eq!(refused(2, token).await, 2, "tokens count too");
    assert_eq!(client.get(QUOTA).await.code(), 1000, "who is known is no stranger");
}

#[tokio::test]
async fn tokens_may_be_asked_for_so_often() {
    let api = Api::with(|c| c.limits.strangers_per_minute = 3).await;
    let token = async || api.call(Method::POST, "/api/open/v3/getToken", &[], "{}").await;
    assert_eq!(refused(5, token).await, 2);
}

#[tokio::test]
async fn too_many_open_jobs_are_refused() {
    let api = Api::with(|c| c.limits.open_jobs = 1).await;
    let client = api.client().await;
    let create = async || {
        let body = serde_json::json!({"url": "https://photos.test/a.png"});
        client.post("/api/open/v3/avatar/create", &body).await
    };
    assert_eq!(refused(3, create).await, 2);
    assert_eq!(api.count("SELECT count(*) FROM avatars").await, 1);
}

/// Over a real listener each address has its own allowance.
#[tokio::test]
async fn addresses_are_told_apart() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let api = Api::with(|c| c.limits.strangers_per_minute = 1).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = mouthpiece_server::api::router(api.service.clone());
    let server = tokio::spawn(async move {
        axum::serve(listener, router.into_make_service_with_connect_info::<std::net::SocketAddr>())
            .await
            .unwrap();
    });
    let ask = async |from: [u8; 4]| {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        let request = format!("GET {QUOTA} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(ask([127, 0, 0, 1]).await, "200");
    assert_eq!(ask([127, 0, 0, 1]).await, "429");
    assert_eq!(ask([127, 0, 0, 2]).await, "200");
    server.abort();
}
