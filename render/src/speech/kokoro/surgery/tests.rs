//! Each edit on a graph of a few nodes, run before our eyes.

use super::super::onnx::{Graph, Opset};
use super::*;
use crate::model::{Runtime, Tensor as Numbers};

const INT8: i32 = 3;
const UINT8: i32 = 2;

/// A net of these nodes; its inputs are of any shape.
fn net(inputs: &[&str], nodes: Vec<Node>, constants: Vec<Tensor>, outputs: &[&str]) -> Edit {
    let values = |names: &[&str], rank: usize| names.iter().map(|n| ValueInfo::tensor(n, FLOAT, &vec![None; rank])).collect();
    let graph = Graph {
        node: nodes,
        name: Some("test".into()),
        initializer: constants,
        input: values(inputs, 3),
        output: values(outputs, 3),
    };
    let opset_import = vec![Opset {
        domain: Some("com.microsoft".into()),
        version: Some(1),
    }];
    let model = Model {
        ir_version: Some(9),
        graph: Some(graph),
        opset_import,
        ..Model::default()
    };
    Edit::of(Model::decode(&model.encode_to_vec()[..]).unwrap()).unwrap()
}

fn run(edit: Edit, inputs: &[Numbers]) -> Vec<Numbers> {
    let bytes = edit.finish().encode_to_vec();
    Runtime::rten().load(bytes).unwrap().run(inputs).unwrap()
}

fn near(got: &[f32], expected: &[f32]) {
    let worst = got.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(got.len() == expected.len() && worst < 1e-5, "{got:?} instead of {expected:?}");
}

fn quantizes() -> Node {
    Node::new("DynamicQuantizeLinear", &["x"], &["x_q", "x_scale", "x_zero"])
}

/// Cast and scaling behind a product, and where the scales come from.
fn scales(product: &str) -> [Node; 3] {
    [
        Node::new("Cast", &[product], &["cast"]).with("to", &Value::Int(1)),
        Node::new("Mul", &["x_scale", "w_scale"], &["scales"]),
        Node::new("Mul", &["cast", "scales"], &["y"]),
    ]
}

#[test]
fn products_of_whole_numbers_become_exact() {
    let product = Node::new("MatMulInteger", &["x_q", "w", "x_zero", "w_zero"], &["product"]);
    let nodes = [quantizes(), product].into_iter().chain(scales("product")).collect();
    let constants = vec![
        Tensor::raw("w", &[3, 2], INT8, [1i8, -2, 3, 100, -128, 127].map(i8::cast_unsigned).to_vec()),
        Tensor::floats("w_scale", &[2], &[0.5, 0.25]),
        Tensor::raw("w_zero", &[2], INT8, vec![0, 0]),
    ];
    let mut edit = net(&["x"], nodes, constants, &["y"]);
    products(&mut edit).unwrap();
    let got = run(edit, &[Numbers::new(&[1, 2, 3], vec![0.1, 2.0, -3.0, 7.77, 0.0, 1.0])]);
    // Rows by columns, to the last digit: x is not rounded to 8 bits.
    near(&got[0].data, &[195.05, -45.3, -60.115, 27.865]);
}

#[test]
fn a_convolution_keeps_its_bias() {
    let product = Node::new("ConvInteger", &["x_q", "w", "x_zero", "w_zero"], &["product"])
        .with("kernel_shape", &Value::Ints(&[2]))
        .with("pads", &Value::Ints(&[0, 0]))
        .with("strides", &Value::Ints(&[1]))
        .with("auto_pad", &Value::Text("NOTSET"));
    let bias = [
        Node::new("Div", &["bias", "scales"], &["b1"]),
        Node::new("Floor", &["b1"], &["b2"]),
        Node::new("Cast", &["b2"], &["b3"]).with("to", &Value::Int(6)),
        Node::new("Reshape", &["b3", "shape"], &["b4"]),
        Node::new("Add", &["product", "b4"], &["biased"]),
    ];
    let nodes = [quantizes(), product].into_iter().chain(bias).chain(scales("biased")).collect();
    let constants = vec![
        Tensor::raw("w", &[1, 1, 2], UINT8, vec![130, 120]),
        Tensor::floats("w_scale", &[1], &[0.125]),
        Tensor::raw("w_zero", &[], UINT8, vec![128]),
        Tensor::floats("bias", &[1], &[0.3]),
        Tensor::ints("shape", &[3], &[1, -1, 1]),
    ];
    let mut edit = net(&["x"], nodes, constants, &["y"]);
    products(&mut edit).unwrap();
    let got = run(edit, &[Numbers::new(&[1, 1, 3], vec![1.0, 0.5, -2.0])]);
    near(&got[0].data, &[0.05, 2.425]);
}

