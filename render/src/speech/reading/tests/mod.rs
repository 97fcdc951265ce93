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
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
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

#[test]
fn british_english_has_its_own_ways() {
    let cases = "105 books = one hundred and five books
        1,001 nights = one thousand and one nights
        3/5/2024 = the third of May, twenty twenty-four
        May 5 = May the fifth";
    check(cases, Language::BritishEnglish);
}

#[test]
fn other_languages_are_read_in_their_ways() {
    check(include_str!("spanish.txt"), Language::Spanish);
    check(include_str!("french.txt"), Language::French);
    check(include_str!("italian.txt"), Language::Italian);
    check(include_str!("portuguese.txt"), Language::Portuguese);
}

#[test]
fn words_sound_as_their_sentences_ask() {
    let readers = readers();
    for (language, written, sounds) in [
        (Language::AmericanEnglish, "The apple and the pear.", "ði ˈæpᵊl ænd ðə pˈɛɹ."),
        (Language::AmericanEnglish, "I want to eat, to try.", "ˌI wˈɑnt tʊ ˈit, tə tɹˈI."),
        (
            Language::AmericanEnglish,
            "I read the book yesterday.",
            "ˌI ɹˈɛd ðə bˈʊk jˈɛstəɹdˌA.",
        ),
        (Language::AmericanEnglish, "I will read it.", "ˌI wɪl ɹˈid ɪt."),
        (Language::AmericanEnglish, "A live band lives here.", "ɐ lˈIv bˈænd lˈɪvz hˈɪɹ."),
        (
            Language::AmericanEnglish,
            "Wind the clock against the wind.",
            "wˈInd ðə klˈɑk əɡˈɛnst ðə wˈɪnd.",
        ),
        (
            Language::AmericanEnglish,
            "She'll record a new record.",
            "ʃˌil ɹəkˈɔɹd ɐ nˈu ɹˈɛkəɹd.",
        ),
        (
            Language::AmericanEnglish,
            "The lead singer; a lead pipe.",
            "ðə lˈid sˈɪŋəɹ; ɐ lˈɛd pˈIp.",
        ),
        (Language::AmericanEnglish, "The bass player.", "ðə bˈAs plˈAəɹ."),
        (Language::AmericanEnglish, "The FBI's file", "ði ˌɛfbˌiˈIz fˈIl."),
        (
            Language::AmericanEnglish,
            "The cat's and the cats' boxes",
            "ðə kˈæts ænd ðə kˈæts bˈɑksᵻz.",
        ),
        (Language::AmericanEnglish, "Zarquon's frobnicator", "zˈɑɹkwɑnz fɹˈɑbnᵻkˌATəɹ."),
        (
            Language::BritishEnglish,
            "The tomato bath. Zarquon!",
            "ðə təmˈɑːtQ bˈɑːθ. zˈɑːkwɒn!",
        ),
        (Language::Spanish, "El perro de la ciudad, ¡bien!", "el pˈero ðe la θjuðˈad, bjˈen!"),
        (
            Language::French,
            "Les enfants, l'homme et un ami.",
            "lez ɑ\u{303}fˈɑ\u{303}, lˈɔm e œ\u{303}n amˈi.",
        ),
        (Language::Italian, "La città è bella.", "la ʧitːˈa e bˈɛlla."),
        (
            Language::Portuguese,
            "O coração não mente.",
            "ʊ koɾasˈɐ\u{303}ʊ\u{303} nɐ\u{303}ʊ\u{303} mˈAŋʧy.",
        ),
    ] {
        assert_eq!(
            said(&words(&readers, written, language, &Dictionary::default())),
            sounds,
            "{written}"
        );
    }
}

