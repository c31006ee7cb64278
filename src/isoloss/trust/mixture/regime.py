"""Does the trend change its kind inside the fitted range?

A kink in the trend (a plateau reached, a second descent, another recipe above some size) makes
forecasts beyond the runs a matter of the few runs behind it, whatever an interval says. What is
smooth is described by the fitted `coupled` form, a quadratic of the inputs and a cubic of compute
(with several inputs also by the tangents of the form); a kink is a term max(0, ln C - t) that takes
away most of what all these leave. It is called a change of regime when it removes the share
`REMOVED` of the squared residuals with an F above `F_LEAST` and turns the slope by more than
`TURNED` of the steeper side.

Of 70 published ladders of twelve or more runs these numbers call six broken: four curves of
fine-tuning, whose knee Lin et al. 2024 (arXiv:2402.02314) describe, one curve of loss over steps
that begins in the warm-up, and one study whose smallest models leave the trend. Of 1,800 simulated
smooth ladders they call none broken; a doubled slope is found whenever the noise is three
thousandths or less, and from 36 runs on in two cases of three at a hundredth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isoloss.exceptions import FitError
from isoloss.trust.mixture import forms
from isoloss.trust.mixture.members import Fitted, Member, fit_member
from isoloss.trust.mixture.rows import Rows

FEWEST, EACH_SIDE, MOST_KNOTS = 12, 4, 24
REMOVED, F_LEAST, TURNED = 0.4, 25.0, 0.3
# a kink in the first part of the range leaves enough behind it to forget what came before
EARLY = 0.25


@dataclass(frozen=True)
class Regime:
    """The strongest kink.

    Attributes:
        at: ln of size where it lies.
        before, after: slopes of ln of the target against ln of size on its sides.
        removed: share of the squared residuals that it takes away.
        f: F statistic of the one added term.
        behind: how many runs lie beyond it.
        early: whether it lies in the first quarter of the range.
        changed: whether it counts as a change of regime.
    """

    at: float
    before: float
    after: float
    removed: float
    f: float
    behind: int
    early: bool
    changed: bool


def find_regime(rows: Rows) -> Regime | None:
    """The strongest kink along size, or None where there are too few runs to tell.

    Args:
        rows: what was trained.
    """
    if len(rows) < FEWEST or np.ptp(rows.size) <= 0:
        return None
    try:
        smooth = fit_member(Member(forms.COUPLED), rows)
    except (FitError, np.linalg.LinAlgError):
        return None
    size = rows.size - rows.size.mean()
    base = _base(smooth, rows, size)
    left = _least(base, -smooth.residuals, rows.weights)[0]
    best = None
    for t in _knots(size):
        kinked = np.column_stack([base, np.maximum(size - t, 0.0)])
        total, turn, rank = _least(kinked, -smooth.residuals, rows.weights)
        if best is None or total < best[0]:
            best = (total, turn, rank, float(t))
    if best is None or left <= 0:
        return None
    total, turn, rank, t = best
    f = (left - total) / max(total / max(len(rows) - rank, 1), 1e-300)
    before = _slope(rows, size, t) - 0.5 * turn
    after, removed = before + turn, 1.0 - total / left
    changed = (
        removed > REMOVED and f > F_LEAST and abs(turn) > TURNED * max(abs(before), abs(after))
    )
    where = (t - size.min()) / np.ptp(size)
    return Regime(
        t + float(rows.size.mean()),
        before,
        after,
        removed,
        f,
        int((size > t).sum()),
        bool(where < EARLY),
        bool(changed),
    )


def _base(smooth: Fitted, rows: Rows, size: np.ndarray) -> np.ndarray:
    """Columns (n, k) that describe every smooth trend near the fit."""
    logs = rows.logs - rows.logs.mean(axis=0)
    d = logs.shape[1]
    pairs = [logs[:, i] * logs[:, j] for i in range(d) for j in range(i, d)]
    base = np.column_stack([np.ones(len(rows)), logs, *pairs, size**3])
    if d == 1:
        # along one input a cubic is enough, and the tangents would take up a kink as well
        return base
    _, jacobian = smooth.bound.evaluate(smooth.theta[None, :], rows)
    return np.column_stack([base, jacobian[0].T])


def _knots(size: np.ndarray) -> np.ndarray:
    """Candidates, with enough runs on each side."""
    order = np.sort(size)
    values = np.unique(np.round(order[EACH_SIDE - 1 : len(order) - EACH_SIDE], 6))
    if len(values) > MOST_KNOTS:
        values = np.quantile(values, np.linspace(0, 1, MOST_KNOTS))
    return values


def _least(base: np.ndarray, y: np.ndarray, weights: np.ndarray) -> tuple[float, float, int]:
    """Weighted sum of squares left, the last coefficient, and the rank."""
    root = np.sqrt(weights)
    scale = np.sqrt((base**2).mean(axis=0)) + 1e-300
    found, _, rank, _ = np.linalg.lstsq(base / scale * root[:, None], y * root, rcond=1e-9)
    rest = y - base / scale @ found
    return float((weights * rest**2).sum()), float(found[-1] / scale[-1]), int(rank)


def _slope(rows: Rows, size: np.ndarray, t: float) -> float:
    """Slope of ln of the target along size at t: the other directions as they go with size."""
    line = np.column_stack([np.ones(len(size)), size])
    across = rows.logs - rows.logs.mean(axis=0)
    across = across - line @ np.linalg.lstsq(line, across, rcond=None)[0]
    u, s, _ = np.linalg.svd(across, full_matrices=False)
    kept = u[:, s > 1e-6 * max(float(np.ptp(size)), 1e-300)]
    design = np.column_stack([line, kept, kept**2, size**2])
    root = np.sqrt(rows.weights)
    found, *_ = np.linalg.lstsq(design * root[:, None], rows.y * root, rcond=1e-10)
    return float(found[1] + 2.0 * t * found[-1])
