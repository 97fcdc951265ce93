//! What another encoder wrote.

use super::*;

#[test]
fn parameter_sets_are_read_and_written_as_they_were() {
    for stream in MOVING.iter().chain(&STILL) {
        let units = units(stream);
        let (sps, pps) = parameters(&units);
        assert_eq!((sps.width, sps.height, sps.crop), (4, 3, None));
        assert_eq!(sps.order, PicOrder::Decoding);
        assert_eq!(pps.init_qp, 26);
        assert!(pps.extension.is_some_and(|e| e.transform_8x8));
        assert!(units.iter().any(|u| unescaped(u) == sps.to_rbsp()));
        assert!(units.iter().any(|u| unescaped(u) == pps.to_rbsp()));
    }
    assert!(parameters(&units(MOVING[0])).1.cabac && !parameters(&units(MOVING[1])).1.cabac);
}

#[test]
fn slices_under_their_own_header_are_what_they_were() {
    for stream in MOVING.iter().chain(&STILL) {
        let units = units(stream);
        let (sps, pps) = parameters(&units);
        let mut firsts = Vec::new();
        for rbsp in slices(&units) {
            let (header, length) = SliceHeader::parse(&rbsp, &sps, &pps).unwrap();
            let mut out = Vec::new();
            transplant(&rbsp, length, &header, &sps, &pps, &mut out).unwrap();
            let unit = units_of(&out);
            assert_eq!(unescaped(&unit), rbsp);
            firsts.push((header.first_mb, header.kind, header.frame_num));
        }
        assert_eq!(firsts[..4], [(0, Kind::I, 0), (8, Kind::I, 0), (0, Kind::P, 1), (8, Kind::P, 1)]);
    }
}

fn units_of(out: &[u8]) -> Vec<u8> {
    let mut all = units(out);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn skipped_slices_are_those_of_x264() {
    let p = STILL.map(|stream| (stream, vec![Kind::P; 2]));
    let b = BETWEEN.map(|stream| (stream, vec![Kind::P, Kind::P, Kind::B, Kind::B]));
    for (stream, kinds) in p.into_iter().chain(b) {
        let units = units(stream);
        let (sps, pps) = parameters(&units);
        let mut skips = SkipSlices::new();
        let written: Vec<Vec<u8>> = slices(&units).split_off(2);
        assert_eq!(written.len(), kinds.len());
        for ((rbsp, kind), count) in written.into_iter().zip(kinds).zip([8, 4, 8, 4]) {
            let (header, _) = SliceHeader::parse(&rbsp, &sps, &pps).unwrap();
            assert_eq!(header.kind, kind);
            let mut out = Vec::new();
            skips.append(&header, count, &sps, &pps, &mut out);
            let skipped = unescaped(&units_of(&out));
            let (own, length) = SliceHeader::parse(&skipped, &sps, &pps).unwrap();
            assert_eq!(
                own,
                SliceHeader {
                    alone: false,
                    ..header.clone()
                }
            );
            out.clear();
            transplant(&skipped, length, &header, &sps, &pps, &mut out).unwrap();
            let mut ours = unescaped(&units_of(&out));
            // x264 sets the last bit of every other slice.
            if pps.cabac {
                *ours.last_mut().unwrap() |= rbsp.last().unwrap() & 1;
            }
            assert_eq!(ours, rbsp);
        }
    }
}

/// The bounds of table A-1 that people know.
#[test]
fn levels() {
    let level = |width: u32, height: u32, rate, slices| {
        let (width, height) = (width.div_ceil(16), height.div_ceil(16));
        Demand {
            width,
            height,
            rate,
            slices,
        }
        .level()
        .map(|l| l.idc)
    };
    assert_eq!(level(640, 360, (25, 1), 4), Some(30));
    assert_eq!(level(1280, 720, (25, 1), 4), Some(31));
    assert_eq!(level(1280, 720, (60, 1), 4), Some(32));
    assert_eq!(level(1920, 1080, (30, 1), 4), Some(40));
    assert_eq!(level(1920, 1080, (60_000, 1001), 4), Some(42));
    assert_eq!(level(3840, 2160, (25, 1), 4), Some(51));
    assert_eq!(level(3840, 2160, (60, 1), 4), Some(52));
    assert_eq!(level(4096, 4096, (25, 1), 4), Some(60));
    assert_eq!(level(16_384, 16_384, (25, 1), 4), None);
    assert_eq!(
        level(4096, 128, (24, 1), 4),
        Some(40),
        "a long side needs a level of large pictures"
    );
    // 245 760 macroblocks a second, 25 pictures: 163 slices at SliceRate 60, 409 at 24.
    assert_eq!(level(1920, 1080, (25, 1), 136), Some(40));
    assert_eq!(level(1920, 1080, (25, 1), 137), Some(41), "the first picture allows 8160 / 60");
    assert_eq!(level(3840, 2160, (25, 1), 1350), Some(51));
    // A small picture of many slices: 1428 / 24 at level 4.1.
    assert_eq!(level(438, 250, (25, 1), 59), Some(41));
}
