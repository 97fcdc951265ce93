use super::*;
use crate::speech::Word;

mod property;

fn readers() -> Readers {
    Readers::new(&Runtime::rten())
}

/// Words of all phrases of a text with SSML.
fn words(readers: &Readers, text: &str, language: Language, dictionary: &Dictionary) -> Vec<Word> {
    let script = Script::parse(text).unwrap();
    let mut words = Vec::new();
    for piece in readers.read(&script, language, dictionary) {
        if let Piece::Phrase { phrase, .. } = piece.unwrap() {
            words.extend(phrase.words);
        }
    }
    words
}

fn spoken(words: &[Word]) -> String {
    words.iter().map(|w| w.spoken.as_str()).collect::<Vec<_>>().join(" ")
}

/// Phonemes and pauses as a net reads them.
fn said(words: &[Word]) -> String {
    words
        .iter()
        .map(|w| format!("{}{}", w.phonemes, w.pause))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Lines `written = spoken`; the last ` = ` parts them.
fn check(table: &str, language: Language) {
    let readers = readers();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        let (written, expected) = line.rsplit_once(" = ").unwrap();
        let written = written.replace('<', "&lt;");
        let result = spoken(&words(&readers, &written, language, &Dictionary::default()));
        count += 1;
        if result != expected {
            wrong.push(format!("{written}\n  expected {expected}\n  spoken   {result}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count} cases of {language} are read wrongly:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn english_is_read_as_people_read_it() {
    check(include_str!("english.txt"), Language::AmericanEnglish);
}
