"""What microphones and rooms do to speech, done to mel spectra: quick enough to make every training crop anew."""
import numpy as np
from scipy.signal import lfilter

from features import BANDS

_AXIS = np.linspace(-1, 1, BANDS)


def throat(power, by):
    """Moves the formants along the mel axis; by < 1 moves them up."""
    at = np.clip(np.arange(BANDS) * by, 0, BANDS - 1.001)
    low = at.astype(int)
    part = at - low
    return power[:, low] * (1 - part) + power[:, low + 1] * part


def colour(rng):
    """A random slope over the bands, as noises have."""
    return np.exp(rng.normal(0, 1) * -_AXIS + rng.normal(0, 0.5, BANDS))


def disturb(power, rng, babble=None):
    """frames x 40 powers -> the same speech from another mouth, microphone and place. `babble`: other speech, or None."""
    m = throat(power, rng.uniform(0.88, 1.12))
    tilt = rng.normal(0, 1.0) * _AXIS + rng.normal(0, 0.7) * np.cos(np.pi * _AXIS * rng.uniform(0.5, 3) + rng.uniform(0, 6))
    m = m * np.exp(tilt)
    if rng.random() < 0.2:
        m[:, int(rng.integers(24, 38)):] *= 1e-3
    if rng.random() < 0.1:
        m[:, : int(rng.integers(1, 6))] *= 1e-2
    if rng.random() < 0.7:
        snr = rng.uniform(3, 40)
        if babble is not None and rng.random() < 0.3:
            other = np.resize(babble, m.shape)
            m = m + other * (m.max() / (other.max() + 1e-9)) * 10 ** (-rng.uniform(8, 28) / 10)
        else:
            m = m + m.sum(1).max() * 10 ** (-snr / 10) / BANDS * colour(rng) * rng.gamma(4, 0.25, m.shape)
    if rng.random() < 0.35:
        keep, wet = rng.uniform(0.3, 0.88), rng.uniform(0.03, 0.3)
        tail = lfilter([1], [1, -keep], m, axis=0)
        m = m + wet * (tail - m)
    if rng.random() < 0.15:  # a noise gate or a lossy codec empties the quiet bands
        m = np.where(m < m.max() * 10 ** -rng.uniform(4.5, 6.5), 0, m)
    return m * np.exp(rng.uniform(-6, 3))
