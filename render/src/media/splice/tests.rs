//! Streams of the splicer, made in pieces and decoded again.

use std::time::Duration;

use super::layout::Part;
use super::part::Pictures;
use super::*;
use crate::media::openh264::{Encoder, Settings as Raw};
use crate::media::process;
use crate::media::tools::H264Encoder;
use crate::media::tools::H264Encoder::{OpenH264, X264};

const FPS: Fps = Fps { num: 25, den: 1 };
const SIZE: (usize, usize) = (352, 288);
const GOP: usize = 6;

/// Keeps the stream.
struct Kept(Vec<u8>);

impl Sink for Kept {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn stopper(&self) -> Option<Stopper> {
        None
    }
}

/// A textured wall, and in front of it a patch that is another in each frame.
fn frame(index: usize, moving: &[Region]) -> Planes {
    drawn(index, SIZE, moving)
}

fn drawn(index: usize, size: (usize, usize), moving: &[Region]) -> Planes {
    let mut planes = Planes::blank(size.0, size.1);
    let wall = |x: usize, y: usize| (90 + (x * 7 + y * 13) % 23 + x / 3 + y / 4) as u8;
    for (i, luma) in planes.y.iter_mut().enumerate() {
        let (x, y) = (i % size.0, i / size.0);
        let inside = moving
            .iter()
            .any(|r| (r.x..r.x + r.width).contains(&x) && (r.y..r.y + r.height).contains(&y));
        *luma = if inside {
            wall(x + 3 * index, y * 2 + 5 * (index % 7))
        } else {
            wall(x, y)
        };
    }
    planes.u.fill(110);
    planes.v.fill(140);
    planes
}

fn coding<'a>(layout: &'a Layout, tools: &'a Tools, encoder: H264Encoder, cabac: bool) -> Coding<'a> {
    Coding {
        layout,
        encoder,
        size: SIZE,
        fps: FPS,
        gop: GOP,
        frames: 20,
        quality: Quality::Standard,
        tools,
        cores: 2,
        cabac,
    }
}

/// What an encoder makes of some frames, with CABAC or without.
fn stream(layout: &Layout, draw: &dyn Fn(usize) -> Planes, frames: Range<usize>, how: (H264Encoder, bool)) -> Vec<u8> {
    let tools = Tools::default();
    let coding = coding(layout, &tools, how.0, how.1);
    let mut splicer = Splicer::with(&coding, frames.clone(), Kept(Vec::new())).unwrap();
    for index in frames {
        splicer.write(&draw(index)).unwrap();
    }
    splicer.finish(&mut || Ok(())).unwrap().0
}

fn decoded(stream: &[u8]) -> Vec<Planes> {
    decoded_as(stream, SIZE)
}

fn decoded_as(stream: &[u8], size: (usize, usize)) -> Vec<Planes> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), stream).unwrap();
    let tools = Tools::default();
    let mut args: Vec<std::ffi::OsString> = ["-v", "error", "-xerror", "-f", "h264", "-i"].map(Into::into).into();
    args.push(file.path().into());
    args.extend(["-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:1"].map(Into::into));
    let job = tools.ffmpeg_job(args, 4 << 30, Duration::from_secs(60)).unwrap();
    let (bytes, exit) = process::run(job, 64 << 20).unwrap();
    assert!(exit.success() && exit.tail.is_empty(), "{}", exit.tail);
    let (luma, chroma) = (size.0 * size.1, size.0 * size.1 / 4);
    let planes = |b: &[u8]| Planes {
        width: size.0,
        height: size.1,
        y: b[..luma].to_vec(),
        u: b[luma..luma + chroma].to_vec(),
        v: b[luma + chroma..].to_vec(),
    };
    bytes.chunks_exact(luma + 2 * chroma).map(planes).collect()
}

const FACE: [Region; 1] = [Region {
    x: 160,
    y: 130,
    width: 30,
    height: 24,
}];

