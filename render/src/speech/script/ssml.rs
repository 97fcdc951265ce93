//! SSML's few elements, read by hand: a text with a stray `<` stays speakable, which no XML reader allows.

use super::tag::{KNOWN, Tag, next_tag, read_tag, shown, unescape};
use super::{DateOrder, Part, Said, SayAs, invalid};
use crate::error::{Error, Result};
use crate::speech::Manner;
use crate::speech::alphabet;

/// Most characters, markup included.
pub const MOST_CHARACTERS: usize = 200_000;

/// Longest break and all of them together, in seconds.
const LONGEST_BREAK: f64 = 10.0;
const ALL_BREAKS: f64 = 600.0;

/// Most elements inside one another.
const DEEPEST: usize = 16;

/// An open element.
struct Open {
    name: &'static str,
    at: usize,
    manner: Manner,
    /// How what is in it is said; only text may be in it then.
    said: Said,
}

#[derive(Default)]
struct Parser {
    parts: Vec<Part>,
    open: Vec<Open>,
    silence: f64,
    spoken: bool,
}

pub fn parse(text: &str) -> Result<Vec<Part>> {
    let mut parser = Parser::default();
    let mut rest = text;
    let mut at = 1;
    while let Some((before, inside)) = next_tag(rest) {
        parser.text(before)?;
        at += before.chars().count();
        let length = before.len() + inside.len() + 2;
        let is_declaration = inside.starts_with("?xml") && parser.open.is_empty() && parser.parts.is_empty();
        if !is_declaration {
            parser.tag(&read_tag(inside, at)?)?;
        }
        at += inside.chars().count() + 2;
        rest = &rest[length..];
    }
    parser.text(rest)?;
    match parser.open.last() {
        Some(open) => Err(invalid(format_args!("`<{}>` at character {} is never closed", open.name, open.at))),
        None => Ok(parser.parts),
    }
}

impl Parser {
    fn manner(&self) -> Manner {
        self.open.last().map(|o| o.manner).unwrap_or_default()
    }

    fn text(&mut self, text: &str) -> Result<()> {
        let text = unescape(text);
        if text.is_empty() {
            return Ok(());
        }
        let said = self.open.last().map_or(Said::Read, |o| o.said.clone());
        let outside = self.spoken && self.open.is_empty();
        if outside && !text.trim().is_empty() {
            return Err(invalid(format_args!("there is text after `</speak>`: \"{}\"", shown(text.trim()))));
        }
        let manner = self.manner();
        self.parts.push(Part::Text { text, said, manner });
        Ok(())
    }

    fn tag(&mut self, tag: &Tag) -> Result<()> {
        if tag.closes {
            return self.close(tag);
        }
        let inside = self.open.last().filter(|o| o.said != Said::Read);
        if let Some(open) = inside {
            return Err(invalid(format_args!(
                "`<{}>` at character {} is inside `<{}>`, in which only text can be",
                tag.name, tag.at, open.name
            )));
        }
        if self.spoken && self.open.is_empty() {
            return Err(invalid(format_args!(
                "`<{}>` at character {} comes after `</speak>`",
                tag.name, tag.at
            )));
        }
        let mut manner = self.manner();
        let mut said = Said::Read;
        match tag.name {
            "break" => {
                tag.only(&["time", "strength"])?;
                let seconds = self.pause(tag)?;
                self.parts.push(Part::Break(seconds));
            }
            "prosody" => manner = prosody(tag, manner)?,
            "phoneme" => said = phoneme(tag)?,
            "say-as" => said = say_as(tag)?,
            "sub" => {
                tag.only(&["alias"])?;
                said = Said::Alias(tag.required("alias")?.into());
            }
            _ => self.speak(tag)?,
        }
        let name = KNOWN.into_iter().find(|k| *k == tag.name).unwrap_or_default();
        if tag.empty {
            if said != Said::Read {
                return Err(empty(name, tag.at));
            }
        } else {
            if self.open.len() >= DEEPEST {
                return Err(invalid(format_args!(
                    "`<{name}>` at character {} is more than {DEEPEST} elements deep",
                    tag.at
                )));
            }
            self.open.push(Open {
                name,
                at: tag.at,
                manner,
                said,
            });
        }
        Ok(())
    }

