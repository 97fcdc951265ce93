//! Pictures in and out, good and bad.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "media/common.rs"]
mod common;

use std::path::Path;

use common::{Folder, ffmpeg};
use mouthpiece_render::error::Kind;
use mouthpiece_render::media::image::{Limits, facts, open};
use mouthpiece_render::media::sniff::Image as Format;
use mouthpiece_render::media::{Picture, Planes, to_rgb, to_yuv};

/// Left half red, right half blue, the top row green.
fn flag(width: usize, height: usize) -> Picture {
    let colour = |i: usize| match (i % width < width / 2, i < width) {
        (_, true) => [0, 255, 0, 255],
        (true, _) => [255, 0, 0, 255],
        (false, _) => [0, 0, 255, 255],
    };
    Picture {
        width,
        height,
        rgba: (0..width * height).flat_map(colour).collect(),
    }
}

fn pixel(picture: &Picture, x: usize, y: usize) -> [u8; 3] {
    let at = (y * picture.width + x) * 4;
    [picture.rgba[at], picture.rgba[at + 1], picture.rgba[at + 2]]
}

fn near(a: [u8; 3], b: [u8; 3], allowed: u8) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= allowed)
}

fn opened(path: &Path) -> Picture {
    open(path, &Limits::default()).unwrap()
}

/// A PNG of which only the header is there.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend(width.to_be_bytes());
    chunk.extend(height.to_be_bytes());
    chunk.extend([8, 6, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    file.extend(&chunk);
    file.extend(crc(&chunk).to_be_bytes());
    file.extend(b"\0\0\x10\0IDAT");
    file
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |mut crc, &byte| {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
        crc
    })
}

#[test]
fn what_is_saved_comes_back() {
    let folder = Folder::new();
    let picture = flag(64, 48);
    picture.save_png(&folder.join("a.png")).unwrap();
    picture.save_jpeg(&folder.join("a.jpg"), 95).unwrap();
    assert_eq!(opened(&folder.join("a.png")).rgba, picture.rgba);
    let jpeg = opened(&folder.join("a.jpg"));
    assert!(near(pixel(&jpeg, 10, 30), [255, 0, 0], 12));
    let said = facts(&folder.join("a.jpg")).unwrap();
    assert_eq!((said.width, said.height, said.format), (64, 48, Format::Jpeg));
    assert_eq!(folder.names(), ["a.jpg", "a.png"], "no parts are left");
}

#[test]
fn every_variety_becomes_rgba() {
    let folder = Folder::new();
    let varieties = [
        ("rgb24.png", "rgb24"),
        ("rgba.png", "rgba"),
        ("gray.png", "gray"),
        ("gray16.png", "gray16be"),
        ("ya8.png", "ya8"),
        ("rgb48.png", "rgb48be"),
        ("rgba64.png", "rgba64be"),
        ("pal8.png", "pal8"),
        ("mono.png", "monob"),
        ("420.jpg", "yuvj420p"),
        ("444.jpg", "yuvj444p"),
        ("gray.jpg", "gray"),
        ("lossless.webp", "bgra"),
        ("lossy.webp", "yuv420p"),
    ];
    for (name, format) in varieties {
        let path = folder.join(name);
        ffmpeg(&format!("-f lavfi -i color=white:s=34x22 -frames:v 1 -pix_fmt {format}"), &path);
        let picture = opened(&path);
        assert_eq!((picture.width, picture.height), (34, 22), "{name}");
        assert_eq!(picture.rgba.len(), 34 * 22 * 4, "{name}");
        assert!(near(pixel(&picture, 16, 10), [255; 3], 4), "{name}: {:?}", pixel(&picture, 16, 10));
        assert_eq!(picture.rgba[3], 255, "{name}");
    }
}

/// The JPEG with an EXIF segment that holds nothing but an orientation.
fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    [&jpeg[..2], &exif, &jpeg[2..]].concat()
}

#[test]
fn the_camera_orientation_is_honoured() {
    let folder = Folder::new();
    flag(64, 32).save_jpeg(&folder.join("flag.jpg"), 95).unwrap();
    let jpeg = std::fs::read(folder.join("flag.jpg")).unwrap();
    // Where red ends up, as a share of width and height.
    let cases = [
        (1, 64, 32, 0.25, 0.5),
        (2, 64, 32, 0.75, 0.5),
        (3, 64, 32, 0.75, 0.5),
        (6, 32, 64, 0.5, 0.25),
        (8, 32, 64, 0.5, 0.75),
    ];
    for (orientation, width, height, x, y) in cases {
        let path = folder.write("turned.jpg", &with_orientation(&jpeg, orientation));
        let picture = opened(&path);
        assert_eq!((picture.width, picture.height), (width, height), "orientation {orientation}");
        let said = facts(&path).unwrap();
        assert_eq!((said.width as usize, said.height as usize), (width, height));
        let (x, y) = ((x * width as f64) as usize, (y * height as f64) as usize);
        assert!(near(pixel(&picture, x, y), [255, 0, 0], 20), "orientation {orientation}");
    }
}

#[test]
fn a_huge_header_fails_at_once() {
    let folder = Folder::new();
    let path = folder.write("huge.png", &png_header(60_000, 60_000));
    let start = std::time::Instant::now();
    let error = open(&path, &Limits::default()).err().unwrap();
    assert!(start.elapsed().as_millis() < 500);
    assert_eq!(error.kind, Kind::ImageTooLarge);
    assert!(error.to_string().contains("60000×60000"), "{error}");
    let said = facts(&path).unwrap();
    assert_eq!((said.width, said.height), (60_000, 60_000));
}

