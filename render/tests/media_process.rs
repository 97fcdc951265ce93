//! Programs that are missing, hang, or would outlive us.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and starts programs itself"
)]

#[path = "media/common.rs"]
mod common;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Folder, noise, pretend, wav};
use mouthpiece_render::error::{Error, Kind};
use mouthpiece_render::media::encode::{EncodePath, EncodeSettings, Encoder, KEY_SECONDS, Quality};
use mouthpiece_render::media::sound::{Limits, probe};
use mouthpiece_render::media::{Planes, Tools, tools};
use mouthpiece_render::scene::Fps;

fn start(folder: &Path, tools: &Tools) -> Result<Encoder, Error> {
    let sound = folder.join("sound.wav");
    std::fs::write(&sound, wav(48_000, 1, &noise(4_800))).unwrap();
    Encoder::start(&EncodeSettings {
        width: 640,
        height: 480,
        fps: Fps::DEFAULT,
        frames: 1000,
        sound: &sound,
        facts: &probe(&sound, &Limits::default(), &Tools::default()).unwrap(),
        output: &folder.join("out.mp4"),
        quality: Quality::Draft,
        path: EncodePath::Plain,
        moving: &[],
        key_seconds: KEY_SECONDS,
        tools,
    })
}

fn write_on(encoder: &mut Encoder) -> Error {
    let frame = Planes::filled(640, 480, [0; 3]).unwrap();
    (0..1000).find_map(|_| encoder.write(&frame).err()).unwrap()
}

#[test]
fn the_doctor_sees_what_is_there() {
    let report = tools::check().unwrap();
    assert!(report.libx264 && report.aac, "{report:?}");
    assert!(report.version.starts_with(|c: char| c.is_ascii_alphanumeric()), "{report:?}");
}

#[test]
fn a_missing_program_is_named_with_its_remedy() {
    let folder = Folder::new();
    let none = Tools {
        ffmpeg: "no-such-program".into(),
        ffprobe: folder.join("no/ffprobe"),
        ..Tools::default()
    };
    let error = none.check().unwrap_err();
    assert_eq!(error.kind, Kind::ToolMissing);
    assert_eq!(
        error.to_string(),
        "ffprobe is not installed; install it with: sudo apt-get install ffmpeg"
    );
    let error = start(folder.path(), &none).unwrap_err();
    assert_eq!(
        (error.kind, error.to_string().starts_with("ffmpeg is not installed")),
        (Kind::ToolMissing, true)
    );
    let sound = folder.join("sound.wav");
    assert_eq!(probe(&sound, &Limits::default(), &none).unwrap_err().kind, Kind::ToolMissing);
    assert_eq!(folder.names(), ["sound.wav"]);
}

#[test]
fn something_else_of_the_name_is_noticed() {
    let folder = Folder::new();
    let error = pretend(folder.script("ffmpeg", "exit 3")).check().unwrap_err();
    assert_eq!(error.kind, Kind::ToolFailed);
}

#[test]
fn a_program_without_the_encoder_is_told() {
    let folder = Folder::new();
    let tools = pretend(folder.script("ffmpeg", "echo \"Unknown encoder 'libx264'\" >&2; exit 1"));
    let error = write_on(&mut start(folder.path(), &tools).unwrap());
    assert_eq!(error.kind, Kind::ToolMissing);
    assert!(error.to_string().contains("libx264"), "{error}");
}

#[test]
fn a_program_that_hangs_is_stopped() {
    let folder = Folder::new();
    // The grandchild holds the pipes open: the whole group must go.
    let mut tools = pretend(folder.script("hang", "sleep 600 & wait"));
    tools.patience = Duration::from_millis(300);
    let begun = Instant::now();
    let error = write_on(&mut start(folder.path(), &tools).unwrap());
    assert_eq!(error.kind, Kind::ToolFailed);
    assert!(error.to_string().contains("no progress"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert_eq!(folder.names(), ["hang", "sound.wav"]);
}

#[test]
fn a_slow_caller_is_not_a_hanging_program() {
    let folder = Folder::new();
    let tools = Tools {
        patience: Duration::from_millis(200),
        ..Tools::default()
    };
    let mut encoder = start(folder.path(), &tools).unwrap();
    let frame = Planes::filled(640, 480, [0; 3]).unwrap();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(500) {
        std::thread::yield_now();
    }
    encoder.write(&frame).unwrap();
}

#[test]
fn memory_is_bounded() {
    let folder = Folder::new();
    let tools = pretend(folder.script("greedy", "ulimit -v >&2; ulimit -t >&2; ulimit -c >&2; exit 1"));
    let error = write_on(&mut start(folder.path(), &tools).unwrap());
    let said = std::error::Error::source(&error).unwrap().to_string();
    assert!(!said.contains("unlimited"), "{said}");
}

#[test]
fn the_environment_is_not_handed_on() {
    let folder = Folder::new();
    let tools = pretend(folder.script("env", "env >&2; exit 1"));
    let error = write_on(&mut start(folder.path(), &tools).unwrap());
    let said = std::error::Error::source(&error).unwrap().to_string();
    assert!(said.contains("LC_ALL=C") && !said.contains("CARGO"), "{said}");
}

/// Not a test of its own: the parent that the next test kills.
#[test]
#[ignore = "run by no_child_survives_the_parent"]
fn parent() {
    let folder = std::path::PathBuf::from(std::env::var_os("MEDIA_TEST_FOLDER").unwrap());
    let tools = pretend(folder.join("linger"));
    // From a thread that ends: the child must live as long as the process, not as long as the thread.
    let encoder = std::thread::spawn(move || start(&folder, &tools)).join().unwrap().unwrap();
    std::thread::park();
    drop(encoder);
}

#[test]
fn no_child_survives_the_parent() {
    let folder = Folder::new();
    let fifo = folder.join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    // It reads nothing, so that only the signal can end it; the fifo ends when its last writer does.
    folder.script("linger", &format!("exec 9>'{}'; echo ready >&9; exec sleep 60", fifo.display()));
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "parent", "--ignored"])
        .env("MEDIA_TEST_FOLDER", folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut pipe = BufReader::new(std::fs::File::open(&fifo).unwrap());
    let mut line = String::new();
    pipe.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let begun = Instant::now();
    parent.kill().unwrap();
    parent.wait().unwrap();
    pipe.read_to_string(&mut line).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20), "the child lived on");
}
