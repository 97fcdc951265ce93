//! What Spanish, French, Italian and Portuguese have in common; each fills in its words.

use super::{Clock, Date, Money, Number, Tongue};

/// A Romance language's words.
pub struct Latin {
    pub cardinal: fn(u64, bool) -> String,
    /// A number in front of what it counts: "veintiún euros".
    pub counting: fn(u64, bool) -> String,
    /// First words of feminine units.
    pub feminine: &'static [&'static str],
    pub ordinal: fn(u64, bool) -> String,
    /// Endings of ordinals in digits, and whether they are feminine.
    pub endings: &'static [(&'static str, bool)],
    pub point: &'static str,
    /// Names of halves, thirds and quarters, one and many, and what others end in.
    pub halves: [(&'static str, &'static str); 3],
    pub minus: &'static str,
    pub to: &'static str,
    pub and: &'static str,
    pub of: &'static str,
    /// What joins a day and its month, and a month and its year.
    pub of_month: &'static str,
    pub of_year: &'static str,
    /// The first of a month.
    pub first: &'static str,
    pub months: [&'static str; 12],
    pub clock: fn(Clock, &Latin) -> String,
    pub halves_of_day: [&'static str; 2],
    pub money: &'static [(&'static str, Money)],
    /// Large numbers that are words of their own.
    pub scales: &'static [&'static str],
    pub short_scales: [(&'static str, &'static str); 3],
    pub units: &'static [(&'static str, &'static str, &'static str)],
    pub letters: [&'static str; 26],
    pub signs: &'static [(char, &'static str)],
    pub address: &'static [(char, &'static str)],
    pub abbreviations: &'static [(&'static str, &'static str)],
    pub titles: &'static [&'static str],
    pub counts: &'static [&'static str],
    pub starters: &'static [&'static str],
    pub word_letters: &'static str,
    pub common: &'static [&'static str],
    /// Words behind which a Roman numeral is a plain number, and names behind which it is an ordinal up to ten.
    pub numbered: &'static [&'static str],
    pub kings: &'static [&'static str],
    /// Whether numbers below two count as one: "1,5 litre".
    pub below_two: bool,
}

pub const fn money(one: &'static str, many: &'static str, cent: &'static str, cents: &'static str) -> Money {
    Money {
        one,
        many,
        cent,
        cents,
        feminine: false,
    }
}

fn find<V: Copy>(list: &[(&str, V)], key: &str) -> Option<V> {
    list.iter().find(|(k, _)| *k == key).map(|(_, v)| *v)
}

impl Tongue for Latin {
    fn decimal_sign(&self) -> char {
        ','
    }

    fn cardinal(&self, n: u64, feminine: bool) -> String {
        (self.cardinal)(n, feminine)
    }

    fn counting(&self, n: u64, feminine: bool) -> String {
        (self.counting)(n, feminine)
    }

    fn is_feminine(&self, unit: &str) -> bool {
        unit.split(' ').next().is_some_and(|first| self.feminine.contains(&first))
    }

    fn ordinal(&self, n: u64, feminine: bool) -> String {
        (self.ordinal)(n, feminine)
    }

    fn ordinal_ending(&self, ending: &str) -> Option<bool> {
        find(self.endings, &ending.to_lowercase())
    }

    fn decimals(&self, digits: &str) -> String {
        // Two digits are a number, longer ones are read one by one.
        let said = match digits.parse() {
            Ok(n) if digits.len() <= 2 && !digits.starts_with('0') => self.cardinal(n, false),
            _ => super::digits(digits, self),
        };
        format!("{} {said}", self.point)
    }

    fn fraction(&self, numerator: u64, denominator: u64) -> String {
        let top = self.counting(numerator, false);
        let (one, many) = match denominator {
            2..=4 => {
                let (one, many) = self.halves[denominator as usize - 2];
                (one.into(), many.into())
            }
            5..=10 => {
                let one = self.ordinal(denominator, false);
                let many = if one.ends_with('s') { one.clone() } else { plural(&one) };
                (one, many)
            }
            _ => return format!("{top} {} {}", self.sign('/').unwrap_or_default(), self.cardinal(denominator, false)),
        };
        format!("{top} {}", if numerator == 1 { one } else { many })
    }

