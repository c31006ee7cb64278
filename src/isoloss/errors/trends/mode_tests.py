"""What the trends of modes from items and from tables of counts have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from isoloss.errors.trends.mix import CHANGES
from isoloss.errors.trends.slope import FLAT, UNKNOWN, Slope

# errors of every model below which no share is spoken of
LEAST_ERRORS = 30
# expected counts below this need a penalty
LEAST_CELL = 5
FEW = "fewer than 5 of them in all"


def why_not(trend: bool, errors: np.ndarray | None, names: Sequence[str]) -> str:
    """Why no trend of shares (of rates, without `errors`) can be told; empty where one can."""
    if not trend:
        return "two sizes: a paired contrast is possible, no trend"
    if errors is not None and errors.min() < LEAST_ERRORS:
        place = int(errors.argmin())
        return (
            f"{names[place]} has {int(errors[place])} errors with a mode; shares need "
            f"{LEAST_ERRORS} of every model"
        )
    return ""


def needs_penalty(k: np.ndarray, n: np.ndarray) -> bool:
    """Some model is expected to have fewer than five events or non-events, or has no event."""
    share = k.sum() / n.sum()
    return bool((n * min(share, 1.0 - share)).min() < LEAST_CELL or (k == 0).any())


def homogeneity(table: np.ndarray) -> tuple[float, int, float]:
    """Pearson's chi square of equal shares in all models (M, J), answers as independent."""
    from scipy.special import chdtrc

    table = table[table.sum(1) > 0][:, table.sum(0) > 0]
    degrees = (table.shape[0] - 1) * (table.shape[1] - 1)
    if degrees <= 0:
        return math.nan, 0, math.nan
    expected = table.sum(1, keepdims=True) * table.sum(0) / table.sum()
    chi2 = float(((table - expected) ** 2 / expected).sum())
    return chi2, degrees, float(chdtrc(degrees, chi2))


def change_of_mix(
    stat: float,
    free: int,
    units: float,
    table: np.ndarray,
    dispersion: Sequence[float],
    misfit: Sequence[float],
) -> float:
    """p of a Wald statistic that no share changes, the scatter of models counted.

    The statistic is divided by the mean dispersion of the modes (weighted by how often they occur,
    at least 1). Where some mode's misfit is beyond chance, F has (M - 2) (J - 1) degrees below.
    """
    from scipy.special import fdtrc

    if not math.isfinite(stat):
        return math.nan
    weight = table.sum(0)
    known = np.isfinite(dispersion)
    over = 1.0
    if known.any():
        over = max(1.0, float(np.average(np.asarray(dispersion)[known], weights=weight[known])))
    below = units - free
    scaled = stat * below / (free * (units - 1.0)) if math.isfinite(units) else stat / free
    known_misfit = [p for p in misfit if math.isfinite(p)]
    if known_misfit and min(known_misfit) * len(known_misfit) < 0.05:
        below = (len(table) - 2) * free
    return float(fdtrc(free, min(below, 1e6), scaled / over))


def mix_verdict(p: float, shares: Sequence[Slope], reason: str, level: float) -> tuple[str, str]:
    """`changes`, `flat` or `cannot tell` for the whole mix."""
    if reason:
        return UNKNOWN, reason
    if len(shares) < 2:
        return UNKNOWN, "a single failure mode: its share is always 1" if shares else "no errors"
    if math.isfinite(p) and p < 1.0 - level:
        return CHANGES, ""
    return (FLAT, "") if all(one.verdict == FLAT for one in shares) else (UNKNOWN, "")
