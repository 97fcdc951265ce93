//! Cutting the person out of the background, of a photo or of a video.

mod coarse;
mod lift;
mod moving;
mod plane;
mod refine;
mod steady;

pub(crate) use coarse::Subject;
pub(crate) use lift::lift;
pub(crate) use moving::Moving;

use plane::Plane;
use refine::Edges;

use crate::error::Result;
use crate::face::Face;
use crate::media::Picture;
use crate::model::{Net, Runtime};
use crate::progress;

/// The net that tells a person from the rest; callable from several threads at once.
pub struct MatteNet(Net);

impl MatteNet {
    pub fn load(runtime: &Runtime) -> Result<Self> {
        Ok(Self(runtime.load(include_bytes!("../models/selfie_segmentation_256.onnx"))?))
    }
}

/// Longer side of the picture that edges are reasoned on; the answers are applied to the full one.
const WORKING_SIDE: usize = 1024;

/// How much of each pixel is the person: `width * height` values, 0 to 255.
pub fn matte(picture: &Picture, face: &Face, net: &MatteNet) -> Result<Vec<u8>> {
    let mut alphas = Vec::with_capacity(picture.width * picture.height);
    visit(picture, face, net, |alpha, _| alphas.push((alpha * 255.0).round() as u8))?;
    Ok(alphas)
}

/// The person alone: transparent around, and at soft edges in the person's own colour, without a halo of what was
/// behind.
pub fn cut_out(picture: &Picture, face: &Face, net: &MatteNet) -> Result<Picture> {
    let mut rgba = Vec::with_capacity(picture.rgba.len());
    visit(picture, face, net, |alpha, colour| {
        rgba.extend(colour.map(|v| (v * 255.0).round() as u8));
        rgba.push((alpha * 255.0).round() as u8);
    })?;
    Ok(Picture {
        width: picture.width,
        height: picture.height,
        rgba,
    })
}

/// Calls back with alpha and the person's colour, both 0 to 1, for each pixel, row by row.
fn visit(picture: &Picture, face: &Face, net: &MatteNet, mut each: impl FnMut(f32, [f32; 3])) -> Result<()> {
    let shrink = picture.width.max(picture.height).div_ceil(WORKING_SIDE).max(1);
    let rgb = shrunk(picture, shrink);
    let subject = Subject::new(&face.landmarks, face.bbox, shrink as f32);
    let coarse = coarse::settle(coarse::likelihood(&rgb, &subject, &net.0)?, &subject);
    let edges = Edges::new(&rgb, &coarse);
    for (i, pixel) in picture.rgba.chunks_exact(4).enumerate() {
        let (x, y) = (i % picture.width, i / picture.width);
        if x == 0 {
            progress::go_on()?;
        }
        let colour = [pixel[0], pixel[1], pixel[2]].map(|v| f32::from(v) / 255.0);
        let place = |v: usize| (v as f32 + 0.5) / shrink as f32;
        let (alpha, colour) = edges.at(place(x), place(y), colour);
        // What was transparent stays so.
        each(alpha * f32::from(pixel[3]) / 255.0, colour);
    }
    Ok(())
}

/// Red, green and blue, 0 to 1, each the mean of a square of `shrink` pixels; the last ones may be cut off.
fn shrunk(picture: &Picture, shrink: usize) -> [Plane; 3] {
    let (width, height) = (picture.width.div_ceil(shrink), picture.height.div_ceil(shrink));
    std::array::from_fn(|c| {
        Plane::new(width, height, |i| {
            let (left, top) = (i % width * shrink, i / width * shrink);
            let (right, bottom) = ((left + shrink).min(picture.width), (top + shrink).min(picture.height));
            let mut sum = 0u32;
            for y in top..bottom {
                for x in left..right {
                    sum += u32::from(picture.rgba[(y * picture.width + x) * 4 + c]);
                }
            }
            sum as f32 / 255.0 / ((right - left) * (bottom - top)) as f32
        })
    })
}
