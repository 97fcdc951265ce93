//! Videos whose avatar is a video: as long as the sound, the person's own life, another mouth.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test tells what it measured, and fails by panicking"
)]

mod footage_common;

use std::path::{Path, PathBuf};

use footage_common::common::{ffmpeg_output, noise, wav};
use footage_common::{Calm, Folder, MODELS, clip, clip_of, ffmpeg, ffprobe, repository};
use mouthpiece_render::face::{self, track::Tracker};
use mouthpiece_render::media::sound::Limits;
use mouthpiece_render::media::{Planes, to_yuv};
use mouthpiece_render::scene::{Canvas, Content, Fit, Fps, Layer, Placement, Rgba, Scene};
use mouthpiece_render::{EncodePath, Error, Flow, Kind, Output, PackCache, Progress, Quality, Report, Stage, render};

const FPS: Fps = Fps { num: 25, den: 1 };

fn speech(folder: &Folder, seconds: f64) -> PathBuf {
    let path = folder.join("speech.wav");
    ffmpeg(
        &format!("-i {} -t {seconds} -ar 16000", repository("media/demo/speech.flac").display()),
        &path,
    );
    path
}

fn make(scene: &Scene, output: &Path, threads: usize, progress: &mut dyn Progress) -> Result<Report, Error> {
    let output = Output {
        encode: EncodePath::Auto,
        path: output.to_owned(),
        poster: None,
        quality: Quality::High,
        threads,
        sound: Limits::default(),
        packs: None,
    };
    render(scene, &output, &MODELS, progress)
}

fn canvas(width: u32, height: u32) -> Canvas {
    Canvas::new(width, height, FPS).unwrap()
}

/// Every frame of a video, as stored.
fn frames(path: &Path, width: usize, height: usize) -> Vec<Planes> {
    let (n, q) = (width * height, width * height / 4);
    ffmpeg_output(path, "-map 0:v -f rawvideo -pix_fmt yuv420p")
        .chunks_exact(n + 2 * q)
        .map(|f| Planes {
            width,
            height,
            y: f[..n].to_vec(),
            u: f[n..n + q].to_vec(),
            v: f[n + q..].to_vec(),
        })
        .collect()
}

/// Mean difference of luma in a rectangle: left, top, right, bottom.
fn differ(a: &Planes, b: &Planes, [left, top, right, low]: [usize; 4]) -> f64 {
    let mut sum = 0u64;
    for y in top..low {
        for x in left..right {
            sum += u64::from(a.y[y * a.width + x].abs_diff(b.y[y * a.width + x]));
        }
    }
    sum as f64 / ((right - left) * (low - top)) as f64
}

/// The opening of the mouth in every frame, cm.
fn gaps(frames: &[Planes]) -> Vec<f64> {
    let nets = MODELS.face().unwrap();
    let mut tracker = Tracker::new(&nets);
    frames
        .iter()
        .map(|f| {
            let (landmarks, _) = tracker.next(&f.to_picture()).unwrap().unwrap();
            let points = face::fit(&landmarks).points;
            points[13][1] - points[14][1]
        })
        .collect()
}

#[test]
fn a_short_clip_plays_to_and_fro_and_only_the_mouth_is_ours() {
    let folder = Folder::new();
    let path = clip(&folder, "clip.mkv", 20, "-c:v ffv1");
    let scene = Scene::portrait(canvas(384, 384), &path, speech(&folder, 2.0)).unwrap();
    let output = folder.join("out.mp4");
    let report = make(&scene, &output, 2, &mut Calm).unwrap();
    assert_eq!(report.frames, 50);
    let told = ffprobe(&output, "-count_frames -show_entries stream=nb_read_frames,duration");
    assert_eq!(told["streams"][0]["nb_read_frames"], "50");
    let source = frames(&path, 384, 384);
    let made = frames(&output, 384, 384);
    // Hair and eyes are the clip's own, there and back: 0 … 19 18 … 0 1 …
    for (i, frame) in made.iter().enumerate() {
        let at = i % 38;
        let at = at.min(38 - at);
        let own = differ(frame, &source[at], [60, 0, 330, 90]);
        assert!(own < 2.0, "frame {i} is not frame {at} of the clip: {own}");
    }
    let gaps = gaps(&made);
    let (low, high) = gaps.iter().fold((f64::MAX, f64::MIN), |(l, h), g| (l.min(*g), h.max(*g)));
    println!("gap {low:.3} to {high:.3} cm");
    assert!(low < 0.12 && high > 0.3, "the mouth does not speak: {low:.3} to {high:.3} cm");
    // No temporary file is left.
    assert_eq!(folder.names(), ["clip.mkv", "out.mp4", "speech.wav"]);
}