#[test]
fn french_words_sound_as_their_neighbours_ask() {
    let readers = readers();
    let mut wrong = Vec::new();
    for (written, sounds) in [
        ("Elle a acheté, il m'a dit.", "ɛl a aʃtˈe, il ma dˈi."),
        ("C'est l'hiver.", "sɛ livˈɛʁ."),
        ("Qu'est-ce que c'est ?", "kɛs kə sˈɛ?"),
        ("jusqu'à aujourd'hui.", "ʒyska oʒuʁdyˈi."),
        ("a-t-il, dit-elle, vas-y", "atil, dˈitɛl, vˈazi"),
        ("avons-nous assez, nous avons", "avˈɔ\u{303}nu asˈe, nuz avˈɔ\u{303}"),
        ("tous les jours, tous là", "tˈu le ʒˈuʁ, tˈus lˈa"),
        ("quelque chose, quelques amis", "kˈɛlkə ʃˈoz, kˈɛlkəz amˈi"),
        ("cet homme avec nous.", "sɛt ˈɔm avɛk nˈu."),
        ("les États-Unis, les héros, les yeux", "lez etˈazynˈi, le eʁˈo, lez jˈø"),
        ("dix ans, dix mois, dix", "dˈiz ˈɑ̃, dˈi mwˈa, dˈis"),
        ("17, 18, 19", "disˈɛt, dizyˈit, diznˈœf"),
        ("22 jours, 82 jours", "vɛ̃tdˈø ʒˈuʁ, katʁəvɛ̃dˈø ʒˈuʁ"),
        ("8 jours, 8 heures, 9 heures", "yˈi ʒˈuʁ, yˈit ˈœʁ, nˈœv ˈœʁ"),
        ("100 ans, 300 euros, 101", "sˈɑ̃t ˈɑ̃, tʁwa sˈɑ̃z øʁˈo, sɑ̃ ˈœ̃"),
        ("meilleur, accueil, juin, quinze", "mɛjˈœʁ, akˈœj, ʒyˈɛ̃, kˈɛ̃z"),
        ("deuxième, soixante, faisait", "døzjˈɛm, swasˈɑ̃t, fəzˈɛ"),
        ("scientifique, client, dangers", "sjɑ̃tifˈik, klijˈɑ̃, dɑ̃ʒˈe"),
    ] {
        let heard = said(&words(&readers, written, Language::French, &Dictionary::default()));
        // What ends without a sign is read as a sentence.
        if heard.trim_end_matches('.') != sounds.trim_end_matches('.') {
            wrong.push(format!("{written}\n  expected {sounds}\n  heard    {heard}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sentences_end_where_they_do() {
    let readers = readers();
    let phrases = |text: &str| -> Vec<String> {
        let script = Script::plain(text).unwrap();
        let dictionary = Dictionary::default();
        let mut texts = Vec::new();
        for piece in readers.read(&script, Language::AmericanEnglish, &dictionary) {
            if let Piece::Phrase { phrase, .. } = piece.unwrap() {
                texts.push(phrase.words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" "));
            }
        }
        texts
    };
    for (text, ends) in [
        ("One. Two! Three? Four", 4),
        ("Dr. J. Smith, Ph.D., left. He ran.", 2),
        ("It is 3.5 or 1.000.", 1),
        ("At 5 p.m. It was late.", 2),
        ("At 5 p.m. we left.", 1),
        ("The U.S. Army won.", 1),
        ("He lives in the U.S. The house is big.", 2),
        ("\"Stop!\" he said. \"Why?\"", 2),
        ("Wait... what? No... never.", 2),
        ("Well… It is. (Really.) Yes.", 4),
        ("See www.example.com. Then go.", 2),
        ("1. First thing. 2. Second thing.", 2),
        ("A title\n\nA text", 2),
        ("Apples, pears, etc. are fruit.", 1),
        ("Vitamin C. Then more.", 2),
        ("See p. 7 and No. 5. Thanks.", 2),
    ] {
        assert_eq!(phrases(text).len(), ends, "{text}: {:?}", phrases(text));
    }
}

#[test]
fn long_sentences_are_cut_where_one_breathes() {
    let readers = readers();
    let clause = "the people who had come from the other side of the river waited for a very long time in front of the old house";
    let text = format!("{clause}, {clause}; {clause}, and {clause}, {clause}, {clause}.");
    let script = Script::plain(&text).unwrap();
    let mut ends = Vec::new();
    for piece in readers.read(&script, Language::AmericanEnglish, &Dictionary::default()) {
        if let Piece::Phrase { phrase, .. } = piece.unwrap() {
            ends.push(phrase.words.last().unwrap().pause.clone());
        }
    }
    assert!(ends.len() >= 2 && ends.iter().all(|end| !end.is_empty()), "{ends:?}");
}

#[test]
fn markup_changes_what_is_said() {
    let readers = readers();
    let none = Dictionary::default();
    for (written, expected) in [
        (
            "<sub alias='World Wide Web Consortium'>W3C</sub>, hi",
            "World Wide Web Consortium hi",
        ),
        ("<say-as interpret-as='characters'>ABC1-x</say-as>", "A B C one minus X"),
        (
            "<say-as interpret-as='cardinal'>XIV</say-as> or <say-as interpret-as='ordinal'>3</say-as>",
            "fourteen or third",
        ),
        ("<say-as interpret-as='digits'>2024</say-as>", "two zero two four"),
        (
            "<say-as interpret-as='telephone'>555 1234</say-as>",
            "five five five, one two three four",
        ),
        (
            "<say-as interpret-as='date' format='dmy'>3/5/2024</say-as>",
            "May third, twenty twenty-four",
        ),
        (
            "<say-as interpret-as='date' format='ymd'>24/5/3</say-as>",
            "May third, twenty twenty-four",
        ),
        ("<say-as interpret-as='time'>5:30</say-as>", "five thirty"),
        ("<say-as interpret-as='fraction'>2 3/8</say-as>", "two and three eighths"),
        ("<say-as interpret-as='currency'>$5.10</say-as>", "five dollars and ten cents"),
        ("<say-as interpret-as='unit'>5km</say-as>", "five kilometers"),
        ("say <say-as interpret-as='expletive'>damn</say-as> it", "say it"),
        ("<say-as interpret-as='date'>soon</say-as>", "soon"),
    ] {
        assert_eq!(
            spoken(&words(&readers, written, Language::AmericanEnglish, &none)),
            expected,
            "{written}"
        );
    }
    let written = "a <phoneme ph='təˈmɑːtoʊ'>tomato</phoneme>, <phoneme alphabet='kokoro' ph='pˈO'>po</phoneme>";
    let tomato = words(&readers, written, Language::AmericanEnglish, &none);
    assert_eq!(said(&tomato), "ɐ təmˈɑtO, pˈO.");
    assert_eq!(tomato[1].text, "tomato,");
}

#[test]
fn manners_and_breaks_part_phrases() {
    let script = Script::parse("One two <prosody rate='slow'>three</prosody> four.<break time='2s'/> Five.").unwrap();
    let readers = readers();
    let dictionary = Dictionary::default();
    let pieces: Vec<Piece> = readers
        .read(&script, Language::AmericanEnglish, &dictionary)
        .map(|piece| piece.unwrap())
        .collect();
    let speeds: Vec<f64> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Phrase { manner, .. } => f64::from(manner.speed),
            Piece::Pause(seconds) => -seconds,
        })
        .collect();
    let expected = [1.0, 0.8, 1.0, -2.0, 1.0];
    let near = speeds.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6);
    assert!(speeds.len() == expected.len() && near, "{speeds:?}");
}

