//! `mouthpiece render` with words: texts of recordings, spoken texts, and captions.

use crate::studio::Studio;

/// What the contained speech says in its first seven seconds.
const SAID: &str = "And Mr. John Dashwood had then leisure to consider how much there might be prudently in his power to do for them.";
const SECONDS: f64 = 6.9;

fn reading() -> Studio {
    let studio = Studio::furnished();
    studio.speech("reading.wav", SECONDS);
    studio.write("said.txt", SAID.as_bytes());
    studio
}

#[test]
fn a_recording_with_its_text_gets_captions() {
    let studio = reading();
    let report = studio.report(
        "render --avatar face.png --audio reading.wav --text said.txt --captions burn --caption-size large --size 256x256 --quality draft -o out/video.mp4",
    );
    assert_eq!(report["warnings"], serde_json::json!([]), "{report}");
    assert_eq!(report["captions"], serde_json::json!(["out/video.srt", "out/video.vtt"]));
    assert_eq!(studio.outputs(), ["video.mp4", "video.srt", "video.vtt"]);
    let srt = std::fs::read_to_string(studio.path("out/video.srt")).unwrap();
    let text: Vec<&str> = srt.lines().filter(|l| l.contains(char::is_alphabetic)).collect();
    assert_eq!(text.join(" "), SAID);
    assert!(std::fs::read_to_string(studio.path("out/video.vtt")).unwrap().starts_with("WEBVTT"));

    // The caption lies on the lower part of the picture, and nowhere else.
    studio.report("render --avatar face.png --audio reading.wav --text said.txt --size 256x256 --quality draft -o out/plain.mp4");
    studio.ffmpeg("-ss 3 -i out/video.mp4 -frames:v 1 out/seen.png");
    studio.ffmpeg("-ss 3 -i out/plain.mp4 -frames:v 1 out/plain.png");
    let (seen, plain) = (studio.picture("out/seen.png"), studio.picture("out/plain.png"));
    let apart = |y: usize| {
        (0..256)
            .filter(|x| seen.rgba[(y * 256 + x) * 4].abs_diff(plain.rgba[(y * 256 + x) * 4]) > 60)
            .count()
    };
    assert!((200..240).any(|y| apart(y) > 60), "a caption is seen");
    assert!((0..128).all(|y| apart(y) == 0), "it covers nothing else");
}

#[test]
fn another_text_is_warned_of() {
    let studio = reading();
    studio.write(
        "other.txt",
        b"The museum shop sells posters, maps and wooden model ships, and everybody began to laugh at the strange buzzing noise.",
    );
    let report =
        studio.report("render --avatar face.png --audio reading.wav --text other.txt --captions file --size 128x128 -o out/video.mp4");
    let warning = report["warnings"].to_string();
    assert!(
        warning.contains("does not seem to be what is said") && warning.contains("no captions"),
        "{warning}"
    );
    assert_eq!(studio.outputs(), ["video.mp4"]);
}

#[test]
fn a_text_without_a_recording_is_spoken() {
    let studio = Studio::furnished();
    studio.write("text.txt", b"Good morning, Peter. Please bring the box.");
    let report = studio.report("render --avatar face.png --text text.txt --speed 1.2 --captions file --size 128x128 -o out/video.mp4");
    let seconds = report["seconds"].as_f64().unwrap();
    assert!((1.5..5.0).contains(&seconds), "{report}");
    let srt = std::fs::read_to_string(studio.path("out/video.srt")).unwrap();
    assert!(srt.starts_with("1\n00:00:00,0") && srt.contains("Good morning, Peter."), "{srt}");
    assert_eq!(studio.outputs(), ["video.mp4", "video.srt", "video.vtt"]);
    assert!(
        std::fs::read_dir(studio.path("tmp")).unwrap().next().is_none(),
        "nothing is left behind"
    );
}

#[test]
fn what_cannot_be_is_refused() {
    let studio = Studio::furnished();
    let base = "render --avatar face.png --size 128x128 -o out/video.mp4";
    studio.refuses(&format!("{base} --text hello --voice nobody"), 2, "voice_unknown", &["nobody"]);
    studio.refuses(
        &format!("{base} --audio voice.wav --text hello --language tlh"),
        2,
        "language_unsupported",
        &["language tlh", "en-US"],
    );
    studio.write("empty.txt", b" \n");
    studio.refuses(&format!("{base} --audio voice.wav --text empty.txt"), 2, "text_invalid", &["text"]);
}