    fn close(&mut self, tag: &Tag) -> Result<()> {
        let Some(open) = self.open.pop().filter(|o| o.name == tag.name) else {
            return Err(invalid(format_args!(
                "`</{}>` at character {} closes nothing that is open there",
                tag.name, tag.at
            )));
        };
        let last = self.parts.last();
        if open.said != Said::Read && !matches!(last, Some(Part::Text { text, said, .. }) if *said == open.said && !text.trim().is_empty())
        {
            return Err(empty(open.name, open.at));
        }
        Ok(())
    }

    fn speak(&mut self, tag: &Tag) -> Result<()> {
        let words = |part: &Part| !matches!(part, Part::Text { text, .. } if text.trim().is_empty());
        if !self.open.is_empty() || self.parts.iter().any(words) {
            return Err(invalid(format_args!(
                "`<speak>` at character {} has to be around the whole text",
                tag.at
            )));
        }
        // Version, language and namespaces say nothing that we use: the voice has a language.
        self.spoken = true;
        Ok(())
    }

    fn pause(&mut self, tag: &Tag) -> Result<f64> {
        let seconds = match (tag.get("time"), tag.get("strength")) {
            (Some(time), _) => seconds(time)
                .filter(|s| (0.0..=LONGEST_BREAK).contains(s))
                .ok_or_else(|| tag.wrong("time", "such as \"500ms\" or \"2s\", up to 10 s"))?,
            (None, strength) => match strength.unwrap_or("medium") {
                "none" => 0.0,
                "x-weak" => 0.1,
                "weak" => 0.25,
                "medium" => 0.5,
                "strong" => 0.8,
                "x-strong" => 1.2,
                _ => return Err(tag.wrong("strength", "none, x-weak, weak, medium, strong or x-strong")),
            },
        };
        self.silence += seconds;
        if self.silence > ALL_BREAKS {
            return Err(invalid(format_args!(
                "`<break>` at character {}: all breaks together are more than {ALL_BREAKS} s",
                tag.at
            )));
        }
        Ok(seconds)
    }
}

fn empty(name: &str, at: usize) -> Error {
    invalid(format_args!("`<{name}>` at character {at} has no text in it"))
}

fn seconds(time: &str) -> Option<f64> {
    let (number, scale) = match time.strip_suffix("ms") {
        Some(number) => (number, 1e-3),
        None => (time.strip_suffix('s')?, 1.0),
    };
    number_of(number).map(|n| n * scale)
}

fn number_of(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || ".+-".contains(c));
    plain.then(|| text.parse().ok()).flatten().filter(|n: &f64| n.is_finite())
}

fn prosody(tag: &Tag, outer: Manner) -> Result<Manner> {
    tag.only(&["rate", "pitch", "volume"])?;
    let mut manner = outer;
    if let Some(text) = tag.get("rate") {
        let rate = rate(text).filter(|r| (0.5..=2.0).contains(r));
        let rate = rate.ok_or_else(|| tag.wrong("rate", "50% to 200%, a change such as +20%, or x-slow, slow, medium, fast, x-fast"))?;
        manner.speed = (manner.speed * rate as f32).clamp(0.5, 2.0);
    }
    if let Some(text) = tag.get("pitch") {
        let pitch = pitch(text).filter(|p| (-12.0..=12.0).contains(p));
        let pitch = pitch.ok_or_else(|| {
            tag.wrong(
                "pitch",
                "-12st to +12st, a change such as +10%, or x-low, low, medium, high, x-high",
            )
        })?;
        manner.pitch = (manner.pitch + pitch as f32).clamp(-12.0, 12.0);
    }
    if let Some(text) = tag.get("volume") {
        let volume = volume(text).filter(|v| (-40.0..=6.0).contains(v));
        let can = "-40dB to +6dB, 0 to 100, or silent, x-soft, soft, medium, loud, x-loud";
        let volume = volume.ok_or_else(|| tag.wrong("volume", can))?;
        manner.volume = (manner.volume + volume as f32).clamp(-40.0, 6.0);
    }
    Ok(manner)
}

