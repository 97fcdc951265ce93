//! Letters to sounds by a table: in each place the first rule whose letters and neighbours fit.
//!
//! A rule is `left(letters)right sounds`; without a neighbour's pattern anything fits. In patterns `#` is the word's edge, `V` a vowel
//! letter, `C` any other letter, `E` a front vowel (e, i, y), `A` a back one, `N` n or m, `X` anything but an edge, and small letters are
//! themselves; `[...]` is one of these. `'` right before the bracket: only where the stress is on these letters; `-`: only elsewhere. The
//! first vowel that stressed letters give gets the mark.

use std::collections::HashMap;

/// A language's table.
pub struct Rules {
    by_letter: HashMap<char, Vec<Rule>>,
}

struct Rule {
    stressed: Option<bool>,
    left: Vec<Vec<char>>,
    letters: Vec<char>,
    right: Vec<Vec<char>>,
    sounds: &'static str,
}

/// A sound, and the place of the letter that it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    pub sign: String,
    pub at: usize,
}

impl Rules {
    /// Lines of rules; what is not one is left out, which tests of the tables see.
    pub fn new(table: &'static str) -> Self {
        let mut by_letter: HashMap<char, Vec<Rule>> = HashMap::new();
        for rule in table.lines().filter_map(rule) {
            by_letter.entry(rule.letters[0]).or_default().push(rule);
        }
        Self { by_letter }
    }

    /// Sounds of a word in small letters, of which one may be stressed; letters without a rule are silent.
    pub fn say(&self, word: &[char], stress: Option<usize>) -> Vec<Sound> {
        let mut sounds: Vec<Sound> = Vec::new();
        let mut at = 0;
        while at < word.len() {
            let rules = self.by_letter.get(&word[at]).map(Vec::as_slice).unwrap_or_default();
            let Some(rule) = rules.iter().find(|r| r.fits(word, at, stress)) else {
                at += 1;
                continue;
            };
            let mut marks = stress.is_some_and(|s| (at..at + rule.letters.len()).contains(&s));
            // Signs are separate sounds; one that changes the sign before it belongs to that.
            for sign in rule.sounds.chars() {
                if marks && is_vowel_sound(sign) {
                    marks = false;
                    sounds.push(Sound { sign: "ˈ".into(), at });
                }
                match sounds.last_mut() {
                    Some(Sound { sign: last, at: from }) if *from == at && "\u{303}ːʲ".contains(sign) => last.push(sign),
                    _ => sounds.push(Sound { sign: sign.into(), at }),
                }
            }
            at += rule.letters.len();
        }
        sounds
    }
}

impl Rule {
    fn fits(&self, word: &[char], at: usize, stress: Option<usize>) -> bool {
        let end = at + self.letters.len();
        let stressed = || stress.is_some_and(|s| (at..end).contains(&s));
        self.stressed.is_none_or(|s| s == stressed())
            && word.get(at..end) == Some(&self.letters[..])
            && self
                .right
                .iter()
                .enumerate()
                .all(|(i, set)| one_of(set, word.get(end + i).copied()))
            && self
                .left
                .iter()
                .rev()
                .enumerate()
                .all(|(i, set)| one_of(set, at.checked_sub(i + 1).map(|p| word[p])))
    }
}

fn one_of(set: &[char], letter: Option<char>) -> bool {
    set.iter().any(|class| match (class, letter) {
        ('#', letter) => letter.is_none(),
        (_, None) => false,
        ('X', Some(_)) => true,
        ('V', Some(c)) => is_vowel(c),
        ('C', Some(c)) => !is_vowel(c),
        ('E', Some(c)) => "eiyéèêëíìîïý".contains(c),
        ('A', Some(c)) => is_vowel(c) && !"eiyéèêëíìîïý".contains(c),
        ('N', Some(c)) => c == 'n' || c == 'm',
        (class, Some(c)) => *class == c,
    })
}

pub fn is_vowel(c: char) -> bool {
    "aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿœ".contains(c)
}

pub fn is_vowel_sound(c: char) -> bool {
    "aeiouyɑɐæɛɔəœøɪʊIAOWYQ".contains(c)
}

fn rule(line: &'static str) -> Option<Rule> {
    let (pattern, sounds) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    let (left, rest) = pattern.split_once('(')?;
    let (letters, right) = rest.split_once(')')?;
    let letters: Vec<char> = letters.chars().collect();
    let (left, stressed) = match (left.strip_suffix('\''), left.strip_suffix('-')) {
        (Some(left), _) => (left, Some(true)),
        (None, Some(left)) => (left, Some(false)),
        _ => (left, None),
    };
    (!letters.is_empty()).then(|| Rule {
        stressed,
        left: sets(left),
        letters,
        right: sets(right),
        sounds: sounds.trim(),
    })
}

fn sets(pattern: &str) -> Vec<Vec<char>> {
    let mut sets: Vec<Vec<char>> = Vec::new();
    let mut inside = false;
    for c in pattern.chars() {
        match c {
            '[' => {
                inside = true;
                sets.push(Vec::new());
            }
            ']' => inside = false,
            c if inside => {
                if let Some(set) = sets.last_mut() {
                    set.push(c);
                }
            }
            c => sets.push(vec![c]),
        }
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_fits_wins() {
        let rules = Rules::new("(c)E θ\n(ch) ʧ\nX(n)[bp] m\n(c) k\n(n) n\n(h)\n(é) e\n(b) b\n(an)# ɑ\u{303}\n(a) a");
        let say = |word: &str| -> String {
            rules
                .say(&word.chars().collect::<Vec<_>>(), None)
                .into_iter()
                .map(|s| s.sign)
                .collect()
        };
        assert_eq!(say("cé"), "θe");
        assert_eq!(say("cab"), "kab");
        assert_eq!(say("anb"), "amb");
        assert_eq!(say("nbhx"), "nb");
        assert_eq!(say("ban"), "bɑ\u{303}");
    }
}
