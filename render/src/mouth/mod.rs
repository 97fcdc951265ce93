//! Sound to mouth: a recording, with or without its phonemes, becomes a shape of the lower face for every frame.
//!
//! sound -> log-mel (`mel`) -> viseme posteriors, and the talker's lips (`nets`) -> who speaks when (`voice`) -> lips that
//! shut, tuck and round as they must (`events`, `shape`) -> frames. How well: training/README.md.

mod events;
mod heard;
mod mel;
mod nets;
mod shape;
mod smooth;
mod voice;

pub(crate) use events::shapes_of;
pub(crate) use mel::{BANDS, FRAMES_PER_SECOND};
pub(crate) use nets::{SIL, VISEMES};

pub use heard::Heard;
pub use nets::MouthNets;

use crate::error::Error;
use crate::scene::Fps;

/// What the lower face does in one frame; centimetres on the canonical head.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MouthShape {
    /// Inner-lip opening, at least 0.
    pub gap: f32,
    /// Corner-to-corner width minus the talker's rest width; negative is rounded.
    pub width: f32,
    /// Upper lip raise, up positive.
    pub upper: f32,
    /// Chin drop, down positive.
    pub chin: f32,
    /// 0 to 1: lips pressed together (p, b, m).
    pub closure: f32,
    /// 0 to 1: lower lip under the upper teeth (f, v).
    pub tuck: f32,
    /// 0 to 1: tongue tip at the teeth (th; l, d, n with less).
    pub tongue: f32,
    /// 0 to 1: rounding and protrusion (oo, w; sh a little).
    pub pucker: f32,
}

/// A mouth over time, one shape a frame.
#[derive(Clone, Debug)]
pub struct MouthTrack {
    pub fps: Fps,
    pub shapes: Vec<MouthShape>,
    /// 0 to 1: how much is being spoken in this frame.
    pub voice: Vec<f32>,
    /// 0 to 1: smoothed prosodic loudness.
    pub energy: Vec<f32>,
}

impl MouthTrack {
    /// A shut mouth.
    pub fn silent(frames: usize, fps: Fps) -> Self {
        Self {
            fps,
            shapes: vec![MouthShape::default(); frames],
            voice: vec![0.0; frames],
            energy: vec![0.0; frames],
        }
    }

    /// Cut to so many frames, or held: the mouth comes to rest then.
    pub fn resize(&mut self, frames: usize) {
        /// Frames in which an open mouth shuts.
        const SHUT: usize = 5;
        let last = self.shapes.last().copied().unwrap_or_default();
        let had = self.shapes.len();
        self.shapes.resize(frames, MouthShape::default());
        for (n, shape) in self.shapes.iter_mut().skip(had).take(SHUT).enumerate() {
            *shape = last.weakened(1.0 - (n + 1) as f32 / SHUT as f32);
        }
        self.voice.resize(frames, 0.0);
        self.energy.resize(frames, 0.0);
    }
}

impl MouthShape {
    /// The same with everything so many times as strong.
    fn weakened(self, by: f32) -> Self {
        let Self {
            gap,
            width,
            upper,
            chin,
            closure,
            tuck,
            tongue,
            pucker,
        } = self;
        Self {
            gap: gap * by,
            width: width * by,
            upper: upper * by,
            chin: chin * by,
            closure: closure * by,
            tuck: tuck * by,
            tongue: tongue * by,
            pucker: pucker * by,
        }
    }
}

/// A phoneme that is known to be spoken.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimedPhoneme {
    /// IPA, as Kokoro's alphabet writes it; stress and length marks are ignored.
    pub symbol: String,
    /// Seconds from the start of the sound.
    pub start: f64,
    pub end: f64,
}

/// The mouth of a whole recording.
///
/// `sound`: blocks of 16 kHz mono in [-1, 1], taken one by one and not kept. `frames` says how many frames so many seconds of
/// sound need. Frame i is centred on second (i + 0.5) / fps; frames beyond the end of the sound are at rest. With `phonemes` closures, tucks and rounding are certain, without them the
/// nets' posteriors decide. Errors are those of the sound's source and of nets that do not run.
pub fn track(
    sound: &mut dyn Iterator<Item = Result<Vec<f32>, Error>>,
    frames: impl FnOnce(f64) -> usize,
    fps: Fps,
    phonemes: Option<&[TimedPhoneme]>,
    nets: &MouthNets,
) -> Result<MouthTrack, Error> {
    let heard = Heard::listen(sound, nets)?;
    let frames = frames(heard.seconds());
    heard.track(frames, fps, phonemes, nets)
}
