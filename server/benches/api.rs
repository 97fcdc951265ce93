//! How quickly the API answers while renders take every core: `cargo bench --package mouthpiece --bench api`.
//!
//! Calls are begun by the clock, 200 a second, whether or not the former were answered, and are timed from when they were due.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark starts programs, prints what it measured and may panic"
)]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use futures_util::future::join_all;
use reqwest::Client;
use serde_json::{Value, json};

const A_SECOND: u32 = 200;
const SECONDS: u32 = 10;

/// The service, which ends with the benchmark.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let media = media().await;
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let base = format!("http://127.0.0.1:{port}");
    let secret = account(folder.path());
    let _server = serve(folder.path(), port);
    let http = Client::builder().no_proxy().build().unwrap();
    let video = create(&http, &base, &secret, &media, 1).await;
    let paths = [
        ("avatar/list", format!("{base}/api/open/v3/avatar/list")),
        (
            "infobymodelid",
            format!("{base}/api/open/v3/content/video/infobymodelid?video_model_id={video}"),
        ),
    ];
    while get_json(&http, &paths[1].1, &secret).await["data"]["video_status"] != 3 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("{A_SECOND} calls a second for {SECONDS} s; milliseconds");
    println!("{:<30} {:>7} {:>7} {:>7}", "", "median", "p99", "longest");
    for (name, url) in &paths {
        report(&format!("{name}, idle"), measure(&http, url, &secret).await);
    }
    let busy = [
        create(&http, &base, &secret, &media, 60).await,
        create(&http, &base, &secret, &media, 60).await,
    ];
    for id in &busy {
        let url = format!("{base}/api/open/v3/content/video/infobymodelid?video_model_id={id}");
        while get_json(&http, &url, &secret).await["data"]["progress"].as_u64().unwrap() < 20 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    for (name, url) in &paths {
        report(&format!("{name}, two renders"), measure(&http, url, &secret).await);
    }
}

/// A server of a face, and of a recording of so many seconds.
async fn media() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../media/demo");
    let face = std::fs::read(demo.join("astronaut.png")).unwrap();
    let speech = demo.join("speech.flac");
    let voice = move |seconds: u32| {
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-stream_loop", "-1", "-i"])
            .arg(&speech)
            .args(["-t", &seconds.to_string(), "-f", "flac", "-"])
            .output();
        made.unwrap().stdout
    };
    let (short, long) = (voice(1), voice(60));
    let app = Router::new()
        .route("/face.png", get(async || face))
        .route("/1.flac", get(async || short))
        .route("/60.flac", get(async || long));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    base
}

fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mouthpiece"));
    command
        .env("MOUTHPIECE_DATA", data.join("data"))
        .env("RUST_LOG", "error")
        .stdin(Stdio::null());
    command
}

fn account(data: &Path) -> String {
    let made = program(data).args(["account", "create", "--json"]).output().unwrap();
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    made["clientSecret"].as_str().unwrap().to_owned()
}

fn serve(data: &Path, port: u16) -> Server {
    let listen = format!("127.0.0.1:{port}");
    let mut command = program(data);
    command.args(["serve", "--workers", "2", "--allow-net", "127.0.0.1/32", "--listen", &listen]);
    Server(command.stdout(Stdio::null()).spawn().unwrap())
}

async fn create(http: &Client, base: &str, secret: &str, media: &str, seconds: u32) -> String {
    let placed = json!({"scale_x": 1, "scale_y": 1, "offset_x": 0, "offset_y": 0});
    let mut avatar = json!({"type": "avatar", "url": format!("{media}/face.png"), "width": 1920, "height": 1080});
    avatar.as_object_mut().unwrap().extend(placed.as_object().unwrap().clone());
    let audio = json!({"type": "audio", "url": format!("{media}/{seconds}.flac")});
    let body = json!({"width": 1920, "height": 1080, "avatar_from": 3, "elements": [avatar, audio]}).to_string();
    loop {
        let url = format!("{base}/api/open/v3/talkingavatar/create");
        let Ok(answer) = http.post(url).header("x-api-key", secret).body(body.clone()).send().await else {
            // It starts.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        return answer["data"]["_id"].as_str().unwrap().to_owned();
    }
}

async fn get_json(http: &Client, url: &str, secret: &str) -> Value {
    let answer = http.get(url).header("x-api-key", secret).send().await.unwrap();
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

/// Milliseconds of each call, sorted.
async fn measure(http: &Client, url: &str, secret: &str) -> Vec<f64> {
    let begun = Instant::now();
    let calls = (0..A_SECOND * SECONDS).map(|n| {
        let due = begun + Duration::from_secs(1) * n / A_SECOND;
        let (http, url, secret) = (http.clone(), url.to_owned(), secret.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep_until(due.into()).await;
            assert_eq!(get_json(&http, &url, &secret).await["code"], 1000);
            due.elapsed().as_secs_f64() * 1000.0
        })
    });
    let mut took: Vec<f64> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    took.sort_by(f64::total_cmp);
    took
}

fn report(name: &str, took: Vec<f64>) {
    let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize];
    println!("{name:<30} {:>7.1} {:>7.1} {:>7.1}", at(0.5), at(0.99), at(1.0));
}