/// A factor: "80%", "+20%", "1.2" or a word.
fn rate(text: &str) -> Option<f64> {
    match text {
        "x-slow" => Some(0.5),
        "slow" => Some(0.8),
        "medium" | "default" => Some(1.0),
        "fast" => Some(1.25),
        "x-fast" => Some(1.6),
        _ => percent(text).or_else(|| number_of(text).filter(|_| !text.starts_with(['+', '-']))),
    }
}

/// "80%" is a factor, "+20%" a change.
fn percent(text: &str) -> Option<f64> {
    let number = text.strip_suffix('%')?;
    let base = if number.starts_with(['+', '-']) { 1.0 } else { 0.0 };
    Some(base + number_of(number)? / 100.0)
}

/// Semitones.
fn pitch(text: &str) -> Option<f64> {
    match text {
        "x-low" => Some(-6.0),
        "low" => Some(-3.0),
        "medium" | "default" => Some(0.0),
        "high" => Some(3.0),
        "x-high" => Some(6.0),
        _ => match text.strip_suffix("st") {
            Some(semitones) => number_of(semitones),
            None => percent(text).filter(|f| *f > 0.0).map(|f| 12.0 * f.log2()),
        },
    }
}

/// dB.
fn volume(text: &str) -> Option<f64> {
    match text {
        "silent" => Some(-40.0),
        "x-soft" => Some(-12.0),
        "soft" => Some(-6.0),
        "medium" | "default" => Some(0.0),
        "loud" => Some(3.0),
        "x-loud" => Some(6.0),
        _ => match text.strip_suffix("dB") {
            Some(decibels) => number_of(decibels),
            None => number_of(text)
                .filter(|n| (0.0..=100.0).contains(n))
                .map(|n| (20.0 * (n / 100.0).log10()).max(-40.0)),
        },
    }
}

fn phoneme(tag: &Tag) -> Result<Said> {
    tag.only(&["ph", "alphabet"])?;
    let kokoro = match tag.get("alphabet").unwrap_or("ipa") {
        "ipa" => false,
        "kokoro" => true,
        _ => return Err(tag.wrong("alphabet", "ipa or kokoro")),
    };
    let phonemes = tag.required("ph")?.to_owned();
    if !phonemes.chars().any(alphabet::is_sound) {
        return Err(tag.wrong("ph", "phonemes such as \"təˈmɑːtoʊ\""));
    }
    Ok(Said::Phonemes { phonemes, kokoro })
}

fn say_as(tag: &Tag) -> Result<Said> {
    tag.only(&["interpret-as", "format", "detail"])?;
    let said = match tag.required("interpret-as")? {
        "characters" | "spell-out" | "verbatim" => SayAs::Characters,
        "cardinal" | "number" => SayAs::Cardinal,
        "ordinal" => SayAs::Ordinal,
        "digits" => SayAs::Digits,
        "fraction" => SayAs::Fraction,
        "date" => SayAs::Date(match tag.get("format").unwrap_or_default() {
            "" => DateOrder::Usual,
            "dmy" | "dm" | "d" => DateOrder::DayFirst,
            "mdy" | "md" | "my" | "m" => DateOrder::MonthFirst,
            "ymd" | "ym" | "y" | "yyyymmdd" => DateOrder::YearFirst,
            _ => return Err(tag.wrong("format", "mdy, dmy or ymd, or a part of one")),
        }),
        "time" => SayAs::Time,
        "telephone" => SayAs::Telephone,
        "unit" => SayAs::Unit,
        "currency" => SayAs::Currency,
        "expletive" | "bleep" => SayAs::Expletive,
        _ => {
            let can = "characters, spell-out, cardinal, ordinal, digits, fraction, date, time, telephone, unit, currency or expletive";
            return Err(tag.wrong("interpret-as", can));
        }
    };
    Ok(Said::As(said))
}
