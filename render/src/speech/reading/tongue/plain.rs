//! No ways at all: text is left to whoever reads it.

use super::{Clock, Date, Money, Tongue};

pub struct Plain;

impl Tongue for Plain {
    fn is_plain(&self) -> bool {
        true
    }

    fn decimal_sign(&self) -> char {
        '.'
    }

    fn cardinal(&self, n: u64, _feminine: bool) -> String {
        n.to_string()
    }

    fn ordinal(&self, n: u64, _feminine: bool) -> String {
        n.to_string()
    }

    fn ordinal_ending(&self, _ending: &str) -> Option<bool> {
        None
    }

    fn decimals(&self, digits: &str) -> String {
        format!(".{digits}")
    }

    fn fraction(&self, numerator: u64, denominator: u64) -> String {
        format!("{numerator}/{denominator}")
    }

    fn minus(&self) -> &'static str {
        "-"
    }

    fn to(&self) -> &'static str {
        "-"
    }

    fn and(&self) -> &'static str {
        "+"
    }

    fn money(&self, _sign: &str) -> Option<Money> {
        None
    }

    fn scale(&self, _word: &str) -> Option<&'static str> {
        None
    }

    fn short_scale(&self, _sign: &str) -> Option<(&'static str, &'static str)> {
        None
    }

    fn unit(&self, _sign: &str) -> Option<(&'static str, &'static str)> {
        None
    }

    fn month(&self, _name: &str) -> Option<u32> {
        None
    }

    fn date(&self, date: Date) -> String {
        let parts = [date.year, Some(date.month), date.day];
        parts.into_iter().flatten().map(|n| n.to_string()).collect::<Vec<_>>().join(" ")
    }

    fn clock(&self, clock: Clock) -> String {
        format!("{}:{:02}", clock.hour, clock.minute)
    }

    fn half(&self, _afternoon: bool) -> &'static str {
        ""
    }

    fn letter(&self, _letter: char) -> Option<&'static str> {
        None
    }

    fn sign(&self, _sign: char) -> Option<&'static str> {
        None
    }

    fn address_sign(&self, _sign: char) -> Option<&'static str> {
        None
    }

    fn abbreviation(&self, _word: &str) -> Option<&'static str> {
        None
    }

    fn is_title(&self, _word: &str) -> bool {
        false
    }

    fn counts(&self, _word: &str) -> bool {
        false
    }

    fn starts_sentence(&self, _word: &str) -> bool {
        false
    }

    fn spells(&self, _word: &str) -> Option<bool> {
        None
    }
}
