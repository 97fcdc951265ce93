"""Judges footage that speaks: the sound of sentences that were held out, said by the same person's other footage, against the true videos.

    cargo build --release --examples
    python judge_footage.py --programs ../target/release/examples --footage CLIP … --held-out CLIP … [--keep FOLDER]

The clips of `--footage` are joined and prepared once; each of `--held-out` lends its sound, and then shows what the person really did.
Everything is tracked with the module's own tracker. Printed for each sentence, of gap, width and chin: the correlation of what was asked
with the truth (what the nets that listen know), of what is seen with what was asked, of what is seen with the truth; and the change from
frame to frame of the lower face against the true video's. Needs numpy, and ffmpeg on the PATH.
"""
import argparse
import json
import os
import subprocess
import tempfile

import numpy as np

NAMES = ("gap", "width", "chin")


def head(path):
    """Vertices, triangles' room and weights of the canonical head (see pack_head.py)."""
    data = open(path, "rb").read()[8:]
    vertices = np.frombuffer(data, "<f4", 468 * 3).reshape(468, 3).astype(float)
    weights = np.frombuffer(data, "<f4", 468, 468 * 12 + 898 * 6).astype(float)
    return vertices, weights


def canonical(points, vertices, weights):
    """Landmarks (pixels) on the canonical head, cm: weighted Procrustes."""
    x = points[:468] * [1, -1, -1]
    ma, mb = weights @ vertices, weights @ x
    a, b = vertices - ma, x - mb
    u, s, vt = np.linalg.svd((b * weights[:, None]).T @ a)
    d = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    r = (u * d) @ vt
    scale = (s * d).sum() / ((a ** 2).sum(1) @ weights)
    return (x - (mb - scale * r @ ma)) @ r / scale


def decode(path, width, height):
    """Frames of a video as planes, 25 a second."""
    convert = f"scale={width}:{height}:out_color_matrix=bt709:out_range=tv,format=yuv420p"
    made = subprocess.run(["ffmpeg", "-v", "quiet", "-i", path, "-vf", convert, "-r", "25", "-f", "rawvideo", "-"], check=True, capture_output=True)
    size = width * height * 3 // 2
    frames = np.frombuffer(made.stdout, np.uint8)
    return frames[: len(frames) // size * size].reshape(-1, size)


def size(path):
    told = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=width,height", "-of", "csv=p=0", path],
                          check=True, capture_output=True, text=True).stdout
    return [int(v) for v in told.split(",")[:2]]


def track(program, frames, width, height):
    made = subprocess.run([program, str(width), str(height)], input=frames.tobytes(), check=True, capture_output=True).stdout
    return np.frombuffer(made, "<f4").reshape(-1, 478, 3).astype(float)


def measure(points, canon):
    """gap, width, chin; a frame without a face repeats the one before."""
    rows = []
    for p in points:
        if np.isnan(p[0, 0]):
            rows.append(rows[-1] if rows else [0, 0, 0])
            continue
        c = canonical(p, *canon)
        rows.append([c[13, 1] - c[14, 1], c[308, 0] - c[78, 0], -c[152, 1]])
    return np.array(rows)


def lower_face(frames, points, width, height):
    """Mean change of luma from frame to frame, where the lower face is on average."""
    p = np.nanmean(points, 0)[[98, 327, 212, 432, 152], :2]
    (x0, y0), (x1, y1) = p.min(0).astype(int), p.max(0).astype(int)
    luma = frames[:, : width * height].reshape(-1, height, width)[:, y0:y1, x0:x1].astype(float)
    return np.abs(np.diff(luma, axis=0)).mean()


def correlations(a, b):
    n = min(len(a), len(b))
    return [np.corrcoef(a[:n, k], b[:n, k])[0, 1] for k in range(3)]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--programs", required=True), ap.add_argument("--keep")
    ap.add_argument("--footage", nargs="+", required=True), ap.add_argument("--held-out", nargs="+", required=True)
    arg = ap.parse_args()
    program = lambda name: os.path.join(arg.programs, name)
    canon = head(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../render/models/head.bin"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = arg.keep or temporary
        os.makedirs(folder, exist_ok=True)
        listed, footage = f"{folder}/list.txt", f"{folder}/footage.mkv"
        with open(listed, "w") as to:
            to.writelines(f"file '{os.path.abspath(c)}'\n" for c in arg.footage)
        subprocess.run(["ffmpeg", "-y", "-v", "quiet", "-f", "concat", "-safe", "0", "-i", listed, "-an", "-c:v", "ffv1", footage], check=True)
        jobs = [(c, f"{folder}/{os.path.splitext(os.path.basename(c))[0]}") for c in arg.held_out]
        for clip, name in jobs:
            subprocess.run(["ffmpeg", "-y", "-v", "quiet", "-i", clip, "-vn", "-ac", "1", "-ar", "16000", f"{name}.wav"], check=True)
        pairs = [p for _, name in jobs for p in (f"{name}.wav", f"{name}.mp4")]
        subprocess.run([program("speak_footage"), "--packs", f"{folder}/packs", footage, *pairs], check=True)
        told = subprocess.run([program("mouth_track"), *[f"{name}.wav" for _, name in jobs]], check=True, capture_output=True, text=True).stdout
        w, h = size(footage)
        rows = []
        print(f"{'':>12} | asked, true       | seen, asked       | seen, true        | change")
        for (clip, name), line in zip(jobs, told.splitlines()):
            asked = np.array(json.loads(line)["track"])
            asked = np.stack([asked[:, 0] * (1 - asked[:, 4]), asked[:, 1], asked[:, 3]], 1)
            made, real = decode(f"{name}.mp4", w, h), decode(clip, w, h)
            ours, truth = track(program("face_track"), made, w, h), track(program("face_track"), real, w, h)
            seen, true = measure(ours, canon), measure(truth, canon)
            change = lower_face(made, ours, w, h) / lower_face(real, truth, w, h)
            rows.append([*correlations(asked, true), *correlations(seen, asked), *correlations(seen, true), change])
            show(os.path.basename(name), rows[-1])
        show("mean", np.mean(rows, 0))
        print("of", ", ".join(NAMES))


def show(name, row):
    parts = [" ".join(f"{v:5.2f}" for v in row[k:k + 3]) for k in (0, 3, 6)]
    print(f"{name:>12} | {' | '.join(parts)} | {row[9]:.2f}")


if __name__ == "__main__":
    main()
