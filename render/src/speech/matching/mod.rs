//! A voice like a recording: matching, not cloning. What comes out is a [`Recipe`]: which engine, and how it is bent.
//!
//! recording -> `reference` (what can be used of it, or why nothing) -> `embedding` (whose voice) -> `blend` (Kokoro: styles mixed,
//! pitch, equaliser, a search) or `bend` (hibari: pitch, throat, breath) or a Pocket TTS bundle, the one that truly clones -> a recipe.
//! How well: training/judge_matching.py.

mod bend;
mod blend;
mod embedding;
mod recipe;
mod reference;
mod resample;
mod sentences;
mod spectrum;
mod stock;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Kind, Result};
use crate::media::Tools;
use crate::model::Runtime;
use crate::progress::{self, Progress, Stage, Watch};
use crate::speech::hibari::{Bend, Hibari};
use crate::speech::kokoro::{self, Kokoro};
use crate::speech::{Engine, Language, Phrase, Utterance, Voice, pocket};

pub(crate) use blend::Chance;
pub use embedding::{Embedding, Encoder, RATE};
pub use recipe::{Recipe, Timbre};
pub use reference::{Heard, LONGEST, SHORTEST};
pub use resample::resample;

/// How a reference is to be matched.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Takes noise out of the recording before it is listened to.
    pub denoise: bool,
    /// What the voice is to speak; American English if nothing is said.
    pub language: Option<Language>,
    /// `kokoro`, `hibari`, `pocket` or the name of a Pocket TTS bundle; the best that is there if nothing is said: a bundle that speaks the
    /// language, then Kokoro, then hibari.
    pub engine: Option<String>,
}

/// Kokoro, as far as matching goes.
pub trait Styled: Send + Sync {
    /// The voices whose styles can be mixed.
    fn voices(&self) -> Vec<String>;

    /// A voice's style for phrases of so many signs: 256 numbers. `VoiceUnknown`.
    fn style(&self, voice: &str, signs: usize) -> Result<Vec<f32>>;

    /// Says a phrase in a style of 256 numbers, at a speed and with its pitch times `pitch`; 24 kHz.
    fn say(&self, phrase: &Phrase, style: &[f32], speed: f32, pitch: f32) -> Result<Utterance>;
}

impl Styled for Kokoro {
    fn voices(&self) -> Vec<String> {
        Engine::voices(self).into_iter().map(|info| info.id).collect()
    }

    fn style(&self, voice: &str, signs: usize) -> Result<Vec<f32>> {
        let table = Kokoro::style(self, voice)?;
        let row = signs.clamp(1, kokoro::ROWS) - 1;
        let style = table.chunks_exact(kokoro::STYLE).nth(row);
        style
            .map(<[f32]>::to_vec)
            .ok_or_else(|| Error::new(Kind::Internal, "a table of styles that is too short"))
    }

    fn say(&self, phrase: &Phrase, style: &[f32], speed: f32, pitch: f32) -> Result<Utterance> {
        self.say_style(phrase, style, pitch, speed)
    }
}

/// hibari, as far as matching goes.
pub trait Bendable: Send + Sync {
    /// Says a phrase in English at a speed, bent; 24 kHz.
    fn say(&self, phrase: &Phrase, speed: f32, bend: &Bend) -> Result<Utterance>;
}

impl Bendable for Hibari {
    fn say(&self, phrase: &Phrase, speed: f32, bend: &Bend) -> Result<Utterance> {
        self.say_bent(phrase, bend, speed)
    }
}

/// What there is to match with; `Speaker` has it.
pub trait Engines: Send + Sync {
    fn kokoro(&self) -> Option<Arc<dyn Styled>>;
    fn hibari(&self) -> Option<Arc<dyn Bendable>>;
    fn pocket(&self) -> &[Arc<pocket::Bundle>];
    fn runtime(&self) -> &Runtime;
}

