"""Standard errors and lack of fit of a line when the same items are put to every model.

Answers of two models to one item are alike, so the binomial variance of a line is wrong: too large
for its slope and for its lack of fit, too small for its level. Here an item (or a cluster of items
that share an image) is one independent unit, and what it adds to the score is what varies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from isoloss.errors.trends.logit import Lines

# below this many units neither a standard error nor a lack of fit means anything
LEAST_UNITS = 10
# below this many units on which the models differ, the sandwich does not know what it does not know
LEAST_MOVED = 5


@dataclass(frozen=True, eq=False)
class Robust:
    """One line, seen item by item.

    Attributes:
        se: of the slope: sandwich with the factor G / (G - 2), to be read with t of G - 2 degrees
            (MacKinnon and White 1985, units in place of rows). Where fewer than five units tell
            the models apart it is that of independent trials, which is larger. NaN below ten units.
        units: G, items or clusters of items.
        chi2: Pearson's lack of fit, trials taken as independent. With the same items put to every
            model it comes out too small.
        p_binomial: of `chi2` with M - 2 degrees.
        p: of lack of fit with the covariance of the items themselves (Hotelling's T2): NaN with
            two models, or with too few units.
        dispersion: T2 / (M - 2): 1 where the models stand on the line but for the draw of items.
        z_binomial: (M,) residuals over their binomial standard error.
        z: (M,) residuals over their standard error over items, leverage counted.
    """

    se: float
    units: int
    chi2: float
    p_binomial: float
    p: float
    dispersion: float
    z_binomial: np.ndarray
    z: np.ndarray


def robust(
    line: Lines, event: np.ndarray, cluster: np.ndarray, trial: np.ndarray | None = None
) -> Robust:
    """Standard error and lack of fit of one line.

    Args:
        line: fitted to the sums of `event` and `trial`.
        event: (M, I) 0 or 1: it happened.
        cluster: (I,) equal for items that are one unit.
        trial: (M, I) 0 or 1: it could have happened; None where it always could.
    """
    p, steep = line.p[:, None], line.steep[:, None]
    pull = by_cluster(event - p if trial is None else event - trial * p, cluster)
    n = np.full(len(line.p), event.shape[1])
    if trial is not None:
        pull = pull[:, by_cluster(trial, cluster).any(axis=0)]
        n = trial.sum(axis=1)
    units = pull.shape[1]
    scale = steep / (p * (1.0 - p))
    fixed = scale[:, 0] * np.stack([np.ones(len(n)), line.centred])
    influence = line.inverse @ (fixed @ pull)
    factor = units / (units - 2.0) if units >= LEAST_UNITS else math.nan
    # what the estimation of the line takes out of the residuals
    left = pull - (n * line.steep)[:, None] * (influence[0] + line.centred[:, None] * influence[1])
    total = pull.sum(axis=1)
    z_binomial = _over(total, np.sqrt(n * line.p * (1.0 - line.p)))
    chi2, rank = float((z_binomial**2).sum()), len(n) - 2
    stat, p_left = hotelling(np.linalg.svd(fixed)[2][2:] @ left)
    z = _over(total, np.sqrt((left**2).sum(axis=1) * factor))
    return Robust(
        _se(line, influence[1], factor),
        units,
        chi2,
        _upper_chi2(chi2, rank),
        p_left,
        stat / rank if rank > 0 else math.nan,
        z_binomial,
        z if rank > 0 else np.full(len(n), math.nan),
    )


def _se(line: Lines, influence: np.ndarray, factor: float) -> float:
    """Standard error of the slope from what each unit adds to it (G,)."""
    moved = int((np.abs(influence) > 1e-9 * np.sqrt(line.inverse[1, 1])).sum())
    if moved < LEAST_MOVED and math.isfinite(factor):
        return math.sqrt(float(line.inverse[1, 1]))
    return math.sqrt(float(influence @ influence) * factor)


def by_cluster(rows: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Sums (F, G) over clusters of rows (F, I)."""
    if (cluster[1:] > cluster[:-1]).all():
        return np.asarray(rows, dtype=float)
    _, member = np.unique(cluster, return_inverse=True)
    count = int(member.max()) + 1 if len(member) else 0
    if count == len(member):
        return np.asarray(rows, dtype=float)
    return np.stack([np.bincount(member, weights=row, minlength=count) for row in rows])


def hotelling(parts: np.ndarray) -> tuple[float, float]:
    """T2 that parts (F, G) of G independent units add up to zero, and its p (Hotelling 1931).

    NaN where there are too few units for F, or where the parts are degenerate.
    """
    from scipy.special import fdtrc

    rank, units = parts.shape
    if rank == 0 or units < max(LEAST_UNITS, 2 * rank + 2):
        return math.nan, math.nan
    mean = parts.mean(axis=1)
    middle = parts - mean[:, None]
    cover = middle @ middle.T / (units - 1)
    spread = np.sqrt(np.diag(cover))
    if not (spread > 0).all() or np.linalg.cond(cover / np.outer(spread, spread)) > 1e10:
        return math.nan, math.nan
    stat = float(units * mean @ np.linalg.solve(cover, mean))
    scaled = stat * (units - rank) / (rank * (units - 1))
    return stat, float(fdtrc(rank, units - rank, scaled))


def _over(value: np.ndarray, by: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(by > 0, value / by, np.nan)


def _upper_chi2(value: float, degrees: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(degrees, value)) if degrees > 0 else math.nan
