//! Text in tokens: what stands between spaces, without the punctuation around it.

use crate::speech::script::Said;

/// Most characters of a token; longer ones are cut.
const LONGEST: usize = 60;

/// Signs that are read where they stand alone or beside digits.
const SPOKEN: &str = "&+=%@#$€£¥₹₩¢×÷±<>§°≤≥≠≈√∞→^*/\u{2212}-–~";

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Token {
    /// As written, with signs nearby that are not read.
    pub text: String,
    /// What is to be read.
    pub core: String,
    /// Punctuation in front and behind.
    pub lead: String,
    pub trail: String,
    /// How it is said, where markup tells.
    pub said: Option<Said>,
    /// Whether a paragraph ends behind it.
    pub paragraph: bool,
    /// Whether no space stands between it and the next.
    pub joined: bool,
}

impl Token {
    fn read(text: &str) -> Self {
        let (lead, core, trail) = dress(text);
        Self {
            text: text.into(),
            core: core.into(),
            lead: lead.into(),
            trail: trail.into(),
            ..Self::default()
        }
    }

    /// Whether there is something to read.
    fn is_heard(&self) -> bool {
        self.said.is_some() || self.core.chars().any(|c| c.is_alphanumeric() || SPOKEN.contains(c))
    }

    pub fn starts_with_digit(&self) -> bool {
        self.core
            .trim_start_matches(['-', '+', '$', '€', '£', '.', '\u{2212}'])
            .starts_with(|c: char| c.is_ascii_digit())
    }
}

/// Tokens of stretches of text that are one; how markup says some of them. `spaced`: thousands are set apart by spaces.
pub fn tokens<'a>(stretches: impl Iterator<Item = (&'a str, &'a Said)>, spaced: bool) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut open = false;
    for (text, said) in stretches {
        if *said == Said::Read {
            read(text, open, &mut tokens);
            open = !text.ends_with(char::is_whitespace);
        } else if !text.trim().is_empty() {
            tokens.push(Token {
                text: text.split_whitespace().collect::<Vec<_>>().join(" "),
                core: text.trim().into(),
                said: Some(said.clone()),
                joined: true,
                ..Token::default()
            });
            open = true;
        }
    }
    let tokens = glue(tokens);
    if spaced { thousands(tokens) } else { tokens }
}

/// Makes "10 000" one token.
fn thousands(tokens: Vec<Token>) -> Vec<Token> {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let three = token.core.get(..3).is_some_and(digits) && !token.core[3..].starts_with(|c: char| c.is_ascii_digit());
        let starts = |last: &Token| {
            let first = last.core.split('\u{a0}').next().unwrap_or_default();
            let groups = last.core.split('\u{a0}').all(digits);
            groups && !first.starts_with('0') && first.len() < 3 && last.trail.is_empty() && !last.paragraph
        };
        match out
            .last_mut()
            .filter(|last| three && token.lead.is_empty() && token.said.is_none() && last.said.is_none() && starts(last))
        {
            Some(last) => {
                last.text = format!("{} {}", last.text, token.text);
                last.core = format!("{}\u{a0}{}", last.core, token.core);
                last.trail = token.trail;
                last.paragraph = token.paragraph;
                last.joined = token.joined;
            }
            None => out.push(token),
        }
    }
    out
}

/// `joins`: whether the text before ended without a space.
fn read(text: &str, joins: bool, tokens: &mut Vec<Token>) {
    if let Some(last) = tokens.last_mut().filter(|_| !joins || text.starts_with(char::is_whitespace)) {
        last.joined = false;
    }
    for (n, line) in text.split('\n').enumerate() {
        if n > 0
            && let Some(last) = tokens.last_mut()
        {
            last.joined = false;
            // An empty line, or a short one that the next does not go on from, as in lists and verses.
            let starts = line.trim_start().chars().next();
            let short = last.text.chars().count() < 50 && starts.is_some_and(|c| c.is_uppercase() || "-*•–".contains(c));
            last.paragraph |= line.trim().is_empty() || (short && ends_line(text, n));
        }
        for chunk in line.split(is_space).filter(|c| !c.is_empty()) {
            let pieces = cut(chunk);
            let count = pieces.len();
            for (i, piece) in pieces.into_iter().enumerate() {
                let mut token = Token::read(piece);
                token.joined = i + 1 < count;
                tokens.push(token);
            }
        }
    }
    if let Some(last) = tokens.last_mut() {
        last.joined = !text.ends_with(char::is_whitespace);
    }
}

/// Whether the line before line `n` is short enough to be one of a list's.
fn ends_line(text: &str, n: usize) -> bool {
    text.split('\n').nth(n - 1).is_some_and(|line| line.chars().count() < 50)
}

/// Spaces that part tokens; those that do not break stay between the groups of a number.
fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// A chunk cut behind dashes and ellipses between words, behind a sign of Chinese or Japanese punctuation, and where it is too long.
fn cut(chunk: &str) -> Vec<&str> {
    let chars: Vec<(usize, char)> = chunk.char_indices().collect();
    let is_link = chunk.contains("://") || chunk.contains('@');
    let mut pieces = Vec::new();
    let (mut start, mut length) = (0, 0);
    for (i, (at, c)) in chars.iter().enumerate() {
        length += 1;
        let end = at + c.len_utf8();
        let (before, after) = (i.checked_sub(1).map(|b| chars[b].1), chars.get(i + 1).map(|(_, c)| *c));
        let Some(next) = after else { break };
        let dots = before == Some('.') && *c == '.' && next.is_alphabetic();
        let dashes = before == Some('-') && *c == '-' && next != '-' && length > 2;
        let parts = matches!(c, '—' | '…' | '。' | '！' | '？' | '，' | '、' | '；' | '：') && next.is_alphanumeric();
        let full = length >= LONGEST || (length >= LONGEST / 2 && !next.is_alphanumeric() && !c.is_alphanumeric());
        if (!is_link && (dots || dashes || parts)) || full {
            pieces.push(&chunk[start..end]);
            (start, length) = (end, 0);
        }
    }
    pieces.push(&chunk[start..]);
    pieces
}

