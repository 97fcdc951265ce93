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
    VoiceProcessing = 1112,
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
            Kind::VideoUnreadable | Kind::AvatarUnreadable => Code::Unparseable,
            Kind::CodecUnsupported => Code::Codec,
            Kind::FrameRateTooHigh => Code::FrameRate,
            Kind::AudioUnreadable | Kind::AudioEmpty | Kind::AudioSilent => Code::AudioProcessing,
            Kind::AudioTooLong | Kind::VideoTooLong => Code::Duration,
            Kind::NoFace | Kind::FaceTooSmall | Kind::FaceTurned | Kind::FaceCovered => Code::AvatarProcessing,
            Kind::TextInvalid => Code::CreateAudio,
            Kind::VoiceUnknown => Code::UnknownResource,
            Kind::LanguageUnsupported | Kind::ReferenceUnfit | Kind::PackDamaged => Code::VoiceProcessing,
            _ => Code::VideoProcessing,
        };
        match e.fault() {
            mouthpiece_render::error::Fault::Input => Self::new(code, e.message.clone()).because(e),
            // Its message may name our folders.
            _ => Self::new(code, "this could not be made because of a fault on our side; please try again").because(e),
        }
    }
}

impl From<mouthpiece_render::scene::Invalid> for Problem {
    fn from(e: mouthpiece_render::scene::Invalid) -> Self {
        Self::field(e.field, &e.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_renderer_refuses_has_the_codes_of_the_contract() {
        for (kind, code) in [
            (Kind::SceneInvalid, 1109),
            (Kind::ImageUnreadable, 1108),
            (Kind::ImageTooLarge, 1207),
            (Kind::AudioUnreadable, 1110),
            (Kind::AudioEmpty, 1110),
            (Kind::AudioSilent, 1110),
            (Kind::AudioTooLong, 1204),
            (Kind::VideoTooLong, 1204),
            (Kind::VideoTooLarge, 1207),
            (Kind::VideoUnreadable, 1208),
            (Kind::CodecUnsupported, 1209),
            (Kind::FrameRateTooHigh, 1210),
            (Kind::NoFace, 1105),
            (Kind::FaceTooSmall, 1105),
            (Kind::FaceTurned, 1105),
            (Kind::FaceCovered, 1105),
            (Kind::TextInvalid, 1201),
            (Kind::VoiceUnknown, 1014),
            (Kind::LanguageUnsupported, 1112),
            (Kind::ReferenceUnfit, 1112),
        ] {
            let problem = Problem::from(RenderError::new(kind, "it is so"));
            assert_eq!((problem.code.number(), problem.message.as_str()), (code, "it is so"), "{kind:?}");
        }
    }

    #[test]
    fn faults_of_ours_and_of_the_machine_tell_nothing() {
        for kind in [
            Kind::DiskFull,
            Kind::ToolMissing,
            Kind::ToolFailed,
            Kind::OutputUnwritable,
            Kind::Internal,
        ] {
            let problem = Problem::from(RenderError::new(kind, "/secret/path"));
            assert_eq!(problem.code, Code::VideoProcessing);
            assert!(!problem.message.contains("secret"), "{}", problem.message);
        }
        let problem = Problem::from(RenderError::new(Kind::PackDamaged, "/secret/path"));
        assert_eq!(problem.code, Code::VoiceProcessing);
        assert!(!problem.message.contains("secret"), "{}", problem.message);
    }
}