#[test]
fn a_long_clip_is_cut_and_the_number_of_threads_does_not_matter() {
    let folder = Folder::new();
    let path = clip(&folder, "clip.mp4", 60, "-c:v libx264 -preset ultrafast -r 30");
    let scene = Scene::portrait(canvas(320, 240), &path, speech(&folder, 1.2)).unwrap();
    let bytes = |threads: usize| {
        let output = folder.join("out.mp4");
        assert_eq!(make(&scene, &output, threads, &mut Calm).unwrap().frames, 30);
        std::fs::read(output).unwrap()
    };
    let one = bytes(1);
    assert!(one == bytes(2) && one == bytes(7), "frames depend on the number of threads");
}

#[test]
fn in_silence_the_mouth_stays_shut() {
    let folder = Folder::new();
    let path = clip_of("grace_hopper.jpg", &folder, "clip.mp4", 30, "-c:v libx264 -qp 10");
    // A click makes it a recording; nobody speaks.
    let mut samples = vec![0i16; 24_000];
    samples[23_500..23_540].copy_from_slice(&noise(40));
    let sound = folder.write("quiet.wav", &wav(16_000, 1, &samples));
    let scene = Scene::portrait(canvas(384, 384), &path, sound).unwrap();
    let output = folder.join("out.mp4");
    make(&scene, &output, 2, &mut Calm).unwrap();
    let gaps = gaps(&frames(&output, 384, 384)[..30]);
    let (low, high) = gaps.iter().fold((f64::MAX, f64::MIN), |(l, h), g| (l.min(*g), h.max(*g)));
    println!("gap {low:.3} to {high:.3} cm in silence");
    assert!(high < 0.12 && high - low < 0.08, "{gaps:.3?}");
}

#[test]
fn frames_without_a_face_pass_as_they_are() {
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
    let said = speech(&folder, 2.0);
    let scene = Scene::portrait(canvas(384, 384), &both, &said).unwrap();
    let output = folder.join("out.mp4");
    let source = frames(&both, 384, 384);
    make(&scene, &output, 2, &mut Calm).unwrap();
    for (i, frame) in frames(&output, 384, 384).iter().enumerate() {
        assert!(
            differ(&source[40], frame, [0, 0, 384, 384]) > 20.0,
            "somebody speaks, and frame {i} shows the wall"
        );
    }
    // Dubbed, it stays the film that it was.
    let scene = scene.with_filmed_order(true);
    let report = make(&scene, &output, 2, &mut Calm).unwrap();
    assert!(report.warnings.iter().any(|w| w.contains("in only")), "{:?}", report.warnings);
    let made = frames(&output, 384, 384);
    assert_eq!((source.len(), made.len()), (50, 50));
    // The last frame of the face is as filmed too: the drive fades.
    for i in [24, 25, 30, 49] {
        let all = differ(&source[i], &made[i], [0, 0, 384, 384]);
        assert!(all < 1.5, "frame {i} changed by {all}");
    }
    // Coding alone changes the same pixels of a frame that passes by less than that.
    let mouth = |i: usize| differ(&source[i], &made[i], [150, 220, 240, 290]);
    assert!(mouth(12) > 3.0 * mouth(49), "{} against {}", mouth(12), mouth(49));
}

