//! The languages that voices speak.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A language, and which country's where that is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    #[serde(rename = "en-US")]
    AmericanEnglish,
    #[serde(rename = "en-GB")]
    BritishEnglish,
    #[serde(rename = "es")]
    Spanish,
    #[serde(rename = "fr")]
    French,
    #[serde(rename = "it")]
    Italian,
    #[serde(rename = "pt-BR")]
    Portuguese,
    #[serde(rename = "hi")]
    Hindi,
    #[serde(rename = "ja")]
    Japanese,
    #[serde(rename = "zh")]
    Chinese,
}

impl Language {
    pub const ALL: [Self; 9] = [
        Self::AmericanEnglish,
        Self::BritishEnglish,
        Self::Spanish,
        Self::French,
        Self::Italian,
        Self::Portuguese,
        Self::Hindi,
        Self::Japanese,
        Self::Chinese,
    ];

    /// BCP 47.
    pub fn code(self) -> &'static str {
        match self {
            Self::AmericanEnglish => "en-US",
            Self::BritishEnglish => "en-GB",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::Italian => "it",
            Self::Portuguese => "pt-BR",
            Self::Hindi => "hi",
            Self::Japanese => "ja",
            Self::Chinese => "zh",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::AmericanEnglish | Self::BritishEnglish => "English",
            Self::Spanish => "Spanish",
            Self::French => "French",
            Self::Italian => "Italian",
            Self::Portuguese => "Portuguese",
            Self::Hindi => "Hindi",
            Self::Japanese => "Japanese",
            Self::Chinese => "Chinese",
        }
    }

    /// By a code such as `en`, `en-us` or `pt_PT`: exactly, else by its first part.
    pub fn from_code(code: &str) -> Option<Self> {
        let code = code.replace('_', "-");
        let main = |text: &str| text.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let exact = Self::ALL.into_iter().find(|l| l.code().eq_ignore_ascii_case(&code));
        exact.or_else(|| Self::ALL.into_iter().find(|l| main(l.code()) == main(&code)))
    }

    pub fn is_english(self) -> bool {
        matches!(self, Self::AmericanEnglish | Self::BritishEnglish)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_write_them() {
        for (code, language) in [
            ("en", Some(Language::AmericanEnglish)),
            ("EN_gb", Some(Language::BritishEnglish)),
            ("pt-PT", Some(Language::Portuguese)),
            ("zh-CN", Some(Language::Chinese)),
            ("tlh", None),
            ("", None),
        ] {
            assert_eq!(Language::from_code(code), language, "{code}");
        }
    }
}
