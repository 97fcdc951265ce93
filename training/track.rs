//! Prints the mouth track of recordings as JSON, for training/judge.py: one object for each file, one line each.
//!
//!     cargo run --release --example mouth_track -- [--fps 25] FILE.wav …     (16 kHz, mono, 16 bit)

use std::io::Write;

use mouthpiece_render::model::Runtime;
use mouthpiece_render::mouth::{self, MouthNets};
use mouthpiece_render::scene::Fps;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let mut fps = Fps::DEFAULT;
    if arguments.next_if(|a| a == "--fps").is_some() {
        fps.num = arguments.next().ok_or("--fps needs a number")?.parse()?;
    }
    let nets = MouthNets::load(&Runtime::rten())?;
    let mut out = std::io::stdout().lock();
    for path in arguments {
        let sound = samples(&std::fs::read(&path)?);
        let mut blocks = sound.chunks(1600).map(|block| Ok(block.to_vec()));
        let track = mouth::track(&mut blocks, |seconds| fps.frames(seconds), fps, None, &nets)?;
        let rows: Vec<[f32; 10]> = track
            .shapes
            .iter()
            .zip(track.voice.iter().zip(&track.energy))
            .map(|(s, (voice, energy))| {
                [
                    s.gap, s.width, s.upper, s.chin, s.closure, s.tuck, s.tongue, s.pucker, *voice, *energy,
                ]
            })
            .collect();
        writeln!(out, "{}", serde_json::json!({"file": path, "fps": fps.as_f64(), "track": rows}))?;
    }
    Ok(())
}

/// The samples of a 16-bit WAV file, or of a file of nothing but samples.
fn samples(bytes: &[u8]) -> Vec<f32> {
    let start = match bytes {
        [b'R', b'I', b'F', b'F', ..] => bytes.windows(4).position(|w| w == b"data").map_or(44, |at| at + 8),
        _ => 0,
    };
    bytes[start..]
        .chunks_exact(2)
        .map(|b| f32::from(i16::from_le_bytes([b[0], b[1]])) / 32768.0)
        .collect()
}
