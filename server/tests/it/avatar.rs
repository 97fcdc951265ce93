//! The avatar's photo: what is refused, and what is odd but good.

use crate::pictures::{astronaut, collage, hopper, of, turned_head, with_orientation};
use crate::studio::Studio;

const ARGS: &str = "render --avatar photo --audio voice.wav --size 256x256 -o out/video.mp4";

/// Refuses a photo of these bytes.
fn refused(bytes: &[u8], kind: &str, words: &[&str]) {
    let studio = Studio::furnished();
    studio.write("photo", bytes);
    studio.refuses(ARGS, 2, kind, &[&["avatar photo"], words].concat());
}

#[test]
fn an_empty_file_is_refused() {
    refused(b"", "image_unreadable", &["empty file (0 bytes)", "give a PNG, JPEG or WebP"]);
}

#[test]
fn text_named_as_a_picture_is_refused() {
    let studio = Studio::furnished();
    studio.write("photo.jpg", b"This is no picture, whatever its name says.\n");
    let args = "render --avatar photo.jpg --audio voice.wav --size 256x256 -o out/video.mp4";
    studio.refuses(
        args,
        2,
        "image_unreadable",
        &["avatar photo.jpg", "a text file", "give a PNG, JPEG or WebP"],
    );
}

#[test]
fn a_recording_is_no_photo() {
    let studio = Studio::furnished();
    std::fs::copy(studio.path("voice.wav"), studio.path("photo")).unwrap();
    studio.refuses(
        ARGS,
        2,
        "image_unreadable",
        &["avatar photo", "a WAV recording", "give a PNG, JPEG or WebP"],
    );
}

#[test]
fn a_photo_that_is_not_there_is_told_by_its_option() {
    Studio::furnished().refuses(ARGS, 2, "file_unreadable", &["--avatar", "photo", "there is no such file"]);
}

#[test]
fn a_folder_is_no_photo() {
    let studio = Studio::furnished();
    std::fs::create_dir(studio.path("photo")).unwrap();
    studio.refuses(ARGS, 2, "file_unreadable", &["--avatar", "photo is not a file"]);
}

/// A header that promises 60000×60000 pixels: 14 GB when decoded.
#[test]
fn a_huge_picture_is_refused_by_its_header() {
    const HEADER: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xea\x60\0\0\xea\x60\x08\x06\0\0\0\x80\xd2\x75\x42\0\0\0\0IDAT";
    let studio = Studio::furnished();
    studio.write("photo", HEADER);
    let ran = studio.refuses(
        ARGS,
        2,
        "image_too_large",
        &["avatar photo", "60000×60000", "16384", "make it smaller"],
    );
    assert!(ran.wall.as_secs_f64() < 10.0, "{:?}", ran.wall);
    assert!(ran.peak_bytes < 300_000_000, "{} bytes", ran.peak_bytes);
}

#[test]
fn a_truncated_jpeg_is_refused() {
    let whole = std::fs::read(crate::studio::repository("render/tests/media/grace_hopper.jpg")).unwrap();
    refused(&whole[..whole.len() / 2], "image_unreadable", &["breaks off", "get it again"]);
}

#[test]
fn a_truncated_png_is_refused() {
    let whole = std::fs::read(crate::studio::repository("media/demo/astronaut.png")).unwrap();
    refused(&whole[..whole.len() / 2], "image_unreadable", &["damaged", "get it again"]);
}

#[test]
fn a_photo_without_a_face_is_refused() {
    let studio = Studio::furnished();
    let hills = |x: usize, y: usize| {
        if y as f64 > 240.0 + 60.0 * (x as f64 / 70.0).sin() {
            [60, 90, 40, 255]
        } else {
            [160, 190, 230, 255]
        }
    };
    studio.save("photo", &of(640, 480, hills));
    studio.refuses(
        ARGS,
        2,
        "no_face",
        &["avatar photo", "no face was found", "use a photo of one person", "inspect"],
    );
}

#[test]
fn a_head_turned_too_far_is_refused() {
    let studio = Studio::furnished();
    for nod in [45.0, -45.0] {
        studio.save("photo", &turned_head(&hopper(), 0.0, nod));
        studio.refuses(
            ARGS,
            2,
            "face_turned",
            &[
                "avatar photo",
                "degrees up or down",
                "use a photo that looks at the camera",
                "inspect",
            ],
        );
    }
}

/// From the side no face can be read at all; what would help is said all the same.
#[test]
fn a_profile_is_refused() {
    let studio = Studio::furnished();
    for turn in [75.0, -75.0] {
        studio.save("photo", &turned_head(&hopper(), turn, 0.0));
        studio.refuses(ARGS, 2, "no_face", &["avatar photo", "who looks at the camera", "inspect"]);
    }
}

#[test]
fn a_photo_on_its_side_is_to_be_turned() {
    let studio = Studio::furnished();
    studio.ffmpeg("-i face.png -vf transpose=1 -f image2 -c:v png photo");
    let ran = studio.run(&format!("{ARGS} --json"));
    let kind = ran.report()["error"]["kind"].as_str().unwrap().to_owned();
    assert!(["face_turned", "no_face"].contains(&kind.as_str()), "{kind}");
    studio.refuses(
        ARGS,
        2,
        &kind,
        &["avatar photo", "lies on its side", "turn it by 90 degrees counter-clockwise"],
    );
}

