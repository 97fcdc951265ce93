//! Servers that take their time, and callers that do not wait.

use std::time::Duration;

use mouthpiece_server::fetch::{FetchError, Limits, Slow, Wanted};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fake::{Reply, Server};
use crate::{OPEN, Target, failure, fetcher};

const SHORT: Duration = Duration::from_millis(100);

async fn slow(limits: Limits, url: &str) -> Slow {
    let error = failure(&fetcher(limits), url, Wanted::Image).await;
    assert!(error.retry());
    match error {
        FetchError::TooSlow { what } => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_stalled_head_ends() {
    let server = Server::start(OPEN, |_| Reply::stall("HTTP/1.1 200 OK\r\nContent-Le")).await;
    let limits = Limits {
        connect_time: SHORT,
        idle: SHORT,
        ..Limits::default()
    };
    assert_eq!(slow(limits, &server.url("/")).await, Slow::Idle);
}

#[tokio::test]
async fn a_stalled_body_ends() {
    let server = Server::start(OPEN, |_| Reply::stall("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")).await;
    let limits = Limits {
        idle: SHORT,
        ..Limits::default()
    };
    assert_eq!(slow(limits, &server.url("/")).await, Slow::Idle);
}

#[tokio::test]
async fn a_stalled_handshake_ends() {
    // Nobody accepts: the kernel does, and TLS waits for its first answer.
    let listener = TcpListener::bind((OPEN, 0)).await.unwrap();
    let limits = Limits {
        connect_time: SHORT,
        ..Limits::default()
    };
    let url = format!("https://{}/", listener.local_addr().unwrap());
    assert_eq!(slow(limits, &url).await, Slow::Connect);
}

#[tokio::test]
async fn a_trickle_ends_with_the_whole_time() {
    let listener = TcpListener::bind((OPEN, 0)).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_buf(&mut Vec::new()).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let mut beat = tokio::time::interval(Duration::from_millis(2));
        while stream.write_all(b".").await.is_ok() {
            beat.tick().await;
        }
    });
    let limits = Limits {
        total_time: SHORT,
        ..Limits::default()
    };
    assert_eq!(slow(limits, &url).await, Slow::Total);
}

#[tokio::test]
async fn a_fetch_that_is_dropped_leaves_nothing() {
    let mut server = Server::start(OPEN, |_| Reply::stall("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")).await;
    let fetcher = fetcher(Limits::default());
    let url = fetcher.check(&server.url("/"), Wanted::Image).unwrap();
    let target = Target::new();
    let path = target.path();
    let begun = async {
        server.answered().await;
        while target.files() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        result = fetcher.get(&url, Wanted::Image, &path) => panic!("{result:?}"),
        () = begun => {}
    }
    assert_eq!(target.files(), 0);
}

#[tokio::test]
async fn a_fetch_may_run_as_a_task_that_is_aborted() {
    let mut server = Server::start(OPEN, |_| Reply::stall("HTTP/1.1 200 OK\r\n")).await;
    let fetcher = fetcher(Limits::default());
    let url = fetcher.check(&server.url("/"), Wanted::Image).unwrap();
    let target = Target::new();
    let path = target.path();
    let task = tokio::spawn(async move { fetcher.get(&url, Wanted::Image, &path).await });
    server.answered().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(target.files(), 0);
}
