//! Links to what is said, written down with times.

use serde::Serialize;
use utoipa::ToSchema;

use crate::service::Service;

#[derive(Serialize, ToSchema)]
pub struct Captions {
    /// A link to a SubRip file.
    pub srt: String,
    /// A link to a WebVTT file.
    pub vtt: String,
}

impl Captions {
    /// `None` where there are none, or when their links have run out.
    pub fn of(service: &Service, srt: Option<String>, vtt: Option<String>) -> Option<Self> {
        let link = |name: String| service.public(&format!("files/{name}"));
        Some(Self {
            srt: link(srt?),
            vtt: link(vtt?),
        })
    }
}
