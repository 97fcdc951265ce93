//! What clients send. Unknown fields are ignored everywhere, numbers may be numeric strings, and `""` is as good as nothing.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::schema;
use crate::api::request::{Number, number, part, shown};
use crate::problem::{Problem, Result};

/// A video of one talking avatar. Either `elements` says what is on the canvas and what is heard, or the short form does:
/// `avatar_id`, `input_text` and `voice_id` at top level are one avatar in the middle, as high as the canvas, that speaks the text.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateBody {
    #[schema(required, schema_with = schema::side)]
    #[serde(deserialize_with = "number")]
    pub width: Option<Number>,
    #[schema(required, schema_with = schema::side)]
    #[serde(deserialize_with = "number")]
    pub height: Option<Number>,
    #[schema(required, schema_with = schema::from)]
    #[serde(deserialize_with = "number")]
    pub avatar_from: Option<Number>,
    /// Is posted to when the video is begun, and when it is done or has failed. Absent or empty: nobody is called.
    #[schema(format = "uri", example = "https://example.com/callback", max_length = 8192)]
    #[serde(rename = "webhookUrl")]
    pub webhook_url: Option<String>,
    /// Exactly one avatar, exactly one audio, and images and videos up to the server's limits (64 and 8 by default).
    #[schema(value_type = Option<Vec<ElementBody>>)]
    pub elements: Option<Vec<Value>>,
    #[schema(schema_with = schema::offset_anchor)]
    pub offset_anchor: Option<String>,
    /// Short form only: as in an avatar element.
    pub avatar_id: Option<String>,
    /// Short form only: as in an audio element.
    pub voice_id: Option<String>,
    /// Short form only: as in an audio element.
    #[schema(max_length = 50000)]
    pub input_text: Option<String>,
    /// `file` writes what is said into SubRip and WebVTT files, `burn` draws it into the pictures as well.
    #[schema(schema_with = schema::captions)]
    pub captions: Option<String>,
    #[schema(schema_with = schema::caption_size)]
    pub caption_size: Option<String>,
}

/// Something on the canvas, or what is heard.
#[derive(Debug)]
pub enum ElementBody {
    Avatar(AvatarBody, PlaceBody),
    Image(ImageBody, PlaceBody),
    Video(VideoBody, PlaceBody),
    Audio(AudioBody),
}

/// Who speaks: `avatar_id`, `url` or both. If both are there, `avatar_id` wins if there is such an avatar, else `url`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct AvatarBody {
    /// An official or uploaded avatar, by its `avatar_id` or its `_id`.
    #[schema(max_length = 255, example = "66a1b2c3d4e5f60718293a4b")]
    pub avatar_id: Option<String>,
    /// A photo (png, jpg, jpeg, webp; also within a `data:` url) or a video (mp4, mov, avi, webm, mkv).
    #[schema(format = "uri", max_length = 8192)]
    pub url: Option<String>,
}

/// A picture or a colour.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ImageBody {
    /// A png, jpg, jpeg or webp, also within a `data:` url; or a colour: `#` optional, then 3, 4, 6 or 8 hex digits, alpha last.
    /// A colour without width and height fills the canvas.
    #[schema(required, example = "#e8f0ff")]
    pub url: Option<String>,
}

/// A video that plays behind or before the avatar, without its sound. It begins with the scene, begins anew where it is shorter, and is cut
/// where it is longer. What is transparent in it (ProRes 4444, VP8 or VP9 with alpha) shows what is below.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct VideoBody {
    /// An mp4, mov, avi, webm or mkv.
    #[schema(required, format = "uri", max_length = 8192, example = "https://example.com/street.mp4")]
    pub url: Option<String>,
}

/// Where and how large. The drawn size is `width * scale_x` by `height * scale_y`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct PlaceBody {
    #[schema(required, schema_with = schema::scale)]
    #[serde(deserialize_with = "number")]
    pub scale_x: Option<Number>,
    #[schema(required, schema_with = schema::scale)]
    #[serde(deserialize_with = "number")]
    pub scale_y: Option<Number>,
    #[schema(required, schema_with = schema::offset)]
    #[serde(deserialize_with = "number")]
    pub offset_x: Option<Number>,
    #[schema(required, schema_with = schema::offset)]
    #[serde(deserialize_with = "number")]
    pub offset_y: Option<Number>,
    #[schema(schema_with = schema::length)]
    #[serde(deserialize_with = "number")]
    pub width: Option<Number>,
    #[schema(schema_with = schema::length)]
    #[serde(deserialize_with = "number")]
    pub height: Option<Number>,
    #[schema(schema_with = schema::layer)]
    #[serde(deserialize_with = "number")]
    pub layer_number: Option<Number>,
    #[schema(schema_with = schema::object_fit)]
    pub object_fit: Option<String>,
}

/// What is heard: a recording's `url`, or `input_text` with `voice_id`. If all are there, `url` wins. The video lasts as long.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct AudioBody {
    /// An mp3, wav, m4a, aac, ogg or flac.
    #[schema(format = "uri", max_length = 8192, example = "https://example.com/speech.mp3")]
    pub url: Option<String>,
    /// Spoken by the server; needs `voice_id`. Plain, or with SSML's `break`, `prosody`, `phoneme`, `say-as` and `sub`.
    #[schema(max_length = 50000)]
    pub input_text: Option<String>,
    /// A voice's `voice_id` or `_id`; needs `input_text`.
    #[schema(max_length = 255)]
    pub voice_id: Option<String>,
    /// How words of `input_text` are pronounced: a respelling, or phonemes between slashes.
    pub pronunciation_dictionary: Option<BTreeMap<String, String>>,
    /// What is said in the recording of `url`, word for word: lips then close where they must, and captions can be made.
    #[schema(max_length = 50000)]
    pub text: Option<String>,
    /// What `text` is in, such as `en`: English unless it is said.
    #[schema(max_length = 35)]
    pub language_code: Option<String>,
}

impl ElementBody {
    /// Reads only the fields of the element's own type; `path` is its place in the body.
    pub fn read(path: &str, value: &Value) -> Result<Self> {
        let types = "avatar, image, video or audio";
        match value.get("type") {
            Some(Value::String(kind)) => match kind.as_str() {
                "avatar" => Ok(Self::Avatar(part(path, value)?, part(path, value)?)),
                "image" => Ok(Self::Image(part(path, value)?, part(path, value)?)),
                "video" => Ok(Self::Video(part(path, value)?, part(path, value)?)),
                "audio" => Ok(Self::Audio(part(path, value)?)),
                other => Err(Problem::field(
                    &format!("{path}.type"),
                    format!("is {:?}, but may be {types}", shown(other)),
                )),
            },
            Some(_) => Err(Problem::field(&format!("{path}.type"), format!("must be a string: {types}"))),
            None if value.is_object() => Err(Problem::field(&format!("{path}.type"), format!("is missing, but may be {types}"))),
            None => Err(Problem::field(path, format!("must be an object whose type is {types}"))),
        }
    }
}
