"""A number with its interval, and the words for a difference between two models."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

BETTER, WORSE, SAME, UNKNOWN = "better", "worse", "same within margin", "cannot tell"


@dataclass(frozen=True)
class Estimate:
    """A number as it is printed.

    Attributes:
        value: computed from all items.
        low, high: the interval; NaN where none could be had.
        n: how many items it is computed from.
        level: the interval's nominal coverage.
    """

    value: float
    low: float
    high: float
    n: int
    level: float = 0.95

    @property
    def apart(self) -> bool:
        """The interval leaves zero out."""
        return bool(self.low > 0 or self.high < 0)

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "n": self.n,
            "level": self.level,
        }


def bounds(draws: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Percentile interval over the first axis; NaN draws are left out, all NaN gives NaN."""
    draws = np.asarray(draws, dtype=float)
    tail = 50.0 * (1.0 - level)
    lost = np.isnan(draws)
    empty = lost.all(axis=0)
    if not lost.any():
        low, high = np.percentile(draws, [tail, 100.0 - tail], axis=0)
        return np.asarray(low), np.asarray(high)
    low, high = np.nanpercentile(np.where(empty, 0.0, draws), [tail, 100.0 - tail], axis=0)
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def estimate(value: float, draws: np.ndarray, n: int, level: float) -> Estimate:
    """An estimate from bootstrap draws (R,)."""
    low, high = bounds(draws, level)
    return Estimate(float(value), float(low), float(high), int(n), level)


def inside(draws: np.ndarray, margin: float, level: float) -> bool:
    """Two one-sided tests: the 2 level - 1 interval lies within the margin on both sides.

    At level .95 this is the 90 % interval (Schuirmann 1987).
    """
    low, high = bounds(draws, 2.0 * level - 1.0)
    return bool(low > -margin and high < margin)


def word(found: Estimate, same: bool) -> str:
    """The verdict on a difference, large minus small, where more is better."""
    if math.isnan(found.low) or math.isnan(found.high):
        return UNKNOWN
    if found.apart:
        return BETTER if found.value > 0 else WORSE
    return SAME if same else UNKNOWN
