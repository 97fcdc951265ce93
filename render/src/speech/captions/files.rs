//! Caption files beside a video.

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::media::partial::{Partial, write_error};

/// Written, but not to be seen before the video is; dropped before [`Files::publish`] they leave nothing behind.
pub struct Files(Vec<(PathBuf, Partial)>);

impl Files {
    /// SubRip and WebVTT, under the video's name with `srt` and with `vtt` at its end.
    pub fn write(texts: [String; 2], video: &Path) -> Result<Self> {
        let made = ["srt", "vtt"].into_iter().zip(texts).map(|(extension, text)| {
            let path = video.with_extension(extension);
            let part = Partial::create(&path)?;
            std::fs::write(part.path(), text).map_err(|e| write_error(e, "the captions' file cannot be written"))?;
            Ok((path, part))
        });
        made.collect::<Result<_>>().map(Self)
    }

    /// Where they are.
    pub fn publish(self) -> Result<Vec<PathBuf>> {
        self.0.into_iter().map(|(path, part)| part.publish().map(|()| path)).collect()
    }
}
