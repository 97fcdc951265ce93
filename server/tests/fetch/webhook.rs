//! Calls to webhooks.

use std::time::Duration;

use mouthpiece_server::fetch::{FetchError, Limits, Refused, Slow};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

use crate::fake::{Reply, Server, Trap};
use crate::{OPEN, anything, fetcher};

async fn post(limits: Limits, url: &str) -> Result<u16, FetchError> {
    let fetcher = fetcher(limits);
    let url = fetcher.check_webhook(url).unwrap();
    let headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        ("webhook-id".parse().unwrap(), HeaderValue::from_static("msg_1")),
    ]);
    fetcher.post(&url, headers, r#"{"nonce":"1529"}"#).await
}

#[tokio::test]
async fn a_call_brings_headers_and_body() {
    let mut server = Server::start(OPEN, |_| Reply::whole("200 OK", "", b"thanks")).await;
    assert_eq!(post(Limits::default(), &server.url("/hook?a=b")).await.unwrap(), 200);
    let request = server.answered().await;
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /hook?a=b http/1.1\r\n"), "{head}");
    for header in ["content-type: application/json", "webhook-id: msg_1", "content-length: 16"] {
        assert!(head.lines().any(|l| l == header), "{head}");
    }
    assert!(head.contains("user-agent: mouthpiece/"), "{head}");
    assert_eq!(body, r#"{"nonce":"1529"}"#);
}

#[tokio::test]
async fn any_status_is_an_answer() {
    let server = Server::start(OPEN, |path| Reply::whole(&format!("{} X", &path[1..]), "", b"")).await;
    for status in [200, 204, 404, 410, 429, 500] {
        assert_eq!(post(Limits::default(), &server.url(&format!("/{status}"))).await.unwrap(), status);
    }
}

#[tokio::test]
async fn redirects_are_answers_too() {
    let trap = Trap::set().await;
    let place = format!("http://127.0.0.1:{}/", trap.port());
    let mut server = Server::start(OPEN, move |_| Reply::redirect(&place)).await;
    assert_eq!(post(Limits::default(), &server.url("/")).await.unwrap(), 302);
    server.answered().await;
    assert_eq!(server.asked().len(), 0);
    trap.untouched().await;
}

#[tokio::test]
async fn the_body_of_an_answer_is_not_waited_for() {
    let server = Server::start(OPEN, |_| Reply::stall("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")).await;
    assert_eq!(post(Limits::default(), &server.url("/")).await.unwrap(), 200);
}

#[tokio::test]
async fn no_answer_is_a_failure() {
    let server = Server::start(OPEN, |path| match path {
        "/stalled" => Reply::stall(""),
        _ => Reply::raw(""),
    })
    .await;
    let limits = Limits {
        post_time: Duration::from_millis(100),
        ..Limits::default()
    };
    let error = post(limits, &server.url("/stalled")).await.unwrap_err();
    assert!(
        matches!(error, FetchError::TooSlow { what: Slow::Answer }) && error.retry(),
        "{error:?}"
    );
    let error = post(Limits::default(), &server.url("/closed")).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable(_)) && error.retry(), "{error:?}");
}

#[tokio::test]
async fn data_urls_are_no_webhooks() {
    assert_eq!(anything().check_webhook("data:image/png,x").unwrap_err(), Refused::Scheme);
}
