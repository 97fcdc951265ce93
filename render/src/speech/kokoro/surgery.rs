//! The edits that Kokoro's graph needs, made once when the pack is installed.
//!
//! The file is the int8 export of Kokoro-82M by kokoro-onnx, whose products are of whole numbers. They become products of `f32` with
//! the same weights, which stay 8-bit numbers in the file and are expanded when it is loaded: exact on every processor (products of
//! 8-bit numbers saturate without VNNI), as fast, and without the noise of rounding what flows through the net. Operators of one vendor
//! become standard ones. What the vocoder makes of silence in its source was up to the last bit of one runtime's STFT; it is pinned to
//! what the net was trained with. Then two things are added: durations come out, and a factor on the melody goes in.

use std::f64::consts::TAU;

use prost::Message;

use super::graph::{Edit, unexpected};
use super::onnx::{FLOAT, INT64, Model, Node, Tensor, Value, ValueInfo};
use crate::error::Result;

/// Frames of 25 ms that each sign is spoken for.
const DURATIONS: &str = "/encoder/Gather_output_0";

/// What the melody is handed to; its input is the melody in Hz.
const MELODY_USER: &str = "/decoder/decoder/Unsqueeze_output_0";

/// Samples of noise that are repeated, a prime so that no period of speech falls together with it.
const NOISE: usize = 6007;

/// Its level: far below all that is heard. Where nothing else is, it makes the phase random, as it was in training.
const NOISE_LEVEL: f32 = 1e-5;

/// The edited file for the original one.
pub fn edited(original: &[u8]) -> Result<Vec<u8>> {
    let model = Model::decode(original).map_err(|e| unexpected("it is no ONNX file").because(e))?;
    let mut edit = Edit::of(model)?;
    products(&mut edit)?;
    lstms(&mut edit)?;
    vendor_operators(&mut edit)?;
    spectrum(&mut edit)?;
    durations(&mut edit)?;
    melody(&mut edit)?;
    Ok(edit.finish().encode_to_vec())
}

/// `x` → DynamicQuantizeLinear → (MatMul|Conv)Integer [→ Add bias] → Cast → Mul scales becomes (MatMul|Conv) of `x` itself.
fn products(edit: &mut Edit) -> Result<()> {
    for (integer, float, axis) in [("MatMulInteger", "MatMul", 1), ("ConvInteger", "Conv", 0)] {
        for at in edit.all(integer) {
            let quantized = edit.maker(edit.input(at, 0), "DynamicQuantizeLinear")?;
            let mut inputs = vec![edit.input(quantized, 0).to_owned()];
            let mut next = edit.user(edit.output(at))?;
            let bias = if edit.node(next).op_type == "Add" {
                let bias = float_bias(edit, edit.other_input(next, edit.output(at))?)?;
                next = edit.user(edit.output(next))?;
                Some(bias)
            } else {
                None
            };
            let scaled = edit.user(edit.output(next))?;
            if (edit.node(next).op_type.as_str(), edit.node(scaled).op_type.as_str()) != ("Cast", "Mul") {
                return Err(unexpected("a product is not scaled"));
            }
            let scales = edit.maker(edit.other_input(scaled, edit.output(next))?, "Mul")?;
            let scale = edit.node(scales).input.iter().find(|name| edit.is_constant(name));
            let scale = scale.ok_or_else(|| unexpected("a weight has no scale"))?.clone();
            let (weight, zero) = (edit.input(at, 1).to_owned(), edit.input(at, 3).to_owned());
            inputs.push(expanded(edit, &weight, &scale, &zero, axis)?);
            inputs.extend(bias);
            let mut node = edit.node(at).clone();
            float.clone_into(&mut node.op_type);
            node.input = inputs;
            node.output = vec![edit.output(scaled).to_owned()];
            node.attribute.retain(|a| a.name != "auto_pad");
            edit.replace(scaled, [node]);
        }
    }
    Ok(())
}

