//! The parts of the OpenAPI document that no derive can say: numbers that may be strings, choices, and elements by type.

use std::borrow::Cow;

use serde_json::json;
use utoipa::openapi::schema::{AllOfBuilder, AnyOfBuilder, Object, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::range::{self, Range};
use super::wire::{AudioBody, AvatarBody, ElementBody, ImageBody, PlaceBody, VideoBody};

pub fn side() -> Schema {
    let number = ObjectBuilder::new().minimum(Some(128)).maximum(Some(4096)).multiple_of(Some(2));
    numeric(number, &range::SIDE, "Side of the canvas in pixels", json!(1920))
}

pub fn from() -> Schema {
    let number = ObjectBuilder::new().enum_values(Some([2, 3]));
    let about = "Where `avatar_id` is looked for first; the other place follows, so an id found in the list always works. \
                 With your own `url` send 3";
    numeric(number, &range::FROM, about, json!(3))
}

pub fn scale() -> Schema {
    let number = ObjectBuilder::new().exclusive_minimum(Some(0)).maximum(Some(16));
    numeric(number, &range::SCALE, "Multiplies the side", json!(1))
}

pub fn offset() -> Schema {
    let number = ObjectBuilder::new().minimum(Some(-1_000_000)).maximum(Some(1_000_000));
    numeric(
        number,
        &range::OFFSET,
        "Where the element lies on the canvas; see `offset_anchor`",
        json!(0),
    )
}

pub fn length() -> Schema {
    let number = ObjectBuilder::new().exclusive_minimum(Some(0)).maximum(Some(1_000_000));
    let about = "Before scaling. Without both sides the media's natural size counts, with one of them the other keeps its shape";
    numeric(number, &range::LENGTH, about, json!(1080))
}

pub fn layer() -> Schema {
    let about = "Higher is on top, equal ones keep their sequence. Default: the place in the list";
    numeric(ObjectBuilder::new(), &range::LAYER, about, json!(1))
}

pub fn duration() -> Schema {
    let number = ObjectBuilder::new().minimum(Some(0));
    let about = "Seconds, to the nearest frame: what is said is cut, or followed by silence. 0 or nothing: as long as what is said";
    numeric(number, &range::DURATION, about, json!(12.5))
}

pub fn object_fit() -> Object {
    let about = "How media fits into its box: `cover` fills it and loses what sticks out, `contain` shows all of it, `fill` distorts it";
    choice(["cover", "contain", "fill"])
        .description(Some(about))
        .default(Some(json!("cover")))
        .build()
}

pub fn offset_anchor() -> Object {
    let about = "Where all offsets point. Default: the upper-left corner, or in accounts with `compat` \"live\" the centre. In documented \
                 accounts the centre too, when an element that covers at least 90 % of the canvas both ways is placed with its offset at \
                 the canvas's centre (±2 %)";
    choice(["top_left", "center"]).description(Some(about)).build()
}

pub fn captions() -> Object {
    choice(["none", "file", "burn"]).default(Some(json!("none"))).build()
}

pub fn caption_size() -> Object {
    choice(["small", "medium", "large"]).default(Some(json!("medium"))).build()
}

fn choice<const N: usize>(names: [&'static str; N]) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names))
}

/// A number in a range, or the same written as a string.
fn numeric(number: ObjectBuilder, range: &Range, about: &str, example: serde_json::Value) -> Schema {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r"^\s*[+-]?[0-9]+(\.[0-9]+)?\s*$"))
        .description(Some(format!("The number as a string: {}", range.is)));
    AnyOfBuilder::new()
        .item(number.schema_type(Type::Number))
        .item(text)
        .description(Some(format!("{about}: {}.", range.is)))
        .examples([example])
        .build()
        .into()
}

impl PartialSchema for ElementBody {
    fn schema() -> RefOr<Schema> {
        let one = |kind: &'static str, bodies: &[Cow<'static, str>]| {
            let tag = ObjectBuilder::new().property("type", choice([kind])).required("type");
            let parts = bodies.iter().map(|name| Ref::from_schema_name(name.clone()));
            Schema::from(parts.fold(AllOfBuilder::new().item(tag), AllOfBuilder::item).build())
        };
        OneOfBuilder::new()
            .description(Some(
                "What it is, `type` says. Fields that are not listed for a type are ignored, `voice_clone` too.",
            ))
            .schema_type(SchemaType::AnyValue)
            .item(one("avatar", &[AvatarBody::name(), PlaceBody::name()]))
            .item(one("image", &[ImageBody::name(), PlaceBody::name()]))
            .item(one("video", &[VideoBody::name(), PlaceBody::name()]))
            .item(one("audio", &[AudioBody::name()]))
            .into()
    }
}

impl ToSchema for ElementBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.extend([
            (AvatarBody::name().into(), AvatarBody::schema()),
            (ImageBody::name().into(), ImageBody::schema()),
            (VideoBody::name().into(), VideoBody::schema()),
            (AudioBody::name().into(), AudioBody::schema()),
            (PlaceBody::name().into(), PlaceBody::schema()),
        ]);
    }
}

pub fn elements_example() -> serde_json::Value {
    json!({
        "width": 1920, "height": 1080, "avatar_from": 3, "webhookUrl": "",
        "elements": [
            {"type": "image", "url": "#e8f0ff", "scale_x": 1, "scale_y": 1, "offset_x": 0, "offset_y": 0},
            {"type": "avatar", "url": "https://example.com/portrait.jpg", "width": 1080, "height": 1080,
             "scale_x": 1, "scale_y": 1, "offset_x": 420, "offset_y": 0},
            {"type": "audio", "url": "https://example.com/speech.mp3"},
        ],
    })
}

pub fn short_example() -> serde_json::Value {
    json!({
        "width": 1080, "height": 1920, "avatar_from": 2, "avatar_id": "Eileen_Collins",
        "voice_id": "6889b628662160e2caad5dbc", "input_text": "Hello!",
    })
}
