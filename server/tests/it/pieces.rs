//! `mouthpiece render --frames` and `mouthpiece join`.

use crate::studio::Studio;

#[test]
fn pieces_are_joined_to_the_same_video() {
    let studio = Studio::furnished();
    studio.speech("four.wav", 4.5);
    let render = "render --avatar face.png --audio four.wav --size 128x128";
    studio.report(&format!("{render} -o out/whole.mp4"));
    let one = studio.report(&format!("{render} --frames ..60 -o out/one.piece"));
    assert_eq!(
        (&one["frames"], &one["drawn"]),
        (&113.into(), &serde_json::json!({"start": 0, "end": 50}))
    );
    let ran = studio.run(&format!("{render} --frames 60.. -o out/other.piece"));
    assert!(ran.code == Some(0) && ran.out.contains("(frames 50 to 113 of 113)"), "{}", ran.out);
    let joined = studio.report("join out/other.piece out/one.piece -o out/joined.mp4");
    assert_eq!((&joined["frames"], &joined["captions"]), (&113.into(), &serde_json::json!([])));
    let read = |name: &str| std::fs::read(studio.path(name)).unwrap();
    assert!(read("out/joined.mp4") == read("out/whole.mp4"));

    for (args, told) in [
        ("join out/one.piece -o out/x.mp4", "--frames 50..113"),
        ("join out/one.piece out/other.piece -o out/one.piece", "one of the pieces"),
        ("render --avatar face.png --audio four.wav --frames 3 -o out/x.piece", "100..250"),
        (
            "render --avatar face.png --audio four.wav --size 128x128 --frames 4/9 -o out/x.piece",
            "3 key frames",
        ),
    ] {
        let ran = studio.run(args);
        assert!(ran.code == Some(2) && ran.err.contains(told), "{args}: {}", ran.err);
    }
    assert_eq!(studio.outputs(), ["joined.mp4", "one.piece", "other.piece", "whole.mp4"]);
}
