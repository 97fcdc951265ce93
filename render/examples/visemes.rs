//! Draws the visemes on a photo, as a sheet to look at: `cargo run --release --example visemes -- PHOTO OUT.png [HEIGHT [mouth]]`.

use std::path::Path;

use mouthpiece_render::composite::resize_crop;
use mouthpiece_render::driver::photo::{PhotoDriver, Portrait};
use mouthpiece_render::driver::{MouthDriver, Patch, Region};
use mouthpiece_render::face::{self, FaceNets};
use mouthpiece_render::media::{Picture, Planes};
use mouthpiece_render::model::Runtime;
use mouthpiece_render::mouth::{MouthShape, MouthTrack};
use mouthpiece_render::scene::{Canvas, Fit, Fps, Placement};

fn shape(gap: f32, width: f32, upper: f32) -> MouthShape {
    MouthShape {
        gap,
        width,
        upper,
        chin: gap * 0.75,
        ..MouthShape::default()
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let photo = image::open(&args[1])?.to_rgba8();
    let picture = Picture {
        width: photo.width() as usize,
        height: photo.height() as usize,
        rgba: photo.into_raw(),
    };
    let height: usize = args.get(3).map_or(Ok(1080), |h| h.parse())?;
    let close = args.get(4).is_some();
    let nets = FaceNets::load(&Runtime::rten())?;
    let analysis = face::analyse(&picture, &nets)?;
    let scale = height as f64 / picture.height as f64;
    let canvas = Canvas::new(((picture.width as f64 * scale) as u32) & !1, height as u32 & !1, Fps::DEFAULT)?;
    let drawn = mouthpiece_render::composite::place(&Placement::filling(canvas, Fit::Cover), (picture.width, picture.height), canvas);
    let raster = resize_crop(&picture, &drawn, 0)?.picture;
    let landmarks = analysis.face.landmarks.map(|p| p.map(|v| v * scale as f32));
    let shapes = [
        shape(0.0, 0.0, 0.0),
        MouthShape {
            closure: 1.0,
            ..shape(0.0, -0.1, -0.03)
        },
        shape(1.6, 0.0, 0.10),
        shape(0.75, 0.45, 0.12),
        MouthShape {
            pucker: 1.0,
            ..shape(0.6, -1.0, 0.0)
        },
        MouthShape {
            pucker: 0.5,
            ..shape(1.2, -0.6, 0.05)
        },
        MouthShape {
            tuck: 1.0,
            ..shape(0.22, 0.05, 0.10)
        },
        shape(0.40, 0.3, 0.10),
        MouthShape {
            tongue: 1.0,
            ..shape(0.5, 0.1, 0.05)
        },
    ];
    let mut all: Vec<MouthShape> = shapes.to_vec();
    all.extend(std::iter::repeat_n(MouthShape::default(), 120));
    let n = all.len();
    let mut voice = vec![1.0; 9];
    voice.resize(n, 0.0);
    let track = MouthTrack {
        fps: Fps::DEFAULT,
        shapes: all,
        voice,
        energy: vec![0.0; n],
    };
    let planes = to_planes(&raster);
    let portrait = Portrait {
        picture: &raster,
        still: Patch {
            planes: planes.clone(),
            alpha: None,
        },
        landmarks: &landmarks,
        visible: Region {
            x: 0,
            y: 0,
            width: raster.width,
            height: raster.height,
        },
        enlargement: scale as f32,
    };
    let driver = PhotoDriver::new(portrait, track, 1);
    let mut scratch = driver.scratch();
    let r = driver.region();
    let mut patch = Patch {
        planes: blank(r.width, r.height),
        alpha: None,
    };
    // The blink of the first slot.
    let blink = (0..n).max_by(|&a, &b| driver.blink(a).total_cmp(&driver.blink(b))).unwrap_or(0);
    let frames: Vec<usize> = (0..9).chain([60, blink]).collect();
    let eyes = args.get(4).is_some_and(|a| a == "eyes");
    let ids = if eyes {
        vec![70, 300, 159, 145]
    } else if close {
        vec![61, 291, 0, 152]
    } else {
        vec![234, 454, 10, 152]
    };
    let xs = ids.iter().map(|&i| landmarks[i][0]);
    let ys = ids.iter().map(|&i| landmarks[i][1]);
    let grow = if close { 0.25 } else { 0.22 };
    let (w, h) = (
        xs.clone().fold(0.0, f32::max) - xs.clone().fold(f32::MAX, f32::min),
        ys.clone().fold(0.0, f32::max) - ys.clone().fold(f32::MAX, f32::min),
    );
    let x0 = (xs.fold(f32::MAX, f32::min) - grow * w).max(0.0) as usize;
    let y0 = (ys.fold(f32::MAX, f32::min) - grow * h).max(0.0) as usize;
    let cw = ((w * (1.0 + 2.0 * grow)) as usize).min(raster.width - x0);
    let ch = ((h * (1.0 + 2.0 * grow)) as usize).min(raster.height - y0);
    let columns = 4;
    let mut sheet = image::RgbImage::new((cw * columns) as u32, (ch * 3) as u32);
    let mut show = |cell: usize, planes: &Planes| {
        for y in 0..ch {
            for x in 0..cw {
                let p = rgb(planes, x0 + x, y0 + y);
                sheet.put_pixel((cell % columns * cw + x) as u32, (cell / columns * ch + y) as u32, image::Rgb(p));
            }
        }
    };
    show(0, &planes);
    for (cell, &frame) in frames.iter().enumerate() {
        driver.draw(frame, &mut scratch, &mut patch);
        let mut full = planes.clone();
        paste(&mut full, &patch.planes, r);
        show(cell + 1, &full);
    }
    eprintln!("region {}x{}", r.width, r.height);
    let ticks = || {
        std::fs::read_to_string("/proc/self/stat")
            .ok()
            .and_then(|s| s.split(' ').nth(13)?.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    let started = ticks();
    for i in 0..100 {
        driver.draw(i, &mut scratch, &mut patch);
    }
    eprintln!("{:.1} ms of CPU a frame", (ticks() - started) / 10.0);
    sheet.save(Path::new(&args[2]))?;
    Ok(())
}

fn blank(width: usize, height: usize) -> Planes {
    Planes {
        width,
        height,
        y: vec![0; width * height],
        u: vec![128; width * height / 4],
        v: vec![128; width * height / 4],
    }
}

fn paste(to: &mut Planes, from: &Planes, r: Region) {
    for y in 0..r.height {
        let n = (r.y + y) * to.width + r.x;
        to.y[n..n + r.width].copy_from_slice(&from.y[y * r.width..(y + 1) * r.width]);
    }
    for y in 0..r.height / 2 {
        let n = (r.y / 2 + y) * (to.width / 2) + r.x / 2;
        let w = r.width / 2;
        to.u[n..n + w].copy_from_slice(&from.u[y * w..(y + 1) * w]);
        to.v[n..n + w].copy_from_slice(&from.v[y * w..(y + 1) * w]);
    }
}

fn to_planes(p: &Picture) -> Planes {
    let mut out = blank(p.width, p.height);
    for y in 0..p.height {
        for x in 0..p.width {
            let i = (y * p.width + x) * 4;
            let c: [f32; 3] = std::array::from_fn(|k| f32::from(p.rgba[i + k]));
            let l = 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
            out.y[y * p.width + x] = (16.5 + l * 219.0 / 255.0) as u8;
            if x % 2 == 0 && y % 2 == 0 {
                let n = y / 2 * (p.width / 2) + x / 2;
                out.u[n] = (128.5 + (c[2] - l) / 1.8556 * 224.0 / 255.0) as u8;
                out.v[n] = (128.5 + (c[0] - l) / 1.5748 * 224.0 / 255.0) as u8;
            }
        }
    }
    out
}

fn rgb(p: &Planes, x: usize, y: usize) -> [u8; 3] {
    let l = (f32::from(p.y[y * p.width + x]) - 16.0) * 255.0 / 219.0;
    let n = y / 2 * (p.width / 2) + x / 2;
    let (u, v) = (
        (f32::from(p.u[n]) - 128.0) * 255.0 / 224.0,
        (f32::from(p.v[n]) - 128.0) * 255.0 / 224.0,
    );
    let (r, b) = (l + 1.5748 * v, l + 1.8556 * u);
    let g = (l - 0.2126 * r - 0.0722 * b) / 0.7152;
    [r, g, b].map(|v| (v + 0.5) as u8)
}
