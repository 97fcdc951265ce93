//! Pictures for the face tests, made from the two portraits in `tests/media`.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use mouthpiece_render::face::head::Head;
use mouthpiece_render::face::{FaceNets, Landmarks, analyse};
use mouthpiece_render::media::Picture;
use mouthpiece_render::model::Runtime;

pub static NETS: LazyLock<FaceNets> = LazyLock::new(|| FaceNets::load(&Runtime::rten()).expect("embedded nets load"));

pub fn read(path: &Path) -> Picture {
    from_image(image::open(path).expect("a test picture is readable"))
}

fn from_image(image: image::DynamicImage) -> Picture {
    let image = image.to_rgba8();
    Picture {
        width: image.width() as usize,
        height: image.height() as usize,
        rgba: image.into_raw(),
    }
}

fn to_image(picture: &Picture) -> image::DynamicImage {
    let (width, height) = (picture.width as u32, picture.height as u32);
    image::RgbaImage::from_raw(width, height, picture.rgba.clone())
        .expect("a picture has all its bytes")
        .into()
}

pub fn contained(name: &str) -> Picture {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media").join(name))
}

/// The media that the repository may not contain; `None`, and a word why, where they are absent.
pub fn shared(folder: &str) -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/media").join(folder);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: {} is not here", folder.display());
        return None;
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    Some(files)
}

pub fn resized(picture: &Picture, scale: f64) -> Picture {
    let side = |length: usize| (length as f64 * scale).round() as u32;
    from_image(to_image(picture).resize_exact(side(picture.width), side(picture.height), image::imageops::FilterType::Triangle))
}

pub fn turned(picture: &Picture, quarters: usize) -> Picture {
    from_image((0..quarters).fold(to_image(picture), |image, _| image.rotate90()))
}

pub fn cropped(picture: &Picture, left: usize, top: usize, right: usize, bottom: usize) -> Picture {
    from_image(to_image(picture).crop_imm(left as u32, top as u32, (right - left) as u32, (bottom - top) as u32))
}

/// A plain picture with others pasted at places.
pub fn collage(width: usize, height: usize, parts: &[(&Picture, usize, usize)]) -> Picture {
    let mut rgba = [120, 130, 140, 255].repeat(width * height);
    for (part, left, top) in parts {
        for y in 0..part.height {
            let to = ((top + y) * width + left) * 4;
            rgba[to..to + part.width * 4].copy_from_slice(&part.rgba[y * part.width * 4..(y + 1) * part.width * 4]);
        }
    }
    Picture { width, height, rgba }
}

pub fn landmarks(picture: &Picture) -> Box<Landmarks> {
    analyse(picture, &NETS).expect("the portrait is fit").face.landmarks
}

/// Paints a closed line of points, with a little noise as a camera would add.
pub fn painted(picture: &Picture, corners: &[[f32; 2]], colour: [u8; 3]) -> Picture {
    let mut painted = picture.clone();
    for (i, pixel) in painted.rgba.chunks_exact_mut(4).enumerate() {
        let place = [(i % picture.width) as f32 + 0.5, (i / picture.width) as f32 + 0.5];
        if inside(corners, place) {
            for (value, base) in pixel.iter_mut().zip(colour) {
                *value = base.saturating_add((i * 7919 % 11) as u8);
            }
        }
    }
    painted
}

pub fn inside(corners: &[[f32; 2]], [x, y]: [f32; 2]) -> bool {
    (0..corners.len()).fold(false, |inside, i| {
        let (a, b) = (corners[i], corners[(i + 1) % corners.len()]);
        let crosses = (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
        inside ^ crosses
    })
}

pub fn points(landmarks: &Landmarks, indices: &[usize]) -> Vec<[f32; 2]> {
    indices.iter().map(|&i| [landmarks[i][0], landmarks[i][1]]).collect()
}

/// A box around a landmark; half sides in cm, by the 9 cm between the outer corners of the eyes.
pub fn around(landmarks: &Landmarks, index: usize, width: f32, height: f32) -> Vec<[f32; 2]> {
    let cm = (landmarks[263][0] - landmarks[33][0]).hypot(landmarks[263][1] - landmarks[33][1]) / 9.0;
    let [x, y, _] = landmarks[index];
    [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]
        .map(|[sx, sy]| [x + sx * width * cm, y + sy * height * cm])
        .to_vec()
}

/// A face turned to the side by some degrees before a dark head of hair: the mesh, textured and turned in space.
pub fn turned_head(picture: &Picture, landmarks: &Landmarks, degrees: f32) -> Picture {
    const SIDE: usize = 600;
    let width = landmarks[454][0] - landmarks[234][0];
    let (sin, cos) = degrees.to_radians().sin_cos();
    let middle = landmarks[168];
    let place = |i: usize| {
        let p: [f32; 3] = std::array::from_fn(|c| (landmarks[i][c] - middle[c]) / width * 270.0);
        [cos * p[0] - sin * p[2] + 300.0, p[1] + 250.0, sin * p[0] + cos * p[2]]
    };
    let hair = |x: f32, y: f32| ((x - 300.0 + 100.0 * sin) / 185.0).powi(2) + ((y - 260.0) / 215.0).powi(2) < 1.0;
    let mut rgba: Vec<u8> = (0..SIDE * SIDE)
        .flat_map(|i| {
            if hair((i % SIDE) as f32, (i / SIDE) as f32) {
                [60, 45, 30, 255]
            } else {
                [150, 150, 150, 255]
            }
        })
        .collect();
    let mut depth = vec![f32::INFINITY; SIDE * SIDE];
    for triangle in &Head::get().triangles {
        let [a, b, c] = triangle.map(place);
        let area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
        let bound = |k: usize| (a[k].min(b[k]).min(c[k]) as usize)..(a[k].max(b[k]).max(c[k]) as usize + 2).min(SIDE);
        for (y, x) in bound(1).flat_map(|y| bound(0).map(move |x| (y, x))) {
            let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
            let u = ((px - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (py - a[1])) / area;
            let v = ((b[0] - a[0]) * (py - a[1]) - (px - a[0]) * (b[1] - a[1])) / area;
            let z = a[2] + u * (b[2] - a[2]) + v * (c[2] - a[2]);
            if u < 0.0 || v < 0.0 || u + v > 1.0 || z >= depth[y * SIDE + x] {
                continue;
            }
            depth[y * SIDE + x] = z;
            let source = |k: usize| {
                let [a, b, c] = triangle.map(|i| landmarks[i][k]);
                (a + u * (b - a) + v * (c - a)) as usize
            };
            let from = (source(1) * picture.width + source(0)) * 4;
            rgba[(y * SIDE + x) * 4..][..4].copy_from_slice(&picture.rgba[from..from + 4]);
        }
    }
    Picture {
        width: SIDE,
        height: SIDE,
        rgba,
    }
}
