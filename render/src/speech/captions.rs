//! Captions: words with times become cues that can be read, and files of them (SubRip and WebVTT).

mod files;
mod phrasing;

use std::fmt::Write;

use super::TimedWord;

pub(crate) use files::Files;

/// What is shown at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Cue {
    /// Seconds from the start of the sound.
    pub start: f64,
    pub end: f64,
    /// One or two.
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    pub text: String,
    /// For each word the byte of `text` at which it begins, and when it is said.
    pub words: Vec<(usize, f64)>,
}

/// Columns of a line in files; a Chinese sign takes two.
pub const COLUMNS: usize = 42;

/// Cues in order, none over another: at most two lines of [`COLUMNS`], broken where a reader would pause, for one to six seconds where the
/// words' times allow it. All lie within `seconds`, the length of what they are shown with; words that begin after it are left out.
pub fn cues(words: &[TimedWord], seconds: f64) -> Vec<Cue> {
    cues_within(words, seconds, COLUMNS)
}

/// Cues of lines of at most so many columns: 12 to [`COLUMNS`].
pub fn cues_within(words: &[TimedWord], seconds: f64, columns: usize) -> Vec<Cue> {
    phrasing::cues(words, seconds, columns.clamp(12, COLUMNS))
}

/// SubRip.
pub fn srt(cues: &[Cue]) -> String {
    let mut out = String::new();
    for (i, cue) in cues.iter().enumerate() {
        // Writing into a string cannot fail.
        let _ = writeln!(out, "{}\n{} --> {}", i + 1, time(cue.start, ','), time(cue.end, ','));
        for line in &cue.lines {
            // Some players take what looks like a tag for one, and there is no way to escape it.
            let text = line.text.replace("-->", "→").replace('<', "‹").replace('>', "›");
            let _ = writeln!(out, "{text}");
        }
        out.push('\n');
    }
    out
}

/// WebVTT; each word but a cue's first has its own time, which players may use to light it up.
pub fn vtt(cues: &[Cue]) -> String {
    let mut out = String::from("WEBVTT\n\n");
    for cue in cues {
        let _ = writeln!(out, "{} --> {}", time(cue.start, '.'), time(cue.end, '.'));
        let mut last = milliseconds(cue.start);
        for line in &cue.lines {
            let mut from = 0;
            for (at, said) in &line.words {
                out.push_str(&escaped(&line.text[from..*at]));
                from = *at;
                // Times within a cue must grow, and lie within it.
                if milliseconds(*said) > last && milliseconds(*said) < milliseconds(cue.end) {
                    last = milliseconds(*said);
                    let _ = write!(out, "<{}>", time(*said, '.'));
                }
            }
            let _ = writeln!(out, "{}", escaped(&line.text[from..]));
        }
        out.push('\n');
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn milliseconds(seconds: f64) -> u64 {
    (seconds.max(0.0) * 1000.0).round() as u64
}

fn time(seconds: f64, point: char) -> String {
    let ms = milliseconds(seconds);
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{h:02}:{m:02}:{s:02}{point}{:03}", ms % 1000)
}

#[cfg(test)]
mod tests;
