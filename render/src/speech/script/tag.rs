//! Tags and entities as they stand in a text.

use super::invalid;
use crate::error::{Error, Result};

/// Most characters of an attribute's value.
const LONGEST_VALUE: usize = 500;

const ELEMENTS: &str = "`break`, `prosody`, `phoneme`, `say-as`, `sub` and `speak`";

/// A tag as written.
pub struct Tag<'a> {
    pub name: &'a str,
    pub attributes: Vec<(&'a str, String)>,
    pub closes: bool,
    pub empty: bool,
    /// Number of its `<` in the text, from 1.
    pub at: usize,
}

/// Text before the next tag, and what is between its `<` and `>`. A `>` in quotes does not count.
pub fn next_tag(text: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    while let Some(start) = text[from..].find('<').map(|i| i + from) {
        from = start + 1;
        let inside = &text[from..];
        if !inside.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) {
            continue;
        }
        let mut quote = None;
        for (i, c) in inside.char_indices() {
            match quote {
                Some(q) if c == q => quote = None,
                Some(_) => {}
                None if c == '>' => return Some((&text[..start], &inside[..i])),
                None if c == '<' => break,
                // An apostrophe opens a value only behind `=`.
                None if (c == '"' || c == '\'') && inside[..i].trim_end().ends_with('=') => quote = Some(c),
                None => {}
            }
        }
    }
    None
}

pub fn read_tag(inside: &str, at: usize) -> Result<Tag<'_>> {
    let broken = |what: &str| invalid(format_args!("the tag `<{}>` at character {at} {what}", shown(inside)));
    let (closes, inner) = inside.strip_prefix('/').map_or((false, inside), |i| (true, i));
    let (empty, inner) = inner.strip_suffix('/').map_or((false, inner), |i| (true, i));
    let end = inner.find(|c: char| c.is_whitespace()).unwrap_or(inner.len());
    let name = &inner[..end];
    let mut rest = inner[end..].trim();
    let mut attributes: Vec<(&str, String)> = Vec::new();
    if !KNOWN.contains(&name) {
        return Err(foreign(name, inside, at));
    }
    while !rest.is_empty() {
        let (key, value) = rest.split_once('=').ok_or_else(|| broken("has an attribute without a value"))?;
        let (key, value) = (key.trim(), value.trim_start());
        let quote = value.chars().next().filter(|c| "\"'".contains(*c));
        let quote = quote.ok_or_else(|| broken("has a value without quotes"))?;
        let (value, after) = value[1..]
            .split_once(quote)
            .ok_or_else(|| broken("has a value without its closing quote"))?;
        if attributes.iter().any(|(k, _)| *k == key) {
            return Err(broken(&format!("has `{}` twice", shown(key))));
        }
        let value = unescape(value);
        if value.chars().count() > LONGEST_VALUE || value.chars().any(char::is_control) {
            return Err(broken(&format!(
                "has a `{}` with control characters or of more than {LONGEST_VALUE} characters",
                shown(key)
            )));
        }
        attributes.push((key, value));
        rest = after.trim_start();
    }
    if closes && (empty || !attributes.is_empty()) {
        return Err(broken("closes an element and can have nothing else in it"));
    }
    Ok(Tag {
        name,
        attributes,
        closes,
        empty,
        at,
    })
}

pub const KNOWN: [&str; 6] = ["break", "prosody", "phoneme", "say-as", "sub", "speak"];

fn foreign(name: &str, inside: &str, at: usize) -> Error {
    let what = match inside.chars().next() {
        Some('!') => "a comment or declaration".into(),
        Some('?') => "a processing instruction".into(),
        _ => format!("`<{}>`", shown(name)),
    };
    invalid(format_args!(
        "{what} at character {at} cannot be used: of SSML, {ELEMENTS} can; write `&lt;` for a `<` that is meant to be read"
    ))
}

/// A short form for messages.
pub fn shown(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}

impl Tag<'_> {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| value.trim())
    }

    pub fn only(&self, names: &[&str]) -> Result<()> {
        match self.attributes.iter().find(|(key, _)| !names.contains(key)) {
            None => Ok(()),
            Some((key, _)) => Err(invalid(format_args!(
                "`<{}>` at character {} has an attribute `{}`: it can have {}",
                self.name,
                self.at,
                shown(key),
                names.join(", ")
            ))),
        }
    }

    pub fn required(&self, name: &str) -> Result<&str> {
        self.get(name).filter(|v| !v.is_empty()).ok_or_else(|| {
            invalid(format_args!(
                "`<{}>` at character {} needs the attribute `{name}`",
                self.name, self.at
            ))
        })
    }

    pub fn wrong(&self, name: &str, can: &str) -> Error {
        invalid(format_args!(
            "`<{}>` at character {}: {name} \"{}\" is not understood: give {can}",
            self.name,
            self.at,
            shown(self.get(name).unwrap_or_default())
        ))
    }
}

/// Text with its entities read; an `&` that begins none stays.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = rest[1..].split_once(';').map(|(name, _)| name).filter(|name| name.len() <= 8);
        match name.and_then(entity) {
            Some(c) => {
                out.push(c);
                rest = &rest[name.map_or(0, str::len) + 2..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)
        }
    }
}
