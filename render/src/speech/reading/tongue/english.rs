//! English as it is read.

mod words;

use super::{Clock, Date, Money, Tongue};

pub struct English {
    pub british: bool,
}

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [(u64, &str); 4] = [
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl English {
    fn below_thousand(&self, n: u64) -> String {
        let mut words = Vec::new();
        if n >= 100 {
            words.push(format!("{} hundred", ONES[(n / 100) as usize]));
        }
        let rest = n % 100;
        if rest > 0 && n >= 100 && self.british {
            words.push("and".into());
        }
        if rest >= 20 {
            let (tens, one) = (TENS[(rest / 10) as usize], rest % 10);
            words.push(if one == 0 {
                tens.into()
            } else {
                format!("{tens}-{}", ONES[one as usize])
            });
        } else if rest > 0 || n == 0 {
            words.push(ONES[rest as usize].into());
        }
        words.join(" ")
    }
}

impl Tongue for English {
    fn decimal_sign(&self) -> char {
        '.'
    }

    fn cardinal(&self, n: u64, _feminine: bool) -> String {
        let mut words = Vec::new();
        let mut rest = n;
        for (scale, name) in SCALES {
            if rest >= scale {
                words.push(format!("{} {name}", self.cardinal(rest / scale, false)));
                rest %= scale;
            }
        }
        if rest > 0 || n == 0 {
            if self.british && !words.is_empty() && rest < 100 {
                words.push("and".into());
            }
            words.push(self.below_thousand(rest));
        }
        words.join(" ")
    }

    fn ordinal(&self, n: u64, _feminine: bool) -> String {
        let cardinal = self.cardinal(n, false);
        let (head, last) = match cardinal.rfind([' ', '-']) {
            Some(at) => cardinal.split_at(at + 1),
            None => ("", cardinal.as_str()),
        };
        let last = match last {
            "one" => "first".into(),
            "two" => "second".into(),
            "three" => "third".into(),
            "five" => "fifth".into(),
            "eight" => "eighth".into(),
            "nine" => "ninth".into(),
            "twelve" => "twelfth".into(),
            _ => match last.strip_suffix('y') {
                Some(stem) => format!("{stem}ieth"),
                None => format!("{last}th"),
            },
        };
        format!("{head}{last}")
    }

    fn ordinal_ending(&self, ending: &str) -> Option<bool> {
        matches!(ending.to_ascii_lowercase().as_str(), "st" | "nd" | "rd" | "th").then_some(false)
    }

    fn year(&self, n: u32) -> String {
        let (high, low) = (u64::from(n / 100), u64::from(n % 100));
        if !(1000..=9999).contains(&n) || (high % 10 == 0 && low < 10) {
            return self.cardinal(n.into(), false);
        }
        let low = match low {
            0 => "hundred".into(),
            1..=9 => format!("oh {}", ONES[low as usize]),
            _ => self.cardinal(low, false),
        };
        format!("{} {low}", self.cardinal(high, false))
    }

    fn decade(&self, n: u32) -> Option<String> {
        let (high, low) = (u64::from(n / 100), n % 100);
        let tens = match low {
            0 if high % 10 == 0 && high > 0 => return Some(format!("{}s", self.cardinal(n.into(), false))),
            0 => "hundreds".into(),
            10 => "tens".into(),
            _ if low % 10 == 0 => TENS[(low / 10) as usize].strip_suffix('y').map(|t| format!("{t}ies"))?,
            _ => return None,
        };
        Some(if high == 0 {
            tens
        } else {
            format!("{} {tens}", self.cardinal(high, false))
        })
    }

    fn decimals(&self, digits: &str) -> String {
        format!("point {}", super::number::digits(digits, self))
    }

    fn fraction(&self, numerator: u64, denominator: u64) -> String {
        let top = self.cardinal(numerator, false);
        let (one, many) = match denominator {
            2 => ("half".into(), "halves".into()),
            4 => ("quarter".into(), "quarters".into()),
            100.. => return format!("{top} over {}", self.cardinal(denominator, false)),
            _ => {
                let one = self.ordinal(denominator, false);
                (one.clone(), format!("{one}s"))
            }
        };
        format!("{top} {}", if numerator == 1 { one } else { many })
    }

    fn minus(&self) -> &'static str {
        "minus"
    }

    fn to(&self) -> &'static str {
        "to"
    }

    fn and(&self) -> &'static str {
        "and"
    }

    fn by(&self) -> &'static str {
        "by"
    }

    fn money(&self, sign: &str) -> Option<Money> {
        words::money(sign)
    }

    fn scale(&self, word: &str) -> Option<&'static str> {
        let known = ["hundred", "thousand", "million", "billion", "trillion", "quadrillion", "dozen"];
        known.into_iter().find(|k| word.eq_ignore_ascii_case(k)).or(match word {
            "bn" => Some("billion"),
            "mn" => Some("million"),
            "tn" => Some("trillion"),
            _ => None,
        })
    }

    fn short_scale(&self, sign: &str) -> Option<(&'static str, &'static str)> {
        let name = match sign {
            "k" | "K" => "thousand",
            "m" | "M" | "mn" | "MM" => "million",
            "b" | "B" | "bn" => "billion",
            "t" | "T" | "tn" => "trillion",
            _ => return None,
        };
        Some((name, name))
    }

    fn unit(&self, sign: &str) -> Option<(&'static str, &'static str)> {
        words::unit(sign)
    }

    fn month(&self, name: &str) -> Option<u32> {
        let name = name.trim_end_matches('.');
        let short = |m: &str| name.len() == 3 && m.starts_with(name) || (name == "Sept" && m == "September");
        MONTHS.iter().position(|m| *m == name || short(m)).map(|i| i as u32 + 1)
    }

    fn date(&self, date: Date) -> String {
        let month = MONTHS[(date.month as usize + 11) % 12];
        let mut said = match date.day {
            Some(day) if self.british => format!("the {} of {month}", self.ordinal(day.into(), false)),
            Some(day) => format!("{month} {}", self.ordinal(day.into(), false)),
            None => month.into(),
        };
        if let Some(year) = date.year {
            let pause = if date.day.is_some() { "," } else { "" };
            said = format!("{said}{pause} {}", self.year(year));
        }
        said
    }

    fn month_first(&self) -> bool {
        !self.british
    }

    fn clock(&self, clock: Clock) -> String {
        let mut said = self.cardinal(clock.hour.into(), false);
        match clock.minute {
            0 if clock.halves || clock.second.is_some() => {}
            0 if (1..=12).contains(&clock.hour) => said += " o'clock",
            0 => said += " hundred",
            minute @ 1..=9 => said += &format!(" oh {}", ONES[minute as usize]),
            minute => said = format!("{said} {}", self.cardinal(minute.into(), false)),
        }
        if let Some(second) = clock.second {
            let unit = if second == 1 { "second" } else { "seconds" };
            said = format!("{said} and {} {unit}", self.cardinal(second.into(), false));
        }
        said
    }

    fn half(&self, afternoon: bool) -> &'static str {
        if afternoon { "PM" } else { "AM" }
    }

    fn letter(&self, _letter: char) -> Option<&'static str> {
        None
    }

    fn sign(&self, sign: char) -> Option<&'static str> {
        Some(match sign {
            '&' => "and",
            '+' => "plus",
            '=' => "equals",
            '<' => "is less than",
            '>' => "is greater than",
            '≤' => "is at most",
            '≥' => "is at least",
            '≠' => "is not equal to",
            '≈' => "is about",
            '~' => "about",
            '±' => "plus or minus",
            '×' | '*' => "times",
            '÷' => "divided by",
            '-' | '\u{2212}' | '–' => "minus",
            '/' => "slash",
            '%' => "percent",
            '@' => "at",
            '#' => "number",
            '$' => "dollar",
            '€' => "euro",
            '£' => "pound",
            '§' => "section",
            '°' => "degrees",
            '√' => "the square root of",
            '²' => "squared",
            '³' => "cubed",
            '∞' => "infinity",
            '^' => "to the power of",
            '→' => "to",
            '.' => "point",
            '_' => "underscore",
            ':' => "colon",
            ',' => "comma",
            ';' => "semicolon",
            '!' => "exclamation mark",
            '?' => "question mark",
            '(' => "open parenthesis",
            ')' => "close parenthesis",
            '"' => "quote",
            '\'' => "apostrophe",
            '\\' => "backslash",
            '|' => "pipe",
            _ => return None,
        })
    }

    fn address_sign(&self, sign: char) -> Option<&'static str> {
        Some(match sign {
            '.' => "dot",
            '@' => "at",
            '/' => "slash",
            '-' => "dash",
            '_' => "underscore",
            ':' => "colon",
            '?' => "question mark",
            '&' => "and",
            '=' => "equals",
            '#' => "hash",
            '+' => "plus",
            '~' => "tilde",
            '%' => "percent",
            _ => return None,
        })
    }

    fn abbreviation(&self, word: &str) -> Option<&'static str> {
        words::abbreviation(word)
    }

    fn is_word_too(&self, word: &str) -> bool {
        words::is_word_too(word)
    }

    fn ambiguous(&self, word: &str, before: bool, behind: bool) -> Option<&'static str> {
        match (word, before, behind) {
            ("v.", true, true) => Some("versus"),
            ("St." | "St", _, true) => Some("Saint"),
            ("St." | "St", ..) => Some("Street"),
            ("Dr." | "Dr", true, false) => Some("Drive"),
            ("Ft." | "Ft", _, false) => Some("feet"),
            _ => None,
        }
    }

    fn is_title(&self, word: &str) -> bool {
        words::is_title(word)
    }

    fn counts(&self, word: &str) -> bool {
        words::counts(word)
    }

    fn is_name_part(&self, word: &str) -> bool {
        words::is_name_part(word)
    }

    fn starts_sentence(&self, word: &str) -> bool {
        words::starts_sentence(word)
    }

    fn spells(&self, word: &str) -> Option<bool> {
        words::spells(word)
    }

    fn roman_behind(&self, word: &str) -> Option<bool> {
        words::roman_behind(word)
    }

    fn roman_ordinal(&self, n: u64) -> String {
        format!("the {}", self.ordinal(n, false))
    }
}