fn layouts(moving: &[Region], encoder: H264Encoder) -> [Layout; 3] {
    let of = |shape| {
        let layout = cost::choose(Path::Spliced(shape), SIZE, moving, 20, encoder);
        assert!(!layout.is_plain());
        layout
    };
    [of(Shape::Band), of(Shape::Tile), Layout::plain(SIZE)]
}

#[test]
fn ranges_joined_are_the_whole_byte_by_byte() {
    let draw = |index| frame(index, &FACE);
    for encoder in [X264, OpenH264] {
        for layout in layouts(&FACE, encoder) {
            let made = |range: Range<usize>| stream(&layout, &draw, range, (encoder, true));
            let whole = made(0..40);
            for cuts in [vec![0, 18, 40], vec![0, 6, 12, 18, 24, 30, 36, 40]] {
                let joined: Vec<u8> = cuts.windows(2).flat_map(|r| made(r[0]..r[1])).collect();
                assert!(joined == whole, "{cuts:?} of {} parts, {encoder:?}", layout.still.len());
            }
        }
    }
}

#[test]
fn the_number_of_cores_changes_nothing() {
    let (size, moving) = ((2048, 1088), [FACE[0].joined(&Region { y: 1000, ..FACE[0] })]);
    let layout = Layout::new(size, &moving, Shape::Band, x264::RING).unwrap();
    let tools = Tools::default();
    let [two, four] = [2, 4].map(|cores| {
        let coding = Coding {
            size,
            cores,
            ..coding(&layout, &tools, X264, true)
        };
        let mut splicer = Splicer::with(&coding, 0..4, Kept(Vec::new())).unwrap();
        for index in 0..4 {
            splicer.write(&drawn(index, size, &moving)).unwrap();
        }
        splicer.finish(&mut || Ok(())).unwrap().0
    });
    assert!(two == four);
}

/// What a decoder shows where something moves is what the part's own decoder shows, and elsewhere the first frame.
#[test]
fn both_codes_give_the_same_kind_of_pictures() {
    let corners = [
        Region {
            x: 0,
            y: 0,
            width: 20,
            height: 16,
        },
        Region {
            x: 326,
            y: 264,
            width: 26,
            height: 24,
        },
    ];
    for (moving, encoder) in [(&FACE[..], X264), (&corners, X264), (&FACE, OpenH264), (&corners, OpenH264)] {
        for layout in &layouts(moving, encoder)[..2] {
            for cabac in [true, false] {
                let pictures = decoded(&stream(layout, &|index| frame(index, moving), 0..20, (encoder, cabac)));
                assert_eq!(pictures.len(), 20);
                let inside = |x: usize, y: usize| {
                    let block = ((x / BLOCK) as u32, (y / BLOCK) as u32);
                    let covers = |b: &layout::Blocks| (b.left..b.right).contains(&block.0) && (b.top..b.bottom).contains(&block.1);
                    layout.live.iter().any(|p| covers(&p.blocks))
                };
                for (index, picture) in pictures.iter().enumerate() {
                    let asked = frame(index, moving);
                    let mut error = 0.0;
                    for (i, (&is, &was)) in picture.y.iter().zip(&pictures[0].y).enumerate() {
                        assert!(inside(i % SIZE.0, i / SIZE.0) || is == was, "frame {index} at {i}");
                        error += f64::from(is.abs_diff(asked.y[i])).powi(2);
                    }
                    let psnr = 10.0 * (255.0 * 255.0 * (SIZE.0 * SIZE.1) as f64 / error).log10();
                    assert!(psnr > 38.0, "frame {index}: {psnr:.1} dB");
                }
            }
        }
    }
}

#[test]
fn an_encoder_of_another_kind_is_refused() {
    let part = Part {
        blocks: layout::Blocks {
            left: 0,
            top: 0,
            right: 4,
            bottom: 3,
        },
        slice: 8,
    };
    let mut reader = Pictures::new(part);
    let good = include_bytes!("../../h264/tests/moving_cabac.h264");
    assert_eq!(reader.take(good).unwrap().len(), 3);
    let mut other = Pictures::new(Part { slice: 4, ..part });
    assert!(other.take(good).is_err(), "slices that do not fit");
    let mut mixed = Pictures::new(part);
    mixed.take(good).unwrap();
    let cavlc = include_bytes!("../../h264/tests/moving_cavlc.h264");
    assert!(mixed.take(cavlc).is_err(), "parameters that change");
    assert!(Pictures::new(part).take(b"\0\0\x01\x65\x88\0\0\x01").is_err(), "no parameters");
}

