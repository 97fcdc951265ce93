"""Writes ../render/tests/media/pocket: a made-up bundle with the files, inputs, outputs and states of Pocket TTS, of some kilobytes.

It says a tone for each latent: no speech, but all that goes on between the five nets is as in a real bundle. Needs onnx and numpy.
"""

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

OUT = Path(__file__).parent / "../render/tests/media/pocket"
LATENT, ROW, PIECES, FRAME, CACHE = 4, 8, 40, 240, 400
FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
chance = np.random.default_rng(1)


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def write(name, nodes, inputs, outputs, weights):
    tensors = [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()]
    model = helper.make_model(
        helper.make_graph(nodes, name, inputs, outputs, tensors), opset_imports=[helper.make_opsetid("", 14)], ir_version=8
    )
    checker.check_model(model)
    save(model, OUT / f"{name}.onnx")


def node(kind, inputs, output, **more):
    return helper.make_node(kind, inputs.split(), output.split(), **more)


def text():
    write(
        "text_conditioner",
        [node("Gather", "table token_ids", "embeddings")],
        [value("token_ids", INT64, [1, "seq_len"])],
        [value("embeddings", FLOAT, [1, "seq_len", ROW])],
        {"table": chance.normal(size=(PIECES, ROW)).astype(np.float32)},
    )


def main():
    """Sums up what it reads in the first row of its cache; says the end once it was given 200 positions."""
    nodes = [
        node("IsNaN", "state_0", "fresh"),
        node("Where", "fresh zero state_0", "cache"),
        node("ReduceSum", "text_embeddings one", "heard", keepdims=1),
        node("Reshape", "heard cell", "cell_heard"),
        node("Pad", "cell_heard pads", "added"),
        node("Add", "cache added", "out_state_0"),
        node("Shape", "sequence", "sequence_shape"),
        node("Gather", "sequence_shape one_scalar", "sequence_length"),
        node("Shape", "text_embeddings", "text_shape"),
        node("Gather", "text_shape one_scalar", "text_length"),
        node("Add", "sequence_length text_length", "read"),
        node("Add", "state_1 read", "out_state_1"),
        node("Identity", "state_2", "out_state_2"),
        node("And", "state_3 false", "out_state_3"),
        node("IsNaN", "sequence", "begins"),
        node("Where", "begins zero sequence", "said"),
        node("ReduceSum", "said one", "last", keepdims=0),
        node("MatMul", "last mix", "moved"),
        node("Slice", "out_state_0 from to axes", "whole"),
        node("Reshape", "whole row", "sum"),
        node("Add", "sum moved", "both"),
        node("Tanh", "both", "conditioning"),
        node("Cast", "out_state_1", "position", to=FLOAT),
        node("Sub", "position enough", "left"),
        node("Reshape", "left single", "eos_logit"),
    ]
    state = [("state_0", FLOAT, [2, 1, CACHE, 1, ROW]), ("state_1", INT64, [1]), ("state_2", FLOAT, [0]), ("state_3", BOOL, [1])]
    write(
        "flow_lm_main_int8",
        nodes,
        [value("sequence", FLOAT, [1, "seq_len", LATENT]), value("text_embeddings", FLOAT, [1, "text_len", ROW])]
        + [value(*s) for s in state],
        [value("conditioning", FLOAT, [1, ROW]), value("eos_logit", FLOAT, [1, 1])] + [value("out_" + n, k, s) for n, k, s in state],
        {
            "zero": np.float32(0),
            "one": np.array([1]),
            "one_scalar": np.array(1),
            "cell": np.array([1, 1, 1, 1, ROW]),
            "pads": np.array([0, 0, 0, 0, 0, 1, 0, CACHE - 1, 0, 0]),
            "false": np.array([False]),
            "mix": chance.normal(size=(LATENT, ROW)).astype(np.float32),
            "from": np.array([0, 0]),
            "to": np.array([1, 1]),
            "axes": np.array([0, 2]),
            "row": np.array([1, ROW]),
            "single": np.array([1, 1]),
            "enough": np.array([200.0], np.float32),
        },
    )


