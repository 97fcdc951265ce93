//! `mouthpiece speak`.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::studio::{Studio, ran};

const TEXT: &str = "Good morning, Peter. The meeting begins at half past ten.";

#[test]
fn a_text_becomes_a_recording_with_its_times() {
    let studio = Studio::new();
    studio.write("text.txt", TEXT.as_bytes());
    let told = studio.report("speak --file text.txt -o out/said.wav --captions srt --phonemes out/said.json");
    let seconds = told["seconds"].as_f64().unwrap();
    assert!((2.0..7.0).contains(&seconds), "{told}");
    assert_eq!(
        (told["characters"].as_u64(), told["language"].as_str()),
        (Some(TEXT.len() as u64), Some("en-US"))
    );
    let probed = studio.ffprobe("-show_entries stream=codec_name,sample_rate,channels,duration out/said.wav");
    let stream = &probed["streams"][0];
    assert_eq!(
        (stream["codec_name"].as_str(), stream["sample_rate"].as_str()),
        (Some("pcm_s16le"), Some("24000"))
    );
    assert!(
        (stream["duration"].as_str().unwrap().parse::<f64>().unwrap() - seconds).abs() < 0.05,
        "{probed}"
    );

    let words: Vec<&str> = told["words"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| w["text"].as_str().unwrap())
        .collect();
    assert_eq!(words.join(" "), TEXT);
    let captions = std::fs::read_to_string(studio.path("out/said.srt")).unwrap();
    assert!(
        captions.starts_with("1\n00:00:00,") && captions.contains("Good morning, Peter."),
        "{captions}"
    );
    let phonemes: Value = serde_json::from_slice(&std::fs::read(studio.path("out/said.json")).unwrap()).unwrap();
    let first = &phonemes[0];
    assert_eq!(first["symbol"], "ɡ", "{phonemes}");
    assert!(first["end"].as_f64().unwrap() < 0.5, "speech begins at once: {first}");
    assert_eq!(studio.outputs(), ["said.json", "said.srt", "said.wav"]);
}

#[test]
fn options_do_what_they_say() {
    let studio = Studio::new();
    studio.write("text.txt", TEXT.as_bytes());
    let plain = studio.report("speak --file text.txt -o out/plain.wav");
    let slow = studio.report("speak --file text.txt -o out/slow.mp3 --speed 0.5 --pitch -3 --rate 44100 --channels 2 --bitrate 128");
    let ratio = slow["seconds"].as_f64().unwrap() / plain["seconds"].as_f64().unwrap();
    assert!((1.5..2.5).contains(&ratio), "{ratio}");
    let probed = studio.ffprobe("-show_entries stream=codec_name,sample_rate,channels,bit_rate out/slow.mp3");
    let stream = &probed["streams"][0];
    assert_eq!(
        (
            &stream["codec_name"],
            &stream["sample_rate"],
            &stream["channels"],
            &stream["bit_rate"]
        ),
        (&"mp3".into(), &"44100".into(), &2.into(), &"128000".into())
    );
}

#[test]
fn text_comes_from_the_command_line_and_from_a_pipe() {
    let studio = Studio::new();
    let mut command = studio.command("speak -o out/said.wav --json");
    command.arg("Hello there.");
    let from_line = ran(command).report();

    let mut command = studio.command("speak --file - -o out/piped.wav --json");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"Hello there.\n").unwrap();
    let done = child.wait_with_output().unwrap();
    let piped: Value = serde_json::from_str(String::from_utf8(done.stdout).unwrap().lines().last().unwrap()).unwrap();
    assert_eq!(
        (piped["ok"].as_bool(), &piped["seconds"]),
        (Some(true), &from_line["seconds"]),
        "{piped}"
    );
}

