//! Numbers with what they count: money, units, percentages, ranges, fractions.

use super::{Readings, Sentence, one, words};
use crate::speech::reading::tongue::{Money, Number};

const MONEY_SIGNS: [&str; 14] = ["US$", "CA$", "AU$", "C$", "A$", "R$", "$", "€", "£", "¥", "₹", "₩", "₽", "₿"];

/// Number in front, the rest behind.
fn leading_number(text: &str) -> Option<(&str, &str)> {
    let start = text.strip_prefix(['-', '+', '\u{2212}']).map_or(0, |rest| text.len() - rest.len());
    let end = text[start..]
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',' | '\u{a0}' | '\u{202f}'))
        .map_or(text.len(), |i| i + start);
    let number = text[..end].trim_end_matches(['.', ',', '\u{a0}', '\u{202f}']);
    number
        .contains(|c: char| c.is_ascii_digit())
        .then(|| (number, &text[number.len()..]))
}

/// "$5", "5 €", "USD 5", "$5 million", "$5k", "$1.50", "$5-10".
pub fn money(sentence: &Sentence, at: usize) -> Option<Readings> {
    let core = sentence.core(at);
    let (negative, bare) = match core.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, core),
    };
    let tongue = sentence.tongue;
    let counts = bare.contains(|c: char| c.is_ascii_digit());
    if let Some(sign) = MONEY_SIGNS.into_iter().find(|s| bare.starts_with(s) && counts) {
        let money = tongue.money(sign)?;
        return amount(sentence, at, &bare[sign.len()..], &money, negative, 1);
    }
    if let Some(sign) = MONEY_SIGNS.into_iter().find(|s| bare.ends_with(s) && counts) {
        let money = tongue.money(sign)?;
        return amount(sentence, at, bare[..bare.len() - sign.len()].trim_end(), &money, negative, 1);
    }
    let is_number = core.starts_with(|c: char| c.is_ascii_digit() || "-\u{2212}".contains(c));
    if is_number && let Some(money) = tongue.money(&next_sign(sentence, at)) {
        return amount(sentence, at, bare, &money, negative, 2);
    }
    // "USD 5" and "€ 5": the sign's token says nothing, which joins it to the number's.
    if let Some(money) = tongue.money(core)
        && sentence.next(at).starts_with(|c: char| c.is_ascii_digit())
    {
        let mut said = amount(sentence, at + 1, sentence.core(at + 1), &money, false, 1)?;
        let number = said.remove(0);
        said.insert(0, Vec::new());
        said.insert(0, number);
        return Some(said);
    }
    None
}

/// The next token's core, if it is a sign of money.
fn next_sign(sentence: &Sentence, at: usize) -> String {
    let next = sentence.next(at);
    if MONEY_SIGNS.contains(&next) || (next.len() == 3 && next.chars().all(|c| c.is_ascii_uppercase())) {
        next.into()
    } else {
        String::new()
    }
}

/// `tokens`: how many of them the sign and the number are.
fn amount(sentence: &Sentence, at: usize, text: &str, money: &Money, negative: bool, tokens: usize) -> Option<Readings> {
    let tongue = sentence.tongue;
    let minus = if negative { format!("{} ", tongue.minus()) } else { String::new() };
    let (number, rest) = leading_number(text)?;
    let number = Number::read(number, tongue)?;
    let mut empty = vec![Vec::new(); tokens - 1];
    let unit = |of: &str| match tongue.of_money() {
        "" => of.to_owned(),
        link => format!("{link} {of}"),
    };
    if let Some((scale, scales)) = tongue.short_scale(rest) {
        let scale = if number.is_one() { scale } else { scales };
        let said = format!("{minus}{} {scale} {}", number.say(tongue, false), unit(money.many));
        empty.insert(0, words(&said));
        return Some(empty);
    }
    if let Some(end) = rest.strip_prefix(['-', '–']) {
        let end = MONEY_SIGNS.into_iter().find_map(|s| end.strip_prefix(s)).unwrap_or(end);
        let (end, scale) = leading_number(end)?;
        let end = Number::read(end, tongue)?;
        let mut said = format!(
            "{} {} {}",
            number.say(tongue, money.feminine),
            tongue.to(),
            end.say(tongue, money.feminine)
        );
        if let Some((_, scales)) = tongue.short_scale(scale) {
            said = format!("{said} {scales}");
        } else if !scale.is_empty() {
            return None;
        }
        let next = sentence.next(at + tokens - 1);
        if let Some(scale) = tongue.scale(next) {
            let mut readings = vec![words(&said)];
            readings.append(&mut empty);
            readings.push(words(&format!("{scale} {}", unit(money.many))));
            return Some(readings);
        }
        empty.insert(0, words(&format!("{said} {}", money.many)));
        return Some(empty);
    }
    if !rest.is_empty() {
        return None;
    }
    if let Some(scale) = tongue.scale(sentence.next(at + tokens - 1)).filter(|_| tokens == 1) {
        let said = words(&format!("{minus}{}", number.counting(tongue, false)));
        return Some(vec![said, words(&format!("{scale} {}", unit(money.many)))]);
    }
    empty.insert(0, words(&format!("{minus}{}", coins(sentence, &number, money))));
    Some(empty)
}

