//! Links: ranges, conditions, and what browsers need to know.

use axum::http::{Method, StatusCode};
use mouthpiece_server::id::RecordId;
use mouthpiece_server::store::Key;

use crate::harness::Api;

const BYTES: &[u8] = b"0123456789";

/// A service with a file; gives its path and the id of its record.
async fn with_file() -> (Api, String, RecordId) {
    let api = Api::new().await;
    let id = RecordId::new(api.service.clock.now());
    let link = api.stored(&Key::Video { job: &id }, "mp4", "video/mp4", BYTES).await;
    api.write(async |tx| link.insert(tx).await.unwrap()).await;
    (api, format!("/files/{}", link.name), id)
}

#[tokio::test]
async fn a_whole_file() {
    let (api, path, id) = with_file().await;
    let reply = api.get(&path).await;
    assert_eq!((reply.status, reply.bytes.as_slice()), (StatusCode::OK, BYTES));
    assert_eq!(reply.header("content-type"), "video/mp4");
    assert_eq!(reply.header("content-length"), "10");
    assert_eq!(reply.header("accept-ranges"), "bytes");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(reply.header("content-disposition"), format!("inline; filename=\"{id}.mp4\""));
    let age: u64 = reply
        .header("cache-control")
        .strip_prefix("private, max-age=")
        .unwrap()
        .parse()
        .unwrap();
    assert!((604_000..=604_800).contains(&age), "{age}");
    assert!(httpdate::parse_http_date(reply.header("last-modified")).is_ok());
    assert!(reply.header("etag").starts_with('"'));
}

#[tokio::test]
async fn its_head_alone() {
    let (api, path, _) = with_file().await;
    let reply = api.call(Method::HEAD, &path, &[], "").await;
    assert_eq!(
        (reply.status, reply.header("content-length"), reply.bytes.len()),
        (StatusCode::OK, "10", 0)
    );
    assert_eq!(reply.header("accept-ranges"), "bytes");
    assert_eq!(api.call(Method::HEAD, "/files/no.mp4", &[], "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn parts_of_it() {
    let (api, path, _) = with_file().await;
    let known = [
        ("bytes=2-4", "bytes 2-4/10", "234"),
        ("bytes=7-", "bytes 7-9/10", "789"),
        ("bytes=-2", "bytes 8-9/10", "89"),
        ("bytes=0-999", "bytes 0-9/10", "0123456789"),
    ];
    for (range, content_range, bytes) in known {
        let reply = api.follow(&path, &[("range", range)]).await;
        assert_eq!(
            (reply.status, reply.header("content-range")),
            (StatusCode::PARTIAL_CONTENT, content_range)
        );
        assert_eq!(reply.header("content-length"), bytes.len().to_string());
        assert_eq!(reply.bytes, bytes.as_bytes());
    }
    for several in ["bytes=0-1,4-5", "lines=1-2", "bytes=5-2"] {
        let reply = api.follow(&path, &[("range", several)]).await;
        assert_eq!((reply.status, reply.bytes.as_slice()), (StatusCode::OK, BYTES), "{several}");
    }
    let beyond = api.follow(&path, &[("range", "bytes=10-")]).await;
    assert_eq!(
        (beyond.status, beyond.header("content-range")),
        (StatusCode::RANGE_NOT_SATISFIABLE, "bytes */10")
    );
    assert_eq!(beyond.code(), 1003);
}

#[tokio::test]
async fn conditions() {
    let (api, path, _) = with_file().await;
    let whole = api.get(&path).await;
    let (etag, modified) = (whole.header("etag"), whole.header("last-modified"));
    let known: [(&[(&str, &str)], u16); 8] = [
        (&[("if-none-match", etag)], 304),
        (&[("if-none-match", "\"other\"")], 200),
        (&[("if-modified-since", modified)], 304),
        (&[("if-match", "\"other\"")], 412),
        (&[("if-match", etag), ("range", "bytes=0-0")], 206),
        (&[("range", "bytes=0-0"), ("if-range", etag)], 206),
        (&[("range", "bytes=0-0"), ("if-range", "\"other\"")], 200),
        (&[("range", "bytes=0-0"), ("if-range", modified)], 206),
    ];
    for (headers, status) in known {
        let reply = api.follow(&path, headers).await;
        assert_eq!(reply.status, status, "{headers:?}");
        if status == 304 {
            assert!(reply.bytes.is_empty());
            assert_eq!(reply.header("etag"), etag);
        }
    }
}

#[tokio::test]
async fn only_what_has_a_link() {
    let (api, path, id) = with_file().await;
    let known = [
        "/files/x.mp4",
        "/files/%ff",
        "/files/%00",
        "/files/..%2f..%2fmouthpiece.sqlite",
        "/files/",
        "/files",
    ];
    let by_key = [format!("/files/videos%2F{id}.mp4"), format!("/files/{id}.mp4"), format!("{path}x")];
    for path in known.map(str::to_owned).into_iter().chain(by_key) {
        let reply = api.get(&path).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::NOT_FOUND, 1008), "{path}");
    }
    api.service.store.remove(&Key::Video { job: &id }.path()).await.unwrap();
    let lost = api.get(&path).await;
    assert_eq!((lost.status, lost.code()), (StatusCode::NOT_FOUND, 1008));
}

#[tokio::test]
async fn a_large_file_comes_whole() {
    static LARGE: [u8; 3 << 20] = [7; 3 << 20];
    let api = Api::new().await;
    let id = RecordId::new(0);
    let link = api.stored(&Key::Video { job: &id }, "mp4", "video/mp4", &LARGE).await;
    api.write(async |tx| link.insert(tx).await.unwrap()).await;
    let reply = api.follow(&format!("/files/{}", link.name), &[("range", "bytes=1-")]).await;
    assert_eq!(reply.bytes.len(), LARGE.len() - 1);
}
