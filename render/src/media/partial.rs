//! A file that appears under its name only when it is complete.

use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};

/// A file being written beside its future place; dropping it removes it.
#[derive(Debug)]
pub(crate) struct Partial {
    part: PathBuf,
    output: PathBuf,
    published: bool,
}

impl Partial {
    /// Creates an empty file beside `output`, or says why nothing can be written there.
    pub fn create(output: &Path) -> Result<Self> {
        let output = resolve(output)?;
        let part = beside(&output)?;
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&part)
            .map_err(|e| write_error(e, "its folder may not be written to"))?;
        Ok(Self {
            part,
            output,
            published: false,
        })
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.part
    }

    /// Makes the bytes durable and puts them in place of whatever was there.
    pub fn publish(mut self) -> Result<()> {
        let failed = |e| write_error(e, "the finished file cannot be put in its place");
        let file = OpenOptions::new().write(true).open(&self.part).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        std::fs::rename(&self.part, &self.output).map_err(failed)?;
        self.published = true;
        if let Some(folder) = self.output.parent() {
            // The bytes are safe; not every file system lets a folder be synchronised.
            let _ = File::open(folder).and_then(|f| f.sync_all());
        }
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.published {
            // Nothing better can be done with a file that cannot be removed.
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// A file for what is only needed on the way; it goes with this, and is known by its ending if this is killed.
pub(crate) fn temporary(folder: &Path, prefix: &str) -> Result<tempfile::NamedTempFile> {
    tempfile::Builder::new()
        .prefix(prefix)
        .suffix(".part")
        .tempfile_in(folder)
        .map_err(|e| write_error(e, "its folder takes no temporary file"))
}

/// Whether a file can be created at `output`; leaves nothing behind.
pub fn check_output(output: &Path) -> Result<()> {
    Partial::create(output).map(drop)
}

/// The error for a failed write: the disk is full, or `otherwise` says what.
pub(crate) fn write_error(e: io::Error, otherwise: &str) -> Error {
    let error = match e.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::new(Kind::DiskFull, "the disk is full; free some space and try again"),
        _ => unwritable(otherwise),
    };
    error.because(e)
}

fn unwritable(why: &str) -> Error {
    Error::new(Kind::OutputUnwritable, format!("the output cannot be written: {why}"))
}

/// Follows links, and refuses what a rename must not replace.
fn resolve(output: &Path) -> Result<PathBuf> {
    let meta = match std::fs::metadata(output) {
        Ok(meta) => meta,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(output.to_owned()),
        Err(e) => return Err(unwritable("its folder cannot be entered").because(e)),
    };
    if meta.is_dir() {
        return Err(unwritable("it is a folder"));
    }
    if !meta.is_file() {
        return Err(unwritable("it is a device or a pipe, not a file"));
    }
    // The one replaced must have been writable, as with any program that would have written into it.
    OpenOptions::new()
        .write(true)
        .open(output)
        .and_then(|_| output.canonicalize())
        .map_err(|e| unwritable("a file of this name is there and may not be changed").because(e))
}

/// Where an output and what is written on the way to it lie.
pub fn folder(output: &Path) -> &Path {
    match output.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn beside(output: &Path) -> Result<PathBuf> {
    let name = output.file_name().ok_or_else(|| unwritable("it has no file name"))?;
    let folder = folder(output);
    if !folder.is_dir() {
        return Err(unwritable("its folder does not exist"));
    }
    // Names may have 255 bytes; the beginning is enough to know whose part it is.
    let stem: String = name.to_string_lossy().chars().take(48).collect();
    let random = RandomState::new().hash_one((std::process::id(), &stem));
    Ok(folder.join(format!(".{stem}.{random:016x}.part")))
}
