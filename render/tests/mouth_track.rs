//! The mouth of whole recordings: still in silence, shut where it must be, the same length as the video.

use mouthpiece_render::model::Runtime;
use mouthpiece_render::mouth::{self, MouthNets, MouthShape, MouthTrack, TimedPhoneme};
use mouthpiece_render::scene::Fps;

const RATE: f64 = 16_000.0;

fn fps(rate: u32) -> Fps {
    Fps { num: rate, den: 1 }
}

fn track_at(sound: &[f32], rate: u32, phonemes: Option<&[TimedPhoneme]>) -> MouthTrack {
    let nets = MouthNets::load(&Runtime::rten()).expect("embedded nets load");
    let mut blocks = sound.chunks(4321).map(|block| Ok(block.to_vec()));
    let frames = fps(rate).frames(sound.len() as f64 / RATE);
    mouth::track(&mut blocks, |_| frames, fps(rate), phonemes, &nets).expect("a track")
}

/// White noise without a random number generator; `amplitude` is the peak.
fn noise(seconds: f64, amplitude: f32) -> Vec<f32> {
    let mut state = 12_345u32;
    (0..(seconds * RATE) as usize)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state as f32 / u32::MAX as f32 * 2.0 - 1.0) * amplitude
        })
        .collect()
}

/// Something that buzzes and changes, four syllables a second.
fn babble(seconds: f64) -> Vec<f32> {
    (0..(seconds * RATE) as usize)
        .map(|i| {
            let t = i as f64 / RATE;
            let syllable = 0.5 - 0.5 * (std::f64::consts::TAU * 4.0 * t).cos();
            let buzz: f64 = (1..25)
                .map(|h| (std::f64::consts::TAU * 120.0 * f64::from(h) * t).sin() / f64::from(h))
                .sum();
            (0.25 * syllable * buzz) as f32
        })
        .collect()
}

fn is_rest(shape: &MouthShape) -> bool {
    *shape == MouthShape::default()
}

fn phoneme(symbol: &str, start: f64, end: f64) -> TimedPhoneme {
    TimedPhoneme {
        symbol: symbol.into(),
        start,
        end,
    }
}

#[test]
fn silence_and_hiss_leave_the_mouth_at_rest() {
    for sound in [vec![0.0; 32_000], noise(3.0, 0.0055), noise(2.0, 1e-4), Vec::new(), vec![0.0; 40]] {
        let track = track_at(&sound, 25, None);
        assert!(track.shapes.iter().all(is_rest), "{} samples moved the mouth", sound.len());
        assert!(track.voice.iter().chain(&track.energy).all(|v| *v == 0.0));
    }
}

#[test]
fn loud_noise_and_odd_samples_do_no_harm() {
    let mut odd = noise(1.0, 1.0);
    odd[100] = f32::NAN;
    odd[200] = f32::INFINITY;
    for sound in [odd, babble(0.3), vec![1.0; 8000]] {
        let track = track_at(&sound, 30, None);
        assert!(
            track
                .shapes
                .iter()
                .all(|s| s.gap.is_finite() && s.gap >= 0.0 && s.gap < 2.0 && s.width.abs() < 2.0)
        );
    }
}

#[test]
fn every_rate_gives_every_frame() {
    let sound = babble(2.0);
    for rate in [24, 25, 30, 50, 60] {
        let track = track_at(&sound, rate, None);
        let expected = 2 * rate as usize;
        assert_eq!(
            (track.shapes.len(), track.voice.len(), track.energy.len()),
            (expected, expected, expected)
        );
        assert_eq!(track.fps, fps(rate));
    }
}

#[test]
fn frames_after_the_sound_are_at_rest() {
    let nets = MouthNets::load(&Runtime::rten()).expect("embedded nets load");
    let mut blocks = std::iter::once(Ok(babble(1.0)));
    let track = mouth::track(&mut blocks, |_| 50, fps(25), None, &nets).expect("a track");
    assert!(track.shapes[27..].iter().all(is_rest));
}

#[test]
fn a_fault_of_the_source_is_passed_on() {
    use mouthpiece_render::error::{Error, Kind};
    let nets = MouthNets::load(&Runtime::rten()).expect("embedded nets load");
    let mut blocks = [Ok(babble(0.2)), Err(Error::new(Kind::AudioUnreadable, "broken"))].into_iter();
    let fault = mouth::track(&mut blocks, |_| 25, fps(25), None, &nets).expect_err("must fail");
    assert_eq!(fault.kind, Kind::AudioUnreadable);
}

