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
         dont donc quand très plus moins lorsqu' puisqu' jusqu' faut sont a ai as pas"
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
        stress(sounds);
    }

    /// Liaison, numbers, questions that are turned round, and the stress at a phrase's end.
    fn link(&self, words: &mut [Heard]) {
        for i in 0..words.len() {
            let (before, rest) = words.split_at_mut(i);
            let Some((word, after)) = rest.split_first_mut() else { continue };
            let next = after.first().filter(|w| w.follows);
            let last = before.last().filter(|_| word.follows);
            if word.text.ends_with('\'') {
                // "aujourd'hui" is stressed on its end alone.
                word.sounds.retain(|c| c != 'ˈ');
                continue;
            }
            if word.text == "ce" && word.elided && last.is_some_and(|w| w.text == "est") {
                word.sounds = "s".into();
            }
            if word.text == "tous" && !next.is_some_and(|n| DETERMINERS.split(' ').any(|d| d == n.text)) {
                word.sounds = "tˈus".into();
            }
            // "avez-vous"
            let behind_hyphen = word.elided && last.is_some_and(|l| !l.text.ends_with('\''));
            let Some(next) = next else {
                // Words that lean on the next have none here.
                if !behind_hyphen && !word.sounds.contains('ˈ') {
                    stress(&mut word.sounds);
                }
                continue;
            };
            if is_number(&word.text) && is_number(&next.text) {
                word.sounds.retain(|c| c != 'ˈ');
            }
            let vowel = opens(next, &word.text);
            if count(word, last, next, vowel) || turned(word, next) || !vowel {
                continue;
            }
            if word.text.ends_with("que") && word.sounds.len() > 3 && word.sounds.ends_with('ə') {
                word.sounds.pop();
            } else if behind_hyphen && PRONOUNS.split(' ').any(|w| w == word.text) {
                // Nothing links to a pronoun behind its verb.
            } else if LINKING.split_whitespace().any(|w| w == word.text) {
                word.sounds.extend(match word.text.chars().next_back() {
                    Some('s' | 'x' | 'z') => Some('z'),
                    Some('n') => Some('n'),
                    Some('t' | 'd') => Some('t'),
                    Some('r') => Some('ʁ'),
                    Some('e') if word.text == "quelques" => Some('z'),
                    _ => None,
                });
            }
        }
    }
}

/// Stresses the last vowel, or the mute one where there is no other.
fn stress(sounds: &mut String) {
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

/// Whether a word may be linked to with a consonant.
fn opens(next: &Heard, word: &str) -> bool {
    let sound = next.sounds.chars().find(|c| *c != 'ˈ' && *c != 'ˌ');
    let text = next.text.as_str();
    let aspirated = ASPIRATED.split_whitespace().any(|h| text.starts_with(h));
    let foreign = text.starts_with(['y', 'w']) && !matches!(text, "y" | "yeux");
    let alone = matches!(text, "oui" | "et" | "ou" | "où") || text == "à" && !word.ends_with('t');
    sound.is_some_and(|c| is_vowel_sound(c) || "jwɥ".contains(c)) && !aspirated && !foreign && !alone
}

/// Numbers whose end depends on what is counted; whether it was one.
fn count(word: &mut Heard, last: Option<&Heard>, next: &Heard, vowel: bool) -> bool {
    let joined = next.elided;
    match word.text.as_str() {
        "six" | "dix" => {
            // "dix ans", "dix-huit", "dix-neuf"; "dix mois", "dix-sept".
            word.sounds.pop();
            if vowel || joined && matches!(next.text.as_str(), "huit" | "neuf") {
                word.sounds.push('z');
            }
        }
        "huit" if !vowel => {
            word.sounds.pop();
        }
        "neuf" if matches!(next.text.as_str(), "heures" | "ans") => {
            word.sounds.pop();
            word.sounds.push('v');
        }
        "vingt" if vowel || next.text == "et" || joined => {
            // "vingt-deux", but "quatre-vingt-deux".
            if last.is_none_or(|l| l.text != "quatre") {
                word.sounds.push('t');
            }
        }
        "cent" if vowel && !is_number(&next.text) => word.sounds.push('t'),
        "cents" | "vingts" if vowel => word.sounds.push('z'),
        "quatre" if next.text.starts_with("vingt") => word.sounds.push('ə'),
        _ => return false,
    }
    true
}

/// "dit-elle", "a-t-il", "allez-y"; whether it was that.
fn turned(word: &mut Heard, next: &Heard) -> bool {
    if !next.elided {
        return false;
    }
    let end = word.text.chars().next_back();
    match next.text.as_str() {
        "il" | "elle" | "on" | "ils" | "elles" if matches!(end, Some('t' | 'd')) => word.sounds.push('t'),
        "y" | "en" if matches!(end, Some('s' | 'z')) => word.sounds.push('z'),
        "en" if word.text == "t" => word.sounds.push('t'),
        _ => return false,
    }
    true
}

fn is_number(word: &str) -> bool {
    NUMBERS.split_whitespace().any(|n| n == word)
}

const NUMBERS: &str = "un une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt vingts trente quarante \
    cinquante soixante cent cents mille";

const PRONOUNS: &str = "on nous vous ils elles";

const DETERMINERS: &str = "les des mes tes ses ces nos vos leurs ceux deux trois quatre";

/// Words whose last consonant is heard before a vowel.
const LINKING: &str = "les des mes tes ses ces nos vos leurs aux un on en mon ton son nous vous ils elles dans sans chez sous très plus moins deux \
    trois est sont ont était étaient avait avaient petit petits petites grand grands grandes bon bons bonnes beaux belles vieux vieilles nouveaux \
    nouvelles jeunes anciens anciennes mauvais meilleurs meilleures premier premiers premières dernier derniers dernières autres quelques \
    plusieurs certains certaines tout quand aucun bien rien pas fois peut doit faut fait vont peuvent doivent avez avons êtes états nations jeux";

/// Beginnings that forbid it.
const ASPIRATED: &str = "hach haie hain haï hall halt hamac hamb hameau hamster hanche hand hangar hant harc hard harem hareng haricot harnais harp \
    hasard hât hauss haut havre hérisson hernie héron héros hêtre heurt hibou hiérarch hoch hockey holland homard hongr hont hors hublot huit \
    hurl hutte onz";
