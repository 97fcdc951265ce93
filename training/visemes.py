"""Net 1, sound -> viseme posteriors each 10 ms, taught by synthetic speech (and by the transcripts of one GRID talker).

    python visemes.py --data data/hibari.npz:0.5 data/kokoro.npz:0.4 data/grid_s1_labels.npz:0.1 \\
        --test data/hibari_test.npz data/kokoro_test.npz --start visemes.npz --minutes 25 --out visemes.npz

The numbers behind the colons are the shares of each batch. A stack of depthwise convolutions with residual two-layer nets,
300 ms of sound on either side.
"""
import argparse
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax

from augment import colour, disturb
from features import BANDS, VISEMES, normalise

CHANNELS, DILATIONS, TAPS = 80, (1, 2, 4, 8, 1, 12), 5
CROP, BATCH = 256, 24


def fresh(key):
    keys = iter(jax.random.split(key, 4 * len(DILATIONS) + 2))
    p = {"w0": jax.random.normal(next(keys), (TAPS * BANDS, CHANNELS)) * np.sqrt(2 / (TAPS * BANDS)), "b0": jnp.zeros(CHANNELS)}
    for i in range(len(DILATIONS)):
        p[f"d{i}"] = jax.random.normal(next(keys), (TAPS, CHANNELS)) * np.sqrt(1 / TAPS)
        p[f"g{i}"], p[f"e{i}"] = jnp.ones(CHANNELS), jnp.zeros(CHANNELS)
        p[f"u{i}"] = jax.random.normal(next(keys), (CHANNELS, 2 * CHANNELS)) * np.sqrt(2 / CHANNELS)
        p[f"v{i}"] = jnp.zeros(2 * CHANNELS)
        p[f"o{i}"] = jax.random.normal(next(keys), (2 * CHANNELS, CHANNELS)) * np.sqrt(0.05 / CHANNELS)
    p["wo"], p["bo"] = jax.random.normal(next(keys), (CHANNELS, len(VISEMES))) * 0.05, jnp.zeros(len(VISEMES))
    return p


def shifted(x, step):
    """x[t + k * step] for the five taps k, zeros outside."""
    t = x.shape[1]
    padded = jnp.pad(x, ((0, 0), (2 * step, 2 * step), (0, 0)))
    return [padded[:, k * step:k * step + t] for k in range(TAPS)]


def hidden(p, x):
    """batch x frames x 40 -> batch x frames x channels"""
    h = jax.nn.relu(jnp.concatenate(shifted(x, 1), -1) @ p["w0"] + p["b0"])
    for i, step in enumerate(DILATIONS):
        y = sum(tap * p[f"d{i}"][k] for k, tap in enumerate(shifted(h, step)))
        y = (y - y.mean(-1, keepdims=True)) * jax.lax.rsqrt(y.var(-1, keepdims=True) + 1e-5) * p[f"g{i}"] + p[f"e{i}"]
        h = h + jax.nn.relu(y @ p[f"u{i}"] + p[f"v{i}"]) @ p[f"o{i}"]
    return h


def logits(p, x):
    return hidden(p, x) @ p["wo"] + p["bo"]


class Speech:
    """One data file, cut into its sentences."""

    def __init__(self, path):
        d = np.load(path)
        self.mel, self.label = d["mel"], d["label"]
        self.end = np.cumsum(d["length"])
        self.start = self.end - d["length"]
        self.share = d["length"] / d["length"].sum()

    def sentence(self, i):
        part = slice(self.start[i], self.end[i])
        return np.exp(self.mel[part].astype(np.float32)), self.label[part]

    def crop(self, rng):
        i = min(int(np.searchsorted(self.end, rng.integers(self.end[-1]), "right")), len(self.end) - 1)
        m, l = self.sentence(i)
        s = int(rng.integers(0, max(1, len(m) - CROP)))
        return m[s:s + CROP], l[s:s + CROP]


