//! A recording and its words: when each phoneme and each word is said.
//!
//! The words' phonemes are a chain of sounds with a pause allowed after each word (`chain`). The viseme net says how well a stretch of
//! sound suits each of them, a table how long they usually last, and a Viterbi search over stretches (`search`; Rabiner 1989, section
//! IV D, with explicit durations) finds the times that suit best. A text of which that best is still bad is not what was said (`fit`).

mod chain;
mod fit;
mod search;

use super::matching::resample;
use super::{Dictionary, Language, Phrase, Piece, Readers, Script, Spoken, TimedWord, Utterance, Word};
use crate::error::Result;
use crate::mouth::{Heard, MouthNets, TimedPhoneme};

use chain::Chain;

/// Samples a second that the nets hear.
const RATE: u32 = 16_000;

/// A text's words with their phonemes. Errors are those of [`Readers::read`].
pub fn words(script: &Script, language: Language, readers: &Readers) -> Result<Vec<Word>> {
    let dictionary = Dictionary::default();
    let mut words: Vec<Word> = Vec::new();
    for piece in readers.read(script, language, &dictionary) {
        match piece? {
            Piece::Phrase { phrase, .. } => words.extend(phrase.words),
            Piece::Pause(_) => {
                if let Some(last) = words.last_mut().filter(|w| w.pause.is_empty()) {
                    last.pause = ".".into();
                }
            }
        }
    }
    Ok(words)
}

/// Times of the phonemes and words of a recording; none where the words are not what is said in it.
///
/// Words without phonemes get no time of their own. Memory grows by some bytes a second of sound and a phoneme.
pub fn align(words: &[Word], heard: &Heard) -> Result<Option<Spoken>> {
    let chain = Chain::of(words, fit::frames_spoken(heard));
    if chain.sounds.is_empty() || !fit::may_fit(&chain) {
        return Ok(None);
    }
    let path = search::best(&chain, heard)?;
    let path = path.filter(|path| fit::fits(&chain, path, heard));
    Ok(path.map(|path| spoken(words, &chain, &path, heard)))
}

/// Finds the times of what an engine said without telling any; they stay unknown where there are no phonemes, or no way to them. `rate`:
/// samples a second.
pub fn find_times(phrase: &Phrase, said: &mut Utterance, rate: u32, nets: &MouthNets) -> Result<()> {
    let sound = resample(&said.samples, rate, RATE);
    let heard = Heard::listen(&mut std::iter::once(Ok(sound)), nets)?;
    let chain = Chain::of(&phrase.words, fit::frames_spoken(&heard));
    if chain.sounds.is_empty() {
        return Ok(());
    }
    // That the words fit is not asked: they are what the engine was told to say.
    if let Some(path) = search::best(&chain, &heard)? {
        let found = spoken(&phrase.words, &chain, &path, &heard);
        said.words = found.words.iter().map(|w| (w.start, w.end)).collect();
        said.phonemes = found.phonemes;
    }
    Ok(())
}

fn spoken(words: &[Word], chain: &Chain, path: &[Stretch], heard: &Heard) -> Spoken {
    let phonemes = phonemes(chain, path);
    Spoken {
        seconds: heard.seconds(),
        words: timed(words, chain, &phonemes),
        phonemes,
    }
}

/// A sound of the chain and the 10 ms frames that it has: from the first to one before the second number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    sound: usize,
    start: usize,
    end: usize,
}

/// Both halves of a diphthong are one phoneme.
fn phonemes(chain: &Chain, path: &[Stretch]) -> Vec<TimedPhoneme> {
    let mut out: Vec<TimedPhoneme> = Vec::with_capacity(chain.phonemes.len());
    let mut last = None;
    for stretch in path {
        let Some(phoneme) = chain.sounds[stretch.sound].phoneme else {
            continue;
        };
        let end = search::seconds(stretch.end);
        match out.last_mut() {
            Some(open) if last == Some(phoneme) => open.end = end,
            _ => out.push(TimedPhoneme {
                symbol: chain.phonemes[phoneme].symbol.to_string(),
                start: search::seconds(stretch.start),
                end,
            }),
        }
        last = Some(phoneme);
    }
    out
}

fn timed(words: &[Word], chain: &Chain, phonemes: &[TimedPhoneme]) -> Vec<TimedWord> {
    let mut spans: Vec<Option<(f64, f64)>> = vec![None; words.len()];
    for (known, time) in chain.phonemes.iter().zip(phonemes) {
        let span = &mut spans[known.word];
        let start = span.map_or(time.start, |(start, _)| start);
        *span = Some((start, time.end));
    }
    let mut last = 0.0;
    let timed = words.iter().zip(spans).map(|(word, span)| {
        let (start, end) = span.unwrap_or((last, last));
        last = end;
        TimedWord {
            text: word.text.clone(),
            start,
            end,
        }
    });
    timed.collect()
}
