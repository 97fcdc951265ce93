//! Videos made in pieces: the same files, byte by byte, as if they had been made at once.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod footage_common;

use std::path::{Path, PathBuf};

use footage_common::{Calm, Folder, MODELS, clip, ffmpeg, repository};
use mouthpiece_render::media::sound::Limits;
use mouthpiece_render::scene::{Canvas, CaptionSize, Captions, Content, Fit, Fps, Layer, Placement, Scene};
use mouthpiece_render::speech::{Language, TimedWord};
use mouthpiece_render::{EncodePath, Error, Flow, Frames, Kind, Output, Progress, Quality, Report, Shelf, Stage};
use mouthpiece_render::{join, prepare, render_all, render_kept, render_piece};

/// A key frame every 48 frames.
const FPS: Fps = Fps { num: 24, den: 1 };
const SIDE: u32 = 192;

fn canvas() -> Canvas {
    Canvas::new(SIDE, SIDE, FPS).unwrap()
}

fn speech(folder: &Folder, seconds: f64) -> PathBuf {
    let path = folder.join("speech.wav");
    let source = repository("media/demo/speech.flac");
    ffmpeg(&format!("-i {} -t {seconds} -ar 16000", source.display()), &path);
    path
}

fn portrait(folder: &Folder, avatar: &Path, seconds: f64) -> Scene {
    let sound = speech(folder, seconds.min(5.0));
    Scene::portrait(canvas(), avatar, sound).unwrap().lasting(seconds).unwrap()
}

fn astronaut() -> PathBuf {
    repository("render/tests/media/astronaut.png")
}

fn output(path: PathBuf, poster: Option<PathBuf>) -> Output {
    Output {
        path,
        poster,
        quality: Quality::Draft,
        encode: EncodePath::Auto,
        threads: 2,
        sound: Limits::default(),
        packs: None,
    }
}

fn piece(folder: &Folder, scenes: &[Scene], frames: &str) -> Result<(PathBuf, Report), Error> {
    let path = folder.join(&format!("{}.piece", frames.replace('/', "of")));
    let frames: Frames = frames.parse().unwrap();
    let report = render_piece(scenes, &output(path.clone(), None), &frames, &MODELS, &mut Calm)?;
    Ok((path, report))
}

/// Makes a video at once and in so many pieces each time; gives it.
fn compare(folder: &Folder, scenes: &[Scene], counts: &[usize]) -> PathBuf {
    let whole = folder.join("whole.mp4");
    let report = render_all(scenes, &output(whole.clone(), None), &MODELS, &mut Calm).unwrap();
    assert_eq!(report.drawn, 0..report.frames);
    for count in counts {
        let (mut pieces, mut drawn) = (Vec::new(), 0);
        for number in 1..=*count {
            let (path, part) = piece(folder, scenes, &format!("{number}/{count}")).unwrap();
            assert_eq!((part.drawn.start, part.frames), (drawn, report.frames));
            drawn = part.drawn.end;
            pieces.push(path);
        }
        assert_eq!(drawn, report.frames);
        pieces.reverse();
        let joined = folder.join("joined.mp4");
        let joint = join(&pieces, &joined, &mut Calm).unwrap();
        assert_eq!((joint.frames, joint.seconds), (report.frames, report.seconds));
        let (joined, whole) = (std::fs::read(joined).unwrap(), std::fs::read(&whole).unwrap());
        assert!(joined == whole, "{count} pieces: {} bytes, at once {}", joined.len(), whole.len());
    }
    whole
}

#[test]
fn a_photo_with_captions_in_one_two_and_seven_pieces() {
    let folder = Folder::new();
    let word = |text: &str, start: f64| TimedWord {
        text: text.to_owned(),
        start,
        end: start + 0.5,
    };
    // One of them is seen over the border of two pieces.
    let words = vec![word("Nobody", 0.2), word("moves", 5.7), word("today.", 6.2)];
    let scene = portrait(&folder, &astronaut(), 12.5)
        .with_words(words, Language::AmericanEnglish)
        .unwrap()
        .with_captions(Captions::Burn(CaptionSize::Large));
    let scenes = [scene];
    let whole = compare(&folder, &scenes, &[1, 2, 7]);
    for extension in ["srt", "vtt"] {
        let read = |name: &str| std::fs::read_to_string(folder.join(name).with_extension(extension)).unwrap();
        assert_eq!(read("joined.mp4"), read("whole.mp4"), "{extension}");
    }
    assert!(whole.with_extension("srt").is_file() && !folder.join("1of7.srt").exists());

    // The piece that begins makes the poster, and no other.
    for (range, there) in [("..48", true), ("250..", false)] {
        let poster = folder.join("poster.png");
        let wanted = output(folder.join("x.piece"), Some(poster.clone()));
        let part = render_piece(&scenes, &wanted, &range.parse().unwrap(), &MODELS, &mut Calm).unwrap();
        assert_eq!(part.drawn.start, if there { 0 } else { 240 });
        assert_eq!(poster.is_file(), there, "{range}");
        let _ = std::fs::remove_file(poster);
    }
    refused(&folder, &scenes);
}

