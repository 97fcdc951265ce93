//! Stress marks, and endings that follow the sound before them; rules of misaki's `en.py` (Apache-2.0, hexgrad) as hibari ports them.

pub const PRIMARY: char = 'ˈ';
pub const SECONDARY: char = 'ˌ';
const VOWELS: &str = "AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ";
const CONSONANTS: &str = "bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθ";

pub fn is_vowel(c: char) -> bool {
    VOWELS.contains(c)
}

pub fn is_consonant(c: char) -> bool {
    CONSONANTS.contains(c)
}

fn is_mark(c: char) -> bool {
    c == PRIMARY || c == SECONDARY
}

/// How much a word weighs against its neighbours in a compound: long sounds count twice.
pub fn weight(phonemes: &str) -> usize {
    phonemes.chars().map(|c| if "AIOQWYʤʧ".contains(c) { 2 } else { 1 }).sum()
}

/// Makes a reading weaker (below 0) or stronger: -2 without stress, -1 at most secondary, 0 and 0.5 at least secondary, 2 primary.
pub fn apply(phonemes: &str, stress: Option<f32>) -> String {
    let Some(stress) = stress else { return phonemes.into() };
    let (primary, secondary) = (phonemes.contains(PRIMARY), phonemes.contains(SECONDARY));
    let bare = !primary && !secondary;
    let weaker = || phonemes.replace(SECONDARY, "").replace(PRIMARY, "ˌ");
    if stress < -1.0 {
        phonemes.replace([PRIMARY, SECONDARY], "")
    } else if stress <= -1.0 || ((-0.5..=0.0).contains(&stress) && primary) {
        weaker()
    } else if (0.0..=1.0).contains(&stress) && bare {
        mark(phonemes, SECONDARY)
    } else if stress >= 1.0 && !primary && secondary {
        phonemes.replace(SECONDARY, "ˈ")
    } else if stress > 1.0 && bare {
        mark(phonemes, PRIMARY)
    } else {
        phonemes.into()
    }
}

/// Puts a mark before the first vowel.
fn mark(phonemes: &str, mark: char) -> String {
    let mut marked = phonemes.to_owned();
    if let Some(at) = phonemes.find(is_vowel) {
        marked.insert(at, mark);
    }
    marked
}

/// The same, of phonemes whose marks stand in front of consonants.
pub fn before_vowels(phonemes: &str) -> String {
    let mut out = String::with_capacity(phonemes.len());
    let mut held = None;
    for c in phonemes.chars() {
        if is_mark(c) {
            held = Some(c);
        } else {
            if is_vowel(c) {
                out.extend(held.take());
            }
            out.push(c);
        }
    }
    out
}

fn last(stem: &str) -> Option<char> {
    stem.chars().next_back()
}

/// Sounds after which an American t between vowels becomes a tap.
fn taps(stem: &str) -> Option<&str> {
    let start = stem.strip_suffix('t')?;
    last(start).is_some_and(|c| "AIOWYiuæɑəɛɪɹʊʌ".contains(c)).then_some(start)
}

/// The plural's or possessive's s.
pub fn with_s(stem: &str, british: bool) -> Option<String> {
    let end = match last(stem)? {
        'p' | 't' | 'k' | 'f' | 'θ' => "s",
        's' | 'z' | 'ʃ' | 'ʒ' | 'ʧ' | 'ʤ' if british => "ɪz",
        's' | 'z' | 'ʃ' | 'ʒ' | 'ʧ' | 'ʤ' => "ᵻz",
        _ => "z",
    };
    Some(format!("{stem}{end}"))
}

pub fn with_ed(stem: &str, british: bool) -> Option<String> {
    Some(match last(stem)? {
        'p' | 'k' | 'f' | 'θ' | 'ʃ' | 's' | 'ʧ' => format!("{stem}t"),
        'd' if british => format!("{stem}ɪd"),
        'd' => format!("{stem}ᵻd"),
        't' if british || stem.chars().count() < 2 => format!("{stem}ɪd"),
        't' => match taps(stem) {
            Some(start) => format!("{start}ɾᵻd"),
            None => format!("{stem}ᵻd"),
        },
        _ => format!("{stem}d"),
    })
}

pub fn with_ing(stem: &str, british: bool) -> Option<String> {
    let end = last(stem)?;
    if british {
        return (!"əː".contains(end)).then(|| format!("{stem}ɪŋ"));
    }
    Some(match taps(stem) {
        Some(start) => format!("{start}ɾɪŋ"),
        None => format!("{stem}ɪŋ"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stress_grows_and_shrinks() {
        for (phonemes, stress, result) in [
            ("wˈɜɹd", Some(-2.0), "wɜɹd"),
            ("ˌɪntəɹˈɛst", Some(-1.0), "ɪntəɹˌɛst"),
            ("kæt", Some(0.5), "kˌæt"),
            ("kæt", Some(2.0), "kˈæt"),
            ("kˌæt", Some(2.0), "kˈæt"),
            ("kˈæt", Some(0.5), "kˈæt"),
            ("kæt", None, "kæt"),
            ("s", Some(2.0), "s"),
        ] {
            assert_eq!(apply(phonemes, stress), result, "{phonemes} {stress:?}");
        }
    }

    #[test]
    fn endings_follow_the_sound_before_them() {
        assert_eq!(with_s("kˈæt", false).as_deref(), Some("kˈæts"));
        assert_eq!(with_s("bˈʌs", false).as_deref(), Some("bˈʌsᵻz"));
        assert_eq!(with_s("bˈʌs", true).as_deref(), Some("bˈʌsɪz"));
        assert_eq!(with_ed("wˈAt", false).as_deref(), Some("wˈAɾᵻd"));
        assert_eq!(with_ed("wˈɔk", false).as_deref(), Some("wˈɔkt"));
        assert_eq!(with_ing("wˈAt", false).as_deref(), Some("wˈAɾɪŋ"));
        assert_eq!(with_ing("wˈAt", true).as_deref(), Some("wˈAtɪŋ"));
    }
}
