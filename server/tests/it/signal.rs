//! Ctrl-C and worse, in the middle of the work.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::studio::Studio;

/// A run of the program in its own words.
///
/// All programs that it starts hold the other end of the pipe that we read: when it ends, the last of them has ended.
struct Running {
    child: Child,
    words: BufReader<ChildStdout>,
}

/// How it ended.
struct Ended {
    status: ExitStatus,
    rest: String,
    /// From the signal until the last program was gone.
    after: Duration,
}

impl Running {
    fn start(studio: &Studio, args: &str) -> Self {
        let mut command = studio.there(Path::new("sh"));
        // Descriptor 9 stays open in whatever is started from here on.
        command.args(["-c", "exec \"$0\" \"$@\" 9>&1", env!("CARGO_BIN_EXE_mouthpiece")]);
        command
            .args(args.split_whitespace())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let words = BufReader::new(child.stdout.take().unwrap());
        Self { child, words }
    }

    /// Starts half a minute of video and waits until its first frames are drawn.
    fn drawing(studio: &Studio) -> Self {
        studio.ffmpeg("-stream_loop 30 -i voice.wav -t 30 long.wav");
        let args = "render --avatar face.png --audio long.wav --size 640x360 -o out/video.mp4 --poster out/poster.png --json";
        let mut running = Self::start(studio, args);
        loop {
            let event = running.line();
            let event: Value = serde_json::from_str(&event).unwrap_or_else(|e| panic!("{e}: {event}"));
            assert_ne!(event["ok"], false, "{event}");
            if event["stage"] == "drawing" && event["total"].as_u64() > Some(1) && event["done"].as_u64() > Some(0) {
                return running;
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.words.read_line(&mut line).unwrap();
        line
    }

    fn id(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Sends a signal to the program alone and waits for the end of it and of all that it started.
    fn signalled(mut self, signal: Signal) -> Ended {
        let begun = Instant::now();
        kill(self.id(), signal).unwrap();
        let (tell, told) = mpsc::channel();
        let mut words = self.words;
        std::thread::spawn(move || {
            let mut rest = String::new();
            let read = words.read_to_string(&mut rest).map(|_| rest);
            let _ = tell.send((read.unwrap(), begun.elapsed()));
        });
        let status = self.child.wait().unwrap();
        let (rest, after) = told.recv_timeout(Duration::from_secs(20)).expect("a program is left behind");
        Ended { status, rest, after }
    }
}

/// The programs that a program has started and that still run, by their names.
fn children(of: Pid) -> Vec<(i32, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        let (Some(open), Some(close)) = (stat.find('('), stat.rfind(')')) else {
            continue;
        };
        let parent = stat[close + 1..].split_whitespace().nth(1).and_then(|p| p.parse().ok());
        if parent == Some(of.as_raw()) {
            found.push((stat[..open].trim().parse().unwrap(), stat[open + 1..close].to_owned()));
        }
    }
    found
}

/// The encoder of a running render; it is seen to hold our pipe.
fn encoder(running: &Running) -> i32 {
    let (id, name) = children(running.id()).pop().expect("an encoder runs");
    assert_eq!(name, "ffmpeg");
    assert!(
        Path::new(&format!("/proc/{id}/fd/9")).exists(),
        "the encoder does not hold the pipe by which we see its end"
    );
    id
}

fn stops(signal: Signal) {
    let studio = Studio::furnished();
    let running = Running::drawing(&studio);
    let encoder = encoder(&running);
    assert!(!studio.outputs().is_empty(), "parts are being written");
    let ended = running.signalled(signal);
    println!("{signal}: the last program was gone after {:?}", ended.after);
    assert_eq!(ended.status.code(), Some(130));
    assert!(ended.after < Duration::from_secs(2), "{:?}", ended.after);
    assert!(!Path::new(&format!("/proc/{encoder}")).exists(), "the encoder was not waited for");
    let last: Value = serde_json::from_str(ended.rest.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["error"]["kind"], &last["error"]["fault"]),
        (&"cancelled".into(), &"nobody".into())
    );
    assert_eq!(studio.outputs(), [""; 0]);
    assert!(
        !studio.files().iter().any(|(name, _)| name.starts_with("tmp/")),
        "{:?}",
        studio.files()
    );
}

#[test]
fn ctrl_c_leaves_nothing() {
    stops(Signal::SIGINT);
}

#[test]
fn a_polite_kill_leaves_nothing() {
    stops(Signal::SIGTERM);
}

/// Nothing can be tidied then, but no program runs on.
#[test]
fn a_hard_kill_leaves_no_program() {
    let studio = Studio::furnished();
    let running = Running::drawing(&studio);
    encoder(&running);
    let ended = running.signalled(Signal::SIGKILL);
    assert_eq!(ended.status.code(), None);
    assert!(ended.after < Duration::from_secs(2), "{:?}", ended.after);
    assert!(!studio.path("out/video.mp4").exists(), "what is not complete has no name");
}

/// The bench runs us, and we run ffmpeg: all of them end.
#[test]
fn ctrl_c_ends_a_bench_and_all_below_it() {
    let studio = Studio::new();
    let mut running = Running::start(&studio, "bench --seconds 60 --sizes 720p --rounds 1 --ways band,veryfast");
    let mut complaints = BufReader::new(running.child.stderr.take().unwrap());
    let mut line = String::new();
    complaints.read_line(&mut line).unwrap();
    assert!(line.contains("round 1 of 1: mouthpiece, "), "{line}");
    let ended = running.signalled(Signal::SIGINT);
    assert_eq!(ended.status.code(), Some(130));
    assert!(ended.after < Duration::from_secs(2), "{:?}", ended.after);
    assert!(
        !studio.files().iter().any(|(name, _)| name.starts_with("tmp/")),
        "{:?}",
        studio.files()
    );
}
