//! hibari like a recording: one voice, its pitch and envelope bent by a search that listens to itself. Weaker than a blend.

use std::sync::Arc;

use super::blend::Chance;
use super::embedding::{self, Encoder};
use super::recipe::{Recipe, Timbre};
use super::reference::Heard;
use super::{Bend, Bendable, resample, sentences, spectrum};
use crate::error::Result;
use crate::speech::{Language, Manner, Phrase, Utterance, Voice};

/// hibari's own pitch in Hz, should it not be heard.
const OWN_PITCH: f32 = 180.0;
/// How often the search speaks; a try costs a fifth of a second of one core.
const TRIES: usize = 90;
/// What a strong envelope costs, so that it stays gentle.
const GENTLE: f32 = 0.01;

impl Default for Bend {
    fn default() -> Self {
        Self {
            pitch: 1.0,
            formants: 1.0,
            breath: 0.0,
            envelope: [0.0; 8],
        }
    }
}

/// Finds a recipe: random steps from pitch and throat as the reference's pitch suggests them.
pub fn fit(heard: &Heard, language: Language, engine: &dyn Bendable, encoder: &Encoder, at: &dyn Fn(f32)) -> Result<Recipe> {
    let hear = |bend: &Bend, phrase: &Phrase| -> Result<f32> {
        let said = engine.say(phrase, 1.0, bend)?.samples;
        let speaker = encoder.embed(&resample(&said, spectrum::RATE, embedding::RATE))?;
        Ok(speaker.similarity(&heard.speaker))
    };
    let cost = |bend: &Bend| GENTLE * bend.envelope.iter().map(|v| v * v).sum::<f32>();
    let said = engine.say(&sentences::search(), 1.0, &Bend::default())?.samples;
    let own = spectrum::pitch(&said).unwrap_or(OWN_PITCH);
    let pitch = (heard.pitch / own).clamp(0.4, 1.6);
    let mut best = Bend {
        pitch,
        formants: (0.35 * pitch.ln()).clamp(-0.25, 0.12).exp(),
        ..Bend::default()
    };
    let mut most = hear(&best, &sentences::search())? - cost(&best);
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for i in 0..TRIES {
        at(i as f32 / TRIES as f32);
        let size = if i < TRIES / 2 { 1.2 } else { 0.6 };
        let bend = Bend {
            pitch: (best.pitch * (0.06 * size * chance.normal()).exp()).clamp(0.4, 1.6),
            formants: (best.formants * (0.05 * size * chance.normal()).exp()).clamp(0.75, 1.2),
            breath: (best.breath + 0.3 * size * chance.normal()).clamp(-1.0, 1.0),
            envelope: best.envelope.map(|v| (v + 0.25 * size * chance.normal()).clamp(-1.5, 1.5)),
        };
        let made = hear(&bend, &sentences::search())? - cost(&bend);
        if made > most {
            (most, best) = (made, bend);
        }
    }
    let similarity = hear(&best, &sentences::trial())?;
    Ok(heard.recipe(language, similarity, Timbre::Hibari { bend: best }))
}

/// A matched voice that speaks.
pub struct Bent {
    language: Language,
    bend: Bend,
    engine: Arc<dyn Bendable>,
}

impl Bent {
    pub fn new(language: Language, bend: Bend, engine: Arc<dyn Bendable>) -> Self {
        Self { language, bend, engine }
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
        let mut said = self.engine.say(phrase, manner.speed, &bend)?;
        let level = 10f32.powf(manner.volume / 20.0);
        said.samples.iter_mut().for_each(|v| *v = (*v * level).clamp(-1.0, 1.0));
        Ok(said)
    }
}
