//! Kokoro's alphabet of phonemes, which hibari shares, and what the durations that such nets predict say of times.

use super::Phrase;
use crate::mouth::TimedPhoneme;

/// Signs and their numbers, as both nets were taught them.
const SIGNS: [(char, u8); 114] = [
    (';', 1),
    (':', 2),
    (',', 3),
    ('.', 4),
    ('!', 5),
    ('?', 6),
    ('—', 9),
    ('…', 10),
    ('"', 11),
    ('(', 12),
    (')', 13),
    ('“', 14),
    ('”', 15),
    (' ', 16),
    ('̃', 17),
    ('ʣ', 18),
    ('ʥ', 19),
    ('ʦ', 20),
    ('ʨ', 21),
    ('ᵝ', 22),
    ('ꭧ', 23),
    ('A', 24),
    ('I', 25),
    ('O', 31),
    ('Q', 33),
    ('S', 35),
    ('T', 36),
    ('W', 39),
    ('Y', 41),
    ('ᵊ', 42),
    ('a', 43),
    ('b', 44),
    ('c', 45),
    ('d', 46),
    ('e', 47),
    ('f', 48),
    ('h', 50),
    ('i', 51),
    ('j', 52),
    ('k', 53),
    ('l', 54),
    ('m', 55),
    ('n', 56),
    ('o', 57),
    ('p', 58),
    ('q', 59),
    ('r', 60),
    ('s', 61),
    ('t', 62),
    ('u', 63),
    ('v', 64),
    ('w', 65),
    ('x', 66),
    ('y', 67),
    ('z', 68),
    ('ɑ', 69),
    ('ɐ', 70),
    ('ɒ', 71),
    ('æ', 72),
    ('β', 75),
    ('ɔ', 76),
    ('ɕ', 77),
    ('ç', 78),
    ('ɖ', 80),
    ('ð', 81),
    ('ʤ', 82),
    ('ə', 83),
    ('ɚ', 85),
    ('ɛ', 86),
    ('ɜ', 87),
    ('ɟ', 90),
    ('ɡ', 92),
    ('ɥ', 99),
    ('ɨ', 101),
    ('ɪ', 102),
    ('ʝ', 103),
    ('ɯ', 110),
    ('ɰ', 111),
    ('ŋ', 112),
    ('ɳ', 113),
    ('ɲ', 114),
    ('ɴ', 115),
    ('ø', 116),
    ('ɸ', 118),
    ('θ', 119),
    ('œ', 120),
    ('ɹ', 123),
    ('ɾ', 125),
    ('ɻ', 126),
    ('ʁ', 128),
    ('ɽ', 129),
    ('ʂ', 130),
    ('ʃ', 131),
    ('ʈ', 132),
    ('ʧ', 133),
    ('ʊ', 135),
    ('ʋ', 136),
    ('ʌ', 138),
    ('ɣ', 139),
    ('ɤ', 140),
    ('χ', 142),
    ('ʎ', 143),
    ('ʒ', 147),
    ('ʔ', 148),
    ('ˈ', 156),
    ('ˌ', 157),
    ('ː', 158),
    ('ʰ', 162),
    ('ʲ', 164),
    ('↓', 169),
    ('→', 171),
    ('↗', 172),
    ('↘', 173),
    ('ᵻ', 177),
];

/// What pads a row of numbers at both ends.
const PAD: u8 = 0;

/// The number of a sign that the nets know.
pub fn number(sign: char) -> Option<u8> {
    SIGNS.iter().find(|(c, _)| *c == sign).map(|(_, n)| *n)
}

/// A phrase as its nets read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    signs: Vec<Sign>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sign {
    sign: char,
    number: u8,
    /// The word that it belongs to; none for the space between two.
    word: Option<usize>,
}

impl Row {
    /// Words with a space between them; signs that the nets do not know are left out.
    pub fn of(phrase: &Phrase) -> Self {
        let mut signs = Vec::new();
        for (i, word) in phrase.words.iter().enumerate() {
            if i > 0 {
                signs.extend(sign(' ', None));
            }
            signs.extend(word.phonemes.chars().chain(word.pause.chars()).filter_map(|c| sign(c, Some(i))));
        }
        Self { signs }
    }

    /// Signs without the pads.
    pub fn len(&self) -> usize {
        self.signs.len()
    }

    pub fn is_empty(&self) -> bool {
        self.signs.is_empty()
    }

