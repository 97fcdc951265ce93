//! What a language says of what people write: numbers, dates, money, signs, abbreviations.

mod english;
mod french;
mod italian;
mod latin;
mod number;
mod plain;
mod portuguese;
mod spanish;

pub use number::{Number, digits, in_groups};

use crate::speech::Language;

/// A unit of money.
#[derive(Clone, Copy, Debug)]
pub struct Money {
    pub one: &'static str,
    pub many: &'static str,
    /// Hundredths; empty if nobody counts in them.
    pub cent: &'static str,
    pub cents: &'static str,
    pub feminine: bool,
}

/// A date; the year as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    pub day: Option<u32>,
    pub month: u32,
    pub year: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    pub hour: u32,
    pub minute: u32,
    pub second: Option<u32>,
    /// Written with a.m. or p.m.
    pub halves: bool,
}

/// One language's ways. Texts that it gives are words between spaces, with commas where one pauses.
pub trait Tongue: Sync {
    /// Whether text is left as it stands.
    fn is_plain(&self) -> bool {
        false
    }
    /// What parts whole from decimal digits: '.' or ','.
    fn decimal_sign(&self) -> char;
    fn cardinal(&self, n: u64, feminine: bool) -> String;
    /// In front of what is counted.
    fn counting(&self, n: u64, feminine: bool) -> String {
        self.cardinal(n, feminine)
    }
    /// Whether a unit's name is feminine.
    fn is_feminine(&self, _unit: &str) -> bool {
        false
    }
    fn ordinal(&self, n: u64, feminine: bool) -> String;
    /// The number of an ordinal's ending ("1st", "2º"): whether it is one, and feminine.
    fn ordinal_ending(&self, ending: &str) -> Option<bool>;
    fn year(&self, n: u32) -> String {
        self.cardinal(n.into(), false)
    }
    /// "nineties", of 1990s or '90s; `None` if people do not write so.
    fn decade(&self, _n: u32) -> Option<String> {
        None
    }
    /// Of a number's decimal digits, the word for the sign included.
    fn decimals(&self, digits: &str) -> String;
    /// "one half" and the like.
    fn fraction(&self, numerator: u64, denominator: u64) -> String;
    fn minus(&self) -> &'static str;
    /// Between the ends of a range.
    fn to(&self) -> &'static str;
    fn and(&self) -> &'static str;
    /// Between the sides of a picture.
    fn by(&self) -> &'static str {
        self.sign('×').unwrap_or_default()
    }
    /// What stands between an amount and its large unit and the money: "de" in "un millón de euros".
    fn of_money(&self) -> &'static str {
        ""
    }
    fn money(&self, sign: &str) -> Option<Money>;
    /// "million" and others that a number counts, in one or many.
    fn scale(&self, word: &str) -> Option<&'static str>;
    /// k, M, B behind a number: its name for one and for many.
    fn short_scale(&self, sign: &str) -> Option<(&'static str, &'static str)>;
    /// A unit's name for one and for many.
    fn unit(&self, sign: &str) -> Option<(&'static str, &'static str)>;
    /// Whether a count takes the singular.
    fn is_one(&self, number: &Number) -> bool {
        number.is_one()
    }
    /// The number of a month by its name or its abbreviation.
    fn month(&self, name: &str) -> Option<u32>;
    fn date(&self, date: Date) -> String;
    /// Whether numbers alone begin with the month.
    fn month_first(&self) -> bool {
        false
    }
    fn clock(&self, clock: Clock) -> String;
    /// Words of a.m. and p.m.
    fn half(&self, afternoon: bool) -> &'static str;
    /// A letter by its name; `None` where letters are read by the phonemizer itself.
    fn letter(&self, letter: char) -> Option<&'static str>;
    /// A sign by its name, where it is read.
    fn sign(&self, sign: char) -> Option<&'static str>;
    /// Of addresses: dot, at, slash, hyphen, underscore and the like.
    fn address_sign(&self, sign: char) -> Option<&'static str>;
    /// An abbreviation with its dot, or one that has none, in full.
    fn abbreviation(&self, word: &str) -> Option<&'static str>;
    /// Dr and the like: a name follows, so that no sentence ends there. Without its dot.
    fn is_title(&self, word: &str) -> bool;
    /// No., p. and the like: a number follows. Without its dot.
    fn counts(&self, word: &str) -> bool;
    /// St., Ave., Inc.: a capital may follow though no sentence has ended.
    fn is_name_part(&self, _word: &str) -> bool {
        false
    }
    /// Whether a word often begins a sentence and hardly ever stands in a name.
    fn starts_sentence(&self, word: &str) -> bool;
    /// Whether an abbreviation without its dot is a word as well.
    fn is_word_too(&self, _word: &str) -> bool {
        false
    }
    /// An abbreviation that two words share: whether a capital stands before and behind it decides ("St. Paul", "Main St.").
    fn ambiguous(&self, _word: &str, _before: bool, _behind: bool) -> Option<&'static str> {
        None
    }
    /// Whether one letter is a word: "I", "y", "à".
    fn is_word(&self, _letter: char) -> bool {
        false
    }
    /// Short words that are no initials though somebody wrote them in capitals.
    fn is_common(&self, _word: &str) -> bool {
        false
    }
    /// Capitals that are read as a word, or letters that are not, where the usual rule would be wrong: whether to spell.
    fn spells(&self, word: &str) -> Option<bool>;
    /// A Roman numeral behind this word is "the eighth" (`Some(true)`), "four" (`Some(false)`), or not a number.
    fn roman_behind(&self, _word: &str) -> Option<bool> {
        None
    }
    /// As "the eighth" behind a name.
    fn roman_ordinal(&self, n: u64) -> String {
        self.cardinal(n, false)
    }
}

/// The ways of a language.
pub fn of(language: Language) -> &'static dyn Tongue {
    match language {
        Language::AmericanEnglish => &english::English { british: false },
        Language::BritishEnglish => &english::English { british: true },
        Language::Spanish => &spanish::SPANISH,
        Language::French => &french::FRENCH,
        Language::Italian => &italian::ITALIAN,
        Language::Portuguese => &portuguese::PORTUGUESE,
        Language::Hindi | Language::Japanese | Language::Chinese => &plain::Plain,
    }
}
