"""Judges the shipped module, not the nets alone: runs the Rust example `mouth_track` and measures its tracks.

    cargo build --release --example mouth_track
    python judge.py --program ../target/release/examples/mouth_track --models ../render/models --grid grid_mouth \\
        --speech librivox [--words librivox/transcription]

GRID: correlation of gap, width and chin with the true lips of talkers never trained on, a clip at a time, then the mean:
of the nets alone, and of the module's track (which rests in silence, where GRID's talkers often hold their mouths open).
Speech: what tools/lipeval.py measures on a video, on the track itself (openness = gap / 8.9 cm, the distance of the outer eye
corners of the canonical head): loudness against openness with its lag, spread, jitter, stillness of pauses; and with --words
(forced alignment) how many p, b, m shut the lips within a frame of their place.
"""
import argparse
import json
import os
import re
import subprocess
import tempfile

import numpy as np
import soundfile as sf
from scipy.signal import butter, filtfilt

from features import mel
from shipped import Shipped

EYES = 8.9  # cm


def tracks(program, sounds, fps=25):
    """[(name, samples)] -> {name: frames x 10}"""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, x in sounds:
            paths.append(f"{folder}/{name}.wav")
            sf.write(paths[-1], x, 16000, subtype="PCM_16")
        made = subprocess.run([program, "--fps", str(fps), *paths], check=True, capture_output=True, text=True).stdout
    return {n: np.array(json.loads(line)["track"]) for (n, _), line in zip(sounds, made.splitlines())}


def loudness(y, n, fps):
    at = [int((i + 0.5) / fps * 16000) for i in range(n)]
    return np.array([20 * np.log10(np.sqrt(np.mean(y[max(0, c - 400):c + 400] ** 2)) + 1e-6) for c in at])


def runs(mask, least):
    edges = np.flatnonzero(np.diff(np.r_[0, mask.astype(int), 0]))
    return [(a, b) for a, b in zip(edges[::2], edges[1::2]) if b - a >= least]


def like_lipeval(gap, y, fps=25):
    o, db = gap / EYES, loudness(y, len(gap), fps)
    peak = np.percentile(db, 95)
    b, a = butter(2, min(8 / (fps / 2), 0.95))
    lips, sound = filtfilt(b, a, o), filtfilt(b, a, np.clip(db - (peak - 40), 0, None))
    at = {l: np.corrcoef(lips[max(0, l):len(lips) + min(0, l)], sound[max(0, -l):len(sound) + min(0, -l)])[0, 1] for l in range(-15, 16)}
    lag = max(at, key=at.get)
    quiet = [(s + fps // 5, e - fps // 5) for s, e in runs(db < peak - 30, int(0.7 * fps))]
    still = np.concatenate([o[s:e] for s, e in quiet]) if quiet else np.zeros(0)
    return {"r": at[lag], "lag": lag, "std": o.std(), "p95_cm": np.percentile(gap, 95), "p98_cm": np.percentile(gap, 98),
            "jitter": np.abs(np.diff(o, 2)).mean(), "pause_frames": len(still),
            "pause_open": float((still > np.percentile(o, 2) + 0.01).mean()) if len(still) else 0.0}


def show(name, m):
    print(f"{name:44}", "  ".join(f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in m.items()), flush=True)


def grid(program, models, folder):
    nets = Shipped(models)
    truth = np.load(f"{folder}/mouth.npz")
    names = sorted(k for k in truth.files if k.startswith("other_"))
    made = tracks(program, [(n, sf.read(f"{folder}/{n}.flac")[0]) for n in names])
    alone, rows, spoken, lags = [], [], [], []
    for n in names:
        y, t = truth[n], made[n]
        k = min(len(y), len(t))
        ours, true = t[:k, [0, 1, 3]] * [1, 1, -1], y[:k, [0, 1, 4]]
        corr = lambda lag: [np.corrcoef(ours[max(0, lag):k + min(0, lag), i], true[max(0, -lag):k + min(0, -lag), i])[0, 1] for i in range(3)]
        rows.append(corr(0))
        speaks = t[:k, 8] > 0
        spoken.append([np.corrcoef(ours[speaks, i], true[speaks, i])[0, 1] for i in range(3)])
        cm = nets(mel(sf.read(f"{folder}/{n}.flac")[0]))[1][2::4][:k, [0, 1, 4]]
        alone.append([np.corrcoef(cm[:, i], true[:len(cm), i])[0, 1] for i in range(3)])
        lags.append(max(range(-3, 4), key=lambda l: corr(l)[0] + corr(l)[2]))
        show(n, {**dict(zip(("nets: opening", "width", "chin"), map(float, alone[-1]))), **dict(zip(("track: opening", "width ", "chin "), map(float, rows[-1]))), "lag": lags[-1], "std_ours": float(t[:, 0].std()), "std_true": float(y[:, 0].std())})
    for what, of in (("nets alone", alone), ("track", rows), ("track, while speaking", spoken)):
        show(f"GRID, mean of the clips: {what}", dict(zip(("opening", "width", "chin"), np.mean(of, 0).tolist())))


def bilabials(words, speech, made, fps=25):
    from align import align
    hit, all_ = 0, 0
    for line in open(words):
        m = re.match(r"(?:<s>)?(.*?)(?:</s>)?\s*\((.*)\)", line)
        gap = made[m[2]][:, 0]
        for phone, start, length in align(sf.read(f"{speech}/{m[2]}.wav")[0], m[1].strip()):
            if phone in "PBM":
                f = int((start + length / 2) / 100 * fps)
                hit, all_ = hit + (gap[max(0, f - 1):f + 2].min() <= 0.05), all_ + 1
    print(f"bilabials shut within a frame, words unknown to us: {hit} of {all_}")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--program", required=True), ap.add_argument("--models", required=True), ap.add_argument("--grid"), ap.add_argument("--speech"), ap.add_argument("--words")
    arg = ap.parse_args()
    if arg.grid:
        grid(arg.program, arg.models, arg.grid)
    if arg.speech:
        sounds = [(f[:-4], sf.read(f"{arg.speech}/{f}")[0]) for f in sorted(os.listdir(arg.speech)) if f.endswith(".wav")]
        made = tracks(arg.program, sounds)
        for name, x in sounds:
            show(name[-40:], like_lipeval(made[name][:, 0], x))
        if arg.words:
            pause = np.zeros(int(16000 * 1.0))
            joined = np.concatenate([np.r_[x, pause] for _, x in sounds])
            show("all joined, 1 s of silence between", like_lipeval(tracks(arg.program, [("joined", joined)])["joined"][:, 0], joined))
            bilabials(arg.words, arg.speech, made)


if __name__ == "__main__":
    main()
