//! Scenes: what the options and `scene.json` may say, and how a mistake in them is told.

use serde_json::json;

use crate::studio::Studio;

const PLAIN: &str = "render --avatar face.png --audio voice.wav -o out/video.mp4";

fn refused(more: &str, kind: &str, words: &[&str]) {
    Studio::furnished().refuses(&format!("{PLAIN} {more}"), 2, kind, words);
}

#[test]
fn an_odd_size_is_refused() {
    refused("--size 257x256", "scene_invalid", &["width is 257", "even"]);
    refused("--size 256x255", "scene_invalid", &["height is 255", "even"]);
}

#[test]
fn a_size_out_of_range_is_refused() {
    refused("--size 64x256", "scene_invalid", &["width is 64", "128"]);
    refused("--size 256x5000", "scene_invalid", &["height is 5000", "4096"]);
}

#[test]
fn a_bad_colour_is_refused() {
    refused(
        "--size 256x256 --background mauve",
        "file_unreadable",
        &["--background mauve", "hex digits"],
    );
    refused(
        "--size 256x256 --background #12345",
        "file_unreadable",
        &["--background #12345", "hex digits"],
    );
}

#[test]
fn a_rate_that_nobody_plays_is_refused() {
    refused("--fps 26", "scene_invalid", &["fps", "26", "24, 25, 30, 50, 60"]);
}

/// Mistakes that the command line itself sees have a kind of their own.
#[test]
fn a_size_that_is_none_is_a_wrong_use() {
    let studio = Studio::furnished();
    let ran = studio.run(&format!("{PLAIN} --size large --json"));
    let error = &ran.report()["error"];
    assert_eq!((ran.code, error["kind"].as_str()), (Some(2), Some("usage")));
    assert!(error["message"].as_str().unwrap().contains("--size"), "{error}");
    assert!(studio.outputs().is_empty());
}

#[test]
fn mistakes_in_a_scene_are_told_by_their_place() {
    let studio = Studio::furnished();
    let avatar = json!({"avatar": "face.png"});
    let with = |layer: serde_json::Value| json!({"audio": "voice.wav", "width": 256, "height": 256, "layers": [avatar, layer]});
    for (scene, words) in [
        (with(json!({"colour": "#fff", "scale_x": 0})), ["layers[1].scale_x", "above 0"]),
        (with(json!({"colour": "mauve"})), ["layers[1].colour", "hex digits"]),
        (with(json!({"colour": "#fff", "x": "left"})), ["layers[1].x", "invalid type"]),
        (
            with(json!({"colour": "#fff", "opacity": 1})),
            ["layers[1].opacity", "unknown field"],
        ),
        (with(json!({"colour": "#fff", "fit": "stretch"})), ["layers[1].fit", "cover"]),
        (with(json!({"colour": "#fff", "image": "face.png"})), ["layers[1]", "exactly one"]),
        (with(avatar.clone()), ["layers", "exactly one avatar"]),
        (json!({"layers": [avatar]}), ["audio", "missing"]),
        (json!({"audio": "voice.wav", "layers": []}), ["layers", "exactly one avatar"]),
        (
            json!({"audio": "voice.wav", "width": 131, "layers": [avatar]}),
            ["width is 131", "even"],
        ),
        (with(json!({"colour": "#fff", "video": "face.png"})), ["layers[1]", "exactly one"]),
        (json!({"audio": "voice.wav", "fps": 7, "layers": [avatar]}), ["fps", "24, 25"]),
    ] {
        studio.write("scene.json", scene.to_string().as_bytes());
        studio.refuses("render --scene scene.json -o out/video.mp4", 2, "scene_invalid", &words);
    }
    studio.write("scene.json", with(json!({"image": "gone.png"})).to_string().as_bytes());
    studio.refuses(
        "render --scene scene.json -o out/video.mp4",
        2,
        "file_unreadable",
        &["layers[1].image", "gone.png", "no such file"],
    );
    studio.write("scene.json", b"{\"audio\": ");
    studio.refuses(
        "render --scene scene.json -o out/video.mp4",
        2,
        "scene_invalid",
        &["scene.json", "line 1"],
    );
}

#[test]
fn a_layer_that_is_no_picture_is_told_by_its_name() {
    let studio = Studio::furnished();
    let scene = json!({"audio": "voice.wav", "width": 256, "height": 256, "layers": [{"image": "voice.wav"}, {"avatar": "face.png"}]});
    studio.write("scene.json", scene.to_string().as_bytes());
    studio.refuses(
        "render --scene scene.json -o out/video.mp4",
        2,
        "image_unreadable",
        &["layer voice.wav", "a WAV recording", "give a PNG"],
    );
}

