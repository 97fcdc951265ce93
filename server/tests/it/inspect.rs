//! `mouthpiece inspect`.

use crate::pictures::{astronaut, collage, hopper, of};
use crate::studio::Studio;

#[test]
fn a_good_photo_is_described() {
    let studio = Studio::new();
    studio.bring("hopper.jpg", "render/tests/media/grace_hopper.jpg");
    let told = studio.report("inspect hopper.jpg");
    assert_eq!((told["width"].as_u64(), told["height"].as_u64()), (Some(512), Some(600)));
    assert_eq!(
        (&told["verdict"]["good"], &told["verdict"]["problems"]),
        (&true.into(), &serde_json::json!([]))
    );
    let pose = &told["face"]["pose"];
    assert!(
        ["yaw", "pitch", "roll"]
            .iter()
            .all(|turn| pose[turn].as_f64().unwrap().abs() < 20.0),
        "{pose}"
    );
    let ran = studio.run("inspect hopper.jpg");
    assert_eq!(ran.code, Some(0));
    for words in ["a JPEG picture, 512x600 pixels", "between the eyes", "good avatar: yes"] {
        assert!(ran.out.contains(words), "{}", ran.out);
    }
}

#[test]
fn two_faces_are_counted() {
    let studio = Studio::new();
    studio.save("two.png", &collage(1024, 600, &[(&astronaut(), 0, 40), (&hopper(), 512, 0)]));
    let told = studio.report("inspect two.png");
    assert_eq!(told["other_faces"].as_array().unwrap().len(), 1);
    assert!(told["face"]["box"][0].as_f64().unwrap() > 512.0, "the larger one is taken: {told}");
    let ran = studio.run("inspect two.png");
    assert!(
        ran.out.contains("other faces: 1") && ran.out.contains("the largest speaks"),
        "{}",
        ran.out
    );
}

/// A photo that is no good has still been looked at: that is no failure.
#[test]
fn a_photo_without_a_face_is_no_avatar() {
    let studio = Studio::new();
    studio.save("flat.png", &of(320, 240, |x, y| [x as u8, y as u8, 90, 255]));
    let told = studio.report("inspect flat.png");
    assert_eq!((&told["verdict"]["good"], &told["face"]), (&false.into(), &serde_json::Value::Null));
    assert_eq!(told["verdict"]["problems"][0]["kind"], "no_face");
    let ran = studio.run("inspect flat.png");
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.out.contains("face: none") && ran.out.contains("good avatar: no, because no face was found"),
        "{}",
        ran.out
    );
}

#[test]
fn what_was_seen_is_drawn() {
    let studio = Studio::furnished();
    studio.report("inspect face.png --overlay out/seen.png");
    let (drawn, photo) = (studio.picture("out/seen.png"), studio.picture("face.png"));
    assert_eq!((drawn.width, drawn.height), (photo.width, photo.height));
    let changed = |rows: std::ops::Range<usize>| {
        let part = |p: &mouthpiece_render::media::Picture| p.rgba[rows.start * 2048..rows.end * 2048].to_vec();
        crate::pictures::difference(&part(&drawn), &part(&photo))
    };
    assert!(
        changed(70..180) > 1.0 && changed(400..512) < 0.01,
        "the face is drawn on, and nothing else"
    );
    assert_eq!(studio.outputs(), ["seen.png"]);
    let words = ["voice.wav", "--overlay draws on photos", "a WAV recording"];
    studio.refuses("inspect voice.wav --overlay out/none.png", 2, "scene_invalid", &words);
}

#[test]
fn an_overlay_that_cannot_be_written_is_told() {
    let words = ["the output cannot be written", "its folder does not exist"];
    Studio::furnished().refuses("inspect face.png --overlay nowhere/seen.png", 3, "output_unwritable", &words);
}

#[test]
fn a_recording_is_described() {
    let studio = Studio::furnished();
    let told = studio.report("inspect voice.wav");
    assert_eq!(
        (told["rate"].as_u64(), told["channels"].as_u64(), told["codec"].as_str()),
        (Some(16_000), Some(1), Some("pcm_s16le"))
    );
    assert!((told["seconds"].as_f64().unwrap() - 1.0).abs() < 0.001);
    assert_eq!(told["verdict"]["good"], true);
    studio.write("silence.wav", &crate::pictures::wav(1, 16, 8000, 2, &[0; 32_000]));
    let told = studio.report("inspect silence.wav");
    assert_eq!(
        (&told["verdict"]["good"], &told["peak_dbfs"]),
        (&false.into(), &serde_json::Value::Null)
    );
    let ran = studio.run("inspect silence.wav");
    assert!(
        ran.out.contains("8000 Hz, 2 channels") && ran.out.contains("good recording: no, because"),
        "{}",
        ran.out
    );
}

#[test]
fn what_is_neither_is_refused() {
    let studio = Studio::new();
    studio.write("notes.png", b"Dear diary,\n");
    studio.refuses(
        "inspect notes.png",
        2,
        "file_unreadable",
        &["notes.png", "a text file", "give a PNG"],
    );
    studio.refuses("inspect gone.png", 2, "file_unreadable", &["gone.png", "does not exist"]);
}
