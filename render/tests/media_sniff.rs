//! Files are told apart by content, whatever they are called.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "media/common.rs"]
mod common;

use common::{Folder, ffmpeg, wav};
use mouthpiece_render::error::Kind as ErrorKind;
use mouthpiece_render::media::sniff::{self, Audio, Image, Kind, Video};

#[test]
fn what_ffmpeg_writes_is_known() {
    let folder = Folder::new();
    let sine = "-f lavfi -i sine=440:d=0.5";
    let both = "-f lavfi -i sine=440:d=0.5 -f lavfi -i color=red:s=64x64:d=0.5 -shortest";
    let cases: &[(&str, &str, Kind)] = &[
        ("a.mp3", sine, Kind::Audio(Audio::Mp3)),
        (
            "bare.mp3",
            "-f lavfi -i sine=440:d=0.5 -id3v2_version 0 -write_xing 0",
            Kind::Audio(Audio::Mp3),
        ),
        (
            "low.mp3",
            "-f lavfi -i sine=440:d=0.5:r=8000 -id3v2_version 0",
            Kind::Audio(Audio::Mp3),
        ),
        ("a.mp2", sine, Kind::Audio(Audio::Mp3)),
        ("a.wav", sine, Kind::Audio(Audio::Wav)),
        ("rf64.wav", "-f lavfi -i sine=440:d=0.5 -rf64 always", Kind::Audio(Audio::Wav)),
        ("a.m4a", sine, Kind::Audio(Audio::Mp4)),
        ("a.aac", sine, Kind::Audio(Audio::Aac)),
        ("a.flac", sine, Kind::Audio(Audio::Flac)),
        ("vorbis.ogg", "-f lavfi -i sine=440:d=0.5 -c:a libvorbis", Kind::Audio(Audio::Ogg)),
        ("a.opus", sine, Kind::Audio(Audio::Ogg)),
        ("a.mp4", both, Kind::Video(Video::Mp4)),
        ("a.mov", both, Kind::Video(Video::Mp4)),
        ("a.mkv", both, Kind::Video(Video::Matroska)),
        ("a.webm", both, Kind::Video(Video::Matroska)),
        ("a.avi", both, Kind::Video(Video::Avi)),
        ("a.mpg", both, Kind::Video(Video::MpegPs)),
        ("a.ts", both, Kind::Video(Video::MpegTs)),
        ("a.ogv", both, Kind::Video(Video::Ogg)),
        ("a.png", "-f lavfi -i color=red:s=64x64 -frames:v 1", Kind::Image(Image::Png)),
        ("a.jpg", "-f lavfi -i color=red:s=64x64 -frames:v 1", Kind::Image(Image::Jpeg)),
        ("a.webp", "-f lavfi -i color=red:s=64x64 -frames:v 1", Kind::Image(Image::Webp)),
    ];
    for (name, args, kind) in cases {
        let path = folder.join(name);
        ffmpeg(args, &path);
        let renamed = folder.join("x.txt");
        std::fs::rename(&path, &renamed).unwrap();
        assert_eq!(sniff::sniff(&renamed).unwrap(), *kind, "{name}");
    }
}

#[test]
fn tags_before_the_sound_are_passed_over() {
    let folder = Folder::new();
    let tag = |size: u8| [&b"ID3\x04\0\0\0\0"[..], &[size, 0], &vec![7; usize::from(size) << 7]].concat();
    for (name, kind) in [("a.mp3", Audio::Mp3), ("a.aac", Audio::Aac), ("a.flac", Audio::Flac)] {
        let path = folder.join(name);
        ffmpeg("-f lavfi -i sine=440:d=0.5 -id3v2_version 0", &path);
        let sound = std::fs::read(&path).unwrap();
        // 127 × 128 bytes: more than is read at once.
        for size in [1, 127] {
            let tagged = folder.write("tagged", &[tag(size), sound.clone()].concat());
            assert_eq!(sniff::sniff(&tagged).unwrap(), Kind::Audio(kind), "{name}");
        }
    }
}

#[test]
fn a_recording_that_begins_within_a_frame_is_known() {
    let folder = Folder::new();
    let path = folder.join("a.mp3");
    ffmpeg("-f lavfi -i sine=440:d=2 -id3v2_version 0", &path);
    let sound = std::fs::read(&path).unwrap();
    let cut = folder.write("cut", &sound[500..]);
    assert_eq!(sniff::sniff(&cut).unwrap(), Kind::Audio(Audio::Mp3));
}

#[test]
fn what_is_not_read_is_named() {
    let folder = Folder::new();
    let cases: &[(&[u8], &str)] = &[
        (b"", "an empty file (0 bytes)"),
        (b"Dear all,\nthis is not a picture.\n", "a text file"),
        ("Grüße".as_bytes(), "a text file"),
        (b"\xff\xfeH\0i\0", "a text file"),
        (b"#EXTM3U\n#EXTINF:1\nfile:///etc/passwd\n", "a playlist"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "a playlist"),
        (b"<?xml version=\"1.0\"?>\n<MPD></MPD>", "a playlist"),
        (
            b"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            "an SVG drawing",
        ),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"GIF89a\x01\0\x01\0", "a GIF picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture"),
        (b"RIFF\x04\0\0\0CDXA", "a RIFF file of an unknown type"),
        (b"ID3\x04\0\0\0\0\0\x01x", "an ID3 tag with no sound behind it"),
        (&[0; 4096], "of an unknown type"),
        (&[0xff; 4096], "of an unknown type"),
    ];
    for (bytes, phrase) in cases {
        let path = folder.write("photo.jpg", bytes);
        let error = sniff::image(&path).unwrap_err();
        assert_eq!(error.kind, ErrorKind::ImageUnreadable);
        assert!(error.to_string().contains(phrase), "{error} has no {phrase}");
        assert_eq!(sniff::sound(&path).unwrap_err().kind, ErrorKind::AudioUnreadable);
        assert_eq!(sniff::sniff(&path).unwrap_err().kind, ErrorKind::FileUnreadable);
    }
}

#[test]
fn each_role_says_what_was_found_instead() {
    let folder = Folder::new();
    let path = folder.write("face.png", &wav(8000, 1, &[0; 100]));
    let error = sniff::image(&path).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the picture is a WAV recording; give a PNG, JPEG or WebP picture"
    );
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let folder = Folder::new();
    let missing = sniff::sniff(&folder.join("missing")).unwrap_err();
    assert_eq!(
        (missing.kind, missing.to_string().as_str()),
        (ErrorKind::FileUnreadable, "the file does not exist")
    );
    assert_eq!(sniff::sniff(folder.path()).unwrap_err().to_string(), "the file is a directory");
    assert_eq!(
        sniff::sniff("/dev/zero".as_ref()).unwrap_err().to_string(),
        "the file is not a regular file"
    );
}
