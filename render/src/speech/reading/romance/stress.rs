//! Which syllable is stressed, from spelling.

use super::rules::is_vowel;

/// Places of the vowels that carry syllables. `weak` ones, beside another vowel, carry none; `q` and `g` swallow a u before e and i.
pub fn nuclei(word: &[char], weak: &str) -> Vec<usize> {
    let mut nuclei: Vec<usize> = Vec::new();
    let mut last: Option<usize> = None;
    for (i, c) in word.iter().enumerate() {
        let before = i.checked_sub(1).map(|b| word[b]);
        let after = word.get(i + 1).copied();
        let swallowed = *c == 'u' && (before == Some('q') || (before == Some('g') && after.is_some_and(|a| "eiéíêè".contains(a))));
        // A y is a vowel behind another, or alone.
        let consonant = *c == 'y' && after.is_some_and(is_vowel);
        if !is_vowel(*c) || swallowed || consonant {
            last = None;
            continue;
        }
        let is_weak = |c: char| weak.contains(c);
        match last {
            // ai, au: the second leans on the first; unless both are weak: the second carries.
            Some(first) if is_weak(*c) && !is_weak(word[first]) => {
                last = None;
                continue;
            }
            // ia, ui: the first leans on the second.
            Some(first) if is_weak(word[first]) && nuclei.last() == Some(&first) => {
                nuclei.pop();
                nuclei.push(i);
            }
            _ => nuclei.push(i),
        }
        last = Some(i);
    }
    nuclei
}

/// The last or the last but one, or so many before the last.
pub fn from_end(nuclei: &[usize], back: usize) -> Option<usize> {
    let at = nuclei.len().saturating_sub(back + 1);
    nuclei.get(at).copied()
}
