"""Packs the canonical head and the directions of mouth motion into render/models/head.bin.

    python training/pack_head.py mouth_basis.npz render/models/head.bin

The input holds MediaPipe's canonical face mesh (Apache-2.0) and our principal components of GRID's tracked
talkers (`pc`, each scaled to one standard deviation). The layout, little-endian, read by render/src/face/head.rs:

    8 bytes   magic "MPHEAD01"
    f32 [468][3]     vertices, cm, x to the picture's right, y up, z towards the viewer
    u16 [898][3]     triangles
    f32 [468]        weights of the Procrustes fit, most of them zero, summing to one
    f32 [468][3]     mean displacement of talking mouths from rest, cm
    f32 [8][468][3]  principal directions of that displacement, cm for one standard deviation
"""

import sys

import numpy as np


def pack(source: str, target: str) -> None:
    """Reads the npz, checks the shapes that the reader relies on, and writes the flat file."""
    npz = np.load(source)
    vertices = npz["canonical_xyzuv"][:, :3]
    triangles, mean, directions = npz["triangles"], npz["mean"], npz["pc"]
    assert vertices.shape == (468, 3) and triangles.shape == (898, 3)
    assert mean.shape == (468, 3) and directions.shape == (8, 468, 3)
    assert 0 <= triangles.min() and triangles.max() < 468

    weights = np.zeros(468)
    weights[npz["procrustes_idx"]] = npz["procrustes_w"]
    weights /= weights.sum()

    with open(target, "wb") as out:
        out.write(b"MPHEAD01")
        out.write(vertices.astype("<f4").tobytes())
        out.write(triangles.astype("<u2").tobytes())
        out.write(weights.astype("<f4").tobytes())
        out.write(mean.astype("<f4").tobytes())
        out.write(directions.astype("<f4").tobytes())


if __name__ == "__main__":
    pack(*sys.argv[1:3])