/// "nine dollars and ninety-nine cents".
fn coins(sentence: &Sentence, number: &Number, money: &Money) -> String {
    let tongue = sentence.tongue;
    let cents = match number.decimals.as_deref() {
        Some(d) if d.len() == 2 && !money.cent.is_empty() => d.parse().ok(),
        Some("0") | None => Some(0),
        _ => None,
    };
    let Some(cents) = cents else {
        return format!("{} {}", number.counting(tongue, money.feminine), money.many);
    };
    let whole = Number {
        decimals: None,
        ..number.clone()
    };
    let small = Number::of(cents);
    let small = format!(
        "{} {}",
        small.counting(tongue, false),
        if cents == 1 { money.cent } else { money.cents }
    );
    let zero = whole.value() == Some(0);
    // "un millón de euros".
    let link = match (tongue.of_money(), whole.value()) {
        (link, Some(n)) if !link.is_empty() && n >= 1_000_000 && n % 1_000_000 == 0 => format!(" {link}"),
        _ => String::new(),
    };
    let unit = if whole.is_one() { money.one } else { money.many };
    let large = format!("{}{link} {unit}", whole.counting(tongue, money.feminine));
    match (zero, cents) {
        (_, 0) => large,
        (true, _) => small,
        (false, _) => format!("{large} {} {small}", tongue.and()),
    }
}

/// "1/2", "2 1/2", "½", "2½".
pub fn fraction(sentence: &Sentence, at: usize) -> Option<Readings> {
    let tongue = sentence.tongue;
    let core = sentence.core(at);
    let parts = |text: &str| -> Option<(u64, u64)> {
        let (top, bottom) = text.split_once(['/', '⁄'])?;
        let number = |t: &str| (!t.is_empty() && t.len() <= 3 && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse().ok())?;
        let (top, bottom): (u64, u64) = (number(top)?, number(bottom)?);
        // "9/11" and "24/7" are no fractions.
        let usual = matches!(bottom, 2..=10 | 12 | 16 | 20 | 32 | 64 | 100);
        (top > 0 && usual && (top < bottom || bottom <= 4)).then_some((top, bottom))
    };
    let vulgar = |c: char| -> Option<(u64, u64)> {
        Some(match c {
            '½' => (1, 2),
            '⅓' => (1, 3),
            '⅔' => (2, 3),
            '¼' => (1, 4),
            '¾' => (3, 4),
            '⅕' => (1, 5),
            '⅛' => (1, 8),
            '⅜' => (3, 8),
            '⅝' => (5, 8),
            '⅞' => (7, 8),
            _ => return None,
        })
    };
    if let Some((top, bottom)) = parts(core) {
        let said = tongue.fraction(top, bottom);
        // Behind a whole number it is added to that.
        let whole = sentence.before(at);
        let mixed = !whole.is_empty() && whole.len() <= 3 && whole.bytes().all(|b| b.is_ascii_digit()) && top < bottom;
        return one(&if mixed {
            format!("{} {}", tongue.and(), mixed_part(&said))
        } else {
            said
        });
    }
    let last = core.chars().next_back()?;
    let (top, bottom) = vulgar(last)?;
    let said = tongue.fraction(top, bottom);
    let whole = &core[..core.len() - last.len_utf8()];
    if whole.is_empty() {
        let mixed = sentence.before(at).bytes().all(|b| b.is_ascii_digit()) && !sentence.before(at).is_empty();
        return one(&if mixed {
            format!("{} {}", tongue.and(), mixed_part(&said))
        } else {
            said
        });
    }
    let whole = Number::read(whole, tongue)?.say(tongue, false);
    one(&format!("{whole} {} {}", tongue.and(), mixed_part(&said)))
}

/// "and a half".
fn mixed_part(said: &str) -> String {
    match said.strip_prefix("one ") {
        Some(part @ ("half" | "quarter")) => format!("a {part}"),
        _ => said.into(),
    }
}

