//! Packs whose frames are known: each is one grey, and its mouth another.

use proptest::prelude::*;

use super::*;
use crate::face::head::Head;
use crate::face::{Face, Landmarks};
use crate::footage::trail::{SMALL, Sight, State};
use crate::media::record::{Recorder, Recording};
use crate::media::{Picture, Planes};

const FRAMES: usize = 21;
const SIDES: (usize, usize) = (96, 80);
const MOUTH: (usize, usize) = (40, 30);

fn grey(frame: usize) -> u8 {
    20 + 10 * frame as u8
}

fn mouth_grey(frame: usize) -> u8 {
    230 - 10 * frame as u8
}

/// Frame 4 shows nobody.
fn has_face(frame: usize) -> bool {
    frame != 4
}

/// The canonical head, four pixels a centimetre, in the middle of a picture.
fn landmarks() -> Box<Landmarks> {
    let mut landmarks = Box::new([[0.0; 3]; 478]);
    for (to, [x, y, z]) in landmarks.iter_mut().zip(&Head::get().vertices) {
        *to = [48.0 + 4.0 * *x as f32, 40.0 - 4.0 * *y as f32, -4.0 * *z as f32];
    }
    landmarks
}

fn stream(group: usize, sides: (usize, usize), greys: &[u8], folder: &Path) -> std::path::PathBuf {
    let path = folder.join(format!("{group}.h264"));
    let recording = Recording {
        path: &path,
        group,
        quantiser: 10,
        most: greys.len(),
    };
    let mut recorder = Recorder::start(&recording, sides, &Tools::default()).unwrap();
    for grey in greys {
        let mut planes = Planes::blank(sides.0, sides.1);
        planes.y.fill(*grey);
        recorder.write(&planes).unwrap();
    }
    recorder.finish(&mut || Ok(())).unwrap();
    path
}

fn pack() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::new(tempfile::tempfile().unwrap()).unwrap();
    let greys: Vec<u8> = (0..FRAMES).map(grey).collect();
    let pictures = stream(GROUP, SIDES, &greys, folder.path());
    let mut alive = || Ok(());
    let mut add = |writer: &mut Writer, stream, marks, path: &Path| {
        let found = writer.stream(stream, &mut File::open(path).unwrap(), &mut alive).unwrap().0;
        writer.marks(marks, &found).unwrap();
    };
    add(&mut writer, Section::Pictures, Section::PictureMarks, &pictures);
    let greys: Vec<u8> = (0..FRAMES).filter(|&i| has_face(i)).map(mouth_grey).collect();
    let mouths = stream(1, MOUTH, &greys, folder.path());
    add(&mut writer, Section::Mouths, Section::MouthMarks, &mouths);
    let (mut sights, mut places) = (Vec::new(), Vec::new());
    for i in 0..FRAMES {
        sights.push(has_face(i).then(|| Sight::new(&landmarks(), 120.0, None, State::Free, Box::new([90; SMALL.0 * SMALL.1]))));
        places.push(has_face(i).then_some(Region {
            x: 2 * i,
            y: 50 - 2 * i,
            width: MOUTH.0,
            height: MOUTH.1,
        }));
    }
    writer.add(Section::Tracks, &write_tracks(&sights, &places)).unwrap();
    let picture = Picture {
        width: SIDES.0,
        height: SIDES.1,
        rgba: vec![128; SIDES.0 * SIDES.1 * 4],
    };
    let best = Best {
        picture,
        face: Face::plain(landmarks(), 0.9),
        scale: 1.0,
    };
    writer.add(Section::Looks, &write_looks(&best).unwrap()).unwrap();
    let facts = PackFacts {
        width: SIDES.0,
        height: SIDES.1,
        fps: Fps { num: 30_000, den: 1001 },
        frames: FRAMES,
        mouth: MOUTH,
        part: None,
        source: "00".into(),
        warnings: vec!["so so".into()],
        report: Report::default(),
    };
    writer.add(Section::Header, &serde_json::to_vec(&facts).unwrap()).unwrap();
    let mut file = writer.file().unwrap();
    writer.finish().unwrap();
    let mut bytes = Vec::new();
    std::io::Seek::rewind(&mut file).unwrap();
    std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
    bytes
}

