"""Logit lines over log size, many at once.

P(s) = g + (1 - g) sigma(a + b (s - mean s)), with s = log10 of parameters and g the share that
guessing gets right. Thousands of bootstrap replicates are fitted in one call: arrays hold a line
in every leading place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# standard deviation of the normal prior on a and b: it holds a line finite where a model is right
# or wrong throughout, and moves one of 50 items by less than a thousandth
PRIOR = 10.0
STEPS = 60


@dataclass(frozen=True, eq=False)
class Lines:
    """Fitted lines.

    Attributes:
        centred: (M,) size minus its mean.
        level: (...) a, logits at the mean size.
        slope: (...) b, logits per decade.
        p: (..., M) fitted probabilities.
        steep: (..., M) dP/d(a + b s).
        inverse: (..., 2, 2) inverse of the information (of the trials as independent).
    """

    centred: np.ndarray
    level: np.ndarray
    slope: np.ndarray
    p: np.ndarray
    steep: np.ndarray
    inverse: np.ndarray


def fit_lines(
    size: np.ndarray,
    k: np.ndarray,
    n: np.ndarray,
    *,
    floor: np.ndarray | float = 0.0,
    firth: bool = False,
    start: tuple[float, float] | None = None,
) -> Lines:
    """Lines of greatest posterior probability.

    Args:
        size: (M,) log10 of parameters.
        k: (..., M) how often it happened.
        n: (..., M) or (..., 1) how often it could have. NaN counts give NaN lines.
        floor: (...) g.
        firth: add Jeffreys' prior (Firth 1993), for counts near zero; only without a floor.
        start: level and slope to start from, such as those that the replicates lie round.
    """
    centred = size - size.mean()
    k = np.asarray(k, dtype=float)
    n = np.broadcast_to(np.asarray(n, dtype=float), k.shape)
    g = np.broadcast_to(np.asarray(floor, dtype=float), k.shape[:-1])[..., None]
    if firth and (g > 0).any():
        raise ValueError("Jeffreys' prior is written for lines without a floor")
    level, slope = _start(k, n, g), np.zeros(k.shape[:-1])
    if start is not None:
        level, slope = np.full_like(level, start[0]), np.full_like(slope, start[1])
    enough = 1e-9 if start is None else 1e-6
    stride = np.ones(k.shape[:-1])
    before = np.full(k.shape[:-1], -np.inf)
    last = level, slope
    for _ in range(STEPS):
        p, steep, inverse = _state(centred, level, slope, n, g)
        now = _height(k, n, p, level, slope, inverse if firth else None)
        worse = now < before - 1e-10 * np.abs(before)
        stride = np.where(worse, stride * 0.5, 1.0)
        level, slope = np.where(worse, last[0], level), np.where(worse, last[1], slope)
        before = np.where(worse, before, now)
        if worse.any():
            p, steep, inverse = _state(centred, level, slope, n, g)
        da, db = _step(centred, k, n, p, steep, inverse, level, slope, firth)
        last = level, slope
        da, db = np.clip(da, -3, 3) * stride, np.clip(db, -3, 3) * stride
        level, slope = level + da, slope + db
        if not (np.abs(da) + np.abs(db) > enough).any():
            break
    p, steep, inverse = _state(centred, level, slope, n, g)
    lost = ~np.isfinite(k).all(-1) | ~(n > 0).all(-1)
    gone = np.where(lost, np.nan, 0.0)
    return Lines(centred, level + gone, slope + gone, p + gone[..., None], steep, inverse)


def _start(k: np.ndarray, n: np.ndarray, g: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (k.sum(-1) + 0.5) / (n.sum(-1) + 1.0)
        share = (share - g[..., 0]) / (1.0 - g[..., 0])
    share = np.clip(np.nan_to_num(share, nan=0.5), 0.02, 0.98)
    return np.log(share / (1.0 - share))


def _state(
    centred: np.ndarray, level: np.ndarray, slope: np.ndarray, n: np.ndarray, g: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """p, its steepness, and the inverse information with the prior's share."""
    eta = np.clip(level[..., None] + slope[..., None] * centred, -30, 30)
    known = 1.0 / (1.0 + np.exp(-eta))
    p = g + (1.0 - g) * known
    steep = (1.0 - g) * known * (1.0 - known)
    weight = np.nan_to_num(n) * steep**2 / (p * (1.0 - p))
    a = weight.sum(-1) + PRIOR**-2
    b = (weight * centred).sum(-1)
    d = (weight * centred**2).sum(-1) + PRIOR**-2
    inverse = np.stack([np.stack([d, -b], -1), np.stack([-b, a], -1)], -2)
    return p, steep, inverse / (a * d - b * b)[..., None, None]


def _height(
    k: np.ndarray,
    n: np.ndarray,
    p: np.ndarray,
    level: np.ndarray,
    slope: np.ndarray,
    inverse: np.ndarray | None,
) -> np.ndarray:
    """Log posterior, up to a constant."""
    like = np.nan_to_num(k * np.log(p) + (n - k) * np.log1p(-p)).sum(-1)
    like = like - (level**2 + slope**2) / (2.0 * PRIOR**2)
    if inverse is not None:
        like = like - 0.5 * np.log(
            inverse[..., 0, 0] * inverse[..., 1, 1] - inverse[..., 0, 1] ** 2
        )
    return like


def _step(
    centred: np.ndarray,
    k: np.ndarray,
    n: np.ndarray,
    p: np.ndarray,
    steep: np.ndarray,
    inverse: np.ndarray,
    level: np.ndarray,
    slope: np.ndarray,
    firth: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """One step of Fisher scoring."""
    pull = np.nan_to_num(k - n * p)
    if firth:
        # half the leverage is added to either side (Firth 1993)
        spread = (
            inverse[..., 0, 0, None]
            + 2.0 * inverse[..., 0, 1, None] * centred
            + inverse[..., 1, 1, None] * centred**2
        )
        pull = pull + np.nan_to_num(n) * p * (1.0 - p) * spread * (0.5 - p)
    pull = pull * steep / (p * (1.0 - p))
    first = pull.sum(-1) - level / PRIOR**2
    second = (pull * centred).sum(-1) - slope / PRIOR**2
    return (
        inverse[..., 0, 0] * first + inverse[..., 0, 1] * second,
        inverse[..., 1, 0] * first + inverse[..., 1, 1] * second,
    )
