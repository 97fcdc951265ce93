//! A recording as the mouth's first net heard it: kept, so that it can be aligned with its words before lips are drawn from it.

use super::mel::{self, Frame};
use super::nets::{self, Loud, MouthNets, Posteriors};
use super::shape::Effort;
use super::voice::Voice;
use super::{MouthShape, MouthTrack, TimedPhoneme, events, shape};
use crate::error::Error;
use crate::progress;
use crate::scene::Fps;

/// 22 kB for each second of sound.
pub struct Heard {
    seconds: f64,
    frames: Vec<Frame>,
    loud: Loud,
    posteriors: Vec<Posteriors>,
}

impl Heard {
    /// `sound`: blocks of 16 kHz mono in [-1, 1], taken one by one and not kept. Errors are those of the sound's source and of a net
    /// that does not run.
    pub fn listen(sound: &mut dyn Iterator<Item = Result<Vec<f32>, Error>>, nets: &MouthNets) -> Result<Self, Error> {
        let mut log_mel = mel::LogMel::new();
        let mut samples = 0;
        for block in sound {
            let block = block?;
            samples += block.len();
            log_mel.push(&block);
        }
        let frames = log_mel.finish();
        let loud = Loud::of(&frames);
        Ok(Self {
            seconds: samples as f64 / mel::RATE,
            posteriors: nets.visemes(&frames, loud)?,
            frames,
            loud,
        })
    }

    /// Length of the sound.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// ln(power) of the mel bands each 10 ms.
    pub(crate) fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// Bands under this are silence, for this recording: 55 dB under its loudest.
    pub(crate) fn floor(&self) -> f32 {
        const DEPTH: f32 = 12.7;
        self.loud.peak - DEPTH
    }

    /// Viseme posteriors each 10 ms.
    pub(crate) fn posteriors(&self) -> &[Posteriors] {
        &self.posteriors
    }

    /// The mouth of the recording in `frames` frames; see [`super::track`].
    pub fn track(self, frames: usize, fps: Fps, phonemes: Option<&[TimedPhoneme]>, nets: &MouthNets) -> Result<MouthTrack, Error> {
        let Self {
            frames: heard,
            loud,
            mut posteriors,
            ..
        } = self;
        if heard.is_empty() {
            return Ok(at_rest(frames, fps));
        }
        let events = match phonemes {
            Some(known) => events::from_phonemes(known, &mut posteriors),
            None => events::from_posteriors(&posteriors),
        };
        let voice = Voice::find(&heard, &posteriors, phonemes);
        progress::go_on()?;
        let level: Vec<f32> = heard.iter().map(|f| nets::relative_level(f, loud)).collect();
        drop(heard);
        let effort = if phonemes.is_some() { &Effort::KNOWN } else { &Effort::HEARD };
        let lips = nets.lips(&posteriors, &level)?;
        let fluent = shape::Fluent::new(&posteriors, &lips, &voice, effort);
        progress::go_on()?;
        Ok(MouthTrack {
            fps,
            shapes: shape::frames(&fluent, &events, &voice, frames, fps),
            voice: (0..frames).map(|i| voice.gate_at(fps.middle(i))).collect(),
            energy: (0..frames).map(|i| voice.energy_at(fps.middle(i))).collect(),
        })
    }
}

fn at_rest(frames: usize, fps: Fps) -> MouthTrack {
    MouthTrack {
        fps,
        shapes: vec![MouthShape::default(); frames],
        voice: vec![0.0; frames],
        energy: vec![0.0; frames],
    }
}