#[test]
fn known_phonemes_are_certain() {
    let sound = babble(3.0);
    // Bilabials between open vowels, each at another place within the frame.
    let mut said = Vec::new();
    for k in 0..12 {
        let start = 0.2 + 0.207 * f64::from(k);
        said.push(phoneme(["p", "b", "m"][k as usize % 3], start, start + 0.045));
        said.push(phoneme("ɑ", start + 0.045, start + 0.207));
    }
    for rate in [24, 25, 30, 50, 60] {
        let track = track_at(&sound, rate, Some(&said));
        for p in said.iter().step_by(2) {
            let shut = (0..track.shapes.len()).any(|i| {
                let time = track.fps.middle(i);
                time >= p.start && time <= p.end && track.shapes[i].closure == 1.0 && track.shapes[i].gap == 0.0
            });
            assert!(shut, "{} at {} s stays open at {rate} fps", p.symbol, p.start);
        }
        assert!(track.shapes[..rate as usize / 12].iter().all(is_rest));
    }
    let alone = track_at(&sound, 25, Some(&[phoneme("b", 1.01, 1.05)]));
    assert!(
        alone.shapes[25].closure == 1.0 && alone.shapes[25].gap == 0.0,
        "{:?}",
        alone.shapes[25]
    );
    for far in alone.shapes[..20].iter().chain(&alone.shapes[32..]) {
        assert!(is_rest(far));
    }
}

#[test]
fn known_tucks_and_rounding_show() {
    let sound = babble(1.5);
    let said = [
        phoneme("f", 0.3, 0.4),
        phoneme("i", 0.4, 0.6),
        phoneme("ˈu", 0.6, 0.9),
        phoneme("v", 0.9, 1.0),
        phoneme("i", 1.0, 1.3),
    ];
    let track = track_at(&sound, 25, Some(&said));
    let at = |seconds: f64| track.shapes[(seconds * 25.0) as usize];
    for time in [0.35, 0.95] {
        assert!(at(time).tuck >= 0.8 && at(time).gap <= 0.25, "at {time}: {:?}", at(time));
    }
    assert!(at(0.75).pucker > 0.5 && at(0.75).width < at(1.2).width - 0.2, "{:?}", at(0.75));
}

/// Loudness against openness on real speech, as tools/lipeval.py measures it, and stillness before and after.
#[test]
fn real_speech_moves_the_lips_with_the_sound() {
    let bytes = include_bytes!("media/sense_and_sensibility_01_austen_64kb-0870.wav");
    let mut sound = vec![0.0; 16_000];
    sound.extend(
        bytes[44..]
            .chunks_exact(2)
            .map(|b| f32::from(i16::from_le_bytes([b[0], b[1]])) / 32768.0),
    );
    sound.extend(noise(1.0, 1e-4));
    let track = track_at(&sound, 25, None);
    let loud: Vec<f32> = (0..track.shapes.len())
        .map(|i| {
            let middle = (track.fps.middle(i) * RATE) as usize;
            let near = &sound[middle.saturating_sub(400)..(middle + 400).min(sound.len())];
            (10.0 * (near.iter().map(|v| v * v).sum::<f32>() / near.len() as f32 + 1e-12).log10()).max(-60.0)
        })
        .collect();
    let gap: Vec<f32> = track.shapes.iter().map(|s| s.gap).collect();
    let r = correlation(&gap, &loud);
    assert!(r > 0.6, "r is {r}");
    assert!(
        track.shapes[..20]
            .iter()
            .chain(&track.shapes[track.shapes.len() - 20..])
            .all(is_rest)
    );
    assert!(gap.iter().filter(|g| **g > 0.4).count() > gap.len() / 4);
    assert!(track.shapes.iter().any(|s| s.closure == 1.0));
}

fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let n = a.len() as f32;
    let (ma, mb) = (a.iter().sum::<f32>() / n, b.iter().sum::<f32>() / n);
    let sum = |f: &dyn Fn(f32, f32) -> f32| a.iter().zip(b).map(|(x, y)| f(x - ma, y - mb)).sum::<f32>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}
