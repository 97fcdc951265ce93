//! Words, abbreviations, initials, and mixtures of letters, digits and signs.

use super::{Sentence, words};
use crate::speech::Language;
use crate::speech::dictionary::Dictionary;
use crate::speech::reading::Sayable;
use crate::speech::reading::token;
use crate::speech::reading::tongue::{Number, digits};
use crate::speech::script::Said;

/// A text that stands for another, such as an alias, by the usual rules.
pub fn text(sentence: &Sentence, text: &str) -> Vec<Sayable> {
    let tokens = token::tokens(std::iter::once((text, &Said::Read)), false);
    let none = Dictionary::default();
    let inner = Sentence::new(&tokens, sentence.tongue, sentence.language, &none);
    let mut said = Vec::new();
    for (token, reading) in tokens.iter().zip(inner.say()) {
        said.extend(reading);
        if token.trail.contains([',', ';', ':']) {
            said.push(Sayable::Pause(','));
        }
    }
    said
}

/// Whatever no other rule has read.
pub fn word(sentence: &Sentence, at: usize) -> Vec<Sayable> {
    let core = sentence.core(at);
    let tongue = sentence.tongue;
    let plain = core.replace('’', "'");
    if plain.is_empty() {
        return Vec::new();
    }
    if tongue.is_plain() {
        return vec![Sayable::Word(plain)];
    }
    if let Some(n) = behind_name(sentence, at) {
        return words(&n);
    }
    let dotted = sentence.dotted(at);
    let (before, next) = (sentence.before(at), sentence.core(at + 1));
    let capital = |w: &str| w.chars().next().is_some_and(char::is_uppercase);
    let behind = capital(next) && next.chars().nth(1).is_some() && !sentence.tokens[at].trail.contains(',');
    let front = capital(before) || before.starts_with(|c: char| c.is_ascii_digit());
    if core == "w" && sentence.tokens[at].trail.starts_with('/') {
        return words(tongue.abbreviation("w/").unwrap_or_default());
    }
    if let Some(full) = tongue.ambiguous(&dotted, front, behind) {
        return words(full);
    }
    // At the end of a sentence "sat." and "no." are words.
    if at + 1 == sentence.tokens.len() && tongue.is_word_too(core) {
        return mixed(sentence, &plain);
    }
    let counts = !tongue.counts(core) || next.starts_with(|c: char| c.is_ascii_digit()) || roman(next).is_some();
    if let Some(full) = tongue.abbreviation(&dotted).filter(|_| counts) {
        return words(full);
    }
    let (unowned, owns) = plain.strip_suffix("'s").map_or((plain.as_str(), false), |p| (p, true));
    if let Some(initials) = initials(unowned.trim_end_matches('.')) {
        let mut said = letters(sentence, &initials);
        if let (true, Some(Sayable::Letters(last))) = (owns, said.last_mut()) {
            last.push_str("'s");
        }
        return said;
    }
    // "XIV", "II"
    let numeral = plain == "II" || (plain.chars().count() > 2 && plain.chars().all(|c| "IVX".contains(c)));
    if let Some(n) = roman(&plain).filter(|_| numeral) {
        return words(&tongue.cardinal(n, false));
    }
    // "mid-1990s", "COVID-19"
    let parts: Vec<&str> = plain.split('-').collect();
    if parts.len() > 1 && plain.contains(|c: char| c.is_ascii_digit()) && parts.iter().all(|p| p.contains(char::is_alphanumeric)) {
        return parts.into_iter().flat_map(|part| text(sentence, part)).collect();
    }
    if let Some(said) = days(sentence, &plain) {
        return said;
    }
    // Faces and arrows.
    let before_counts = sentence.before(at).contains(|c: char| c.is_ascii_digit());
    if !plain.contains(char::is_alphanumeric) && plain.chars().count() > 1 || (plain == "<3" && !before_counts) {
        return Vec::new();
    }
    if plain == "n" && sentence.tokens[at].lead.ends_with(['\'', '’', '‘']) {
        return words(tongue.and());
    }
    let mut chars = plain.chars();
    if let (Some(sign), None) = (chars.next(), chars.next()) {
        return single(sentence, at, sign);
    }
    mixed(sentence, &plain)
}

