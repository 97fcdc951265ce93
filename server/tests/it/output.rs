//! Where the video goes, and the machine that must make it.

use std::path::Path;

use crate::studio::{Studio, ran};

fn args(output: &str) -> String {
    format!("render --avatar face.png --audio voice.wav --size 256x256 -o {output}")
}

#[test]
fn a_missing_folder_is_refused() {
    let words = [
        "the output cannot be written",
        "its folder does not exist",
        "choose another place with -o",
    ];
    Studio::furnished().refuses(&args("nowhere/video.mp4"), 3, "output_unwritable", &words);
}

#[test]
fn a_folder_is_no_output() {
    let words = ["the output cannot be written", "it is a folder", "choose another place with -o"];
    Studio::furnished().refuses(&args("out"), 3, "output_unwritable", &words);
}

#[test]
fn a_device_is_no_output() {
    let words = ["the output cannot be written", "a device or a pipe", "choose another place with -o"];
    Studio::furnished().refuses(&args("/dev/null"), 3, "output_unwritable", &words);
}

#[test]
fn a_read_only_folder_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let studio = Studio::furnished();
    std::fs::set_permissions(studio.path("out"), std::fs::Permissions::from_mode(0o555)).unwrap();
    if std::fs::File::create(studio.path("out/try")).is_ok() {
        eprintln!("skipped: root may write everywhere; a_read_only_disk_is_refused shows the same");
        return;
    }
    let words = [
        "the output cannot be written",
        "its folder may not be written to",
        "make its folder writable",
    ];
    studio.refuses(&args("out/video.mp4"), 3, "output_unwritable", &words);
}

/// Runs the program for machines with another disk at `out`; gives its status, its last line and what is left on that disk.
///
/// The disk is mounted in a name space of its own and goes with the program. `None`, and a word why, where that cannot be.
fn with_disk(studio: &Studio, options: &str, args: &str) -> Option<(Option<i32>, serde_json::Value, String)> {
    let script = format!(
        "mount -t tmpfs -o {options} none out || exit 99; {} {args} --json >told 2>complaints; echo $? >status; ls -A out >left",
        env!("CARGO_BIN_EXE_mouthpiece")
    );
    let mut command = studio.there(Path::new("unshare"));
    let done = ran({
        command.args(["-Urm", "sh", "-c", &script]);
        command
    });
    if done.code != Some(0) {
        eprintln!("skipped: no disk can be mounted here: {}", done.err.trim());
        return None;
    }
    let read = |name: &str| std::fs::read_to_string(studio.path(name)).unwrap();
    let told = read("told");
    let last = told.lines().last().and_then(|line| serde_json::from_str(line).ok());
    Some((
        read("status").trim().parse().ok(),
        last.unwrap_or_else(|| panic!("{told} {}", read("complaints"))),
        read("left"),
    ))
}

#[test]
fn a_full_disk_is_told_and_nothing_stays_on_it() {
    // The first has room for the beginning of the video, the second hardly for its name.
    for size in ["size=16k", "size=4k,nr_inodes=2"] {
        let Some((status, told, left)) = with_disk(&Studio::furnished(), size, &args("out/video.mp4")) else {
            return;
        };
        assert_eq!(
            (status, told["error"]["kind"].as_str()),
            (Some(3), Some("disk_full")),
            "{size}: {told}"
        );
        assert!(
            told["error"]["message"]
                .as_str()
                .unwrap()
                .contains("the disk is full; free some space"),
            "{told}"
        );
        assert_eq!((told["error"]["retry"].as_bool(), left.as_str()), (Some(true), ""), "{size}");
    }
}

/// The video fits, its poster does not: half of what was asked for is not left behind as if it were all.
#[test]
fn a_disk_too_full_for_the_poster_is_told() {
    let studio = Studio::furnished();
    let args = format!("{} --poster out/poster.png", args("out/video.mp4").replace("256x256", "640x640"));
    let Some((status, told, left)) = with_disk(&studio, "size=256k", &args) else {
        return;
    };
    assert_eq!((status, told["error"]["kind"].as_str()), (Some(3), Some("disk_full")), "{told}");
    assert_eq!(left, "");
}

#[test]
fn a_read_only_disk_is_refused() {
    let Some((status, told, left)) = with_disk(&Studio::furnished(), "ro", &args("out/video.mp4")) else {
        return;
    };
    assert_eq!(
        (status, told["error"]["kind"].as_str()),
        (Some(3), Some("output_unwritable")),
        "{told}"
    );
    assert!(
        told["error"]["help"].as_str().unwrap().contains("make its folder writable"),
        "{told}"
    );
    assert_eq!(left, "");
}

#[test]
fn a_missing_ffmpeg_is_told_with_its_remedy() {
    let studio = Studio::furnished();
    let before = studio.files();
    for flag in ["--json", "--quiet"] {
        let mut command = studio.command(&args("out/video.mp4"));
        command.arg(flag).env("PATH", studio.path("out"));
        let ran = ran(command);
        assert_eq!(ran.code, Some(3), "{} {}", ran.out, ran.err);
        let told = if flag == "--json" {
            ran.report()["error"].to_string()
        } else {
            ran.err.clone()
        };
        for word in ["is not installed", "apt-get install ffmpeg", "mouthpiece doctor"] {
            assert!(told.contains(word), "{told}");
        }
        if flag == "--json" {
            assert_eq!(
                (&ran.report()["error"]["kind"], &ran.report()["error"]["fault"]),
                (&"tool_missing".into(), &"machine".into())
            );
        }
    }
    assert_eq!(studio.files(), before);
}

/// ffmpeg is there and dies in the middle of its work.
#[test]
fn an_ffmpeg_that_breaks_down_leaves_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let studio = Studio::furnished();
    studio.write(
        "breaks",
        b"#!/bin/sh\ncase \"$*\" in *libx264*) head -c 200000 >/dev/null; exit 1;; esac\nexec ffmpeg \"$@\"\n",
    );
    std::fs::set_permissions(studio.path("breaks"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = studio.command(&args("out/video.mp4"));
    command.arg("--json").env("MOUTHPIECE_FFMPEG", studio.path("breaks"));
    let ran = ran(command);
    assert_eq!(
        (ran.code, ran.report()["error"]["kind"].as_str()),
        (Some(3), Some("tool_failed")),
        "{} {}",
        ran.out,
        ran.err
    );
    assert!(
        !ran.out.contains("studio-") && studio.outputs().is_empty(),
        "{} {:?}",
        ran.out,
        studio.outputs()
    );
}

#[test]
fn an_input_is_not_written_over() {
    let studio = Studio::furnished();
    let words = ["face.png is read by this scene and would be overwritten", "choose another output"];
    studio.refuses(&args("face.png"), 2, "scene_invalid", &words);
    studio.refuses(&format!("{} --poster face.png", args("out/video.mp4")), 2, "scene_invalid", &words);
}

/// What was there stays there until the new video is complete.
#[test]
fn a_failure_leaves_the_old_video_alone() {
    let studio = Studio::furnished();
    studio.write("out/video.mp4", b"the old one");
    studio.write("silence.wav", &crate::pictures::wav(1, 16, 16_000, 1, &[0; 32_000]));
    studio.refuses(
        &args("out/video.mp4").replace("voice.wav", "silence.wav"),
        2,
        "audio_silent",
        &["the recording is silent"],
    );
    studio.report(&args("out/video.mp4"));
    assert!(std::fs::metadata(studio.path("out/video.mp4")).unwrap().len() > 1000);
    assert_eq!(studio.outputs(), ["video.mp4"]);
}
