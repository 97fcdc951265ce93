"""Net 2, visemes -> what lips really do: six values in cm above the talker's rest, taught by the video of GRID's talker 1.

    python lips.py --visemes start.npz visemes.npz --grid grid_mouth --out lips.npz

Several viseme nets are averaged (their logits). With --folds 3 nothing is written: the other talkers take turns in being
trained on and judging, to see what more talkers would bring.

Input each 10 ms: 15 posteriors p, 15 x max(ln(p + 1e-3) + 7, 0) / 7, and the level. Each sentence is heard many times over,
through other throats, microphones and rooms (augment.py), so that the second net learns what the first one says of
strangers. Only talker 1 (`s1_`) is trained on; the others (`other_`) judge.
"""
import argparse
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax
import soundfile as sf

import visemes
from augment import disturb
from features import loud_level, mel, normalise

NAMES = ("gap", "width", "upper", "lower", "chin", "thickness")
IN, WIDE, DILATIONS, TAPS = 31, 64, (1, 2, 4, 8), 5
REACH = 3 * 2 + 2 * sum(DILATIONS)  # 10 ms frames of past and future that an output sees


def level(power):
    """How loud each frame is under the recording's loud level, / 5, clipped to -2 .. 0.5."""
    l = np.log(power.sum(1) + 1e-6)
    return np.clip((l - loud_level(l)) / 5, -2, 0.5)


