//! Matches voices to recordings and lets them speak, for training/judge_matching.py: one JSON object a recording, one line each.
//!
//!     cargo run --release --example match_voice -- PACKS OUT STOCK ENGINE REFERENCE.wav …
//!
//! PACKS: where voice packs are installed. OUT: a folder for NAME.match.f32 and NAME.stock.f32, raw 24 kHz samples of two sentences. STOCK: a
//! file of lines `NAME VOICE`, the stock voice nearest to each recording. ENGINE: kokoro or hibari. ONNXRUNTIME names its library, if it is to
//! be used.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use mouthpiece_render::media::Tools;
use mouthpiece_render::model::Runtime;
use mouthpiece_render::speech::{Language, Manner, Phrase, Speaker, Voice, Word, matching};
use mouthpiece_render::{Flow, Progress, Stage};

/// Not the sentences that the search listens to.
const SENTENCES: [&str; 2] = [
    "ðə bˈɜɹʧ kənˈu slˈɪd ˌɔn ðə smˈuð plˈæŋks.",
    "ɡlˈu ðə ʃˈit tə ðə dˈɑɹk blˈu bˈækɡɹˌWnd.",
];

struct Patient;

impl Progress for Patient {
    fn at(&mut self, _: Stage, _: u64, _: u64) -> Flow {
        Flow::Continue
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [packs, out, stock, engine, references @ ..] = &arguments[..] else {
        return Err("PACKS OUT STOCK ENGINE REFERENCE.wav …".into());
    };
    let runtime = match std::env::var_os("ONNXRUNTIME") {
        Some(library) => Runtime::onnx_runtime(Some(library.into()))?,
        None => Runtime::rten(),
    };
    let speaker = Speaker::open(Path::new(packs), &runtime)?;
    let stock = std::fs::read_to_string(stock)?;
    let stock: HashMap<&str, &str> = stock.lines().filter_map(|l| l.split_once(' ')).collect();
    for reference in references {
        let name = Path::new(reference).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let options = matching::Options {
            engine: Some(engine.clone()),
            ..matching::Options::default()
        };
        let started = std::time::Instant::now();
        let recipe = match matching::enrol(Path::new(reference), &options, &speaker, &Tools::from_env(), &mut Patient) {
            Ok(recipe) => recipe,
            Err(e) => {
                writeln!(
                    std::io::stdout(),
                    "{}",
                    serde_json::json!({ "name": name, "refused": e.to_string() })
                )?;
                continue;
            }
        };
        let seconds = started.elapsed().as_secs_f64();
        let keep = |kind: &str, voice: &dyn Voice| -> Result<(), Box<dyn std::error::Error>> {
            let mut bytes = Vec::new();
            for sentence in SENTENCES {
                let said = voice.say(&phrase(sentence), &Manner::default())?;
                bytes.extend(said.samples.iter().flat_map(|v| v.to_le_bytes()));
            }
            Ok(std::fs::write(Path::new(out).join(format!("{name}.{kind}.f32")), bytes)?)
        };
        keep("match", &*speaker.matched(&recipe)?)?;
        if let Some(id) = stock.get(name.as_str()) {
            keep("stock", &*speaker.voice(id)?)?;
        }
        writeln!(
            std::io::stdout(),
            "{}",
            serde_json::json!({ "name": name, "seconds": seconds, "recipe": recipe })
        )?;
    }
    Ok(())
}

fn phrase(phonemes: &str) -> Phrase {
    let word = |word: &str| Word {
        phonemes: word.trim_end_matches('.').to_owned(),
        pause: if word.ends_with('.') { ".".into() } else { String::new() },
        ..Word::default()
    };
    Phrase {
        language: Language::AmericanEnglish,
        words: phonemes.split(' ').map(word).collect(),
    }
}
