//! Where a phrase begins and ends. The net counts the silence around a phrase to its first and last phoneme, up to a quarter of a second;
//! what is heard knows better.

use super::RATE;
use crate::speech::Utterance;

/// Seconds of sound whose loudness is taken together.
const WINDOW: f64 = 0.010;
/// Part of the loudest window above which there is speech: -36 dB.
const HEARD: f32 = 0.016;
/// Seconds for which a stop's closure is silent before it is heard.
const CLOSURE: f64 = 0.060;
/// No phoneme is shorter, in seconds.
const SHORTEST: f64 = 0.030;

/// Moves the start of the first phoneme and word and the end of the last to where sound begins and ends.
pub fn settle(said: &mut Utterance) {
    let Some((onset, offset)) = heard(&said.samples) else { return };
    let Some(first) = said.phonemes.first_mut() else { return };
    let was = first.start;
    let silent = if first.symbol.starts_with(|c| "pbtdkɡʧʤʈɖq".contains(c)) {
        CLOSURE
    } else {
        0.0
    };
    first.start = was.min(onset - silent).max(0.0);
    let start = first.start;
    if let Some(word) = said.words.iter_mut().find(|w| w.0 == was && w.1 > w.0) {
        word.0 = start;
    }
    let Some(last) = said.phonemes.last_mut() else { return };
    let was = last.end;
    last.end = offset.max(last.start + SHORTEST);
    let end = last.end;
    // The last word that is heard, and those behind it that are not.
    for word in said.words.iter_mut().rev().take_while(|w| w.1 >= was) {
        *word = (word.0.min(end), end);
    }
}

/// From when to when something is heard, in seconds.
fn heard(samples: &[f32]) -> Option<(f64, f64)> {
    let size = (WINDOW * f64::from(RATE)) as usize;
    let power: Vec<f32> = samples
        .chunks(size)
        .map(|w| w.iter().map(|s| s * s).sum::<f32>() / w.len() as f32)
        .collect();
    let most = power.iter().copied().fold(0.0, f32::max);
    let loud = |p: &f32| *p > most * HEARD * HEARD;
    let (first, last) = (power.iter().position(loud)?, power.iter().rposition(loud)?);
    Some((first as f64 * WINDOW, (last + 1) as f64 * WINDOW))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mouth::TimedPhoneme;

    /// A second of sound from 0.3 to 0.7 s.
    fn said(phonemes: &[(&str, f64, f64)], words: &[(f64, f64)]) -> Utterance {
        let tone = |i: usize| if (7200..16_800).contains(&i) { (i as f32 * 0.1).sin() } else { 0.0 };
        let phoneme = |(symbol, start, end): &(&str, f64, f64)| TimedPhoneme {
            symbol: (*symbol).into(),
            start: *start,
            end: *end,
        };
        Utterance {
            samples: (0..24_000).map(tone).collect(),
            phonemes: phonemes.iter().map(phoneme).collect(),
            words: words.to_vec(),
        }
    }

    fn near(got: (f64, f64), expected: (f64, f64)) {
        assert!(
            (got.0 - expected.0).abs() < 0.006 && (got.1 - expected.1).abs() < 0.006,
            "{got:?} is not {expected:?}"
        );
    }

    #[test]
    fn silence_around_a_phrase_is_not_spoken() {
        let mut it = said(&[("l", 0.35, 0.4), ("t", 0.5, 0.95)], &[(0.35, 0.4), (0.5, 0.95), (0.95, 0.95)]);
        settle(&mut it);
        near((it.phonemes[0].start, it.phonemes[0].end), (0.3, 0.4));
        near((it.phonemes[1].start, it.phonemes[1].end), (0.5, 0.7));
        near(it.words[0], (0.3, 0.4));
        near(it.words[1], (0.5, 0.7));
        near(it.words[2], (0.7, 0.7));
    }

    #[test]
    fn lips_close_before_a_stop_is_heard() {
        let mut it = said(&[("p", 0.28, 0.4), ("a", 0.69, 0.72)], &[(0.28, 0.72)]);
        settle(&mut it);
        near((it.phonemes[0].start, it.phonemes[1].end), (0.24, 0.72));
        near(it.words[0], (0.24, 0.72));
    }

    #[test]
    fn silence_and_nothing_stay_as_they_are() {
        let mut silent = said(&[("a", 0.1, 0.2)], &[(0.1, 0.2)]);
        silent.samples.fill(0.0);
        let before = silent.clone();
        settle(&mut silent);
        assert_eq!(silent, before);
        let mut nothing = Utterance::default();
        settle(&mut nothing);
        assert_eq!(nothing, Utterance::default());
    }
}