#[test]
fn the_dictionary_comes_first() {
    let readers = readers();
    let dictionary: Dictionary = serde_json::from_str(r#"{"Kubernetes": "/kuːbərˈnɛtiːz/", "SQL": "sequel", "5": "five-ish"}"#).unwrap();
    let words = words(
        &readers,
        "Kubernetes, SQL; Kubernetes's SQL 5 sql",
        Language::AmericanEnglish,
        &dictionary,
    );
    assert_eq!(spoken(&words), "Kubernetes sequel Kubernetes's sequel five-ish sql");
    assert_eq!(words[0].phonemes, "kubəɹnˈɛtiz");
    assert_eq!(words[2].phonemes, "kubəɹnˈɛtizɪz");
}

#[test]
fn captions_keep_the_text_as_written() {
    let readers = readers();
    let texts = |text: &str, language| -> Vec<String> {
        let words = words(&readers, text, language, &Dictionary::default());
        words.into_iter().map(|w| w.text).collect()
    };
    let english = texts("\"Pay $9.99,\" he said \u{1f600} — now!", Language::AmericanEnglish);
    assert_eq!(english, ["\"Pay", "$9.99,\"", "he", "said \u{1f600} —", "now!"]);
    assert_eq!(texts("Il coûte 10 000 €.", Language::French), ["Il", "coûte", "10 000 €."]);
}

#[test]
fn a_text_of_another_script_says_so() {
    let script = Script::plain("你好，今天天气很好。").unwrap();
    let readers = readers();
    let dictionary = Dictionary::default();
    let pieces: Vec<_> = readers.read(&script, Language::AmericanEnglish, &dictionary).collect();
    let [Err(error)] = &pieces[..] else { panic!("{pieces:?}") };
    assert!(
        error.kind == Kind::TextInvalid && error.message.contains("English"),
        "{}",
        error.message
    );
}

/// A program that speaks as espeak-ng does.
fn espeak(folder: &std::path::Path, body: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let program = folder.join("espeak-ng");
    std::fs::write(&program, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    program
}

#[test]
fn espeak_reads_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let speaks = espeak(
        folder.path(),
        "while read -r line; do case \"$line\" in '') ;; *) echo 't^ʃˈaː' ;; esac; done; case \"$line\" in ?*) echo 't^ʃˈaː' ;; esac",
    );
    let readers = readers().with_espeak(speaks);
    assert!(readers.supports(Language::Hindi) && readers.supports(Language::French));
    let words = words(&readers, "नमस्ते, राम।", Language::Hindi, &Dictionary::default());
    assert_eq!(said(&words), "ʧˈaː, ʧˈaː.");
}

#[test]
fn without_espeak_a_language_says_what_to_install() {
    let folder = tempfile::tempdir().unwrap();
    // One that falls back to English does not know the language.
    let foreign = espeak(folder.path(), "echo '(en)lˈɛtə(hi)'");
    for program in [foreign, "/nowhere/espeak-ng".into()] {
        let readers = readers().with_espeak(program);
        assert!(!readers.supports(Language::Japanese));
        let script = Script::plain("こんにちは").unwrap();
        let dictionary = Dictionary::default();
        let pieces: Vec<_> = readers.read(&script, Language::Japanese, &dictionary).collect();
        let [Err(error)] = &pieces[..] else { panic!("{pieces:?}") };
        assert!(
            error.kind == Kind::LanguageUnsupported && error.message.contains("install the program espeak-ng"),
            "{}",
            error.message
        );
    }
}
