//! What the tests of drawn frames share: portraits, mouths, scenes and their frames.

#![allow(dead_code, clippy::panic, reason = "each test binary uses its own part, and fails by panicking")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use mouthpiece_render::driver::{Patch, Region};
use mouthpiece_render::face::track::Tracker;
use mouthpiece_render::face::{self, FaceNets};
use mouthpiece_render::media::{Picture, Planes, Tools, image, sound};
use mouthpiece_render::model::Runtime;
use mouthpiece_render::mouth::{self, MouthNets, MouthShape, MouthTrack, TimedPhoneme};
use mouthpiece_render::scene::{Anchor, Canvas, Content, Fit, Fps, Layer, Placement, Rgba, Scene};
use mouthpiece_render::{Avatar, Show};

pub static NETS: LazyLock<FaceNets> = LazyLock::new(|| FaceNets::load(&Runtime::rten()).expect("embedded nets load"));

pub const FPS: Fps = Fps { num: 25, den: 1 };
pub const RATE: usize = 16_000;

pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

pub fn contained(name: &str) -> Picture {
    let path = repository("render/tests/media").join(name);
    image::open(&path, &image::Limits::default()).expect("a contained portrait is readable")
}

/// A contained portrait with its landmarks.
pub fn avatar(name: &str) -> Avatar {
    of_picture(contained(name))
}

pub fn of_picture(picture: Picture) -> Avatar {
    let landmarks = face::analyse(&picture, &NETS).expect("the portrait is fit").face.landmarks;
    Avatar { picture, landmarks }
}

/// The astronaut in a soft oval, transparent around it.
pub fn cut_out() -> Avatar {
    let Avatar { mut picture, landmarks } = avatar("astronaut.png");
    for (i, pixel) in picture.rgba.chunks_exact_mut(4).enumerate() {
        let (x, y) = ((i % 512) as f32 - 222.0, (i / 512) as f32 - 140.0);
        pixel[3] = ((1.0 - (x / 75.0).hypot(y / 105.0)) * 400.0 + 128.0).clamp(0.0, 255.0) as u8;
    }
    Avatar { picture, landmarks }
}

pub fn canvas(width: u32, height: u32) -> Canvas {
    Canvas::new(width, height, FPS).expect("a good canvas")
}

/// Where an avatar is drawn: its upper-left corner and its height.
pub fn at(x: f64, y: f64, height: f64) -> Placement {
    Placement {
        anchor: Anchor::TopLeft,
        x,
        y,
        height: Some(height),
        fit: Fit::Fill,
        ..Placement::default()
    }
}

pub fn colour(rgba: [u8; 4], placement: Placement, order: i64) -> Layer {
    Layer::new(Content::Colour(Rgba(rgba)), placement, order).expect("a good layer")
}

/// A scene of an avatar at order 0 and other layers.
pub fn scene(canvas: Canvas, avatar: Placement, others: Vec<Layer>) -> Scene {
    let mut layers = others;
    // The show is given the opened avatar; the file is not read again.
    layers.push(Layer::new(Content::Avatar("avatar".into()), avatar, 0).expect("a good layer"));
    Scene::new(canvas, layers, "sound").expect("a good scene")
}

/// A mouth that does everything that a mouth can do, in a second or so.
pub fn chatter(frames: usize) -> MouthTrack {
    let wave = |i: usize, rate: f32, phase: f32| 0.5 + 0.5 * (i as f32 * rate + phase).sin();
    let shapes = (0..frames).map(|i| MouthShape {
        gap: 1.1 * wave(i, 0.9, 0.0) * wave(i, 0.13, 1.0),
        width: 0.5 * wave(i, 0.7, 2.0) - 0.3,
        upper: 0.2 * wave(i, 0.8, 3.0),
        chin: 0.9 * wave(i, 0.9, 0.2),
        closure: if i % 11 == 4 { 1.0 } else { 0.0 },
        tuck: if i % 11 == 8 { 1.0 } else { 0.0 },
        tongue: wave(i, 0.5, 4.0),
        pucker: wave(i, 0.31, 5.0),
    });
    MouthTrack {
        fps: FPS,
        shapes: shapes.collect(),
        voice: vec![1.0; frames],
        energy: (0..frames).map(|i| wave(i, 0.6, 1.0)).collect(),
    }
}

pub fn at_rest(frames: usize) -> MouthTrack {
    MouthTrack {
        fps: FPS,
        shapes: vec![MouthShape::default(); frames],
        voice: vec![0.0; frames],
        energy: vec![0.0; frames],
    }
}

