"""Two measures of how far one mix of failure modes is from another."""

from __future__ import annotations

import numpy as np


def jensen_shannon(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Divergence of two distributions over the last axis, in bits: 0 for equal, 1 for disjoint.

    H((p + q) / 2) - (H(p) + H(q)) / 2 (Lin 1991). Counts or shares may be given; nothing is added
    to them. NaN where one of the two is empty. Sampling alone raises it: hold it against a null.
    """
    p, q = _shares(first), _shares(second)
    return np.maximum(_entropy((p + q) / 2.0) - (_entropy(p) + _entropy(q)) / 2.0, 0.0)


def aitchison(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Distance of log shares over the last axis: ||clr(p) - clr(q)||, clr = log x - mean log x.

    One half is added to every count (Aitchison 1986), so it answers to rare modes: a mode that goes
    from 0 to 3 counts for more than one that goes from 300 to 400.
    """
    return np.sqrt(((_clr(first) - _clr(second)) ** 2).sum(axis=-1))


def _shares(counts: np.ndarray) -> np.ndarray:
    counts = np.asarray(counts, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return counts / counts.sum(axis=-1, keepdims=True)


def _entropy(shares: np.ndarray) -> np.ndarray:
    some = shares > 0
    found = -np.where(some, shares * np.log2(np.where(some, shares, 1.0)), 0.0).sum(axis=-1)
    return np.where(np.isnan(shares).any(axis=-1), np.nan, found)


def _clr(counts: np.ndarray) -> np.ndarray:
    logs = np.log(np.asarray(counts, dtype=float) + 0.5)
    return logs - logs.mean(axis=-1, keepdims=True)