def flow():
    """The direction from the noise to a latent that the condition alone decides."""
    write(
        "flow_lm_flow",
        [
            node("MatMul", "c weights", "goal"),
            node("Sub", "goal x", "way"),
            node("Sub", "t s", "time"),
            node("Mul", "way time", "flow_dir"),
        ],
        [value("c", FLOAT, ["batch", ROW])] + [value(n, FLOAT, ["batch", 1]) for n in "st"] + [value("x", FLOAT, ["batch", LATENT])],
        [value("flow_dir", FLOAT, ["batch", LATENT])],
        {"weights": (0.5 * chance.normal(size=(ROW, LATENT))).astype(np.float32)},
    )


def encoder():
    write(
        "mimi_encoder",
        [node("Conv", "audio kernel", "rows", strides=[FRAME], pads=[0, 0], dilations=[1], group=1, kernel_shape=[FRAME]), node("Transpose", "rows", "latents", perm=[0, 2, 1])],
        [value("audio", FLOAT, [1, 1, "audio_len"])],
        [value("latents", FLOAT, [1, "num_frames", ROW])],
        {"kernel": (0.05 * chance.normal(size=(ROW, 1, FRAME))).astype(np.float32)},
    )


def decoder():
    tones = np.sin(2 * np.pi * np.outer([1, 2, 3, 5], np.arange(FRAME)) / FRAME) * 0.1
    write(
        "mimi_decoder",
        [
            node("MatMul", "latent tones", "frames"),
            node("Reshape", "frames line", "audio_frame"),
            node("Not", "state_0", "turned"),
            node("And", "turned state_0", "out_state_0"),
            node("Add", "state_1 quarter", "out_state_1"),
        ],
        [value("latent", FLOAT, [1, "seq_len", LATENT]), value("state_0", BOOL, [1]), value("state_1", FLOAT, [1, 2])],
        [value("audio_frame", FLOAT, [1, 1, "samples"]), value("out_state_0", BOOL, [1]), value("out_state_1", FLOAT, [1, 2])],
        {"tones": tones.astype(np.float32), "line": np.array([1, 1, -1]), "quarter": np.float32(0.25)},
    )


def tokenizer():
    """A SentencePiece model by hand: 40 pieces, no space in front, spaces kept."""
    pieces = [("<unk>", 0.0, 2), ("▁", -2.0, 1)] + [(c, -3.0 - i / 100, 1) for i, c in enumerate("etaoinshrdlucmfwypvbgkjqxzETAOINS.,!?")][:38]
    message = b""
    for text, score, kind in pieces[:PIECES]:
        raw = text.encode()
        piece = b"\x0a" + bytes([len(raw)]) + raw + b"\x15" + np.float32(score).tobytes() + b"\x18" + bytes([kind])
        message += b"\x0a" + bytes([len(piece)]) + piece
    (OUT / "tokenizer.model").write_bytes(message + b"\x1a\x04\x18\x00\x20\x00")


def facts():
    def states(*rows):
        return [{"input_name": f"state_{i}", "fill": fill, "shape": shape} for i, (fill, shape) in enumerate(rows)]

    np.save(OUT / "bos_before_voice.npy", chance.normal(size=(1, 1, ROW)).astype(np.float32))
    bundle = {
        "schema_version": 2,
        "bundle_name": "tiny",
        "language": "english_made_up",
        "sample_rate": 24000,
        "frame_rate": 24000 / FRAME,
        "samples_per_frame": FRAME,
        "latent_dim": LATENT,
        "conditioning_dim": ROW,
        "pad_with_spaces_for_short_inputs": True,
        "remove_semicolons": True,
        "model_recommended_frames_after_eos": 2,
        "max_token_per_chunk": 40,
        "insert_bos_before_voice": True,
        "tokenizer_file": "tokenizer.model",
        "bos_before_voice_file": "bos_before_voice.npy",
        "flow_lm_state_manifest": states(("nan", [2, 1, CACHE, 1, ROW]), ("zeros", [1]), ("empty", [0]), ("ones", [1])),
        "mimi_state_manifest": states(("ones", [1]), ("zeros", [1, 2])),
    }
    (OUT / "bundle.json").write_text(json.dumps(bundle, indent=1) + "\n")
    (OUT / "LICENSE").write_text("A made-up bundle for tests. Public domain.\n")


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for part in (text, main, flow, encoder, decoder, tokenizer, facts):
        part()