#[test]
fn layers_lie_under_and_over_a_video() {
    let folder = Folder::new();
    let path = clip(&folder, "clip.mp4", 12, "-c:v libx264 -qp 8");
    let place = |x: f64, y: f64, width: f64, height: f64| Placement {
        x,
        y,
        width: Some(width),
        height: Some(height),
        fit: Fit::Fill,
        ..Placement::default()
    };
    let colour = |c: [u8; 4], placement, order| Layer::new(Content::Colour(Rgba(c)), placement, order).unwrap();
    let layers = vec![
        colour([200, 30, 40, 255], Placement::default(), -1),
        Layer::new(Content::Avatar(path), place(40.0, 20.0, 200.0, 200.0), 0).unwrap(),
        colour([20, 60, 220, 255], place(0.0, 180.0, 320.0, 30.0), 1),
    ];
    let scene = Scene::new(canvas(320, 240), layers, speech(&folder, 0.4)).unwrap();
    let output = folder.join("out.mp4");
    make(&scene, &output, 2, &mut Calm).unwrap();
    let near = |a: u8, b: u8| a.abs_diff(b) <= 3;
    for frame in frames(&output, 320, 240) {
        let luma = |x: usize, y: usize| frame.y[y * 320 + x];
        assert!(near(luma(10, 10), to_yuv([200, 30, 40])[0]) && near(luma(300, 230), to_yuv([200, 30, 40])[0]));
        assert!(near(luma(10, 195), to_yuv([20, 60, 220])[0]) && near(luma(120, 195), to_yuv([20, 60, 220])[0]));
        assert!(!near(luma(120, 60), to_yuv([200, 30, 40])[0]), "the video is not there");
    }
}

#[test]
fn a_disc_on_transparent_black_has_no_dark_rim() {
    let folder = Folder::new();
    let disc = folder.join("disc.mov");
    let inside = |yes: u8| format!("if(lt(hypot(X-160\\,Y-120)\\,90)\\,{yes}\\,0)");
    ffmpeg(
        &format!(
            "-f lavfi -i color=black:s=320x240:r=25,format=rgba,geq=r={}:g={}:b={}:a={} -frames:v 5 -c:v png",
            inside(220),
            inside(30),
            inside(30),
            inside(255)
        ),
        &disc,
    );
    let place = |x: f64, y: f64, width: f64| Placement {
        x,
        y,
        width: Some(width),
        ..Placement::default()
    };
    // Scaled by a whole part, by what is left of one, and enlarged.
    for width in [80.0, 118.0, 200.0] {
        let layers = vec![
            Layer::new(
                Content::Avatar(repository("render/tests/media/astronaut.png")),
                place(0.0, 0.0, 96.0),
                0,
            )
            .unwrap(),
            Layer::new(Content::Video(disc.clone()), place(110.0, 40.0, width), 1).unwrap(),
        ];
        let scene = Scene::new(canvas(320, 240), layers, speech(&folder, 0.2)).unwrap();
        let output = folder.join("out.mp4");
        make(&scene, &output, 1, &mut Calm).unwrap();
        let frame = &frames(&output, 320, 240)[2];
        let [red, _, red_v] = to_yuv([220, 30, 30]).map(f32::from);
        let mut solid = 0;
        for row in 20..110 {
            for x in 55..160 {
                let luma = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(i, j)| f32::from(frame.y[(2 * row + j) * 320 + 2 * x + i]));
                let part = (235.0 - luma.iter().sum::<f32>() / 4.0) / (235.0 - red);
                let v = f32::from(frame.v[row * 160 + x]);
                solid += usize::from(part > 0.95);
                // On the line between white and the disc's red, and not beyond its end.
                assert!((-0.12..1.12).contains(&part), "{width}: {x},{row} is {part:.2} of the disc");
                assert!(
                    (v - 128.0 - part * (red_v - 128.0)).abs() < 16.0,
                    "{width}: {x},{row} has {v}, {part:.2} of the disc"
                );
            }
        }
        assert!(solid > 100, "{width}: {solid}");
    }
}

