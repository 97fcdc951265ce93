use super::*;

fn readers() -> Readers {
    Readers::new(&Runtime::rten())
}

/// Words of all phrases.
fn words(text: &str, language: Language) -> Vec<crate::speech::Word> {
    let script = Script::plain(text).unwrap();
    let mut words = Vec::new();
    for piece in readers().read(&script, language, &Dictionary::default()) {
        if let Piece::Phrase { phrase, .. } = piece.unwrap() {
            words.extend(phrase.words);
        }
    }
    words
}

#[test]
fn probe() {
    let text = std::env::var("SAY").unwrap_or("Dr. Smith paid $9.99 for 3 apples on May 5, 2024.".into());
    for line in text.lines() {
        let words = words(line, Language::AmericanEnglish);
        let spoken: Vec<String> = words.iter().map(|w| format!("{}{}", w.spoken, w.pause)).collect();
        let said: Vec<String> = words.iter().map(|w| format!("{}{}", w.phonemes, w.pause)).collect();
        eprintln!("{}\n   {}", spoken.join(" "), said.join(" "));
    }
}