#[test]
fn an_lstm_has_its_weights_the_other_way_round() {
    let inputs = ["x", "w", "r", "", "", "", "", "", "w_scale", "w_zero", "r_scale", "r_zero"];
    let node = Node::new("DynamicQuantizeLSTM", &inputs, &["y"])
        .with("hidden_size", &Value::Int(1))
        .with("direction", &Value::Text("forward"))
        .with("input_forget", &Value::Int(0));
    let constants = vec![
        // One direction, two inputs, four gates: input, output, forget, cell.
        Tensor::raw("w", &[1, 2, 4], INT8, vec![10, 20, 30, 40, 1, 2, 3, 4]),
        Tensor::raw("r", &[1, 1, 4], INT8, vec![5, 6, 7, 8]),
        Tensor::floats("w_scale", &[1], &[0.01]),
        Tensor::floats("r_scale", &[1], &[0.1]),
        Tensor::raw("w_zero", &[1], INT8, vec![0]),
        Tensor::raw("r_zero", &[1], INT8, vec![0]),
    ];
    let mut edit = net(&["x"], vec![node], constants, &["y"]);
    lstms(&mut edit).unwrap();
    let x = [[0.5f32, -1.0], [2.0, 3.0]];
    let got = run(edit, &[Numbers::new(&[2, 1, 2], x.concat())]);
    let sigmoid = |v: f32| 1.0 / (1.0 + (-v).exp());
    let (mut h, mut c) = (0.0f32, 0.0f32);
    let expected: Vec<f32> = x
        .iter()
        .map(|x| {
            let gate = |i: usize| x[0] * [0.1, 0.2, 0.3, 0.4][i] + x[1] * [0.01, 0.02, 0.03, 0.04][i] + h * [0.5, 0.6, 0.7, 0.8][i];
            c = sigmoid(gate(2)) * c + sigmoid(gate(0)) * gate(3).tanh();
            h = sigmoid(gate(1)) * c.tanh();
            h
        })
        .collect();
    near(&got[0].data, &expected);
}

#[test]
fn operators_of_a_vendor_become_standard_ones() {
    let nodes = vec![
        Node::new("FusedMatMul", &["x", "x"], &["square"])
            .with("transA", &Value::Int(1))
            .with("alpha", &Value::Float(1.0)),
        Node::new("SkipLayerNormalization", &["square", "square", "gain", "shift"], &["normal"]).with("epsilon", &Value::Float(1e-12)),
        Node::new("FastGelu", &["normal", "shift"], &["y"]),
    ];
    let constants = vec![
        Tensor::floats("gain", &[2], &[1.0, 2.0]),
        Tensor::floats("shift", &[2], &[0.5, 0.0]),
    ];
    let mut edit = net(&["x"], nodes, constants, &["y", "normal"]);
    vendor_operators(&mut edit).unwrap();
    let model = edit.finish();
    assert!(
        model
            .graph
            .iter()
            .flat_map(|g| &g.node)
            .all(|n| n.domain.as_deref().unwrap_or_default().is_empty())
    );
    assert_eq!(model.opset_import.len(), 1);
    let got = Runtime::rten().load(model.encode_to_vec()).unwrap();
    let got = got.run(&[Numbers::new(&[1, 2, 2], vec![1.0, 2.0, 3.0, 5.0])]).unwrap();
    // x'x is [[10, 17], [17, 29]]: each row has one number below its mean and one as far above.
    near(&got[1].data, &[-0.5, 2.0, -0.5, 2.0]);
    let gelu = |v: f32| 0.5 * v * (1.0 + (0.797_884_6 * (v + 0.044_715 * v * v * v)).tanh());
    near(&got[0].data, &[0.0, gelu(2.0), 0.0, gelu(2.0)]);
}