#[test]
fn colours_are_those_of_the_video_in_either_matrix() {
    let folder = Folder::new();
    let portrait = repository("render/tests/media/astronaut.png");
    let photo = mouthpiece_render::media::image::open(&portrait, &Default::default()).unwrap();
    for (matrix, name) in [("bt709", "bt709"), ("bt601", "smpte170m")] {
        let path = folder.join(&format!("{matrix}.mkv"));
        ffmpeg(
            &format!(
                "-loop 1 -framerate 25 -i {} -frames:v 10 -vf scale=out_color_matrix={matrix}:out_range=tv,format=yuv420p \
                 -colorspace {name} -c:v libx264 -qp 4",
                portrait.display()
            ),
            &path,
        );
        let scene = Scene::portrait(canvas(512, 512), &path, speech(&folder, 0.2)).unwrap();
        let output = folder.join("out.mp4");
        make(&scene, &output, 2, &mut Calm).unwrap();
        let made = frames(&output, 512, 512)[0].to_picture();
        // The orange suit, far from the face.
        for (x, y) in [(60, 470), (420, 480), (100, 60)] {
            let at = (y * 512 + x) * 4;
            for c in 0..3 {
                let (own, video) = (photo.rgba[at + c], made.rgba[at + c]);
                assert!(own.abs_diff(video) < 12, "{matrix} {x},{y}: {own} became {video}");
            }
        }
    }
}

const WALL: [u8; 3] = [30, 160, 60];

/// A video whose person stands before a wall, and maybe a video behind it.
fn cut_out(clip: &Path, sound: PathBuf, video: Option<PathBuf>) -> Scene {
    let whole = Placement::filling(canvas(320, 240), Fit::Fill);
    let wall = Layer::new(Content::Colour(Rgba([WALL[0], WALL[1], WALL[2], 255])), Placement::default(), -2).unwrap();
    let person = Layer::new(Content::Avatar(clip.to_owned()), Placement { fit: Fit::Cover, ..whole }, 0);
    let video = video.map(|path| Layer::new(Content::Video(path), whole, -1).unwrap());
    let layers = [wall, person.unwrap()].into_iter().chain(video).collect();
    Scene::new(canvas(320, 240), layers, sound).unwrap().with_matte(true)
}

/// Where the astronaut's picture is the room alone, and where it is she alone.
const ROOM: [[usize; 4]; 2] = [[0, 0, 30, 60], [290, 0, 320, 40]];
const FACE: [usize; 4] = [120, 12, 150, 36];

#[test]
fn a_filmed_person_stands_before_another_background() {
    let folder = Folder::new();
    let path = clip(&folder, "clip.mp4", 14, "-c:v libx264 -qp 8");
    let sound = speech(&folder, 0.6);
    let (before, cut) = (folder.join("before.mp4"), folder.join("cut.mp4"));
    let scene = cut_out(&path, sound, None);
    make(&scene.clone().with_matte(false), &before, 2, &mut Calm).unwrap();
    make(&scene, &cut, 1, &mut Calm).unwrap();
    let wall = Planes::filled(320, 240, WALL).unwrap();
    let (before, after) = (frames(&before, 320, 240), frames(&cut, 320, 240));
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        for room in ROOM {
            assert!(differ(after, &wall, room) < 2.0, "{}", differ(after, &wall, room));
        }
        assert!(differ(after, before, FACE) < 2.0, "{}", differ(after, before, FACE));
    }
    // The number of threads changes nothing.
    make(&scene, &folder.join("again.mp4"), 3, &mut Calm).unwrap();
    assert!(frames(&folder.join("again.mp4"), 320, 240) == after);
}

