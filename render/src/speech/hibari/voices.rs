//! The voices: one that the net was taught, and what it can be bent to.

use super::bend::Bend;
use crate::speech::{Gender, Language, VoiceInfo};

/// A voice of this engine.
pub struct Timbre {
    pub id: &'static str,
    pub name: &'static str,
    pub language: Language,
    pub gender: Gender,
    pub accent: &'static str,
    pub description: &'static str,
    pub use_case: &'static str,
    pub age: &'static str,
    pub bend: Bend,
    /// Times the net's own pace.
    pub pace: f32,
}

impl Timbre {
    pub fn info(&self) -> VoiceInfo {
        VoiceInfo {
            id: self.id.into(),
            name: self.name.into(),
            language: self.language,
            gender: self.gender,
            accent: self.accent.into(),
            description: self.description.into(),
            use_case: self.use_case.into(),
            age: self.age.into(),
            engine: "hibari".into(),
        }
    }
}

const TAUGHT: Bend = Bend {
    pitch: 1.0,
    liveliness: 1.0,
    formants: 1.0,
    tilt: 0.0,
    breath: 0.0,
};

pub static ALL: [Timbre; 5] = [
    Timbre {
        id: "hibari_ada",
        name: "Ada",
        language: Language::AmericanEnglish,
        gender: Gender::Female,
        accent: "American",
        description: "Warm and clear: the voice as the net was taught it.",
        use_case: "narration",
        age: "middle_aged",
        bend: TAUGHT,
        pace: 1.0,
    },
    Timbre {
        id: "hibari_june",
        name: "June",
        language: Language::AmericanEnglish,
        gender: Gender::Female,
        accent: "American",
        description: "Bright and lively; Ada's voice, bent higher.",
        use_case: "social media",
        age: "young",
        bend: Bend {
            pitch: 1.14,
            formants: 1.07,
            liveliness: 1.1,
            tilt: 0.3,
            breath: -4.0,
        },
        pace: 1.05,
    },
    Timbre {
        id: "hibari_ruth",
        name: "Ruth",
        language: Language::AmericanEnglish,
        gender: Gender::Female,
        accent: "American",
        description: "Low and calm; Ada's voice, bent lower and slower.",
        use_case: "audiobook",
        age: "old",
        bend: Bend {
            pitch: 0.84,
            formants: 0.95,
            liveliness: 0.9,
            tilt: -0.5,
            breath: -4.0,
        },
        pace: 0.92,
    },
    Timbre {
        id: "hibari_theo",
        name: "Theo",
        language: Language::AmericanEnglish,
        gender: Gender::Male,
        accent: "American",
        description: "Friendly and light; Ada's voice, bent to a man's pitch and formants.",
        use_case: "explainer",
        age: "young",
        bend: Bend {
            pitch: 0.62,
            formants: 0.88,
            breath: -6.0,
            ..TAUGHT
        },
        pace: 1.02,
    },
    Timbre {
        id: "hibari_walt",
        name: "Walt",
        language: Language::AmericanEnglish,
        gender: Gender::Male,
        accent: "American",
        description: "Deep and unhurried; Ada's voice, bent to a big man's pitch and formants.",
        use_case: "documentary",
        age: "middle_aged",
        bend: Bend {
            pitch: 0.5,
            formants: 0.83,
            liveliness: 0.9,
            tilt: -0.4,
            breath: -6.0,
        },
        pace: 0.94,
    },
];
