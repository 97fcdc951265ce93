//! Kokoro: 54 voices in nine languages from one net, with a pack that the user installs.
//!
//! The net is Kokoro-82M (StyleTTS 2's decoder with an iSTFT vocoder), its graph edited when the pack was installed: [`surgery`] says how.
//! A voice is a table of styles, one row of 256 numbers for each length of phrase; a blend of tables is a voice, too.

mod cast;
mod edges;
mod graph;
pub mod install;
mod onnx;
mod pack;
mod surgery;

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::alphabet::Row;
use super::{Engine, Language, Manner, Phrase, Utterance, Voice, VoiceInfo};
use crate::error::{Error, Kind, Result};
use crate::model::{Net, Runtime, Tensor};

pub use pack::{Manifest, Pack};

/// The engine's name.
pub const NAME: &str = "kokoro";

/// Samples a second.
pub const RATE: u32 = 24_000;

/// Numbers of one style.
pub const STYLE: usize = 256;

/// Rows of a voice's table: the style of a phrase of n signs is row n - 1.
pub const ROWS: usize = 510;

/// Signs that the net takes at once.
pub const MAX_SIGNS: usize = ROWS;

/// Seconds of sound that one predicted frame lasts.
const FRAME: f64 = 0.025;

/// Seconds by which the decoder is ahead of the predicted frames, measured against a forced alignment.
const BIAS: f64 = -0.062;

/// The engine; cheap to clone. The net and the voices are read when they are first needed.
#[derive(Clone)]
pub struct Kokoro(Arc<Inner>);

struct Inner {
    pack: Pack,
    runtime: Runtime,
    net: OnceLock<Net>,
    /// Held while the net is loaded, so that two first callers do not both do it.
    loading: Mutex<()>,
    voices: Vec<Known>,
}

struct Known {
    info: VoiceInfo,
    style: OnceLock<Vec<f32>>,
}

impl Kokoro {
    /// With the pack in this folder; none where no pack is installed.
    pub fn open(folder: &Path, runtime: &Runtime) -> Result<Option<Self>> {
        let Some(pack) = Pack::open(folder)? else { return Ok(None) };
        let mut infos: Vec<VoiceInfo> = pack.voices().filter_map(cast::info).collect();
        infos.sort_by_key(|info| cast::place(&info.id));
        let known = |info| Known {
            info,
            style: OnceLock::new(),
        };
        let voices = infos.into_iter().map(known).collect();
        Ok(Some(Self(Arc::new(Inner {
            pack,
            runtime: runtime.clone(),
            net: OnceLock::new(),
            loading: Mutex::new(()),
            voices,
        }))))
    }

    /// A voice's table of styles: [`ROWS`] rows of [`STYLE`] numbers; `VoiceUnknown` for what is not ours.
    pub fn style(&self, id: &str) -> Result<&[f32]> {
        let known = self.known(id).ok_or_else(|| {
            let message = format!("voice {id:?} is not one of Kokoro's; `mouthpiece voice list` shows them");
            Error::new(Kind::VoiceUnknown, message)
        })?;
        if let Some(style) = known.style.get() {
            return Ok(style);
        }
        let style = self.0.pack.style(id)?;
        Ok(known.style.get_or_init(|| style))
    }

    /// Says a phrase in any style: one row for all lengths, or a whole table. `pitch` is a factor on the voice's own melody, `speed` one
    /// on its pace.
    pub fn say_style(&self, phrase: &Phrase, style: &[f32], pitch: f32, speed: f32) -> Result<Utterance> {
        let row = Row::of(phrase);
        let signs = row.len();
        if signs == 0 {
            return Ok(Utterance {
                words: vec![(0.0, 0.0); phrase.words.len()],
                ..Utterance::default()
            });
        }
        if signs > MAX_SIGNS {
            let message =
                format!("a phrase has {signs} phonemes and Kokoro says at most {MAX_SIGNS} at once; break it up with punctuation");
            return Err(Error::new(Kind::TextInvalid, message));
        }
        let style = if style.len() == STYLE {
            style
        } else {
            let rows = style.chunks_exact(STYLE);
            let last = rows.len().saturating_sub(1);
            rows.clone()
                .nth((signs - 1).min(last))
                .ok_or_else(|| Error::new(Kind::Internal, "a style is neither a row nor a table"))?
        };
        let outputs = self.net()?.run(&[
            Tensor::new(&[1, signs + 2], row.numbers()),
            Tensor::new(&[1, STYLE], style.to_vec()),
            Tensor::new(&[1], vec![speed]),
            Tensor::new(&[1], vec![pitch]),
        ])?;
        let [sound, durations] = <[Tensor; 2]>::try_from(outputs).map_err(|_| Error::new(Kind::Internal, "Kokoro's net is not ours"))?;
        let mut samples = sound.data;
        // Not once seen; a sample that is no number would harm everything after it.
        samples
            .iter_mut()
            .for_each(|s| *s = if s.is_finite() { s.clamp(-1.0, 1.0) } else { 0.0 });
        let (phonemes, words) = row.times(phrase.words.len(), &durations.data, FRAME, BIAS);
        let mut said = Utterance { samples, phonemes, words };
        edges::settle(&mut said);
        Ok(said)
    }

    fn known(&self, id: &str) -> Option<&Known> {
        self.0.voices.iter().find(|v| v.info.id == id)
    }

    fn net(&self) -> Result<&Net> {
        let inner = &*self.0;
        if let Some(net) = inner.net.get() {
            return Ok(net);
        }
        let _turn = inner.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(net) = inner.net.get() {
            return Ok(net);
        }
        let net = inner.runtime.load(inner.pack.model()?)?;
        Ok(inner.net.get_or_init(|| net))
    }
}

impl Engine for Kokoro {
    fn voices(&self) -> Vec<VoiceInfo> {
        self.0.voices.iter().map(|v| v.info.clone()).collect()
    }

    fn voice(&self, id: &str) -> Option<Result<Arc<dyn Voice>>> {
        let known = self.known(id)?;
        let speaker = Stock {
            kokoro: self.clone(),
            id: id.to_owned(),
            language: known.info.language,
        };
        Some(self.style(id).map(|_| Arc::new(speaker) as Arc<dyn Voice>))
    }
}

/// A pack that cannot be opened: it lists nobody, and says why when one of its voices is asked for.
pub struct Damaged(pub Error);

impl Engine for Damaged {
    fn voices(&self) -> Vec<VoiceInfo> {
        Vec::new()
    }

    fn voice(&self, id: &str) -> Option<Result<Arc<dyn Voice>>> {
        cast::info(id).map(|_| Err(Error::new(self.0.kind, self.0.message.clone())))
    }
}

/// One of the pack's own voices.
struct Stock {
    kokoro: Kokoro,
    id: String,
    language: Language,
}

impl Voice for Stock {
    fn language(&self) -> Language {
        self.language
    }

    fn rate(&self) -> u32 {
        RATE
    }

    fn say(&self, phrase: &Phrase, manner: &Manner) -> Result<Utterance> {
        let pitch = 2f32.powf(manner.pitch / 12.0);
        let mut said = self.kokoro.say_style(phrase, self.kokoro.style(&self.id)?, pitch, manner.speed)?;
        if manner.volume != 0.0 {
            let gain = 10f32.powf(manner.volume / 20.0);
            said.samples.iter_mut().for_each(|s| *s = (*s * gain).clamp(-1.0, 1.0));
        }
        Ok(said)
    }
}