/// The bias in `f32` behind the whole numbers that are added to a product, which are made of it in a few steps.
fn float_bias<'a>(edit: &'a Edit, mut value: &'a str) -> Result<String> {
    for op_type in ["Reshape", "Cast", "Floor", "Div"] {
        value = edit.input(edit.maker(value, op_type)?, 0);
    }
    edit.constant(value).map(|_| value.to_owned())
}

/// A weight in `f32`, expanded when the net is loaded; its name.
fn expanded(edit: &mut Edit, weight: &str, scale: &str, zero: &str, axis: i64) -> Result<String> {
    let (scales, zeros) = (edit.constant(scale)?.clone(), edit.constant(zero)?.clone());
    let name = format!("{weight}_expanded");
    let (scale, zero) = (format!("{name}_scale"), format!("{name}_zero"));
    let levels = scales.as_floats().ok_or_else(|| unexpected("a scale is no number"))?;
    let offsets = zeros
        .raw_data
        .clone()
        .unwrap_or_else(|| zeros.int32_data.iter().map(|v| *v as u8).collect());
    let one = offsets.iter().all(|z| Some(z) == offsets.first());
    let kind = zeros.data_type.unwrap_or_default();
    let node = Node::new("DequantizeLinear", &[weight, &scale, &zero], &[&name]);
    match (levels.len(), offsets.len()) {
        (1, n) if n > 0 && one => {
            edit.add(Tensor::floats(&scale, &[], &levels));
            edit.add(Tensor::raw(&zero, &[], kind, vec![offsets[0]]));
            edit.add_first(&name, node);
        }
        (n, m) if n > 0 && (m == n || m > 0 && one) => {
            let offsets = if m == n { offsets } else { vec![offsets[0]; n] };
            let count = [i64::try_from(n).map_err(|e| unexpected("a scale is too long").because(e))?];
            edit.add(Tensor::floats(&scale, &count, &levels));
            edit.add(Tensor::raw(&zero, &count, kind, offsets));
            edit.add_first(&name, node.with("axis", &Value::Int(axis)));
        }
        _ => return Err(unexpected("a weight has other scales than offsets")),
    }
    Ok(name)
}

/// DynamicQuantizeLSTM becomes LSTM, whose weights lie the other way round.
fn lstms(edit: &mut Edit) -> Result<()> {
    for at in edit.all("DynamicQuantizeLSTM") {
        let input = |which| edit.input(at, which).to_owned();
        let [x, w, r, bias, lengths, hidden, cell] = std::array::from_fn(input);
        let [w_scale, w_zero, r_scale, r_zero] = std::array::from_fn(|i| input(8 + i));
        let mut turned = Vec::new();
        for (weight, scale, zero) in [(w, w_scale, w_zero), (r, r_scale, r_zero)] {
            let expanded = expanded(edit, &weight, &scale, &zero, 0)?;
            let name = format!("{expanded}_turned");
            edit.add_first(
                &name,
                Node::new("Transpose", &[&expanded], &[&name]).with("perm", &Value::Ints(&[0, 2, 1])),
            );
            turned.push(name);
        }
        let mut node = edit.node(at).clone();
        "LSTM".clone_into(&mut node.op_type);
        node.domain = None;
        node.input = vec![x, turned.remove(0), turned.remove(0), bias, lengths, hidden, cell];
        node.attribute.retain(|a| matches!(a.name.as_str(), "direction" | "hidden_size"));
        edit.replace(at, [node]);
    }
    Ok(())
}