/// "Mon-Fri", "Jan.-Mar."
fn days(sentence: &Sentence, core: &str) -> Option<Vec<Sayable>> {
    let (from, to) = core.split_once(['-', '–'])?;
    let full = |part: &str| sentence.tongue.abbreviation(&format!("{}.", part.trim_end_matches('.')));
    let named = |full: &str| full.ends_with("day") || sentence.tongue.month(full).is_some();
    let (from, to) = (full(from).filter(|f| named(f))?, full(to).filter(|t| named(t))?);
    Some(words(&format!("{from} {} {to}", sentence.tongue.to())))
}

/// "VIII" behind "Henry".
fn behind_name(sentence: &Sentence, at: usize) -> Option<String> {
    let before = match at.checked_sub(1).and_then(|b| sentence.tokens.get(b)) {
        Some(token) if token.trail == "." && sentence.tongue.counts(&token.core) => token.core.as_str(),
        _ => sentence.before(at),
    };
    let ordinal = sentence.tongue.roman_behind(before)?;
    let core = sentence.core(at);
    let (numeral, owner) = match core.strip_suffix("'s").or_else(|| core.strip_suffix("’s")) {
        Some(numeral) => (numeral, "'s"),
        None => (core, ""),
    };
    let n = roman(numeral)?;
    // "Part C" and "Mark D." are letters.
    if numeral.len() == 1 && matches!(numeral, "C" | "D" | "M" | "L")
        || (ordinal && numeral == "I" && sentence.next(at).starts_with(char::is_lowercase) && before == "Mary")
    {
        return None;
    }
    let said = if ordinal {
        sentence.tongue.roman_ordinal(n)
    } else {
        sentence.tongue.cardinal(n, false)
    };
    Some(said + owner)
}

/// The value of a well-formed Roman numeral in capitals, up to 3999.
pub fn roman(text: &str) -> Option<u64> {
    const STEPS: [(&str, u64); 13] = [
        ("M", 1000),
        ("CM", 900),
        ("D", 500),
        ("CD", 400),
        ("C", 100),
        ("XC", 90),
        ("L", 50),
        ("XL", 40),
        ("X", 10),
        ("IX", 9),
        ("V", 5),
        ("IV", 4),
        ("I", 1),
    ];
    if text.is_empty() || text.len() > 15 {
        return None;
    }
    let (mut rest, mut value) = (text, 0);
    for (sign, step) in STEPS {
        let mut times = 0;
        while let Some(tail) = rest.strip_prefix(sign) {
            rest = tail;
            value += step;
            times += 1;
        }
        let most = if sign.len() == 2 || matches!(step, 5 | 50 | 500) { 1 } else { 3 };
        if times > most {
            return None;
        }
    }
    rest.is_empty().then_some(value)
}

/// Letters of "U.S" and "Ph.D".
fn initials(core: &str) -> Option<String> {
    let parts: Vec<&str> = core.split('.').collect();
    let short = |p: &&str| matches!(p.chars().count(), 1..=2) && p.chars().all(char::is_alphabetic);
    let capitals = core.chars().any(char::is_uppercase) || parts.iter().all(|p| p.chars().count() == 1);
    (parts.len() > 1 && parts.iter().all(short) && capitals).then(|| parts.concat().to_uppercase())
}

/// A letter, digit or sign that stands alone.
fn single(sentence: &Sentence, at: usize, sign: char) -> Vec<Sayable> {
    if sign.is_alphabetic() {
        let initial = sign.is_uppercase() && sentence.tokens[at].trail.starts_with('.') && at + 1 < sentence.tokens.len();
        return if initial {
            letters(sentence, &sign.to_string())
        } else {
            vec![alone(sentence, sign)]
        };
    }
    let numbers = |w: &str| w.starts_with(|c: char| c.is_ascii_digit() || "-$€£".contains(c)) || w.chars().count() == 1;
    match sign {
        '<' | '>' | '-' | '–' | '*' | '/' | '^' | '~' if !(numbers(sentence.before(at)) && numbers(sentence.next(at))) => Vec::new(),
        _ => words(sentence.tongue.sign(sign).unwrap_or_default()),
    }
}

/// A letter that is a word or a name: "I", "plan B".
fn alone(sentence: &Sentence, letter: char) -> Sayable {
    let words = sentence.tongue.is_word(letter);
    match sentence.tongue.letter(letter).filter(|_| !words) {
        Some(name) => Sayable::Word(name.into()),
        None => Sayable::Word(letter.to_string()),
    }
}

