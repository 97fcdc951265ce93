//! Pictures made from the two contained portraits, and sounds made from nothing.

use mouthpiece_render::face::head::Head;
use mouthpiece_render::face::{self, FaceNets};
use mouthpiece_render::media::{Picture, image};
use mouthpiece_render::model::Runtime;

use crate::studio::repository;

pub fn astronaut() -> Picture {
    image::open(&repository("media/demo/astronaut.png"), &image::Limits::default()).unwrap()
}

pub fn hopper() -> Picture {
    image::open(&repository("render/tests/media/grace_hopper.jpg"), &image::Limits::default()).unwrap()
}

pub fn of(width: usize, height: usize, colour: impl Fn(usize, usize) -> [u8; 4]) -> Picture {
    let rgba = (0..width * height).flat_map(|i| colour(i % width, i / width)).collect();
    Picture { width, height, rgba }
}

/// A plain picture with others pasted at places.
pub fn collage(width: usize, height: usize, parts: &[(&Picture, usize, usize)]) -> Picture {
    let mut sheet = of(width, height, |_, _| [120, 130, 140, 255]);
    for (part, left, top) in parts {
        for (y, row) in part.rgba.chunks_exact(part.width * 4).enumerate() {
            let to = ((top + y) * width + left) * 4;
            sheet.rgba[to..to + row.len()].copy_from_slice(row);
        }
    }
    sheet
}

/// The face of a photo as a mask in space, turned to the picture's right and nodded down by so many degrees.
pub fn turned_head(photo: &Picture, turn: f64, nod: f64) -> Picture {
    let nets = FaceNets::load(&Runtime::rten()).unwrap();
    let seen = face::inspect(photo, &nets).unwrap().face.unwrap();
    let (sin, cos) = turn.to_radians().sin_cos();
    let (sin_nod, cos_nod) = nod.to_radians().sin_cos();
    let side = 480;
    let place = |p: &[f64; 3]| {
        let (x, y, z) = (cos * p[0] + sin * p[2], p[1], cos * p[2] - sin * p[0]);
        let (y, z) = (cos_nod * y - sin_nod * z, cos_nod * z + sin_nod * y);
        [side as f64 / 2.0 + 18.0 * x, side as f64 / 2.0 - 18.0 * y, z]
    };
    let there: Vec<[f64; 3]> = seen.fit.points.iter().map(place).collect();
    let mut sheet = of(side, side, |_, _| [120, 130, 140, 255]);
    let mut depth = vec![f64::NEG_INFINITY; side * side];
    for triangle in &Head::get().triangles {
        let [a, b, c] = triangle.map(|i| there[i]);
        let area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        let low = |k: usize| a[k].min(b[k]).min(c[k]).floor().max(0.0) as usize;
        let high = |k: usize| (a[k].max(b[k]).max(c[k]).ceil() as usize).min(side - 1);
        for (x, y) in (low(1)..=high(1)).flat_map(|y| (low(0)..=high(0)).map(move |x| (x, y))) {
            let at = [x as f64 + 0.5, y as f64 + 0.5];
            let part = |p: [f64; 3], q: [f64; 3]| ((p[0] - at[0]) * (q[1] - at[1]) - (p[1] - at[1]) * (q[0] - at[0])) / area;
            let weights = [part(b, c), part(c, a), part(a, b)];
            let mix = |values: [f64; 3]| weights.iter().zip(values).map(|(w, v)| w * v).sum::<f64>();
            let near = mix([a[2], b[2], c[2]]);
            if weights.iter().all(|w| *w >= -1e-9) && near > depth[y * side + x] {
                depth[y * side + x] = near;
                let from = |k: usize| mix(triangle.map(|i| f64::from(seen.landmarks[i][k])));
                let pixel = from(1) as usize * photo.width + from(0) as usize;
                sheet.rgba[(y * side + x) * 4..][..4].copy_from_slice(&photo.rgba[pixel * 4..][..4]);
            }
        }
    }
    sheet
}

/// A WAV file of any sample format: 1 is whole numbers, 3 is floats.
pub fn wav(format: u16, bits: u16, rate: u32, channels: u16, data: &[u8]) -> Vec<u8> {
    let mut file = wav_header(format, bits, rate, channels, data.len() as u32);
    file.extend(data);
    file
}

/// Only its header.
pub fn wav_header(format: u16, bits: u16, rate: u32, channels: u16, bytes: u32) -> Vec<u8> {
    let frame = channels * bits / 8;
    let mut file = Vec::new();
    file.extend(b"RIFF");
    file.extend((36 + bytes).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16u32.to_le_bytes());
    file.extend(format.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(frame)).to_le_bytes());
    file.extend(frame.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend(bytes.to_le_bytes());
    file
}

/// A JPEG with the mark of a camera that was held on its side: `orientation` is EXIF's, 1 to 8.
pub fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    [&jpeg[..2], &exif, &jpeg[2..]].concat()
}

/// Mean difference of two pictures' bytes.
pub fn difference(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64
}

pub fn rgb(picture: &Picture) -> Vec<u8> {
    picture.rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect()
}
