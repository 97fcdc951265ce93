//! French of France.

use super::rules::is_vowel_sound;
use super::{Heard, Ways};

pub struct French;

impl Ways for French {
    fn table(&self) -> &'static str {
        include_str!("french.txt")
    }

    fn exceptions(&self) -> &'static str {
        include_str!("french_exceptions.txt")
    }

    fn weak(&self) -> &'static str {
        "le la les un une des de du l' d' j' m' t' s' n' c' qu' je tu il elle on nous vous ils elles me te se ce cet cette ces ne et ou où à au aux en y \
         que qui dans sur pour par avec est mais si ma mon mes ta ton tes sa son ses notre nos votre vos leur leurs lui ni car comme sans chez vers sous \
         dont donc quand très plus moins lorsqu' puisqu' jusqu' faut sont ont était être été pas deux"
    }

    /// The last vowel that is said, found in [`Ways::finish`]: letters do not tell.
    fn stress(&self, _word: &[char]) -> Option<usize> {
        None
    }

    fn finish(&self, word: &str, sounds: &mut String) {
        // A mute e at the end of a short word is said.
        if !sounds.chars().any(is_vowel_sound) && word.ends_with('e') {
            sounds.push('ə');
        }
        let last = |full: &dyn Fn(char) -> bool| {
            sounds
                .char_indices()
                .filter(|(_, c)| is_vowel_sound(*c) && full(*c))
                .map(|(at, _)| at)
                .last()
        };
        if let Some(at) = last(&|c| c != 'ə').or_else(|| last(&|_| true)) {
            sounds.insert(at, 'ˈ');
        }
    }

    /// Liaison, and elided words without a vowel of their own.
    fn link(&self, words: &mut [Heard]) {
        for i in 0..words.len() {
            let Some(next) = words.get(i + 1).filter(|w| w.follows) else {
                continue;
            };
            let opens = next
                .sounds
                .chars()
                .find(|c| *c != 'ˈ' && *c != 'ˌ')
                .is_some_and(|c| is_vowel_sound(c) || "jwɥ".contains(c));
            let aspirated = ASPIRATED.iter().any(|h| next.text.starts_with(h));
            let vowel = opens
                && !aspirated
                && !next.text.starts_with(['y', 'w'])
                && !matches!(next.text.as_str(), "oui" | "onze" | "et" | "ou" | "où" | "à");
            let word = &mut words[i];
            if word.text.ends_with('\'') {
                // "l'homme": only the consonant.
                word.sounds.retain(|c| !is_vowel_sound(c) && c != 'ˈ');
                continue;
            }
            if !vowel || !LINKING.contains(&word.text.as_str()) {
                continue;
            }
            let link = match word.text.chars().next_back() {
                Some('s' | 'x' | 'z') => 'z',
                Some('n') => 'n',
                Some('t' | 'd') => 't',
                Some('r') => 'ʁ',
                _ => continue,
            };
            word.sounds.push(link);
        }
    }
}

/// Words whose last consonant is heard before a vowel.
const LINKING: [&str; 64] = [
    "les",
    "des",
    "mes",
    "tes",
    "ses",
    "ces",
    "nos",
    "vos",
    "leurs",
    "aux",
    "un",
    "on",
    "en",
    "mon",
    "ton",
    "son",
    "nous",
    "vous",
    "ils",
    "elles",
    "dans",
    "sans",
    "chez",
    "sous",
    "très",
    "plus",
    "moins",
    "deux",
    "trois",
    "six",
    "dix",
    "est",
    "sont",
    "ont",
    "était",
    "avait",
    "petit",
    "petits",
    "grand",
    "grands",
    "bon",
    "bons",
    "premier",
    "dernier",
    "autres",
    "quelques",
    "plusieurs",
    "certains",
    "tout",
    "quand",
    "aucun",
    "bien",
    "pas",
    "fois",
    "peut",
    "doit",
    "faut",
    "fait",
    "vont",
    "peuvent",
    "doivent",
    "avez",
    "avons",
    "êtes",
];

/// Beginnings with an h that forbids liaison.
const ASPIRATED: [&str; 40] = [
    "hach",
    "hain",
    "haï",
    "hall",
    "halt",
    "hamac",
    "hameau",
    "hamster",
    "hanche",
    "hand",
    "hangar",
    "hant",
    "harc",
    "hard",
    "harem",
    "hareng",
    "haricot",
    "harnais",
    "harp",
    "hasard",
    "hât",
    "hauss",
    "haut",
    "havre",
    "hérisson",
    "hernie",
    "héron",
    "héros",
    "hêtre",
    "heurt",
    "hibou",
    "hiérarch",
    "hoch",
    "hockey",
    "holland",
    "homard",
    "hongr",
    "hont",
    "hors",
    "hurl",
];
