//! An ffmpeg without x264, as many are built: OpenH264 encodes then.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::studio::{Ran, Studio, ran};

/// One whose `poor` is an ffmpeg that neither lists x264 nor encodes with it.
fn studio() -> Studio {
    let studio = Studio::furnished();
    studio.write(
        "poor",
        b"#!/bin/sh\ncase \"$*\" in\n*-encoders*) ffmpeg \"$@\" | grep -v libx264; exit 0;;\n*libx264*) echo \"Unknown encoder 'libx264'\" >&2; exit 1;;\nesac\nexec ffmpeg \"$@\"\n",
    );
    std::fs::set_permissions(studio.path("poor"), std::fs::Permissions::from_mode(0o755)).unwrap();
    studio
}

/// Runs the program with the poor ffmpeg, for machines.
fn poorly(studio: &Studio, args: &str) -> Ran {
    let mut command = studio.command(&format!("{args} --json"));
    command.env("MOUTHPIECE_FFMPEG", studio.path("poor"));
    ran(command)
}

fn report(studio: &Studio, args: &str) -> Value {
    let ran = poorly(studio, args);
    assert_eq!(ran.code, Some(0), "{args}: {} {}", ran.out, ran.err);
    ran.report()
}

/// Bytes of all frames: luma and both chromas.
fn pictures(studio: &Studio, name: &str) -> Vec<u8> {
    studio.ffmpeg(&format!("-xerror -i {name} -map 0:v -f rawvideo -pix_fmt yuv420p -"))
}

/// Of two films of the same size, in dB.
fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: f64 = a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    10.0 * (255.0 * 255.0 * a.len() as f64 / sum.max(1e-9)).log10()
}

#[test]
fn a_photo_speaks_as_well_as_by_x264() {
    let studio = studio();
    let size = 640 * 640 * 3 / 2;
    let args =
        |encode: &str, out: &str| format!("render --avatar face.png --audio voice.wav --size 640x640 --encode {encode} -o out/{out}");
    studio.report(&args("band", "rich.mp4"));
    let rich = pictures(&studio, "out/rich.mp4");
    for encode in ["band", "tile", "plain"] {
        report(&studio, &args(encode, "poor.mp4"));
        let poor = pictures(&studio, "out/poor.mp4");
        let same = psnr(&rich, &poor);
        assert!(same > 40.0, "{encode}: {same:.1} dB");
        // The last rows stand still.
        let below = |frame: usize| &poor[frame * size + 640 * 608..][..640 * 32];
        let still = (1..25).all(|frame| below(frame) == below(0));
        assert!(still || encode == "plain", "{encode}: something changed outside of what moves");
    }
}

#[test]
fn pieces_are_joined_to_the_whole() {
    let studio = studio();
    studio.speech("long.wav", 4.2);
    let args = "render --avatar face.png --audio long.wav --size 384x384";
    report(&studio, &format!("{args} -o out/whole.mp4"));
    for n in 1..=2 {
        report(&studio, &format!("{args} --frames {n}/2 -o out/{n}.piece"));
    }
    report(&studio, "join out/1.piece out/2.piece -o out/joined.mp4");
    let read = |name: &str| std::fs::read(studio.path(name)).unwrap();
    assert!(read("out/whole.mp4") == read("out/joined.mp4"), "the pieces are not the whole");
    // A piece that x264 made does not fit.
    studio.report(&format!("{args} --frames 2/2 -o out/other.piece"));
    let mixed = poorly(&studio, "join out/1.piece out/other.piece -o out/mixed.mp4");
    let error = &mixed.report()["error"];
    assert_eq!((mixed.code, &error["kind"]), (Some(2), &"piece_unfit".into()), "{error}");
    assert!(error["message"].as_str().unwrap().contains("encoder"), "{error}");
}

#[test]
fn a_clip_speaks_prepared_or_not_and_cut_out() {
    let studio = studio();
    studio.ffmpeg(
        "-loop 1 -framerate 25 -i face.png -vf zoompan=z='1+0.02*on/25':d=1:s=326x330:fps=25 -t 1 -c:v libx264 -pix_fmt yuv420p clip.mp4",
    );
    let built = report(&studio, "avatar build clip.mp4 -o out/poor.avatar");
    assert_eq!(
        (&built["frames"], &built["width"], &built["height"]),
        (&25.into(), &326.into(), &330.into()),
        "{built}"
    );
    let rendered =
        |avatar: &str, more: &str, out: &str| format!("render --avatar {avatar} --audio voice.wav --size 256x256 {more} -o out/{out}");
    report(&studio, &rendered("out/poor.avatar", "", "poor.mp4"));
    studio.report("avatar build clip.mp4 -o out/rich.avatar");
    studio.report(&rendered("out/rich.avatar", "", "rich.mp4"));
    let same = psnr(&pictures(&studio, "out/rich.mp4"), &pictures(&studio, "out/poor.mp4"));
    assert!(same > 34.0, "{same:.1} dB");
    report(&studio, &rendered("clip.mp4", "--matte", "matte.mp4"));
}

#[test]
fn the_doctor_says_which_encoder_is_used() {
    let studio = studio();
    let check = |ran: &Ran| -> Value {
        let told = ran.report();
        told["checks"]
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["name"] == "h264")
            .unwrap()
            .clone()
    };
    let poor = check(&poorly(&studio, "doctor"));
    assert_eq!(poor["ok"], true, "{poor}");
    assert!(poor["found"].as_str().unwrap().contains("OpenH264"), "{poor}");
    let wished = |name: &str| {
        let mut command = studio.command("doctor --json");
        command.env("MOUTHPIECE_FFMPEG", studio.path("poor")).env("MOUTHPIECE_H264", name);
        ran(command)
    };
    assert_eq!(check(&wished("x264"))["ok"], false);
    let other = wished("h265");
    assert!(other.out.contains("x264 or openh264"), "{}", other.out);
}

/// A wish that cannot be fulfilled is told, and so is one that is none.
#[test]
fn an_encoder_can_be_chosen() {
    let studio = studio();
    let wished = |name: &str| {
        let mut command = studio.command("render --avatar face.png --audio voice.wav --size 256x256 -o out/video.mp4 --json");
        command.env("MOUTHPIECE_FFMPEG", studio.path("poor")).env("MOUTHPIECE_H264", name);
        ran(command)
    };
    for (name, word) in [("x264", "libx264"), ("h265", "x264 or openh264")] {
        let refused = wished(name);
        let error = &refused.report()["error"];
        assert_eq!((refused.code, &error["kind"]), (Some(3), &"tool_missing".into()), "{error}");
        assert!(error["message"].as_str().unwrap().contains(word), "{error}");
    }
    assert!(studio.outputs().is_empty());
    assert_eq!(wished("openh264").code, Some(0));
}
