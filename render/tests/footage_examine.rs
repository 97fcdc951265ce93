//! Whether a video can be made to speak, and what is said where it cannot.

mod footage_common;

use footage_common::{Calm, Folder, MODELS, clip, ffmpeg, ffprobe, repository};
use mouthpiece_render::error::Fault;
use mouthpiece_render::media::{self, image, video};
use mouthpiece_render::{Examined, Flow, Kind, Progress, Stage, examine, natural_size};

fn look(path: &std::path::Path) -> Result<Examined, mouthpiece_render::Error> {
    examine(path, None, &MODELS, &mut Calm)
}

#[test]
fn a_talking_head_is_accepted_with_a_thumbnail() {
    let folder = Folder::new();
    let path = clip(&folder, "clip", 50, "-c:v libx264 -preset ultrafast -f mp4");
    let thumbnail = folder.join("seen.jpg");
    let examined = examine(&path, Some(&thumbnail), &MODELS, &mut Calm).unwrap();
    assert_eq!((examined.footage, examined.width, examined.height), (true, 384, 384));
    assert!((examined.seconds.unwrap() - 2.0).abs() < 0.01 && (examined.fps.unwrap() - 25.0).abs() < 0.01);
    let facts = image::facts(&thumbnail).unwrap();
    assert_eq!((facts.width, facts.height), (384, 384));
}

#[test]
fn a_photo_is_accepted_and_its_thumbnail_is_small() {
    let folder = Folder::new();
    let thumbnail = folder.join("seen.jpg");
    let photo = repository("render/tests/media/grace_hopper.jpg");
    let examined = examine(&photo, Some(&thumbnail), &MODELS, &mut Calm).unwrap();
    assert_eq!((examined.footage, examined.seconds, examined.fps), (false, None, None));
    assert_eq!(natural_size(&photo).unwrap(), (examined.width, examined.height));
    let facts = image::facts(&thumbnail).unwrap();
    assert!(facts.width.max(facts.height) == 512 && facts.width < facts.height, "{facts:?}");
}

#[test]
fn containers_and_codecs() {
    let folder = Folder::new();
    for (name, options) in [
        ("a.mov", "-c:v mpeg4 -f mov"),
        ("a.avi", "-c:v mjpeg -pix_fmt yuvj420p -f avi"),
        ("a.mkv", "-c:v ffv1 -f matroska"),
        ("a.webm", "-c:v libvpx -deadline realtime -cpu-used 8 -f webm"),
        ("a.mpg", "-c:v mpeg2video -f mpeg"),
    ] {
        let examined = look(&clip(&folder, name, 15, options)).unwrap();
        assert!(examined.footage && examined.width == 384, "{name}: {examined:?}");
        assert!((examined.seconds.unwrap() - 0.6).abs() < 0.1, "{name}: {examined:?}");
    }
}

#[test]
fn a_length_that_the_header_does_not_tell_is_counted() {
    let folder = Folder::new();
    let path = clip(
        &folder,
        "live.webm",
        30,
        "-c:v libvpx -deadline realtime -cpu-used 8 -f webm -live 1",
    );
    assert!(ffprobe(&path, "-show_entries format=duration")["format"]["duration"].is_null());
    let examined = look(&path).unwrap();
    assert!((examined.seconds.unwrap() - 1.2).abs() < 0.05, "{examined:?}");
}

#[test]
fn a_turned_or_stretched_video_is_seen_as_it_is_shown() {
    let folder = Folder::new();
    let upright = clip(&folder, "upright.mp4", 10, "-c:v libx264 -preset ultrafast");
    // The picture lies on its side, and the file says so.
    let lying = folder.join("lying.mp4");
    ffmpeg(
        &format!("-i {} -vf transpose=cclock,crop=384:320 -preset ultrafast", upright.display()),
        &lying,
    );
    let turned = folder.join("turned.mp4");
    ffmpeg(&format!("-i {} -c copy -metadata:s:v rotate=270", lying.display()), &turned);
    assert_eq!(natural_size(&turned).unwrap(), (320, 384));
    assert_eq!((look(&turned).unwrap().width, look(&turned).unwrap().height), (320, 384));
    assert_eq!(look(&lying).unwrap_err().kind, Kind::FaceTurned);
    let wide = folder.join("wide.mp4");
    ffmpeg(
        &format!("-i {} -vf scale=192:384,setsar=2 -preset ultrafast", upright.display()),
        &wide,
    );
    assert_eq!(natural_size(&wide).unwrap(), (384, 384));
    assert!(look(&wide).is_ok());
}

#[test]
fn what_cannot_speak_is_refused_with_the_reason() {
    let folder = Folder::new();
    let nobody = folder.join("nobody.mp4");
    ffmpeg("-f lavfi -i testsrc2=s=320x240:d=1 -pix_fmt yuv420p", &nobody);
    let sound_only = folder.join("sound.mp4");
    ffmpeg("-f lavfi -i sine=d=1 -c:a aac", &sound_only);
    let text = folder.write("text.mp4", b"nothing but words");
    let broken = {
        let whole = std::fs::read(clip(&folder, "whole.mp4", 10, "-c:v libx264 -movflags +faststart")).unwrap();
        folder.write("broken.mp4", &whole[..900])
    };
    let tiny = clip(&folder, "tiny.mp4", 5, "-s 96x96");
    for (path, kind) in [
        (&nobody, Kind::NoFace),
        (&sound_only, Kind::VideoUnreadable),
        (&text, Kind::ImageUnreadable),
        (&broken, Kind::VideoUnreadable),
        (&tiny, Kind::FaceTooSmall),
    ] {
        let error = look(path).unwrap_err();
        assert_eq!((error.kind, error.fault()), (kind, Fault::Input), "{}: {error}", path.display());
    }
}

#[test]
fn limits_are_kept_before_anything_is_decoded() {
    let folder = Folder::new();
    let path = clip(&folder, "clip.mp4", 50, "-c:v libx264 -preset ultrafast");
    let usual = video::Limits::default();
    let tools = media::Tools::default();
    for (limits, kind) in [
        (video::Limits { seconds: 1.9, ..usual }, Kind::VideoTooLong),
        (video::Limits { bytes: 1000, ..usual }, Kind::VideoTooLarge),
        (video::Limits { side: 383, ..usual }, Kind::VideoTooLarge),
        (video::Limits { pixels: 147_000, ..usual }, Kind::VideoTooLarge),
        (video::Limits { fps: 24.0, ..usual }, Kind::FrameRateTooHigh),
    ] {
        assert_eq!(video::probe(&path, &limits, &tools).unwrap_err().kind, kind);
    }
    assert!(video::probe(&path, &usual, &tools).is_ok());
}

/// Says stop the `n`th time that it is asked.
struct Impatient(u32);

impl Progress for Impatient {
    fn at(&mut self, _: Stage, _: u64, _: u64) -> Flow {
        self.0 = self.0.saturating_sub(1);
        if self.0 == 0 { Flow::Stop } else { Flow::Continue }
    }
}

#[test]
fn a_wish_to_stop_is_heard() {
    let folder = Folder::new();
    let path = clip(&folder, "clip.mp4", 25, "-c:v libx264 -preset ultrafast");
    let thumbnail = folder.join("seen.jpg");
    for n in 1..=4 {
        let error = examine(&path, Some(&thumbnail), &MODELS, &mut Impatient(n)).unwrap_err();
        assert_eq!(error.kind, Kind::Cancelled);
        assert!(!thumbnail.exists());
    }
}