/// So many seconds of the demonstration's speech, 16 kHz.
pub fn speech(from: f64, seconds: f64) -> Vec<f32> {
    let (path, limits, tools) = (repository("media/demo/speech.flac"), sound::Limits::default(), Tools::default());
    let facts = sound::probe(&path, &limits, &tools).expect("the contained speech is readable");
    let samples = sound::decode_mono_16k(&path, &facts, &limits, &tools).expect("ffmpeg decodes");
    let all: Vec<f32> = samples.flat_map(|block| block.expect("a block")).collect();
    let place = |seconds: f64| (seconds * RATE as f64) as usize;
    all[place(from)..place(from + seconds)].to_vec()
}

/// The mouth of a recording.
pub fn heard(samples: &[f32], phonemes: Option<&[TimedPhoneme]>) -> MouthTrack {
    let nets = MouthNets::load(&Runtime::rten()).expect("embedded nets load");
    let mut blocks = samples.chunks(RATE).map(|block| Ok(block.to_vec()));
    mouth::track(&mut blocks, |seconds| FPS.frames(seconds), FPS, phonemes, &nets).expect("a track")
}

/// All frames of a show, drawn in order at one desk.
pub fn regions(show: &Show) -> Vec<Planes> {
    let mut desk = show.desk();
    (0..show.frames()).map(|i| region(show, i, &mut desk)).collect()
}

pub fn region(show: &Show, index: usize, desk: &mut mouthpiece_render::Desk) -> Planes {
    let mut patch = show.patch();
    show.draw(index, desk, &mut patch);
    assert!(patch.alpha.is_none(), "a drawn region is complete");
    patch.planes
}

/// The whole canvas of a frame.
pub fn whole(show: &Show, region: Planes) -> Planes {
    let mut canvas = show.still().clone();
    show.place(
        &Patch {
            planes: region,
            alpha: None,
        },
        &mut canvas,
    );
    canvas
}

pub fn same(a: &Planes, b: &Planes) -> bool {
    (a.width, a.height) == (b.width, b.height) && a.y == b.y && a.u == b.u && a.v == b.v
}

/// Whether two pictures are the same to the bit outside of a region.
pub fn same_outside(a: &Planes, b: &Planes, region: Region) -> bool {
    let rows = |plane: &[u8], other: &[u8], width: usize, r: Region| {
        plane
            .chunks_exact(width)
            .zip(other.chunks_exact(width))
            .enumerate()
            .all(|(y, (p, q))| {
                let inside = (r.y..r.y + r.height).contains(&y);
                let (left, right) = if inside { (r.x, r.x + r.width) } else { (width, width) };
                p[..left] == q[..left] && p[right..] == q[right..]
            })
    };
    let half = Region {
        x: region.x / 2,
        y: region.y / 2,
        width: region.width / 2,
        height: region.height / 2,
    };
    rows(&a.y, &b.y, a.width, region) && rows(&a.u, &b.u, a.width / 2, half) && rows(&a.v, &b.v, a.width / 2, half)
}

/// Luma, u and v at a pixel.
pub fn pixel(planes: &Planes, x: usize, y: usize) -> [u8; 3] {
    let chroma = y / 2 * (planes.width / 2) + x / 2;
    [planes.y[y * planes.width + x], planes.u[chroma], planes.v[chroma]]
}

/// What a tracker sees of the mouth in a frame, cm on the canonical head.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub gap: f32,
    pub width: f32,
}

/// Draws every frame and tracks it again.
pub fn tracked(show: &Show) -> Vec<Seen> {
    let mut tracker = Tracker::new(&NETS);
    let mut desk = show.desk();
    (0..show.frames())
        .map(|i| {
            let frame = whole(show, region(show, i, &mut desk)).to_picture();
            let (landmarks, _) = tracker
                .next(&frame)
                .expect("nets run")
                .unwrap_or_else(|| panic!("frame {i} shows no face"));
            let points = face::fit(&landmarks).points;
            Seen {
                gap: (points[13][1] - points[14][1]) as f32,
                width: (points[308][0] - points[78][0]) as f32,
            }
        })
        .collect()
}

pub fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let n = a.len() as f32;
    let (ma, mb) = (a.iter().sum::<f32>() / n, b.iter().sum::<f32>() / n);
    let sum = |f: &dyn Fn(f32, f32) -> f32| a.iter().zip(b).map(|(x, y)| f(x - ma, y - mb)).sum::<f32>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}
