"""Makes labelled speech with hibari (Apache-2.0, PyPI hibari-tts 0.2.1): its net says how long each phoneme lasts.

    python speak.py --net hibari_timed_rten.onnx --hours 4 --seed 1 --out data/hibari

Each sentence gets its own speed, pitch and length of throat (a stretch of the spectral envelope), and some get a room, a
telephone's band or 8-bit companding. Writes OUT.npz: `mel` (all frames, ln of the power, half precision), `label`, `length`.
"""
import argparse
import gzip
import json
import os
import time

import hibari
import numpy as np
import onnxruntime as ort
from hibari import dsp
from hibari.g2p import G2P
from scipy.signal import fftconvolve, resample_poly

from features import RATE, labels, mel

ASSETS = os.path.join(os.path.dirname(hibari.__file__), "assets")
COMMON = """the of and to in is you that it he was for on are as with his they at be this have from or one had by but not what
all were we when your can said there use an each which she do how their if will up other about out many then them these so
some her would make like him into time has look two more write go see number no way could people my than first water been
call who its now find long down day did get come made may part over new sound take only little work know place year live me
back give most very after thing our just name good sentence man think say great where help through much before line right
too mean old any same tell boy follow came want show also around form three small set put end does another well large must
big even such because turn here why ask went men read need land different home us move try kind hand picture again change
off play spell air away animal house point page letter mother answer found study still learn should world""".split()
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve a b c d e f g h i j k l m n o p q r s t u v x y z".split()


def sentence(rng, words):
    n = int(rng.integers(4, 13))
    out = [str(rng.choice(words if rng.random() < 0.55 else COMMON if rng.random() < 0.85 else NUMBERS)) for _ in range(n)]
    if n > 4 and rng.random() < 0.35:
        out[n // 2] += ","
    return " ".join(out) + str(rng.choice(list("..?!")))


def stretch(spectrum, by):
    """601 x frames log amplitudes; by > 1 moves the formants up: a shorter throat."""
    at = np.arange(601) / by
    low = np.clip(np.floor(at).astype(int), 0, 599)
    part = np.clip(at - low, 0, 1)[:, None]
    return (spectrum[low] * (1 - part) + spectrum[low + 1] * part).astype(np.float32)


def recorded(x, rng):
    """The same speech in a room, down a telephone or companded to 8 bits; half of it untouched."""
    kind = rng.random()
    if kind < 0.30:
        seconds = rng.uniform(0.15, 0.6)
        n = int(seconds * RATE)
        tail = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n)
        tail[: int(rng.uniform(0.002, 0.02) * RATE)] = 0
        tail *= rng.uniform(0.2, 0.9) / np.sqrt((tail ** 2).sum())
        tail[0] = 1
        x = fftconvolve(x, tail)[: len(x)]
    if kind > 0.88:
        x = resample_poly(resample_poly(x, 1, 2), 2, 1)[: len(x)]
    if kind > 0.80:
        peak = np.abs(x).max() + 1e-6
        code = np.round(np.sign(x) * np.log1p(255 * np.abs(x) / peak) / np.log(256) * 127) / 127
        x = np.sign(code) * (256 ** np.abs(code) - 1) / 255 * peak
    return x


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--net", required=True), ap.add_argument("--out", required=True)
    ap.add_argument("--hours", type=float, default=4), ap.add_argument("--seed", type=int, default=1)
    arg = ap.parse_args()
    rng = np.random.default_rng(arg.seed)
    vocabulary = json.load(open(os.path.join(ASSETS, "vocab.json")))
    gold = json.load(gzip.open(os.path.join(ASSETS, "lexicon_us_gold.json.gz")))
    words = [w for w in gold if w.isalpha() and w.islower() and w.isascii() and 2 < len(w) < 12]
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    net = ort.InferenceSession(arg.net, options)
    speakers = [G2P(british=False), G2P(british=True)]
    mels, marks, lengths, seconds, began = [], [], [], 0.0, time.process_time()
    while seconds < arg.hours * 3600:
        said = speakers[int(rng.random() < 0.3)](sentence(rng, words))
        tokens = [c for c in (said if isinstance(said, str) else " ".join(said)) if c in vocabulary]
        if not 5 < len(tokens) < 250:
            continue
        ids = np.array([[0] + [vocabulary[c] for c in tokens] + [0]])
        made = net.run(None, {"ids": ids, "speed": np.array([rng.uniform(0.75, 1.35)], np.float32)})
        lh, theta, ln, lr, phi, f0 = (a[0] for a in made[:6])
        throat = rng.uniform(0.80, 1.14)
        sound = dsp.synth(*(stretch(a, throat) for a in (lh, theta, ln, lr)), phi, (f0 * rng.uniform(0.42, 1.3)).astype(np.float32), rng)
        sound = recorded(resample_poly(sound, 2, 3).astype(np.float32), rng)
        power = mel(sound)
        mels.append(np.log(power + 1e-7).astype(np.float16))
        marks.append(labels(tokens, made[6].reshape(-1), power))
        lengths.append(len(power))
        seconds += len(sound) / RATE
    np.savez(arg.out, mel=np.concatenate(mels), label=np.concatenate(marks), length=np.array(lengths))
    print(f"{len(lengths)} sentences, {seconds / 3600:.2f} h of speech in {time.process_time() - began:.0f} CPU s")


if __name__ == "__main__":
    main()
