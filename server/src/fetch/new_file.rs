//! A file that exists only if all of it was written.

use std::path::{Path, PathBuf};

use tokio::fs::File;
use tokio::io::{AsyncWriteExt, BufWriter};

use super::error::FetchError;

/// Pieces come in a few kilobytes from the network; each write is a trip to another thread.
const BUFFER: usize = 256 * 1024;

/// Removed when dropped, unless kept.
pub(super) struct NewFile {
    file: BufWriter<File>,
    path: PathBuf,
    kept: bool,
}

impl NewFile {
    /// Never takes over what is there already: it could be somebody's link to elsewhere.
    ///
    /// Blocks for a moment: a dropped future would leave behind what its thread goes on to create.
    pub fn create(path: &Path) -> Result<Self, FetchError> {
        let file = std::fs::File::create_new(path).map_err(FetchError::from_disk)?;
        Ok(Self {
            file: BufWriter::with_capacity(BUFFER, File::from_std(file)),
            path: path.to_owned(),
            kept: false,
        })
    }

    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), FetchError> {
        self.file.write_all(bytes).await.map_err(FetchError::from_disk)
    }

    pub async fn keep(mut self) -> Result<(), FetchError> {
        self.file.flush().await.map_err(FetchError::from_disk)?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.kept {
            // Gone already is as good; and a folder for temporary files is emptied in the end.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
