//! Nothing that comes in makes us panic, hang or take memory.

use super::*;

/// Reads a stream as a splicer does, and moves every slice that can be read.
fn read(stream: &[u8]) -> usize {
    let mut units = Vec::new();
    let mut cutter = AnnexB::new();
    if cutter.push(stream, &mut |unit| units.push(unit.to_vec())).is_ok() {
        cutter.finish(&mut |unit| units.push(unit.to_vec()));
    }
    let (mut sps, mut pps, mut moved) = (None, None, 0);
    let (mut skips, mut out) = (SkipSlices::new(), Vec::new());
    for unit in &units {
        sps = Sps::parse(unit).ok().or(sps);
        pps = Pps::parse(unit).ok().or(pps);
        let (Some(sps), Some(pps)) = (&sps, &pps) else { continue };
        let rbsp = unescaped(unit);
        if let Ok((header, length)) = SliceHeader::parse(&rbsp, sps, pps) {
            moved += usize::from(transplant(&rbsp, length, &header, sps, pps, &mut out).is_ok());
            skips.append(&header, 1 + header.first_mb % 99, sps, pps, &mut out);
        }
    }
    moved
}

#[test]
fn whole_streams_are_read() {
    for stream in MOVING {
        assert_eq!(read(stream), 8);
    }
}

#[test]
fn streams_that_end_anywhere() {
    for stream in MOVING.iter().chain(&STILL) {
        for end in 0..stream.len() {
            read(&stream[..end]);
        }
    }
}

/// Bits flipped, bytes lost and doubled, by a generator that is the same every time.
#[test]
fn streams_with_errors() {
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for round in 0..20_000 {
        let mut stream = MOVING[round % 2].to_vec();
        for _ in 0..=random(8) {
            // Headers are at the front: half of the errors go there.
            let within = if random(2) == 0 { 80.min(stream.len()) } else { stream.len() };
            let at = random(within);
            match random(4) {
                0 => stream[at] ^= 1 << random(8),
                1 => stream[at] = random(256) as u8,
                2 => drop(stream.drain(at..(at + random(6)).min(stream.len()))),
                _ => stream.insert(at, [0, 0xff][random(2)]),
            }
        }
        read(&stream);
    }
}

proptest! {
    #[test]
    fn bytes(stream in vec(prop_oneof![Just(0u8), Just(1), any::<u8>()], 0..300)) {
        read(&stream);
    }

    #[test]
    fn parameters_of_bytes(kind in prop_oneof![Just(0x67u8), Just(0x68)], rest in vec(any::<u8>(), 0..60)) {
        let unit = [vec![kind], rest].concat();
        // What can be read can be written and is read again as the same.
        if let Ok(sps) = Sps::parse(&unit) {
            prop_assert_eq!(Sps::parse(&unescape_not(&sps.to_rbsp())), Ok(sps));
        }
        if let Ok(pps) = Pps::parse(&unit) {
            prop_assert_eq!(Pps::parse(&unescape_not(&pps.to_rbsp())), Ok(pps));
        }
    }
}

fn unescape_not(rbsp: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    nal::append(rbsp, &mut stream);
    stream.split_off(4)
}
