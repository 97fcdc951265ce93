//! Prepared avatars at the command line.

use serde_json::Value;

use crate::studio::Studio;

/// A second of a slow zoom at 25 frames a second.
fn studio() -> Studio {
    let studio = Studio::furnished();
    studio.ffmpeg(
        "-loop 1 -framerate 25 -i face.png -vf zoompan=z='1+0.02*on/25':d=1:s=320x320:fps=25 -t 1 -c:v libx264 -pix_fmt yuv420p clip.mp4",
    );
    studio
}

#[test]
fn a_clip_is_built_inspected_and_speaks() {
    let studio = studio();
    let built = studio.report("avatar build clip.mp4 -o out/name.avatar");
    assert_eq!(
        (&built["built"], &built["frames"], &built["width"]),
        (&true.into(), &25.into(), &320.into()),
        "{built}"
    );
    let again = studio.report("avatar build clip.mp4 -o out/name.avatar");
    assert_eq!(again["built"], false);
    let seen = studio.report("inspect out/name.avatar");
    for key in ["report", "source_sha256", "bytes", "fps"] {
        assert_eq!(seen[key], built[key], "{key}");
    }
    assert_eq!(seen["type"], "pack");
    let told = studio.run("inspect out/name.avatar");
    for words in [
        "a prepared avatar",
        "usable: 1.0 s of 1.0 s (100 %)",
        "the mouth is at rest",
        "missing: only 1 s",
    ] {
        assert!(told.out.contains(words), "{}", told.out);
    }
    std::fs::remove_file(studio.path("clip.mp4")).unwrap();
    let made = studio.report("render --avatar out/name.avatar --audio voice.wav --size 256x256 -o out/video.mp4");
    assert_eq!(made["frames"], 25);
    assert!(made["stages"].get("preparing").is_none(), "{made}");
    assert_eq!(studio.outputs(), ["name.avatar", "video.mp4"]);
}

#[test]
fn a_second_render_of_a_clip_does_not_prepare_it_again() {
    let studio = studio();
    let stages = |out: &str| -> Value {
        let args = format!("render --avatar clip.mp4 --audio voice.wav --size 256x256 -o out/{out}");
        studio.report(&args)["stages"].clone()
    };
    assert!(stages("one.mp4").get("preparing").is_some());
    assert!(stages("two.mp4").get("preparing").is_none());
    let same = std::fs::read(studio.path("out/one.mp4")).unwrap() == std::fs::read(studio.path("out/two.mp4")).unwrap();
    assert!(same, "a kept pack gives another video");
}

#[test]
fn what_is_no_clip_is_refused() {
    let studio = Studio::furnished();
    studio.refuses(
        "avatar build face.png -o out/name.avatar",
        2,
        "video_unreadable",
        &["face.png", "PNG picture"],
    );
    studio.refuses(
        "avatar build gone.mp4 -o out/name.avatar",
        2,
        "file_unreadable",
        &["gone.mp4", "does not exist"],
    );
    let mut pack = b"\x89MPAVTR\n".to_vec();
    pack.extend(9u32.to_le_bytes());
    pack.extend([0; 500]);
    studio.write("new.avatar", &pack);
    studio.refuses(
        "render --avatar new.avatar --audio voice.wav -o out/video.mp4",
        2,
        "avatar_unreadable",
        &["avatar new.avatar", "newer version"],
    );
    assert!(studio.outputs().is_empty());
}