def batch(sets, shares, rng):
    x, y = np.full((BATCH, CROP, BANDS), -2.5, np.float32), np.full((BATCH, CROP), -1, np.int32)
    for b, pick in enumerate(rng.choice(len(sets), BATCH, p=shares)):
        m, l = sets[pick].crop(rng)
        m = disturb(m, rng, sets[0].crop(rng)[0])
        if rng.random() < 0.25:  # a stretch of nothing but the room before the speech
            n = int(rng.integers(20, 90))
            room = m.max() * 10 ** -rng.uniform(2.5, 6) * colour(rng)
            m = np.concatenate([room * rng.gamma(4, 0.25, (n, BANDS)), m + room])[:CROP]
            l = np.concatenate([np.zeros(n, np.int8), l])[:CROP]
        f = normalise(np.log(m + 1e-7))
        if rng.random() < 0.3:
            c = rng.integers(0, BANDS - 6)
            f[:, c:c + 6] = 0
        x[b, :len(f)], y[b, :len(l)] = f, l
    return x, y


def accuracy(p, speech, forward):
    table = np.zeros((15, 15), int)
    for i in range(len(speech.end)):
        m, l = speech.sentence(i)
        f = np.full((1, -(-len(m) // 256) * 256, BANDS), -2.5, np.float32)
        f[0, :len(m)] = normalise(np.log(m + 1e-7))
        guess = np.asarray(forward(p, f))[0, :len(m)].argmax(-1)
        np.add.at(table, (l[l >= 0], guess[l >= 0]), 1)
    return np.trace(table) / table.sum(), table[1, 1] / table[1].sum(), table[1, 1] / max(1, table[:, 1].sum())


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", nargs="+", required=True), ap.add_argument("--test", nargs="+", required=True)
    ap.add_argument("--start", help="weights to go on from"), ap.add_argument("--out", required=True)
    ap.add_argument("--minutes", type=float, default=25), ap.add_argument("--rate", type=float, default=2e-3)
    arg = ap.parse_args()
    names, shares = zip(*(d.rsplit(":", 1) for d in arg.data))
    sets, tests = [Speech(n) for n in names], [Speech(n) for n in arg.test]
    shares = np.array([float(s) for s in shares])
    shares /= shares.sum()
    p = fresh(jax.random.PRNGKey(0))
    if arg.start:
        p |= {k: jnp.asarray(v) for k, v in np.load(arg.start).items()}
    print("weights", sum(v.size for v in p.values()), flush=True)
    # The rarer mouths that everybody looks at count more; silence is easy.
    weight = jnp.ones(15).at[0].set(0.6).at[1].set(1.5).at[2].set(1.5).at[3].set(1.5).at[6].set(1.3)
    opt = optax.inject_hyperparams(optax.adamw)(learning_rate=arg.rate, weight_decay=1e-2)
    state = opt.init(p)

    @jax.jit
    def step(p, state, x, y):
        def loss(p):
            l = optax.softmax_cross_entropy_with_integer_labels(logits(p, x), jnp.maximum(y, 0))
            seen = (y >= 0) * weight[jnp.maximum(y, 0)]
            return (l * seen).sum() / seen.sum()
        value, grad = jax.value_and_grad(loss)(p)
        grad = jax.tree.map(lambda g: g * jnp.minimum(1, 1 / (optax.global_norm(grad) + 1e-6)), grad)
        change, state = opt.update(grad, state, p)
        return optax.apply_updates(p, change), state, value

    forward, rng, began, seen, i = jax.jit(logits), np.random.default_rng(5), time.time(), [], 0
    while (done := (time.time() - began) / (arg.minutes * 60)) < 1:
        # The clock sets the schedule: a short warm-up, then down to nothing when time is up.
        state.hyperparams["learning_rate"] = jnp.asarray(arg.rate * min(1, (i + 1) / 100) * 0.5 * (1 + np.cos(np.pi * done)) + 1e-5)
        p, state, value = step(p, state, *batch(sets, shares, rng))
        seen.append(float(value))
        i += 1
        if i % 250 == 0:
            scores = [" ".join(f"{v:.3f}" for v in accuracy(p, t, forward)) for t in tests]
            print(f"{i} {time.time() - began:.0f}s loss {np.mean(seen[-250:]):.3f} | acc, PP recall, PP precision:", " | ".join(scores), flush=True)
            np.savez(arg.out, **{k: np.asarray(v) for k, v in p.items()})
    print("last", i, [" ".join(f"{v:.3f}" for v in accuracy(p, t, forward)) for t in tests])
    np.savez(arg.out, **{k: np.asarray(v) for k, v in p.items()})


if __name__ == "__main__":
    main()
