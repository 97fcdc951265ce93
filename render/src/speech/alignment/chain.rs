//! Words as a chain of sounds, each with the viseme that it looks like and how long it usually lasts.

use crate::mouth::{SIL, shapes_of};
use crate::speech::Word;
use crate::speech::alphabet::is_sound;

/// What may be said, in order.
pub struct Chain {
    /// Pauses between words among them.
    pub sounds: Vec<Sound>,
    pub phonemes: Vec<Known>,
    /// How much slower than usual they are said.
    pub pace: f32,
}

/// A phoneme of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub symbol: char,
    /// Its place in the list of words.
    pub word: usize,
}

/// One stretch of sound with one viseme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sound {
    pub viseme: usize,
    /// Its place in [`Chain::phonemes`]; none for a pause, which may be left out.
    pub phoneme: Option<usize>,
    /// Usual length in 10 ms frames; of a pause, what it costs to make one.
    pub usual: f32,
}

/// What a pause costs that no punctuation, a comma's sort and a full stop's sort announces, in nepers.
const UNANNOUNCED: f32 = 5.0;
const COMMA: f32 = 1.5;
const STOP: f32 = 0.5;
/// How much faster or slower than usual people and voices speak.
const PACE: (f32, f32) = (0.5, 2.5);

impl Chain {
    /// `spoken`: 10 ms frames of the recording in which somebody speaks; usual lengths are stretched to fill them.
    pub fn of(words: &[Word], spoken: f32) -> Self {
        let mut chain = Self {
            sounds: Vec::new(),
            phonemes: Vec::new(),
            pace: 1.0,
        };
        chain.pause(0.0);
        for (i, word) in words.iter().enumerate() {
            let before = chain.phonemes.len();
            for (n, part) in word.phonemes.split(' ').enumerate() {
                if n > 0 {
                    chain.pause(UNANNOUNCED);
                }
                chain.word(part, i);
            }
            if chain.phonemes.len() > before {
                chain.pause(announced(&word.pause));
            }
        }
        if let Some(last) = chain.sounds.last_mut() {
            last.usual = 0.0;
        }
        chain.pace = spoken / chain.usual_frames().max(1.0);
        let pace = chain.pace.clamp(PACE.0, PACE.1);
        for sound in chain.sounds.iter_mut().filter(|s| s.phoneme.is_some()) {
            sound.usual *= pace;
        }
        if chain.phonemes.is_empty() {
            chain.sounds.clear();
        }
        chain
    }

    /// How long all of it usually lasts, without pauses.
    fn usual_frames(&self) -> f32 {
        self.sounds.iter().filter(|s| s.phoneme.is_some()).map(|s| s.usual).sum()
    }

    fn pause(&mut self, cost: f32) {
        if let Some(last) = self.sounds.last_mut().filter(|s| s.phoneme.is_none()) {
            last.usual = last.usual.min(cost);
            return;
        }
        self.sounds.push(Sound {
            viseme: SIL,
            phoneme: None,
            usual: cost,
        });
    }

    fn word(&mut self, phonemes: &str, word: usize) {
        let said: Vec<char> = phonemes.chars().filter(|c| is_sound(*c) || *c == 'ː').collect();
        for (k, &symbol) in said.iter().enumerate().filter(|(_, c)| **c != 'ː') {
            let long = said.get(k + 1) == Some(&'ː');
            let next = said[k + 1..].iter().copied().find(|c| *c != 'ː');
            let Some(shapes) = shapes_of(symbol, next) else {
                continue;
            };
            let phoneme = self.phonemes.len();
            self.phonemes.push(Known { symbol, word });
            let frames = usual(symbol) * if long { 1.3 } else { 1.0 } / shapes.len() as f32;
            self.sounds.extend(shapes.iter().map(|&viseme| Sound {
                viseme,
                phoneme: Some(phoneme),
                usual: frames,
            }));
        }
    }
}

fn announced(pause: &str) -> f32 {
    if pause.contains(['.', '!', '?', '…', '—']) {
        STOP
    } else if pause.is_empty() {
        UNANNOUNCED
    } else {
        COMMA
    }
}

/// Usual lengths in 10 ms frames, of American speech at an ordinary pace.
fn usual(symbol: char) -> f32 {
    const LENGTHS: [(f32, &str); 7] = [
        (3.0, "Tɾᵊʔ"),
        (5.0, "ðhɦjwɥɹrləᵻbdɡɖɟβʋ"),
        (6.5, "ɪʊptkcqvznmɳɲɴŋʈɨɐʁɽɣ"),
        (8.0, "ʌɛɚɒɸθɕçxχʒʑʝʎøœyɯɤ"),
        (9.5, "fsʃʂæɑɔɜaeiou"),
        (10.5, "ʧʤʦʣʨʥꭧ"),
        (14.0, "AIOQWY"),
    ];
    LENGTHS
        .iter()
        .find(|(_, symbols)| symbols.contains(symbol))
        .map_or(7.0, |(frames, _)| *frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(phonemes: &str, pause: &str) -> Word {
        Word {
            phonemes: phonemes.into(),
            pause: pause.into(),
            ..Word::default()
        }
    }

    #[test]
    fn words_become_sounds_with_pauses_between() {
        let chain = Chain::of(&[word("hˈW", ","), word("", ""), word("ˈO tˈuː", "")], 60.0);
        let said: String = chain.phonemes.iter().map(|p| p.symbol).collect();
        assert_eq!(said, "hWOtu");
        let pauses: Vec<usize> = (0..chain.sounds.len()).filter(|i| chain.sounds[*i].phoneme.is_none()).collect();
        assert_eq!(pauses, [0, 4, 7, 10]);
        assert_eq!(chain.phonemes[2].word, 2);
        assert!((chain.usual_frames() - 60.0).abs() < 0.1);
    }

    #[test]
    fn nothing_to_say_is_an_empty_chain() {
        assert!(Chain::of(&[word("", "."), word("ˈ", "")], 10.0).sounds.is_empty());
    }
}
