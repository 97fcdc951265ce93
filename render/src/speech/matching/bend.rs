//! hibari like a recording: one voice, its pitch, throat and breath bent by a search that listens to itself. Weaker than a blend.

use std::sync::Arc;

use super::blend::Chance;
use super::embedding::{self, Embedding, Encoder};
use super::recipe::{Recipe, Timbre};
use super::reference::Heard;
use super::spectrum::{self, Equaliser};
use super::{Bendable, resample, sentences};
use crate::error::Result;
use crate::speech::hibari::Bend;
use crate::speech::{Language, Manner, Phrase, Utterance, Voice};

/// hibari's own pitch in Hz, should it not be heard.
const OWN_PITCH: f32 = 180.0;
/// How often the search speaks; a try costs about a fifth of a second of one core.
const TRIES: usize = 50;

/// Finds a recipe: random steps from pitch and throat as the reference's pitch suggests them.
pub fn fit(heard: &Heard, language: Language, engine: &dyn Bendable, encoder: &Encoder, at: &dyn Fn(f32)) -> Result<Recipe> {
    let search = Search { heard, engine, encoder };
    let said = engine.say(&sentences::search(), 1.0, &Bend::default())?.samples;
    let own = spectrum::pitch(&said).unwrap_or(OWN_PITCH);
    let pitch = (heard.pitch / own).clamp(0.4, 1.6);
    let mut best = search.hear(Bend {
        pitch,
        formants: (0.35 * pitch.ln()).clamp(-0.25, 0.12).exp(),
        ..Bend::default()
    })?;
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for i in 0..TRIES {
        at(i as f32 / TRIES as f32);
        let size = if i < TRIES / 2 { 1.2 } else { 0.6 };
        let step = |chance: &mut Chance, deviation: f32| deviation * size * chance.normal();
        let from = &best.bend;
        let made = search.hear(Bend {
            pitch: (from.pitch * step(&mut chance, 0.05).exp()).clamp(0.4, 1.6),
            formants: (from.formants * step(&mut chance, 0.05).exp()).clamp(0.75, 1.2),
            liveliness: (from.liveliness + step(&mut chance, 0.15)).clamp(0.5, 1.6),
            tilt: (from.tilt + step(&mut chance, 0.5)).clamp(-3.0, 3.0),
            breath: (from.breath + step(&mut chance, 2.0)).clamp(-8.0, 8.0),
        })?;
        if made.similarity > best.similarity {
            best = made;
        }
    }
    let said = engine.say(&sentences::trial(), 1.0, &best.bend)?.samples;
    let similarity = search
        .speaker(&Equaliser::new(&best.equaliser).apply(&said))?
        .similarity(&heard.speaker);
    Ok(heard.recipe(
        language,
        similarity,
        Timbre::Hibari {
            bend: best.bend,
            equaliser: best.equaliser,
        },
    ))
}

struct Search<'a> {
    heard: &'a Heard,
    engine: &'a dyn Bendable,
    encoder: &'a Encoder,
}

struct Candidate {
    bend: Bend,
    equaliser: Vec<f32>,
    similarity: f32,
}

impl Search<'_> {
    fn hear(&self, bend: Bend) -> Result<Candidate> {
        let said = self.engine.say(&sentences::search(), 1.0, &bend)?.samples;
        let equaliser = spectrum::between(&spectrum::colour(&said), &self.heard.colour);
        let speaker = self.speaker(&Equaliser::new(&equaliser).apply(&said))?;
        Ok(Candidate {
            bend,
            equaliser,
            similarity: speaker.similarity(&self.heard.speaker),
        })
    }

    fn speaker(&self, sound: &[f32]) -> Result<Embedding> {
        self.encoder.embed(&resample(sound, spectrum::RATE, embedding::RATE))
    }
}

/// A matched voice that speaks.
pub struct Bent {
    language: Language,
    bend: Bend,
    equaliser: Equaliser,
    engine: Arc<dyn Bendable>,
}

impl Bent {
    pub fn new(language: Language, bend: Bend, equaliser: &[f32], engine: Arc<dyn Bendable>) -> Self {
        Self {
            language,
            bend,
            equaliser: Equaliser::new(equaliser),
            engine,
        }
    }
}

impl Voice for Bent {
    fn language(&self) -> Language {
        self.language
    }

    fn rate(&self) -> u32 {
        spectrum::RATE
    }

    fn say(&self, phrase: &Phrase, manner: &Manner) -> Result<Utterance> {
        let bend = Bend {
            pitch: self.bend.pitch * (manner.pitch / 12.0).exp2(),
            ..self.bend
        };
        let said = self.engine.say(phrase, manner.speed, &bend)?;
        Ok(Utterance {
            samples: self.equaliser.levelled(&said.samples, manner.volume),
            ..said
        })
    }
}
