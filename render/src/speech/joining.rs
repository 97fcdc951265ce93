//! Phrases become one sound: silence around each is trimmed, pauses follow the punctuation, and nothing clicks.

use super::{Phrase, Spoken, TimedWord, Utterance};
use crate::error::Result;
use crate::mouth::TimedPhoneme;

/// Seconds of the windows in which sound is told from silence.
const WINDOW: f64 = 0.005;
/// dB below a phrase's loud windows under which there is silence: weak fricatives lie some 40 below loud vowels.
const DEPTH: f32 = 50.0;
/// The share of windows that are louder than "loud".
const LOUD_SHARE: f32 = 0.05;
/// Seconds of what is taken for silence that are kept before the first phoneme, and after the last.
const BEFORE: f64 = 0.030;
const AFTER: f64 = 0.060;
/// Seconds over which an end rises or falls.
const RISE: f64 = 0.004;
const FALL: f64 = 0.015;
/// Seconds of silence at the end of everything.
const LAST: f64 = 0.120;
/// A phoneme that sounds on for so many seconds less than it is said to last ends early.
const SLACK: f64 = 0.040;

/// Samples on their way to somebody.
pub(super) type Sink<'a> = &'a mut dyn FnMut(&[f32]) -> Result<()>;

/// Joins phrases.
pub(super) struct Joint {
    rate: u32,
    /// Samples given so far.
    given: u64,
    /// Silence that is owed before the next sound, in seconds.
    owed: f64,
    /// Whether that was asked for, so that punctuation adds nothing.
    asked: bool,
    spoken: Spoken,
}

impl Joint {
    /// `rate`: samples a second.
    pub fn new(rate: u32) -> Self {
        Self {
            rate,
            given: 0,
            owed: 0.0,
            asked: false,
            spoken: Spoken::default(),
        }
    }

    /// Silence that was asked for, in seconds, in place of what punctuation would give.
    pub fn pause(&mut self, seconds: f64) {
        if !self.asked {
            self.owed = 0.0;
        }
        self.asked = true;
        self.owed += seconds.max(0.0);
    }

    /// Adds a phrase, said at `speed` times the voice's pace.
    pub fn add(&mut self, phrase: &Phrase, said: &Utterance, speed: f32, sink: Sink) -> Result<()> {
        let Some(heard) = Heard::of(&said.samples, self.rate) else {
            return Ok(());
        };
        let (first, past) = heard.extent(self.rate, said);
        let begun = self.given > 0;
        // The silence that is kept at both ends is a part of the pause.
        let kept = if begun { AFTER + BEFORE } else { 0.0 };
        self.silence((self.owed - kept).max(0.0), sink)?;
        let mut sound = said.samples[first..past].to_vec();
        fade(&mut sound, self.samples(RISE), self.samples(FALL));
        let shift = self.seconds() - first as f64 / f64::from(self.rate);
        self.give(&sound, sink)?;
        self.keep_times(phrase, said, &heard, shift);
        self.owed = pause_after(phrase) / f64::from(speed.clamp(0.5, 2.0));
        self.asked = false;
        Ok(())
    }

    /// Ends everything: pauses that were asked for at the end, else a short silence.
    pub fn finish(mut self, sink: Sink) -> Result<Spoken> {
        let last = if self.asked { self.owed } else { LAST - AFTER };
        self.silence(last, sink)?;
        self.spoken.seconds = self.seconds();
        Ok(self.spoken)
    }

    fn keep_times(&mut self, phrase: &Phrase, said: &Utterance, heard: &Heard, shift: f64) {
        let end = self.seconds();
        let moved = |start: f64, past: f64| {
            let past = heard.end_of(start, past);
            ((start + shift).clamp(0.0, end), (past + shift).clamp(0.0, end))
        };
        self.spoken.phonemes.extend(said.phonemes.iter().map(|p| {
            let (start, end) = moved(p.start, p.end);
            TimedPhoneme {
                symbol: p.symbol.clone(),
                start,
                end,
            }
        }));
        let shared;
        let spans = if said.words.len() == phrase.words.len() {
            &said.words
        } else {
            shared = shared_out(phrase, heard.span());
            &shared
        };
        self.spoken
            .words
            .extend(phrase.words.iter().zip(spans).map(|(word, (start, past))| {
                let (start, end) = moved(*start, *past);
                TimedWord {
                    text: word.text.clone(),
                    start,
                    end,
                }
            }));
    }

    fn silence(&mut self, seconds: f64, sink: Sink) -> Result<()> {
        const BLOCK: usize = 4096;
        let mut left = self.samples(seconds);
        while left > 0 {
            let now = left.min(BLOCK);
            self.give(&[0.0; BLOCK][..now], sink)?;
            left -= now;
        }
        Ok(())
    }

    fn give(&mut self, samples: &[f32], sink: Sink) -> Result<()> {
        self.given += samples.len() as u64;
        sink(samples)
    }

