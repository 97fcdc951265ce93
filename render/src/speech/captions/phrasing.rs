//! Where words are cut into cues and lines: the cheapest way through all cuts, by dynamic programming.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Cue, Line};
use crate::speech::TimedWord;

/// Seconds that a cue is shown.
const SHORTEST: f64 = 1.0;
const LONGEST: f64 = 6.0;
/// A cue stays so long after its last word, if nothing follows.
const LINGER: f64 = 0.5;
/// A gap between cues that is shorter than this would flicker: the first one stays until the second comes.
const FLICKER: f64 = 0.6;
/// Whoever ends a sentence is silent for longer than this.
const STOP: f64 = 0.1;
/// A silence within a cue, from which on it is better cut there.
const PAUSE: f64 = 0.6;
const SILENCE: f64 = 1.5;

/// What is never cut: a word, or a sign of a script that has no spaces.
#[derive(Clone, Debug)]
struct Unit {
    text: String,
    columns: usize,
    /// A space stands before it, unless it begins a line.
    space: bool,
    start: f64,
    end: f64,
    ending: Ending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Sentence,
    Clause,
    /// Within a phrase.
    Word,
    /// A short word, which mostly belongs to what follows: "the", "of", "y", "le".
    Little,
    /// Within a word that is too long for a line.
    Part,
}

/// `seconds`: when all ends; `most`: columns of a line.
pub fn cues(words: &[TimedWord], seconds: f64, most: usize) -> Vec<Cue> {
    let mut units = units(words, most);
    units.truncate(units.partition_point(|u| u.start < seconds));
    let mut cues: Vec<Cue> = cuts(&units, most).windows(2).map(|cut| cue(&units[cut[0]..cut[1]], most)).collect();
    for i in 0..cues.len() {
        let next = cues.get(i + 1).map_or(seconds, |n| n.start);
        let cue = &mut cues[i];
        let read = (cue.end + LINGER).max(cue.start + SHORTEST);
        cue.end = if next - read < FLICKER { next } else { read };
    }
    cues
}

fn units(words: &[TimedWord], most: usize) -> Vec<Unit> {
    let mut out: Vec<Unit> = Vec::new();
    let mut least = 0.0f64;
    for word in words {
        let text: String = word
            .text
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        if text.is_empty() {
            continue;
        }
        let start = if word.start.is_finite() { word.start.max(least) } else { least };
        let end = if word.end.is_finite() { word.end.max(start) } else { start };
        least = start;
        push(&mut out, &text, (start, end), most);
    }
    // A full stop after which nobody stops is an abbreviation's: "Dr. Smith".
    for i in 1..out.len() {
        let stops = out[i].start - out[i - 1].end > STOP;
        let last = &mut out[i - 1];
        if last.ending == Ending::Sentence && !stops && last.text.ends_with('.') && last.text.chars().count() <= 5 {
            last.ending = Ending::Little;
        }
    }
    out
}

/// Adds a word, in pieces where it may or must be cut.
fn push(out: &mut Vec<Unit>, text: &str, (start, end): (f64, f64), most: usize) {
    let pieces = pieces(text, most);
    let total: usize = text.width().max(1);
    let mut before = 0;
    for (i, piece) in pieces.iter().enumerate() {
        let columns = piece.trim_start().width();
        let at = |columns: usize| start + (end - start) * columns as f64 / total as f64;
        let space = match out.last() {
            None => false,
            Some(_) if i > 0 => piece.starts_with(' '),
            Some(last) => !(last.text.chars().next_back().is_some_and(unspaced) && piece.chars().next().is_some_and(unspaced)),
        };
        let text = piece.trim_start().to_owned();
        out.push(Unit {
            columns,
            space,
            start: at(before),
            end: if i + 1 == pieces.len() { end } else { at(before + piece.width()) },
            ending: ending(&text, i + 1 == pieces.len() || pieces[i + 1].starts_with(' ')),
            text,
        });
        before += piece.width();
    }
}

/// A word whole, or as the pieces between which a line may end.
fn pieces(text: &str, most: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut sticky = false;
    for c in text.chars() {
        let joins = out.last().is_some_and(|last| {
            let after = last.chars().next_back().unwrap_or(' ');
            let cut = c == ' ' || (unspaced(c) || unspaced(after)) && !closes(c) && !sticky;
            c.width().unwrap_or(0) == 0 || !cut && last.width() + c.width().unwrap_or(0) <= most
        });
        match out.last_mut() {
            Some(last) if joins => last.push(c),
            _ => out.push(c.to_string()),
        }
        sticky = "（「『【《〈([{“‘¿¡ ".contains(c);
    }
    out
}

