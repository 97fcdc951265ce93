//! What is told of Kokoro's voices. Its makers give each an id of which the first letter is the language and the second the gender.

use super::NAME;
use crate::speech::{Gender, Language, VoiceInfo};

/// How a voice was measured: its id, the median of its pitch in Hz, how far its pitch moves (deviation in semitones), and the seconds
/// that it takes for one English sentence of 18 words.
type Measured = (&'static str, u16, f32, f32);

/// The voices in the order in which they are shown: in each language those first that their makers think best of.
#[rustfmt::skip]
const CAST: [Measured; 54] = [
    ("af_heart", 185, 4.0, 6.4),
    ("af_bella", 190, 3.6, 6.8),
    ("af_nicole", 140, 4.4, 10.4),
    ("af_aoede", 169, 4.7, 6.7),
    ("af_kore", 142, 4.8, 6.8),
    ("af_sarah", 177, 4.5, 6.8),
    ("af_alloy", 138, 4.5, 6.5),
    ("af_nova", 149, 4.1, 6.4),
    ("af_sky", 146, 4.3, 6.4),
    ("af_jessica", 194, 5.1, 5.7),
    ("af_river", 167, 3.6, 6.2),
    ("am_michael", 105, 4.0, 7.1),
    ("am_fenrir", 124, 5.2, 6.8),
    ("am_puck", 107, 4.8, 6.5),
    ("am_echo", 102, 4.1, 6.5),
    ("am_eric", 141, 4.6, 6.0),
    ("am_liam", 115, 4.5, 6.2),
    ("am_onyx", 85, 2.7, 6.5),
    ("am_adam", 106, 3.3, 6.6),
    ("am_santa", 136, 5.8, 6.9),
    ("bf_emma", 175, 3.6, 6.5),
    ("bf_isabella", 194, 3.3, 6.7),
    ("bf_alice", 192, 5.6, 6.5),
    ("bf_lily", 176, 5.0, 6.3),
    ("bm_fable", 111, 4.2, 6.4),
    ("bm_george", 133, 3.9, 7.3),
    ("bm_lewis", 94, 3.4, 7.2),
    ("bm_daniel", 115, 3.6, 6.3),
    ("ef_dora", 160, 3.6, 5.4),
    ("em_alex", 121, 3.6, 5.5),
    ("em_santa", 125, 4.7, 5.7),
    ("ff_siwis", 199, 3.5, 6.4),
    ("hf_alpha", 201, 4.0, 7.0),
    ("hf_beta", 176, 4.3, 6.5),
    ("hm_omega", 123, 4.7, 7.2),
    ("hm_psi", 126, 4.8, 7.4),
    ("if_sara", 203, 4.1, 5.7),
    ("im_nicola", 86, 3.2, 6.1),
    ("jf_alpha", 249, 4.2, 7.0),
    ("jf_gongitsune", 211, 4.8, 8.1),
    ("jf_tebukuro", 307, 6.5, 7.5),
    ("jf_nezumi", 232, 4.5, 7.7),
    ("jm_kumo", 93, 3.3, 7.2),
    ("pf_dora", 165, 3.4, 5.7),
    ("pm_alex", 125, 3.2, 5.7),
    ("pm_santa", 124, 4.4, 5.9),
    ("zf_xiaobei", 225, 4.1, 7.7),
    ("zf_xiaoni", 220, 4.5, 6.7),
    ("zf_xiaoxiao", 228, 3.6, 6.3),
    ("zf_xiaoyi", 284, 4.6, 6.4),
    ("zm_yunjian", 111, 4.3, 6.5),
    ("zm_yunxi", 145, 4.2, 6.5),
    ("zm_yunxia", 275, 4.5, 6.7),
    ("zm_yunyang", 103, 4.2, 6.1),
];

/// Its place in the order in which voices are shown; those that nobody described come last.
pub fn place(id: &str) -> usize {
    CAST.iter().position(|(known, ..)| *known == id).unwrap_or(CAST.len())
}

/// What is told of a voice; none where its id is not of Kokoro's form.
pub fn info(id: &str) -> Option<VoiceInfo> {
    let (letters, name) = id.split_once('_')?;
    let [language, gender] = <[u8; 2]>::try_from(letters.as_bytes()).ok()?;
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let (language, accent) = match language {
        b'a' => (Language::AmericanEnglish, "American"),
        b'b' => (Language::BritishEnglish, "British"),
        b'e' => (Language::Spanish, "Spanish"),
        b'f' => (Language::French, "French"),
        b'h' => (Language::Hindi, "Indian"),
        b'i' => (Language::Italian, "Italian"),
        b'j' => (Language::Japanese, "Japanese"),
        b'p' => (Language::Portuguese, "Brazilian"),
        b'z' => (Language::Chinese, "Mandarin"),
        _ => return None,
    };
    let (gender, person) = match gender {
        b'f' => (Gender::Female, "woman"),
        b'm' => (Gender::Male, "man"),
        _ => return None,
    };
    let measured = CAST.iter().find(|(known, ..)| *known == id);
    let article = if accent.starts_with(['A', 'I']) { "An" } else { "A" };
    let manner = measured.map_or_else(String::new, |m| format!(" with {}", manner(gender, m)));
    let (age, use_case) = measured.map_or(("middle_aged", "narration"), |m| role(gender, m));
    Some(VoiceInfo {
        id: id.to_owned(),
        name: capital(name),
        language,
        gender,
        accent: accent.to_owned(),
        description: format!("{article} {accent} {person}{manner}."),
        use_case: use_case.to_owned(),
        age: age.to_owned(),
        engine: NAME.to_owned(),
    })
}

/// What is heard of a voice, in words.
fn manner(gender: Gender, (id, hertz, moves, seconds): &Measured) -> String {
    let (low, high) = bounds(gender);
    let pitch = match *hertz {
        hz if hz < low => "a low pitch",
        hz if hz > high => "a high pitch",
        _ => "a middle pitch",
    };
    let melody = match *moves {
        m if m < 3.6 => "an even melody",
        m if m > 4.6 => "a lively melody",
        _ => "a natural melody",
    };
    let pace = match *seconds {
        _ if *id == WHISPERS => ", close to a whisper and slow",
        s if s < 6.0 => ", quick",
        s if s > 7.1 => ", slow",
        _ => "",
    };
    format!("{pitch} ({hertz} Hz) and {melody}{pace}")
}

/// The one that speaks as if into one's ear.
const WHISPERS: &str = "af_nicole";

/// Age and use that suit what is heard.
fn role(gender: Gender, (id, hertz, moves, seconds): &Measured) -> (&'static str, &'static str) {
    if id.ends_with("_santa") {
        return ("old", "entertainment");
    }
    let (low, high) = bounds(gender);
    let age = if *hertz >= (low + high) / 2 { "young" } else { "middle_aged" };
    let use_case = match (*moves, *seconds) {
        _ if *id == WHISPERS => "meditation",
        (m, _) if m < 3.6 => "narration",
        (m, _) if m > 4.6 => "advertisement",
        (_, s) if s < 6.4 => "conversation",
        _ => "narration",
    };
    (age, use_case)
}

/// What is a low and a high pitch, in Hz.
fn bounds(gender: Gender) -> (u16, u16) {
    match gender {
        Gender::Female => (150, 200),
        Gender::Male => (105, 135),
    }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_tell_language_and_gender() {
        let heart = info("af_heart").unwrap();
        assert_eq!(
            (heart.name.as_str(), heart.language, heart.gender),
            ("Heart", Language::AmericanEnglish, Gender::Female)
        );
        assert_eq!(
            heart.description,
            "An American woman with a middle pitch (185 Hz) and a natural melody."
        );
        let santa = info("pm_santa").unwrap();
        assert_eq!(
            (santa.language, santa.gender, santa.age.as_str()),
            (Language::Portuguese, Gender::Male, "old")
        );
        let new = info("bm_new").unwrap();
        assert_eq!((new.description.as_str(), place("bm_new")), ("A British man.", CAST.len()));
    }

    #[test]
    fn every_voice_of_the_cast_is_of_the_form() {
        for (id, ..) in CAST {
            assert!(info(id).is_some(), "{id}");
        }
        for other in ["heart", "xf_heart", "ax_heart", "af_", "af_a/b", "af"] {
            assert_eq!(info(other), None, "{other}");
        }
    }
}
