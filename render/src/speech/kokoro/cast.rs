//! What is told of Kokoro's voices. Its makers give each an id of which the first letter is the language and the second the gender.

use super::NAME;
use crate::speech::{Gender, Language, VoiceInfo};

/// A voice whose traits somebody knows: id, age, use, and what else is told of it.
type Trait = (&'static str, &'static str, &'static str, &'static str);

/// The voices in the order in which they are shown: those with more and better recordings behind them first.
#[rustfmt::skip]
const CAST: [Trait; 54] = [
    ("af_heart", "young", "narration", "warm and even, the best of this engine"),
    ("af_bella", "young", "advertisement", "bright and lively"),
    ("af_nicole", "young", "meditation", "close and whispering, slow"),
    ("af_aoede", "young", "narration", "clear and friendly"),
    ("af_kore", "middle_aged", "news", "firm and matter-of-fact"),
    ("af_sarah", "young", "conversation", "soft and calm"),
    ("af_alloy", "middle_aged", "conversation", "low and relaxed"),
    ("af_nova", "middle_aged", "news", "businesslike"),
    ("af_sky", "young", "conversation", "light"),
    ("af_jessica", "young", "conversation", "quick and high"),
    ("af_river", "young", "narration", "calm and neutral"),
    ("am_michael", "middle_aged", "narration", "steady and warm"),
    ("am_fenrir", "young", "advertisement", "energetic"),
    ("am_puck", "young", "conversation", "playful"),
    ("am_echo", "middle_aged", "news", "plain and level"),
    ("am_eric", "middle_aged", "news", "businesslike"),
    ("am_liam", "young", "conversation", "casual"),
    ("am_onyx", "middle_aged", "narration", "deep"),
    ("am_adam", "middle_aged", "narration", "low and dry"),
    ("am_santa", "old", "entertainment", "an old man's, hearty"),
    ("bf_emma", "middle_aged", "narration", "clear and composed"),
    ("bf_isabella", "young", "narration", "gentle"),
    ("bf_alice", "middle_aged", "news", "crisp"),
    ("bf_lily", "young", "conversation", "light"),
    ("bm_fable", "middle_aged", "narration", "a teller of stories"),
    ("bm_george", "middle_aged", "narration", "composed"),
    ("bm_lewis", "middle_aged", "narration", "deep"),
    ("bm_daniel", "middle_aged", "news", "plain and level"),
    ("ef_dora", "young", "narration", "clear"),
    ("em_alex", "middle_aged", "narration", "clear"),
    ("em_santa", "old", "entertainment", "an old man's, hearty"),
    ("ff_siwis", "young", "narration", "clear and careful"),
    ("hf_alpha", "young", "narration", "clear"),
    ("hf_beta", "young", "narration", "light"),
    ("hm_omega", "middle_aged", "narration", "even"),
    ("hm_psi", "middle_aged", "narration", "calm"),
    ("if_sara", "young", "narration", "clear"),
    ("im_nicola", "middle_aged", "narration", "even"),
    ("jf_alpha", "young", "narration", "clear"),
    ("jf_gongitsune", "young", "narration", "a teller of stories"),
    ("jf_tebukuro", "young", "narration", "a teller of stories"),
    ("jf_nezumi", "young", "narration", "a teller of stories"),
    ("jm_kumo", "middle_aged", "narration", "a teller of stories"),
    ("pf_dora", "young", "narration", "clear"),
    ("pm_alex", "middle_aged", "narration", "even"),
    ("pm_santa", "old", "entertainment", "an old man's, hearty"),
    ("zf_xiaobei", "young", "conversation", "light"),
    ("zf_xiaoni", "young", "conversation", "clear"),
    ("zf_xiaoxiao", "young", "narration", "even"),
    ("zf_xiaoyi", "young", "conversation", "lively"),
    ("zm_yunjian", "middle_aged", "news", "firm"),
    ("zm_yunxi", "young", "conversation", "casual"),
    ("zm_yunxia", "young", "conversation", "bright"),
    ("zm_yunyang", "middle_aged", "news", "composed"),
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
    let (_, age, use_case, manner) = CAST
        .iter()
        .find(|(known, ..)| *known == id)
        .copied()
        .unwrap_or(("", "young", "narration", ""));
    let article = if accent.starts_with(['A', 'I']) { "An" } else { "A" };
    let described = if manner.is_empty() { String::new() } else { format!(": {manner}") };
    Some(VoiceInfo {
        id: id.to_owned(),
        name: capital(name),
        language,
        gender,
        accent: accent.to_owned(),
        description: format!("{article} {accent} {person}{described}."),
        use_case: use_case.to_owned(),
        age: age.to_owned(),
        engine: NAME.to_owned(),
    })
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
        assert_eq!(heart.description, "An American woman: warm and even, the best of this engine.");
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
