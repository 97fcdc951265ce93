//! The installed pack: a folder with a manifest, the edited net and the voices' styles.
//!
//! ```text
//! manifest.json   what it was made of, with checksums
//! model.onnx      the edited net
//! voices/ID.bin   510 rows of 256 f32, little-endian
//! LICENSE, NOTE   what its makers ask for
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{ROWS, STYLE};
use crate::error::{Error, Kind, Result};

/// The form of the pack that this build reads; edits of the graph that an engine needs make a new one.
pub(super) const FORM: u32 = 1;

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const MODEL: &str = "model.onnx";
pub(super) const VOICES: &str = "voices";

/// More than the edited net has, in bytes; a file above it is none of ours.
const MODEL_MOST: u64 = 512 << 20;

/// What a pack was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub form: u32,
    /// Packages and versions, as their registries call them.
    pub sources: Vec<String>,
    /// SHA-256 of each file of the pack, in hexadecimal, by its path in the folder.
    pub files: BTreeMap<String, String>,
}

/// A pack that is there.
#[derive(Clone, Debug)]
pub struct Pack {
    folder: PathBuf,
    manifest: Manifest,
}

impl Pack {
    /// None where the folder has no manifest; a sentence where it has one that this build cannot use.
    pub fn open(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(MANIFEST);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
            Err(e) => return Err(broken(&path, "cannot be read").because(e)),
        };
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|e| broken(&path, "is not a manifest").because(e))?;
        if manifest.form != FORM {
            return Err(broken(&path, "is of another version of Mouthpiece"));
        }
        Ok(Some(Self {
            folder: folder.to_owned(),
            manifest,
        }))
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Ids of the voices that are in it.
    pub(super) fn voices<'a>(&'a self) -> impl Iterator<Item = &'a str> {
        let stem = |path: &'a str| path.strip_prefix("voices/")?.strip_suffix(".bin");
        self.manifest.files.keys().filter_map(move |path| stem(path))
    }

    /// The edited net, ONNX.
    pub(super) fn model(&self) -> Result<Vec<u8>> {
        self.read(MODEL, MODEL_MOST)
    }

    /// A voice's table.
    pub(super) fn style(&self, id: &str) -> Result<Vec<f32>> {
        let name = format!("{VOICES}/{id}.bin");
        let bytes = self.read(&name, (ROWS * STYLE * 4) as u64)?;
        style_of(&bytes).ok_or_else(|| broken(&self.folder.join(name), "is damaged"))
    }

    fn read(&self, name: &str, most: u64) -> Result<Vec<u8>> {
        let path = self.folder.join(name);
        let size = fs::metadata(&path).map_err(|e| broken(&path, "is missing").because(e))?.len();
        if size > most {
            return Err(broken(&path, "is too large"));
        }
        fs::read(&path).map_err(|e| broken(&path, "cannot be read").because(e))
    }
}

/// A table of styles from its file; none where that is no such file.
pub(super) fn style_of(bytes: &[u8]) -> Option<Vec<f32>> {
    let (numbers, rest) = bytes.as_chunks::<4>();
    let table: Vec<f32> = numbers.iter().map(|b| f32::from_le_bytes(*b)).collect();
    let whole = rest.is_empty() && table.len() == ROWS * STYLE && table.iter().all(|v| v.is_finite());
    whole.then_some(table)
}

fn broken(path: &Path, what: &str) -> Error {
    let message = format!(
        "the Kokoro pack: {} {what}; install it again with `mouthpiece voice pull kokoro`",
        path.display()
    );
    Error::new(Kind::PackDamaged, message)
}
