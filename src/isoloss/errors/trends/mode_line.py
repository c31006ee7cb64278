"""The line of one failure mode in one view."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from isoloss.errors.contrasts.estimate import bounds
from isoloss.errors.trends.logit import Lines, fit_lines
from isoloss.errors.trends.mode_tests import FEW, LEAST_CELL, needs_penalty
from isoloss.errors.trends.raw import Raw
from isoloss.errors.trends.robust import Robust, robust
from isoloss.errors.trends.slope import quantile, stretch


@dataclass(frozen=True, eq=False)
class Part:
    """The items of one task (or all), coded.

    Attributes:
        name: the task, or `all`.
        codes: (M, I) places in the modes; K for right, K + 1 for an error without a mode.
        cluster: (I,) as in the grid.
        draws: (R, 1 + M K) items, then counts of modes by model, in replicates.
    """

    name: str
    codes: np.ndarray
    cluster: np.ndarray
    draws: np.ndarray


@dataclass(frozen=True, eq=False)
class Line:
    """One mode in one view: its slope, how it was seen item by item, and how it was fitted."""

    raw: Raw
    seen: Robust | None
    method: str


def mode_line(
    size: np.ndarray,
    part: Part,
    mode: int,
    trial: np.ndarray | None,
    drawn: np.ndarray,
    below: np.ndarray,
    reason: str,
    level: float,
) -> Line:
    """One mode among `trial` (M, I), with replicates of its counts (R, M) and of theirs."""
    event = part.codes == mode
    k = event.sum(axis=1, dtype=float)
    n = np.full(len(k), event.shape[1]) if trial is None else trial.sum(axis=1)
    firth = needs_penalty(k, n)
    line = fit_lines(size, k, n, firth=firth)
    seen = robust(line, event, part.cluster, trial)
    se, degrees = _width(line, seen, firth)
    some = below > 0
    found = fit_lines(
        size,
        np.where(some, drawn, np.nan),
        np.where(some, below, np.nan),
        firth=firth,
        start=(float(line.level), float(line.slope)),
    ).slope
    low, high = bounds(found, level)
    # replicates draw items alone: where models scatter more than that, the interval widens
    wide = max(se / seen.se, 1.0) if seen.se > 0 else 1.0
    if degrees < seen.units - 2:
        wide *= quantile(0.5 + level / 2, degrees) / quantile(0.5 + level / 2, math.inf)
    else:
        wide *= stretch(seen.units, level)
    value = float(line.slope)
    low, high = (value + wide * (float(end) - value) for end in (low, high))
    few = "" if min(k.sum(), (n - k).sum()) >= LEAST_CELL else FEW
    raw = Raw(value, low, high, se, degrees, int(n.max()), reason or few)
    return Line(raw, seen, "penalised" if firth else "likelihood")


def _width(line: Lines, seen: Robust, firth: bool) -> tuple[float, float]:
    """Standard error and degrees of freedom, the scatter of models counted."""
    spread = seen.se
    if firth:
        # a few events do not show how alike the models' answers are
        spread = max(spread, math.sqrt(float(line.inverse[1, 1])))
    wider = math.sqrt(max(dispersion(seen), 1.0))
    degrees = len(line.p) - 2 if seen.p < 0.05 else max(seen.units - 2, 1)
    return spread * wider, float(degrees)


def dispersion(seen: Robust | None) -> float:
    """Over items; by Pearson's chi square where the items are too few for that."""
    if seen is None or len(seen.z) < 3:
        return math.nan
    return seen.dispersion if math.isfinite(seen.dispersion) else seen.chi2 / (len(seen.z) - 2)
