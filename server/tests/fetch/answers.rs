//! What servers answer, and what becomes of it.

use mouthpiece_server::fetch::{Allowance, FetchError, Found, Limits, Refused, Wanted};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fake::{Reply, Server};
use crate::{OPEN, Target, anything, failure, fetcher, get, with_names};

fn small() -> Limits {
    Limits {
        image_bytes: 8,
        video_bytes: 16,
        sound_bytes: 12,
        ..Limits::default()
    }
}

fn chunked(pieces: &[&str]) -> String {
    let body: String = pieces.iter().map(|p| format!("{:x}\r\n{p}\r\n", p.len())).collect();
    format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}0\r\n\r\n")
}

#[tokio::test]
async fn a_file_is_stored_as_it_came() {
    let picture: Vec<u8> = (0..1_000_000u32).map(|i| (i % 251) as u8).collect();
    let sent = picture.clone();
    let mut server = Server::start(OPEN, move |_| Reply::whole("200 OK", "Content-Type: Image/PNG\r\n", &sent)).await;
    let (fetched, stored) = get(&fetcher(Limits::default()), &server.url("/x.png?a=b#c"), Wanted::Image)
        .await
        .unwrap();
    assert!(stored == picture);
    assert_eq!((fetched.bytes, fetched.content_type.as_deref()), (1_000_000, Some("image/png")));

    let request = server.asked().remove(0).to_ascii_lowercase();
    assert!(request.starts_with("get /x.png?a=b http/1.1\r\n"), "{request}");
    assert!(
        request.contains(&format!("user-agent: mouthpiece/{}\r\n", env!("CARGO_PKG_VERSION"))),
        "{request}"
    );
    assert!(request.contains("accept-encoding: identity\r\n"), "{request}");
    for secret in ["authorization", "cookie", "referer"] {
        assert!(!request.contains(secret), "{request}");
    }
}

#[tokio::test]
async fn names_are_resolved_and_sent() {
    let mut server = Server::start(OPEN, |_| Reply::whole("200 OK", "", b"x")).await;
    let port = server.address.port();
    get(
        &with_names(&[("files.example", &[OPEN])]),
        &format!("http://FILES.example:{port}/"),
        Wanted::Video,
    )
    .await
    .unwrap();
    assert!(server.asked().remove(0).contains(&format!("files.example:{port}\r\n")));
}

#[tokio::test]
async fn bodies_may_be_chunked_or_end_with_the_connection() {
    let server = Server::start(OPEN, |path| match path {
        "/chunked" => Reply::raw(chunked(&["pic", "ture"])),
        _ => Reply::raw("HTTP/1.0 200 OK\r\n\r\npicture"),
    })
    .await;
    for path in ["/chunked", "/closed"] {
        let (fetched, stored) = get(&fetcher(Limits::default()), &server.url(path), Wanted::Image).await.unwrap();
        assert_eq!(
            (stored.as_slice(), fetched.bytes, fetched.content_type),
            (&b"picture"[..], 7, None),
            "{path}"
        );
    }
}

#[tokio::test]
async fn each_kind_has_its_limit() {
    let server = Server::start(OPEN, |path| Reply::whole("200 OK", "", &vec![0; path[1..].parse().unwrap()])).await;
    for (wanted, limit) in [
        (Wanted::Image, 8),
        (Wanted::Sound, 12),
        (Wanted::Video, 16),
        (Wanted::ImageOrVideo, 16),
    ] {
        let fetcher = fetcher(small());
        assert_eq!(
            get(&fetcher, &server.url(&format!("/{limit}")), wanted).await.unwrap().0.bytes,
            limit
        );
        let error = failure(&fetcher, &server.url(&format!("/{}", limit + 1)), wanted).await;
        assert!(matches!(error, FetchError::TooLarge { limit: l } if l == limit), "{error:?}");
        assert_eq!(error.to_string(), format!("is larger than {limit} bytes; give a smaller file"));
        assert!(!error.retry());
    }
}

