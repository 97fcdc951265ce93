//! Kokoro like a recording: styles of stock voices mixed, pitch, an equaliser; then a search that listens to itself.

use std::sync::Arc;

use super::embedding::{self, Embedding, Encoder};
use super::recipe::{MOST_STYLES, Recipe, Timbre, VERSION};
use super::reference::Heard;
use super::spectrum::{self, Equaliser};
use super::stock::{self, Stock};
use super::{Styled, resample, sentences};
use crate::error::{Error, Kind, Result};
use crate::speech::alphabet::Row;
use crate::speech::{Gender, Language, Manner, Phrase, Utterance, Voice};

/// How often the search speaks; a try costs about two seconds of one core.
const CORRECTIONS: usize = 2;
const TRIES: usize = 6;
/// Times the blend's own pitch.
const PITCH: std::ops::RangeInclusive<f32> = 0.65..=1.55;
/// Shares below this are not heard.
const LEAST_SHARE: f32 = 0.04;

/// The shares of stock voices, one for each; they add up to 1.
type Shares = Vec<f32>;

/// Finds a recipe. Errors of the engine and of nets; `at` hears how far it is, 0 to 1.
pub fn fit(heard: &Heard, language: Language, engine: &dyn Styled, encoder: &Encoder, at: &dyn Fn(f32)) -> Result<Recipe> {
    let here = engine.voices();
    let stock: Vec<Stock> = stock::voices().into_iter().filter(|s| here.iter().any(|id| id == s.id)).collect();
    if stock.is_empty() {
        return Err(Error::new(Kind::Internal, "none of the pack's voices is known to matching"));
    }
    let search = Search {
        heard,
        stock,
        engine,
        encoder,
    };
    let best = search.run(at)?;
    search.recipe(&best, language)
}

struct Search<'a> {
    heard: &'a Heard,
    stock: Vec<Stock>,
    engine: &'a dyn Styled,
    encoder: &'a Encoder,
}

/// One try, and how it sounded.
#[derive(Clone)]
struct Candidate {
    shares: Shares,
    pitch: f32,
    equaliser: Vec<f32>,
    speaker: Embedding,
    similarity: f32,
}

