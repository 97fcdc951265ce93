//! Tracks faces in raw video, for training/judge_footage.py: 478 × 3 little-endian floats a frame to the output, NaN where no face is.
//!
//!     ffmpeg -i CLIP -f rawvideo -pix_fmt yuv420p - | cargo run --release --example face_track -- WIDTH HEIGHT > points

use std::io::{Read, Write};

use mouthpiece_render::face::FaceNets;
use mouthpiece_render::face::track::Tracker;
use mouthpiece_render::media::Planes;
use mouthpiece_render::model::Runtime;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut side = || -> Result<usize, Box<dyn std::error::Error>> { Ok(arguments.next().ok_or("WIDTH HEIGHT")?.parse()?) };
    let (width, height) = (side()?, side()?);
    let nets = FaceNets::load(&Runtime::rten())?;
    let mut tracker = Tracker::new(&nets);
    let mut planes = Planes::blank(width, height);
    let mut input = std::io::stdin().lock();
    let mut out = std::io::stdout().lock();
    loop {
        for plane in [&mut planes.y, &mut planes.u, &mut planes.v] {
            if input.read_exact(plane).is_err() {
                return Ok(());
            }
        }
        let found = tracker.next(&planes.to_picture())?.map(|(landmarks, _)| landmarks);
        for value in found.as_ref().map_or(&[[f32::NAN; 3]; 478], |l| l).as_flattened() {
            out.write_all(&value.to_le_bytes())?;
        }
        out.flush()?;
    }
}
