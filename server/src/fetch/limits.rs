//! How large, how long, how far.

use std::time::Duration;

/// What a url is expected to hold. It decides the limit of size; what the bytes are is found out from the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wanted {
    Image,
    Video,
    ImageOrVideo,
    /// Sound, or a video with sound.
    Sound,
    /// A recording of a voice that is to be matched.
    Voice,
}

impl Wanted {
    /// As it is said in a sentence: "an image".
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Image => "an image",
            Self::Video => "a video",
            Self::ImageOrVideo => "an image or a video",
            Self::Sound | Self::Voice => "a recording",
        }
    }

    pub(super) fn may_be_image(self) -> bool {
        matches!(self, Self::Image | Self::ImageOrVideo)
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub image_bytes: u64,
    pub video_bytes: u64,
    pub sound_bytes: u64,
    pub voice_bytes: u64,
    /// For one file, redirects included.
    pub total_time: Duration,
    /// For one connection: name, TCP and TLS.
    pub connect_time: Duration,
    /// The longest wait for the next byte.
    pub idle: Duration,
    pub redirects: u32,
    /// For one call of a webhook, all of it.
    pub post_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            image_bytes: 30_000_000,
            video_bytes: 500_000_000,
            sound_bytes: 100_000_000,
            voice_bytes: 30_000_000,
            total_time: Duration::from_secs(300),
            connect_time: Duration::from_secs(10),
            idle: Duration::from_secs(20),
            redirects: 5,
            post_time: Duration::from_secs(10),
        }
    }
}

impl Limits {
    pub(super) fn bytes(&self, wanted: Wanted) -> u64 {
        match wanted {
            Wanted::Image => self.image_bytes,
            Wanted::Video => self.video_bytes,
            Wanted::ImageOrVideo => self.image_bytes.max(self.video_bytes),
            Wanted::Sound => self.sound_bytes,
            Wanted::Voice => self.voice_bytes,
        }
    }
}
