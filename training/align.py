"""Forced alignment of real speech with its known words (pocketsphinx, BSD): viseme labels of a GRID talker, for training, and
of recordings that only judge.

    python align.py --grid grid_mouth --out data/grid_s1_labels.npz
    python align.py --words transcription --speech librivox --out data/librivox_labels.npz
"""
import argparse
import os
import re

import numpy as np
import soundfile as sf
from pocketsphinx import Decoder, get_model_path

from features import HOP, VISEMES, mel

_MODEL = get_model_path()
_WORDS = {
    0: {"b": "bin", "l": "lay", "p": "place", "s": "set"}, 1: {"b": "blue", "g": "green", "r": "red", "w": "white"},
    2: {"a": "at", "b": "by", "i": "in", "w": "with"}, 5: {"a": "again", "n": "now", "p": "please", "s": "soon"},
}
_DIGITS = {"z": "zero", **dict(zip("123456789", "one two three four five six seven eight nine".split()))}
ARPABET = {}
for _viseme, _phones in {
    "sil": "SIL +NSN+ +SPN+ <s> </s> <sil>", "PP": "P B M", "FF": "F V", "TH": "TH DH", "DD": "T D", "kk": "K G NG", "CH": "CH JH SH ZH",
    "SS": "S Z", "nn": "N L", "RR": "R ER", "aa": "AA AE AH", "E": "EH", "I": "IH IY Y", "O": "AO", "U": "UH UW W",
}.items():
    ARPABET |= dict.fromkeys(_phones.split(), _viseme)
DIPHTHONG = {"AY": ("aa", "I"), "AW": ("aa", "U"), "EY": ("E", "I"), "OW": ("O", "U"), "OY": ("O", "I")}


def grid_words(name):
    """s1_bbaf2n -> bin blue at f two now"""
    code = name.split("_")[-1]
    fixed = [_WORDS[i][code[i]] for i in (0, 1, 2)]
    return " ".join([*fixed, code[3], _DIGITS[code[4]], _WORDS[5][code[5]]])


def align(sound, words):
    """16 kHz sound and its words -> [(ARPAbet phone, first 10 ms frame, frames)]"""
    pcm = (np.clip(sound / (np.abs(sound).max() + 1e-9) * 0.7, -1, 1) * 32767).astype("<i2").tobytes()
    d = Decoder(hmm=os.path.join(_MODEL, "en-us", "en-us"), dict=os.path.join(_MODEL, "en-us", "cmudict-en-us.dict"), lm=None, loglevel="FATAL")
    d.set_align_text(words)
    for again in (False, True):
        if again:
            d.set_alignment()
        d.start_utt(), d.process_raw(pcm, full_utt=True), d.end_utt()
    return [(p.name, p.start, p.duration) for w in d.get_alignment() for p in w]


def visemes(phones, n):
    out = np.full(n, -1, np.int8)
    for k, (phone, start, length) in enumerate(phones):
        if phone in DIPHTHONG:
            half = start + length // 2
            out[start:half], out[half:start + length] = (VISEMES.index(v) for v in DIPHTHONG[phone])
            continue
        if phone == "HH" and k + 1 < len(phones):
            phone = phones[k + 1][0]
        viseme = DIPHTHONG.get(phone, (ARPABET.get(phone),))[0]
        out[start:start + length] = -1 if viseme is None else VISEMES.index(viseme)
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--grid"), ap.add_argument("--words"), ap.add_argument("--speech"), ap.add_argument("--out", required=True)
    ap.add_argument("--prefix", default="s1_")
    arg = ap.parse_args()
    if arg.grid:
        names = sorted(f[:-5] for f in os.listdir(arg.grid) if f.startswith(arg.prefix) and f.endswith(".flac"))
        clips = [(n, f"{arg.grid}/{n}.flac", grid_words(n)) for n in names]
    else:
        lines = [re.match(r"(?:<s>)?(.*?)(?:</s>)?\s*\((.*)\)", line) for line in open(arg.words)]
        clips = [(m[2], f"{arg.speech}/{m[2]}.wav", m[1].strip()) for m in lines if m]
    kept, mels, marks, phones = [], [], [], []
    for name, path, words in clips:
        sound, _ = sf.read(path)
        try:
            found = align(sound, words)
        except (RuntimeError, TypeError) as problem:
            print("left out", name, problem)
            continue
        power = mel(sound[: len(sound) // HOP * HOP])
        kept.append(name), mels.append(np.log(power + 1e-7).astype(np.float16)), marks.append(visemes(found, len(power)))
        phones.append(" ".join(f"{p}:{s}:{d}" for p, s, d in found))
    np.savez(arg.out, mel=np.concatenate(mels), label=np.concatenate(marks), length=np.array([len(m) for m in mels]), name=kept, phones=phones)
    print(len(kept), "of", len(clips), "aligned")


if __name__ == "__main__":
    main()
