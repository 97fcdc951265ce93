use super::*;
use crate::speech::{Language, Word};

const RATE: u32 = 24_000;

fn samples(seconds: f64) -> usize {
    (seconds * f64::from(RATE)).round() as usize
}

/// A tone between silences, which begins as softly as an f, 38 dB down for 60 ms.
fn said(before: f64, sound: f64, after: f64) -> Utterance {
    let mut out = vec![0.0; samples(before)];
    let loud = |i: usize| 0.004 + 0.3 * (i.saturating_sub(samples(0.06)) as f32 / samples(0.02) as f32).min(1.0);
    let tone = |i: usize| (i as f32 * 0.13).cos() * loud(i);
    out.extend((0..samples(sound)).map(tone));
    out.extend(vec![0.0; samples(after)]);
    let symbol = |symbol: &str, start, end| TimedPhoneme {
        symbol: symbol.into(),
        start,
        end,
    };
    Utterance {
        samples: out,
        phonemes: vec![
            symbol("f", before, before + 0.06),
            symbol("ɑ", before + 0.06, before + sound + after),
        ],
        words: vec![(before, before + sound + after)],
    }
}

fn phrase(pause: &str) -> Phrase {
    Phrase {
        language: Language::AmericanEnglish,
        words: vec![Word {
            text: format!("Fa{pause}"),
            spoken: "Fa".into(),
            phonemes: "fˈɑ".into(),
            pause: pause.into(),
        }],
    }
}

fn joined(add: impl FnOnce(&mut Joint, Sink)) -> (Vec<f32>, Spoken) {
    let mut out = Vec::new();
    let mut joint = Joint::new(RATE);
    let mut sink = |s: &[f32]| {
        out.extend_from_slice(s);
        Ok(())
    };
    add(&mut joint, &mut sink);
    let spoken = joint.finish(&mut sink).unwrap();
    (out, spoken)
}

/// From the last sample above a level to the next above it, seconds: the longest such time.
fn longest_silence(sound: &[f32]) -> f64 {
    let heard: Vec<usize> = (0..sound.len()).filter(|i| sound[*i].abs() > 1e-4).collect();
    heard.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0) as f64 / f64::from(RATE)
}

#[test]
fn silence_is_trimmed_and_soft_beginnings_are_kept() {
    let (sound, spoken) = joined(|joint, sink| joint.add(&phrase("."), &said(0.4, 0.5, 0.6), 1.0, sink).unwrap());
    assert!((spoken.seconds - sound.len() as f64 / f64::from(RATE)).abs() < 1e-9);
    assert!((spoken.seconds - (BEFORE + 0.5 + LAST)).abs() < 0.011, "{}", spoken.seconds);
    let first = sound.iter().position(|s| s.abs() > 0.003).unwrap() as f64 / f64::from(RATE);
    assert!((first - BEFORE).abs() < 0.006, "{first}");
    assert!((spoken.phonemes[0].start - BEFORE).abs() < 0.006, "{:?}", spoken.phonemes);
    // The pause was counted to the vowel, and is not a part of it.
    assert!((spoken.phonemes[1].end - (BEFORE + 0.5)).abs() < 0.011, "{:?}", spoken.phonemes);
    assert!((spoken.words[0].end - (BEFORE + 0.5)).abs() < 0.011);
}

#[test]
fn pauses_follow_punctuation_and_pace_unless_asked_for() {
    for (pause, asked, speed, expected) in [
        (".", None, 1.0, 0.45),
        (",", None, 1.0, 0.22),
        ("", None, 1.0, 0.12),
        (".", None, 1.5, 0.30),
        (".", Some(1.2), 1.0, 1.2),
        (".", Some(0.15), 1.0, 0.15),
    ] {
        let (sound, spoken) = joined(|joint, mut sink| {
            joint.add(&phrase(pause), &said(0.4, 0.3, 0.3), speed, &mut sink).unwrap();
            asked.into_iter().for_each(|a| joint.pause(a));
            joint.add(&phrase("."), &said(0.2, 0.3, 0.5), speed, &mut sink).unwrap();
        });
        let silence = longest_silence(&sound);
        assert!((silence - expected).abs() < 0.012, "{pause:?} {asked:?}: {silence}");
        let told = spoken.words[1].start - spoken.words[0].end;
        assert!((told - expected).abs() < 0.02, "{pause:?} {asked:?}: {told}");
    }
}

#[test]
fn pauses_at_the_ends_are_kept_if_asked_for() {
    let (sound, spoken) = joined(|joint, mut sink| {
        joint.pause(0.5);
        joint.pause(0.5);
        joint.add(&phrase("."), &said(0.1, 0.3, 0.1), 1.0, &mut sink).unwrap();
        joint.pause(2.0);
    });
    assert!((spoken.words[0].start - 1.03).abs() < 0.01, "{:?}", spoken.words);
    assert!(
        (spoken.seconds - (1.0 + 0.03 + 0.3 + 0.06 + 2.0)).abs() < 0.02,
        "{}",
        spoken.seconds
    );
    assert!(sound[..samples(0.9)].iter().all(|s| *s == 0.0));
}

#[test]
fn an_utterance_cut_within_its_sound_does_not_click() {
    let (sound, _) = joined(|joint, mut sink| {
        for _ in 0..3 {
            joint.add(&phrase(""), &said(0.0, 0.3, 0.0), 1.0, &mut sink).unwrap();
        }
    });
    let steepest = sound.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
    assert!(steepest < 0.3 * 0.14, "{steepest}");
}

#[test]
fn words_without_times_share_the_sound() {
    let mut phrase = phrase(".");
    phrase.words.push(Word {
        text: "fafafa".into(),
        spoken: "fafafa".into(),
        ..Word::default()
    });
    let mut said = said(0.2, 0.8, 0.2);
    said.words.clear();
    let (_, spoken) = joined(|joint, sink| joint.add(&phrase, &said, 1.0, sink).unwrap());
    assert!((spoken.words[0].end - (BEFORE + 0.2)).abs() < 0.02, "{:?}", spoken.words);
    assert!((spoken.words[1].end - (BEFORE + 0.8)).abs() < 0.02, "{:?}", spoken.words);
}

#[test]
fn silence_says_nothing() {
    let (sound, spoken) = joined(|joint, sink| {
        joint
            .add(
                &phrase("."),
                &Utterance {
                    samples: vec![0.0; 9000],
                    ..Utterance::default()
                },
                1.0,
                sink,
            )
            .unwrap();
    });
    assert!(spoken.words.is_empty() && sound.iter().all(|s| *s == 0.0));
}

#[test]
fn a_long_first_phrase_is_cut_at_its_last_early_pause() {
    let lengths = |words: usize, pauses: &[usize]| {
        let word = |i: usize| Word {
            phonemes: "wˈɜɹdz".into(),
            pause: if pauses.contains(&i) { ",".into() } else { String::new() },
            ..Word::default()
        };
        let cut = soon(Phrase {
            language: Language::AmericanEnglish,
            words: (0..words).map(word).collect(),
        });
        cut.iter().map(|p| p.words.len()).collect::<Vec<_>>()
    };
    assert_eq!(lengths(40, &[2, 9, 30, 39]), [10, 30]);
    assert_eq!(lengths(40, &[30, 39]), [40]);
    assert_eq!(lengths(10, &[2, 9]), [10]);
}