/// What cannot be joined, and why; the pieces are there.
fn refused(folder: &Folder, scenes: &[Scene]) {
    let join_all = |names: &[&str]| {
        let paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
        let error = join(&paths, &folder.join("refused.mp4"), &mut Calm).unwrap_err();
        assert!(!folder.join("refused.mp4").exists());
        (error.kind, error.message)
    };
    let (kind, message) = join_all(&["1of2.piece"]);
    assert!(kind == Kind::PieceUnfit && message.contains("--frames 144..300"), "{message}");
    let (_, message) = join_all(&["2of2.piece"]);
    assert!(message.contains("--frames 0..144"), "{message}");
    let (_, message) = join_all(&["1of1.piece", "1of2.piece"]);
    assert!(message.contains("in another piece too"), "{message}");
    let (_, message) = join_all(&["whole.mp4"]);
    assert!(
        message.starts_with("the piece whole.mp4") && message.contains("no piece"),
        "{message}"
    );
    let (kind, _) = join_all(&["gone.piece"]);
    assert_eq!(kind, Kind::FileUnreadable);

    // Another seed is another video.
    let other = [scenes[0].clone().with_seed(9)];
    std::fs::rename(folder.join("2of2.piece"), folder.join("kept.piece")).unwrap();
    piece(folder, &other, "2/2").unwrap();
    let (_, message) = join_all(&["1of2.piece", "2of2.piece"]);
    assert!(message.contains("another video"), "{message}");

    let good = std::fs::read(folder.join("kept.piece")).unwrap();
    let damaged = |bytes: &[u8]| {
        folder.write("2of2.piece", bytes);
        join_all(&["1of2.piece", "2of2.piece"])
    };
    let mut changed = good.clone();
    changed[100] ^= 1;
    for bytes in [&changed, &good[..good.len() - 1], &good[..20], &good[..8]] {
        let (kind, message) = damaged(bytes);
        assert!(
            kind == Kind::PieceUnfit && message.contains("2of2.piece: it is damaged"),
            "{message}"
        );
    }
    let mut huge = good.clone();
    let at = huge.len() - 16;
    huge[at..at + 8].fill(0xff);
    assert!(damaged(&huge).1.contains("makes no sense"));

    let message = piece(folder, scenes, "10..40").unwrap_err().message;
    assert!(message.contains("no key frame lies in the frames 10..40"), "{message}");
}

#[test]
fn layers_that_move_in_pieces() {
    let folder = Folder::new();
    let film = folder.join("film.mp4");
    ffmpeg("-f lavfi -i testsrc2=size=192x108:rate=24 -t 1.3 -pix_fmt yuv420p", &film);
    let behind = Layer::new(Content::Video(film), Placement::filling(canvas(), Fit::Cover), 0).unwrap();
    let corner = Placement {
        width: Some(120.0),
        ..Placement::default()
    };
    let avatar = Layer::new(Content::Avatar(astronaut()), corner, 1).unwrap();
    let scene = Scene::new(canvas(), vec![behind, avatar], speech(&folder, 4.0)).unwrap();
    compare(&folder, &[scene.lasting(5.0).unwrap()], &[2]);
}

#[test]
fn a_filmed_avatar_in_pieces() {
    let folder = Folder::new();
    let clip = clip(&folder, "clip.mp4", 40, "-c:v libx264 -qp 18");
    let pack = folder.join("clip.avatar");
    prepare(&clip, &pack, None, &MODELS, 2, &mut Calm).unwrap();
    compare(&folder, &[portrait(&folder, &pack, 5.0)], &[2]);
}

#[test]
fn several_scenes_in_pieces() {
    let folder = Folder::new();
    let one = portrait(&folder, &astronaut(), 3.0);
    let other = Scene::silent(canvas(), one.layers().to_vec(), 2.5).unwrap().with_seed(4);
    compare(&folder, &[one, other], &[2]);
}

/// Stops when so many frames are drawn.
struct Until(u64);

impl Progress for Until {
    fn at(&mut self, stage: Stage, done: u64, _: u64) -> Flow {
        match stage == Stage::Drawing && done >= self.0 {
            true => Flow::Stop,
            false => Flow::Continue,
        }
    }
}

#[test]
fn what_is_finished_of_a_long_video_is_not_drawn_again() {
    let folder = Folder::new();
    let scenes = [portrait(&folder, &astronaut(), 31.0)];
    let kept = |scenes: &[Scene], name: &str, former: &[&str], until: u64| {
        let shelf = Shelf {
            folder: folder.join(name),
            former: former.iter().map(|name| folder.join(name)).collect(),
        };
        let output = output(folder.join("out.mp4"), None);
        render_kept(scenes, &output, &shelf, &MODELS, &mut Until(until)).map(|report| report.drawn)
    };
    let video = || std::fs::read(folder.join("out.mp4")).unwrap();
    assert_eq!(kept(&scenes, "whole", &[], u64::MAX).unwrap(), 0..744);
    let whole = video();
    std::fs::remove_file(folder.join("out.mp4")).unwrap();

    // Drawing is some frames ahead of what has left the encoder.
    assert_eq!(kept(&scenes, "one", &[], 300).unwrap_err().kind, Kind::Cancelled);
    assert!(!folder.join("out.mp4").exists());
    assert_eq!(kept(&scenes, "two", &["one", "none"], 540).unwrap_err().kind, Kind::Cancelled);
    assert_eq!(kept(&scenes, "three", &["one", "two"], u64::MAX).unwrap(), 480..744);
    assert!(video() == whole);

    // Another video takes nothing over, nor does a short one.
    let other = [scenes[0].clone().with_seed(1)];
    assert_eq!(kept(&other, "other", &["three"], 20).unwrap_err().kind, Kind::Cancelled);
    let short = [scenes[0].clone().lasting(1.0).unwrap()];
    assert_eq!(kept(&short, "short", &["three"], u64::MAX).unwrap(), 0..24);
    assert!(!folder.join("short").exists());
    std::fs::write(folder.join("three/stream.h264"), b"").unwrap();
    let drawn = kept(&scenes, "four", &["three", "two"], u64::MAX).unwrap();
    assert!(drawn == (480..744) && video() == whole);
}