/// The other operators of `com.microsoft` in standard ones.
fn vendor_operators(edit: &mut Edit) -> Result<()> {
    for at in edit.all("FastGelu") {
        let out = edit.output(at).to_owned();
        let sum = format!("{out}_sum");
        let add = Node::new("Add", &[edit.input(at, 0), edit.input(at, 1)], &[&sum]);
        let gelu = Node::new("Gelu", &[&sum], &[&out]).with("approximate", &Value::Text("tanh"));
        edit.replace(at, [add, gelu]);
    }
    for at in edit.all("SkipLayerNormalization") {
        let out = edit.output(at).to_owned();
        let sum = format!("{out}_sum");
        let epsilon = edit.node(at).attribute("epsilon").and_then(|a| a.f).unwrap_or(1e-12);
        let add = Node::new("Add", &[edit.input(at, 0), edit.input(at, 1)], &[&sum]);
        let norm = Node::new("LayerNormalization", &[&sum, edit.input(at, 2), edit.input(at, 3)], &[&out])
            .with("axis", &Value::Int(-1))
            .with("epsilon", &Value::Float(epsilon));
        if edit.node(at).input.len() != 4 || edit.node(at).output.len() != 1 {
            return Err(unexpected("a SkipLayerNormalization has a bias"));
        }
        edit.replace(at, [add, norm]);
    }
    for at in edit.all("FusedMatMul") {
        let node = edit.node(at);
        let plain = node.attribute("alpha").and_then(|a| a.f).is_none_or(|alpha| alpha == 1.0);
        if !plain || node.int("transA") != Some(1) || node.int("transB").is_some_and(|t| t != 0) {
            return Err(unexpected("a FusedMatMul is another"));
        }
        let out = edit.output(at).to_owned();
        let turned = format!("{out}_turned");
        let turn = Node::new("Transpose", &[edit.input(at, 0)], &[&turned]).with("perm", &Value::Ints(&[0, 2, 1]));
        edit.replace(at, [turn, Node::new("MatMul", &[&turned, edit.input(at, 1)], &[&out])]);
    }
    Ok(())
}

/// The spectrum of the vocoder's source: STFT becomes a convolution, and the phase of what is silent is defined.
///
/// Its first and last bin are real numbers: their imaginary part is exactly zero here, and counts as positive, so that the phase of a
/// negative one is +π as in PyTorch. The others are silent in unvoiced sounds; faint noise makes their phase random.
fn spectrum(edit: &mut Edit) -> Result<()> {
    let at = edit.only("STFT")?;
    let step = edit
        .constant(edit.input(at, 1))?
        .as_int()
        .ok_or_else(|| unexpected("STFT's step"))?;
    let window = edit
        .constant(edit.input(at, 2))?
        .as_floats()
        .ok_or_else(|| unexpected("STFT's window"))?;
    let length = i64::try_from(window.len()).map_err(|e| unexpected("STFT's window").because(e))?;
    let bins = length / 2 + 1;
    let source = edit.input(edit.maker(edit.input(at, 0), "Reshape")?, 0).to_owned();
    let turned = edit.user(edit.output(at))?;
    let mut parts = [None, None];
    for user in edit.users(edit.output(turned)) {
        let part = edit.constant(edit.input(*user, 1))?.as_int();
        let part = part.and_then(|p| usize::try_from(p).ok()).and_then(|p| parts.get_mut(p));
        *part.ok_or_else(|| unexpected("STFT's parts"))? = Some(*user);
    }
    let [Some(real), Some(imaginary)] = parts else {
        return Err(unexpected("STFT's parts"));
    };
    edit.add(Tensor::floats("dft", &[2 * bins, 1, length], &basis(&window)));
    edit.add(Tensor::floats("noise", &[NOISE as i64], &noise()));
    edit.add(Tensor::floats("faint", &[], &[1e-12]));
    edit.add(Tensor::ints("bins", &[2], &[bins, bins]));
    for (name, value) in [("zero", 0), ("one", 1), ("last_axis", 2), ("noise_length", NOISE as i64)] {
        edit.add(Tensor::ints(name, &[], &[value]));
    }
    let axis = |node: Node, axis| node.with("axis", &Value::Int(axis));
    let nodes = [
        Node::new("Shape", &[&source], &["source_shape"]),
        axis(Node::new("Gather", &["source_shape", "last_axis"], &["source_length"]), 0),
        Node::new("Range", &["zero", "source_length", "one"], &["source_places"]),
        Node::new("Mod", &["source_places", "noise_length"], &["noise_places"]),
        axis(Node::new("Gather", &["noise", "noise_places"], &["source_noise"]), 0),
        Node::new("Add", &[&source, "source_noise"], &["source_noisy"]),
        Node::new("Conv", &["source_noisy", "dft"], &["source_spectrum"])
            .with("strides", &Value::Ints(&[step]))
            .with("pads", &Value::Ints(&[0, 0]))
            .with("kernel_shape", &Value::Ints(&[length])),
        axis(
            Node::new("Split", &["source_spectrum", "bins"], &[edit.output(real), "source_imaginary"]),
            1,
        ),
        Node::new("Add", &["source_imaginary", "faint"], &[edit.output(imaginary)]),
    ];
    edit.replace(at, nodes);
    [turned, real, imaginary].into_iter().for_each(|at| edit.replace(at, []));
    // The arc tangent's quotient: nothing by nothing is no number.
    let angle = edit.only("Atan")?;
    let quotient = edit.maker(edit.input(angle, 0), "Div")?;
    let nodes = [
        Node::new("Add", &[edit.input(quotient, 1), "faint"], &["source_denominator"]),
        Node::new("Div", &[edit.input(quotient, 0), "source_denominator"], &[edit.output(quotient)]),
    ];
    edit.replace(quotient, nodes);
    Ok(())
}