/// "10-20", "1990–1995", "10–20%", "5-10 km".
pub fn range(sentence: &Sentence, at: usize) -> Option<Readings> {
    let tongue = sentence.tongue;
    let core = sentence.core(at);
    // "16:9"; times have been read before.
    if let Some((a, b)) = core.split_once(':') {
        let number = |t: &str| (matches!(t.len(), 1..=3) && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse().ok())?;
        return one(&format!(
            "{} {} {}",
            tongue.cardinal(number(a)?, false),
            tongue.to(),
            tongue.cardinal(number(b)?, false)
        ));
    }
    let (from, to) = core.split_once(['-', '–', '—'])?;
    let plain = |t: &str| t.starts_with(|c: char| c.is_ascii_digit()) && t.ends_with(|c: char| c.is_ascii_digit());
    let (to, rest) = leading_number(to)?;
    if !plain(from) || !plain(to) {
        return None;
    }
    let (a, b) = (Number::read(from, tongue)?, Number::read(to, tongue)?);
    let is_year = |text: &str, n: &Number| text.len() == 4 && n.value().is_some_and(|v| (1100..2100).contains(&v));
    let say = |text: &str, n: &Number| match n.value() {
        Some(year) if rest.is_empty() && is_year(text, n) => tongue.year(year as u32),
        _ => n.say(tongue, false),
    };
    // "1914-18" counts on from the century.
    let second = if is_year(from, &a) && to.len() == 2 {
        tongue.cardinal(b.value()?, false)
    } else {
        say(to, &b)
    };
    let said = format!("{} {} {second}", say(from, &a), tongue.to());
    if rest.is_empty() {
        return one(&said);
    }
    if let Some((_, many)) = tongue.unit(rest) {
        return one(&format!("{said} {many}"));
    }
    let (_, scales) = tongue.short_scale(rest)?;
    one(&format!("{said} {scales}"))
}

/// "5 km", "5km", "50%", "20°C", "3x", "10K", "1st".
pub fn quantity(sentence: &Sentence, at: usize) -> Option<Readings> {
    let tongue = sentence.tongue;
    let core = sentence.core(at);
    let (text, rest) = leading_number(core)?;
    let number = Number::read(text, tongue)?;
    // 5'10"
    let feet = rest.strip_prefix(['\'', '’', '′']).filter(|_| sentence.language.is_english());
    if let Some(inches) = feet
        .map(|i| i.trim_end_matches('″'))
        .filter(|i| matches!(i.len(), 1..=2) && i.bytes().all(|b| b.is_ascii_digit()))
    {
        return one(&format!(
            "{} foot {}",
            number.say(tongue, false),
            tongue.cardinal(inches.parse().ok()?, false)
        ));
    }
    let rest = rest.trim_start();
    let name = |(singular, plural): (&'static str, &'static str)| if tongue.is_one(&number) { singular } else { plural };
    let count = |unit: &str| number.counting(tongue, tongue.is_feminine(unit));
    if rest.is_empty() {
        let next = sentence.next(at);
        if let Some(scale) = tongue.scale(next) {
            return Some(vec![words(&number.counting(tongue, false)), words(scale)]);
        }
        // A letter alone is hardly ever a unit of a year or of a list's number.
        let unit = tongue
            .unit(next)
            .filter(|_| next.chars().next().is_some_and(|c| c.is_alphabetic() || "%°‰".contains(c)) && next != "x");
        let unit = unit.filter(|_| !(next == "in" || next == "p" || next == "pt" || (next == "m" && sentence.shouted)));
        let unit = unit?;
        return Some(vec![words(&count(unit.0)), words(name(unit))]);
    }
    if let Some(feminine) = tongue.ordinal_ending(rest)
        && let (Some(n), None) = (number.value(), &number.decimals)
    {
        return one(&tongue.ordinal(n, feminine));
    }
    let long = rest.strip_prefix('-').filter(|r| !r.is_empty());
    if let Some(unit) = tongue.unit(rest) {
        return one(&format!("{} {}", count(unit.0), name(unit)));
    }
    // "10-km run": the unit stays single.
    if let Some((singular, _)) = long.and_then(|r| tongue.unit(r)) {
        return one(&format!("{} {singular}", count(singular)));
    }
    let (scale, scales) = tongue.short_scale(rest)?;
    // "4K", "50K": people say the letter.
    if rest == "K" && sentence.language.is_english() {
        let mut said = words(&number.say(tongue, false));
        said.push(super::Sayable::Letters(rest.into()));
        return Some(vec![said]);
    }
    one(&format!(
        "{} {}",
        number.counting(tongue, false),
        if number.is_one() { scale } else { scales }
    ))
}

/// A number that nothing else claimed.
pub fn number(sentence: &Sentence, at: usize) -> Option<Readings> {
    let core = sentence.core(at);
    let number = Number::read(core, sentence.tongue)?;
    let plus = if core.starts_with('+') {
        sentence.tongue.sign('+').unwrap_or_default()
    } else {
        ""
    };
    // In front of a noun: "veintiún años", "duas casas".
    let next = sentence.next(at);
    let counts = !sentence.language.is_english()
        && next.chars().nth(2).is_some()
        && next.chars().all(char::is_lowercase)
        && !sentence.tongue.is_common(next);
    let feminine = sentence.language != crate::speech::Language::French && (next.ends_with('a') || next.ends_with("as"));
    let said = if counts {
        number.counting(sentence.tongue, feminine)
    } else {
        number.say(sentence.tongue, false)
    };
    one(&format!("{plus} {said}"))
}