#[test]
fn a_splicer_that_is_dropped_leaves_nothing_waiting() {
    let tools = Tools::default();
    for (frames, encoder) in (0..3).flat_map(|n| [(n, X264), (n, OpenH264)]) {
        let layout = &layouts(&FACE, encoder)[1];
        let mut splicer = Splicer::with(&coding(layout, &tools, encoder, true), 0..20, Kept(Vec::new())).unwrap();
        for index in 0..frames {
            splicer.write(&frame(index, &FACE)).unwrap();
        }
        drop(splicer);
    }
}

/// Vectors as long as OpenH264 makes them find in the whole picture what they found in the part's own: a texture that jumps about, beyond
/// what moves, in every direction.
#[test]
fn the_ring_is_wider_than_vectors_reach() {
    // Pseudo-random, but smooth enough that a search finds its way.
    let texture = |x: usize, y: usize| {
        let wave = |a: usize, b: usize| ((x * a + y * b) as f64 / 97.0).sin();
        (128.0 + 45.0 * wave(11, 5) + 40.0 * wave(3, 13) + 30.0 * wave(7, 29)) as u8
    };
    let jumps = [
        (0, 0),
        (60, 0),
        (0, 64),
        (64, 64),
        (3, 70),
        (90, 10),
        (33, 33),
        (0, 66),
        (66, 2),
        (128, 128),
    ];
    let draw = |index: usize| {
        let mut planes = Planes::blank(SIZE.0, SIZE.1);
        let (dx, dy) = jumps[index % jumps.len()];
        for (i, luma) in planes.y.iter_mut().enumerate() {
            let (x, y) = (i % SIZE.0, i / SIZE.0);
            let at = FACE[0];
            let inside = (at.x..at.x + at.width).contains(&x) && (at.y..at.y + at.height).contains(&y);
            *luma = if inside { texture(x + dx, y + dy) } else { texture(x, y) };
        }
        planes.u.fill(128);
        planes.v.fill(128);
        planes
    };
    for layout in &layouts(&FACE, OpenH264)[..2] {
        let spliced = decoded(&stream(layout, &draw, 0..30, (OpenH264, true)));
        let part = layout.live[0];
        let at = part.region(SIZE);
        let mut own = Vec::new();
        let mut encoder = None;
        for index in 0..30 {
            let whole = Raw {
                size: (at.width, at.height),
                slice: part.slice as usize,
                group: None,
                quantiser: 14,
                cabac: true,
                filter: true,
                threads: 1,
            };
            if index % GOP == 0 {
                encoder = Some(Encoder::new(&whole).unwrap());
            }
            let encoder = encoder.as_mut().unwrap();
            if index % GOP == 1 {
                encoder.quantise(21).unwrap();
            }
            let mut take = |unit: &[u8]| {
                own.extend([0, 0, 0, 1]);
                own.extend(unit);
                Ok(())
            };
            encoder.encode(&overlay::cut(&draw(index), at), &mut take).unwrap();
        }
        let alone = decoded_as(&own, (at.width, at.height));
        assert_eq!((spliced.len(), alone.len()), (30, 30));
        // What moves, and the macroblock around it.
        let core = Region {
            x: FACE[0].x - BLOCK,
            y: FACE[0].y - BLOCK,
            width: FACE[0].width + 2 * BLOCK,
            height: FACE[0].height + 2 * BLOCK,
        };
        let inner = Region {
            x: core.x - at.x,
            y: core.y - at.y,
            ..core
        };
        for (index, (spliced, alone)) in spliced.iter().zip(&alone).enumerate() {
            assert!(overlay::cut(spliced, core) == overlay::cut(alone, inner), "frame {index}");
        }
    }
}
