//! Clips are prepared once: what a pack holds, what is said of it, and that nobody needs the clip any more.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test tells what it measured, and fails by panicking"
)]

mod footage_common;

use std::path::{Path, PathBuf};

use footage_common::{Calm, Folder, MODELS, clip, ffmpeg, repository};
use mouthpiece_render::media::sound::Limits;
use mouthpiece_render::scene::{Canvas, Fps, Scene};
use mouthpiece_render::{
    EncodePath, Error, Flow, Kind, Output, PackCache, PackFacts, Progress, Quality, Shape, Stage, Why, pack_facts, prepare, render,
};

fn built(clip: &Path, output: &Path) -> PackFacts {
    let (facts, fresh) = prepare(clip, output, None, &MODELS, 2, &mut Calm).unwrap();
    assert!(fresh && pack_facts(output).unwrap() == facts);
    facts
}

fn speech(folder: &Folder) -> PathBuf {
    let path = folder.join("speech.wav");
    ffmpeg(
        &format!("-i {} -t 0.6 -ar 16000", repository("media/demo/speech.flac").display()),
        &path,
    );
    path
}

fn say(avatar: &Path, folder: &Folder, packs: Option<PackCache>, progress: &mut dyn Progress) -> Result<Vec<u8>, Error> {
    let canvas = Canvas::new(320, 240, Fps::DEFAULT).unwrap();
    let scene = Scene::portrait(canvas, avatar, speech(folder)).unwrap();
    let output = Output {
        path: folder.join("out.mp4"),
        poster: None,
        quality: Quality::Standard,
        encode: EncodePath::Auto,
        threads: 2,
        sound: Limits::default(),
        packs,
    };
    render(&scene, &output, &MODELS, progress)?;
    Ok(std::fs::read(&output.path).unwrap())
}

/// Refuses to prepare anything.
struct Hasty;

impl Progress for Hasty {
    fn at(&mut self, stage: Stage, _: u64, _: u64) -> Flow {
        if stage == Stage::Preparing { Flow::Stop } else { Flow::Continue }
    }
}

#[test]
fn a_pack_needs_its_clip_no_more() {
    let folder = Folder::new();
    let path = clip(&folder, "clip.mp4", 30, "-c:v libx264 -preset ultrafast");
    let pack = folder.join("name.avatar");
    let facts = built(&path, &pack);
    assert_eq!((facts.width, facts.height, facts.fps, facts.frames), (384, 384, Fps::DEFAULT, 30));
    // Built again it is free, and so is a copy for another name.
    let again = |output: &Path| prepare(&path, output, None, &MODELS, 2, &mut Hasty);
    assert!(again(&pack).is_ok_and(|(facts, fresh)| !fresh && facts.frames == 30));
    let from_clip = say(&path, &folder, None, &mut Calm).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(
        from_clip == say(&pack, &folder, None, &mut Hasty).unwrap(),
        "a pack gives another video than its clip"
    );
    assert_eq!(folder.names(), ["name.avatar", "out.mp4", "speech.wav"]);
    let examined = mouthpiece_render::examine(&pack, Some(&folder.join("small.jpg")), &MODELS, &mut Calm).unwrap();
    assert!(examined.footage && examined.width == 384 && (examined.seconds.unwrap() - 1.2).abs() < 1e-9);
    assert_eq!(mouthpiece_render::natural_size(&pack).unwrap(), (384, 384));
}

#[test]
fn the_same_clip_is_prepared_once() {
    let folder = Folder::new();
    let path = clip(&folder, "clip.mp4", 12, "-c:v libx264 -preset ultrafast");
    let cache = PackCache {
        folder: folder.join("cache"),
        bytes: 1 << 30,
    };
    let first = say(&path, &folder, Some(cache.clone()), &mut Calm).unwrap();
    // The name says nothing, the bytes do.
    let other = folder.join("other");
    std::fs::rename(&path, &other).unwrap();
    assert!(first == say(&other, &folder, Some(cache.clone()), &mut Hasty).unwrap());
    let pack = folder.join("name.avatar");
    assert!(!prepare(&other, &pack, Some(&cache), &MODELS, 2, &mut Hasty).unwrap().1);
    assert_eq!(pack_facts(&pack).unwrap().frames, 12);
    // A damaged one is made anew.
    let kept = std::fs::read_dir(&cache.folder).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&kept, b"nothing").unwrap();
    assert_eq!(
        say(&other, &folder, Some(cache.clone()), &mut Hasty).unwrap_err().kind,
        Kind::Cancelled
    );
    assert!(first == say(&other, &folder, Some(cache), &mut Calm).unwrap());
}