    fn minus(&self) -> &'static str {
        self.minus
    }

    fn to(&self) -> &'static str {
        self.to
    }

    fn and(&self) -> &'static str {
        self.and
    }

    fn of_money(&self) -> &'static str {
        self.of
    }

    fn money(&self, sign: &str) -> Option<Money> {
        find(self.money, sign)
    }

    fn scale(&self, word: &str) -> Option<&'static str> {
        self.scales
            .iter()
            .find(|s| s.eq_ignore_ascii_case(word) || s.to_lowercase() == word.to_lowercase())
            .copied()
    }

    fn short_scale(&self, sign: &str) -> Option<(&'static str, &'static str)> {
        let [k, m, b] = self.short_scales;
        match sign {
            "k" | "K" => Some(k),
            "M" => Some(m),
            "B" => Some(b),
            _ => None,
        }
    }

    fn unit(&self, sign: &str) -> Option<(&'static str, &'static str)> {
        self.units.iter().find(|(s, ..)| *s == sign).map(|(_, one, many)| (*one, *many))
    }

    fn is_one(&self, number: &Number) -> bool {
        number.is_one() || (self.below_two && number.value().is_some_and(|v| v < 2))
    }

    fn month(&self, name: &str) -> Option<u32> {
        let name = name.to_lowercase();
        self.months.iter().position(|m| *m == name).map(|i| i as u32 + 1)
    }

    fn date(&self, date: Date) -> String {
        let month = self.months[(date.month as usize + 11) % 12];
        let mut said = match date.day {
            Some(1) if !self.first.is_empty() => format!("{} {} {month}", self.first, self.of_month),
            Some(day) => format!("{} {} {month}", self.cardinal(day.into(), false), self.of_month),
            None => month.into(),
        };
        if let Some(year) = date.year {
            said = format!("{said} {} {}", self.of_year, self.year(year));
        }
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn clock(&self, clock: Clock) -> String {
        (self.clock)(clock, self)
    }

    fn half(&self, afternoon: bool) -> &'static str {
        self.halves_of_day[usize::from(afternoon)]
    }

    fn letter(&self, letter: char) -> Option<&'static str> {
        let plain = match letter.to_lowercase().next()? {
            'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            'ç' => 'c',
            'ñ' => return Some("eñe"),
            plain => plain,
        };
        let at = (plain as usize).checked_sub('a' as usize)?;
        self.letters.get(at).copied()
    }

    fn sign(&self, sign: char) -> Option<&'static str> {
        self.signs.iter().find(|(s, _)| *s == sign).map(|(_, name)| *name)
    }

    fn address_sign(&self, sign: char) -> Option<&'static str> {
        self.address.iter().find(|(s, _)| *s == sign).map(|(_, name)| *name)
    }

    fn abbreviation(&self, word: &str) -> Option<&'static str> {
        find(self.abbreviations, word)
    }

    fn is_title(&self, word: &str) -> bool {
        self.titles.contains(&word)
    }

    fn counts(&self, word: &str) -> bool {
        self.counts.contains(&word)
    }

    fn starts_sentence(&self, word: &str) -> bool {
        self.starters.contains(&word)
    }

    fn spells(&self, word: &str) -> Option<bool> {
        const WORDS: [&str; 22] = [
            "OTAN", "NATO", "ONU", "NASA", "UNESCO", "UNICEF", "SIDA", "AIDS", "COVID", "OPEP", "FIFA", "UEFA", "RADAR", "LASER", "PIN",
            "SIM", "IVA", "PYME", "OVNI", "RENFE", "SNCF", "IKEA",
        ];
        WORDS.contains(&word).then_some(word == "SNCF")
    }

    fn is_word(&self, letter: char) -> bool {
        self.word_letters.contains(letter)
    }

    fn is_common(&self, word: &str) -> bool {
        self.common.contains(&word)
    }

    fn roman_behind(&self, word: &str) -> Option<bool> {
        if self.kings.contains(&word) {
            Some(true)
        } else {
            self.numbered.contains(&word.to_lowercase().as_str()).then_some(false)
        }
    }

    fn roman_ordinal(&self, n: u64) -> String {
        if n <= 10 { self.ordinal(n, false) } else { self.cardinal(n, false) }
    }
}

fn plural(word: &str) -> String {
    match word.strip_suffix('o').filter(|_| ITALIAN.contains(&word)) {
        Some(stem) => format!("{stem}i"),
        None => format!("{word}s"),
    }
}

/// Ordinals whose plural ends in an i.
const ITALIAN: [&str; 6] = ["quinto", "sesto", "settimo", "ottavo", "nono", "decimo"];
