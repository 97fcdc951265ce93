//! What markup says of a stretch.

use super::word::roman;
use super::{Readings, Sentence, calendar, one, word};
use crate::speech::reading::tongue::{Number, digits, in_groups};
use crate::speech::reading::{Sayable, ipa};
use crate::speech::script::{Said, SayAs};

pub fn said(sentence: &Sentence, at: usize) -> Option<Readings> {
    let token = sentence.tokens.get(at)?;
    let text = token.core.as_str();
    match token.said.as_ref()? {
        Said::Read => None,
        Said::Alias(alias) => Some(vec![word::text(sentence, alias)]),
        Said::Phonemes { phonemes, kokoro } => {
            let phonemes = if *kokoro {
                ipa::known(phonemes)
            } else {
                ipa::to_alphabet(phonemes, sentence.language)
            };
            Some(vec![vec![Sayable::Given {
                text: text.into(),
                phonemes,
            }]])
        }
        Said::As(how) => Some(said_as(sentence, text, *how).unwrap_or_else(|| vec![word::text(sentence, text)])),
    }
}

/// `None` where the text is not of that kind: it is then read as any other.
fn said_as(sentence: &Sentence, text: &str, how: SayAs) -> Option<Readings> {
    let tongue = sentence.tongue;
    let number = || Number::read(text.trim(), tongue);
    match how {
        SayAs::Characters => Some(vec![word::spelled(sentence, text)]),
        SayAs::Cardinal => match roman(text) {
            Some(n) => one(&tongue.cardinal(n, false)),
            None => one(&number()?.say(tongue, false)),
        },
        SayAs::Ordinal => {
            let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
            let feminine = tongue.ordinal_ending(&text[digits.len()..]).unwrap_or(false);
            let n = roman(text).or_else(|| Number::read(digits, tongue)?.value())?;
            one(&tongue.ordinal(n, feminine))
        }
        SayAs::Digits => one(&digits(text, tongue)),
        SayAs::Telephone => one(&in_groups(text, tongue)),
        SayAs::Fraction => {
            let (whole, part) = text.trim().rsplit_once([' ', '+']).unwrap_or(("", text.trim()));
            let (top, bottom) = part.split_once('/')?;
            let said = tongue.fraction(top.trim().parse().ok()?, bottom.trim().parse().ok()?);
            match whole.trim() {
                "" => one(&said),
                whole => one(&format!(
                    "{} {} {said}",
                    Number::read(whole, tongue)?.say(tongue, false),
                    tongue.and()
                )),
            }
        }
        SayAs::Date(order) => one(&calendar::date(sentence, text.trim(), order)?),
        SayAs::Time => one(&tongue.clock(calendar::clock(text.trim(), false)?)),
        // Read by the usual rules, which know them.
        SayAs::Unit | SayAs::Currency => None,
        SayAs::Expletive => Some(vec![vec![Sayable::Pause('…')]]),
    }
}
