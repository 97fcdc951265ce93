//! The video: what players are told about it, what is seen, and what is heard.

use serde_json::Value;

use crate::pictures::{difference, rgb};
use crate::studio::Studio;

const ARGS: &str = "render --avatar face.png --audio odd.wav -o out/video.mp4";
/// Fits no number of frames of any rate.
const SECONDS: f64 = 1.111;

fn studio() -> Studio {
    let studio = Studio::furnished();
    studio.speech("odd.wav", SECONDS);
    studio
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

/// Renders at a rate and holds what ffprobe says against the contract.
fn keeps_the_contract(rate: &str, num: u32, den: u32) {
    let studio = studio();
    let fps = f64::from(num) / f64::from(den);
    let expected = (SECONDS * fps).round();
    let report = studio.report(&format!("{ARGS} --size 256x256 --fps {rate}"));
    assert_eq!(report["frames"].as_f64(), Some(expected));
    let facts = studio.ffprobe("-count_frames -show_streams -show_format out/video.mp4");
    let (picture, sound) = (&facts["streams"][0], &facts["streams"][1]);
    assert_eq!(facts["streams"].as_array().unwrap().len(), 2);
    for (key, value) in [
        ("codec_name", "h264"),
        ("profile", "High"),
        ("pix_fmt", "yuv420p"),
        ("color_space", "bt709"),
        ("color_transfer", "bt709"),
        ("color_primaries", "bt709"),
        ("color_range", "tv"),
        ("r_frame_rate", &format!("{num}/{den}")),
        ("avg_frame_rate", &format!("{num}/{den}")),
        ("nb_read_frames", &expected.to_string()),
        ("start_time", "0.000000"),
    ] {
        assert_eq!(picture[key], value, "{key}");
    }
    assert_eq!((picture["width"].as_u64(), picture["height"].as_u64()), (Some(256), Some(256)));
    for (key, value) in [("codec_name", "aac"), ("sample_rate", "48000"), ("start_time", "0.000000")] {
        assert_eq!(sound[key], value, "{key}");
    }
    let (seen, heard) = (number(&picture["duration"]), number(&sound["duration"]));
    assert!(
        (seen - expected / fps).abs() < 1e-4 && (seen - heard).abs() < 0.5 / fps,
        "{seen} s of picture, {heard} s of sound"
    );
    // Every frame is shown for as long as any other.
    let shown = studio.ffprobe("-select_streams v -show_entries packet=duration_time out/video.mp4");
    let lengths = shown["packets"].as_array().unwrap().iter().map(|p| number(&p["duration_time"]));
    assert!(
        lengths.clone().all(|s| (s - 1.0 / fps).abs() < 1e-4),
        "{:?}",
        lengths.collect::<Vec<_>>()
    );
    assert_eq!(
        boxes(&std::fs::read(studio.path("out/video.mp4")).unwrap())
            .iter()
            .position(|b| b == "moov"),
        Some(1)
    );
}

/// The outermost boxes of an MP4 file.
fn boxes(file: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = file;
    while let [a, b, c, d, e, f, g, h, ..] = *rest {
        found.push(String::from_utf8_lossy(&[e, f, g, h]).into_owned());
        let size = u32::from_be_bytes([a, b, c, d]) as usize;
        rest = rest.get(size.max(8)..).unwrap_or_default();
    }
    found
}

#[test]
fn at_24_frames_a_second() {
    keeps_the_contract("24", 24, 1);
}

#[test]
fn at_25_frames_a_second() {
    keeps_the_contract("25", 25, 1);
}

#[test]
fn at_30_frames_a_second() {
    keeps_the_contract("30", 30, 1);
}

#[test]
fn at_50_frames_a_second() {
    keeps_the_contract("50", 50, 1);
}

#[test]
fn at_60_frames_a_second() {
    keeps_the_contract("60", 60, 1);
}

#[test]
fn at_television_rate() {
    keeps_the_contract("29.97", 30_000, 1001);
}

/// The first frame shows the avatar, on the right colours; the poster is the first frame.
#[test]
fn the_first_frame_shows_the_avatar_and_is_the_poster() {
    let studio = studio();
    studio.report(&format!(
        "{ARGS} --size 384x256 --background #20c040 --quality high --poster out/poster.png"
    ));
    assert_eq!(studio.outputs(), ["poster.png", "video.mp4"]);
    let poster = studio.picture("out/poster.png");
    assert_eq!((poster.width, poster.height), (384, 256));
    let first = studio.frames("out/video.mp4", "trim=end_frame=1");
    let off = difference(&first, &rgb(&poster));
    assert!(off < 2.5, "the poster is {off} from the first frame");
    studio.ffmpeg("-f lavfi -i color=c=0x20c040:size=384x256 -i face.png -filter_complex [0:v]format=gbrp[b];[1:v]scale=256:256:flags=lanczos[f];[b][f]overlay=64:0:format=gbrp -frames:v 1 expected.png");
    let expected = rgb(&studio.picture("expected.png"));
    let off = difference(&rgb(&poster), &expected);
    assert!(off < 3.0, "the poster is {off} from the photo on its background");
    let pixel = &rgb(&poster)[(128 * 384 + 8) * 3..][..3];
    assert!(difference(pixel, &[0x20, 0xc0, 0x40]) < 1.5, "the background is {pixel:?}");
}

/// A poster called jpg is a JPEG, and the sheet of frames appears too.
#[test]
fn posters_and_sheets_are_what_their_names_say() {
    let studio = studio();
    studio.report(&format!(
        "{ARGS} --size 256x256 --poster out/poster.jpg --contact-sheet out/sheet.png"
    ));
    assert_eq!(studio.outputs(), ["poster.jpg", "sheet.png", "video.mp4"]);
    let kind = |name: &str| {
        studio.report(&format!("inspect {name}"))["type"]["image"]
            .as_str()
            .map(str::to_owned)
    };
    assert_eq!(
        (kind("out/poster.jpg").as_deref(), kind("out/sheet.png").as_deref()),
        (Some("jpeg"), Some("png"))
    );
    let sheet = studio.picture("out/sheet.png");
    assert!(sheet.width > 4 * 480 && sheet.height > 3 * 480, "{}×{}", sheet.width, sheet.height);
}

/// The encoder's priming is hidden: what was said at a time is heard at that time, to a thousandth of a second.
#[test]
fn the_sound_is_in_its_place() {
    let studio = studio();
    studio.report(&format!("{ARGS} --size 256x256"));
    let samples = |file: &str| -> Vec<f64> {
        let bytes = studio.ffmpeg(&format!("-i {file} -ac 1 -ar 16000 -f s16le pipe:1"));
        bytes.chunks_exact(2).map(|b| f64::from(i16::from_le_bytes([b[0], b[1]]))).collect()
    };
    let (said, heard) = (samples("odd.wav"), samples("out/video.mp4"));
    let alike = |lag: i64| -> f64 { (1000..15_000).map(|i| said[i as usize] * heard[(i + lag) as usize]).sum() };
    let best = (-800..=800).max_by(|a, b| alike(*a).total_cmp(&alike(*b))).unwrap();
    assert!(best.abs() <= 16, "{best} samples of 16000 a second");
}

/// The same command gives the same bytes, on any number of threads; another seed gives another video.
#[test]
fn a_video_is_a_function_of_its_command() {
    let studio = studio();
    let made = |more: &str| {
        studio.report(&format!("{ARGS} --size 256x256 {more}"));
        std::fs::read(studio.path("out/video.mp4")).unwrap()
    };
    let one = made("--threads 1 --seed 5");
    assert!(one == made("--threads 1 --seed 5"), "the same command gave another video");
    assert!(one == made("--threads 2 --seed 5"), "two threads gave another video than one");
    assert!(one == made("--threads 7 --seed 5"), "seven threads gave another video than one");
    assert!(one != made("--threads 1 --seed 6"), "another seed gave the same video");
}

/// A matte lets the background through beside the head.
#[test]
fn the_person_is_cut_out() {
    let studio = studio();
    let frame = |more: &str| {
        studio.report(&format!("{ARGS} --size 256x256 --background #20c040 {more}"));
        studio.frames("out/video.mp4", "trim=start_frame=12:end_frame=13")
    };
    let (cut, whole) = (frame("--matte"), frame(""));
    let pixel = |frame: &[u8], x: usize, y: usize| [0, 1, 2].map(|c| frame[(y * 256 + x) * 3 + c]);
    // The wall at the left, and the forehead.
    assert!(difference(&pixel(&cut, 20, 20), &[0x20, 0xc0, 0x40]) < 10.0 && difference(&pixel(&whole, 20, 20), &[0x20, 0xc0, 0x40]) > 30.0);
    assert!(difference(&pixel(&cut, 112, 45), &pixel(&whole, 112, 45)) < 6.0);
}

/// 4K, a second: it fits, in its memory too.
#[test]
fn a_second_of_4k() {
    let studio = Studio::furnished();
    let report = studio.report("render --avatar face.png --audio voice.wav --size 3840x2160 -o out/video.mp4");
    let facts = studio.ffprobe("-count_frames -show_entries stream=width,height,nb_read_frames out/video.mp4");
    let picture = &facts["streams"][0];
    assert_eq!(
        (
            picture["width"].as_u64(),
            picture["height"].as_u64(),
            picture["nb_read_frames"].as_str()
        ),
        (Some(3840), Some(2160), Some("25"))
    );
    let peak = &report["peak_memory"];
    let held = peak["own_bytes"].as_u64().unwrap() + peak["largest_child_bytes"].as_u64().unwrap();
    println!(
        "4K: {} MB held, {} s, stages {}",
        held / 1_000_000,
        report["wall_seconds"],
        report["stages"]
    );
    assert!(held < 900_000_000, "{peak}");
}

/// A portrait canvas with a landscape of numbers: nothing is square by chance.
#[test]
fn a_tall_video_is_tall() {
    let studio = studio();
    studio.report(&format!("{ARGS} --size 144x256"));
    let facts = studio.ffprobe("-show_entries stream=width,height,sample_aspect_ratio out/video.mp4");
    let picture = &facts["streams"][0];
    assert_eq!((picture["width"].as_u64(), picture["height"].as_u64()), (Some(144), Some(256)));
}
