//! The part of ONNX's file format that the edits need; its messages and numbers are those of `onnx.proto`.
//!
//! Messages that no edit looks into are kept as their bytes. Fields that are not named here are dropped: documentation, and what the
//! pinned file does not have.

use prost::Message;

/// `TensorProto.DataType`
pub const FLOAT: i32 = 1;
pub const INT64: i32 = 7;

#[derive(Clone, PartialEq, Message)]
pub struct Model {
    #[prost(int64, optional, tag = "1")]
    pub ir_version: Option<i64>,
    #[prost(string, optional, tag = "2")]
    pub producer_name: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub producer_version: Option<String>,
    #[prost(message, optional, tag = "7")]
    pub graph: Option<Graph>,
    #[prost(message, repeated, tag = "8")]
    pub opset_import: Vec<Opset>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Opset {
    #[prost(string, optional, tag = "1")]
    pub domain: Option<String>,
    #[prost(int64, optional, tag = "2")]
    pub version: Option<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Graph {
    #[prost(message, repeated, tag = "1")]
    pub node: Vec<Node>,
    #[prost(string, optional, tag = "2")]
    pub name: Option<String>,
    #[prost(message, repeated, tag = "5")]
    pub initializer: Vec<Tensor>,
    #[prost(message, repeated, tag = "11")]
    pub input: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "12")]
    pub output: Vec<ValueInfo>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Node {
    #[prost(string, repeated, tag = "1")]
    pub input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub output: Vec<String>,
    #[prost(string, optional, tag = "3")]
    pub name: Option<String>,
    #[prost(string, tag = "4")]
    pub op_type: String,
    #[prost(string, optional, tag = "7")]
    pub domain: Option<String>,
    #[prost(message, repeated, tag = "5")]
    pub attribute: Vec<Attribute>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Attribute {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(float, optional, tag = "2")]
    pub f: Option<f32>,
    #[prost(int64, optional, tag = "3")]
    pub i: Option<i64>,
    #[prost(bytes = "vec", optional, tag = "4")]
    pub s: Option<Vec<u8>>,
    #[prost(message, optional, tag = "5")]
    pub t: Option<Tensor>,
    /// A graph within a node.
    #[prost(bytes = "vec", optional, tag = "6")]
    pub g: Option<Vec<u8>>,
    #[prost(float, repeated, packed = "false", tag = "7")]
    pub floats: Vec<f32>,
    #[prost(int64, repeated, packed = "false", tag = "8")]
    pub ints: Vec<i64>,
    #[prost(bytes = "vec", repeated, tag = "9")]
    pub strings: Vec<Vec<u8>>,
    #[prost(int32, optional, tag = "20")]
    pub kind: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Tensor {
    #[prost(int64, repeated, packed = "false", tag = "1")]
    pub dims: Vec<i64>,
    #[prost(int32, optional, tag = "2")]
    pub data_type: Option<i32>,
    #[prost(float, repeated, tag = "4")]
    pub float_data: Vec<f32>,
    #[prost(int32, repeated, tag = "5")]
    pub int32_data: Vec<i32>,
    #[prost(int64, repeated, tag = "7")]
    pub int64_data: Vec<i64>,
    #[prost(string, optional, tag = "8")]
    pub name: Option<String>,
    #[prost(bytes = "vec", optional, tag = "9")]
    pub raw_data: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub struct ValueInfo {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, optional, tag = "2")]
    pub kind: Option<ValueType>,
}

/// `TypeProto`, of which the edits make tensors only.
#[derive(Clone, PartialEq, Message)]
pub struct ValueType {
    #[prost(message, optional, tag = "1")]
    pub tensor: Option<TensorType>,
}

#[derive(Clone, PartialEq, Message)]
pub struct TensorType {
    #[prost(int32, optional, tag = "1")]
    pub element: Option<i32>,
    /// `TensorShapeProto`
    #[prost(message, optional, tag = "2")]
    pub shape: Option<Shape>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Shape {
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<Dimension>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Dimension {
    #[prost(int64, optional, tag = "1")]
    pub value: Option<i64>,
    #[prost(string, optional, tag = "2")]
    pub parameter: Option<String>,
}

/// The value of an attribute.
pub enum Value<'a> {
    Int(i64),
    Float(f32),
    Ints(&'a [i64]),
    Text(&'a str),
}

impl Node {
    pub fn new(op_type: &str, inputs: &[&str], outputs: &[&str]) -> Self {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        Self {
            input: owned(inputs),
            output: owned(outputs),
            op_type: op_type.to_owned(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &Value) -> Self {
        // `AttributeProto.AttributeType`
        let attribute = match value {
            Value::Float(f) => Attribute {
                f: Some(*f),
                kind: Some(1),
                ..Attribute::default()
            },
            Value::Int(i) => Attribute {
                i: Some(*i),
                kind: Some(2),
                ..Attribute::default()
            },
            Value::Text(s) => Attribute {
                s: Some(s.as_bytes().to_vec()),
                kind: Some(3),
                ..Attribute::default()
            },
            Value::Ints(ints) => Attribute {
                ints: ints.to_vec(),
                kind: Some(7),
                ..Attribute::default()
            },
        };
        self.attribute.push(Attribute {
            name: name.to_owned(),
            ..attribute
        });
        self
    }

    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attribute.iter().find(|a| a.name == name)
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        self.attribute(name).and_then(|a| a.i)
    }
}

impl Tensor {
    pub fn floats(name: &str, dims: &[i64], data: &[f32]) -> Self {
        let raw = data.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self::raw(name, dims, FLOAT, raw)
    }

    pub fn ints(name: &str, dims: &[i64], data: &[i64]) -> Self {
        let raw = data.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self::raw(name, dims, INT64, raw)
    }

    pub fn raw(name: &str, dims: &[i64], data_type: i32, raw: Vec<u8>) -> Self {
        Self {
            dims: dims.to_vec(),
            data_type: Some(data_type),
            name: Some(name.to_owned()),
            raw_data: Some(raw),
            ..Self::default()
        }
    }

    pub fn as_floats(&self) -> Option<Vec<f32>> {
        match &self.raw_data {
            _ if self.data_type != Some(FLOAT) => None,
            Some(raw) => Some(raw.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()),
            None => Some(self.float_data.clone()),
        }
    }

    pub fn as_ints(&self) -> Option<Vec<i64>> {
        match &self.raw_data {
            _ if self.data_type != Some(INT64) => None,
            Some(raw) => Some(raw.as_chunks::<8>().0.iter().map(|b| i64::from_le_bytes(*b)).collect()),
            None => Some(self.int64_data.clone()),
        }
    }

    /// Its one number; none where it has another count.
    pub fn as_int(&self) -> Option<i64> {
        match self.as_ints()?[..] {
            [one] => Some(one),
            _ => None,
        }
    }
}

impl ValueInfo {
    /// `None` is a length that is not known beforehand.
    pub fn tensor(name: &str, element: i32, dims: &[Option<i64>]) -> Self {
        let dimension = |value: &Option<i64>| Dimension {
            value: *value,
            parameter: value.is_none().then(|| format!("{name}_length")),
        };
        let shape = Shape {
            dim: dims.iter().map(dimension).collect(),
        };
        Self {
            name: name.to_owned(),
            kind: Some(ValueType {
                tensor: Some(TensorType {
                    element: Some(element),
                    shape: Some(shape),
                }),
            }),
        }
    }
}
