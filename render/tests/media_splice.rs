//! Spliced videos: what moves is as good as in the plain encode of the same pictures, and the rest does not change by a bit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "media/common.rs"]
mod common;
#[path = "splice_common/mod.rs"]
mod splice_common;

use common::{ffmpeg_output, ffprobe};
use mouthpiece_render::driver::Region;
use mouthpiece_render::h264::{AnnexB, Sps, UnitType};
use mouthpiece_render::media::encode::{EncodePath, EncodeShape as Shape};
use mouthpiece_render::media::tools::{H264Encoder, Wish};
use mouthpiece_render::scene::Fps;
use splice_common::{Film, part, psnr, steps};

const FPS: Fps = Fps { num: 25, den: 1 };
const NTSC: Fps = Fps { num: 30_000, den: 1001 };

/// Pixels around what moves that belong to it: three macroblocks and the rest of its own.
const RING: usize = 3 * 16;

fn region(x: usize, y: usize, width: usize, height: usize) -> Region {
    Region { x, y, width, height }
}

/// What is encoded of each frame, in pixels: blocks of 16 that what moves touches, and the ring.
fn live(film: &Film, moving: Region, shape: Shape) -> Region {
    let grown = |from: usize, length: usize, limit: usize| {
        let first = (from / 16 * 16).saturating_sub(RING);
        let last = ((from + length).div_ceil(16) * 16 + RING).min(limit);
        (first, last - first)
    };
    let (y, height) = grown(moving.y, moving.height, film.size.1);
    match shape {
        Shape::Band => region(0, y, film.size.0, height),
        Shape::Tile => {
            let (x, width) = grown(moving.x, moving.width, film.size.0);
            region(x, y, width, height)
        }
    }
}

/// Encodes a film plain and in a shape, and compares all frames.
fn compare(film: &Film, shape: Shape) {
    let plain = film.pictures(&film.encode(EncodePath::Plain));
    let path = film.encode(EncodePath::Spliced(shape));
    film.check_container(&path);
    let spliced = film.pictures(&path);
    assert_eq!((plain.len(), spliced.len()), (film.frames, film.frames));
    let lives: Vec<Region> = film.moving.iter().map(|&m| live(film, m, shape)).collect();
    for (index, picture) in spliced.iter().enumerate() {
        let asked = film.frame(index);
        let name = format!("{:?} {shape:?}, frame {index}", film.size);
        for &moving in &film.moving {
            let moved = psnr(&part(picture, moving), &part(&asked, moving));
            assert!(moved.iter().all(|&db| db >= 38.0), "{name}: {moved:.1?} dB");
        }
        let same = psnr(picture, &plain[index]);
        assert!(same.iter().all(|&db| db >= 40.0), "{name}: {same:.1?} dB between both encodes");
        let all = [picture, &spliced[0], &asked];
        let outside = |x: usize, y: usize| {
            !lives
                .iter()
                .any(|l| (l.x..l.x + l.width).contains(&x) && (l.y..l.y + l.height).contains(&y))
        };
        assert!(film.same_where(all[0], all[1], &outside), "{name}: something changed outside");
        for live in &lives {
            let (border, inside) = steps(picture, &asked, *live);
            // The mean of a short edge varies.
            assert!(
                border <= 1.15 * inside,
                "{name}: steps of {border:.2} at the border, {inside:.2} inside"
            );
        }
    }
}

#[test]
fn a_face_in_the_middle() {
    let film = Film::new((640, 360), FPS, 30, &[region(280, 130, 96, 90)]);
    compare(&film, Shape::Band);
    compare(&film, Shape::Tile);
}

#[test]
fn several_things_at_corners_of_odd_pictures() {
    let film = Film::new((438, 250), NTSC, 20, &[region(0, 0, 50, 40), region(388, 210, 50, 40)]);
    compare(&film, Shape::Band);
    compare(&film, Shape::Tile);
    let beside = Film::new((438, 250), FPS, 14, &[region(0, 100, 40, 30), region(398, 104, 40, 30)]);
    compare(&beside, Shape::Tile);
}

#[test]
fn a_picture_whose_last_blocks_are_cut_off() {
    let film = Film::new((1920, 1080), FPS, 13, &[region(1400, 940, 160, 140)]);
    compare(&film, Shape::Band);
    compare(&film, Shape::Tile);
}

#[test]
fn any_frame_can_be_sought() {
    let film = Film::new((320, 240), FPS, 40, &[region(120, 80, 64, 64)]);
    for shape in [Shape::Band, Shape::Tile] {
        let path = film.encode(EncodePath::Spliced(shape));
        let all = film.pictures(&path);
        for index in [0usize, 7, 12, 23, 39] {
            let at = format!("{:.3}", (index as f64 + 0.01) / 25.0);
            let bytes = ffmpeg_output(&path, "-f null");
            assert!(bytes.is_empty());
            let sought = film.sought(&path, &at);
            assert!(film.same_where(&sought, &all[index], &|_, _| true), "{shape:?}, frame {index}");
        }
    }
}