impl Search<'_> {
    fn run(&self, at: &dyn Fn(f32)) -> Result<Candidate> {
        let total = (1 + CORRECTIONS + TRIES) as f32;
        let mut spoken = 0.0;
        let mut step = || {
            spoken += 1.0;
            at(spoken / (total + 1.0));
        };
        let target = &self.heard.speaker;
        let mut best = self.first(self.blend(target))?;
        step();
        // What the net hears of a blend is not the blend of what it hears of its parts: aim off by what was missed.
        let mut aim = target.clone();
        let mut last = best.clone();
        for _ in 0..CORRECTIONS {
            aim = Embedding::of(std::array::from_fn(|i| aim.0[i] + 0.6 * (target.0[i] - last.speaker.0[i])));
            last = self.first(self.blend(&aim))?;
            step();
            if last.similarity > best.similarity {
                best = last.clone();
            }
        }
        let mut chance = Chance(0x2545_f491_4f6c_dd1d);
        for _ in 0..TRIES {
            let (shares, pitch) = self.near(&best, &mut chance);
            let made = self.hear(shares, pitch.clamp(*PITCH.start(), *PITCH.end()))?;
            step();
            if made.similarity > best.similarity {
                best = made;
            }
        }
        Ok(best)
    }

    /// Speaks once to hear the blend's own pitch and colour, then as the reference has them.
    fn first(&self, shares: Shares) -> Result<Candidate> {
        let pitch: f32 = shares.iter().zip(&self.stock).map(|(w, s)| w * s.pitch.ln()).sum::<f32>().exp();
        let ratio = (self.heard.pitch / pitch).clamp(*PITCH.start(), *PITCH.end());
        self.hear(shares, ratio)
    }

    fn hear(&self, shares: Shares, pitch: f32) -> Result<Candidate> {
        let phrase = sentences::search();
        let said = self.engine.say(&phrase, &self.style(&shares, &phrase)?, 1.0, pitch)?.samples;
        let equaliser = spectrum::between(&spectrum::colour(&said), &self.heard.colour);
        let speaker = self.speaker(&Equaliser::new(&equaliser).apply(&said))?;
        Ok(Candidate {
            similarity: speaker.similarity(&self.heard.speaker),
            shares,
            pitch,
            equaliser,
            speaker,
        })
    }

    fn speaker(&self, sound: &[f32]) -> Result<Embedding> {
        self.encoder.embed(&resample(sound, spectrum::RATE, embedding::RATE))
    }

    fn style(&self, shares: &Shares, phrase: &Phrase) -> Result<Vec<f32>> {
        let used = self.stock.iter().zip(shares.iter().copied()).map(|(s, share)| (s.id, share));
        mixed(self.engine, used, phrase)
    }

    fn nearest(&self) -> usize {
        let near = |i: &usize| self.stock[*i].speaker.similarity(&self.heard.speaker);
        (0..self.stock.len()).max_by(|a, b| near(a).total_cmp(&near(b))).unwrap_or(0)
    }

    fn only(&self, voice: usize) -> Shares {
        (0..self.stock.len()).map(|i| if i == voice { 1.0 } else { 0.0 }).collect()
    }

    /// Non-negative least squares by coordinate descent: the shares whose embeddings add up to `aim`, with a weight on their sum being 1.
    fn blend(&self, aim: &Embedding) -> Shares {
        const SUM: f32 = 10.0;
        const SWEEPS: usize = 400;
        let n = self.stock.len();
        let product = |a: &Embedding, b: &Embedding| a.similarity(b) + SUM;
        let gram: Vec<Vec<f32>> = self
            .stock
            .iter()
            .map(|a| self.stock.iter().map(|b| product(&a.speaker, &b.speaker)).collect())
            .collect();
        let right: Vec<f32> = self.stock.iter().map(|a| product(&a.speaker, aim)).collect();
        let mut shares = vec![1.0 / n as f32; n];
        for _ in 0..SWEEPS {
            for i in 0..n {
                let others: f32 = (0..n).filter(|j| *j != i).map(|j| gram[i][j] * shares[j]).sum();
                shares[i] = ((right[i] - others) / gram[i][i]).max(0.0);
            }
        }
        self.few(shares)
    }

    /// At most six, none that is not heard, and together 1.
    fn few(&self, mut shares: Shares) -> Shares {
        let mut order: Vec<f32> = shares.clone();
        order.sort_by(|a, b| b.total_cmp(a));
        let sum: f32 = order.iter().take(MOST_STYLES).sum::<f32>().max(1e-6);
        let least = order.get(MOST_STYLES).copied().unwrap_or(0.0).max(LEAST_SHARE * sum);
        shares.iter_mut().filter(|w| **w <= least).for_each(|w| *w = 0.0);
        let sum: f32 = shares.iter().sum();
        if sum <= 0.0 {
            return self.only(self.nearest());
        }
        shares.iter_mut().for_each(|w| *w /= sum);
        shares
    }

    /// Shares and a pitch near the best so far, one more voice mixed in.
    fn near(&self, best: &Candidate, chance: &mut Chance) -> (Shares, f32) {
        let mut shares = best.shares.clone();
        for w in shares.iter_mut().filter(|w| **w > 0.0) {
            *w = (*w + 0.12 * chance.normal()).max(0.0);
        }
        let other = (chance.uniform() * shares.len() as f32) as usize;
        if let Some(w) = shares.get_mut(other) {
            *w += 0.15 * chance.normal().abs();
        }
        (self.few(shares), best.pitch * (0.03 * chance.normal()).exp())
    }

    /// What to keep; the similarity is that of a sentence that the search has not heard.
    fn recipe(&self, best: &Candidate, language: Language) -> Result<Recipe> {
        let phrase = sentences::trial();
        let said = self
            .engine
            .say(&phrase, &self.style(&best.shares, &phrase)?, 1.0, best.pitch)?
            .samples;
        let speaker = self.speaker(&Equaliser::new(&best.equaliser).apply(&said))?;
        let female: f32 = self
            .stock
            .iter()
            .zip(&best.shares)
            .filter(|(s, _)| s.is_female())
            .map(|(_, w)| w)
            .sum();
        let used = self.stock.iter().zip(&best.shares).filter(|(_, w)| **w > 0.0);
        let mut styles: Vec<(String, f32)> = used.map(|(s, w)| (s.id.to_owned(), *w)).collect();
        styles.sort_by(|a, b| b.1.total_cmp(&a.1));
        Ok(Recipe {
            version: VERSION,
            language,
            gender: if female >= 0.5 { Gender::Female } else { Gender::Male },
            similarity: speaker.similarity(&self.heard.speaker),
            timbre: Timbre::Kokoro {
                styles,
                pitch: best.pitch,
                equaliser: best.equaliser.clone(),
            },
        })
    }
}

