"""Gives Kokoro's graph what labelling needs: an output `durations` and an input `f0_scale`.

    python time_kokoro.py kokoro-v1.0.int8.onnx kokoro-timed.int8.onnx
"""
import sys

import onnx
from onnx import TensorProto, helper

model = onnx.load(sys.argv[1])
graph = model.graph
pitch = next(n.input[0] for n in graph.node if "/decoder/decoder/Unsqueeze_output_0" in n.output)
graph.output.append(helper.make_tensor_value_info("durations", TensorProto.INT64, ["sequence_length"]))
graph.node.append(helper.make_node("Identity", ["/encoder/Gather_output_0"], ["durations"]))
graph.input.append(helper.make_tensor_value_info("f0_scale", TensorProto.FLOAT, [1]))
for node in graph.node:
    for k, name in enumerate(node.input):
        if name == pitch:
            node.input[k] = "F0_scaled"
maker = next(i for i, n in enumerate(graph.node) if pitch in n.output)
graph.node.insert(maker + 1, helper.make_node("Mul", [pitch, "f0_scale"], ["F0_scaled"]))
graph.output.append(helper.make_tensor_value_info("f0", TensorProto.FLOAT, [1, "frames2"]))
graph.node.append(helper.make_node("Identity", ["F0_scaled"], ["f0"]))
onnx.save(model, sys.argv[2])
