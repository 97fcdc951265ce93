//! What can go wrong, as the wire contract numbers it: the one place that maps errors to codes.

use mouthpiece_render::error::{Error as RenderError, Kind};

/// The contract's codes (section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Code {
    Parameter = 1003,
    TooFrequent = 1005,
    Quota = 1006,
    NotFound = 1008,
    Forbidden = 1009,
    NotOperable = 1010,
    UnknownResource = 1014,
    VideoProcessing = 1015,
    AvatarProcessing = 1105,
    ImageProcessing = 1108,
    CreateVideo = 1109,
    AudioProcessing = 1110,
    BadAuthorization = 1101,
    NoAuthorization = 1102,
    Banned = 1200,
    CreateAudio = 1201,
    Duration = 1204,
    Size = 1207,
    Unparseable = 1208,
    Codec = 1209,
    FrameRate = 1210,
    Exists = 1222,
    Internal = 2001,
}

impl Code {
    pub fn number(self) -> u16 {
        self as u16
    }
}

/// An error that a client may see: a code, and a sentence that says what was wrong and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    pub code: Code,
    pub message: String,
    /// When to try again, if it was too often.
    pub retry_after: Option<std::time::Duration>,
    /// For the log only.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

pub type Result<T, E = Problem> = std::result::Result<T, E>;

impl Problem {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after: None,
            source: None,
        }
    }

    /// A field that is missing or out of range; the sentence goes on after its name.
    pub fn field(field: &str, rest: impl std::fmt::Display) -> Self {
        Self::new(Code::Parameter, format!("parameter validate error: {field} {rest}"))
    }

    /// A fault of ours; the cause is logged and never told.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            code: Code::Internal,
            message: "something went wrong on our side; please try again, and tell the operator if it stays".into(),
            retry_after: None,
            source: Some(source.into()),
        }
    }

    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl From<sqlx::Error> for Problem {
    fn from(e: sqlx::Error) -> Self {
        Self::internal(e)
    }
}

impl From<sqlx::migrate::MigrateError> for Problem {
    fn from(e: sqlx::migrate::MigrateError) -> Self {
        Self::internal(e)
    }
}

impl From<serde_json::Error> for Problem {
    fn from(e: serde_json::Error) -> Self {
        Self::internal(e)
    }
}

impl From<std::io::Error> for Problem {
    fn from(e: std::io::Error) -> Self {
        Self::internal(e)
    }
}

impl From<object_store::Error> for Problem {
    fn from(e: object_store::Error) -> Self {
        Self::internal(e)
    }
}

impl From<RenderError> for Problem {
    fn from(e: RenderError) -> Self {
        let code = match e.kind {
            Kind::SceneInvalid => Code::CreateVideo,
            Kind::ImageUnreadable => Code::ImageProcessing,
            Kind::ImageTooLarge | Kind::VideoTooLarge => Code::Size,
            Kind::VideoUnreadable => Code::Unparseable,
            Kind::CodecUnsupported => Code::Codec,
            Kind::FrameRateTooHigh => Code::FrameRate,
            Kind::AudioUnreadable | Kind::AudioEmpty | Kind::AudioSilent => Code::AudioProcessing,
            Kind::AudioTooLong | Kind::VideoTooLong => Code::Duration,
            Kind::NoFace | Kind::FaceTooSmall | Kind::FaceTurned | Kind::FaceCovered => Code::AvatarProcessing,
            _ => Code::VideoProcessing,
        };
        match e.fault() {
            mouthpiece_render::error::Fault::Input => Self::new(code, e.message.clone()).because(e),
            // Its message may name our folders.
            _ => Self::new(
                code,
                "the video could not be rendered because of a fault on our side; please try again",
            )
            .because(e),
        }
    }
}

impl From<mouthpiece_render::scene::Invalid> for Problem {
    fn from(e: mouthpiece_render::scene::Invalid) -> Self {
        Self::field(e.field, &e.message)
    }
}