fn opened(bytes: &[u8]) -> Result<Pack> {
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    Pack::read(file)
}

/// The greys of all frames that are given.
fn greys(mut frames: Frames) -> Result<Vec<u8>> {
    let mut planes = frames.blank();
    let mut greys = Vec::new();
    while frames.read(&mut planes, &mut || Ok(()))? {
        let sum: usize = planes.y.iter().map(|v| usize::from(*v)).sum();
        greys.push((sum as f64 / planes.y.len() as f64).round() as u8);
    }
    Ok(greys)
}

const WHOLE: Region = Region {
    x: 0,
    y: 0,
    width: SIDES.0,
    height: SIDES.1,
};

fn near(found: &[u8], expected: impl Iterator<Item = u8>) {
    let expected: Vec<u8> = expected.collect();
    let near = found.iter().zip(&expected).all(|(a, b)| a.abs_diff(*b) <= 2);
    assert!(near && found.len() == expected.len(), "{found:?} instead of {expected:?}");
}

#[test]
fn any_frame_is_had_at_any_time() {
    let (pack, tools) = (opened(&pack()).unwrap(), Tools::default());
    let last = FRAMES - 1;
    let orders: [Vec<usize>; 6] = [
        (0..FRAMES).collect(),
        (0..FRAMES).rev().collect(),
        (0..2 * FRAMES).map(|i| i / 2).collect(),
        vec![last, 0, last, last, 3, 11, 2, 10, 1, 9, 0, 8, 0, 0, 16],
        vec![7, 8, 7, 8, 15, 16, 15],
        Vec::new(),
    ];
    for order in orders {
        let played = pack.pictures(order.clone(), SIDES, WHOLE, &tools).unwrap();
        near(&greys(played).unwrap(), order.iter().map(|i| grey(*i)));
    }
    let order = [last, 0, 3, 5, 5, 7, 6];
    near(
        &greys(pack.mouths(order, &tools).unwrap()).unwrap(),
        order.iter().map(|i| mouth_grey(*i)),
    );
    assert_eq!(pack.mouths([4], &tools).err().unwrap().kind, Kind::Internal);
    assert_eq!((pack.mouth_place(4), pack.mouth_place(FRAMES)), (None, None));
    let Region { x, y, width, height } = pack.mouth_place(5).unwrap();
    assert_eq!((x, y, (width, height)), (10, 40, MOUTH));
    // Scaled and cut on the way.
    let crop = Region {
        x: 8,
        y: 4,
        width: 20,
        height: 16,
    };
    let mut frames = pack.pictures([9, 3], (48, 40), crop, &tools).unwrap();
    assert_eq!((frames.blank().width, frames.blank().height), (20, 16));
    near(
        &greys(pack.pictures([9, 3], (48, 40), crop, &tools).unwrap()).unwrap(),
        [9, 3].map(grey).into_iter(),
    );
    // Who stops early leaves nothing behind that waits.
    frames.read(&mut frames.blank(), &mut || Ok(())).unwrap();
    drop(frames);
}

#[test]
fn the_face_is_where_it_was() {
    let pack = opened(&pack()).unwrap();
    let trail = pack.trail();
    // The hole is short enough to be bridged.
    assert_eq!(
        (trail.frames(), trail.takes().as_slice()),
        (FRAMES, std::slice::from_ref(&(0..FRAMES)))
    );
    assert!((0..FRAMES).all(|i| trail.usable(i)));
    let placed = trail.at(12).unwrap();
    for (found, expected) in placed.landmarks.iter().zip(landmarks().iter()).take(468) {
        assert!((0..3).all(|c| (found[c] - expected[c]).abs() < 0.05), "{found:?} {expected:?}");
    }
    assert_eq!(pack.looks().face.score, 0.9);
    assert_eq!(pack.facts.warnings, ["so so"]);
}