#[test]
fn what_cameras_make_becomes_upright_and_steady() {
    let folder = Folder::new();
    let upright = clip(&folder, "upright.mp4", 16, "-c:v libx264 -preset ultrafast");
    // On its side, and the file says so.
    let lying = folder.join("lying.mp4");
    ffmpeg(
        &format!("-i {} -vf transpose=cclock,crop=384:320 -preset ultrafast", upright.display()),
        &lying,
    );
    let turned = folder.join("turned.mov");
    ffmpeg(&format!("-i {} -c copy -metadata:s:v rotate=270", lying.display()), &turned);
    // Frames that come as they please, at about 30 a second.
    let unsteady = folder.join("unsteady.mp4");
    ffmpeg(
        &format!(
            "-i {} -vf setpts=(N+0.4*mod(N\\,3))/30/TB -fps_mode passthrough -c:v libx264 -preset ultrafast",
            upright.display()
        ),
        &unsteady,
    );
    let deep = folder.join("deep.mp4");
    ffmpeg(
        &format!("-i {} -pix_fmt yuv420p10le -c:v libx264 -preset ultrafast", upright.display()),
        &deep,
    );
    let fast = folder.join("fast.avi");
    ffmpeg(&format!("-i {} -r 120 -c:v mpeg4 -q:v 3", upright.display()), &fast);
    let odd = folder.join("odd.webm");
    ffmpeg(
        &format!(
            "-i {} -vf crop=341:383 -pix_fmt yuv444p -c:v libvpx-vp9 -cpu-used 8 -deadline realtime",
            upright.display()
        ),
        &odd,
    );
    for (path, size, rate, seconds) in [
        (&turned, (320, 384), 25.0, 0.64),
        (&unsteady, (384, 384), 30.0, 0.53),
        (&deep, (384, 384), 25.0, 0.64),
        (&fast, (384, 384), 60.0, 0.64),
        (&odd, (340, 382), 25.0, 0.64),
    ] {
        let facts = built(path, &folder.join("name.avatar"));
        let name = path.file_name().unwrap().display();
        assert_eq!((facts.width, facts.height), size, "{name}");
        assert!((facts.fps.as_f64() - rate).abs() < 0.05, "{name}: {:?}", facts.fps);
        assert!((facts.report.seconds - seconds).abs() < 0.06, "{name}: {}", facts.report.seconds);
        assert!(
            (facts.report.usable - facts.report.seconds).abs() < 1e-9,
            "{name}: {:?}",
            facts.report
        );
        assert!(facts.mouth.0 > 60 && facts.mouth.0 < 260, "{name}: {:?}", facts.mouth);
    }
}

#[test]
fn the_report_says_what_cannot_be_used_and_what_to_film() {
    let folder = Folder::new();
    clip(&folder, "face.mkv", 25, "-c:v ffv1");
    let wall = folder.join("wall.mkv");
    ffmpeg(
        "-f lavfi -i testsrc2=s=384x384:r=25:d=1 -pix_fmt yuv420p -colorspace bt709 -c:v ffv1",
        &wall,
    );
    let list = folder.write("list.txt", b"file 'face.mkv'\nfile 'wall.mkv'\n");
    let both = folder.join("both.mkv");
    ffmpeg(&format!("-f concat -safe 0 -i {} -c copy", list.display()), &both);
    let report = built(&both, &folder.join("name.avatar")).report;
    println!("{report:?}");
    assert!((report.seconds - 2.0).abs() < 1e-9 && (report.usable - 1.0).abs() < 0.1);
    let [lost] = report.lost.as_slice() else { panic!("{report:?}") };
    assert!(lost.why == Why::NoFace && (lost.seconds - 1.0).abs() < 0.1);
    let covered = |shape: Shape| report.shapes.iter().find(|c| c.shape == shape).unwrap();
    // She smiles all the time, and shows her teeth: so she is at rest, and never opens her mouth.
    assert!(report.shapes.iter().all(|c| !c.enough) && covered(Shape::Rest).times == 0 && covered(Shape::Wide).times == 0);
    let wished = |word: &str| report.missing.iter().any(|m| m.contains(word));
    assert!(
        wished("a minute") && wished("no face") && wished("at rest") && wished("big pile"),
        "{:?}",
        report.missing
    );
}

#[test]
fn whom_to_prepare_is_known_soon() {
    let folder = Folder::new();
    let nobody = folder.join("nobody.mp4");
    ffmpeg("-f lavfi -i testsrc2=s=320x240:d=1 -pix_fmt yuv420p", &nobody);
    let photo = repository("render/tests/media/grace_hopper.jpg");
    let path = clip(&folder, "clip.mp4", 12, "-c:v libx264 -preset ultrafast");
    let pack = folder.join("name.avatar");
    built(&path, &pack);
    let output = folder.join("other.avatar");
    for (path, kind) in [
        (&nobody, Kind::NoFace),
        (&photo, Kind::VideoUnreadable),
        (&pack, Kind::VideoUnreadable),
    ] {
        let error = prepare(path, &output, None, &MODELS, 2, &mut Hasty).unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
    }
    assert_eq!(folder.names(), ["clip.mp4", "name.avatar", "nobody.mp4"]);
}

/// Says stop as soon as so much is done of the preparation.
struct Until(u64);

impl Progress for Until {
    fn at(&mut self, stage: Stage, done: u64, _: u64) -> Flow {
        if stage == Stage::Preparing && done >= self.0 {
            Flow::Stop
        } else {
            Flow::Continue
        }
    }
}

#[test]
fn a_preparation_that_is_stopped_leaves_nothing() {
    let folder = Folder::new();
    let path = clip(&folder, "clip.mp4", 12, "-c:v libx264 -preset ultrafast");
    let output = folder.join("name.avatar");
    // Before it, while the face is followed, at its end, and while mouths are cut out.
    for done in [0, 3, 12, 13, 14] {
        let error = prepare(&path, &output, None, &MODELS, 2, &mut Until(done)).unwrap_err();
        assert_eq!(error.kind, Kind::Cancelled, "{done}");
        assert_eq!(folder.names(), ["clip.mp4"], "{done}");
    }
}
