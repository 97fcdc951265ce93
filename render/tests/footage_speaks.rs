//! Footage speaks: a person who was filmed says a recording with the mouth that was filmed.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test tells what it measured, and fails by panicking"
)]

mod footage_common;

use std::path::{Path, PathBuf};

use footage_common::common::{ffmpeg_output, noise, wav};
use footage_common::{Calm, Folder, MODELS, ffmpeg, repository};
use mouthpiece_render::face::{self, track::Tracker};
use mouthpiece_render::media::Planes;
use mouthpiece_render::media::sound::Limits;
use mouthpiece_render::model::Runtime;
use mouthpiece_render::mouth::{self, MouthNets, MouthTrack, TimedPhoneme};
use mouthpiece_render::scene::{Canvas, Fps, Scene};
use mouthpiece_render::{EncodePath, Output, Quality, render};

const FPS: Fps = Fps { num: 25, den: 1 };

fn canvas(width: u32, height: u32) -> Canvas {
    Canvas::new(width, height, FPS).unwrap()
}

fn make(avatar: &Path, sound: &Path, output: &Path, canvas: Canvas) {
    make_of(&Scene::portrait(canvas, avatar, sound).unwrap(), output);
}

fn make_of(scene: &Scene, output: &Path) {
    let output = Output {
        path: output.to_owned(),
        poster: None,
        quality: Quality::High,
        encode: EncodePath::Auto,
        threads: 2,
        sound: Limits::default(),
        packs: None,
    };
    let report = render(scene, &output, &MODELS, &mut Calm).unwrap();
    assert_eq!(report.frames as usize, FPS.frames(report.seconds));
}

/// A part of the demonstration's speech, 16 kHz.
fn speech(folder: &Folder, name: &str, from: f64, seconds: f64) -> PathBuf {
    let path = folder.join(name);
    let source = repository("media/demo/speech.flac");
    ffmpeg(&format!("-ss {from} -t {seconds} -i {} -ac 1 -ar 16000", source.display()), &path);
    path
}

/// Every frame of a video, as stored.
fn frames(path: &Path, width: usize, height: usize) -> Vec<Planes> {
    let (n, q) = (width * height, width * height / 4);
    ffmpeg_output(
        path,
        &format!("-map 0:v -vf scale={width}:{height}:out_color_matrix=bt709 -f rawvideo -pix_fmt yuv420p"),
    )
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

/// Opening of the mouth and drop of the chin in every frame, cm.
fn mouths(frames: &[Planes]) -> (Vec<f64>, Vec<f64>) {
    let nets = MODELS.face().unwrap();
    let mut tracker = Tracker::new(&nets);
    frames
        .iter()
        .map(|f| {
            let (landmarks, _) = tracker.next(&f.to_picture()).unwrap().unwrap();
            let points = face::fit(&landmarks).points;
            (points[13][1] - points[14][1], -points[152][1])
        })
        .unzip()
}

/// What is asked for: the mouth of a recording.
fn asked(sound: &Path) -> MouthTrack {
    let bytes = ffmpeg_output(sound, "-ac 1 -ar 16000 -f f32le");
    let samples: Vec<f32> = bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
    let mut blocks = samples.chunks(1600).map(|block| Ok(block.to_vec()));
    let nets = MouthNets::load(&Runtime::rten()).unwrap();
    mouth::track(&mut blocks, |seconds| FPS.frames(seconds), FPS, None, &nets).unwrap()
}

fn gaps(track: &MouthTrack) -> Vec<f64> {
    track.shapes.iter().map(|s| f64::from(s.gap * (1.0 - s.closure))).collect()
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mean = |v: &[f64]| v.iter().sum::<f64>() / n as f64;
    let (ma, mb) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(x, y)| f(x - ma, y - mb)).sum::<f64>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

/// Mean difference of luma in a rectangle: left, top, right, bottom.
fn differ(a: &Planes, b: &Planes, [left, top, right, low]: [usize; 4]) -> f64 {
    let mut sum = 0u64;
    for y in top..low {
        let row = y * a.width;
        sum += a.y[row + left..row + right]
            .iter()
            .zip(&b.y[row + left..row + right])
            .map(|(a, b)| u64::from(a.abs_diff(*b)))
            .sum::<u64>();
    }
    sum as f64 / ((right - left) * (low - top)) as f64
}

fn quantile(mut values: Vec<f64>, part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * part) as usize]
}

