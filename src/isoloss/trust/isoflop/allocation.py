"""The power law that every approach ends in: N_opt = k C**a."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.fit import Estimate
from isoloss.fit.result import interval


@dataclass(frozen=True, eq=False)
class Allocation:
    """The best size by budget, ln N_opt = intercept + exponent ln C.

    Attributes:
        intercept, exponent: of the power law.
        draws: (M, 2) intercepts and exponents of the replicates; rows that failed are left out.
        failed: how many replicates gave no power law.
        level: nominal coverage of intervals.
    """

    intercept: float
    exponent: float
    draws: np.ndarray
    failed: int
    level: float

    @property
    def a(self) -> Estimate:
        """The exponent with its interval."""
        return self._estimate(self.exponent, self.draws[:, 1])

    def size(self, compute: float) -> Estimate:
        """N_opt at a budget in FLOP, with its interval."""
        at = np.array([1.0, np.log(compute)])
        with np.errstate(over="ignore"):
            value = np.exp(self.intercept + self.exponent * at[1])
            return self._estimate(float(value), np.exp(self.draws @ at))

    def _estimate(self, value: float, samples: np.ndarray) -> Estimate:
        low, high = interval(samples, self.level)
        spread = float(np.std(samples, ddof=1)) if len(samples) > 1 else float("nan")
        return Estimate(float(value), float(low), float(high), spread)

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "exponent": self.a.to_document(),
            "intercept": self.intercept,
            "draws": len(self.draws),
            "failed": self.failed,
        }


def straight_line(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Intercepts and slopes (M,) of least squares of rows y (M, B) on x (B,), NaN left out.

    Rows with fewer than two points, or no spread in x, are NaN.
    """
    known = np.isfinite(y)
    count = known.sum(axis=1)
    with np.errstate(all="ignore"):
        mean_x = np.where(known, x, 0.0).sum(axis=1) / count
        mean_y = np.where(known, y, 0.0).sum(axis=1) / count
        dx = np.where(known, x - mean_x[:, None], 0.0)
        dy = np.where(known, y - mean_y[:, None], 0.0)
        square = (dx * dx).sum(axis=1)
        slope = np.where(square > 0, (dx * dy).sum(axis=1) / square, np.nan)
        return mean_y - slope * mean_x, slope
