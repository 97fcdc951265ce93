//! A browser plays spliced videos and seeks in them; skipped where Debian's `chromium` is not installed.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and starts programs itself"
)]

#[path = "media/common.rs"]
mod common;
#[path = "splice_common/mod.rs"]
mod splice_common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use common::{Folder, ffmpeg};
use mouthpiece_render::driver::Region;
use mouthpiece_render::media::encode::{EncodePath, Shape};
use mouthpiece_render::scene::Fps;
use splice_common::Film;

/// The frames that are sought, and what is shown there as ffmpeg decodes it.
const SOUGHT: [usize; 5] = [31, 0, 12, 23, 5];
/// Longest time that a browser takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// Seeks, compares with a picture pixel by pixel (mean of differences in codes of sRGB), then plays to the end.
const PAGE: &str = r#"<!doctype html><body><script>
const sought = SOUGHT, rate = 25;
const once = (thing, event) => new Promise((done, failed) => {
    thing.addEventListener(event, done, {once: true});
    thing.addEventListener("error", () => failed(new Error(event + ": " + (thing.error ? thing.error.message : "failed"))), {once: true});
});
const pixels = (thing, width, height) => {
    const canvas = document.createElement("canvas");
    canvas.width = width; canvas.height = height;
    const context = canvas.getContext("2d");
    context.drawImage(thing, 0, 0, width, height);
    return context.getImageData(0, 0, width, height).data;
};
(async () => {
    const video = document.createElement("video");
    video.muted = true; video.preload = "auto"; video.src = "/video.mp4";
    document.body.append(video);
    await once(video, "loadeddata");
    const differences = [];
    for (const index of sought) {
        const seeked = once(video, "seeked");
        video.currentTime = (index + 0.5) / rate;
        await seeked;
        const picture = new Image();
        picture.src = "/frame-" + index + ".png";
        await picture.decode();
        const [w, h] = [video.videoWidth, video.videoHeight];
        const [a, b] = [pixels(video, w, h), pixels(picture, w, h)];
        let sum = 0;
        for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
        differences.push(sum / (w * h * 3));
    }
    video.currentTime = 0;
    await once(video, "seeked");
    const ended = once(video, "ended");
    await video.play();
    await ended;
    return {differences, duration: video.duration, size: [video.videoWidth, video.videoHeight], frames: video.getVideoPlaybackQuality().totalVideoFrames};
})().then(seen => seen, error => ({error: String(error)})).then(seen => fetch("/seen", {method: "POST", body: JSON.stringify(seen)}));
</script>"#;

#[test]
fn chromium_plays_and_seeks() {
    if !Command::new("chromium").arg("--version").output().is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: chromium is not installed");
        return;
    }
    let moving = [Region {
        x: 300,
        y: 100,
        width: 90,
        height: 80,
    }];
    let film = Film::new((640, 360), Fps { num: 25, den: 1 }, 36, &moving);
    for path in [EncodePath::Spliced(Shape::Band), EncodePath::Spliced(Shape::Tile)] {
        let seen = browse(&film.encode(path));
        assert!(seen["error"].is_null(), "{path:?}: {seen}");
        assert_eq!((&seen["size"][0], &seen["size"][1]), (&640.into(), &360.into()));
        assert!((seen["duration"].as_f64().unwrap() - 1.44).abs() < 0.001, "{seen}");
        let differences: Vec<f64> = seen["differences"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| d.as_f64().unwrap())
            .collect();
        // Of another frame it would be 5 and more: the chroma is scaled in another way, and nothing else.
        assert!(differences.iter().all(|&d| d < 1.5), "{path:?}: {differences:.2?}");
        assert!(seen["frames"].as_u64().unwrap() >= 30, "{seen}");
    }
}

/// What the page saw.
fn browse(video: &Path) -> serde_json::Value {
    let folder = Folder::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    for index in SOUGHT {
        let options = "-sws_flags accurate_rnd+full_chroma_int+full_chroma_inp -vf";
        let filter = format!("select=eq(n\\,{index}),scale=in_color_matrix=bt709:in_range=tv");
        ffmpeg(
            &format!("-i {} {options} {filter} -frames:v 1", video.display()),
            &folder.join(&format!("frame-{index}.png")),
        );
    }
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    let mut browser = Command::new("chromium")
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio"])
        .args(["--autoplay-policy=no-user-gesture-required", &profile])
        .arg(format!("http://{address}/"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (over, waiting) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            let late = "{\"error\":\"chromium said nothing\"}";
            let request = format!("POST /seen HTTP/1.1\r\nContent-Length: {}\r\n\r\n{late}", late.len());
            TcpStream::connect(address).unwrap().write_all(request.as_bytes()).unwrap();
        }
    });
    let seen = serve(&listener, video, &folder);
    drop(over);
    browser.kill().unwrap();
    browser.wait().unwrap();
    seen
}

fn serve(listener: &TcpListener, video: &Path, folder: &Folder) -> serde_json::Value {
    let (page, video) = (PAGE.replace("SOUGHT", &format!("{SOUGHT:?}")), std::fs::read(video).unwrap());
    loop {
        let (mut stream, _) = listener.accept().unwrap();
        let Some(Request { path, first, body }) = Request::read(&stream) else {
            continue;
        };
        if path == "/seen" {
            answer(&mut stream, "application/json", b"{}", None);
            return serde_json::from_slice(&body).unwrap();
        }
        match path.as_str() {
            "/" => answer(&mut stream, "text/html", page.as_bytes(), None),
            "/video.mp4" => answer(&mut stream, "video/mp4", &video, first),
            other => match std::fs::read(folder.join(other.trim_start_matches('/'))) {
                Ok(picture) => answer(&mut stream, "image/png", &picture, None),
                Err(_) => answer(&mut stream, "text/plain", b"", None),
            },
        }
    }
}

struct Request {
    path: String,
    /// The first byte that is asked for.
    first: Option<usize>,
    body: Vec<u8>,
}

impl Request {
    fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let path = line.split(' ').nth(1)?.to_owned();
        let (mut first, mut length) = (None, 0);
        loop {
            line.clear();
            reader.read_line(&mut line).ok()?;
            let lower = line.trim().to_lowercase();
            if lower.is_empty() {
                break;
            }
            if let Some(range) = lower.strip_prefix("range: bytes=") {
                first = range.split('-').next()?.parse().ok();
            }
            if let Some(value) = lower.strip_prefix("content-length: ") {
                length = value.parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        Some(Self { path, first, body })
    }
}

fn answer(stream: &mut TcpStream, kind: &str, bytes: &[u8], first: Option<usize>) {
    let from = first.unwrap_or_default().min(bytes.len());
    let status = match first {
        Some(_) => format!(
            "206 Partial Content\r\nContent-Range: bytes {from}-{}/{}",
            bytes.len().saturating_sub(1),
            bytes.len()
        ),
        None => "200 OK".into(),
    };
    let length = bytes.len() - from;
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nAccept-Ranges: bytes\r\nConnection: close\r\n\r\n"
    );
    // A browser may have heard enough.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&bytes[from..]));
}