#[test]
fn a_tiny_face_is_refused_by_its_size() {
    let studio = Studio::furnished();
    studio.ffmpeg("-i face.png -vf scale=180:180 -f image2 -c:v png photo");
    studio.refuses(
        ARGS,
        2,
        "face_too_small",
        &["avatar photo", "pixels between the eyes", "use a larger photo"],
    );
}

/// Two people side by side: the larger one speaks, the other one stands still, and the report says so.
#[test]
fn of_two_faces_the_largest_speaks() {
    let studio = Studio::furnished();
    studio.save("photo", &collage(1024, 600, &[(&astronaut(), 0, 40), (&hopper(), 512, 0)]));
    let report = studio.report(&ARGS.replace("256x256", "512x300"));
    let warnings = report["warnings"].to_string();
    assert!(warnings.contains("2 faces were found; the largest speaks"), "{warnings}");
    let frames = studio.frames("out/video.mp4", "null");
    let frames: Vec<&[u8]> = frames.chunks_exact(512 * 300 * 3).collect();
    assert_eq!(frames.len(), 25);
    // How much each half of the picture changes from the first frame to any other.
    let moved = |from: usize| {
        let half = |frame: &[u8]| -> Vec<u8> {
            frame
                .chunks_exact(512 * 3)
                .flat_map(|row| row[from * 3..][..256 * 3].to_vec())
                .collect()
        };
        let first = half(frames[0]);
        frames
            .iter()
            .map(|f| crate::pictures::difference(&half(f), &first))
            .fold(0.0, f64::max)
    };
    let (left, right) = (moved(0), moved(256));
    assert!(right > 0.3 && left < 0.1 * right, "left {left}, right {right}");
}

/// Renders a photo that ffmpeg makes of the contained portrait.
fn speaks(studio: &Studio) {
    let report = studio.report(ARGS);
    assert_eq!(report["frames"], 25);
    assert_eq!(studio.outputs(), ["video.mp4"]);
}

#[test]
fn a_camera_held_on_its_side_is_no_matter() {
    let studio = Studio::furnished();
    studio.ffmpeg("-i face.png -vf transpose=2 -q:v 2 side.jpg");
    let jpeg = std::fs::read(studio.path("side.jpg")).unwrap();
    studio.write("photo", &with_orientation(&jpeg, 6));
    speaks(&studio);
    // Upright on the canvas too.
    studio.ffmpeg("-i face.png -vf scale=256:256:flags=lanczos upright.png");
    let off = crate::pictures::difference(
        &studio.frames("out/video.mp4", "trim=end_frame=1"),
        &crate::pictures::rgb(&studio.picture("upright.png")),
    );
    assert!(off < 6.0, "{off}");
}

#[test]
fn webp_speaks() {
    let studio = Studio::furnished();
    studio.ffmpeg("-i face.png -f webp photo");
    speaks(&studio);
}

/// Black and white: the lips are no redder than the skin, and hardly darker.
#[test]
fn grey_pictures_speak() {
    let studio = Studio::furnished();
    studio.ffmpeg("-i face.png -pix_fmt gray -f image2 -c:v png photo");
    speaks(&studio);
    studio.bring("admiral.jpg", "render/tests/media/grace_hopper.jpg");
    studio.ffmpeg("-i admiral.jpg -pix_fmt gray -q:v 2 -f image2 -c:v mjpeg photo");
    speaks(&studio);
}

#[test]
fn a_hidden_mouth_is_seen_in_grey_too() {
    let studio = Studio::furnished();
    studio.bring("admiral.jpg", "render/tests/media/grace_hopper.jpg");
    for thing in ["y=260:h=35:color=black", "y=250:h=54:color=0xa8a8a8"] {
        studio.ffmpeg(&format!(
            "-i admiral.jpg -vf drawbox=x=219:w=98:{thing}:t=fill -pix_fmt gray -f image2 -c:v png photo"
        ));
        studio.refuses(
            ARGS,
            2,
            "face_covered",
            &["avatar photo", "the mouth cannot be seen", "use a photo that shows the whole face"],
        );
    }
}

/// A portrait already cut out: what is behind it shows through.
#[test]
fn a_png_with_alpha_speaks_before_its_background() {
    let studio = Studio::furnished();
    let mut portrait = astronaut();
    for (i, pixel) in portrait.rgba.chunks_exact_mut(4).enumerate() {
        let (x, y) = ((i % 512) as f64 - 225.0, (i / 512) as f64 - 130.0);
        pixel[3] = ((200.0 - x.hypot(y)) * 25.0).clamp(0.0, 255.0) as u8;
    }
    studio.save("photo", &portrait);
    let report = studio.report(&format!("{ARGS} --background #1060b0"));
    assert_eq!(report["frames"], 25);
    let frame = studio.frames("out/video.mp4", "trim=start_frame=24");
    let pixel = |x: usize, y: usize| &frame[(y * 256 + x) * 3..][..3];
    let is_background = |p: &[u8]| crate::pictures::difference(p, &[0x10, 0x60, 0xb0]) < 6.0;
    assert!(is_background(pixel(250, 250)) && is_background(pixel(4, 200)));
    assert!(!is_background(pixel(112, 65)), "the face is not there");
}
