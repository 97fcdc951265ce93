//! Draws the visemes on a photo, as a sheet to look at.
//!
//!     cargo run --release --example visemes -- PHOTO OUT.png [HEIGHT [face|mouth|eyes]]
//!
//! Left to right, top to bottom: the photo; rest, PP, AA, EE, OO, OH, FF, SS, TH; idle, and a blink.

use std::path::Path;

use mouthpiece_render::composite::{overlay, place, resize_crop};
use mouthpiece_render::driver::photo::{PhotoDriver, Portrait};
use mouthpiece_render::driver::{MouthDriver, Patch, Region};
use mouthpiece_render::face::{self, FaceNets, Landmarks};
use mouthpiece_render::media::{Picture, Planes, image};
use mouthpiece_render::model::Runtime;
use mouthpiece_render::mouth::{MouthShape, MouthTrack};
use mouthpiece_render::scene::{Canvas, Fit, Fps, Placement};

const COLUMNS: usize = 4;
const ROWS: usize = 3;

fn shape(gap: f32, width: f32, upper: f32) -> MouthShape {
    MouthShape {
        gap,
        width,
        upper,
        chin: gap * 0.75,
        ..MouthShape::default()
    }
}

/// The visemes, then five seconds of silence in which a blink will come.
fn track() -> MouthTrack {
    let mut shapes = vec![
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
    let mut voice = vec![1.0; shapes.len()];
    shapes.resize(134, MouthShape::default());
    voice.resize(shapes.len(), 0.0);
    let energy = vec![0.0; shapes.len()];
    MouthTrack {
        fps: Fps::DEFAULT,
        shapes,
        voice,
        energy,
    }
}

/// The rectangle around some landmarks, even, inside the raster.
fn around(landmarks: &Landmarks, ids: [usize; 4], raster: &Picture) -> Region {
    let range = |axis: usize, limit: usize| {
        let v = ids.map(|i| landmarks[i][axis]);
        let (low, high) = (v.into_iter().fold(f32::MAX, f32::min), v.into_iter().fold(0.0, f32::max));
        let grow = 0.25 * (high - low);
        let start = (low - grow).max(0.0) as usize & !1;
        (start, (((high + grow) as usize).min(limit) - start) & !1)
    };
    let ((x, width), (y, height)) = (range(0, raster.width), range(1, raster.height));
    Region { x, y, width, height }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, photo, out, ..] = &args[..] else {
        return Err("give a photo and the name of the sheet".into());
    };
    let height: u32 = args.get(3).map_or(Ok(1080), |h| h.parse())?;
    let ids = match args.get(4).map(String::as_str) {
        Some("mouth") => [61, 291, 0, 152],
        Some("eyes") => [70, 300, 159, 145],
        _ => [234, 454, 10, 152],
    };
    let picture = image::open(Path::new(photo), &image::Limits::default())?;
    let analysis = face::analyse(&picture, &FaceNets::load(&Runtime::rten())?)?;
    let scale = f64::from(height) / picture.height as f64;
    let canvas = Canvas::new((picture.width as f64 * scale) as u32 & !1, height & !1, Fps::DEFAULT)?;
    let drawn = place(&Placement::filling(canvas, Fit::Cover), (picture.width, picture.height), canvas);
    let raster = resize_crop(&picture, &drawn, 0)?.picture;
    let landmarks = analysis.face.landmarks.map(|p| p.map(|v| v * scale as f32 - 0.5));
    let still = Patch::from_straight(&raster)?;
    let mut frame = still.planes.clone();
    let driver = PhotoDriver::new(
        Portrait {
            picture: &raster,
            still,
            landmarks: &landmarks,
            visible: Region {
                x: 0,
                y: 0,
                width: raster.width,
                height: raster.height,
            },
            enlargement: scale as f32,
        },
        track(),
        1,
    );
    let (mut scratch, moving) = (driver.scratch(), driver.region());
    let mut patch = Patch {
        planes: Planes::filled(moving.width, moving.height, [0; 3])?,
        alpha: None,
    };
    let blink = (0..driver.frames())
        .max_by(|&a, &b| driver.blink(a).total_cmp(&driver.blink(b)))
        .unwrap_or(0);
    let cell = around(&landmarks, ids, &raster);
    let mut sheet = Planes::filled(cell.width * COLUMNS, cell.height * ROWS, [255; 3])?;
    let frames = std::iter::once(None).chain((0..9).chain([60, blink]).map(Some));
    for (n, index) in frames.enumerate() {
        if let Some(index) = index {
            driver.draw(index, &mut scratch, &mut patch);
            overlay::draw(&patch, &mut frame, moving.x, moving.y);
        }
        let whole = Patch {
            planes: frame.clone(),
            alpha: None,
        };
        let (column, row) = (n % COLUMNS, n / COLUMNS);
        overlay::draw(&overlay::crop(&whole, cell), &mut sheet, column * cell.width, row * cell.height);
    }
    sheet.to_picture().save_png(Path::new(out))?;
    Ok(())
}
