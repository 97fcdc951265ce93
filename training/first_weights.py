"""The first version of net 1 (five blocks, an ONNX file) -> weights to go on from; the sixth block begins by doing nothing.

    python first_weights.py viseme_15_poc.onnx data/start.npz
"""
import sys

import jax
import numpy as np
import onnx
from onnx import numpy_helper

import visemes

old = {i.name: numpy_helper.to_array(i) for i in onnx.load(sys.argv[1]).graph.initializer}
p = {k: np.array(v) for k, v in visemes.fresh(jax.random.PRNGKey(0)).items()}
p["w0"], p["b0"] = old["w0"].transpose(2, 1, 0).reshape(-1, visemes.CHANNELS), old["b0"]
for i in range(5):
    p[f"d{i}"] = old[f"dw{i}"][:, 0].T
    p |= {f"{k}{i}": old[f"{k}{i}"] for k in "geuvo"}
p["o5"] = np.zeros_like(p["o5"])
p["wo"], p["bo"] = old["wo"], old["bo"]
np.savez(sys.argv[2], **p)
