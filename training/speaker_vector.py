"""Writes ../render/tests/speaker_vector.json: what the speaker encoder says of a sound made by formula.

Features and windows are Resemblyzer's (PyPI Resemblyzer 0.1.4: audio.py, voice_encoder.py), written anew with numpy; the net is
../render/models/speaker.onnx, its weights. Needs numpy and onnxruntime.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime as ort

HERE = Path(__file__).parent
RATE, FFT, HOP, WINDOW, STEP = 16_000, 400, 160, 160, 77


def to_mel(hz):
    hz = np.asarray(hz, float)
    return np.where(hz < 1000, hz * 3 / 200, 15 + np.log(np.maximum(hz, 1) / 1000) / (np.log(6.4) / 27))


def to_hz(mel):
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((np.asarray(mel, float) - 15) * np.log(6.4) / 27))


def filters():
    edge, bins = to_hz(np.linspace(0, to_mel(8000), 42)), np.arange(201) * RATE / FFT
    rows = [np.minimum((bins - a) / (b - a), (c - bins) / (c - b)).clip(0) * 2 / (c - a) for a, b, c in zip(edge, edge[1:], edge[2:])]
    return np.array(rows)


FILTERS = filters()


def mel(sound):
    padded = np.pad(sound, FFT // 2, mode="reflect")
    starts = np.arange(1 + len(sound) // HOP) * HOP
    frames = padded[starts[:, None] + np.arange(FFT)] * np.hanning(FFT + 1)[:FFT]
    return ((np.abs(np.fft.rfft(frames)) ** 2) @ FILTERS.T).astype(np.float32)


def voiced(sound):
    pieces = sound[: len(sound) // 480 * 480].reshape(-1, 480)
    power = (pieces**2).mean(1) + 1e-10
    loud = power > power.max() * 1e-4
    return pieces[np.convolve(loud, np.ones(9), "same") > 0].ravel()


def levelled(sound):
    db = 10 * np.log10((sound**2).mean() + 1e-12)
    return sound * 10 ** ((-30 - db) / 20) if db < -30 else sound


class Encoder:
    def __init__(self, path=HERE / "../render/models/speaker.onnx"):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.net = ort.InferenceSession(str(path), options)

    def windows(self, sound):
        frames = mel(levelled(sound))
        starts = []
        for start in range(0, max(len(frames), 1), STEP):
            starts.append(start)
            if start + WINDOW >= len(frames):
                break
        if len(starts) > 1 and len(frames) - starts[-1] < 0.75 * WINDOW:
            starts.pop()
        frames = np.pad(frames, ((0, WINDOW), (0, 0)))
        return self.net.run(None, {"mel": np.stack([frames[s : s + WINDOW] for s in starts], 1)})[0]

    def embed(self, sound):
        """16 kHz mono -> 256 numbers of unit length."""
        windows = self.windows(voiced(np.asarray(sound, np.float64)))
        windows /= np.linalg.norm(windows, axis=1, keepdims=True).clip(1e-9)
        mean = windows.mean(0)
        return mean / np.linalg.norm(mean)


def formula():
    t = np.arange(40_000) / RATE
    tau = 2 * np.pi
    phase = tau * (130 * t + 6 * np.sin(tau * 1.5 * t) / tau)
    buzz = np.zeros_like(t)
    for h in range(1, 24):
        f = 130.0 * h
        first = np.exp(-(((f - 600 - 200 * np.sin(tau * 2 * t)) / 150) ** 2))
        second = 0.5 * np.exp(-(((f - 1600 + 400 * np.cos(tau * 1.3 * t)) / 250) ** 2))
        buzz += np.sin(h * phase) * (0.05 + first + second)
    return 0.08 * buzz * (0.6 + 0.4 * np.sin(tau * 3 * t))


if __name__ == "__main__":
    encoder, sound = Encoder(), formula()
    out = {
        "mel_77": [float(f"{v:.6g}") for v in mel(levelled(sound))[77]],
        "windows": len(encoder.windows(sound)),
        "embedding": [round(float(v), 5) for v in encoder.embed(sound)],
    }
    (HERE / "../render/tests/speaker_vector.json").write_text(json.dumps(out) + "\n")
