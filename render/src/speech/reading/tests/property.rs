use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::speech::alphabet;

static READERS: LazyLock<Readers> = LazyLock::new(readers);

const LANGUAGES: [Language; 6] = [
    Language::AmericanEnglish,
    Language::BritishEnglish,
    Language::Spanish,
    Language::French,
    Language::Italian,
    Language::Portuguese,
];

/// Everything but the spaces.
fn solid(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Reads a text and holds what comes out against what must be true of it.
fn holds(script: &Script, language: Language) -> std::result::Result<Vec<Word>, TestCaseError> {
    let mut words = Vec::new();
    for piece in READERS.read(script, language, &Dictionary::default()) {
        let phrase = match piece {
            Ok(Piece::Phrase { phrase, .. }) => phrase,
            Ok(Piece::Pause(seconds)) => {
                prop_assert!((0.0..=10.0).contains(&seconds));
                continue;
            }
            Err(e) => {
                prop_assert_eq!(e.kind, Kind::TextInvalid);
                continue;
            }
        };
        prop_assert_eq!(phrase.language, language);
        let row = alphabet::Row::of(&phrase);
        prop_assert!(!row.is_empty() && row.len() <= Piece::LONGEST, "{} signs", row.len());
        for word in &phrase.words {
            prop_assert!(!word.text.is_empty() && !word.phonemes.is_empty(), "{:?}", word);
            prop_assert!(word.phonemes.chars().all(|c| alphabet::number(c).is_some()), "{:?}", word);
            prop_assert!(word.pause.chars().count() <= 1, "{:?}", word);
        }
        words.extend(phrase.words);
    }
    Ok(words)
}

fn anything() -> impl Strategy<Value = String> {
    let known = [
        "p.m.",
        "Dr. ",
        "$5 million ",
        "May 5, 2024 ",
        "1/2 ",
        "10-20 ",
        "https://a.bc/d ",
        "VIII ",
        "5'10\" ",
        "06 12 34 56 78 ",
        "l'",
        "10 000 € ",
    ];
    let piece = prop_oneof![
        3 => "[a-zA-Z]{1,9}",
        2 => "[0-9]{1,5}",
        1 => "[0-9]{1,30}",
        2 => r"[ .,;:!?'’()\[\]-]{1,2}",
        1 => r"[$€£%°#@&+=<>/*~^_|\\–—…-]",
        1 => "[àéîõüñçßœ]",
        1 => any::<char>().prop_map(String::from),
        2 => Just(" ".to_owned()),
        1 => Just("\n\n".to_owned()),
        1 => Just("x".repeat(300)),
        1 => prop::sample::select(known.to_vec()).prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn markup() -> impl Strategy<Value = String> {
    let tags = [
        "<break/>",
        "<prosody rate='slow'>",
        "</prosody>",
        "<sub alias='one'>",
        "</sub>",
        "<say-as interpret-as='telephone'>",
        "</say-as>",
        "<",
        ">",
        "&",
        "&amp;",
        "<speak>",
        "</speak>",
        "<phoneme ph='a'>",
        "</phoneme>",
    ];
    let piece = prop_oneof![prop::sample::select(tags.to_vec()).prop_map(String::from), "[a-z0-9 .'\"=/]{0,8}"];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_within_bounds(text in anything(), language in prop::sample::select(&LANGUAGES[..])) {
        let Ok(script) = Script::plain(&text) else { return Ok(()) };
        let words = holds(&script, language)?;
        let written: String = words.iter().map(|w| w.text.as_str()).collect();
        if !words.is_empty() {
            prop_assert_eq!(solid(&written), solid(&text));
        }
    }

    #[test]
    fn any_markup_is_read_or_refused(text in markup(), language in prop::sample::select(&LANGUAGES[..])) {
        if let Ok(script) = Script::parse(&text) {
            holds(&script, language)?;
        }
    }
}

#[test]
fn long_texts_are_read_piece_by_piece() {
    let sentence = "On May 5, 2024, the committee agreed that 1,500 people (or more) had seen it; nobody, however, had told Dr. Brown. ";
    let text = sentence.repeat(Script::MAX_CHARACTERS / sentence.len());
    let script = Script::plain(&text).unwrap();
    let dictionary = Dictionary::default();
    let mut pieces = READERS.read(&script, Language::AmericanEnglish, &dictionary);
    assert!(matches!(pieces.next(), Some(Ok(Piece::Phrase { .. }))));
    assert_eq!(pieces.count() + 1, text.len() / sentence.len());
    // No end, no space, no vowel: still in pieces.
    for text in [
        "a".repeat(5000),
        "word ".repeat(5000),
        "9".repeat(5000),
        "x-".repeat(2500),
        "🦀a".repeat(2000),
    ] {
        let script = Script::plain(&text).unwrap();
        let words = holds(&script, Language::AmericanEnglish).unwrap();
        assert_eq!(solid(&words.iter().map(|w| w.text.as_str()).collect::<String>()), solid(&text));
    }
}
