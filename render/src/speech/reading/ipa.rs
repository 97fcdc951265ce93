//! IPA as people and espeak write it, in the signs that Kokoro's alphabet has; as misaki (Apache-2.0, hexgrad) maps espeak's.

use super::english;
use crate::speech::Language;
use crate::speech::alphabet;

/// Sounds that are one sign in every language.
const COMMON: [(&str, &str); 11] = [
    ("tʃ", "ʧ"),
    ("dʒ", "ʤ"),
    ("ts", "ʦ"),
    ("dz", "ʣ"),
    ("tɕ", "ʨ"),
    ("dʑ", "ʥ"),
    ("g", "ɡ"),
    ("ɫ", "l"),
    ("ʀ", "ʁ"),
    ("'", "ˈ"),
    ("ɱ", "m"),
];

const ENGLISH: [(&str, &str); 24] = [
    ("tʃ", "ʧ"),
    ("dʒ", "ʤ"),
    ("eɪ", "A"),
    ("aɪ", "I"),
    ("aʊ", "W"),
    ("ɔɪ", "Y"),
    ("l̩", "ᵊl"),
    ("n̩", "ᵊn"),
    ("m̩", "ᵊm"),
    ("ɝ", "ɜɹ"),
    ("ɚ", "əɹ"),
    ("r", "ɹ"),
    ("ɻ", "ɹ"),
    ("ʁ", "ɹ"),
    ("x", "k"),
    ("χ", "k"),
    ("ç", "k"),
    ("ɬ", "l"),
    ("ɾ", "T"),
    ("ʔ", "t"),
    ("ʲ", ""),
    ("\u{303}", ""),
    ("g", "ɡ"),
    ("'", "ˈ"),
];

const AMERICAN: [(&str, &str); 8] = [
    ("oʊ", "O"),
    ("əʊ", "O"),
    ("ː", ""),
    ("ɒ", "ɑ"),
    ("a", "æ"),
    ("e", "A"),
    ("o", "O"),
    ("y", "i"),
];

const BRITISH: [(&str, &str); 7] = [
    ("əʊ", "Q"),
    ("oʊ", "Q"),
    ("eə", "ɛː"),
    ("ɛə", "ɛː"),
    ("æ", "a"),
    ("e", "ɛ"),
    ("o", "ɔ"),
];

/// IPA in the alphabet; signs that it lacks are left out.
pub fn to_alphabet(ipa: &str, language: Language) -> String {
    let plain: String = ipa
        .nfd_nasals()
        .filter(|c| !matches!(c, '\u{361}' | '\u{35c}' | '.' | '/' | '[' | ']'))
        .collect();
    let tables: &[&[(&str, &str)]] = match language {
        Language::AmericanEnglish => &[&AMERICAN, &ENGLISH],
        Language::BritishEnglish => &[&BRITISH, &ENGLISH],
        _ => &[&COMMON],
    };
    // Two signs before one, whichever table they are in.
    let mut rules: Vec<&(&str, &str)> = tables.iter().flat_map(|t| t.iter()).collect();
    rules.sort_by_key(|(from, _)| std::cmp::Reverse(from.chars().count()));
    let mut out = String::with_capacity(plain.len());
    let mut rest = plain.as_str();
    while let Some(c) = rest.chars().next() {
        match rules.iter().find(|(from, _)| rest.starts_with(from)) {
            Some((from, to)) => {
                out.push_str(to);
                rest = &rest[from.len()..];
            }
            None => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    let out = known(&out);
    if language.is_english() { english::before_vowels(&out) } else { out }
}

/// What the alphabet has of it, words with single spaces between.
pub fn known(phonemes: &str) -> String {
    let signs: String = phonemes
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| *c == ' ' || alphabet::is_phoneme(*c))
        .collect();
    let words: Vec<&str> = signs.split(' ').filter(|w| w.chars().any(alphabet::is_sound)).collect();
    words.join(" ")
}

/// The sound of an English owner's s.
pub fn possessive(phonemes: &str) -> &'static str {
    match phonemes.chars().next_back() {
        Some('p' | 't' | 'k' | 'f' | 'θ') => "s",
        Some('s' | 'z' | 'ʃ' | 'ʒ' | 'ʧ' | 'ʤ') => "ɪz",
        _ => "z",
    }
}

trait Nasals {
    fn nfd_nasals(&self) -> impl Iterator<Item = char>;
}

impl Nasals for str {
    /// Letters with a tilde as the letter and the tilde.
    fn nfd_nasals(&self) -> impl Iterator<Item = char> {
        self.chars()
            .flat_map(|c| {
                let base = match c {
                    'ã' => 'a',
                    'ẽ' => 'e',
                    'ĩ' => 'i',
                    'õ' => 'o',
                    'ũ' => 'u',
                    _ => return [Some(c), None],
                };
                [Some(base), Some('\u{303}')]
            })
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipa_becomes_signs_of_the_alphabet() {
        for (ipa, language, signs) in [
            ("təˈmeɪtoʊ", Language::AmericanEnglish, "təmˈAtO"),
            ("təˈmɑːtəʊ", Language::BritishEnglish, "təmˈɑːtQ"),
            ("/ˈtʃiːz/", Language::AmericanEnglish, "ʧˈiz"),
            ("t͡ʃ", Language::Spanish, "ʧ"),
            ("kɔ̃sɛ̃", Language::French, "kɔ̃sɛ̃"),
            ("mãe", Language::Portuguese, "ma\u{303}e"),
            ("həlˈO wˈɜɹld", Language::AmericanEnglish, "həlˈO wˈɜɹld"),
            ("…!", Language::AmericanEnglish, ""),
        ] {
            assert_eq!(to_alphabet(ipa, language), signs, "{ipa}");
        }
    }
}
