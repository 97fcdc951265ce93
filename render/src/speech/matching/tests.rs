//! References through the public face: what is refused and why, and what comes of a good one with engines that are quick.

use std::path::{Path, PathBuf};

use super::*;
use crate::progress::Flow;
use crate::speech::Manner;

/// hibari, as it is.
struct Small {
    runtime: Runtime,
    hibari: Hibari,
    kokoro: Option<Arc<dyn Styled>>,
}

impl Small {
    fn new() -> Self {
        let runtime = Runtime::rten();
        Self {
            hibari: Hibari::new(&runtime),
            runtime,
            kokoro: None,
        }
    }
}

impl Engines for Small {
    fn kokoro(&self) -> Option<Arc<dyn Styled>> {
        self.kokoro.clone()
    }

    fn hibari(&self) -> Option<Arc<dyn Bendable>> {
        Some(Arc::new(self.hibari.clone()))
    }

    fn pocket(&self) -> &[Arc<pocket::Bundle>] {
        &[]
    }

    fn runtime(&self) -> &Runtime {
        &self.runtime
    }
}

/// Stops after so many questions.
struct Asked(usize);

impl Progress for Asked {
    fn at(&mut self, _: Stage, _: u64, _: u64) -> Flow {
        self.0 = self.0.saturating_sub(1);
        if self.0 == 0 { Flow::Stop } else { Flow::Continue }
    }
}

const RATE: u32 = 16_000;

fn media(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media").join(name)
}

/// A woman reading, 7 s.
fn reading() -> Vec<f32> {
    let bytes = std::fs::read(media("sense_and_sensibility_01_austen_64kb-0870.wav")).expect("a recording");
    bytes[44..]
        .chunks_exact(2)
        .map(|b| f32::from(i16::from_le_bytes([b[0], b[1]])) / 32_768.0)
        .collect()
}

fn wav(folder: &Path, sound: &[f32]) -> PathBuf {
    let mut bytes = Vec::new();
    let size = 2 * sound.len() as u32;
    bytes.extend(b"RIFF");
    bytes.extend((36 + size).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(RATE.to_le_bytes());
    bytes.extend((2 * RATE).to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend(size.to_le_bytes());
    bytes.extend(sound.iter().flat_map(|v| ((v.clamp(-1.0, 1.0) * 32_767.0) as i16).to_le_bytes()));
    let path = folder.join("reference.wav");
    std::fs::write(&path, bytes).expect("written");
    path
}

fn noise(seconds: f32, level: f32) -> Vec<f32> {
    let mut chance = blend::Chance(7);
    (0..(seconds * RATE as f32) as usize).map(|_| level * chance.normal()).collect()
}

/// Chords that change twice a second, with a beat.
fn music(seconds: f32) -> Vec<f32> {
    let mut beat = blend::Chance(3);
    (0..(seconds * RATE as f32) as usize)
        .map(|i| {
            let t = i as f32 / RATE as f32;
            let root = [220.0, 174.6, 261.6, 196.0][(t * 2.0) as usize % 4];
            let tone = |ratio: f32| {
                (1..6)
                    .map(|h| (std::f32::consts::TAU * root * ratio * h as f32 * t).sin() / h as f32)
                    .sum::<f32>()
            };
            let chord: f32 = [1.0, 1.26, 1.5].into_iter().map(tone).sum();
            0.08 * chord * (0.7 + 0.3 * (-8.0 * (t * 2.0).fract()).exp()) + 0.2 * beat.normal() * (-30.0 * (t * 4.0).fract()).exp()
        })
        .collect()
}

fn refusal(sound: &[f32], denoise: bool) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = wav(folder.path(), sound);
    let encoder = Encoder::load(&Runtime::rten()).expect("loads");
    match reference::listen(&path, denoise, &encoder, &Tools::from_env()) {
        Ok(heard) => format!("fine, {:.0} Hz", heard.pitch),
        Err(e) => {
            assert_eq!(e.kind, Kind::ReferenceUnfit, "{e}");
            assert!(e.message.starts_with("the reference recording "), "{e}");
            e.message
        }
    }
}

#[test]
fn what_is_no_good_is_refused_with_a_reason() {
    let voice = reading();
    let quiet: Vec<f32> = voice.iter().map(|v| v * 0.004).collect();
    let loud: Vec<f32> = voice.iter().map(|v| v * 40.0).collect();
    let noisy: Vec<f32> = voice.iter().zip(noise(8.0, 0.08)).map(|(a, b)| a + b).collect();
    let few = [vec![0.0; 3 * 16_000], voice[..24_000].to_vec(), vec![0.0; 3 * 16_000]].concat();
    for (sound, said) in [
        (voice[..4800].to_vec(), "lasts 0.3 s; send 5 s"),
        (vec![0.0; 6 * 16_000], "is silent"),
        (noise(6.0, 0.1), "no speech"),
        (few, "s of speech; send one with at least 3 s"),
        (quiet, "too quiet"),
        (loud, "distorted"),
        (noisy, "too noisy"),
    ] {
        let refused = refusal(&sound, false);
        assert!(refused.contains(said), "{said}: {refused}");
    }
}

#[test]
fn music_is_refused() {
    let refused = refusal(&music(8.0), false);
    assert!(!refused.starts_with("fine"), "{refused}");
}

#[test]
fn good_speech_is_heard_and_noise_is_taken_out_if_asked() {
    let voice = reading();
    assert!(refusal(&voice, false).starts_with("fine"), "{}", refusal(&voice, false));
    let hiss: Vec<f32> = voice.iter().zip(noise(8.0, 0.02)).map(|(a, b)| a + b).collect();
    assert!(refusal(&hiss, true).starts_with("fine"), "{}", refusal(&hiss, true));
}

#[test]
fn two_voices_are_refused() {
    let hibari = Hibari::new(&Runtime::rten());
    let voice = hibari.say_bent(&sentences::trial(), &Bend::default(), 1.0).expect("says").samples;
    let other = resample(&voice, 24_000, RATE);
    let both = [reading(), other.clone(), other].concat();
    assert!(refusal(&both, false).contains("more than one voice"), "{}", refusal(&both, false));
}

#[test]
fn more_than_five_minutes_are_refused() {
    let long: Vec<f32> = reading().into_iter().cycle().take(310 * 16_000).collect();
    let refused = refusal(&long, false);
    assert!(refused.contains("too long"), "{refused}");
}

#[test]
fn hibari_comes_nearer_and_the_recipe_speaks() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = wav(folder.path(), &reading());
    let engines = Small::new();
    let options = Options::default();
    let tools = Tools::from_env();
    let recipe = enrol(&path, &options, &engines, &tools, &mut Asked(usize::MAX)).expect("a recipe");
    assert_eq!(recipe.engine(), "hibari");
    let encoder = Encoder::load(&Runtime::rten()).expect("loads");
    let reference = encoder.embed(&reading()).expect("runs");
    let near = |said: Utterance| {
        let speaker = encoder.embed(&resample(&said.samples, 24_000, RATE)).expect("runs");
        speaker.similarity(&reference)
    };
    let own = near(engines.hibari.say_bent(&sentences::trial(), &Bend::default(), 1.0).expect("says"));
    let kept: Recipe = serde_json::from_str(&serde_json::to_string(&recipe).expect("JSON")).expect("reads");
    let voice = voice(&kept, &engines).expect("a voice");
    let said = voice.say(&sentences::trial(), &Manner::default()).expect("says");
    assert!(!said.phonemes.is_empty() && said.samples.iter().all(|v| v.abs() <= 1.0));
    let matched = near(said);
    assert!(matched > own + 0.05, "{matched} is not above {own}");
    assert!((matched - recipe.similarity).abs() < 0.05, "{matched}, {}", recipe.similarity);
}

