//! The outside world.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// What a server sends, and what it does then.
pub struct Reply {
    bytes: Vec<u8>,
    hold: bool,
}

impl Reply {
    /// Sent, then the connection is closed.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            hold: false,
        }
    }

    /// A whole answer with its length.
    pub fn whole(status: &str, headers: &str, body: &[u8]) -> Self {
        let mut bytes = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
        bytes.extend_from_slice(body);
        Self::raw(bytes)
    }

    pub fn redirect(to: &str) -> Self {
        Self::whole("302 Found", &format!("Location: {to}\r\n"), b"")
    }

    /// Sent, then nothing more comes, not even an end.
    pub fn stall(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            hold: true,
            ..Self::raw(bytes)
        }
    }
}

/// Answers by path.
pub struct Server {
    pub address: SocketAddr,
    asked: UnboundedReceiver<String>,
}

impl Server {
    pub async fn start(ip: &str, answer: impl Fn(&str) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, asked) = unbounded_channel();
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read_request(&mut stream).await;
                let path = request.split(' ').nth(1).unwrap_or_default();
                let reply = answer(path);
                // A client may leave before the end.
                let _ = stream.write_all(&reply.bytes).await;
                if reply.hold {
                    held.push(stream);
                }
                // A test may have ended.
                let _ = tell.send(request);
            }
        });
        Self { address, asked }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests that were answered.
    pub fn asked(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.asked.try_recv().ok()).collect()
    }

    /// Waits for one request to have been answered.
    pub async fn answered(&mut self) -> String {
        self.asked.recv().await.unwrap()
    }
}

/// Head and body, as far as they come.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|l| l.strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                return text;
            }
        }
        match stream.read_buf(&mut bytes).await {
            Ok(1..) => {}
            _ => return text,
        }
    }
}

/// Listens on all addresses of this machine, where nobody may connect.
pub struct Trap(TcpListener);

impl Trap {
    pub async fn set() -> Self {
        let listener = match TcpListener::bind("[::]:0").await {
            Ok(listener) => listener,
            // A machine without IPv6.
            Err(_) => TcpListener::bind("0.0.0.0:0").await.unwrap(),
        };
        Self(listener)
    }

    pub fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    pub async fn heard(&self) {
        self.0.accept().await.unwrap();
    }

    /// Connections are accepted in their order: if ours is the first, there was no other.
    pub async fn untouched(&self) {
        let ours = TcpStream::connect(("127.0.0.1", self.port())).await.unwrap();
        let (_, first) = self.0.accept().await.unwrap();
        assert_eq!(first.port(), ours.local_addr().unwrap().port(), "somebody connected");
    }
}
