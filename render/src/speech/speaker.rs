//! Everything that speaking needs: engines with their voices, and how text is read.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::alignment;
use super::hibari::Hibari;
use super::joining::{self, Joint};
use super::kokoro::{self, Kokoro};
use super::matching::{self, Bendable, Engines, Recipe, Styled};
use super::pocket::{self, Pocket};
use super::recording::Take;
use super::{Dictionary, Engine, Manner, Piece, Readers, Script, Spoken, Voice, VoiceInfo};
use crate::error::{Error, Kind, Result};
use crate::media::{Tools, encode};
use crate::model::Runtime;
use crate::mouth::MouthNets;
use crate::progress;

pub use super::recording::{AudioFormat, Recording};

/// Speaks; several threads may use it at once.
pub struct Speaker {
    engines: Vec<Box<dyn Engine>>,
    readers: Readers,
    /// What voices are matched with.
    mould: Mould,
    /// What finds times in speech that comes without; loaded when first needed.
    mouth: OnceLock<MouthNets>,
}

struct Mould {
    runtime: Runtime,
    hibari: Hibari,
    kokoro: Option<Kokoro>,
    pocket: Pocket,
}

impl Speaker {
    /// The engines that are built in, and those whose packs lie in folders under `packs`. Nets are loaded when a voice is asked for.
    pub fn open(packs: &Path, runtime: &Runtime) -> Result<Self> {
        let hibari = Hibari::new(runtime);
        let (kokoro, damaged) = match Kokoro::open(&packs.join(kokoro::NAME), runtime) {
            Ok(kokoro) => (kokoro, None),
            Err(e) => (None, Some(kokoro::Damaged(e))),
        };
        let pocket = Pocket::open(packs, runtime);
        let mut engines: Vec<Box<dyn Engine>> = vec![Box::new(hibari.clone())];
        engines.extend(kokoro.clone().map(|k| Box::new(k) as Box<dyn Engine>));
        engines.extend(damaged.map(|d| Box::new(d) as Box<dyn Engine>));
        engines.push(Box::new(pocket.clone()));
        Ok(Self {
            engines,
            readers: Readers::new(runtime),
            mould: Mould {
                runtime: runtime.clone(),
                hibari,
                kokoro,
                pocket,
            },
            mouth: OnceLock::new(),
        })
    }

    /// The voice that a recipe describes; `VoiceUnknown` if its engine is not here any more.
    pub fn matched(&self, recipe: &Recipe) -> Result<Arc<dyn Voice>> {
        matching::voice(recipe, self)
    }

    /// One engine more; its voices are listed last.
    #[must_use]
    pub fn with_engine(mut self, engine: Box<dyn Engine>) -> Self {
        self.engines.push(engine);
        self
    }

    /// All voices that can speak here and now.
    pub fn voices(&self) -> Vec<VoiceInfo> {
        self.engines.iter().flat_map(|e| e.voices()).collect()
    }

    /// One of them by its id; `VoiceUnknown` if there is none.
    pub fn voice(&self, id: &str) -> Result<Arc<dyn Voice>> {
        self.engines.iter().find_map(|e| e.voice(id)).unwrap_or_else(|| {
            let shown: String = id.escape_debug().take(60).collect();
            Err(Error::new(
                Kind::VoiceUnknown,
                format!("there is no voice \"{shown}\" here; the list of voices has those that are"),
            ))
        })
    }

    /// Speaks a script phrase by phrase; samples of the voice's rate go to `sink` as soon as a phrase is ready, silence between them
    /// included.
    ///
    /// `LanguageUnsupported` where nothing here reads the voice's language; errors of the engine and of `sink` end it.
    pub fn speak(
        &self,
        script: &Script,
        voice: &dyn Voice,
        manner: &Manner,
        dictionary: &Dictionary,
        sink: &mut dyn FnMut(&[f32]) -> Result<()>,
    ) -> Result<Spoken> {
        let mut joint = Joint::new(voice.rate());
        let mut begun = false;
        for piece in self.readers.read(script, voice.language(), dictionary) {
            progress::go_on()?;
            match piece? {
                Piece::Pause(seconds) => joint.pause(seconds),
                Piece::Phrase { phrase, manner: own } => {
                    let manner = manner.and(&own);
                    let phrases = if begun { vec![phrase] } else { joining::soon(phrase) };
                    begun = true;
                    for phrase in phrases {
                        let mut said = voice.say(&phrase, &manner)?;
                        if said.phonemes.is_empty() {
                            alignment::find_times(&phrase, &mut said, voice.rate(), self.mouth()?)?;
                        }
                        joint.add(&phrase, &said, manner.speed, sink)?;
                    }
                }
            }
        }
        joint.finish(sink)
    }

    fn mouth(&self) -> Result<&MouthNets> {
        match self.mouth.get() {
            Some(nets) => Ok(nets),
            None => {
                let nets = MouthNets::load(&self.mould.runtime)?;
                Ok(self.mouth.get_or_init(|| nets))
            }
        }
    }

    /// Speaks into a file, of even loudness: -16 LUFS and the manner's volume, no true peak above -1 dB. On any error nothing is left
    /// behind.
    pub fn record(
        &self,
        script: &Script,
        voice: &dyn Voice,
        manner: &Manner,
        dictionary: &Dictionary,
        to: &Recording,
        tools: &Tools,
    ) -> Result<Spoken> {
        to.check()?;
        encode::check_output(&to.path)?;
        let mut take = Take::new(to, voice.rate())?;
        // Volume is what the finished file has more or less; evening it out would undo it here.
        let level = Manner { volume: 0.0, ..*manner };
        let spoken = self.speak(script, voice, &level, dictionary, &mut |samples| take.push(samples))?;
        take.press(to, manner.volume, tools)?;
        Ok(spoken)
    }
}

impl Engines for Speaker {
    fn kokoro(&self) -> Option<Arc<dyn Styled>> {
        self.mould.kokoro.clone().map(|k| Arc::new(k) as Arc<dyn Styled>)
    }

    fn hibari(&self) -> Option<Arc<dyn Bendable>> {
        Some(Arc::new(self.mould.hibari.clone()))
    }

    fn pocket(&self) -> &[Arc<pocket::Bundle>] {
        self.mould.pocket.bundles()
    }

    fn runtime(&self) -> &Runtime {
        &self.mould.runtime
    }
}