#[test]
fn it_stops_when_told_and_says_what_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = wav(folder.path(), &reading());
    let engines = Small::new();
    let tools = Tools::from_env();
    let stopped = enrol(&path, &Options::default(), &engines, &tools, &mut Asked(2)).expect_err("stopped");
    assert_eq!(stopped.kind, Kind::Cancelled);
    let french = Options {
        language: Some(Language::French),
        ..Options::default()
    };
    let missing = enrol(&path, &french, &engines, &tools, &mut Asked(usize::MAX)).expect_err("nothing speaks it");
    assert_eq!(missing.kind, Kind::LanguageUnsupported);
    let named = Options {
        engine: Some("kokoro".into()),
        ..Options::default()
    };
    let missing = enrol(&path, &named, &engines, &tools, &mut Asked(usize::MAX)).expect_err("not installed");
    assert_eq!(missing.kind, Kind::VoiceUnknown);
}

/// hibari that takes the first number of a style for its throat and the second for its breath.
struct Mixed(Hibari);

impl Styled for Mixed {
    fn voices(&self) -> Vec<String> {
        [
            "af_heart",
            "af_bella",
            "am_adam",
            "bm_george",
            "bf_emma",
            "if_sara",
            "im_nicola",
            "em_alex",
        ]
        .map(str::to_owned)
        .into()
    }

    fn style(&self, voice: &str, _signs: usize) -> Result<Vec<f32>> {
        let at = self.voices().iter().position(|v| v == voice);
        let at = at.ok_or_else(|| Error::new(Kind::VoiceUnknown, "no such voice"))? as f32;
        Ok(vec![0.8 + 0.05 * at, at - 4.0])
    }

    fn say(&self, phrase: &Phrase, style: &[f32], speed: f32, pitch: f32) -> Result<Utterance> {
        let bend = Bend {
            pitch: 0.7 * pitch,
            formants: style[0],
            breath: style[1],
            ..Bend::default()
        };
        self.0.say_bent(phrase, &bend, speed)
    }
}

#[test]
fn a_blend_has_few_shares_that_add_up_and_speaks() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = wav(folder.path(), &reading());
    let mut engines = Small::new();
    engines.kokoro = Some(Arc::new(Mixed(engines.hibari.clone())));
    let recipe = enrol(&path, &Options::default(), &engines, &Tools::from_env(), &mut Asked(usize::MAX)).expect("a recipe");
    let Timbre::Kokoro { styles, .. } = &recipe.timbre else {
        panic!("Kokoro is preferred")
    };
    assert!((1..=6).contains(&styles.len()) && recipe.check().is_ok(), "{recipe:?}");
    let said = voice(&recipe, &engines)
        .expect("a voice")
        .say(&sentences::search(), &Manner::default())
        .expect("says");
    assert!(said.samples.len() > 24_000 && said.words.len() == sentences::search().words.len());
}
