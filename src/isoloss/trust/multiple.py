"""Many tests at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def benjamini_hochberg(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """Adjusted p values (q values), which bound the share of false discoveries.

    q_(i) = min over j >= i of p_(j) m / j, in the order of p (Benjamini and Hochberg 1995). NaN
    stays NaN and does not count as a test.
    """
    p = np.asarray(p, dtype=float)
    found = np.full(p.shape, np.nan)
    valid = np.flatnonzero(np.isfinite(p))
    if not len(valid):
        return found
    order = valid[np.argsort(p[valid], kind="stable")]
    scaled = p[order] * len(order) / np.arange(1, len(order) + 1)
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return found