#[test]
fn a_filmed_person_stands_among_layers_that_move() {
    let folder = Folder::new();
    let path = clip(&folder, "clip.mp4", 10, "-c:v libx264 -qp 8");
    let behind = folder.join("behind.mp4");
    ffmpeg(
        "-f lavfi -i color=0x2040c0:s=64x48:r=25 -frames:v 5 -c:v libx264 -qp 4 -pix_fmt yuv420p",
        &behind,
    );
    let output = folder.join("out.mp4");
    make(&cut_out(&path, speech(&folder, 0.4), Some(behind)), &output, 2, &mut Calm).unwrap();
    let blue = Planes::filled(320, 240, [0x20, 0x40, 0xc0]).unwrap();
    for frame in frames(&output, 320, 240) {
        for room in ROOM {
            assert!(differ(&frame, &blue, room) < 4.0, "{}", differ(&frame, &blue, room));
        }
        assert!(differ(&frame, &blue, FACE) > 40.0, "she is not there");
    }
}

#[test]
fn where_nothing_moves_the_edge_of_a_person_stays() {
    let folder = Folder::new();
    let path = folder.join("still.mp4");
    let portrait = repository("render/tests/media/astronaut.png");
    ffmpeg(
        &format!(
            "-loop 1 -framerate 25 -i {} -frames:v 12 -vf crop=384:384:40:10,noise=alls=5:allf=t,format=yuv420p -c:v libx264 -qp 14",
            portrait.display()
        ),
        &path,
    );
    let output = folder.join("out.mp4");
    make(&cut_out(&path, speech(&folder, 0.48), None), &output, 2, &mut Calm).unwrap();
    let made = frames(&output, 320, 240);
    // Hair and shoulders, without the mouth that speaks; what remains is the noise of the picture and of coding.
    for (before, after) in made.iter().zip(&made[1..]) {
        let flicker = differ(before, after, [60, 0, 130, 240]);
        assert!(flicker < 2.0, "{flicker}");
    }
}

#[test]
fn a_matte_is_made_once() {
    let folder = Folder::new();
    let path = clip(&folder, "clip.mp4", 10, "-c:v libx264 -qp 8");
    let packs = PackCache {
        folder: folder.join("packs"),
        bytes: 1 << 30,
    };
    let scene = cut_out(&path, speech(&folder, 0.4), None);
    let go = |name: &str| {
        let output = Output {
            encode: EncodePath::Auto,
            path: folder.join(name),
            poster: None,
            quality: Quality::High,
            threads: 2,
            sound: Limits::default(),
            packs: Some(packs.clone()),
        };
        let report = render(&scene, &output, &MODELS, &mut Calm).unwrap();
        let kept = std::fs::read_dir(&packs.folder).unwrap().map(|e| e.unwrap().path());
        let mattes: Vec<PathBuf> = kept.filter(|p| p.extension().is_some_and(|e| e == "matte")).collect();
        assert_eq!(mattes.len(), 1, "{mattes:?}");
        (
            std::fs::read(&mattes[0]).unwrap(),
            mattes[0].clone(),
            frames(&folder.join(name), 320, 240),
            report,
        )
    };
    let (first, place, made, _) = go("first.mp4");
    // A damaged one is made again; one that is there is used.
    std::fs::write(&place, &first[..first.len() / 2]).unwrap();
    let (second, _, again, _) = go("second.mp4");
    assert!(second == first && again == made);
    let written = || std::fs::metadata(&place).unwrap().created().unwrap();
    let before = written();
    assert!(go("third.mp4").2 == made && written() == before);
}

/// Says stop as soon as so much of a stage is done.
struct Until(Stage, u64);

impl Progress for Until {
    fn at(&mut self, stage: Stage, done: u64, _: u64) -> Flow {
        if stage == self.0 && done >= self.1 {
            Flow::Stop
        } else {
            Flow::Continue
        }
    }
}

