//! Dates, years and times of day.

use super::{Readings, Sentence, one, words};
use crate::speech::reading::Sayable;
use crate::speech::reading::tongue::{Clock, Date};
use crate::speech::script::DateOrder;

fn whole(text: &str, longest: usize) -> Option<u32> {
    (matches!(text.len(), 1..) && text.len() <= longest && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// "2024-05-03", "5/3/2024", "3.5.2024", "5/3/24".
pub fn numeric(sentence: &Sentence, at: usize) -> Option<Readings> {
    date(sentence, sentence.core(at), DateOrder::Usual).and_then(|said| one(&said))
}

/// A date of numbers, read in an order.
pub fn date(sentence: &Sentence, text: &str, order: DateOrder) -> Option<String> {
    let sign = text.chars().find(|c| "-/.".contains(*c))?;
    let parts: Vec<&str> = text.split(sign).collect();
    let [a, b, c] = parts[..] else { return None };
    let (x, y, z) = (whole(a, 4)?, whole(b, 2)?, whole(c, 4)?);
    let (day, month, year) = if a.len() == 4 && order != DateOrder::DayFirst && order != DateOrder::MonthFirst {
        (z, y, (x, 4))
    } else if order == DateOrder::YearFirst {
        (z, y, (x, a.len()))
    } else {
        if !matches!(c.len(), 2 | 4) || a.len() > 2 || (c.len() == 2 && sign != '/' && order == DateOrder::Usual) {
            return None;
        }
        let month_first = match order {
            DateOrder::DayFirst => false,
            DateOrder::MonthFirst => true,
            _ => sentence.tongue.month_first() && sign != '.',
        };
        let (mut month, mut day) = if month_first { (x, y) } else { (y, x) };
        if month > 12 {
            std::mem::swap(&mut month, &mut day);
        }
        (day, month, (z, c.len()))
    };
    let year = match year {
        (year, 4) => year,
        (year, _) => year + if year > 40 { 1900 } else { 2000 },
    };
    let valid = (1..=12).contains(&month) && (1..=31).contains(&day) && year > 0;
    valid.then(|| {
        sentence.tongue.date(Date {
            day: Some(day),
            month,
            year: Some(year),
        })
    })
}

/// A day of a month: "5", "5th", "05".
fn day(sentence: &Sentence, text: &str) -> Option<u32> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let ending = &text[digits.len()..];
    let day = whole(digits, 2).filter(|d| (1..=31).contains(d))?;
    (ending.is_empty() || sentence.tongue.ordinal_ending(ending).is_some()).then_some(day)
}

/// "May 5, 2024", "5 May 2024", "May 2024", "Jan. 5": each token says its part of the date.
pub fn named(sentence: &Sentence, at: usize) -> Option<Readings> {
    let tongue = sentence.tongue;
    let core = sentence.core(at);
    let dot_apart = |i: usize| sentence.tokens.get(i).is_some_and(|t| matches!(t.trail.as_str(), "" | "."));
    let pure = |i: usize| sentence.tokens.get(i).is_some_and(|t| t.lead.is_empty() && t.said.is_none());
    if !sentence.language.is_english() {
        return None;
    }
    if let Some(month) = tongue.month(core) {
        if !dot_apart(at) || !pure(at + 1) {
            return None;
        }
        let date = |day, year| tongue.date(Date { day, month, year });
        let name = date(None, None);
        let next = sentence.core(at + 1);
        if let Some(day) = day(sentence, next) {
            // "March 5:30" is a time, "May 5 million" a count.
            if tongue.scale(sentence.next(at + 1)).is_some() || tongue.unit(sentence.next(at + 1)).is_some() {
                return None;
            }
            let ordinal = tongue.ordinal(day.into(), false);
            let ordinal = if sentence.language == crate::speech::Language::BritishEnglish {
                format!("the {ordinal}")
            } else {
                ordinal
            };
            return Some(vec![words(&name), words(&ordinal)]);
        }
        let year = whole(next, 4).filter(|y| (1000..2200).contains(y))?;
        return Some(vec![words(&name), words(&tongue.year(year))]);
    }
    let day = day(sentence, core)?;
    let of = sentence.next(at) == "of";
    let month = tongue.month(sentence.core(at + 1 + usize::from(of)))?;
    if !sentence.tokens[at].trail.is_empty() || !pure(at + 1) || sentence.core(at + 1) == "may" {
        return None;
    }
    let ordinal = tongue.ordinal(day.into(), false);
    let the = if sentence.before(at).eq_ignore_ascii_case("the") {
        ""
    } else {
        "the "
    };
    let name = tongue.date(Date {
        day: None,
        month,
        year: None,
    });
    let mut said = vec![words(&format!("{the}{ordinal}"))];
    if of {
        said.push(words("of"));
        said.push(words(&name));
    } else {
        said.push(words(&format!("of {name}")));
    }
    Some(said)
}

/// "1999", read as a year where it may be one.
pub fn year(sentence: &Sentence, at: usize) -> Option<Readings> {
    let core = sentence.core(at);
    let text = core.strip_suffix("'s").or_else(|| core.strip_suffix("’s"));
    let year = whole(text.unwrap_or(core), 4).filter(|y| core.len() >= 4 && (1100..2100).contains(y))?;
    let said = sentence.tongue.year(year);
    one(&if text.is_some() { format!("{said}'s") } else { said })
}

/// "1990s", "'90s", "80s".
pub fn decade(sentence: &Sentence, at: usize) -> Option<Readings> {
    let core = sentence.core(at);
    let digits = core
        .strip_suffix("'s")
        .or_else(|| core.strip_suffix("’s"))
        .or_else(|| core.strip_suffix('s'))?;
    let digits = digits.strip_prefix(['\'', '’']).unwrap_or(digits);
    if !matches!(digits.len(), 2 | 4) || !digits.ends_with('0') {
        return None;
    }
    one(&sentence.tongue.decade(whole(digits, 4)?)?)
}

/// Which half of the day a token names.
fn half(text: &str) -> Option<bool> {
    match text.to_lowercase().trim_end_matches('.') {
        "am" | "a.m" => Some(false),
        "pm" | "p.m" => Some(true),
        _ => None,
    }
}

/// "5:30", "17:05:10", "5 p.m.", "5:30pm", "10h30".
pub fn time(sentence: &Sentence, at: usize) -> Option<Readings> {
    let core = sentence.core(at);
    // "9am-5pm", "9:00–17:00"
    if let Some((from, to)) = core.split_once(['-', '–'])
        && let (Some(from), Some(to)) = (moment(sentence, from), moment(sentence, to))
    {
        let mut said = from;
        said.extend(words(sentence.tongue.to()));
        said.extend(to);
        return Some(vec![said]);
    }
    let end = core.find(|c: char| c.is_alphabetic()).unwrap_or(core.len());
    let (digits, ending) = core.split_at(end);
    let next = sentence.next(at);
    let (half, apart) = match half(ending) {
        Some(half) => (Some(half), false),
        None if ending.is_empty() => (half(next), half(next).is_some()),
        None => (None, false),
    };
    if half.is_none() && !ending.is_empty() {
        return hour_minute(sentence, digits, ending);
    }
    let clock = clock(digits, half.is_some())?;
    let mut said = vec![words(&sentence.tongue.clock(clock))];
    if let Some(half) = half {
        let name = half_of_day(sentence, half);
        if apart {
            said.push(name);
        } else {
            said[0].extend(name);
        }
    }
    Some(said)
}

/// A time that is one token: "5pm", "17:00".
fn moment(sentence: &Sentence, text: &str) -> Option<Vec<Sayable>> {
    let end = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
    let (digits, ending) = text.split_at(end);
    let afternoon = half(ending);
    if afternoon.is_none() && !ending.is_empty() {
        return None;
    }
    let mut said = words(&sentence.tongue.clock(clock(digits, afternoon.is_some())?));
    said.extend(afternoon.map(|half| half_of_day(sentence, half)).unwrap_or_default());
    Some(said)
}

fn half_of_day(sentence: &Sentence, afternoon: bool) -> Vec<Sayable> {
    let name = sentence.tongue.half(afternoon);
    if name.chars().all(char::is_uppercase) {
        vec![Sayable::Letters(name.into())]
    } else {
        words(name)
    }
}

/// "10h30", "10h".
fn hour_minute(sentence: &Sentence, hour: &str, rest: &str) -> Option<Readings> {
    if sentence.language.is_english() {
        return None;
    }
    let minute = rest.strip_prefix('h')?;
    let clock = Clock {
        hour: whole(hour, 2).filter(|h| *h <= 24)?,
        minute: if minute.is_empty() {
            0
        } else {
            whole(minute, 2).filter(|m| *m < 60)?
        },
        second: None,
        halves: false,
    };
    one(&sentence.tongue.clock(clock))
}

/// A time in digits; a bare hour counts where a half of the day is named.
pub fn clock(text: &str, halves: bool) -> Option<Clock> {
    let text = text.trim_end();
    let parts: Vec<&str> = text.split([':', '.']).collect();
    let hour = whole(parts[0], 2).filter(|h| *h <= 24)?;
    let sixty = |t: &str| whole(t, 2).filter(|m| t.len() == 2 && *m < 60);
    let (minute, second) = match parts[1..] {
        [] if halves => (0, None),
        [minute] if text.contains(':') || halves => (sixty(minute)?, None),
        [minute, second] if text.contains(':') => (sixty(minute)?, Some(sixty(second)?)),
        _ => return None,
    };
    Some(Clock {
        hour,
        minute,
        second,
        halves,
    })
}