#[tokio::test]
async fn too_much_is_refused_by_its_announcement() {
    // Nothing of the body ever comes.
    let server = Server::start(OPEN, |_| Reply::stall("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")).await;
    let error = failure(&fetcher(Limits::default()), &server.url("/"), Wanted::Video).await;
    assert!(matches!(error, FetchError::TooLarge { .. }), "{error:?}");
    assert_eq!(error.to_string(), "is larger than 500 MB; give a smaller file");
}

#[tokio::test]
async fn too_much_is_refused_while_it_comes() {
    let server = Server::start(OPEN, |path| match path {
        "/chunked" => Reply::stall(chunked(&["1234", "5678", "9"]).trim_end_matches("0\r\n\r\n")),
        _ => Reply::stall("HTTP/1.0 200 OK\r\n\r\n123456789"),
    })
    .await;
    for path in ["/chunked", "/endless"] {
        let error = failure(&fetcher(small()), &server.url(path), Wanted::Image).await;
        assert!(matches!(error, FetchError::TooLarge { limit: 8 }), "{path}: {error:?}");
    }
}

#[tokio::test]
async fn files_of_one_request_have_an_allowance_together() {
    let server = Server::start(OPEN, |path| match path {
        // Nothing of the body ever comes.
        "/announced" => Reply::stall("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
        "/endless" => Reply::stall("HTTP/1.0 200 OK\r\n\r\n123456789"),
        _ => Reply::whole("200 OK", "", b"1234567"),
    })
    .await;
    let (fetcher, all) = (fetcher(small()), Allowance::of(15));
    let fetched = async |path: &str| {
        let target = Target::new();
        let url = anything().check(&server.url(path), Wanted::Video).unwrap();
        let result = fetcher.get_among(&url, Wanted::Video, &all, &target.path()).await;
        assert_eq!(target.files(), usize::from(result.is_ok()), "{path}");
        result.map(|f| f.bytes)
    };
    let refused = |error: &FetchError| {
        let sentence = "is too much: all files of a request together may hold 15 bytes; give fewer or smaller ones";
        assert!(matches!(error, FetchError::TooMuch { limit: 15 }) && !error.retry(), "{error:?}");
        assert_eq!(error.to_string(), sentence);
    };
    assert_eq!(fetched("/whole").await.unwrap(), 7);
    refused(&fetched("/announced").await.unwrap_err());
    // What was announced has taken nothing.
    assert_eq!(fetched("/whole").await.unwrap(), 7);
    refused(&fetched("/endless").await.unwrap_err());
}

#[tokio::test]
async fn a_file_that_ends_early_is_no_file() {
    let server = Server::start(OPEN, |path| match path {
        "/length" => Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"),
        "/chunked" => Reply::raw(chunked(&["1234", "5678"]).trim_end_matches("0\r\n\r\n")),
        _ => Reply::raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n"),
    })
    .await;
    for path in ["/length", "/chunked", "/nonsense"] {
        let error = failure(&fetcher(Limits::default()), &server.url(path), Wanted::Image).await;
        assert!(matches!(error, FetchError::Truncated(_)) && error.retry(), "{path}: {error:?}");
    }
}

#[tokio::test]
async fn what_is_no_media_is_told() {
    let types = [
        ("text/html; charset=utf-8", Some((Found::WebPage, "a web page"))),
        ("TEXT/HTML", Some((Found::WebPage, "a web page"))),
        ("application/xhtml+xml", Some((Found::WebPage, "a web page"))),
        ("application/json", Some((Found::Json, "JSON"))),
        ("application/problem+json", Some((Found::Json, "JSON"))),
        ("application/xml", Some((Found::Xml, "XML"))),
        ("application/octet-stream", None),
        ("binary/octet-stream", None),
        ("text/plain", None),
        ("audio/mpeg", None),
        ("nonsense", None),
        ("", None),
    ];
    let headers = move |path: &str| format!("Content-Type: {}\r\n", types[path[1..].parse::<usize>().unwrap()].0);
    let server = Server::start(OPEN, move |path| Reply::whole("200 OK", &headers(path), b"x")).await;
    for (i, (kind, expected)) in types.into_iter().enumerate() {
        let result = get(&fetcher(Limits::default()), &server.url(&format!("/{i}")), Wanted::Image).await;
        match (expected, result) {
            (None, Ok(_)) => {}
            (Some((found, phrase)), Err(error)) => {
                assert!(
                    matches!(&error, FetchError::WrongType { found: f, .. } if *f == found),
                    "{kind}: {error:?}"
                );
                let sentence = format!("answers with {phrase}, not an image; give the direct url of the file");
                assert_eq!(error.to_string(), sentence);
                assert!(!error.retry());
            }
            (_, result) => panic!("{kind}: {result:?}"),
        }
    }
}

#[tokio::test]
async fn nothing_is_decompressed() {
    let server = Server::start(OPEN, |path| {
        Reply::whole("200 OK", &format!("Content-Encoding: {}\r\n", &path[1..]), b"\x1f\x8b")
    })
    .await;
    let error = failure(&fetcher(Limits::default()), &server.url("/gzip"), Wanted::Image).await;
    assert!(
        matches!(
            error,
            FetchError::WrongType {
                found: Found::Compressed,
                ..
            }
        ),
        "{error:?}"
    );
    get(&fetcher(Limits::default()), &server.url("/identity"), Wanted::Image)
        .await
        .unwrap();
}

#[tokio::test]
async fn other_statuses_are_failures() {
    let server = Server::start(OPEN, |path| Reply::whole(&format!("{} X", &path[1..]), "", b"")).await;
    let cases = [
        (201, false, "instead of a file"),
        (204, false, "instead of a file"),
        (206, false, "instead of a file"),
        (302, false, "instead of a file"), // without a place to go
        (304, false, "instead of a file"),
        (400, false, "check the url"),
        (401, false, "without signing in"),
        (403, false, "without signing in"),
        (404, false, "no such file"),
        (410, false, "no such file"),
        (408, true, "try again later"),
        (429, true, "try again later"),
        (500, true, "try again later"),
        (503, true, "try again later"),
    ];
    for (status, retry, advice) in cases {
        let error = failure(&fetcher(Limits::default()), &server.url(&format!("/{status}")), Wanted::Image).await;
        assert!(matches!(error, FetchError::Http { status: s } if s == status), "{error:?}");
        assert_eq!(error.retry(), retry, "{status}");
        assert!(error.to_string().contains(advice), "{error}");
        assert!(error.to_string().starts_with(&format!("answers {status}")), "{error}");
    }
}

#[tokio::test]
async fn redirects_are_followed_to_their_limit() {
    let mut server = Server::start(OPEN, |path| match path[1..].parse::<u32>().unwrap() {
        0 => Reply::whole("200 OK", "", b"there"),
        n => Reply::redirect(&(n - 1).to_string()),
    })
    .await;
    let fetcher = fetcher(Limits::default());
    assert_eq!(get(&fetcher, &server.url("/5"), Wanted::Image).await.unwrap().1, b"there");
    assert_eq!(server.asked().len(), 6);

    let error = failure(&fetcher, &server.url("/6"), Wanted::Image).await;
    assert!(
        matches!(error, FetchError::TooManyRedirects { limit: 5 }) && !error.retry(),
        "{error:?}"
    );
    assert_eq!(server.asked().len(), 6);
}

#[tokio::test]
async fn every_kind_of_redirect_is_followed() {
    let server = Server::start(OPEN, |path| match path {
        "/there" => Reply::whole("200 OK", "", b"there"),
        status => Reply::whole(&format!("{} X", &status[1..]), "Location: /there\r\n", b"moved"),
    })
    .await;
    for status in [301, 302, 303, 307, 308] {
        let (_, stored) = get(&fetcher(Limits::default()), &server.url(&format!("/{status}")), Wanted::Image)
            .await
            .unwrap();
        assert_eq!(stored, b"there", "{status}");
    }
}

#[tokio::test]
async fn servers_that_are_none_are_told() {
    let server = Server::start(OPEN, |path| match path {
        "/nothing" => Reply::raw(""),
        _ => Reply::raw("220 mail.example ESMTP\r\n"),
    })
    .await;
    let fetcher = fetcher(Limits::default());
    let nobody = std::net::TcpListener::bind((OPEN, 0)).unwrap().local_addr().unwrap();
    for url in [server.url("/nothing"), server.url("/mail"), format!("http://{nobody}/")] {
        let error = failure(&fetcher, &url, Wanted::Image).await;
        assert!(matches!(error, FetchError::Unreachable(_)) && error.retry(), "{url}: {error:?}");
    }
}

#[tokio::test]
async fn https_without_tls_is_told() {
    let listener = TcpListener::bind((OPEN, 0)).await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        // Unread bytes would turn the end into a reset, which could overtake the answer.
        while stream.read_buf(&mut Vec::new()).await.is_ok_and(|n| n > 0) {}
    });
    let error = failure(&fetcher(Limits::default()), &url, Wanted::Image).await;
    assert!(matches!(error, FetchError::Tls(_)) && !error.retry(), "{error:?}");
}

