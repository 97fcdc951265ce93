//! How words are said that the caller knows better.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::alphabet;
use super::script::invalid;
use crate::error::{Error, Result};

/// Words and how they are said. Empty by default; in JSON `{"word": "/fəˈniːm/"}` for phonemes in IPA or Kokoro's alphabet, or
/// `{"word": "respelling"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct Dictionary {
    entries: HashMap<String, Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Phonemes(String),
    /// Words to read in its place.
    Respelling(String),
}

impl Dictionary {
    /// Most entries, characters of a word, and of how it is said.
    pub const MAX_ENTRIES: usize = 2000;
    pub const MAX_WORD: usize = 100;
    pub const MAX_READING: usize = 200;

    /// `TextInvalid` for more or longer entries, words with spaces, and readings with nothing to say.
    pub fn new(entries: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let mut dictionary = Self::default();
        for (word, reading) in entries {
            if dictionary.entries.len() >= Self::MAX_ENTRIES {
                return Err(invalid(format_args!("the dictionary has more than {} words", Self::MAX_ENTRIES)));
            }
            let word = word.trim();
            let fits = |text: &str, most: usize| text.chars().count() <= most && !text.chars().any(char::is_control);
            if !fits(word, Self::MAX_WORD) || word.contains(char::is_whitespace) || !word.contains(char::is_alphanumeric) {
                return Err(invalid(format_args!(
                    "the dictionary's word \"{}\" has to be one word of at most {} characters",
                    word.escape_debug().take(60).collect::<String>(),
                    Self::MAX_WORD
                )));
            }
            let entry = Entry::read(reading.trim()).filter(|_| fits(&reading, Self::MAX_READING)).ok_or_else(|| {
                invalid(format_args!(
                    "the dictionary's reading of \"{word}\" has to be phonemes between slashes, such as \"/fəˈniːm/\", or words, of at most \
                     {} characters",
                    Self::MAX_READING
                ))
            })?;
            dictionary.entries.insert(word.into(), entry);
        }
        Ok(dictionary)
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// As written, else in small letters.
    pub(crate) fn get(&self, word: &str) -> Option<&Entry> {
        if self.entries.is_empty() {
            return None;
        }
        self.entries.get(word).or_else(|| self.entries.get(&word.to_lowercase()))
    }
}

impl Entry {
    fn read(reading: &str) -> Option<Self> {
        let inner = reading.strip_prefix('/').and_then(|r| r.strip_suffix('/'));
        match inner {
            Some(phonemes) => phonemes.chars().any(alphabet::is_sound).then(|| Self::Phonemes(phonemes.into())),
            None => reading.chars().any(char::is_alphanumeric).then(|| Self::Respelling(reading.into())),
        }
    }
}

impl TryFrom<BTreeMap<String, String>> for Dictionary {
    type Error = Error;

    fn try_from(entries: BTreeMap<String, String>) -> Result<Self> {
        Self::new(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_and_found_in_any_case() {
        let dictionary: Dictionary = serde_json::from_str(r#"{"phoneme": "/fˈOnim/", "SQL": "sequel"}"#).unwrap();
        assert_eq!(dictionary.get("Phoneme"), Some(&Entry::Phonemes("fˈOnim".into())));
        assert_eq!(dictionary.get("SQL"), Some(&Entry::Respelling("sequel".into())));
        assert_eq!(dictionary.get("sql"), None, "an entry in capitals is for capitals");
        assert!(Dictionary::default().is_empty());
    }

    #[test]
    fn what_is_no_entry_says_which_word() {
        for (word, reading) in [("two words", "x"), ("", "x"), ("a", ""), ("b", "//"), ("c", "/--/"), ("d", "…")] {
            let error = Dictionary::new([(word.to_owned(), reading.to_owned())]).unwrap_err();
            assert!(error.message.contains(&format!("\"{word}\"")), "{}", error.message);
        }
        let many = (0..=Dictionary::MAX_ENTRIES).map(|i| (format!("w{i}"), "x".into()));
        assert!(Dictionary::new(many).unwrap_err().message.contains("2000"));
        let long = Dictionary::new([("w".into(), "x".repeat(201))]).unwrap_err();
        assert!(long.message.contains("200"), "{}", long.message);
    }
}
