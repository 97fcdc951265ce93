"""Writes the trained nets as ONNX that rten 0.27 runs (float32, opset 17), and stored outputs for the Rust test.

    python export.py --visemes data/start.npz data/visemes.npz --lips data/lips.npz --out ../render/models --vector ../render/tests/mouth_vector.json

`visemes.onnx`: x [1, 40, T] -> prob [1, T, 15]. `lips.onnx`: features [1, 31, T] -> cm [1, 6, T]; several nets of a kind are
averaged inside the graph.
"""
import argparse
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import lips
import visemes
from features import BANDS, mel
from shipped import Shipped


class Graph:
    """Collects nodes and weights; every method returns the name of what it made."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def const(self, value):
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name))
        return name

    def op(self, kind, *inputs, output=None, **attributes):
        output = output or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def conv(self, x, weight, bias=None, step=1, group=1):
        """weight: out x in x taps; same length out as in, silence beyond the ends."""
        pad = step * (weight.shape[2] // 2)
        extra = [] if bias is None else [self.const(bias)]
        return self.op("Conv", x, self.const(weight), *extra, kernel_shape=[weight.shape[2]], dilations=[step], group=group, pads=[pad, pad], strides=[1])

    def dense(self, x, weight, bias=None, **kw):
        y = self.op("MatMul", x, self.const(weight), **({} if bias is not None else kw))
        return y if bias is None else self.op("Add", y, self.const(bias), **kw)

    def total(self, parts):
        while len(parts) > 1:
            parts = [self.op("Add", parts[0], parts[1]), *parts[2:]]
        return parts[0]

    def save(self, path, name, given, made):
        graph = helper.make_graph(self.nodes, name, [helper.make_tensor_value_info(given[0], TensorProto.FLOAT, given[1])],
                                  [helper.make_tensor_value_info(made[0], TensorProto.FLOAT, made[1])], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def taps_first(weight, channels):
    """(taps * in) x out, as the training programs keep it -> out x in x taps"""
    taps = weight.shape[0] // channels
    return weight.reshape(taps, channels, -1).transpose(2, 1, 0)


def viseme_logits(g, p):
    h = g.op("Relu", g.conv("x", taps_first(p["w0"], BANDS), p["b0"]))
    for i, step in enumerate(visemes.DILATIONS):
        if not p[f"o{i}"].any():  # a block that does nothing
            continue
        y = g.conv(h, p[f"d{i}"].T[:, None], step=step, group=visemes.CHANNELS)
        y = g.op("LayerNormalization", g.op("Transpose", y, perm=[0, 2, 1]), g.const(p[f"g{i}"]), g.const(p[f"e{i}"]), axis=-1, epsilon=1e-5)
        y = g.dense(g.op("Relu", g.dense(y, p[f"u{i}"], p[f"v{i}"])), p[f"o{i}"])
        h = g.op("Add", h, g.op("Transpose", y, perm=[0, 2, 1]))
    return g.dense(g.op("Transpose", h, perm=[0, 2, 1]), p["wo"], p["bo"])


def write_visemes(nets, path):
    g = Graph()
    scaled = [p | {"wo": p["wo"] / len(nets), "bo": p["bo"] / len(nets)} for p in nets]
    g.op("Softmax", g.total([viseme_logits(g, p) for p in scaled]), output="prob", axis=-1)
    g.save(path, "visemes", ("x", [1, BANDS, "T"]), ("prob", [1, "T", 15]))


def write_lips(z, path):
    g, sums = Graph(), []
    seeds = sorted({k.rsplit("_", 1)[1] for k in z if "_" in k})
    for s in seeds:
        p = {k.rsplit("_", 1)[0]: v for k, v in z.items() if k.endswith(f"_{s}")}
        h = g.op("Relu", g.conv("features", taps_first(p["w"], lips.IN), p["b"], step=3))
        for i, step in enumerate(lips.DILATIONS):
            y = g.conv(h, p[f"d{i}"].T[:, None], step=step, group=lips.WIDE)
            y = g.op("Relu", g.conv(y, p[f"u{i}"].T[:, :, None], p[f"v{i}"]))
            h = g.op("Add", h, g.conv(y, p[f"o{i}"].T[:, :, None]))
        dev, mean = z["dev"] / len(seeds), z["mean"] / len(seeds)
        sums.append(g.conv(h, (p["wo"] * dev).T[:, :, None], p["bo"] * dev + mean))
    g.op("Identity", g.total(sums), output="cm")
    g.save(path, "lips", ("features", [1, lips.IN, "T"]), ("cm", [1, 6, "T"]))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--visemes", nargs="+", required=True)
    for name in ("lips", "out", "vector"):
        ap.add_argument(f"--{name}", required=True)
    arg = ap.parse_args()
    write_visemes([dict(np.load(n)) for n in arg.visemes], f"{arg.out}/visemes.onnx")
    write_lips(dict(np.load(arg.lips)), f"{arg.out}/lips.onnx")
    vector(arg.out, arg.vector)
    print({f: os.path.getsize(f"{arg.out}/{f}") for f in ("visemes.onnx", "lips.onnx")})


def vector(folder, path):
    """Stored outputs: a sound that any language can make from its formula, and what features and nets make of it."""
    t = np.arange(16000 * 3 // 2) / 16000
    sound = 0.3 * np.sin(2 * np.pi * (120 * t + 30 * t * t)) * (0.5 + 0.5 * np.sin(2 * np.pi * 3 * t)) + 0.1 * np.sin(2 * np.pi * 1700 * t) * (np.sin(2 * np.pi * 2 * t) > 0)
    power = mel(sound.astype(np.float32))
    prob, cm = Shipped(folder)(power)
    rows = [10, 40, 75, 100, 140]
    few = lambda a: [[round(float(v), 5) for v in a[r]] for r in rows]
    json.dump({"rows": rows, "log_mel": few(np.log(power + 1e-7)), "visemes": few(prob), "lips": few(cm)}, open(path, "w"), indent=0)


if __name__ == "__main__":
    main()