/// Rows of the windowed Fourier transform: real parts of all bins, then imaginary parts.
fn basis(window: &[f32]) -> Vec<f32> {
    let n = window.len();
    let bins = n / 2 + 1;
    let row = |bin: usize, part: fn(f64) -> f64| {
        let turn = move |(i, w): (usize, &f32)| (part(TAU * ((bin * i) % n) as f64 / n as f64) * f64::from(*w)) as f32;
        window.iter().enumerate().map(turn).collect::<Vec<_>>()
    };
    let real = (0..bins).flat_map(|bin| row(bin, f64::cos));
    let imaginary = (0..bins).flat_map(|bin| if bin * 2 % n == 0 { vec![0.0; n] } else { row(bin, |a| -a.sin()) });
    real.chain(imaginary).collect()
}

/// Noise of a normal distribution, near enough: sums of twelve even ones (Irwin-Hall), from Knuth's generator.
fn noise() -> Vec<f32> {
    let mut state = 1u64;
    let mut even = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    (0..NOISE)
        .map(|_| ((0..12).map(|_| even()).sum::<f32>() - 6.0) * NOISE_LEVEL)
        .collect()
}

/// Durations come out.
fn durations(edit: &mut Edit) -> Result<()> {
    edit.append(Node::new("Identity", &[DURATIONS], &["durations"]));
    edit.add_output(ValueInfo::tensor("durations", INT64, &[None]));
    Ok(())
}

/// A factor on the melody goes in, behind the net's own and in front of all that is made of it.
fn melody(edit: &mut Edit) -> Result<()> {
    let user = edit.maker(MELODY_USER, "Unsqueeze")?;
    let melody = edit.input(user, 0).to_owned();
    if edit.users(&melody).len() != 1 {
        return Err(unexpected("the melody is used elsewhere"));
    }
    let scale = Node::new("Mul", &[&melody, "f0_scale"], &["f0_scaled"]);
    let mut node = edit.node(user).clone();
    "f0_scaled".clone_into(&mut node.input[0]);
    edit.replace(user, [scale, node]);
    edit.add_input(ValueInfo::tensor("f0_scale", FLOAT, &[Some(1)]));
    Ok(())
}

#[cfg(test)]
mod tests;
