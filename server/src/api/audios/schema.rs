//! Schemas of what is read more leniently than a type says.

use serde_json::json;
use utoipa::openapi::schema::{OneOfBuilder, Schema, Type};
use utoipa::openapi::{ObjectBuilder, RefOr};

/// A percent.
pub fn rate() -> RefOr<Schema> {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r"^\s*([5-9][0-9]|1[0-9][0-9]|200)\s*%?\s*$"));
    let number = ObjectBuilder::new().schema_type(Type::Number).minimum(Some(50)).maximum(Some(200));
    let schema = OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .item(text)
        .item(number)
        .description(Some("How fast: `\"50%\"` to `\"200%\"`; `\"100%\"` is normal, also when missing."))
        .examples([json!("100%")]);
    Schema::from(schema.build()).into()
}

/// A number in a range, or the same written as a string, or nothing.
pub fn number(from: f64, to: f64, about: &str) -> Schema {
    let number = ObjectBuilder::new().schema_type(Type::Number).minimum(Some(from)).maximum(Some(to));
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r"^\s*[+-]?[0-9]+(\.[0-9]+)?\s*$"))
        .description(Some("The number as a string"));
    OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .item(number)
        .item(text)
        .description(Some(about))
        .build()
        .into()
}

/// One of a few numbers, as a number or as text, or nothing.
pub fn one_of(numbers: &[u32], about: &str) -> Schema {
    let texts: Vec<String> = numbers.iter().map(u32::to_string).collect();
    OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .item(ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some(numbers.to_vec())))
        .item(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(texts)))
        .description(Some(about))
        .build()
        .into()
}

pub fn speed() -> Schema {
    number(0.7, 1.2, "Times the voice's own pace: 0.7 to 1.2.")
}

pub fn volume() -> Schema {
    number(0.0, 100.0, "Percent of full loudness, which is also taken when missing: 0 to 100.")
}

pub fn pitch() -> Schema {
    number(-12.0, 12.0, "Semitones above the voice's own pitch: -12 to 12.")
}

pub fn sample_rate() -> Schema {
    one_of(&super::tts::SAMPLE_RATES, "Samples a second; the voice's own when missing.")
}

pub fn bitrate() -> Schema {
    one_of(&super::tts::BITRATES, "Bits a second, of mp3; what speech needs when missing.")
}

pub fn channel() -> Schema {
    one_of(&[1, 2], "1 (also when missing) or 2 channels.")
}
