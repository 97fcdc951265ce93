//! Schemas of what is read more leniently than a type says.

use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{RefOr, schema::SchemaType};

/// One of a few numbers, as a number or as text, or nothing.
fn choice(numbers: &[u16]) -> Schema {
    let texts: Vec<String> = numbers.iter().map(u16::to_string).collect();
    OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .item(ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some(numbers.to_vec())))
        .item(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(texts)))
        .into()
}

fn range(from: f64, to: f64, default: u32) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(from))
        .maximum(Some(to))
        .default(Some(default.into()))
        .build()
}

pub fn page() -> Object {
    range(1.0, 1_000_000.0, 1)
}

pub fn size() -> Object {
    range(1.0, 1000.0, 100)
}

pub fn short_size() -> Object {
    range(1.0, 1000.0, 10)
}

/// In a body: 1 or 2.
pub fn one_or_two() -> RefOr<Schema> {
    choice(&[1, 2]).into()
}

/// In a body: 720 or 1080, the usual one first.
pub fn resolution() -> RefOr<Schema> {
    choice(&[720, 1080]).into()
}

/// In a query: 1 or 2.
pub fn query_one_or_two() -> Object {
    integers(&[1, 2])
}

/// In a query: 2 or 3.
pub fn query_two_or_three() -> Object {
    integers(&[2, 3])
}

/// In a query: 3 or 4.
pub fn query_three_or_four() -> Object {
    integers(&[3, 4])
}

/// In a query: 1.
pub fn query_one() -> Object {
    integers(&[1])
}

fn integers(numbers: &[u8]) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .enum_values(Some(numbers.to_vec()))
        .build()
}

/// A list that has no items yet, of whatever kind.
pub fn any_list() -> RefOr<Schema> {
    let any = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
    Schema::Array(ArrayBuilder::new().items(any).build()).into()
}

pub fn null() -> RefOr<Schema> {
    Schema::Object(ObjectBuilder::new().schema_type(Type::Null).build()).into()
}