#[test]
fn markup_and_a_dictionary_are_heard() {
    let studio = Studio::new();
    studio.write("plain.txt", b"Hello there.");
    studio.write("pause.txt", b"Hello <break time=\"1500ms\"/> there.");
    let plain = studio.report("speak --file plain.txt -o out/a.wav");
    let pause = studio.report("speak --ssml --file pause.txt -o out/b.wav");
    let longer = pause["seconds"].as_f64().unwrap() - plain["seconds"].as_f64().unwrap();
    assert!((1.0..2.5).contains(&longer), "{longer}");

    studio.write("words.json", "{\"there\": \"/pˈɑpə/\"}".as_bytes());
    studio.report("speak --file plain.txt --dictionary words.json -o out/c.wav --phonemes out/c.json");
    let phonemes = std::fs::read_to_string(studio.path("out/c.json")).unwrap();
    assert_eq!(phonemes.matches("\"p\"").count(), 2, "{phonemes}");
}

/// Phonemes are what `render` reads, so that a mouth can follow them.
#[test]
fn phonemes_are_for_the_renderer() {
    let studio = Studio::furnished();
    studio.write("text.txt", b"Pepper.");
    studio.report("speak --file text.txt -o out/said.wav --phonemes out/said.json");
    let told = studio.report("render --avatar face.png --audio out/said.wav --phonemes out/said.json --size 256x256 -o out/said.mp4");
    assert!(told["frames"].as_u64() > Some(5), "{told}");
}

#[test]
fn what_cannot_be_spoken_is_told() {
    let studio = Studio::new();
    for (name, text, words) in [
        ("empty.txt", "  \n", "empty"),
        ("emoji.txt", "😀 🎉", "nothing"),
        ("control.txt", "one \u{1} two", "control character"),
        ("long.txt", &"word ".repeat(12_000), "50000"),
    ] {
        studio.write(name, text.as_bytes());
        studio.refuses(&format!("speak --file {name} -o out/x.wav"), 2, "text_invalid", &[words]);
    }
    studio.write("latin.txt", b"caf\xe9");
    studio.refuses(
        "speak --file latin.txt -o out/x.wav",
        2,
        "text_invalid",
        &["--file latin.txt", "UTF-8"],
    );
    studio.refuses(
        "speak --file gone.txt -o out/x.wav",
        2,
        "file_unreadable",
        &["--file", "gone.txt", "no such file"],
    );
    studio.write("tag.txt", b"Hello <audio src='x'/> there.");
    studio.refuses("speak --ssml --file tag.txt -o out/x.wav", 2, "text_invalid", &["audio"]);
}

#[test]
fn options_that_make_no_sense_are_told() {
    let studio = Studio::new();
    studio.write("text.txt", TEXT.as_bytes());
    let text = "speak --file text.txt";
    studio.refuses(&format!("{text} -o out/x.ogg"), 2, "scene_invalid", &[".wav or .mp3", "--format"]);
    studio.refuses(
        &format!("{text} -o out/x.wav --bitrate 64"),
        2,
        "scene_invalid",
        &["--bitrate", "mp3"],
    );
    studio.refuses(
        &format!("{text} -o text.txt --format wav"),
        2,
        "scene_invalid",
        &["text.txt", "overwritten"],
    );
    studio.refuses(
        &format!("{text} -o out/x.wav --phonemes out/x.wav"),
        2,
        "scene_invalid",
        &["written twice"],
    );
    studio.refuses(
        &format!("{text} -o out/x.wav --voice nobody"),
        2,
        "voice_unknown",
        &["nobody", "voice list"],
    );
    studio.refuses(&format!("{text} -o gone/x.wav"), 3, "output_unwritable", &["-o"]);
    studio.write("words.json", b"[1]");
    studio.refuses(
        &format!("{text} -o out/x.wav --dictionary words.json"),
        2,
        "scene_invalid",
        &["--dictionary words.json", "write it like"],
    );
    for wrong in [
        "--speed 3",
        "--pitch -13",
        "--volume 7",
        "--rate 4000",
        "--channels 3",
        "--captions txt",
    ] {
        let ran = studio.run(&format!("{text} -o out/x.wav {wrong} --json"));
        assert_eq!(
            (ran.code, ran.report()["error"]["kind"].as_str()),
            (Some(2), Some("usage")),
            "{wrong}"
        );
    }
    assert_eq!(studio.run("speak -o out/x.wav").code, Some(2), "neither a text nor a file");
}
