"""What the nets hear, and what the synthetic speech teaches them.

Features: 40 log-mel bands of 16 kHz sound, one frame each 10 ms, frame i centred on sample 160 i. The Rust module
(render/src/mouth/mel.rs) computes the very same numbers; render/tests holds stored outputs that say so.
"""
import numpy as np

RATE = 16000
HOP = 160
BANDS = 40
# Sound comes this much earlier than the engines' cumulative durations say (measured on Kokoro and hibari alike).
LEAD = 0.062
TOKEN_UNIT = 0.025  # seconds for each unit of a phoneme's duration, both engines

VISEMES = ["sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U"]
_GROUPS = {
    "PP": "pbmβɸ", "FF": "fvʋ", "TH": "θð", "DD": "tdɖʈTɾʔ", "kk": "kɡgxɣqχŋcɟ", "CH": "ʃʒʧʤɕʂʝʨʥꭧ", "SS": "szʦʣç",
    "nn": "nlɲɳɴʎ", "RR": "ɹrʁɻɚɜɽ", "aa": "aɑɐʌæɒ", "E": "eɛəᵊ", "I": "iɪɨjᵻɰ", "O": "oɔɤœ", "U": "uʊwɯᵝʋøyɥ",
}
PHONEME = {}
for _viseme, _symbols in _GROUPS.items():
    for _symbol in _symbols:
        PHONEME.setdefault(_symbol, _viseme)
# Kokoro writes English diphthongs as one capital letter.
DIPHTHONG = {"A": ("E", "I"), "I": ("aa", "I"), "W": ("aa", "U"), "Y": ("O", "I"), "O": ("O", "U"), "Q": ("E", "U")}
PAUSES = set(' ,.;:!?—…"()“”')
MARKS = set("ˈˌː̃ʰʲᵝ↓→↗↘")


def _filters(n=BANDS, fft=512, low=60.0, high=7600.0):
    """Triangles, equally spaced in mel: n x (fft / 2 + 1)."""
    hz = 700 * (10 ** (np.linspace(*(2595 * np.log10(1 + np.array([low, high]) / 700)), n + 2) / 2595) - 1)
    f = np.arange(fft // 2 + 1) * RATE / fft
    rise = (f - hz[:-2, None]) / (hz[1:-1] - hz[:-2])[:, None]
    fall = (hz[2:, None] - f) / (hz[2:] - hz[1:-1])[:, None]
    return np.maximum(0, np.minimum(rise, fall)).astype(np.float32)


FILTERS = _filters()
WINDOW = np.hanning(400).astype(np.float32)


def mel(sound):
    """16 kHz mono in [-1, 1] -> frames x 40, power (not its logarithm)."""
    x = np.asarray(sound, np.float32)
    x = np.append(x[:1], x[1:] - 0.97 * x[:-1])
    n = len(x) // HOP
    x = np.pad(x, (200, 400))
    frames = np.lib.stride_tricks.sliding_window_view(x, 400)[::HOP][:n]
    return (np.abs(np.fft.rfft(frames * WINDOW, 512)) ** 2 @ FILTERS.T).astype(np.float32)


def loud_level(values, reach=9.2):
    """The 95th percentile of a log level over the frames within 40 dB of the loudest: long pauses do not move it."""
    return np.percentile(values[values >= values.max() - reach], 95)


def normalise(log_mel):
    """ln(mel + 1e-7) -> the input of the viseme net: relative to the recording's loud level, clipped to 15 nepers."""
    return np.clip((log_mel - loud_level(log_mel.max(1))) / 3, -4, 1) + 1.5


def spoken(symbols, durations):
    """Tokens with their durations (both padding tokens included) -> [(symbol, start, end)] in seconds, marks merged."""
    at = np.maximum(0, np.cumsum(np.r_[0, np.asarray(durations, float)]) * TOKEN_UNIT - LEAD)
    out, stress = [], None
    for symbol, start, end in zip([""] + list(symbols) + [""], at[:-1], at[1:]):
        if symbol in MARKS:
            if symbol in "ˈˌ":
                stress = start if stress is None else stress
            elif out:
                out[-1] = (*out[-1][:2], end)
            continue
        if stress is not None:
            start, stress = stress, None
        out.append((symbol, start, end))
    return out


def labels(symbols, durations, power):
    """The viseme of each 10 ms frame of `power` (frames x 40); -1 where nobody can say."""
    out = np.full(len(power), -1, np.int8)
    segments = spoken(symbols, durations)
    for k, (symbol, start, end) in enumerate(segments):
        following = segments[k + 1][0] if k + 1 < len(segments) else ""
        if symbol == "" or (symbol in PAUSES and symbol != " "):
            parts = [("sil", start, end)]
        elif symbol in DIPHTHONG:
            half = (start + end) / 2
            parts = [(DIPHTHONG[symbol][0], start, half), (DIPHTHONG[symbol][1], half, end)]
        elif symbol in "hɦ":  # the mouth already has the shape of what follows
            parts = [(DIPHTHONG.get(following, (PHONEME.get(following),))[0], start, end)]
        else:
            parts = [(PHONEME.get(symbol), start, end)]
        for viseme, s, e in parts:
            if viseme is not None:
                out[int(round(s * 100)):int(round(e * 100))] = VISEMES.index(viseme)
    # A pause that is loud is not silence, and an unlabelled gap that is very quiet is.
    level = 10 * np.log10(power.sum(1) + 1e-9)
    floor = np.percentile(level, 95) - 45
    out[(out == 0) & (level > floor + 15)] = -1
    out[(out == -1) & (level < floor)] = 0
    return out
