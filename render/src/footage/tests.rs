//! What is drawn into a pack's frames, before it is encoded.

use std::time::Duration;

use super::opener::kept;
use super::*;
use crate::face::FaceNets;
use crate::media::process;
use crate::model::Runtime;
use crate::mouth::MouthShape;
use crate::progress::{Flow, Progress, Watch};
use crate::scene::{Canvas, Fps};

const FRAMES: usize = 12;
const SIDES: (usize, usize) = (576, 384);

struct Calm;

impl Progress for Calm {
    fn at(&mut self, _: Step, _: u64, _: u64) -> Flow {
        Flow::Continue
    }
}

/// A large face at the left, a smaller one at the right; neither moves.
fn two(path: &Path) {
    let portrait = |name: &str| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/media")
            .join(name)
            .into_os_string()
    };
    let filter = "[0]crop=384:384:40:0[a];[1]scale=192:-2,pad=192:384:0:0:gray,crop=192:384:0:0[b];[a][b]hstack,format=yuv420p";
    let mut args: Vec<std::ffi::OsString> = ["-v", "error", "-loop", "1", "-i"].map(Into::into).into();
    args.push(portrait("astronaut.png"));
    args.extend(["-loop", "1", "-i"].map(Into::into));
    args.push(portrait("grace_hopper.jpg"));
    args.extend(["-filter_complex", filter, "-frames:v", "12", "-c:v", "ffv1", "-f", "matroska"].map(Into::into));
    args.push(path.as_os_str().to_owned());
    let job = Tools::default().ffmpeg_job(args, 4 << 30, Duration::from_secs(60)).unwrap();
    let (_, exit) = process::run(job, 1).unwrap();
    assert!(exit.success(), "{}", exit.tail);
}

#[test]
fn of_a_long_clip_as_much_is_prepared_as_the_sound_can_use() {
    let part = |sound: f64, clip: f64| Need::Sound(sound).part(clip);
    assert_eq!((part(10.0, 300.0), part(61.0, 300.0)), (Some(60.0), Some(120.0)));
    assert_eq!((part(10.0, 80.0), part(290.0, 300.0), Need::Whole.part(300.0)), (None, None, None));
    assert!(Need::Sound(70.0).parts().eq([120.0, 180.0, 240.0]));
    assert_eq!((Need::Sound(3600.0).parts().count(), Need::Whole.parts().count()), (0, 0));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two");
    two(&path);
    let (nets, tools) = (FaceNets::load(&Runtime::rten()).unwrap(), Tools::default());
    let cache = PackCache {
        folder: folder.path().to_owned(),
        bytes: 1 << 30,
    };
    let opener = Opener {
        nets: &nets,
        tools: &tools,
        threads: 2,
        cache: Some(&cache),
        folder: folder.path(),
    };
    let (mut calm, source) = (Calm, "00".to_owned());
    let mut watch = Watch::new(&mut calm);
    let mut clip = opener.clip(&path, &mut watch).unwrap();
    clip.cut(Some(0.2));
    let facts = opener.made(&clip, &source, &mut watch).unwrap().facts;
    assert_eq!((facts.frames, facts.part), (5, Some(0.2)));
    // So little of it is not enough for anybody, and no pack of the whole clip.
    assert!(kept(&cache.place(&source, Some(0.2)), &source).is_some());
    assert!(opener.cached(&source, Need::Sound(0.1)).is_none() && opener.cached(&source, Need::Whole).is_none());
}

#[test]
fn others_stay_as_they_are_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two");
    two(&path);
    let (nets, tools) = (FaceNets::load(&Runtime::rten()).unwrap(), Tools::default());
    let opener = Opener {
        nets: &nets,
        tools: &tools,
        threads: 2,
        cache: None,
        folder: folder.path(),
    };
    let pack = opener.open(&path, Need::Whole, &mut Watch::new(&mut Calm)).unwrap();
    assert!(
        pack.facts.warnings.iter().any(|w| w.contains("2 faces")),
        "{:?}",
        pack.facts.warnings
    );
    let canvas = Canvas::new(SIDES.0 as u32, SIDES.1 as u32, Fps::DEFAULT).unwrap();
    let scene = Scene::portrait(canvas, &path, &path).unwrap();
    let track = MouthTrack {
        fps: Fps::DEFAULT,
        shapes: vec![
            MouthShape {
                gap: 0.2,
                width: -0.4,
                ..MouthShape::default()
            };
            FRAMES
        ],
        voice: vec![1.0; FRAMES],
        energy: vec![0.5; FRAMES],
    };
    let stage = Stage {
        scene: &scene,
        tools: &tools,
        threads: 2,
    };
    let mut drawn = Vec::new();
    let mut write = |_: usize, frame: &mut Planes| {
        drawn.push(frame.clone());
        Ok(())
    };
    let frames = 0..track.shapes.len();
    stage.draw(&pack, track, frames, &mut write, &mut |_, _| Ok(())).unwrap();
    let whole = crate::driver::Region {
        x: 0,
        y: 0,
        width: SIDES.0,
        height: SIDES.1,
    };
    // They do not move: any frame will do for the pixels that are compared.
    let mut frames = pack.pictures(0..FRAMES, SIDES, whole, &tools).unwrap();
    let filmed: Vec<Planes> = (0..FRAMES)
        .map(|_| {
            let mut planes = frames.blank();
            assert!(frames.read(&mut planes, &mut || Ok(())).unwrap());
            planes
        })
        .collect();
    assert_eq!(drawn.len(), FRAMES);
    let part = |planes: &Planes, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>| -> Vec<u8> {
        rows.flat_map(|y| planes.y[y * SIDES.0..][columns.clone()].to_vec()).collect()
    };
    for (i, drawn) in drawn.iter().enumerate() {
        let same = |columns: std::ops::Range<usize>, rows: std::ops::Range<usize>| {
            let now = part(drawn, columns.clone(), rows.clone());
            filmed.iter().any(|f| part(f, columns.clone(), rows.clone()) == now)
        };
        assert!(same(384..576, 0..384), "frame {i}: the other face was touched");
        assert!(same(0..576, 0..80), "frame {i}: hair was touched");
        assert!(!same(100..300, 100..340), "frame {i}: nobody speaks");
    }
}
