"""Packs the English reading data of hibari (PyPI hibari-tts 0.2.1, Apache-2.0) for render/src/speech/reading/english.

    python3 training/pack_reading.py UNPACKED_WHEEL render/models/reading

Lexicons become sorted lines `word TAB phonemes`, so that they are searched as they lie: `~` before the phonemes marks misaki's
silver dictionary, `TAG=phonemes` joined by `|` a word whose sound depends on its part of speech (`-` for none). The tagger's
weights become arrays. All are deflated (zlib).
"""
import gzip, json, pathlib, shutil, struct, sys, zlib

assets, to = pathlib.Path(sys.argv[1]) / "hibari" / "assets", pathlib.Path(sys.argv[2])


def load(name):
    with gzip.open(assets / name, "rt", encoding="utf-8") as f:
        return json.load(f)


def deflate(name, data):
    packed = zlib.compress(data, 9)
    (to / name).write_bytes(packed)
    print(name, len(data), "->", len(packed))


def lines(rows):
    rows = sorted(rows, key=lambda r: r[0].encode())
    assert all("\t" not in k and "\n" not in k for k, _ in rows)
    return "".join(f"{k}\t{v}\n" for k, v in rows).encode()


for accent in ("us", "gb"):
    gold, silver = load(f"lexicon_{accent}_gold.json.gz"), load(f"lexicon_{accent}_silver.json.gz")
    rows = {k: "~" + v for k, v in silver.items()}
    for k, v in gold.items():
        if isinstance(v, dict):
            v = "|".join(f"{tag}={ps or '-'}" for tag, ps in v.items())
        rows[k] = v
    deflate(f"lexicon_{accent}.z", lines(rows.items()))
    net = "oov.onnx" if accent == "us" else "oov_gb.onnx"
    shutil.copy(assets / net, to / f"unknown_{accent}.onnx")
    meta = json.load(open(assets / net.replace("onnx", "json"), encoding="utf-8"))
    assert meta["maxlen"] == 24
    (to / f"unknown_{accent}.txt").write_text("".join(meta["in"]) + "\n" + "".join(meta["out"]) + "\n", encoding="utf-8")

tagger = load("tagger.json.gz")
tags = sorted(tagger["tags"])
number = {t: i for i, t in enumerate(tags)}
features = sorted(tagger["weights"], key=str.encode)
known = sorted(set(tagger["vocab"]), key=str.encode)
sure = sorted(tagger["tagdict"], key=str.encode)
parts = [tags, known, sure, features]
assert all("\n" not in s for part in parts for s in part)
out = bytearray()
for part in parts:
    text = "\n".join(part).encode()
    out += struct.pack("<I", len(text)) + text
out += bytes(number[tagger["tagdict"][w]] for w in sure)
out += bytes(len(tagger["weights"][f]) for f in features)
pairs = [(number[t], w) for f in features for t, w in tagger["weights"][f].items()]
out += bytes(t for t, _ in pairs)
out += b"".join(struct.pack("<h", round(w * 10)) for _, w in pairs)
deflate("tagger.z", bytes(out))