/// A person of whom we know everything: the photo renderer's own work is the footage.
#[test]
fn somebody_filmed_says_what_was_never_filmed() {
    const SIZE: (usize, usize) = (320, 376);
    let folder = Folder::new();
    let canvas = canvas(SIZE.0 as u32, SIZE.1 as u32);
    let footage = folder.join("footage.mp4");
    let portrait = repository("render/tests/media/grace_hopper.jpg");
    make(&portrait, &speech(&folder, "filmed.wav", 0.0, 9.0), &footage, canvas);
    // Silence after the words.
    let said = folder.join("said.wav");
    let words = speech(&folder, "words.wav", 9.5, 3.5);
    ffmpeg(&format!("-i {} -af apad=pad_dur=1.6", words.display()), &said);
    let output = folder.join("out.mp4");
    make(&footage, &said, &output, canvas);
    let (source, made) = (frames(&footage, SIZE.0, SIZE.1), frames(&output, SIZE.0, SIZE.1));
    let track = asked(&said);
    assert_eq!(made.len(), track.shapes.len());

    let (seen, _) = mouths(&made);
    let follows = correlation(&seen, &gaps(&track));
    println!("what is seen follows what was asked with {follows:.2}");
    assert!(follows > 0.9, "{follows:.2}");
    let shut = quantile(seen.clone(), 0.05);
    for (i, s) in track.shapes.iter().enumerate().filter(|(_, s)| s.closure > 0.9) {
        // Two pixels; the tracker is less sure in the first frame, which it sees without a former one.
        assert!(
            seen[i] < shut + if i == 0 { 0.15 } else { 0.1 },
            "frame {i} must be shut ({:.2}) and is open by {:.2} cm instead of {shut:.2}",
            s.closure,
            seen[i]
        );
    }
    // Long after the last word nothing moves.
    let silent = &seen[seen.len() - 20..];
    let (low, high) = silent.iter().fold((f64::MAX, f64::MIN), |(l, h), g| (l.min(*g), h.max(*g)));
    assert!(
        high - low < 0.05 && high < shut + 0.1,
        "lips move in silence: {low:.3} to {high:.3} cm"
    );

    // Hair and eyes are a frame's of the footage.
    let upper = [40, 0, 280, 150];
    for (i, frame) in made.iter().enumerate().step_by(7) {
        let nearest = source.iter().map(|s| differ(frame, s, upper)).fold(f64::MAX, f64::min);
        assert!(nearest < 2.0, "frame {i} is none of the footage: {nearest:.2}");
    }
    // Nowhere does the picture jump more than it did when it was filmed.
    let whole = [0, 0, SIZE.0, SIZE.1];
    let changes = |f: &[Planes]| f.array_windows::<2>().map(|[a, b]| differ(a, b, whole)).collect::<Vec<f64>>();
    let (filmed, ours) = (quantile(changes(&source), 0.99), quantile(changes(&made), 1.0));
    println!("change from frame to frame: at most {ours:.2}, filmed {filmed:.2}");
    assert!(ours < 1.5 * filmed, "{ours:.2} against {filmed:.2}");
}

/// Lips that were never filmed open are drawn, and shut ones stay shut.
#[test]
fn somebody_filmed_in_silence_speaks_all_the_same() {
    let folder = Folder::new();
    let portrait = repository("render/tests/media/grace_hopper.jpg");
    let mut samples = vec![0i16; 32_000];
    samples[31_500..31_540].copy_from_slice(&noise(40));
    let quiet = folder.write("quiet.wav", &wav(16_000, 1, &samples));
    let footage = folder.join("footage.mp4");
    make(&portrait, &quiet, &footage, canvas(256, 300));
    let output = folder.join("out.mp4");
    let said = speech(&folder, "said.wav", 1.0, 1.6);
    make(&footage, &said, &output, canvas(256, 300));
    let (seen, _) = mouths(&frames(&output, 256, 300));
    let follows = correlation(&seen, &gaps(&asked(&said)));
    let widest = seen.iter().copied().fold(0.0, f64::max);
    println!("drawn: follows with {follows:.2}, opens to {widest:.2} cm");
    assert!(follows > 0.7 && widest > 0.4, "{follows:.2} {widest:.2}");
}

