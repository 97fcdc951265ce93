//! Aligns recordings with their phonemes, as a check against known times.
//!
//!     cargo run --release --example align -- SENTENCES.json
//!
//! SENTENCES.json: `[{"name", "wav" (16 kHz, mono, 16 bit), "words": [{"text", "spoken", "phonemes", "pause"}], "phonemes": [[symbol,
//! start, end]], "spans": [[start, end]]}]`, times in seconds, `phonemes` or `spans` (of the words) as known. Prints how far off they are.

#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use mouthpiece_render::model::Runtime;
use mouthpiece_render::mouth::{Heard, MouthNets};
use mouthpiece_render::speech::{Word, alignment};
use serde::Deserialize;

#[derive(Deserialize)]
struct Sentence {
    name: String,
    wav: String,
    words: Vec<Said>,
    phonemes: Vec<(String, f64, f64)>,
    spans: Vec<(f64, f64)>,
}

#[derive(Deserialize)]
struct Said {
    text: String,
    spoken: String,
    phonemes: String,
    pause: String,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let nets = MouthNets::load(&Runtime::rten())?;
    for path in std::env::args().skip(1) {
        let sentences: Vec<Sentence> = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
        let mut all = Vec::new();
        for sentence in &sentences {
            let sound = samples(&std::fs::read(&sentence.wav)?);
            let heard = Heard::listen(&mut sound.chunks(1600).map(|block| Ok(block.to_vec())), &nets)?;
            let words: Vec<Word> = sentence.words.iter().map(Said::word).collect();
            let Some(found) = alignment::align(&words, &heard)? else {
                println!("{}: does not fit", sentence.name);
                continue;
            };
            let mut off: Vec<f64> = Vec::new();
            for (known, found) in sentence.phonemes.iter().zip(&found.phonemes) {
                assert_eq!(known.0, found.symbol, "{}", sentence.name);
                off.extend([(known.1 - found.start).abs(), (known.2 - found.end).abs()]);
            }
            for (known, found) in sentence.spans.iter().zip(&found.words) {
                off.extend([(known.0 - found.start).abs(), (known.1 - found.end).abs()]);
            }
            println!("{}: {}", sentence.name, row(&mut off.clone()));
            all.extend(off);
        }
        println!("{path}: {} sentences, {} times, {}", sentences.len(), all.len(), row(&mut all));
    }
    Ok(())
}

impl Said {
    fn word(&self) -> Word {
        Word {
            text: self.text.clone(),
            spoken: self.spoken.clone(),
            phonemes: self.phonemes.clone(),
            pause: self.pause.clone(),
        }
    }
}

fn row(off: &mut [f64]) -> String {
    off.sort_by(f64::total_cmp);
    let at = |part: f64| off.get((part * off.len() as f64) as usize).map_or(0.0, |v| v * 1000.0);
    format!("median {:.0} ms, 90 % {:.0} ms", at(0.5), at(0.9))
}

/// The samples of a 16-bit WAV file.
fn samples(bytes: &[u8]) -> Vec<f32> {
    let start = bytes.windows(4).position(|w| w == b"data").map_or(44, |at| at + 8);
    bytes[start..]
        .chunks_exact(2)
        .map(|b| f32::from(i16::from_le_bytes([b[0], b[1]])) / 32768.0)
        .collect()
}
