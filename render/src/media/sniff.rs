//! What a file is, by its content; its name is never looked at.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde::Serialize;

use super::magic::{self, Guess};
use crate::error::{self, Error, Result};

/// How much of the beginning is looked at, in bytes; enough for several frames of any MP3.
const HEAD: u64 = 16 * 1024;

/// A file that we can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Image(Image),
    Audio(Audio),
    /// Its sound track is accepted wherever sound is.
    Video(Video),
    /// A prepared avatar (`.avatar`).
    Pack,
}

/// What a prepared avatar begins with: no text, and damaged by whoever thinks it is one.
pub(crate) const PACK_MAGIC: [u8; 8] = *b"\x89MPAVTR\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Image {
    Png,
    Jpeg,
    Webp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Audio {
    Mp3,
    Wav,
    /// An MP4 file that calls itself audio (`.m4a`).
    Mp4,
    /// AAC in ADTS frames (`.aac`).
    Aac,
    Ogg,
    Flac,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Video {
    /// MP4 and QuickTime; may turn out to hold sound only.
    Mp4,
    /// Matroska and WebM.
    Matroska,
    Avi,
    MpegPs,
    MpegTs,
    Ogg,
}

impl Kind {
    /// As it is said in a sentence: "a PNG picture".
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Image(Image::Png) => "a PNG picture",
            Self::Image(Image::Jpeg) => "a JPEG picture",
            Self::Image(Image::Webp) => "a WebP picture",
            Self::Audio(Audio::Mp3) => "an MP3 recording",
            Self::Audio(Audio::Wav) => "a WAV recording",
            Self::Audio(Audio::Mp4) => "an M4A recording",
            Self::Audio(Audio::Aac) => "an AAC recording",
            Self::Audio(Audio::Ogg) => "an Ogg recording",
            Self::Audio(Audio::Flac) => "a FLAC recording",
            Self::Video(Video::Mp4) => "an MP4 or QuickTime file",
            Self::Video(Video::Matroska) => "a Matroska or WebM file",
            Self::Video(Video::Avi) => "an AVI video",
            Self::Video(Video::MpegPs) => "an MPEG video",
            Self::Video(Video::MpegTs) => "an MPEG transport stream",
            Self::Video(Video::Ogg) => "an Ogg video",
            Self::Pack => "a prepared avatar",
        }
    }

    /// The one demuxer that ffmpeg may use for it; `None` for pictures and prepared avatars.
    pub(crate) fn demuxer(self) -> Option<&'static str> {
        Some(match self {
            Self::Image(_) | Self::Pack => return None,
            Self::Audio(Audio::Mp3) => "mp3",
            Self::Audio(Audio::Wav) => "wav",
            Self::Audio(Audio::Mp4) | Self::Video(Video::Mp4) => "mov",
            Self::Audio(Audio::Aac) => "aac",
            Self::Audio(Audio::Ogg) | Self::Video(Video::Ogg) => "ogg",
            Self::Audio(Audio::Flac) => "flac",
            Self::Video(Video::Matroska) => "matroska",
            Self::Video(Video::Avi) => "avi",
            Self::Video(Video::MpegPs) => "mpeg",
            Self::Video(Video::MpegTs) => "mpegts",
        })
    }
}

/// Says what the file is, or `FileUnreadable` if it is nothing that we read.
pub fn sniff(path: &Path) -> Result<Kind> {
    match look(path)? {
        Guess::Known(kind) => Ok(kind),
        other => Err(Error::new(
            error::Kind::FileUnreadable,
            format!("the file is {}; give {IMAGES}, {SOUNDS}, or a video with sound", found(other)),
        )),
    }
}

/// Says which picture the file is, or `ImageUnreadable` with what it is instead.
pub fn image(path: &Path) -> Result<Image> {
    match look(path)? {
        Guess::Known(Kind::Image(image)) => Ok(image),
        other => Err(Error::new(
            error::Kind::ImageUnreadable,
            format!("the picture is {}; give {IMAGES}", found(other)),
        )),
    }
}

/// Says which picture, video or prepared avatar the file is, or `ImageUnreadable` with what it is instead.
pub fn avatar(path: &Path) -> Result<Kind> {
    match look(path)? {
        Guess::Known(kind @ (Kind::Image(_) | Kind::Video(_) | Kind::Pack)) => Ok(kind),
        other => Err(Error::new(
            error::Kind::ImageUnreadable,
            format!("the file is {}; give {IMAGES}, a video, or a prepared avatar", found(other)),
        )),
    }
}

/// Says which video the file is, or `VideoUnreadable` with what it is instead.
pub fn video(path: &Path) -> Result<Video> {
    match look(path)? {
        Guess::Known(Kind::Video(video)) => Ok(video),
        other => Err(Error::new(
            error::Kind::VideoUnreadable,
            format!("the video is {}; give an MP4, MOV, AVI, WebM or MKV", found(other)),
        )),
    }
}

/// Says which recording or video the file is, or `AudioUnreadable` with what it is instead.
pub fn sound(path: &Path) -> Result<Kind> {
    match look(path)? {
        Guess::Known(kind @ (Kind::Audio(_) | Kind::Video(_))) => Ok(kind),
        other => Err(Error::new(
            error::Kind::AudioUnreadable,
            format!("the recording is {}; give {SOUNDS}, or a video with sound", found(other)),
        )),
    }
}

const IMAGES: &str = "a PNG, JPEG or WebP picture";
const SOUNDS: &str = "an MP3, WAV, M4A, AAC, Ogg or FLAC recording";

fn found(guess: Guess) -> &'static str {
    match guess {
        Guess::Known(kind) => kind.phrase(),
        Guess::Empty => "an empty file (0 bytes)",
        Guess::Other(phrase) => phrase,
    }
}

fn look(path: &Path) -> Result<Guess> {
    let mut file = open_file(path)?;
    let unreadable = |e: std::io::Error| Error::new(error::Kind::FileUnreadable, "the file cannot be read").because(e);
    let head = read_head(&mut file, 0).map_err(unreadable)?;
    match magic::id3_end(&head) {
        // A tag may be megabytes long (cover pictures); what follows it decides.
        Some(end) => Ok(magic::after_id3(&read_head(&mut file, end).map_err(unreadable)?)),
        None => Ok(magic::guess(&head)),
    }
}

/// Opens a regular file for reading; pipes and devices, which could block for ever, are refused.
pub(crate) fn open_file(path: &Path) -> Result<File> {
    let refuse = |what: &str| Error::new(error::Kind::FileUnreadable, format!("the file {what}"));
    let meta = std::fs::metadata(path).map_err(|e| {
        let what = match e.kind() {
            std::io::ErrorKind::NotFound => "does not exist",
            std::io::ErrorKind::PermissionDenied => "may not be read by this user",
            _ => "cannot be read",
        };
        refuse(what).because(e)
    })?;
    if meta.is_dir() {
        return Err(refuse("is a directory"));
    }
    if !meta.is_file() {
        return Err(refuse("is not a regular file"));
    }
    File::open(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::PermissionDenied => refuse("may not be read by this user").because(e),
        _ => refuse("cannot be read").because(e),
    })
}

fn read_head(file: &mut File, from: u64) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(from))?;
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head)?;
    Ok(head)
}