#[test]
fn limits_are_named() {
    let folder = Folder::new();
    let path = folder.join("a.png");
    flag(64, 48).save_png(&path).unwrap();
    let refused = |limits: Limits| open(&path, &limits).err().unwrap();
    let few = refused(Limits {
        pixels: 3000,
        ..Limits::default()
    });
    assert_eq!(few.kind, Kind::ImageTooLarge);
    let bytes = refused(Limits {
        bytes: 10,
        ..Limits::default()
    });
    assert_eq!(bytes.kind, Kind::ImageTooLarge);
    let side = refused(Limits {
        side: 63,
        ..Limits::default()
    });
    assert!(side.to_string().contains("64×48"), "{side}");
}

#[test]
fn damaged_files_are_refused() {
    let folder = Folder::new();
    let picture = flag(300, 200);
    picture.save_png(&folder.join("a.png")).unwrap();
    picture.save_jpeg(&folder.join("a.jpg"), 90).unwrap();
    ffmpeg("-f lavfi -i testsrc=s=300x200 -frames:v 1 -lossless 1", &folder.join("a.webp"));
    for name in ["a.png", "a.jpg", "a.webp"] {
        let whole = std::fs::read(folder.join(name)).unwrap();
        for part in [2, 3, 10] {
            let cut = folder.write("cut", &whole[..whole.len() * (part - 1) / part]);
            assert_eq!(
                open(&cut, &Limits::default()).err().unwrap().kind,
                Kind::ImageUnreadable,
                "{name} {part}"
            );
        }
        let head = folder.write("head", &whole[..24]);
        assert_eq!(open(&head, &Limits::default()).err().unwrap().kind, Kind::ImageUnreadable, "{name}");
    }
}

#[test]
fn a_preview_inside_does_not_hide_a_cut() {
    let folder = Folder::new();
    flag(64, 64).save_jpeg(&folder.join("a.jpg"), 90).unwrap();
    let jpeg = std::fs::read(folder.join("a.jpg")).unwrap();
    let preview = [&b"\xff\xe2"[..], &(jpeg.len() as u16 + 2).to_be_bytes(), &jpeg].concat();
    let whole = [&jpeg[..2], &preview, &jpeg[2..]].concat();
    assert!(open(&folder.write("whole.jpg", &whole), &Limits::default()).is_ok());
    let cut = folder.write("cut.jpg", &whole[..whole.len() - 40]);
    assert_eq!(open(&cut, &Limits::default()).err().unwrap().kind, Kind::ImageUnreadable);
}

#[test]
fn colours_follow_the_bt709_formula() {
    let steps = [0u8, 1, 16, 63, 127, 128, 200, 254, 255];
    for r in steps {
        for g in steps {
            for b in steps {
                let [rf, gf, bf] = [r, g, b].map(|c| f64::from(c) / 255.0);
                let y = 0.2126 * rf + 0.7152 * gf + 0.0722 * bf;
                let exact = [
                    16.0 + 219.0 * y,
                    128.0 + 224.0 * (bf - y) / 1.8556,
                    128.0 + 224.0 * (rf - y) / 1.5748,
                ];
                let codes = to_yuv([r, g, b]);
                for (code, exact) in codes.iter().zip(exact) {
                    assert!((f64::from(*code) - exact).abs() <= 0.51, "{r} {g} {b}: {code} for {exact}");
                }
                assert!(near(to_rgb(codes), [r, g, b], 2), "{r} {g} {b}: {:?}", to_rgb(codes));
            }
        }
    }
    assert_eq!(to_yuv([255; 3]), [235, 128, 128]);
    assert_eq!(to_yuv([0; 3]), [16, 128, 128]);
}

#[test]
fn chroma_is_the_mean_of_four() {
    let picture = Picture {
        width: 2,
        height: 2,
        rgba: [[255, 0, 0, 255], [0, 0, 255, 255], [0, 255, 0, 255], [9, 9, 9, 255]].concat(),
    };
    let planes = picture.to_planes().unwrap();
    let [_, u, v] = to_yuv([66, 66, 66]);
    assert_eq!((planes.u[0], planes.v[0]), (u, v));
    assert_eq!(planes.y, [[255, 0, 0], [0, 0, 255], [0, 255, 0], [9, 9, 9]].map(|c| to_yuv(c)[0]));
}

#[test]
fn planes_become_pictures_again() {
    let back = flag(64, 48).to_planes().unwrap().to_picture();
    assert!(near(pixel(&back, 10, 30), [255, 0, 0], 2));
    assert!(near(pixel(&back, 60, 30), [0, 0, 255], 2));
}

#[test]
fn odd_sides_are_refused() {
    assert_eq!(flag(3, 2).to_planes().err().unwrap().kind, Kind::SceneInvalid);
    assert_eq!(Planes::filled(2, 5, [0; 3]).err().unwrap().kind, Kind::SceneInvalid);
    assert!(Planes::filled(0, 2, [0; 3]).is_err());
}

#[test]
fn a_picture_cannot_be_saved_where_nothing_can_be_written() {
    let error = flag(2, 2).save_png("/proc/nowhere/a.png".as_ref()).unwrap_err();
    assert_eq!(error.kind, Kind::OutputUnwritable);
}
