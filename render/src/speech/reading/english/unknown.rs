//! Words in no dictionary: a character transformer of hibari (Apache-2.0) reads them, one run a word.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::table::damaged;
use crate::error::Result;
use crate::model::{Net, Runtime, Tensor};

/// Most characters that the net reads.
const LONGEST: usize = 24;

/// Most readings that are kept.
const KEPT: usize = 4096;

pub struct Unknown {
    net: Net,
    letters: Vec<char>,
    signs: Vec<char>,
    read: Mutex<HashMap<String, String>>,
}

impl Unknown {
    /// `alphabets`: a line of letters and a line of signs, each numbered from 1.
    pub fn load(runtime: &Runtime, net: &'static [u8], alphabets: &str) -> Result<Self> {
        let (letters, signs) = alphabets.split_once('\n').ok_or_else(|| damaged("an alphabet is missing"))?;
        Ok(Self {
            net: runtime.load(net)?,
            letters: letters.chars().collect(),
            signs: signs.trim_end_matches('\n').chars().collect(),
            read: Mutex::default(),
        })
    }

    /// Phonemes of a word; empty if the net knows none of its letters.
    pub fn say(&self, word: &str) -> Result<String> {
        if let Some(known) = self.read().get(word) {
            return Ok(known.clone());
        }
        let numbers = word.chars().filter_map(|c| self.letters.iter().position(|l| *l == c));
        let numbers: Vec<f32> = numbers.map(|n| n as f32 + 1.0).take(LONGEST).collect();
        if numbers.is_empty() {
            return Ok(String::new());
        }
        let slots = self.net.run(&[Tensor::new(&[1, numbers.len()], numbers)])?;
        let slots = slots.first().map(|t| t.data.as_slice()).unwrap_or_default();
        let mut said = String::new();
        let mut last = 0;
        for slot in slots {
            let slot = *slot as usize;
            if slot != last && slot != 0 {
                said.extend(self.signs.get(slot - 1));
            }
            last = slot;
        }
        let mut read = self.read();
        if read.len() >= KEPT {
            read.clear();
        }
        read.insert(word.into(), said.clone());
        Ok(said)
    }

    fn read(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
