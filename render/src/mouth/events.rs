//! The moments that everybody sees: lips pressed together (p b m) and the lower lip under the teeth (f v). From the phonemes
//! where they are known, else from clear peaks of the posteriors.

use crate::mouth::TimedPhoneme;
use crate::mouth::mel::FRAMES_PER_SECOND;
use crate::mouth::nets::{AA, CH, DD, E, FF, I, KK, NN, O, PP, Posteriors, RR, SIL, SS, TH, U, VISEMES};
use crate::mouth::smooth::{gaussian, runs};

/// Seconds that lips take to come together before such a moment, and to part after it.
const CLOSING: f64 = 0.060;
const OPENING: f64 = 0.060;
/// A posterior above this at its peak is a moment of its own, if it rises out of less than the second number.
const CERTAIN: f32 = 0.42;
const FOOT: f32 = 0.22;
/// Lips stay together while the posterior is above this part of its peak, less `INSET` seconds at either end (coming together
/// and parting are heard as the phoneme already), but never shorter than `SHORTEST`.
const CORE: f32 = 0.5;
const INSET: f64 = 0.015;
const SHORTEST: f64 = 0.020;
/// How much a known phoneme says against what the net heard.
const KNOWN: f32 = 0.65;
/// Visemes that have no shape of lips of their own: the mouth is as its neighbours have it, which the nets hear better than a table says.
const FREE: [usize; 4] = [DD, KK, NN, RR];
/// Deviation of the blur of known phonemes, in 10 ms frames: a mouth is never where one phoneme alone would put it.
const BLUR: f32 = 2.5;

/// What a moment does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Shut,
    Tuck,
}

/// One such moment, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    pub kind: Kind,
    pub start: f64,
    pub end: f64,
}

impl Event {
    /// From a stretch in which the phoneme is heard.
    fn around(kind: Kind, start: f64, end: f64, inset: f64) -> Self {
        let half = ((end - start) / 2.0 - inset).max(SHORTEST / 2.0);
        let middle = f64::midpoint(start, end);
        Self {
            kind,
            start: middle - half,
            end: middle + half,
        }
    }

    pub fn middle(&self) -> f64 {
        f64::midpoint(self.start, self.end)
    }

    /// 1 within, 0 far away, a half cosine in between.
    pub fn weight(&self, seconds: f64) -> f32 {
        let outside = ((self.start - seconds) / CLOSING)
            .max((seconds - self.end) / OPENING)
            .clamp(0.0, 1.0);
        (0.5 + 0.5 * (std::f64::consts::PI * outside).cos()) as f32
    }

    /// Whether the moment can be felt at that time at all.
    pub fn near(&self, seconds: f64) -> bool {
        seconds > self.start - CLOSING && seconds < self.end + OPENING
    }
}

/// Clear peaks of the posteriors.
pub fn from_posteriors(posteriors: &[Posteriors]) -> Vec<Event> {
    let mut out = Vec::new();
    for (viseme, kind) in [(PP, Kind::Shut), (FF, Kind::Tuck)] {
        let p: Vec<f32> = posteriors.iter().map(|p| p[viseme]).collect();
        let p = gaussian(&p, 0.8);
        for (first, past) in runs(p.iter().map(|v| *v > FOOT)) {
            let top = p[first..past].iter().copied().fold(0.0, f32::max);
            if top > CERTAIN {
                let core = |t: &usize| p[*t] > CORE * top;
                let start = (first..past).find(core).unwrap_or(first) as f64 / FRAMES_PER_SECOND;
                let end = (first..past).rev().find(core).unwrap_or(past - 1) as f64 / FRAMES_PER_SECOND;
                out.push(Event::around(kind, start, end, INSET));
            }
        }
    }
    out.sort_by(|a, b| a.start.total_cmp(&b.start));
    out
}

/// Known phonemes: their moments, and posteriors that lean towards them.
pub fn from_phonemes(known: &[TimedPhoneme], posteriors: &mut [Posteriors]) -> Vec<Event> {
    let mut said = vec![[0.0f32; VISEMES]; posteriors.len()];
    let mut out = Vec::new();
    for (k, phoneme) in known.iter().enumerate() {
        let Some(shapes) = visemes(phoneme, known.get(k + 1)) else {
            continue;
        };
        let part = (phoneme.end - phoneme.start) / shapes.len() as f64;
        for (n, viseme) in shapes.iter().enumerate() {
            let start = phoneme.start + part * n as f64;
            if !FREE.contains(viseme) {
                mark(&mut said, *viseme, start, start + part);
            }
            let kind = match *viseme {
                PP => Kind::Shut,
                FF => Kind::Tuck,
                _ => continue,
            };
            out.push(Event::around(kind, start, start + part, INSET.min(part / 4.0)));
        }
    }
    for viseme in 0..VISEMES {
        let series: Vec<f32> = said.iter().map(|s| s[viseme]).collect();
        for (s, v) in said.iter_mut().zip(gaussian(&series, BLUR)) {
            s[viseme] = v;
        }
    }
    for (p, s) in posteriors.iter_mut().zip(&said) {
        let sure: f32 = KNOWN * s.iter().sum::<f32>();
        for (p, s) in p.iter_mut().zip(s) {
            *p = *p * (1.0 - sure) + KNOWN * s;
        }
    }
    out
}

