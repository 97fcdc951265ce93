//! Spanish of Castile.

use super::rules::is_vowel;
use super::{Heard, Ways, stress};

pub struct Spanish;

impl Ways for Spanish {
    fn table(&self) -> &'static str {
        include_str!("spanish.txt")
    }

    fn exceptions(&self) -> &'static str {
        include_str!("spanish_exceptions.txt")
    }

    fn weak(&self) -> &'static str {
        "el la los las lo le les me te se nos os de del al a en con por y e o u que mi tu su mis tus sus sin si ni pero como para cuando donde \
         porque aunque desde hasta entre sobre"
    }

    fn stress(&self, word: &[char]) -> Option<usize> {
        if let Some(at) = word.iter().position(|c| "áéíóú".contains(*c)) {
            return Some(at);
        }
        let nuclei = stress::nuclei(word, "iuüy");
        let last = word.last()?;
        let back = usize::from((is_vowel(*last) && *last != 'y') || matches!(last, 'n' | 's'));
        stress::from_end(&nuclei, back)
    }

    /// Adverbs are said as their adjectives are, and stressed at their end too.
    fn halves<'a>(&self, word: &'a str) -> Option<(&'a str, &'static str)> {
        word.strip_suffix("mente")
            .filter(|stem| stem.chars().count() > 3)
            .map(|stem| (stem, "mˈente"))
    }

    /// b, d and g are soft but at the start, behind a nasal, before some consonants and at an end.
    fn link(&self, words: &mut [Heard]) {
        let mut last: Option<char> = None;
        for i in 0..words.len() {
            let next = words
                .get(i + 1)
                .filter(|w| w.follows)
                .and_then(|w| w.sounds.chars().find(|c| *c != 'ˈ' && *c != 'ˌ'));
            let word = &mut words[i];
            if !word.follows {
                last = None;
            }
            let mut said = String::with_capacity(word.sounds.len());
            let signs: Vec<char> = word.sounds.chars().collect();
            for (n, c) in signs.iter().copied().enumerate() {
                let after = signs
                    .get(n + 1)
                    .copied()
                    .filter(|c| *c != 'ˈ')
                    .or_else(|| signs.get(n + 2).copied())
                    .or(next);
                let soft = |hard: &str| last.is_some_and(|l| !"mnŋɲ".contains(l)) && after.is_some_and(|a| !hard.contains(a));
                let sign = match c {
                    'b' if soft("tmnsdkpθxfʧ") => 'β',
                    'd' if soft("mnsktpθxfʧbβɡɣl") => 'ð',
                    'ɡ' if soft("nmtsdkpθxfʧ") => 'ɣ',
                    c => c,
                };
                said.push(sign);
                if !"ˈˌ ".contains(c) {
                    last = Some(c);
                }
            }
            if said.ends_with('n') && matches!(next, Some('ɡ' | 'x')) {
                said.pop();
                said.push('ŋ');
            }
            word.sounds = said;
        }
    }
}
