//! What a matched voice is, for keeping.

use serde::{Deserialize, Serialize};

use super::spectrum::BANDS_HZ;
use crate::error::{Error, Kind, Result};
use crate::speech::hibari::Bend;
use crate::speech::{Gender, Language};

/// Which engine makes a matched voice, and how; small, kept by the caller as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Of this form; another is not read.
    pub version: u32,
    pub language: Language,
    /// As it sounds.
    pub gender: Gender,
    /// The cosine between the speaker embeddings of the reference and of what the voice says: 1 is the same, different people have about
    /// 0.55, two recordings of one person about 0.85.
    pub similarity: f32,
    pub timbre: Timbre,
}

/// What is special to an engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "engine", rename_all = "lowercase", deny_unknown_fields)]
pub enum Timbre {
    Kokoro {
        /// Stock voices and their shares, which add up to 1; at most six.
        styles: Vec<(String, f32)>,
        /// Times the mixed voice's own pitch: 0.6 to 1.6.
        pitch: f32,
        /// dB at the bands of [`BANDS_HZ`].
        equaliser: Vec<f32>,
    },
    Hibari {
        bend: Bend,
        /// dB at the bands of [`BANDS_HZ`].
        equaliser: Vec<f32>,
    },
    Pocket {
        /// The bundle's name.
        bundle: String,
        /// What the bundle's encoder heard, rows of its conditioning: base64 of 16-bit numbers (bfloat16).
        prompt: String,
    },
}

/// The form of recipes that this program writes and reads.
pub const VERSION: u32 = 1;

/// The most styles in a blend.
pub const MOST_STYLES: usize = 6;

/// Bytes of a prompt.
const MOST_PROMPT: usize = 4 << 20;

impl Recipe {
    /// The engine's name.
    pub fn engine(&self) -> &str {
        match &self.timbre {
            Timbre::Kokoro { .. } => "kokoro",
            Timbre::Hibari { .. } => "hibari",
            Timbre::Pocket { bundle, .. } => bundle,
        }
    }

    /// Whether it is in range; recipes come back from wherever the caller kept them.
    pub fn check(&self) -> Result<()> {
        let broken = |what: String| Err(Error::new(Kind::Internal, format!("a matched voice's recipe is damaged: {what}")));
        if self.version != VERSION {
            return broken(format!("it has version {}, and {VERSION} is read", self.version));
        }
        let even = |equaliser: &[f32]| equaliser.len() == BANDS_HZ.len() && equaliser.iter().all(|db| db.abs() <= 12.0);
        match &self.timbre {
            Timbre::Kokoro { styles, pitch, equaliser } => {
                let sum: f32 = styles.iter().map(|(_, share)| share).sum();
                let counted = (1..=MOST_STYLES).contains(&styles.len()) && (sum - 1.0).abs() < 0.01;
                if !counted || styles.iter().any(|(_, s)| !(0.0..=1.0).contains(s)) {
                    return broken("its shares do not add up to 1".into());
                }
                if !(0.5..=2.0).contains(pitch) {
                    return broken(format!("a pitch ratio of {pitch}"));
                }
                if !even(equaliser) {
                    return broken("its equaliser".into());
                }
            }
            Timbre::Hibari { bend, equaliser } => {
                let ranges = [
                    (bend.pitch, 0.3..=2.0),
                    (bend.formants, 0.6..=1.4),
                    (bend.liveliness, 0.0..=2.0),
                    (bend.tilt, -6.0..=6.0),
                    (bend.breath, -20.0..=20.0),
                ];
                if ranges.iter().any(|(value, range)| !range.contains(value)) || !even(equaliser) {
                    return broken("its bend".into());
                }
            }
            Timbre::Pocket { prompt, .. } => {
                if prompt.len() > MOST_PROMPT {
                    return broken("its prompt is too long".into());
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe() -> Recipe {
        Recipe {
            version: VERSION,
            language: Language::AmericanEnglish,
            gender: Gender::Female,
            similarity: 0.81,
            timbre: Timbre::Kokoro {
                styles: vec![("af_heart".into(), 0.7), ("bf_emma".into(), 0.3)],
                pitch: 1.1,
                equaliser: vec![0.0; BANDS_HZ.len()],
            },
        }
    }

    #[test]
    fn recipes_are_kept_as_json() {
        let text = serde_json::to_string(&recipe()).expect("JSON");
        assert!(text.contains("\"engine\":\"kokoro\""), "{text}");
        assert_eq!(serde_json::from_str::<Recipe>(&text).expect("reads back"), recipe());
        assert!(recipe().check().is_ok());
    }

    #[test]
    fn damaged_recipes_are_refused() {
        let change = |f: &dyn Fn(&mut Recipe)| {
            let mut r = recipe();
            f(&mut r);
            r.check().expect_err("damaged").message
        };
        assert!(change(&|r| r.version = 2).contains("version 2"));
        assert!(
            change(&|r| r.timbre = Timbre::Kokoro {
                styles: vec![],
                pitch: 1.0,
                equaliser: vec![]
            })
            .contains("shares")
        );
        assert!(
            change(&|r| {
                if let Timbre::Kokoro { pitch, .. } = &mut r.timbre {
                    *pitch = f32::NAN;
                }
            })
            .contains("pitch")
        );
    }
}