/// Scripts that are written without spaces and may be cut nearly anywhere.
fn unspaced(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// Signs that no line begins with.
fn closes(c: char) -> bool {
    "、。，．！？：；）」』】》〉ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ…‥〜～・%％,.!?:;)]}”’".contains(c)
}

fn ending(text: &str, whole: bool) -> Ending {
    let last = text
        .trim_end_matches(['"', '”', '’', '\'', ')', '」', '』', '）', '»', ']'])
        .chars()
        .next_back();
    match last {
        Some('.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '۔' | '।' | ';' | '；') => Ending::Sentence,
        Some(',' | ':' | '—' | '–' | '、' | '，' | '：' | '،' | '؛') => Ending::Clause,
        _ if !whole => Ending::Part,
        _ if text.chars().count() <= 3 && !text.chars().any(unspaced) && text.chars().any(char::is_lowercase) => Ending::Little,
        _ => Ending::Word,
    }
}

/// The first unit of each cue, and one past the last of all.
fn cuts(units: &[Unit], most: usize) -> Vec<usize> {
    // The cheapest way to show the first `n` units, and where its last cue begins.
    let mut best = vec![(0.0f64, 0usize); units.len() + 1];
    for past in 1..=units.len() {
        let mut cheapest = (f64::INFINITY, past - 1);
        let mut columns = 0;
        for from in (0..past).rev() {
            columns += units[from].columns + usize::from(units[from].space);
            let shown = &units[from..past];
            let long = shown[shown.len() - 1].end - shown[0].start > LONGEST;
            if shown.len() > 1 && (columns > 2 * most + 2 || long) {
                break;
            }
            let Some(lines) = breaking(shown, most) else {
                continue;
            };
            let cost = best[from].0 + lines.cost + cost(shown, units.get(past));
            if cost < cheapest.0 {
                cheapest = (cost, from);
            }
        }
        best[past] = cheapest;
    }
    let mut out = vec![units.len()];
    while let Some(&past) = out.last().filter(|p| **p > 0) {
        out.push(best[past].1);
    }
    out.reverse();
    out
}

/// What is bad about a cue, without its lines.
fn cost(shown: &[Unit], next: Option<&Unit>) -> f64 {
    let (first, last) = (&shown[0], &shown[shown.len() - 1]);
    let mut cost = 1.0;
    let free = next.map_or(f64::INFINITY, |n| n.start - last.end);
    cost += match (last.ending, next) {
        (_, None) | (Ending::Sentence, _) => 0.0,
        (Ending::Clause, _) => 0.5,
        _ if free > PAUSE => 0.4,
        (Ending::Word, _) => 1.8,
        (Ending::Little, _) => 2.8,
        (Ending::Part, _) => 2.4,
    };
    for pair in shown.windows(2) {
        let silence = pair[1].start - pair[0].end;
        cost += if silence > SILENCE {
            4.0
        } else if silence > PAUSE {
            0.8
        } else {
            0.0
        };
        cost += if pair[0].ending == Ending::Sentence { 1.5 } else { 0.0 };
    }
    let time = last.end - first.start + free.min(LINGER);
    cost + 3.0 * (SHORTEST - time).max(0.0)
}

/// How a cue is broken into lines.
struct Breaking {
    /// The first unit of the second line; none for one line.
    second: Option<usize>,
    cost: f64,
}

/// The best lines, if it can be shown in two at all.
fn breaking(shown: &[Unit], most: usize) -> Option<Breaking> {
    let all = columns(shown);
    if all <= most {
        return Some(Breaking { second: None, cost: 0.0 });
    }
    let mut best: Option<Breaking> = None;
    for second in 1..shown.len() {
        let (above, below) = (columns(&shown[..second]), columns(&shown[second..]));
        if above > most || below > most {
            continue;
        }
        let uneven = (above as f64 - below as f64) / most as f64;
        let broken = match shown[second - 1].ending {
            Ending::Sentence => 0.0,
            Ending::Clause => 0.1,
            Ending::Word => 0.4,
            Ending::Little => 0.8,
            Ending::Part => 0.6,
        };
        let cost = 0.2 + 0.5 * uneven * uneven + broken;
        if best.as_ref().is_none_or(|b| cost < b.cost) {
            best = Some(Breaking {
                second: Some(second),
                cost,
            });
        }
    }
    best
}

fn columns(line: &[Unit]) -> usize {
    line.iter()
        .enumerate()
        .map(|(i, u)| u.columns + usize::from(u.space && i > 0))
        .sum()
}

fn cue(shown: &[Unit], most: usize) -> Cue {
    let second = breaking(shown, most).and_then(|b| b.second).unwrap_or(shown.len());
    let lines = [&shown[..second], &shown[second..]];
    Cue {
        start: shown[0].start,
        end: shown[shown.len() - 1].end,
        lines: lines.into_iter().filter(|l| !l.is_empty()).map(line).collect(),
    }
}

fn line(units: &[Unit]) -> Line {
    let mut line = Line::default();
    for (i, unit) in units.iter().enumerate() {
        if unit.space && i > 0 {
            line.text.push(' ');
        }
        line.words.push((line.text.len(), unit.start));
        line.text.push_str(&unit.text);
    }
    line
}