/// Slices, levels and the order of pictures are what players may rely on.
#[test]
fn the_stream_keeps_to_its_level() {
    let cases = [
        ((640, 360), region(280, 130, 96, 90), Shape::Band, 30, 4),
        ((1920, 1080), region(700, 300, 300, 400), Shape::Band, 40, 4),
        ((1920, 1080), region(700, 300, 300, 400), Shape::Tile, 40, 98),
    ];
    for (size, moving, shape, level, most) in cases {
        let film = Film::new(size, FPS, 3, &[moving]);
        let path = film.encode(EncodePath::Spliced(shape));
        let stream = ffmpeg_output(&path, "-map 0:v:0 -c copy -bsf:v h264_mp4toannexb -f h264");
        let mut units = Vec::new();
        let mut cutter = AnnexB::new();
        cutter.push(&stream, &mut |unit| units.push(unit.to_vec())).unwrap();
        cutter.finish(&mut |unit| units.push(unit.to_vec()));
        let kinds: Vec<UnitType> = units.iter().map(|u| u[0].into()).collect();
        let sps = Sps::parse(units.iter().find(|u| UnitType::from(u[0]) == UnitType::Sps).unwrap()).unwrap();
        assert_eq!((sps.level_idc, sps.profile_idc), (level, 100));
        let reorder = sps.vui.unwrap().restriction.unwrap();
        assert_eq!((reorder.max_num_reorder_frames, reorder.max_dec_frame_buffering), (1, 2));
        let count = |kind| kinds.iter().filter(|k| **k == kind).count();
        assert!(count(UnitType::Idr) <= most, "{} slices in the key frame", count(UnitType::Idr));
        assert!(
            count(UnitType::Slice) <= 2 * most,
            "{} slices in two frames",
            count(UnitType::Slice)
        );
    }
}

/// A decoder that shares nothing with ffmpeg's sees the same pictures.
#[test]
fn another_decoder_agrees() {
    use openh264::decoder::{DecodeOptions, Decoder, Flush};
    use openh264::formats::YUVSource;
    let options = || DecodeOptions::new().flush_after_decode(Flush::NoFlush);
    let film = Film::new((438, 250), FPS, 14, &[region(200, 100, 60, 50)]);
    let paths = [
        EncodePath::Spliced(Shape::Band),
        EncodePath::Spliced(Shape::Tile),
        EncodePath::Plain,
    ];
    let wishes = [Wish::Best, Wish::Only(H264Encoder::OpenH264)];
    for (wish, path) in wishes.into_iter().flat_map(|w| paths.map(|p| (w, p))) {
        let file = film.encode_by(wish, path);
        let pictures = film.pictures(&file);
        let stream = ffmpeg_output(&file, "-map 0:v:0 -c copy -bsf:v h264_mp4toannexb -f h264");
        let mut decoder = Decoder::new().unwrap();
        let mut index = 0;
        let mut check = |picture: &openh264::decoder::DecodedYUV| {
            let expected = &pictures[index];
            let planes = [
                (picture.y(), &expected.y, picture.strides().0, film.size.0),
                (picture.u(), &expected.u, picture.strides().1, film.size.0 / 2),
                (picture.v(), &expected.v, picture.strides().2, film.size.0 / 2),
            ];
            for (ours, theirs, stride, width) in planes {
                let same = ours.chunks(stride).zip(theirs.chunks_exact(width)).all(|(a, b)| a[..width] == *b);
                assert!(same, "{wish:?} {path:?}, frame {index}");
            }
            index += 1;
        };
        for unit in openh264::nal_units(&stream) {
            if let Some(picture) = decoder.decode_with_options(unit, options()).unwrap() {
                check(&picture);
            }
        }
        for picture in decoder.flush_remaining().unwrap() {
            check(&picture);
        }
        assert_eq!(index, film.frames, "{wish:?} {path:?}");
    }
}

#[test]
fn nothing_has_to_move() {
    let film = Film::new((320, 240), FPS, 15, &[]);
    let path = film.encode(EncodePath::Spliced(Shape::Band));
    film.check_container(&path);
    let pictures = film.pictures(&path);
    let asked = film.frame(0);
    assert!(pictures.iter().all(|p| psnr(p, &asked).iter().all(|&db| db > 38.0)));
    let one = Film::new((320, 240), FPS, 1, &[region(100, 100, 20, 20)]);
    let path = one.encode(EncodePath::Spliced(Shape::Tile));
    assert_eq!(ffprobe(&path, "-show_streams -count_frames")["streams"][0]["nb_read_frames"], "1");
}