/// The parts of a frame that are green: how many, and where their middle lies, pixels.
fn green(frame: &Planes) -> Option<(usize, [f64; 2])> {
    let columns = frame.width / 2;
    let places: Vec<[f64; 2]> = (0..frame.v.len())
        .filter(|&n| frame.v[n] < 116 && frame.u[n] < 122)
        .map(|n| [(n % columns * 2) as f64, (n / columns * 2) as f64])
        .collect();
    let count = places.len();
    let mean = |c: usize| places.iter().map(|p| p[c]).sum::<f64>() / count as f64;
    (count > 0).then(|| (count, [mean(0), mean(1)]))
}

/// Somebody keeps the lips shut but for a moment, in which teeth are seen, one of them green: drawn mouths have the same teeth, and they stay
/// where they are.
#[test]
fn a_drawn_mouth_has_the_teeth_that_were_filmed() {
    const SIDE: usize = 480;
    let folder = Folder::new();
    let portrait = folder.join("portrait.png");
    let source = repository("render/tests/media/astronaut.png");
    ffmpeg(
        &format!("-i {} -vf crop=160:160:144:28,scale={SIDE}:{SIDE}:flags=lanczos", source.display()),
        &portrait,
    );
    let canvas = canvas(SIDE as u32, SIDE as u32);
    let sound = speech(&folder, "filmed.wav", 0.0, 3.2);
    let say = |symbol: &str, start: f64, end: f64| TimedPhoneme {
        symbol: symbol.into(),
        start,
        end,
    };
    let spoken = vec![say("m", 0.0, 1.5), say("s", 1.5, 1.9), say("m", 1.9, 3.2)];
    let smiling = folder.join("smiling.mp4");
    make_of(
        &Scene::portrait(canvas, &portrait, &sound).unwrap().with_phonemes(spoken).unwrap(),
        &smiling,
    );
    let mut filmed = frames(&smiling, SIDE, SIDE);
    let nets = MODELS.face().unwrap();
    let mut tracker = Tracker::new(&nets);
    let faces: Vec<_> = filmed.iter().map(|f| tracker.next(&f.to_picture()).unwrap().unwrap().0).collect();
    let gap = |k: usize| {
        let points = face::fit(&faces[k]).points;
        points[13][1] - points[14][1]
    };
    let open = (0..filmed.len()).max_by(|&a, &b| gap(a).total_cmp(&gap(b))).unwrap();
    println!("frame {open} shows teeth, open by {:.2} cm", gap(open));
    let (face, cm) = (&faces[open], face::fit(&faces[open]).scale);
    let (left, right) = (f64::from(face[13][0]) + 0.1 * cm, f64::from(face[13][0]) + 0.7 * cm);
    for y in face[13][1] as usize / 2..face[14][1] as usize / 2 {
        for x in left as usize / 2..right as usize / 2 {
            filmed[open].v[y * SIDE / 2 + x] = 96;
            filmed[open].u[y * SIDE / 2 + x] = 110;
        }
    }
    // Less than a fiftieth of all frames: no mouth that could be lent.
    let shut: Vec<usize> = (0..filmed.len()).filter(|&k| gap(k) < 0.15).collect();
    let (before, after) = (
        shut.iter().copied().filter(|&k| k < open),
        shut.iter().copied().filter(|&k| k > open),
    );
    let (before, after): (Vec<usize>, Vec<usize>) = (before.collect(), after.collect());
    let to_and_fro = |part: &[usize]| -> Vec<usize> { part.iter().rev().chain(part).copied().collect() };
    let mut order = to_and_fro(&before);
    order.extend([open, open]);
    order.extend(&after);
    while order.len() <= 110 {
        order.extend(to_and_fro(&after));
    }
    let raw: Vec<u8> = order
        .iter()
        .flat_map(|&k| [&filmed[k].y[..], &filmed[k].u, &filmed[k].v].concat())
        .collect();
    let raw = folder.write("filmed.yuv", &raw);
    let footage = folder.join("footage.mkv");
    ffmpeg(
        &format!(
            "-f rawvideo -pix_fmt yuv420p -s {SIDE}x{SIDE} -r 25 -i {} -c:v ffv1 -colorspace bt709",
            raw.display()
        ),
        &footage,
    );

    let output = folder.join("out.mp4");
    make(&footage, &speech(&folder, "said.wav", 1.0, 2.0), &output, canvas);
    let made = frames(&output, SIDE, SIDE);
    let nets = MODELS.face().unwrap();
    let mut tracker = Tracker::new(&nets);
    let seen: Vec<_> = made
        .iter()
        .map(|f| {
            let (landmarks, _) = tracker.next(&f.to_picture()).unwrap().unwrap();
            let fit = face::fit(&landmarks);
            let gap = fit.points[13][1] - fit.points[14][1];
            let marked = green(f).map(|(count, [x, y])| {
                // Where on the teeth's own plane, about: cm.
                let middle = fit.project([0.0, fit.points[13][1], 4.0]);
                (
                    count as f64 * 4.0 / (fit.scale * fit.scale),
                    (x - middle[0]) / fit.scale,
                    (y - middle[1]) / fit.scale,
                )
            });
            (gap, marked)
        })
        .collect();
    let wide: Vec<_> = seen.iter().filter(|(gap, _)| *gap > 0.4).collect();
    let marks: Vec<(f64, f64, f64)> = wide.iter().filter_map(|(_, mark)| *mark).collect();
    println!("{} of {} open mouths have the green tooth: {marks:.2?}", marks.len(), wide.len());
    assert!(wide.len() > 5 && marks.len() == wide.len(), "the teeth are others'");
    for (area, x, _) in &marks {
        assert!((0.02..0.5).contains(area), "a tooth of {area:.2} cm²");
        assert!(
            (x - quantile(marks.iter().map(|m| m.1).collect(), 0.5)).abs() < 0.12,
            "it jumps: {x:.2} cm"
        );
    }
}

