"""Covariance of what the damped law leaves out: a slope that wanders while it shrinks.

f(u) = integral from 0 to u of exp(-k s) eta(s) ds, where eta is a stationary Ornstein-Uhlenbeck
process of variance 1 and length l in ln x: its covariance is exp(-|s - t|/l). So f is zero at the
last point of the curve and grows in both directions, faster backwards, which is how old points are
forgotten. The double integrals have closed forms in g(x, c) = (1 - exp(-c x))/c.
"""

from __future__ import annotations

import numpy as np

from isoloss.trust.curves.damped import bend

LENGTH = 1.5  # in ln x: about two octaves


def covariance(u: np.ndarray, v: np.ndarray, k: float) -> np.ndarray:
    """Cov(f(u), f(v)) (n, m) for u (n,) and v (m,), of either sign.

    Before and after zero the same integrals stand, with the sign of k turned. Across zero, |s - t|
    is t - s, and the double integral falls apart into two single ones.
    """
    k = _off_the_pole(k)
    first, second = np.broadcast_arrays(u[:, None], v[None, :])
    out = np.empty(first.shape)
    after, before = (first >= 0) & (second >= 0), (first < 0) & (second < 0)
    out[after] = _one_side(first[after], second[after], k)
    out[before] = _one_side(-first[before], -second[before], -k)
    across = ~(after | before)
    low, high = np.minimum(first, second)[across], np.maximum(first, second)[across]
    out[across] = bend(low, k - 1 / LENGTH) * bend(high, k + 1 / LENGTH)
    return out


def variance(u: np.ndarray, k: float) -> np.ndarray:
    """Var(f(u)) (n,) for u >= 0."""
    return _one_side(u, u, _off_the_pole(k))


def _off_the_pole(k: float) -> float:
    """k, or its neighbour where k = 1/l makes the closed form 0/0."""
    return k + 1e-5 if abs(k - 1 / LENGTH) < 1e-6 else k


def _one_side(p: np.ndarray, q: np.ndarray, k: float) -> np.ndarray:
    """The integral over [0, p] x [0, q], p and q >= 0: the common square, then what q has more."""
    near, far = np.minimum(p, q), np.maximum(p, q)
    down, up = k - 1 / LENGTH, k + 1 / LENGTH
    square = 2 / down * (bend(near, up) - bend(near, 2 * k))
    return square + bend(near, down) * (bend(far, up) - bend(near, up))
