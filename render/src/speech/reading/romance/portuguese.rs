//! Portuguese of Brazil.

use super::rules::is_vowel;
use super::{Heard, Ways, stress};

pub struct Portuguese;

impl Ways for Portuguese {
    fn table(&self) -> &'static str {
        include_str!("portuguese.txt")
    }

    fn exceptions(&self) -> &'static str {
        include_str!("portuguese_exceptions.txt")
    }

    fn weak(&self) -> &'static str {
        "o a os as e de da do das dos em na no nas nos um uma que se me te lhe com por para pelo pela pelos pelas ao à aos às ou mas como não é está \
         seu sua meu minha te nos sem sob sobre eu ele vou são foi foram ser"
    }

    fn stress(&self, word: &[char]) -> Option<usize> {
        if let Some(at) = word.iter().position(|c| "áéíóúâêô".contains(*c)) {
            return Some(at);
        }
        let text: String = word.iter().collect();
        let nuclei = stress::nuclei(word, "iu");
        if let Some(at) = word.iter().rposition(|c| "ãõ".contains(*c)) {
            return Some(at);
        }
        if text.ends_with("iam") {
            return Some(word.len() - 3);
        }
        let plain = ["a", "e", "o", "as", "es", "os", "am", "em", "ens"]
            .iter()
            .any(|end| text.ends_with(end));
        let falls = word.len() > 1 && is_vowel(word[word.len() - 1]) && is_vowel(word[word.len() - 2]);
        // "dia", "rio", "energia": the i carries the stress unless the word is written otherwise.
        if falls && plain && matches!(word[word.len() - 2], 'i' | 'u') && !matches!(word.get(word.len().wrapping_sub(3)), Some('q' | 'g')) {
            return Some(word.len() - 2);
        }
        let ends_s = text.len() > 2 && (text.ends_with("as") || text.ends_with("os"));
        if ends_s && matches!(word[word.len() - 3], 'i' | 'u') {
            return Some(word.len() - 3);
        }
        stress::from_end(&nuclei, usize::from(plain))
    }

    /// s at a word's end is z before a voice, e before a vowel is j.
    fn link(&self, words: &mut [Heard]) {
        for i in 0..words.len() {
            let next = words.get(i + 1).filter(|w| w.follows);
            let next = next.and_then(|w| w.sounds.chars().find(|c| *c != 'ˈ' && *c != 'ˌ'));
            let word = &mut words[i];
            let vowel = next.is_some_and(super::rules::is_vowel_sound);
            let softer = match word.sounds.chars().next_back() {
                Some('y') if vowel && word.text.ends_with('e') => Some('j'),
                Some('ʊ') if vowel && word.text.ends_with('o') => Some('w'),
                Some('r') if vowel => Some('ɾ'),
                _ => None,
            };
            if let Some(softer) = softer {
                word.sounds.pop();
                word.sounds.push(softer);
            }
            if word.sounds.ends_with('s') && next.is_some_and(|c| super::rules::is_vowel_sound(c) || "bdɡvzʒʤmnlɾ".contains(c)) {
                word.sounds.pop();
                word.sounds.push('z');
            }
        }
    }
}
