"""Any measure of M models as a straight line over log size.

For measures that are no share of items: d', F1, calibration error, a gain. What varies with the
draw of items is the covariance of the models' values; what they scatter beyond it is dispersion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.estimate import Estimate, bounds
from isoloss.errors.trends.raw import Raw
from isoloss.errors.trends.slope import Slope, quantile

PER_DECADE = "per decade"


@dataclass(frozen=True)
class MeasureTrend:
    """One measure against size.

    Attributes:
        name: what is measured.
        values: of every model.
        slope: change for ten times the parameters, straight line with equal weights.
        dispersion: squared misfit over what items explain; 1 where models stand on the line.
        p_same: that all models have one value, over items.
    """

    name: str
    values: tuple[Estimate, ...]
    slope: Slope
    dispersion: float
    p_same: float

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "values": [one.to_document() for one in self.values],
            "slope": self.slope.to_document(),
            "dispersion": self.dispersion,
            "p_same": self.p_same,
        }


@dataclass(frozen=True)
class Straight:
    """A straight line before its verdict.

    Attributes:
        raw: the slope; its standard error has the dispersion in it.
        dispersion, p_misfit: of the models round the line; NaN with two models.
        p_same: that all models have one value.
    """

    raw: Raw
    dispersion: float
    p_misfit: float
    p_same: float


def straight(
    size: np.ndarray,
    value: np.ndarray,
    cover: np.ndarray,
    *,
    units: int,
    n: int,
    level: float,
    reason: str = "",
) -> Straight:
    """A line of equal weights through values (M,) with covariance (M, M) over items.

    Args:
        size: (M,) log10 of parameters.
        value: (M,) the measure.
        cover: its covariance.
        units: independent units that the covariance comes from.
        n: items.
        level: of the interval.
        reason: why there can be no verdict.
    """
    centred = size - size.mean()
    total = float(centred @ centred)
    weight = centred / total
    slope = float(weight @ value)
    se = math.sqrt(max(float(weight @ cover @ weight), 0.0))
    models = len(size)
    same = np.linalg.svd(np.ones((1, models)))[2][1:]
    _, p_same = wald(same @ value, same @ cover @ same.T, units)
    free = np.linalg.svd(np.stack([np.ones(models), centred]))[2][2:]
    stat, p_misfit = wald(free @ value, free @ cover @ free.T, units)
    over = stat / (models - 2) if models > 2 else math.nan
    # a misfit beyond chance leaves M - 2 models to judge by
    degrees = float(models - 2) if p_misfit < 0.05 else float(max(units - 2, 1))
    se *= math.sqrt(max(over, 1.0)) if math.isfinite(over) else 1.0
    if not se > 0:
        se = math.nan
    half = quantile(0.5 + level / 2.0, degrees) * se
    raw = Raw(slope, slope - half, slope + half, se, degrees, n, reason)
    return Straight(raw, over, p_misfit, p_same)


def wald(value: np.ndarray, cover: np.ndarray, units: int) -> tuple[float, float]:
    """Wald's statistic that a vector (F,) is zero, with p from F; NaN where degenerate."""
    from scipy.special import fdtrc

    rank = len(value)
    spread = np.sqrt(np.clip(np.diag(cover), 0.0, None))
    if rank == 0 or units < 2 * rank + 2 or not np.isfinite(value).all():
        return math.nan, math.nan
    if not (spread > 0).all() or np.linalg.cond(cover / np.outer(spread, spread)) > 1e10:
        return math.nan, math.nan
    stat = float(value @ np.linalg.solve(cover, value))
    if stat < 0:
        return math.nan, math.nan
    return stat, float(fdtrc(rank, units - rank, stat * (units - rank) / (rank * (units - 1.0))))


def cover_of(draws: np.ndarray) -> np.ndarray:
    """Covariance (M, M) of replicates (R, M); NaN replicates are left out."""
    kept = draws[np.isfinite(draws).all(axis=1)]
    if len(kept) < 20:
        return np.full((draws.shape[1],) * 2, math.nan)
    return np.atleast_2d(np.cov(kept.T))


def estimates(
    value: np.ndarray, draws: np.ndarray, n: np.ndarray | int, level: float
) -> tuple[Estimate, ...]:
    """Values (M,) with percentile intervals of replicates (R, M)."""
    low, high = bounds(draws, level)
    count = np.broadcast_to(n, value.shape)
    return tuple(
        Estimate(float(value[i]), float(low[i]), float(high[i]), int(count[i]), level)
        for i in range(len(value))
    )