    fn samples(&self, seconds: f64) -> usize {
        (seconds * f64::from(self.rate)).round() as usize
    }

    fn seconds(&self) -> f64 {
        self.given as f64 / f64::from(self.rate)
    }
}

/// Seconds from the last sound of a phrase to the first of the next, at normal pace.
fn pause_after(phrase: &Phrase) -> f64 {
    let marks = phrase.words.iter().rev().find(|w| !w.phonemes.is_empty() || !w.pause.is_empty());
    let pause = |mark: char| match mark {
        '.' | '!' | '?' => 0.45,
        '…' => 0.55,
        ';' | ':' | '—' => 0.32,
        ',' => 0.22,
        _ => 0.0,
    };
    let longest = marks.map_or(0.0, |w| w.pause.chars().map(pause).fold(0.0, f64::max));
    // A long sentence that was cut between two words.
    if longest > 0.0 { longest } else { 0.12 }
}

/// Word times where the engine tells none: the time in which there is sound, by the words' letters.
fn shared_out(phrase: &Phrase, (start, end): (f64, f64)) -> Vec<(f64, f64)> {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count() as f64;
    let weights: Vec<f64> = phrase.words.iter().map(|w| letters(&w.spoken)).collect();
    let part = (end - start) / weights.iter().sum::<f64>().max(1.0);
    let mut at = start;
    let mut span = |weight: &f64| {
        let from = at;
        at += weight * part;
        (from, at)
    };
    weights.iter().map(&mut span).collect()
}

/// Where there is sound in a phrase.
struct Heard {
    /// Of each window of `WINDOW` seconds.
    loud: Vec<bool>,
}

impl Heard {
    /// None where all is silent.
    fn of(samples: &[f32], rate: u32) -> Option<Self> {
        let size = ((f64::from(rate) * WINDOW) as usize).max(1);
        let level = |w: &[f32]| 10.0 * (w.iter().map(|s| s * s).sum::<f32>() / w.len() as f32).max(1e-12).log10();
        let levels: Vec<f32> = samples.chunks(size).map(level).collect();
        let mut sorted = levels.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let loud = *sorted.get((sorted.len() as f32 * LOUD_SHARE) as usize)?;
        let floor = (loud - DEPTH).max(-90.0);
        let heard = Self {
            loud: levels.iter().map(|l| *l > floor).collect(),
        };
        heard.loud.contains(&true).then_some(heard)
    }

    /// First and last sound, in seconds.
    fn span(&self) -> (f64, f64) {
        let first = self.loud.iter().position(|l| *l).unwrap_or(0);
        let past = self.loud.iter().rposition(|l| *l).map_or(0, |w| w + 1);
        (first as f64 * WINDOW, past as f64 * WINDOW)
    }

    /// The samples that are kept: the sound, what is said to be the first phoneme, and a little around.
    fn extent(&self, rate: u32, said: &Utterance) -> (usize, usize) {
        let (first, past) = self.span();
        let told = said.phonemes.first().map_or(first, |p| p.start);
        let sample = |seconds: f64| ((seconds.max(0.0) * f64::from(rate)) as usize).min(said.samples.len());
        (sample(first.min(told) - BEFORE), sample(past + AFTER))
    }

    /// When what is said to sound from `start` to `past` really ends: nets count the pause after a word to its last phoneme.
    fn end_of(&self, start: f64, past: f64) -> f64 {
        let window = |seconds: f64| ((seconds.max(0.0) / WINDOW) as usize).min(self.loud.len());
        let (from, to) = (window(start), window(past));
        let Some(last) = self.loud[from.min(to)..to].iter().rposition(|l| *l) else {
            return past;
        };
        let end = (from + last + 1) as f64 * WINDOW;
        if past - end > SLACK { end } else { past }
    }
}

/// Lets a sound rise from silence and fall to it, in so many samples.
fn fade(sound: &mut [f32], rise: usize, fall: usize) {
    let gain = |i: usize, n: usize| 0.5 - 0.5 * (std::f32::consts::PI * (i as f32 + 0.5) / n as f32).cos();
    let rise = rise.min(sound.len());
    for (i, s) in sound.iter_mut().take(rise).enumerate() {
        *s *= gain(i, rise);
    }
    let fall = fall.min(sound.len());
    for (i, s) in sound.iter_mut().rev().take(fall).enumerate() {
        *s *= gain(i, fall);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::{Language, Word};

    const RATE: u32 = 24_000;

    fn samples(seconds: f64) -> usize {
        (seconds * f64::from(RATE)).round() as usize
    }

    /// A tone between silences, which begins as softly as an f, 38 dB down for 60 ms.
    fn said(before: f64, sound: f64, after: f64) -> Utterance {
        let mut out = vec![0.0; samples(before)];
        let tone = |i: usize| (i as f32 * 0.13).cos() * if i < samples(0.06) { 0.004 } else { 0.3 };
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
}
