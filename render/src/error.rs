//! One error type for the crate: what went wrong, whose fault it is, and whether trying again can help.

/// What went wrong, as a stable name that callers map to their own codes and exit statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A scene field is out of range or contradicts another.
    SceneInvalid,
    /// A file named by the caller does not exist or cannot be read.
    FileUnreadable,
    /// The bytes are no image that we read, or a damaged one.
    ImageUnreadable,
    /// More pixels or bytes than the limit.
    ImageTooLarge,
    /// The bytes are no sound that we read, or a damaged one.
    AudioUnreadable,
    /// Zero samples.
    AudioEmpty,
    /// Nothing louder than the silence threshold.
    AudioSilent,
    /// Longer than the limit.
    AudioTooLong,
    /// The bytes are no video with a picture that we read, or a damaged one.
    VideoUnreadable,
    /// A video longer than the limit.
    VideoTooLong,
    /// A video of more pixels or bytes than the limit.
    VideoTooLarge,
    /// More frames a second than the limit.
    FrameRateTooHigh,
    /// ffmpeg here has no decoder for the video.
    CodecUnsupported,
    /// The bytes are no prepared avatar that this version reads, or a damaged one.
    AvatarUnreadable,
    /// No face was found in the avatar.
    NoFace,
    /// The face has too few pixels.
    FaceTooSmall,
    /// The head is turned too far from the camera.
    FaceTurned,
    /// Something hides the mouth or the eyes.
    FaceCovered,
    /// A text that cannot be spoken: nothing in it is words, or its markup is wrong.
    TextInvalid,
    /// No voice of this name.
    VoiceUnknown,
    /// Nothing here turns this language into phonemes.
    LanguageUnsupported,
    /// A recording that no voice can be matched to.
    ReferenceUnfit,
    /// A voice's server did not speak.
    EngineFailed,
    /// An installed pack of voices is damaged, or of another version.
    PackDamaged,
    /// A file that is no piece of a video, or a damaged one, or one that does not belong to the others.
    PieceUnfit,
    /// The output cannot be created or written.
    OutputUnwritable,
    /// The disk is full.
    DiskFull,
    /// A program that we need is not installed.
    ToolMissing,
    /// A program that we need failed, ran too long or used too much.
    ToolFailed,
    /// The caller asked to stop.
    Cancelled,
    /// A fault of ours.
    Internal,
}

/// Who can mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The caller's input.
    Input,
    /// The machine: disk, missing programs, permissions.
    Machine,
    /// Mouthpiece itself.
    Ours,
    /// Nobody: the caller asked to stop.
    Nobody,
}

/// An error with a sentence that names the thing, what was wrong with it and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub kind: Kind,
    pub message: String,
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    /// Names what the error is about in front of its message.
    #[must_use]
    pub fn about(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// Keeps the cause for the log; it is never part of the message.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub fn fault(&self) -> Fault {
        match self.kind {
            Kind::Cancelled => Fault::Nobody,
            Kind::Internal => Fault::Ours,
            Kind::OutputUnwritable | Kind::DiskFull | Kind::ToolMissing | Kind::ToolFailed | Kind::EngineFailed | Kind::PackDamaged => {
                Fault::Machine
            }
            _ => Fault::Input,
        }
    }

    /// Whether the same request may succeed later without a change to its input.
    pub fn retry(&self) -> bool {
        matches!(self.kind, Kind::DiskFull | Kind::ToolFailed | Kind::EngineFailed | Kind::Internal)
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;