/// The vocoder's source as Kokoro's graph has it.
fn source() -> Edit {
    let nodes = vec![
        Node::new("Reshape", &["x", "flat"], &["signal"]),
        Node::new("STFT", &["signal", "step", "window", "length"], &["stft"]),
        Node::new("Transpose", &["stft"], &["turned"]).with("perm", &Value::Ints(&[0, 2, 1, 3])),
        Node::new("Gather", &["turned", "i1"], &["imaginary"]).with("axis", &Value::Int(3)),
        Node::new("Gather", &["turned", "i0"], &["real"]).with("axis", &Value::Int(3)),
        Node::new("Div", &["imaginary", "real"], &["quotient"]),
        Node::new("Atan", &["quotient"], &["angle"]),
    ];
    let constants = vec![
        Tensor::ints("flat", &[2], &[1, -1]),
        Tensor::ints("step", &[], &[2]),
        Tensor::ints("length", &[], &[4]),
        Tensor::floats("window", &[4], &[0.0, 0.5, 1.0, 0.5]),
        Tensor::ints("i1", &[], &[1]),
        Tensor::ints("i0", &[], &[0]),
    ];
    net(&["x"], nodes, constants, &["real", "imaginary", "angle"])
}

#[test]
fn the_spectrum_is_a_fourier_transform() {
    let mut edit = source();
    spectrum(&mut edit).unwrap();
    let x = [0.3, -0.7, 1.0, 0.2, -0.4, 0.9];
    let got = run(edit, &[Numbers::new(&[1, 1, 6], x.to_vec())]);
    assert_eq!(got[0].shape, [1, 3, 2]);
    // Windowed: (0, -.35, 1, .1) and (0, .1, -.4, .45); bins of four samples are sums with 1, i, -1, -i.
    let close = |got: &[f32], expected: &[f32]| got.iter().zip(expected).for_each(|(a, b)| assert!((a - b).abs() < 3e-4, "{got:?}"));
    close(&got[0].data, &[0.75, 0.15, -1.0, 0.4, 1.25, -0.95]);
    close(&got[1].data, &[0.0, 0.0, 0.45, 0.35, 0.0, 0.0]);
}

#[test]
fn what_is_silent_has_a_defined_phase() {
    let mut edit = source();
    spectrum(&mut edit).unwrap();
    let got = run(edit, &[Numbers::new(&[1, 1, 8], vec![-0.03; 8])]);
    // The first bin is real and negative: its imaginary part counts as positive, which makes its phase +pi.
    assert!(got[0].data[..3].iter().all(|v| *v < 0.0) && got[1].data[..3].iter().all(|v| *v > 0.0 && *v < 1e-9));
    assert!(got[2].data.iter().all(|v| v.is_finite()));
    // Noise repeats from run to run.
    let mut again = source();
    spectrum(&mut again).unwrap();
    assert_eq!(run(again, &[Numbers::new(&[1, 1, 8], vec![-0.03; 8])]), got);
}

#[test]
fn the_noise_is_normal() {
    let noise = noise();
    let mean = noise.iter().sum::<f32>() / noise.len() as f32;
    let power = noise.iter().map(|v| v * v).sum::<f32>() / noise.len() as f32;
    assert!(mean.abs() < NOISE_LEVEL * 0.05, "{mean}");
    assert!((power.sqrt() / NOISE_LEVEL - 1.0).abs() < 0.05, "{power}");
}

#[test]
fn a_graph_of_another_build_is_refused() {
    let nodes = vec![Node::new("MatMulInteger", &["x", "w", "z", "z"], &["y"])];
    let mut edit = net(&["x"], nodes, vec![Tensor::raw("w", &[1], INT8, vec![1])], &["y"]);
    assert!(products(&mut edit).is_err());
    assert!(edited(b"no onnx").is_err());
}