fn mark(said: &mut [[f32; VISEMES]], viseme: usize, start: f64, end: f64) {
    let frame = |seconds: f64| ((seconds * FRAMES_PER_SECOND).round().max(0.0) as usize).min(said.len());
    let (first, past) = (frame(start), frame(end));
    for s in said.iter_mut().take(past).skip(first) {
        *s = [0.0; VISEMES];
        s[viseme] = 1.0;
    }
}

/// The viseme or visemes of a phoneme; none for marks and word gaps.
fn visemes(phoneme: &TimedPhoneme, next: Option<&TimedPhoneme>) -> Option<Vec<usize>> {
    shapes_of(letter(phoneme)?, next.and_then(letter))
}

/// The viseme or visemes of a sign of Kokoro's alphabet before another one; none for what has no shape.
pub fn shapes_of(symbol: char, next: Option<char>) -> Option<Vec<usize>> {
    if let Some(two) = diphthong(symbol) {
        return Some(two.to_vec());
    }
    if "hɦ".contains(symbol) {
        // The mouth already has the shape of what follows.
        let following = next?;
        return diphthong(following)
            .map_or_else(|| viseme(following), |two| Some(two[0]))
            .map(|v| vec![v]);
    }
    viseme(symbol).map(|v| vec![v])
}

/// Whether this is speech at all and no pause.
pub fn is_spoken(phoneme: &TimedPhoneme) -> bool {
    letter(phoneme).is_some_and(|c| viseme(c) != Some(SIL) && c != ' ')
}

fn letter(phoneme: &TimedPhoneme) -> Option<char> {
    phoneme.symbol.chars().find(|c| !"ˈˌː̃ʰʲ↓→↗↘".contains(*c))
}

/// Kokoro writes English diphthongs as one capital letter.
fn diphthong(symbol: char) -> Option<[usize; 2]> {
    Some(match symbol {
        'A' => [E, I],
        'I' => [AA, I],
        'W' => [AA, U],
        'Y' => [O, I],
        'O' => [O, U],
        'Q' => [E, U],
        _ => return None,
    })
}

/// The table of training/features.py.
fn viseme(symbol: char) -> Option<usize> {
    const GROUPS: [(usize, &str); VISEMES] = [
        (SIL, ",.;:!?—…\"()“”"),
        (PP, "pbmβɸ"),
        (FF, "fvʋ"),
        (TH, "θð"),
        (DD, "tdɖʈTɾʔ"),
        (KK, "kɡgxɣqχŋcɟ"),
        (CH, "ʃʒʧʤɕʂʝʨʥꭧ"),
        (SS, "szʦʣç"),
        (NN, "nlɲɳɴʎ"),
        (RR, "ɹrʁɻɚɜɽ"),
        (AA, "aɑɐʌæɒ"),
        (E, "eɛəᵊ"),
        (I, "iɪɨjᵻɰ"),
        (O, "oɔɤœ"),
        (U, "uʊwɯᵝʋøyɥ"),
    ];
    GROUPS.iter().find(|(_, symbols)| symbols.contains(symbol)).map(|(v, _)| *v)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phoneme(symbol: &str, start: f64, end: f64) -> TimedPhoneme {
        TimedPhoneme {
            symbol: symbol.into(),
            start,
            end,
        }
    }

    #[test]
    fn a_peak_is_a_moment_and_a_hint_is_not() {
        let mut p = vec![[0.0; VISEMES]; 60];
        for (i, v) in [(20, 0.3), (21, 0.9), (22, 0.9), (23, 0.3), (40, 0.3), (41, 0.3)] {
            p[i][PP] = v;
        }
        let found = from_posteriors(&p);
        assert_eq!(found.len(), 1);
        assert!((found[0].middle() - 0.215).abs() < 0.006);
        assert!(found[0].weight(0.215) == 1.0 && found[0].weight(0.4) == 0.0);
    }

    #[test]
    fn known_phonemes_lead_the_posteriors() {
        let mut p = vec![[1.0 / VISEMES as f32; VISEMES]; 60];
        let found = from_phonemes(
            &[
                phoneme("ˈ", 0.1, 0.1),
                phoneme("m", 0.1, 0.2),
                phoneme("h", 0.2, 0.25),
                phoneme("W", 0.25, 0.45),
            ],
            &mut p,
        );
        assert_eq!(found.len(), 1);
        assert!(p[15][PP] > 0.6 && p[30][AA] > 0.6 && p[41][U] > 0.6 && p[22][AA] > 0.3);
        assert!((p[15].iter().sum::<f32>() - 1.0).abs() < 1e-4);
    }
}