/// The style of a phrase's length, mixed.
fn mixed<'a>(engine: &dyn Styled, shares: impl Iterator<Item = (&'a str, f32)>, phrase: &Phrase) -> Result<Vec<f32>> {
    let signs = Row::of(phrase).len();
    let mut style = Vec::new();
    for (voice, share) in shares.filter(|(_, share)| *share > 0.0) {
        let own = engine.style(voice, signs)?;
        style.resize(own.len(), 0.0);
        style.iter_mut().zip(&own).for_each(|(to, v)| *to += share * v);
    }
    Ok(style)
}

/// A matched voice that speaks.
pub struct Blended {
    engine: Arc<dyn Styled>,
    language: Language,
    styles: Vec<(String, f32)>,
    pitch: f32,
    equaliser: Equaliser,
}

impl Blended {
    /// `VoiceUnknown` where the pack has one of its styles no more; another engine's recipe is `Internal`.
    pub fn new(recipe: &Recipe, engine: Arc<dyn Styled>) -> Result<Self> {
        let Timbre::Kokoro { styles, pitch, equaliser } = &recipe.timbre else {
            return Err(Error::new(Kind::Internal, "a recipe of another engine"));
        };
        styles.iter().try_for_each(|(id, _)| engine.style(id, 1).map(|_| ()))?;
        Ok(Self {
            engine,
            language: recipe.language,
            styles: styles.clone(),
            pitch: *pitch,
            equaliser: Equaliser::new(equaliser),
        })
    }
}

impl Voice for Blended {
    fn language(&self) -> Language {
        self.language
    }

    fn rate(&self) -> u32 {
        spectrum::RATE
    }

    fn say(&self, phrase: &Phrase, manner: &Manner) -> Result<Utterance> {
        let style = mixed(&*self.engine, self.styles.iter().map(|(id, share)| (id.as_str(), *share)), phrase)?;
        let pitch = self.pitch * (manner.pitch / 12.0).exp2();
        let said = self.engine.say(phrase, &style, manner.speed, pitch)?;
        Ok(Utterance {
            samples: self.equaliser.levelled(&said.samples, manner.volume),
            ..said
        })
    }
}

/// Repeatable chance (xorshift64): the same recording gives the same voice.
pub struct Chance(pub u64);

impl Chance {
    /// 0 to 1.
    pub fn uniform(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1u64 << 24) as f32
    }

    /// Normal, of variance 1 (Box and Muller).
    pub fn normal(&mut self) -> f32 {
        let (a, b) = (self.uniform().max(1e-7), self.uniform());
        (-2.0 * a.ln()).sqrt() * (std::f32::consts::TAU * b).cos()
    }
}