def inputs(forward, p, power):
    """frames x 40 powers -> frames x 31. Padded with silence to few lengths, so that the net is compiled seldom."""
    n = len(power)
    f = np.full((1, -(-(n + 120) // 256) * 256, power.shape[1]), -2.5, np.float32)
    f[0, 60:60 + n] = normalise(np.log(power + 1e-7))
    z = np.asarray(forward(p, f))[0, 60:60 + n]
    post = np.exp(z - z.max(1, keepdims=True))
    post /= post.sum(1, keepdims=True)
    return np.concatenate([post, np.maximum(np.log(post + 1e-3) + 7, 0) / 7, level(power)[:, None]], 1).astype(np.float32)


def fresh(key):
    k = iter(jax.random.split(key, 20))
    p = {"w": jax.random.normal(next(k), (5 * IN, WIDE)) * np.sqrt(2 / (5 * IN)), "b": jnp.zeros(WIDE)}
    for i in range(len(DILATIONS)):
        p[f"d{i}"] = jax.random.normal(next(k), (TAPS, WIDE)) * np.sqrt(1 / TAPS)
        p[f"u{i}"], p[f"v{i}"] = jax.random.normal(next(k), (WIDE, WIDE)) * np.sqrt(2 / WIDE), jnp.zeros(WIDE)
        p[f"o{i}"] = jax.random.normal(next(k), (WIDE, WIDE)) * np.sqrt(0.1 / WIDE)
    p["wo"], p["bo"] = jax.random.normal(next(k), (WIDE, 6)) * 0.05, jnp.zeros(6)
    return p


def shifted(x, step, taps=TAPS):
    half, t = taps // 2, x.shape[1]
    padded = jnp.pad(x, ((0, 0), (half * step, half * step), (0, 0)), mode="edge")
    return [padded[:, k * step:k * step + t] for k in range(taps)]


def lips(p, x, drop=None):
    """batch x frames x 31 -> batch x frames x 6, in standard deviations"""
    keep = (lambda h, k: h) if drop is None else (lambda h, k: h * jax.random.bernoulli(jax.random.fold_in(drop, k), 0.8, h.shape) / 0.8)
    h = jax.nn.relu(jnp.concatenate(shifted(x, 3), -1) @ p["w"] + p["b"])
    for i, step in enumerate(DILATIONS):
        y = sum(tap * p[f"d{i}"][k] for k, tap in enumerate(shifted(h, step)))
        h = h + keep(jax.nn.relu(y @ p[f"u{i}"] + p[f"v{i}"]), i) @ p[f"o{i}"]
    return keep(h, 99) @ p["wo"] + p["bo"]


def seen(x):
    """The 25 fps frames of a 100 fps track: frame t is centred on (t + 0.5) / 25 s."""
    return x[:, 2::4]


def correlations(a, b):
    return np.array([np.corrcoef(a[:, i], b[:, i])[0, 1] for i in range(6)])


def judge(predict, clips):
    """-> clips x 6 correlations, and the lag in frames (above 0: late) that fits opening and chin best."""
    rows, lags = [], []
    for x, y in clips:
        o = predict(x)[2::4][:len(y)]
        y = y[:len(o)]
        rows.append(correlations(o, y))
        at = {l: correlations(o[max(0, l):len(o) + min(0, l)], y[max(0, -l):len(y) + min(0, -l)])[[0, 4]].mean() for l in range(-3, 4)}
        lags.append(max(at, key=at.get))
    return np.array(rows), lags


def load(folder, prefix):
    truth = np.load(f"{folder}/mouth.npz")
    for name in sorted(k for k in truth.files if k.startswith(prefix)):
        yield name, mel(sf.read(f"{folder}/{name}.flac")[0]), truth[name].astype(np.float32)


def train(clips, seed, steps, weight, rate=2e-3, batch=16, crop=264):
    """clips: [(list of frames x 31, n x 6 in deviations)] -> weights"""
    rng, p = np.random.default_rng(seed), fresh(jax.random.PRNGKey(seed))
    opt = optax.adamw(optax.cosine_onecycle_schedule(steps, rate), weight_decay=3e-2)
    state = opt.init(p)

    @jax.jit
    def step(p, state, x, y, key):
        def loss(p):
            d = seen(lips(p, x, key)) - y
            fast = d[:, 1:] - d[:, :-1]
            return ((d ** 2).mean((0, 1)) * weight).sum() + 0.5 * ((fast ** 2).mean((0, 1)) * weight).sum()
        value, grad = jax.value_and_grad(loss)(p)
        change, state = opt.update(grad, state, p)
        return optax.apply_updates(p, change), state, value

    for i in range(steps):
        xs, ys = [], []
        for c in rng.integers(len(clips), size=batch):
            heard, y = clips[c]
            x = heard[rng.integers(len(heard))]
            t = 4 * int(rng.integers(0, (min(len(x), 4 * len(y)) - crop) // 4 + 1))
            xs.append(x[t:t + crop]), ys.append(y[t // 4:(t + crop) // 4])
        p, state, value = step(p, state, np.stack(xs), np.stack(ys), jax.random.PRNGKey(seed * 100000 + i))
    return p, float(value)


def average(nets):
    """The mean of several viseme nets' logits, as a function of the input alone."""
    nets = [{k: jnp.asarray(v) for k, v in np.load(n).items()} for n in nets]
    run = jax.jit(lambda x: sum(visemes.logits(p, x) for p in nets) / len(nets))
    return lambda _, x: run(x)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--visemes", nargs="+", required=True), ap.add_argument("--grid", required=True), ap.add_argument("--out")
    ap.add_argument("--copies", type=int, default=5), ap.add_argument("--steps", type=int, default=400)
    ap.add_argument("--seeds", type=int, default=3), ap.add_argument("--folds", type=int, default=0)
    arg = ap.parse_args()
    first, rng, began = average(arg.visemes), np.random.default_rng(3), time.time()
    heard = lambda m: [inputs(first, None, m)] + [inputs(first, None, disturb(m, rng).astype(np.float32)) for _ in range(arg.copies)]
    talker = [(heard(m), y) for _, m, y in load(arg.grid, "s1_")]
    others = [(heard(m), y) for _, m, y in load(arg.grid, "other_")]
    everything = np.concatenate([y for _, y in talker])
    mean, dev = everything.mean(0), everything.std(0)
    weight, run = jnp.array([1.5, 1.5, 1.0, 0.5, 1.2, 0.3]), jax.jit(lips)
    standard = lambda clips: [(x, (y - mean) / dev) for x, y in clips]
    judged = lambda nets, clips: judge(lambda x: np.mean([np.asarray(run(q, x[None]))[0] for q in nets], 0), [(x[0], y) for x, y in clips])
    print(f"inputs made, {time.time() - began:.0f} s", flush=True)
    if arg.folds:
        rows = []
        for fold in range(arg.folds):
            known = [o for i, o in enumerate(others) if i % arg.folds != fold]
            p, _ = train(standard(talker + known * 8), fold, arg.steps, weight)
            rows.append(judged([p], others[fold::arg.folds])[0])
            print(f"{time.time() - began:.0f}s fold {fold}", rows[-1].mean(0).round(3), flush=True)
        print("others, each judged by nets that never saw it:", np.concatenate(rows).mean(0).round(3))
        return
    held, clips, found = talker[::10], [c for i, c in enumerate(talker) if i % 10], []
    for seed in range(arg.seeds):
        found.append(train(standard(clips), seed, arg.steps, weight)[0])
        for name, nets in (("alone", found[-1:]), ("mean of all", found)):
            one, strange = judged(nets, held), judged(nets, others)
            print(f"{time.time() - began:.0f}s seed {seed} {name}: talker 1 held out {one[0].mean(0).round(3)} others {strange[0].mean(0).round(3)} lags {strange[1]}", flush=True)
        np.savez(arg.out, mean=mean, dev=dev, **{f"{k}_{s}": np.asarray(v) for s, p in enumerate(found) for k, v in p.items()})


if __name__ == "__main__":
    main()