/// Real footage: a sentence that was held out, against the true video of it.
#[test]
fn a_real_talker_says_a_sentence_that_was_held_out() {
    let folder = Folder::new();
    let grid = repository("../shared/media/grid_s1");
    if !grid.exists() {
        println!("skipped: {} is not there", grid.display());
        return;
    }
    let clips = ["bbir8p", "bgwu8p", "lwwm3a", "pgwe6n"];
    let list: String = clips
        .iter()
        .map(|c| format!("file '{}'\n", grid.join(format!("{c}.mpg")).canonicalize().unwrap().display()))
        .collect();
    let list = folder.write("list.txt", list.as_bytes());
    let footage = folder.join("footage.mkv");
    ffmpeg(
        &format!("-f concat -safe 0 -i {} -an -vf setpts=N/25/TB -r 25 -c:v ffv1", list.display()),
        &footage,
    );
    let truth = grid.join("srwb8n.mpg");
    let said = folder.join("said.wav");
    ffmpeg(&format!("-i {} -vn -ac 1 -ar 16000", truth.display()), &said);
    let output = folder.join("out.mp4");
    make(&footage, &said, &output, canvas(360, 288));
    let (made, real) = (frames(&output, 360, 288), frames(&truth, 360, 288));
    let ((gap, chin), (true_gap, true_chin)) = (mouths(&made), mouths(&real));
    let track = asked(&said);
    let seen = [
        correlation(&gap, &gaps(&track)),
        correlation(&gap, &true_gap),
        correlation(&chin, &true_chin),
    ];
    println!(
        "gap as asked {:.2}, gap and chin as in truth {:.2} {:.2}",
        seen[0], seen[1], seen[2]
    );
    assert!(seen[0] > 0.95 && seen[1] > 0.75 && seen[2] > 0.8, "{seen:.2?}");
}