    /// The nets' input, a pad at either end.
    pub fn numbers(&self) -> Vec<f32> {
        let inner = self.signs.iter().map(|s| s.number);
        std::iter::once(PAD).chain(inner).chain([PAD]).map(f32::from).collect()
    }

    /// When each phoneme and each word is spoken. `durations`: frames of each number, pads included; `frame` seconds each; `bias` seconds
    /// are added to all times, which stay within the sound. The time of a stress mark belongs to the sound after it, that of a length mark to
    /// the one before: so the voices' sound has it (training/features.py).
    pub fn times(&self, words: usize, durations: &[f32], frame: f64, bias: f64) -> (Vec<TimedPhoneme>, Vec<(f64, f64)>) {
        let mut end = f64::from(durations.first().copied().unwrap_or_default()) * frame;
        let (mut phonemes, mut spans) = (Vec::new(), vec![None; words]);
        let mut stressed = None;
        for (sign, frames) in self.signs.iter().zip(durations.iter().skip(1)) {
            let start = end;
            end += f64::from(*frames) * frame;
            let (from, to) = ((start + bias).max(0.0), (end + bias).max(0.0));
            if "ˈˌ".contains(sign.sign) {
                stressed = stressed.or(Some(from));
                continue;
            }
            let from = stressed.take().unwrap_or(from);
            if is_sound(sign.sign) {
                phonemes.push(TimedPhoneme {
                    symbol: sign.sign.to_string(),
                    start: from,
                    end: to,
                });
            } else if let Some(long) = phonemes.last_mut().filter(|_| "ːʰʲ".contains(sign.sign)) {
                long.end = to;
            } else {
                continue;
            }
            if let Some(span) = sign.word.and_then(|w| spans.get_mut(w)) {
                let (first, _) = span.unwrap_or((from, to));
                *span = Some((first, to));
            }
        }
        let mut last = 0.0;
        let spans = spans.into_iter().map(|span| {
            // A word that nothing is said of takes no time.
            let (start, end) = span.unwrap_or((last, last));
            last = end;
            (start, end)
        });
        (phonemes, spans.collect())
    }
}

fn sign(sign: char, word: Option<usize>) -> Option<Sign> {
    number(sign).map(|number| Sign { sign, number, word })
}

/// Whether a sign is heard by itself: no pause, no stress, no length, no tone.
pub fn is_sound(sign: char) -> bool {
    sign.is_alphabetic() && !"ˈˌːʰʲ".contains(sign)
}

/// Whether a sign is part of how a word sounds: no space, no punctuation.
pub fn is_phoneme(sign: char) -> bool {
    number(sign).is_some() && !";:,.!?—…\"()“” ".contains(sign)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::{Language, Word};

    fn phrase() -> Phrase {
        let word = |text: &str, phonemes: &str, pause: &str| Word {
            text: text.into(),
            spoken: text.into(),
            phonemes: phonemes.into(),
            pause: pause.into(),
        };
        Phrase {
            language: Language::AmericanEnglish,
            words: vec![word("Oh", "ˈO", ","), word("-", "", ""), word("pie", "pˈI", ".")],
        }
    }

    #[test]
    fn a_row_has_pads_and_spaces() {
        let row = Row::of(&phrase());
        assert_eq!(row.len(), 9);
        assert_eq!(row.numbers(), [0.0, 156.0, 31.0, 3.0, 16.0, 16.0, 58.0, 156.0, 25.0, 4.0, 0.0]);
    }

    #[test]
    fn times_follow_durations() {
        let durations = [2.0, 1.0, 3.0, 2.0, 1.0, 1.0, 2.0, 1.0, 4.0, 2.0, 3.0];
        let (phonemes, words) = Row::of(&phrase()).times(3, &durations, 0.1, -0.05);
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        let said: Vec<&str> = phonemes.iter().map(|p| p.symbol.as_str()).collect();
        assert_eq!(said, ["O", "p", "I"]);
        assert!(near(phonemes[0].start, 0.15) && near(phonemes[0].end, 0.55), "{phonemes:?}");
        assert!(near(words[2].0, 0.95) && near(words[2].1, 1.65), "{words:?}");
        assert!(near(phonemes[2].start, phonemes[1].end), "{phonemes:?}");
        assert!(near(words[1].0, words[1].1) && near(words[1].0, 0.55), "{words:?}");
    }
}
