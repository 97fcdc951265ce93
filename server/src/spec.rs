//! What was agreed to: stored with the job, versioned, free of the wire's spellings.

use mouthpiece_render::speech::Language;
use serde::{Deserialize, Serialize};

use crate::id::RecordId;
use speech::SpeechSpec;

pub mod anchor;
pub mod canvas;
mod first;
pub mod scene;
pub mod speech;

/// A video to be made; `version` is that of this type, so that an upgraded server reads older jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "version")]
pub enum StoredVideo {
    #[serde(rename = "1")]
    V1(Box<first::VideoSpec>),
    #[serde(rename = "2")]
    V2(VideoSpec),
}

impl From<StoredVideo> for VideoSpec {
    fn from(stored: StoredVideo) -> Self {
        match stored {
            StoredVideo::V1(first) => (*first).into(),
            StoredVideo::V2(spec) => spec,
        }
    }
}

/// Talking avatars on a canvas, one after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VideoSpec {
    pub canvas: CanvasSpec,
    /// In their order; at least one.
    pub scenes: Vec<SceneSpec>,
    pub anchor: AnchorRule,
    #[serde(default, skip_serializing_if = "Captions::is_none")]
    pub captions: Captions,
    /// What was asked for and nothing here does, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// How large the video is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CanvasSpec {
    /// Pixels.
    Given { width: u32, height: u32 },
    /// As large as the first avatar, a video, and at its rate.
    AsFilmed,
    /// In the shape of the first avatar; so many pixels on the shorter side.
    AsTaken { shorter: u32 },
}

/// One talking avatar, and what is around it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SceneSpec {
    pub avatar: Element<AvatarSource>,
    pub layers: Vec<Element<LayerSource>>,
    /// Nothing is heard without; it then has its `seconds`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<Sound>,
    /// How long it lasts; as long as its sound where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// Whether what is said is written down, beside the video or in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Captions {
    #[default]
    None,
    File,
    /// Drawn into the pictures, and in files too.
    Burn(CaptionSize),
}

impl Captions {
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptionSize {
    Small,
    #[default]
    Medium,
    Large,
}

impl From<Captions> for mouthpiece_render::scene::Captions {
    fn from(captions: Captions) -> Self {
        use mouthpiece_render::scene::CaptionSize as DrawnSize;
        match captions {
            Captions::None => Self::None,
            Captions::File => Self::File,
            Captions::Burn(CaptionSize::Small) => Self::Burn(DrawnSize::Small),
            Captions::Burn(CaptionSize::Medium) => Self::Burn(DrawnSize::Medium),
            Captions::Burn(CaptionSize::Large) => Self::Burn(DrawnSize::Large),
        }
    }
}

/// Something on the canvas.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Element<S> {
    /// How the client's request names it, for sentences: `elements[2]`.
    pub field: String,
    pub source: S,
    /// The whole canvas, filled, where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Higher is on top. No two elements of a video have the same, since the avatar and the images stand apart here.
    pub order: i64,
}

/// Where and how large; pixels of the canvas.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub offset_x: f64,
    pub offset_y: f64,
    pub width: Option<f64>,
    pub height: Option<f64>,
    pub scale_x: f64,
    pub scale_y: f64,
    pub fit: Fit,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    #[default]
    Cover,
    Contain,
    Fill,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AvatarSource {
    /// One of ours, by its `avatar_id`.
    Stock(String),
    /// One of the caller's.
    Upload(RecordId),
    /// A link to a photo or a video.
    Url(String),
    Photo(String),
    Footage(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerSource {
    /// 3, 4, 6 or 8 hex digits.
    Colour(String),
    /// A link to a picture.
    #[serde(alias = "url")]
    Image(String),
    /// A link to a video.
    Video(String),
    /// A link to either.
    Media(String),
}

/// The path of a url in the client's request: that of its element, unless the element is no more than a url.
pub fn link_field(field: &str) -> String {
    if field.ends_with("_url") || field.ends_with("background") {
        field.to_owned()
    } else {
        format!("{field}.url")
    }
}

/// What is heard; `field` names it in sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sound {
    Url {
        field: String,
        url: String,
        /// What is said in it, where the client knows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// What it is said in; nothing: English.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<Language>,
    },
    Speech(SpeechSpec),
}

impl Sound {
    /// How the client's request names it, for sentences.
    pub fn field(&self) -> &str {
        match self {
            Self::Url { field, .. } => field,
            Self::Speech(speech) => &speech.field,
        }
    }
}

/// Where offsets point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnchorRule {
    TopLeft,
    Center,
    /// Upper-left corners, unless the request was plainly written for centres (contract, section 4).
    Documented,
}

/// A face to be kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "version")]
pub enum StoredAvatar {
    #[serde(rename = "1")]
    V1(AvatarSpec),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AvatarSpec {
    pub url: String,
    /// How fast it can be driven is measured.
    #[serde(default)]
    pub live: bool,
}
