//! What matching says to itself: two sentences that are rich in sounds.

use crate::speech::{Language, Phrase, Word};

/// "She had your dark suit in greasy wash water all year.": heard at every try, and what the stock voices were measured by.
pub fn search() -> Phrase {
    phrase("ʃˌi hæd jʊɹ dˈɑɹk sˈut ɪn ɡɹˈisi wˈɔʃ wˈɔTəɹ ˈɔl jˈɪɹ")
}

/// "A rainbow is a division of white light into many beautiful colors.": heard at the end only.
pub fn trial() -> Phrase {
    phrase("ɐ ɹˈAnbˌO ɪz ɐ dəvˈɪʒən ʌv wˈIt lˈIt ˈɪntu mˈɛni bjˈuTəfəl kˈʌləɹz")
}

fn phrase(phonemes: &str) -> Phrase {
    let mut words: Vec<Word> = phonemes
        .split(' ')
        .map(|word| Word {
            phonemes: word.to_owned(),
            ..Word::default()
        })
        .collect();
    if let Some(last) = words.last_mut() {
        last.pause = ".".into();
    }
    Phrase {
        language: Language::AmericanEnglish,
        words,
    }
}