#[tokio::test]
async fn unknown_names_are_told() {
    let error = failure(&with_names(&[]), "http://unknown.example/", Wanted::Image).await;
    assert!(matches!(error, FetchError::UnknownHost(_)) && error.retry(), "{error:?}");
    // The system knows no such name, with a network or without.
    let error = failure(&fetcher(Limits::default()), "http://unknown.invalid/", Wanted::Image).await;
    assert!(matches!(error, FetchError::UnknownHost(_)), "{error:?}");
}

#[tokio::test]
async fn logs_hold_no_query() {
    let nobody = std::net::TcpListener::bind((OPEN, 0)).unwrap().local_addr().unwrap();
    let error = failure(
        &fetcher(Limits::default()),
        &format!("http://{nobody}/?signature=secret"),
        Wanted::Image,
    )
    .await;
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

#[tokio::test]
async fn what_is_there_already_is_left_alone() {
    let server = Server::start(OPEN, |_| Reply::whole("200 OK", "", b"new")).await;
    let target = Target::new();
    std::fs::write(target.path(), "old").unwrap();
    let fetcher = fetcher(Limits::default());
    for url in [server.url("/"), "data:image/png,new".to_owned()] {
        let url = fetcher.check(&url, Wanted::Image).unwrap();
        let error = fetcher.get(&url, Wanted::Image, &target.path()).await.unwrap_err();
        assert!(matches!(error, FetchError::Disk(_)) && error.retry(), "{error:?}");
        assert_eq!(error.to_string(), "cannot be stored by this service; try again later");
        assert_eq!(std::fs::read(target.path()).unwrap(), b"old");
    }
}

#[tokio::test]
async fn data_urls_become_files() {
    let fetcher = fetcher(small());
    for (url, kind) in [
        ("data:image/png;base64,cGl4ZWxz", "image/png"),
        ("data:Image/WebP,pi%78els", "image/webp"),
    ] {
        let (fetched, stored) = get(&fetcher, url, Wanted::Image).await.unwrap();
        assert_eq!(
            (stored.as_slice(), fetched.bytes, fetched.content_type.as_deref()),
            (&b"pixels"[..], 6, Some(kind))
        );
    }
    assert_eq!(
        fetcher.check("data:image/png,123456789", Wanted::Image).unwrap_err(),
        Refused::DataTooLarge { limit: 8 }
    );
    // The limit of images holds for them also where videos may be larger.
    let error = failure(&fetcher, "data:image/png,123456789", Wanted::ImageOrVideo).await;
    assert!(
        matches!(error, FetchError::Refused(Refused::DataTooLarge { limit: 8 })),
        "{error:?}"
    );
    let error = failure(&fetcher, "data:image/png;base64,!", Wanted::Image).await;
    assert!(matches!(error, FetchError::Refused(Refused::DataDamaged)), "{error:?}");

    let image = anything().check("data:image/png,x", Wanted::Image).unwrap();
    let error = fetcher.get(&image, Wanted::Sound, &Target::new().path()).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused(Refused::Scheme)), "{error:?}");
}
