//! Phrases become one sound: silence around each is trimmed, pauses follow the punctuation, and nothing clicks.

#[cfg(test)]
mod tests;

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

/// Signs of the alphabet that the first phrase of a text has at most, where it can be cut at a pause.
const SOON: usize = 120;

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

/// Cuts a long first phrase at a pause within it, so that there is soon something to hear.
pub(super) fn soon(mut phrase: Phrase) -> Vec<Phrase> {
    let (mut signs, mut cut) = (0, None);
    for (i, word) in phrase.words.iter().enumerate() {
        signs += word.phonemes.chars().count().max(word.spoken.chars().count()) + 1;
        if signs <= SOON && !word.pause.is_empty() {
            cut = Some(i + 1);
        }
    }
    match cut {
        Some(cut) if signs > SOON && cut < phrase.words.len() => {
            let words = phrase.words.split_off(cut);
            let language = phrase.language;
            vec![phrase, Phrase { language, words }]
        }
        _ => vec![phrase],
    }
}
