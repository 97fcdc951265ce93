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
use std::process::{Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use common::Folder;
use mouthpiece_render::driver::Region;
use mouthpiece_render::media::encode::{EncodePath, EncodeShape as Shape};
use mouthpiece_render::scene::Fps;
use splice_common::Film;

/// The frames that are sought.
const SOUGHT: [usize; 5] = [31, 1, 12, 23, 5];
/// Longest time that a browser takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

const MOVING: Region = Region {
    x: 300,
    y: 100,
    width: 90,
    height: 80,
};

/// Seeks in a video and in its plain encode, and compares what is shown: the mean of differences, in codes of sRGB, where something moves and
/// elsewhere, and with the first frame where something moves. Then it plays to the end.
const PAGE: &str = r#"<!doctype html><body><script>
const sought = SOUGHT, moving = MOVING, rate = 25;
const once = (thing, event) => new Promise((done, failed) => {
    thing.addEventListener(event, done, {once: true});
    thing.addEventListener("error", () => failed(new Error(event + ": " + (thing.error ? thing.error.message : "failed"))), {once: true});
});
const open = async (source) => {
    const video = document.createElement("video");
    video.muted = true; video.preload = "auto"; video.src = source;
    document.body.append(video);
    await once(video, "loadeddata");
    return video;
};
const shown = async (video, index) => {
    const seeked = once(video, "seeked");
    video.currentTime = (index + 0.5) / rate;
    await seeked;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height);
};
const difference = (a, b, wanted) => {
    let sum = 0, count = 0;
    for (let i = 0; i < a.data.length; i += 4) {
        const x = i / 4 % a.width, y = Math.floor(i / 4 / a.width);
        const inside = moving[0] <= x && x < moving[2] && moving[1] <= y && y < moving[3];
        if (inside !== wanted) continue;
        for (let c = 0; c < 3; c++) sum += Math.abs(a.data[i + c] - b.data[i + c]);
        count += 3;
    }
    return sum / count;
};
(async () => {
    const video = await open("/spliced.mp4"), plain = await open("/plain.mp4");
    const first = await shown(plain, 0), inside = [], outside = [], others = [];
    for (const index of sought) {
        const ours = await shown(video, index), theirs = await shown(plain, index);
        inside.push(difference(ours, theirs, true));
        outside.push(difference(ours, theirs, false));
        others.push(difference(ours, first, true));
    }
    await shown(video, 0);
    const ended = once(video, "ended");
    await video.play();
    await ended;
    const {totalVideoFrames, corruptedVideoFrames} = video.getVideoPlaybackQuality();
    return {inside, outside, others, duration: video.duration, size: [video.videoWidth, video.videoHeight], totalVideoFrames, corruptedVideoFrames};
})().then(seen => seen, error => ({error: String(error)})).then(seen => fetch("/seen", {method: "POST", body: JSON.stringify(seen)}));
</script>"#;

#[test]
fn chromium_plays_and_seeks() {
    if !Command::new("chromium").arg("--version").output().is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: chromium is not installed");
        return;
    }
    if !shows_a_page() {
        eprintln!("skipped: chromium cannot show a page on this machine");
        return;
    }
    let film = Film::new((640, 360), Fps { num: 25, den: 1 }, 36, &[MOVING]);
    let read = |path| std::fs::read(film.encode(path)).unwrap();
    let plain = read(EncodePath::Plain);
    for shape in [Shape::Band, Shape::Tile] {
        let seen = browse(&read(EncodePath::Spliced(shape)), &plain);
        assert!(seen["error"].is_null(), "{shape:?}: {seen}");
        assert_eq!((&seen["size"][0], &seen["size"][1]), (&640.into(), &360.into()));
        assert!((seen["duration"].as_f64().unwrap() - 1.44).abs() < 0.001, "{seen}");
        let all = |name: &str, fits: &dyn Fn(f64) -> bool| {
            let values = seen[name].as_array().unwrap();
            values.len() == SOUGHT.len() && values.iter().all(|v| fits(v.as_f64().unwrap()))
        };
        assert!(all("inside", &|d| d < 2.0) && all("outside", &|d| d < 2.5), "{shape:?}: {seen}");
        assert!(all("others", &|d| d > 3.0), "the frames that are sought differ: {seen}");
        assert_eq!(seen["corruptedVideoFrames"], 0, "{seen}");
        assert!(seen["totalVideoFrames"].as_u64().unwrap() >= 30, "{seen}");
    }
}

/// Whether it works at all: in some containers it does not.
fn shows_a_page() -> bool {
    let folder = Folder::new();
    let limit = PATIENCE.as_secs().to_string();
    let shown = Command::new("timeout")
        .args(["--kill-after=5", &limit])
        .args(browser(&folder))
        .args(["--dump-dom", "data:text/html,<p>it works"])
        .env("TMPDIR", folder.path())
        .output();
    shown.is_ok_and(|o| String::from_utf8_lossy(&o.stdout).contains("it works"))
}

/// How it is called.
fn browser(folder: &Folder) -> Vec<String> {
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    let flags = [
        "chromium",
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
    ];
    let more = [
        "--no-first-run",
        "--mute-audio",
        "--autoplay-policy=no-user-gesture-required",
        &profile,
    ];
    flags.iter().chain(&more).map(ToString::to_string).collect()
}

/// What the page saw.
fn browse(video: &[u8], plain: &[u8]) -> serde_json::Value {
    let folder = Folder::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let call = browser(&folder);
    let mut browser = Command::new(&call[0])
        .args(&call[1..])
        .env("TMPDIR", folder.path())
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
    let seen = serve(&listener, video, plain);
    drop(over);
    browser.kill().unwrap();
    browser.wait().unwrap();
    seen
}

fn serve(listener: &TcpListener, video: &[u8], plain: &[u8]) -> serde_json::Value {
    let Region { x, y, width, height } = MOVING;
    let moving = [x, y, x + width, y + height];
    let page = PAGE
        .replace("SOUGHT", &format!("{SOUGHT:?}"))
        .replace("MOVING", &format!("{moving:?}"));
    loop {
        let (mut stream, _) = listener.accept().unwrap();
        let Some(Request { path, first, body }) = Request::read(&stream) else {
            continue;
        };
        match path.as_str() {
            "/seen" => {
                answer(&mut stream, "application/json", b"{}", None);
                return serde_json::from_slice(&body).unwrap();
            }
            "/" => answer(&mut stream, "text/html", page.as_bytes(), None),
            "/spliced.mp4" => answer(&mut stream, "video/mp4", video, first),
            "/plain.mp4" => answer(&mut stream, "video/mp4", plain, first),
            _ => answer(&mut stream, "text/plain", b"", None),
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