/// Letters by their names, in one stretch.
pub fn letters(sentence: &Sentence, text: &str) -> Vec<Sayable> {
    let mut said = Vec::new();
    let mut stretch = String::new();
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        match sentence.tongue.letter(c) {
            Some(name) => said.extend(words(name)),
            None => stretch.extend(c.to_uppercase()),
        }
    }
    if !stretch.is_empty() {
        said.push(Sayable::Letters(stretch));
    }
    said
}

/// Every letter, digit and sign by its name.
pub fn spelled(sentence: &Sentence, text: &str) -> Vec<Sayable> {
    let mut said = Vec::new();
    for c in text.chars() {
        if c.is_alphabetic() {
            said.extend(letters(sentence, &c.to_string()));
        } else if c.is_ascii_digit() {
            said.extend(words(&digits(&c.to_string(), sentence.tongue)));
        } else {
            said.extend(words(sentence.tongue.sign(c).unwrap_or_default()));
        }
    }
    said
}

/// Whether letters can be said as a word: they have a vowel.
pub fn pronounceable(text: &str) -> bool {
    text.chars().any(|c| !c.is_ascii() || "aeiouyAEIOUY".contains(c))
}

/// Runs of letters, cut at humps, and of digits.
pub fn runs(text: &str) -> Vec<&str> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut runs = Vec::new();
    let mut start = None;
    for (i, (at, c)) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map(|b| chars[b].1);
        let after = chars.get(i + 1).map(|(_, c)| *c);
        let hump = c.is_uppercase()
            && (before.is_some_and(char::is_lowercase)
                || (before.is_some_and(char::is_uppercase) && after.is_some_and(char::is_lowercase)));
        let turns = before.is_some_and(|b| b.is_ascii_digit() != c.is_ascii_digit());
        if !c.is_alphanumeric() || hump || turns {
            runs.extend(start.take().map(|s: usize| &text[s..*at]));
        }
        if c.is_alphanumeric() && start.is_none() {
            start = Some(*at);
        }
    }
    runs.extend(start.map(|s| &text[s..]));
    runs.retain(|r| !r.is_empty());
    runs
}

/// Digits beside letters: "B2B", "A380", "iPhone 15".
pub fn digit_run(sentence: &Sentence, run: &str) -> Vec<Sayable> {
    let tongue = sentence.tongue;
    let n: u64 = run.parse().unwrap_or_default();
    let english = sentence.language.is_english();
    words(&match run.len() {
        _ if run.len() > 1 && run.starts_with('0') => digits(run, tongue),
        1..=2 => tongue.cardinal(n, false),
        3 if english && !n.is_multiple_of(100) => {
            let (high, low) = (tongue.cardinal(n / 100, false), n % 100);
            if low < 10 {
                format!("{high} oh {}", tongue.cardinal(low, false))
            } else {
                format!("{high} {}", tongue.cardinal(low, false))
            }
        }
        4 if english => tongue.year(n as u32),
        3..=4 => tongue.cardinal(n, false),
        _ => digits(run, tongue),
    })
}

/// Letters, digits and signs together; a plain word is the simplest case.
fn mixed(sentence: &Sentence, core: &str) -> Vec<Sayable> {
    let tongue = sentence.tongue;
    let is_word = |c: char| c.is_alphabetic() || c == '\'' || is_mark(c);
    if core.chars().all(|c| is_word(c) || c == '-') {
        return hyphened(sentence, core);
    }
    let mut said = Vec::new();
    let mut rest = core;
    while let Some(c) = rest.chars().next() {
        let end = if c.is_ascii_digit() {
            rest.find(|c: char| !c.is_ascii_digit() && !".,".contains(c)).unwrap_or(rest.len())
        } else if is_word(c) {
            rest.find(|c: char| !is_word(c)).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        let (mut run, mut tail) = rest.split_at(end);
        if c.is_ascii_digit() {
            let trimmed = run.trim_end_matches(['.', ',']);
            tail = &rest[trimmed.len()..];
            run = trimmed;
            let whole = run.bytes().all(|b| b.is_ascii_digit());
            let beside = said.is_empty() && tail.is_empty();
            match Number::read(run, tongue) {
                Some(number) if !whole || beside => said.extend(words(&number.say(tongue, false))),
                _ => said.extend(digit_run(sentence, run)),
            }
        } else if is_word(c) {
            let between = !said.is_empty() && tail.starts_with(|c: char| c.is_ascii_digit());
            if between && matches!(run, "x" | "X") {
                said.extend(words(tongue.by()));
            } else {
                said.extend(lettered(sentence, run, core));
            }
        } else {
            said.extend(words(between(sentence, c, core, rest)));
        }
        rest = tail;
    }
    said
}

/// What is said of a sign inside a word.
fn between(sentence: &Sentence, sign: char, core: &str, rest: &str) -> &'static str {
    let tongue = sentence.tongue;
    let arithmetic = core.chars().any(|c| "=<>×÷^±≤≥≠≈√".contains(c));
    let last = rest.len() == sign.len_utf8();
    match sign {
        '#' if rest.len() == core.len() && !last => tongue.sign(sign).unwrap_or_default(),
        '#' if last && core.chars().count() <= 2 => "sharp",
        '&' | '+' | '=' | '@' | '%' | '~' | '§' | '²' | '³' | '×' | '÷' | '±' | '≤' | '≥' | '≠' | '≈' | '√' | '$' | '€' | '£' | '°' => {
            tongue.sign(sign).unwrap_or_default()
        }
        '<' | '>' | '^' => tongue.sign(sign).unwrap_or_default(),
        '-' | '*' | '/' if arithmetic => tongue.sign(sign).unwrap_or_default(),
        '.' if !last && rest[1..].starts_with(|c: char| c.is_ascii_digit()) => tongue.sign(sign).unwrap_or_default(),
        _ => "",
    }
}