/// Punctuation in front, what is read, punctuation behind.
fn dress(text: &str) -> (&str, &str, &str) {
    let wraps = |c: char| !c.is_alphanumeric() && !SPOKEN.contains(c);
    let Some(first) = text.find(|c: char| !wraps(c)) else {
        return (text, "", "");
    };
    // Signs that only digits or letters behind them make readable.
    let mut start = first;
    for (at, c) in text[first..].char_indices() {
        let next = text[first + at + c.len_utf8()..].chars().next();
        let reads = c.is_alphanumeric()
            || match c {
                '-' | '\u{2212}' | '+' | '~' | '±' | '<' | '>' | '≈' | '≤' | '≥' => {
                    next.is_some_and(|n| n.is_ascii_digit() || "$€£¥.".contains(n))
                }
                '$' | '€' | '£' | '¥' | '₹' | '₩' | '#' | '@' | '§' | '√' | '°' => next.is_some_and(char::is_alphanumeric),
                _ => false,
            };
        if reads {
            start = first + at;
            break;
        }
    }
    let lone = !text.chars().any(char::is_alphanumeric);
    if lone {
        let end = text.trim_end_matches(wraps).len();
        return (&text[..first], &text[first..end.max(first)], &text[end.max(first)..]);
    }
    if text[..start].ends_with('.') && text[start..].starts_with(|c: char| c.is_ascii_digit()) && !text[..start].ends_with("..") {
        start -= 1;
    }
    if text[..start].ends_with('\'') || text[..start].ends_with('’') {
        // 'em, 'tis: an apostrophe where no quotation closes.
        let mark = text[..start].chars().next_back().map_or(0, char::len_utf8);
        let closes = text[start..].contains(['\'', '’']);
        if !closes
            && ELIDED.contains(
                &text[start..]
                    .trim_end_matches(|c: char| !c.is_alphanumeric())
                    .to_lowercase()
                    .as_str(),
            )
        {
            start -= mark;
        }
    }
    let mut end = start;
    let mut last = ' ';
    for (at, c) in text[start..].char_indices() {
        let keeps = c.is_alphanumeric()
            || is_mark(c)
            || match c {
                '%' | '‰' | '°' | '$' | '€' | '£' | '¥' | '₹' | '¢' | '²' | '³' | '″' | '′' => {
                    last.is_ascii_digit() || "° nN".contains(last) || (c == '$' && last.is_uppercase())
                }
                '+' | '#' => last.is_alphanumeric() || last == '+',
                _ => false,
            };
        // Letters go on behind whatever is inside; other signs only where they follow directly.
        if c.is_alphanumeric() || (keeps && end == start + at) {
            end = start + at + c.len_utf8();
        }
        last = c;
    }
    // The dogs' bowls; but 'these dogs' are quoted.
    let quoted = text[..start].contains(['\'', '‘', '’']);
    for mark in ["'", "’"] {
        if !quoted && text[start..end].ends_with(['s', 'S']) && text[end..].starts_with(mark) {
            end += mark.len();
        }
    }
    (&text[..start], &text[start..end], &text[end..])
}

/// Words that lost their first letters.
const ELIDED: [&str; 14] = [
    "em", "tis", "twas", "cause", "bout", "til", "round", "nuff", "cuz", "cos", "n", "neath", "twill", "twixt",
];

/// A sign that belongs to the letter before it.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c) || (('\u{900}'..='\u{dff}').contains(&c) && !matches!(c, '।' | '॥'))
}

/// Gives tokens without anything to read to their neighbours, so that every sign of the text belongs to a word.
fn glue(tokens: Vec<Token>) -> Vec<Token> {
    let mut glued: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut early: Option<Token> = None;
    let digits: Vec<bool> = tokens.iter().map(Token::starts_with_digit).collect();
    for (i, mut token) in tokens.into_iter().enumerate() {
        let between_numbers = i > 0 && digits[i - 1] && digits.get(i + 1) == Some(&true);
        let dash = matches!(token.core.as_str(), "-" | "–" | "--" | "*" | "~" | "/") && !between_numbers && token.said.is_none();
        let heard = token.is_heard() && !dash;
        if !heard {
            match glued.last_mut() {
                Some(last) => {
                    let space = if last.joined { "" } else { " " };
                    last.text = format!("{}{space}{}", last.text, token.text);
                    last.trail.push_str(&token.lead);
                    if dash && token.core != "*" {
                        last.trail.push('—');
                    }
                    last.trail.push_str(&token.trail);
                    last.paragraph |= token.paragraph;
                    last.joined = token.joined;
                }
                None => {
                    early = Some(match early.take() {
                        Some(first) => Token {
                            text: format!("{}{}{}", first.text, if first.joined { "" } else { " " }, token.text),
                            ..token
                        },
                        None => token,
                    });
                }
            }
            continue;
        }
        if let Some(first) = early.take() {
            token.text = format!("{}{}{}", first.text, if first.joined { "" } else { " " }, token.text);
        }
        glued.push(token);
    }
    glued
}
