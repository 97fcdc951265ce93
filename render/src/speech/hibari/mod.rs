//! hibari: English speech on one core, from a net of 8 MB that is embedded. It was taught one voice; the others are bent from it.
//!
//! words -> numbers (`alphabet`) -> net: spectra, pitch and durations -> `synthesis`, as `bend` and `envelope` say. Times of phonemes come from the durations.

mod bend;
mod envelope;
mod noise;
mod synthesis;
#[cfg(test)]
mod tests;
mod voices;

use std::sync::{Arc, Mutex, PoisonError};

use super::alphabet::Row;
use super::{Engine, Language, Manner, Phrase, Utterance, Voice, VoiceInfo};
use crate::error::{Error, Kind, Result};
use crate::model::{Net, Runtime, Tensor};
pub use bend::Bend;
use noise::Noise;
use synthesis::{BINS, HOP, Spectra, Synthesis};
use voices::Timbre;

static NET: &[u8] = include_bytes!("../../../models/hibari_timed_rten.onnx");

/// Seconds of one unit of the net's durations: two frames of its spectra.
const UNIT: f64 = 0.025;
/// What is heard comes so many seconds before the durations say (measured, as for Kokoro, which taught it).
const LEAD: f64 = -0.062;
/// What the net's `speed` may be.
const SPEEDS: (f32, f32) = (0.5, 2.0);
/// Paces that the net need not be asked for: frames closer together or farther apart sound as well.
const NEAR: std::ops::RangeInclusive<f32> = 0.8..=1.6;
/// Numbers that the net was taught with at most; a longer row would blur.
const MOST_SIGNS: usize = 510;

/// The engine; cheap to clone. Its net is loaded when a voice is first asked for.
#[derive(Clone)]
pub struct Hibari {
    runtime: Runtime,
    tract: Arc<Mutex<Option<Arc<Tract>>>>,
}

/// What all voices share.
struct Tract {
    net: Net,
    synthesis: Synthesis,
}

impl Hibari {
    pub fn new(runtime: &Runtime) -> Self {
        Self {
            runtime: runtime.clone(),
            tract: Arc::new(Mutex::new(None)),
        }
    }

    /// Says a phrase as no voice of its own does: bent in any way, at `speed` times the net's pace.
    pub fn say_bent(&self, phrase: &Phrase, bend: &Bend, speed: f32) -> Result<Utterance> {
        self.tract()?.say(phrase, bend, speed)
    }

    fn tract(&self) -> Result<Arc<Tract>> {
        let mut tract = self.tract.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tract) = &*tract {
            return Ok(Arc::clone(tract));
        }
        let loaded = Arc::new(Tract {
            net: self.runtime.load(NET)?,
            synthesis: Synthesis::new(),
        });
        *tract = Some(Arc::clone(&loaded));
        Ok(loaded)
    }
}

impl Engine for Hibari {
    fn voices(&self) -> Vec<VoiceInfo> {
        voices::ALL.iter().map(Timbre::info).collect()
    }

    fn voice(&self, id: &str) -> Option<Result<Arc<dyn Voice>>> {
        let timbre = voices::ALL.iter().find(|t| t.id == id)?;
        Some(self.tract().map(|tract| Arc::new(Speaking { timbre, tract }) as Arc<dyn Voice>))
    }
}

/// One of its voices, ready to speak.
struct Speaking {
    timbre: &'static Timbre,
    tract: Arc<Tract>,
}

impl Voice for Speaking {
    fn language(&self) -> Language {
        self.timbre.language
    }

    fn rate(&self) -> u32 {
        synthesis::RATE
    }

    fn say(&self, phrase: &Phrase, manner: &Manner) -> Result<Utterance> {
        let bend = Bend {
            pitch: self.timbre.bend.pitch * (manner.pitch / 12.0).exp2(),
            ..self.timbre.bend
        };
        let mut said = self.tract.say(phrase, &bend, manner.speed * self.timbre.pace)?;
        let gain = 10f32.powf(manner.volume / 20.0);
        for sample in &mut said.samples {
            *sample = (*sample * gain).clamp(-1.0, 1.0);
        }
        Ok(said)
    }
}

impl Tract {
    fn say(&self, phrase: &Phrase, bend: &Bend, speed: f32) -> Result<Utterance> {
        let row = Row::of(phrase);
        if row.is_empty() {
            return Ok(Utterance::default());
        }
        if row.len() > MOST_SIGNS {
            return Err(Error::new(
                Kind::Internal,
                format!("a phrase of {} phonemes was not cut", row.len()),
            ));
        }
        let numbers = row.numbers();
        let (spectra, durations, hop) = self.paced(&numbers, speed)?;
        let samples = self.synthesis.sound(&spectra, bend, hop, &mut Noise::of(&numbers))?;
        let stretch = hop as f64 / HOP as f64;
        let (phonemes, words) = row.times(phrase.words.len(), &durations, UNIT * stretch, LEAD * stretch);
        Ok(Utterance { samples, phonemes, words })
    }

    /// What is said at a pace: spectra, durations, and samples from one spectrum to the next.
    ///
    /// The net rounds durations to units of 25 ms, most of them to one or two: of all paces it knows few (asked for 1.2 it speaks 1.09
    /// times as fast, for 1.4 1.54 times). What is missing is made up by how far its frames lie apart.
    fn paced(&self, numbers: &[f32], speed: f32) -> Result<(Spectra, Vec<f32>, usize)> {
        let own = self.predict(numbers, 1.0)?;
        let wanted = (own.0.frames * HOP) as f32 / speed;
        let (spectra, durations) = if NEAR.contains(&speed) {
            own
        } else {
            self.predict(numbers, speed)?
        };
        let hop = (wanted / spectra.frames.max(1) as f32).round() as usize;
        Ok((spectra, durations, hop.clamp(*synthesis::HOPS.start(), *synthesis::HOPS.end())))
    }

    /// The net's spectra, and durations of each number in units of 25 ms.
    fn predict(&self, numbers: &[f32], speed: f32) -> Result<(Spectra, Vec<f32>)> {
        let speed = speed.clamp(SPEEDS.0, SPEEDS.1);
        let ids = Tensor::new(&[1, numbers.len()], numbers.to_vec());
        let outputs = self.net.run(&[ids, Tensor::new(&[1], vec![speed])])?;
        let strange = || Error::new(Kind::Internal, "hibari's net gives other outputs than it should");
        let [harmonic, theta, noise, free, phi, pitch, durations] = <[Tensor; 7]>::try_from(outputs).map_err(|_| strange())?;
        let frames = pitch.data.len();
        let fits = |t: &Tensor| t.data.len() == BINS * frames;
        if ![&harmonic, &theta, &noise, &free, &phi].into_iter().all(fits) || durations.data.len() != numbers.len() {
            return Err(strange());
        }
        let spectra = Spectra {
            frames,
            harmonic: harmonic.data,
            theta: theta.data,
            noise: noise.data,
            free: free.data,
            phi: phi.data,
            pitch: pitch.data,
        };
        Ok((spectra, durations.data))
    }
}
