use super::*;
use crate::speech::Word;

/// What PyPI onnxruntime 1.31 and hibari-tts 0.2.1 give: the net's outputs, as means over blocks of 60 bins and 20 frames, and every
/// seventh sample of the sound without its noise.
#[derive(serde::Deserialize)]
struct Stored {
    phonemes: String,
    speed: f32,
    ids: Vec<f32>,
    durations: Vec<f32>,
    frames: usize,
    f0: Vec<f32>,
    lh: Vec<f32>,
    theta: Vec<f32>,
    lr: Vec<f32>,
    cosphi: Vec<f32>,
    wave: Vec<f32>,
}

fn stored() -> Vec<Stored> {
    serde_json::from_str(include_str!("vector.json")).unwrap()
}

fn tract() -> Arc<Tract> {
    Hibari::new(&Runtime::rten()).tract().unwrap()
}

fn phrase(phonemes: &str) -> Phrase {
    let word = |word: &str| {
        let (phonemes, pause) = word.split_at(word.find([',', '.']).unwrap_or(word.len()));
        Word {
            text: word.into(),
            spoken: phonemes.into(),
            phonemes: phonemes.into(),
            pause: pause.into(),
        }
    };
    Phrase {
        language: Language::AmericanEnglish,
        words: phonemes.split(' ').map(word).collect(),
    }
}

fn blocks(values: &[f32], frames: usize, of: impl Fn(f32) -> f32) -> Vec<f32> {
    let mut out = Vec::new();
    for bin in [0, 60, 180, 360, 540] {
        for frame in (0..frames).step_by(20) {
            let past = (frame + 20).min(frames);
            let rows = (bin..bin + 60).flat_map(|b| &values[b * frames + frame..b * frames + past]);
            out.push(rows.map(|v| of(*v)).sum::<f32>() / (60 * (past - frame)) as f32);
        }
    }
    out
}

fn farthest(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn the_net_says_what_it_said_elsewhere() {
    let tract = tract();
    for stored in stored() {
        assert_eq!(Row::of(&phrase(&stored.phonemes)).numbers(), stored.ids);
        let (spectra, durations) = tract.predict(&stored.ids, stored.speed).unwrap();
        assert_eq!(durations, stored.durations);
        assert_eq!(spectra.frames, stored.frames);
        let f0: Vec<f32> = spectra.pitch.iter().copied().step_by(4).collect();
        assert!(farthest(&f0, &stored.f0) < 3.0, "f0 {}", farthest(&f0, &stored.f0));
        let as_is = |v: f32| v;
        for (name, got, of, want, tolerance) in [
            ("lh", &spectra.harmonic, as_is as fn(f32) -> f32, &stored.lh, 0.1),
            ("theta", &spectra.theta, f32::tanh, &stored.theta, 0.05),
            ("lr", &spectra.free, as_is, &stored.lr, 0.1),
            ("phi", &spectra.phi, f32::cos, &stored.cosphi, 0.05),
        ] {
            let off = farthest(&blocks(got, stored.frames, of), want);
            assert!(off < tolerance, "{name} {off}");
        }
    }
}

#[test]
fn the_sound_is_that_of_the_python() {
    let tract = tract();
    for stored in stored() {
        let (mut spectra, _) = tract.predict(&stored.ids, stored.speed).unwrap();
        spectra.noise.fill(-100.0);
        let sound = tract
            .synthesis
            .sound(&spectra, &Bend::default(), &mut Noise::of(&stored.ids))
            .unwrap();
        assert_eq!(sound.len(), stored.frames * synthesis::HOP);
        let ours = || sound.iter().step_by(7).zip(&stored.wave);
        let error: f32 = ours().map(|(a, b)| (a - b).powi(2)).sum();
        let power: f32 = ours().map(|(_, b)| b.powi(2)).sum();
        let decibels = 10.0 * (power / error).log10();
        assert!(decibels > 30.0, "{decibels} dB");
    }
}
