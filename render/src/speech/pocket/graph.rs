//! What an ONNX file says of itself: its inputs and outputs.

use super::protobuf::Fields;

/// An input or an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    pub name: String,
    /// ONNX's number of the element type: 1 `float`, 7 `int64`, 9 `bool`, 10 `float16`.
    pub kind: u64,
    /// `None` where a side is open.
    pub shape: Vec<Option<usize>>,
}

pub const FLOAT: u64 = 1;
pub const INT64: u64 = 7;
pub const BOOL: u64 = 9;

/// The ports of a graph, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
    /// Weights lie in another file.
    pub external: bool,
}

impl Ports {
    /// `None` for what is no ONNX file.
    pub fn read(onnx: &[u8]) -> Option<Self> {
        let mut model = Fields::of(onnx);
        let graph = model.by_ref().find(|(field, _)| *field == 7)?.1.bytes()?;
        let mut ports = Self::default();
        let mut weights = Vec::new();
        let mut fields = Fields::of(graph);
        for (field, value) in &mut fields {
            match field {
                5 => {
                    let tensor = value.bytes()?;
                    // data_location = EXTERNAL
                    ports.external |= Fields::of(tensor).any(|(f, v)| f == 14 && v.number() == Some(1));
                    weights.extend(Fields::of(tensor).find(|(f, _)| *f == 8).and_then(|(_, v)| v.text()));
                }
                11 => ports.inputs.push(port(value.bytes()?)?),
                12 => ports.outputs.push(port(value.bytes()?)?),
                _ => {}
            }
        }
        // Old files list their weights as inputs too.
        ports.inputs.retain(|p| !weights.contains(&p.name.as_str()));
        fields.is_whole().then_some(ports)
    }

    pub fn input(&self, name: &str) -> Option<&Port> {
        self.inputs.iter().find(|p| p.name == name)
    }
}

fn port(info: &[u8]) -> Option<Port> {
    let inside = |bytes, field| Fields::of(bytes).find(|(f, _)| *f == field).map(|(_, v)| v);
    let tensor = inside(info, 2)?.bytes().and_then(|kind| inside(kind, 1))?.bytes()?;
    let shape = inside(tensor, 2).and_then(|v| v.bytes()).unwrap_or_default();
    let side = |bytes| inside(bytes, 1).and_then(|v| v.number()).and_then(|n| usize::try_from(n).ok());
    Some(Port {
        name: inside(info, 1)?.text()?.to_owned(),
        kind: inside(tensor, 1)?.number()?,
        shape: Fields::of(shape).filter_map(|(_, v)| v.bytes()).map(side).collect(),
    })
}
