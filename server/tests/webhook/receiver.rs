//! A client's server: it records what is posted and answers as it is told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// One request.
pub struct Call {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Call {
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// What the receiver does with a request.
#[derive(Clone)]
pub enum Answer {
    Status(u16),
    /// Nothing, until the semaphore lets it pass; then 200.
    Held(Arc<Semaphore>),
}

pub struct Receiver {
    address: SocketAddr,
    calls: UnboundedReceiver<Call>,
}

impl Receiver {
    /// `answer` is given the path and how many requests came before.
    pub async fn start(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, calls) = unbounded_channel();
        let shared = Arc::new((answer, tell, std::sync::atomic::AtomicUsize::new(0)));
        let handler = move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let shared = Arc::clone(&shared);
            async move {
                let (answer, tell, before) = &*shared;
                let path = uri.path().to_owned();
                let answer = answer(&path, before.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
                // The test may have ended.
                let _ = tell.send(Call { path, headers, body });
                say(answer).await
            }
        };
        let app = axum::Router::new().fallback(handler);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, calls }
    }

    /// With these statuses, then 200.
    pub async fn with_statuses(statuses: &'static [u16]) -> Self {
        Self::start(|_, before| Answer::Status(statuses.get(before).copied().unwrap_or(200))).await
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Waits for a request.
    pub async fn next(&mut self) -> Call {
        let call = tokio::time::timeout(Duration::from_secs(30), self.calls.recv()).await;
        call.expect("nobody called").unwrap()
    }

    /// Requests that came and were not asked for yet.
    pub fn more(&mut self) -> Vec<Call> {
        std::iter::from_fn(|| self.calls.try_recv().ok()).collect()
    }
}

async fn say(answer: Answer) -> Response {
    let status = match answer {
        Answer::Status(status) => status,
        Answer::Held(gate) => {
            gate.acquire().await.unwrap().forget();
            200
        }
    };
    let status = StatusCode::from_u16(status).unwrap();
    (status, [("location", "/elsewhere")], "words of the receiver").into_response()
}