#[test]
fn an_avatar_outside_the_canvas_is_refused() {
    let studio = Studio::furnished();
    let scene =
        json!({"audio": "voice.wav", "width": 256, "height": 256, "layers": [{"avatar": "face.png", "x": 300, "y": 0, "width": 200}]});
    studio.write("scene.json", scene.to_string().as_bytes());
    studio.refuses(
        "render --scene scene.json -o out/video.mp4",
        2,
        "scene_invalid",
        &["the avatar lies outside the canvas", "place it"],
    );
}

#[test]
fn phonemes_that_end_before_they_start_are_refused() {
    let studio = Studio::furnished();
    studio.write(
        "said.json",
        json!([{"symbol": "p", "start": 0.5, "end": 0.4}]).to_string().as_bytes(),
    );
    studio.refuses(
        &format!("{PLAIN} --phonemes said.json"),
        2,
        "scene_invalid",
        &["phonemes", "[0]", "0.5", "must not end before"],
    );
}

/// Paths are those that the scene's own folder knows, and the command line has the last word.
#[test]
fn a_whole_scene_is_rendered() {
    let studio = Studio::furnished();
    std::fs::create_dir(studio.path("set")).unwrap();
    for name in ["face.png", "voice.wav"] {
        std::fs::rename(studio.path(name), studio.path("set").join(name)).unwrap();
    }
    studio.ffmpeg("-f lavfi -i color=c=0x305070:size=400x300 -frames:v 1 set/room.png");
    let scene = json!({"audio": "voice.wav", "width": 320, "height": 240, "fps": 30, "seed": 3, "layers": [
        {"image": "room.png"},
        {"avatar": "face.png", "anchor": "centre", "x": 160, "y": 130, "height": 220},
        {"colour": "#ff000080", "x": 0, "y": 200, "width": 320, "height": 40},
    ]});
    studio.write("set/scene.json", scene.to_string().as_bytes());
    let report = studio.report("render --scene set/scene.json --fps 24 -o out/video.mp4");
    assert_eq!(report["frames"], 24);
    let frame = studio.frames("out/video.mp4", "trim=start_frame=23");
    assert_eq!(frame.len(), 320 * 240 * 3);
    let near = |x: usize, y: usize, colour: [u8; 3]| {
        let pixel = &frame[(y * 320 + x) * 3..][..3];
        assert!(
            crate::pictures::difference(pixel, &colour) < 8.0,
            "{x},{y}: {pixel:?}, not {colour:?}"
        );
    };
    near(8, 8, [0x30, 0x50, 0x70]);
    near(8, 230, [0x98, 0x28, 0x38]);
}

/// A video behind the avatar, from the options, and one before it, from the scene; both begin anew every 0.4 s.
#[test]
fn videos_are_layers() {
    let studio = Studio::furnished();
    studio.ffmpeg(
        "-f lavfi -i color=red:s=64x64:r=25:d=0.2 -f lavfi -i color=blue:s=64x64:r=25:d=0.2 -filter_complex concat=n=2 -c:v libx264 \
         -pix_fmt yuv420p flashes.mp4",
    );
    let scene = json!({"audio": "voice.wav", "width": 320, "height": 240, "layers": [
        {"avatar": "face.png", "anchor": "centre", "x": 160, "y": 130, "height": 180},
        {"video": "flashes.mp4", "x": 260, "y": 200, "width": 40},
    ]});
    studio.write("scene.json", scene.to_string().as_bytes());
    let report = studio.report("render --scene scene.json --background flashes.mp4 -o out/video.mp4");
    let frames = report["frames"].as_u64().unwrap();
    for index in [0, 4, 5, 9, 10, frames - 1] {
        let frame = studio.frames("out/video.mp4", &format!("trim=start_frame={index}:end_frame={}", index + 1));
        let flash = if index % 10 < 5 { [255, 0, 0] } else { [0, 0, 255] };
        for (x, y) in [(8, 8), (8, 230), (280, 220), (250, 230)] {
            let pixel = &frame[(y * 320 + x) * 3..][..3];
            assert!(
                crate::pictures::difference(pixel, &flash) < 12.0,
                "frame {index}, {x},{y}: {pixel:?}, not {flash:?}"
            );
        }
    }
    studio.write(
        "scene.json",
        json!({"audio": "voice.wav", "layers": [{"video": "voice.wav"}, {"avatar": "face.png"}]})
            .to_string()
            .as_bytes(),
    );
    studio.refuses(
        "render --scene scene.json -o out/other.mp4",
        2,
        "video_unreadable",
        &["layer voice.wav", "a WAV recording", "give an MP4"],
    );
}