/// Listens to a recording and finds how to speak like it; 10 to 40 seconds of one core, the most of it the search.
///
/// Errors: `ReferenceUnfit` with a sentence that says what was found and what to do, those of sound that cannot be read,
/// `LanguageUnsupported` and `VoiceUnknown` for options that nothing here can honour, `Cancelled`.
pub fn enrol(reference: &Path, options: &Options, engines: &dyn Engines, tools: &Tools, progress: &mut dyn Progress) -> Result<Recipe> {
    let mut watch = Watch::new(progress);
    let maker = Maker::choose(options, engines)?;
    let encoder = Encoder::load(engines.runtime())?;
    let heard = watch.stage(Stage::Reading, |w| {
        progress::aside(|| reference::listen(reference, options.denoise, &encoder, tools), &mut || {
            w.check(0, 1)
        })
    })?;
    let language = options.language.unwrap_or(Language::AmericanEnglish);
    watch.stage(Stage::Matching, |w| {
        let done = std::sync::atomic::AtomicU64::new(0);
        let at = |share: f32| done.store((share * 100.0) as u64, std::sync::atomic::Ordering::Relaxed);
        progress::aside(
            || match &maker {
                Maker::Kokoro(engine) => blend::fit(&heard, language, &**engine, &encoder, &at),
                Maker::Hibari(engine) => bend::fit(&heard, language, &**engine, &encoder, &at),
                Maker::Pocket(bundle) => bundle.imitate(&heard, &encoder),
            },
            &mut || w.check(done.load(std::sync::atomic::Ordering::Relaxed), 100),
        )
    })
}

/// The voice that a recipe describes; `VoiceUnknown` if its engine is not here any more, `Internal` for a damaged recipe.
pub fn voice(recipe: &Recipe, engines: &dyn Engines) -> Result<Arc<dyn Voice>> {
    recipe.check()?;
    let gone = |what: &str| {
        Error::new(
            Kind::VoiceUnknown,
            format!("the voice was matched with {what}, which is not installed here any more; install it again, or match the voice anew"),
        )
    };
    match &recipe.timbre {
        Timbre::Kokoro { .. } => {
            let engine = engines.kokoro().ok_or_else(|| gone("Kokoro"))?;
            Ok(Arc::new(blend::Blended::new(recipe, engine)?))
        }
        Timbre::Hibari { bend, equaliser } => {
            let engine = engines.hibari().ok_or_else(|| gone("hibari"))?;
            Ok(Arc::new(bend::Bent::new(recipe.language, *bend, equaliser, engine)))
        }
        Timbre::Pocket { bundle, prompt } => {
            let found = engines.pocket().iter().find(|b| b.name() == bundle);
            let found = found.ok_or_else(|| gone(&format!("the Pocket TTS bundle {bundle}")))?;
            Ok(Arc::new(found.voice_of(prompt)?))
        }
    }
}

enum Maker {
    Kokoro(Arc<dyn Styled>),
    Hibari(Arc<dyn Bendable>),
    Pocket(Arc<pocket::Bundle>),
}

impl Maker {
    fn choose(options: &Options, engines: &dyn Engines) -> Result<Self> {
        let language = options.language.unwrap_or(Language::AmericanEnglish);
        let speaks = |bundle: &&Arc<pocket::Bundle>| bundle.language().name() == language.name();
        let pocket = || engines.pocket().iter().find(speaks).cloned().map(Self::Pocket);
        let kokoro = || engines.kokoro().map(Self::Kokoro);
        let hibari = || engines.hibari().filter(|_| language.is_english()).map(Self::Hibari);
        let named = |name: &str| match name {
            "kokoro" => kokoro(),
            "hibari" => hibari(),
            "pocket" => pocket(),
            _ => engines
                .pocket()
                .iter()
                .filter(speaks)
                .find(|b| b.name() == name)
                .cloned()
                .map(Self::Pocket),
        };
        match &options.engine {
            Some(name) => named(name).ok_or_else(|| {
                Error::new(
                    Kind::VoiceUnknown,
                    format!(
                        "the engine {name:?} is not installed here, or does not match voices in {}",
                        language.name()
                    ),
                )
            }),
            None => pocket().or_else(kokoro).or_else(hibari).ok_or_else(|| {
                Error::new(
                    Kind::LanguageUnsupported,
                    format!(
                        "nothing here can match a voice that speaks {}; install Kokoro with `mouthpiece voice pull kokoro`",
                        language.name()
                    ),
                )
            }),
        }
    }
}