#[test]
fn whenever_it_is_stopped_nothing_is_left() {
    let folder = Folder::new();
    let path = clip(&folder, "clip.mp4", 10, "-c:v libx264 -preset ultrafast");
    let scene = Scene::portrait(canvas(320, 240), &path, speech(&folder, 0.8)).unwrap();
    // Looking, following (10 frames), listening, drawing, the last frame.
    for (stage, done) in [
        (Stage::Face, 3),
        (Stage::Preparing, 4),
        (Stage::Mouth, 0),
        (Stage::Drawing, 5),
        (Stage::Drawing, 20),
    ] {
        let error = make(&scene, &folder.join("out.mp4"), 2, &mut Until(stage, done)).unwrap_err();
        assert_eq!(error.kind, Kind::Cancelled, "{stage:?} {done}: {error}");
        assert_eq!(folder.names(), ["clip.mp4", "speech.wav"], "{stage:?} {done}");
    }
}

#[test]
fn whenever_cutting_is_stopped_nothing_is_left_of_the_matte() {
    let folder = Folder::new();
    let path = clip(&folder, "clip.mp4", 20, "-c:v libx264 -preset ultrafast");
    let sound = speech(&folder, 0.8);
    let packs = PackCache {
        folder: folder.join("packs"),
        bytes: 1 << 30,
    };
    let go = |scene: &Scene, progress: &mut dyn Progress| {
        let output = Output {
            encode: EncodePath::Auto,
            path: folder.join("out.mp4"),
            poster: None,
            quality: Quality::High,
            threads: 2,
            sound: Limits::default(),
            packs: Some(packs.clone()),
        };
        render(scene, &output, &MODELS, progress)
    };
    let kept = || -> Vec<PathBuf> {
        let files = std::fs::read_dir(&packs.folder).unwrap().map(|e| e.unwrap().path());
        files.filter(|p| p.extension().is_none_or(|e| e != "lock")).collect()
    };
    // What is prepared from here on is the matte alone.
    go(&Scene::portrait(canvas(320, 240), &path, &sound).unwrap(), &mut Calm).unwrap();
    std::fs::remove_file(folder.join("out.mp4")).unwrap();
    let (before, names) = (kept(), folder.names());
    assert_eq!(before.len(), 1, "{before:?}");
    let scene = cut_out(&path, sound, None);
    for done in [1, 12] {
        let mut stop = Until(Stage::Preparing, done);
        let error = go(&scene, &mut stop).unwrap_err();
        assert_eq!(error.kind, Kind::Cancelled, "{done}: {error}");
        assert_eq!((kept(), folder.names()), (before.clone(), names.clone()), "{done}");
    }
}

/// Real talkers: the opening follows the sound that is given and not the one that was filmed.
#[test]
fn a_filmed_talker_says_something_else() {
    let folder = Folder::new();
    let grid = repository("../shared/media/grid");
    let (talker, other) = (grid.join("grid_pwij3p.mpg"), grid.join("grid_lrwp9a.mpg"));
    if !talker.exists() {
        println!("skipped: {} is not there", talker.display());
        return;
    }
    let scene = Scene::portrait(canvas(360, 288), &talker, &other).unwrap();
    let output = folder.join("out.mp4");
    make(&scene, &output, 2, &mut Calm).unwrap();
    let made = gaps(&frames(&output, 360, 288));
    let (own, model) = (gaps(&frames(&talker, 360, 288)), gaps(&frames(&other, 360, 288)));
    let n = made.len().min(own.len()).min(model.len());
    let correlation = |a: &[f64], b: &[f64]| {
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let (ma, mb) = (mean(a), mean(b));
        let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(x, y)| f(x - ma, y - mb)).sum::<f64>();
        sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
    };
    let (said, filmed) = (correlation(&made[..n], &model[..n]), correlation(&made[..n], &own[..n]));
    println!("the opening follows the talker of the sound with {said:.2}, the filmed one with {filmed:.2}");
    assert!(said > 0.4 && said > filmed + 0.2, "{said:.2} {filmed:.2}");
}