/// Letters with digits or signs beside them: short ones in capitals are initials.
fn lettered(sentence: &Sentence, run: &str, core: &str) -> Vec<Sayable> {
    let count = run.chars().count();
    let capitals = run.chars().all(char::is_uppercase);
    let digits = core.chars().any(|c| c.is_ascii_digit() || c == '&');
    if run.trim_matches('\'').is_empty() {
        return Vec::new();
    }
    if count == 1 || (capitals && count <= 3 && (digits || !pronounceable(run))) || (!pronounceable(run) && count <= 4) {
        return letters(sentence, run);
    }
    hyphened(sentence, run)
}

/// Letters, apostrophes and hyphens.
fn hyphened(sentence: &Sentence, core: &str) -> Vec<Sayable> {
    let core = core.trim_matches('-');
    // What is joined by hyphens is said as one in these: "well-known", "a-t-il".
    let (english, french) = (sentence.language.is_english(), sentence.language == Language::French);
    let parts: Vec<&str> = core.split('-').filter(|p| !p.trim_matches('\'').is_empty()).collect();
    let whole = (english || french)
        && parts
            .iter()
            .all(|p| p.chars().skip(1).all(|c| !c.is_uppercase()) && (french || p.chars().count() > 1));
    if whole && parts.len() > 1 && parts.len() < 5 && parts.iter().map(|p| p.len()).sum::<usize>() < 40 {
        return vec![Sayable::Word(parts.join("-"))];
    }
    parts.into_iter().flat_map(|part| initialism(sentence, part)).collect()
}

/// A word, or the letters of one in capitals that is not read as a word.
fn initialism(sentence: &Sentence, part: &str) -> Vec<Sayable> {
    let tongue = sentence.tongue;
    let word = || vec![Sayable::Word(part.to_owned())];
    let (stem, ending) = match part.strip_suffix("'s") {
        Some(stem) => (stem, "s"),
        None => match part.strip_suffix('s').filter(|stem| stem.chars().count() > 1) {
            Some(stem) => (stem, "s"),
            None => (part, ""),
        },
    };
    let capitals = |t: &str| t.chars().count() > 1 && t.chars().all(char::is_uppercase);
    let (stem, ending) = if capitals(part) { (part, "") } else { (stem, ending) };
    if sentence.shouted {
        return vec![Sayable::Word(part.to_lowercase())];
    }
    if !capitals(stem) {
        return word();
    }
    let spells = tongue.spells(stem);
    let spells = match (spells, sentence.language.is_english()) {
        (Some(spells), _) => spells,
        // The lexicon knows more capitals than we do.
        (None, true) => return word(),
        (None, false) => stem.chars().count() <= 3 && !tongue.is_common(&stem.to_lowercase()) || !pronounceable(stem),
    };
    if !spells {
        return vec![Sayable::Word(stem.to_lowercase() + if ending.is_empty() { "" } else { "'s" })];
    }
    let mut said = letters(sentence, stem);
    if let (Some(Sayable::Letters(text)), "s") = (said.last_mut(), ending) {
        text.push_str("'s");
    }
    said
}

fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}
