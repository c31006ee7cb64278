"""Grids of one family with known trends, for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isoloss.errors.items import Grid
from tests.errors.contrasts_cases import make

SIZES = (1e9, 3e9, 1e10, 3e10, 1e11)


def sigma(x):
    """The logistic function."""
    return 1.0 / (1.0 + np.exp(-np.asarray(x)))


def centred(sizes: Sequence[float] = SIZES) -> np.ndarray:
    """log10 of sizes minus its mean."""
    s = np.log10(np.asarray(sizes))
    return s - s.mean()


def drawn(p, items: int, seed: int, *, alike: float = 0.5, group: int = 1) -> np.ndarray:
    """Right answers (M, I) with probabilities p (M,), alike between models and within groups."""
    from scipy.special import ndtr

    rng = np.random.default_rng(seed)
    p = np.asarray(p, dtype=float)
    shared = np.repeat(rng.normal(size=-(-items // group)), group)[:items]
    own = rng.normal(size=(len(p), items))
    uniform = ndtr(np.sqrt(alike) * shared + np.sqrt(1 - alike) * own)
    return (uniform < p[:, None]).astype(np.int8)


def line(
    slope: float, items: int = 600, seed: int = 0, *, level: float = 0.0, sizes=SIZES, **options
) -> Grid:
    """A family whose log odds are a line over log10 of parameters."""
    right = drawn(sigma(level + slope * centred(sizes)), items, seed)
    return family(right, sizes=sizes, **options)


def family(right: np.ndarray, **options) -> Grid:
    """Right answers as a grid whose right options are a, b, c and d in turn."""
    items = right.shape[1]
    options = {"gold": [*"abcd"] * (items // 4) + [*"abcd"][: items % 4], **options}
    return make(right, **{"sizes": SIZES, **options})


def exact(shares: Sequence[float], items: int = 1000, *, sizes=SIZES, **options) -> Grid:
    """Every model right on the first items: counts exactly as asked for."""
    right = np.stack([np.arange(items) < round(share * items) for share in shares])
    return make(right, sizes=sizes, **options)
