use super::*;
use crate::speech::Word;

/// What PyPI onnxruntime 1.31 and hibari-tts 0.2.1 give.
#[derive(serde::Deserialize)]
struct Stored {
    nets: Vec<Outputs>,
    /// Every third sample of `made_up` spectra's sound.
    wave: Vec<f32>,
}

/// Of the net, as means over blocks of 60 bins and 20 frames.
#[derive(serde::Deserialize)]
struct Outputs {
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
}

fn stored() -> Stored {
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
    for stored in stored().nets {
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

/// Spectra by formulas, so that rounding in the net does not count.
fn made_up() -> Spectra {
    let frames = 40;
    let over = |of: fn(f32, f32) -> f32| -> Vec<f32> {
        let cell = |i: usize| of((i / frames) as f32, (i % frames) as f32);
        (0..BINS * frames).map(cell).collect()
    };
    let pitch = |f: usize| {
        if (15..20).contains(&f) {
            0.0
        } else {
            150.0 + 50.0 * (0.15 * f as f32).sin()
        }
    };
    Spectra {
        frames,
        harmonic: over(|b, f| 1.5 - 0.01 * b + 0.5 * (0.3 * f).sin()),
        theta: over(|b, f| (0.05 * b + 0.2 * f).sin()),
        noise: vec![-100.0; BINS * frames],
        free: over(|b, f| -1.0 - 0.008 * b + (0.25 * f).cos()),
        phi: over(|b, f| 3.0 * (0.7 * b + 1.3 * f).sin()),
        pitch: (0..frames).map(pitch).collect(),
    }
}

#[test]
fn the_sound_is_that_of_the_python() {
    let sound = Synthesis::new()
        .sound(&made_up(), &Bend::default(), HOP, &mut Noise::of(&[]))
        .unwrap();
    assert_eq!(sound.len(), 40 * HOP);
    let ours: Vec<f32> = sound.into_iter().step_by(3).collect();
    assert_eq!(ours.len(), stored().wave.len());
    let power = |values: &mut dyn Iterator<Item = f32>| values.map(|v| v * v).sum::<f32>();
    let error = power(&mut ours.iter().zip(&stored().wave).map(|(a, b)| a - b));
    let decibels = 10.0 * (power(&mut ours.iter().copied()) / error).log10();
    assert!(decibels > 50.0, "{decibels} dB");
}

/// The frequency of the strongest repetition, from 60 to 400 hertz.
fn pitch_of(samples: &[f32]) -> f32 {
    let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
    let alike = |lag: &usize| middle.iter().zip(&middle[*lag..]).map(|(a, b)| a * b).sum::<f32>();
    let lag = (60..400).max_by(|a, b| alike(a).total_cmp(&alike(b))).unwrap();
    synthesis::RATE as f32 / lag as f32
}

#[test]
fn manner_is_heard() {
    let voice = Hibari::new(&Runtime::rten()).voice("hibari_ada").unwrap().unwrap();
    let say = |manner: Manner| voice.say(&phrase("ˈɑ ˈɑ."), &manner).unwrap();
    let plain = say(Manner::default());
    assert_eq!(plain, say(Manner::default()), "the same again");
    let manner = |speed, pitch, volume| Manner { speed, pitch, volume };
    for speed in [0.5, 0.7, 0.9, 1.1, 1.2, 1.4, 2.0] {
        let said = say(manner(speed, 0.0, 0.0));
        let times = plain.samples.len() as f32 / said.samples.len() as f32;
        assert!((times / speed - 1.0).abs() < 0.01, "{times} times as fast, not {speed}");
        let end = said.phonemes.last().unwrap().end / (plain.phonemes.last().unwrap().end / f64::from(times));
        assert!((end - 1.0).abs() < 0.12, "{speed}: {end}");
        // Where the net itself is asked for another pace, it gives another melody.
        if NEAR.contains(&speed) {
            let semitones = 12.0 * (pitch_of(&said.samples) / pitch_of(&plain.samples)).log2();
            assert!(semitones.abs() < 1.5, "{speed}: {semitones}");
        }
    }
    let low = say(manner(1.0, -5.0, 0.0));
    assert_eq!(low.samples.len(), plain.samples.len());
    let semitones = 12.0 * (pitch_of(&low.samples) / pitch_of(&plain.samples)).log2();
    assert!((semitones + 5.0).abs() < 1.0, "{semitones}");
    let power = |u: &Utterance| u.samples.iter().map(|s| s * s).sum::<f32>();
    let decibels = 10.0 * (power(&say(manner(1.0, 0.0, -10.0))) / power(&plain)).log10();
    assert!((decibels + 10.0).abs() < 0.1, "{decibels}");
}

#[test]
fn every_voice_speaks_within_full_scale_and_tells_times() {
    let hibari = Hibari::new(&Runtime::rten());
    let said = phrase("həlˈO, wˈɜɹld.");
    for info in hibari.voices() {
        let voice = hibari.voice(&info.id).unwrap().unwrap();
        let utterance = voice.say(&said, &Manner::default()).unwrap();
        assert_eq!(utterance.words.len(), 2, "{}", info.id);
        assert_eq!(utterance.phonemes.len(), 9, "{}", info.id);
        assert!(utterance.phonemes.windows(2).all(|p| p[0].end <= p[1].start + 1e-9));
        let peak = utterance.samples.iter().fold(0.0f32, |p, s| p.max(s.abs()));
        assert!((0.05..0.95).contains(&peak), "{} {peak}", info.id);
        assert_eq!(voice.language(), info.language);
    }
    assert!(hibari.voice("nobody").is_none());
}
