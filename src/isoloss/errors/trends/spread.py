"""How much the slopes of tasks differ beyond chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.trends.slope import quantile


@dataclass(frozen=True)
class Spread:
    """Slopes of tasks as draws from a normal distribution.

    b_t = mu + (between tasks, tau) + (within, the standard error of the task).

    Attributes:
        tasks: how many have a slope with a standard error.
        mu, low, high: mean slope of a task and its interval (Hartung and Knapp 2001, with t of
            tasks - 1 degrees and never narrower than the tasks' own errors make it).
        tau: standard deviation between tasks (restricted maximum likelihood).
        q: Cochran's Q, sum of (b_t - b)^2 / se_t^2 round the fixed-effect mean b.
        p: of Q, chi square of tasks - 1 degrees.
        i2: share of the variance of slopes that lies between tasks, (Q - df) / Q (Higgins and
            Thompson 2002).
    """

    tasks: int
    mu: float
    low: float
    high: float
    tau: float
    q: float
    p: float
    i2: float

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return dict(vars(self))


def spread(slope: np.ndarray, se: np.ndarray, level: float = 0.95) -> Spread:
    """Heterogeneity of slopes (T,) with standard errors (T,); tasks without one are left out."""
    from scipy.special import chdtrc

    known = np.isfinite(slope) & np.isfinite(se) & (se > 0)
    b, v = slope[known], se[known] ** 2
    count = len(b)
    if count < 2:
        nan = math.nan
        return Spread(count, float(b[0]) if count else nan, nan, nan, nan, nan, nan, nan)
    fixed = np.average(b, weights=1.0 / v)
    q = float(((b - fixed) ** 2 / v).sum())
    tau2 = _reml(b, v)
    weight = 1.0 / (v + tau2)
    mu = float(np.average(b, weights=weight))
    scatter = float((weight * (b - mu) ** 2).sum() / (count - 1))
    half = quantile(0.5 + level / 2.0, count - 1) * math.sqrt(max(scatter, 1.0) / weight.sum())
    return Spread(
        count,
        mu,
        mu - half,
        mu + half,
        math.sqrt(tau2),
        q,
        float(chdtrc(count - 1, q)),
        max(0.0, 1.0 - (count - 1) / q) if q > 0 else 0.0,
    )


def _reml(b: np.ndarray, v: np.ndarray) -> float:
    """Variance between tasks of the greatest restricted likelihood (Raudenbush 2009)."""
    from scipy.optimize import minimize_scalar

    def height(root: float) -> float:
        weight = 1.0 / (v + root**2)
        mu = np.average(b, weights=weight)
        return float(-np.log(weight).sum() + np.log(weight.sum()) + (weight * (b - mu) ** 2).sum())

    top = 3.0 * float(np.std(b)) + 1e-9
    grid = np.linspace(0.0, top, 60)
    best = int(np.argmin([height(root) for root in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(height, bounds=(low, high), method="bounded", options={"xatol": 1e-10})
    root = float(found.x) if found.fun < height(0.0) else 0.0
    return root**2