#[test]
fn what_is_no_pack_is_told_apart() {
    let whole = pack();
    let message = |bytes: &[u8]| {
        let error = opened(bytes).err().unwrap();
        assert_eq!(error.kind, Kind::AvatarUnreadable);
        error.message
    };
    let version = |v: u32| {
        let mut bytes = whole.clone();
        bytes[8..12].copy_from_slice(&v.to_le_bytes());
        bytes
    };
    assert!(message(b"").contains("no prepared avatar"));
    assert!(message(&[7; 5000]).contains("no prepared avatar"));
    assert!(message(&version(VERSION + 1)).contains("newer version"));
    assert!(message(&version(0)).contains("older version"));
    assert!(message(&whole[..whole.len() - 1]).contains("its end is missing"));
    assert!(message(&[whole.as_slice(), b"more"].concat()).contains("more in it"));
}

#[test]
fn a_changed_frame_is_not_shown() {
    let mut bytes = pack();
    // The first stream begins where the table ends.
    bytes[32 + 16 * 24 + 40] ^= 1;
    let pack = opened(&bytes).unwrap();
    let error = greys(pack.pictures(0..3, SIDES, WHOLE, &Tools::default()).unwrap()).unwrap_err();
    assert_eq!(error.kind, Kind::AvatarUnreadable);
    assert_eq!(
        greys(pack.pictures(8..10, SIDES, WHOLE, &Tools::default()).unwrap()).unwrap().len(),
        2
    );
}

/// Every sum made true again, so that what lies behind them is reached.
fn sealed(bytes: &mut [u8]) {
    let count = u32::from_le_bytes(bytes[12..16].try_into().unwrap()).min(16) as usize;
    for i in 0..count {
        let at = 32 + i * 24;
        let long = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
        let (start, length) = (long(at + 8), long(at + 16));
        if let Some(section) = start.checked_add(length).and_then(|end| bytes.get(start..end)) {
            let sum = crate::media::reel::sum(section).to_le_bytes();
            bytes[at + 4..at + 8].copy_from_slice(&sum);
        }
    }
    let table = crate::media::reel::sum(&bytes[32..32 + count * 24]).to_le_bytes();
    bytes[24..28].copy_from_slice(&table);
    let length = (bytes.len() as u64).to_le_bytes();
    bytes[16..24].copy_from_slice(&length);
}

/// Whatever was opened can be used.
fn holds(bytes: &[u8]) {
    match opened(bytes) {
        Err(e) => assert_eq!(e.kind, Kind::AvatarUnreadable, "{e}"),
        Ok(pack) => {
            let trail = pack.trail();
            for i in 0..trail.frames() {
                let _ = (trail.at(i), trail.features(i), pack.mouth_place(i));
            }
            let _ = (trail.takes(), trail.tones(), trail.smiles());
        }
    }
}

#[test]
fn mutations_never_break_it() {
    let whole = pack();
    // Where the sections that are read lie: all after the streams.
    let streams = whole.len() - FRAMES * tracks::FRAME - 8000;
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(400));
    let place = prop_oneof![0usize..32 + 16 * 24, streams..whole.len(), 0..whole.len()];
    let change = (place, any::<u8>());
    let changes = (prop::collection::vec(change, 1..6), any::<bool>(), prop::option::of(0..whole.len()));
    runner
        .run(&changes, |(changes, seal, cut)| {
            let mut bytes = whole.clone();
            for (at, value) in changes {
                bytes[at] = value;
            }
            bytes.truncate(cut.filter(|c| c % 3 == 0).unwrap_or(whole.len()));
            if seal && bytes.len() > 32 + 16 * 24 {
                sealed(&mut bytes);
            }
            holds(&bytes);
            Ok(())
        })
        .unwrap();
}
