//! The outside world: a server with a client's files, which also takes its callbacks.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockDecryptMut, KeyIvInit};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha1::{Digest, Sha1};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// Files, and what was posted.
pub struct World {
    pub base: String,
    folder: TempDir,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    posted: Mutex<Vec<Bytes>>,
    more: Notify,
}

type Shared = (PathBuf, Arc<Seen>);

impl World {
    /// With the contained portrait (`face.png`) and a second and a half of speech (`voice.wav`).
    pub async fn open() -> Self {
        let folder = tempfile::Builder::new().prefix("world-").tempdir().unwrap();
        std::fs::copy(repository("media/demo/astronaut.png"), folder.path().join("face.png")).unwrap();
        let seen = Arc::new(Seen::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new()
            .route("/hook", post(hook))
            .route("/{file}", get(file))
            .with_state((folder.path().to_owned(), Arc::clone(&seen)));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let world = Self { base, folder, seen };
        world.speech("voice.wav", 1.5);
        world
    }

    pub fn url(&self, name: &str) -> String {
        format!("{}/{name}", self.base)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// So many seconds of the contained speech.
    pub fn speech(&self, name: &str, seconds: f64) {
        self.ffmpeg(&format!(
            "-i {} -t {seconds} {name}",
            repository("media/demo/speech.flac").display()
        ));
    }

    /// Runs ffmpeg in the folder, with arguments separated by spaces.
    pub fn ffmpeg(&self, arguments: &str) -> Vec<u8> {
        let done = Command::new("ffmpeg")
            .args("-nostdin -hide_banner -v error -y".split(' '))
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{arguments}: {}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    }

    /// What ffprobe says of the first stream of a file here.
    pub fn stream(&self, name: &str) -> Value {
        let done = Command::new("ffprobe")
            .args("-v error -of json -show_streams".split(' '))
            .arg(self.path(name))
            .output()
            .unwrap();
        serde_json::from_slice::<Value>(&done.stdout).unwrap()["streams"][0].clone()
    }

    /// Integrated loudness in LUFS and true peak in dB of a file here.
    pub fn loudness(&self, name: &str) -> (f64, f64) {
        let done = Command::new("ffmpeg")
            .args("-nostdin -hide_banner -v info -i".split(' '))
            .arg(self.path(name))
            .args("-af ebur128=peak=true:framelog=verbose -f null -".split(' '))
            .output()
            .unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        let number = |label: &str| {
            let line = said
                .lines()
                .rfind(|line| line.trim().starts_with(label))
                .unwrap_or_else(|| panic!("{said}"));
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        (number("I:"), number("Peak:"))
    }

    /// Width, height, seconds of picture and of sound of a file here.
    pub fn probe(&self, name: &str) -> (u64, u64, f64, f64) {
        let done = Command::new("ffprobe")
            .args("-v error -of json -show_streams".split(' '))
            .arg(self.path(name))
            .output()
            .unwrap();
        let told: Value = serde_json::from_slice(&done.stdout).unwrap();
        let stream = |kind: &str| {
            told["streams"]
                .as_array()
                .unwrap()
                .iter()
                .find(|s| s["codec_type"] == kind)
                .unwrap()
                .clone()
        };
        let seconds = |s: &Value| s["duration"].as_str().unwrap().parse().unwrap();
        let (video, audio) = (stream("video"), stream("audio"));
        (
            video["width"].as_u64().unwrap(),
            video["height"].as_u64().unwrap(),
            seconds(&video),
            seconds(&audio),
        )
    }

    /// Everything that was posted so far.
    pub fn posted(&self) -> Vec<Bytes> {
        self.seen.posted.lock().unwrap().clone()
    }

    /// Waits for the nth callback (from 0).
    pub async fn callback(&self, n: usize) -> Bytes {
        let waiting = async {
            loop {
                let more = self.seen.more.notified();
                if let Some(body) = self.posted().get(n) {
                    return body.clone();
                }
                more.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), waiting).await.unwrap()
    }
}

async fn hook(State((_, seen)): State<Shared>, body: Bytes) -> StatusCode {
    seen.posted.lock().unwrap().push(body);
    seen.more.notify_waiters();
    StatusCode::OK
}

async fn file(State((folder, _)): State<Shared>, UrlPath(name): UrlPath<String>) -> Result<Vec<u8>, StatusCode> {
    std::fs::read(folder.join(name)).map_err(|_| StatusCode::NOT_FOUND)
}

/// Verifies and opens a callback, as section 9 of the contract tells a client to.
pub fn unseal(body: &[u8], client_id: &str, client_secret: &str) -> Value {
    let sealed: Value = serde_json::from_slice(body).unwrap();
    let data = sealed["dataEncrypt"].as_str().unwrap();
    let timestamp = sealed["timestamp"].as_u64().unwrap().to_string();
    let mut parts = [client_id, &timestamp, sealed["nonce"].as_str().unwrap(), data];
    parts.sort_unstable();
    assert_eq!(sealed["signature"], hex::encode(Sha1::digest(parts.concat())), "signature");
    let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(client_secret.as_bytes(), client_id.as_bytes()).unwrap();
    let plain = cipher.decrypt_padded_vec_mut::<Pkcs7>(&STANDARD.decode(data).unwrap()).unwrap();
    serde_json::from_slice(&plain).unwrap()
}

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
