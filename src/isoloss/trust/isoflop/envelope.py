"""Approach 1: the lower envelope over compute of training curves of many sizes, and a power law of
the sizes that lie on it (Hoffmann et al. 2022, arXiv:2203.15556, section 3.1).

Every curve is a run with several checkpoints. At each of many budgets the curve with the lowest
loss is found, straight lines in ln C between checkpoints. Where the smallest or the largest size is
the lowest one, a smaller or larger one might have been lower, so those budgets are left out.
Checkpoints are taken before the schedule ends, unless the rate is constant: their losses are too
high, more so the earlier they are, which moves the optimum towards small sizes. Replicates draw
whole curves with replacement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.runs import Runs
from isoloss.trust.isoflop.allocation import Allocation, straight_line
from isoloss.trust.isoflop.parabola import compute_of

DRAWS = 200
LEVEL = 0.90
BUDGETS = 300
_LEAST_CURVES = 4


@dataclass(frozen=True, eq=False)
class Envelope:
    """What approach 1 gives.

    Attributes:
        budgets: (K,) FLOP, evenly spaced in logarithm, where an inner size is lowest.
        size: (K,) that size.
        loss: (K,) its loss.
        curves: how many curves there are.
        allocation: the power law.
    """

    budgets: np.ndarray
    size: np.ndarray
    loss: np.ndarray
    curves: int
    allocation: Allocation

    def to_document(self) -> dict[str, Any]:
        """Plain data, without the points."""
        return {
            "curves": self.curves,
            "budgets": [float(self.budgets[0]), float(self.budgets[-1])],
            "allocation": self.allocation.to_document(),
        }


def envelope(runs: Runs, *, draws: int = DRAWS, seed: int = 0, level: float = LEVEL) -> Envelope:
    """Approach 1 on runs with checkpoints.

    Args:
        runs: with N, D, a target, and the group `run`.
        draws: replicates.
        seed: of the replicates.
        level: nominal coverage of intervals.

    Raises:
        InputError: there is no group `run`, or there are fewer than four curves of different size.
    """
    sizes, table, grid = _curves(runs)
    inner, lowest, loss = _envelope(sizes, table[None])
    log_c = np.log(grid)
    points = np.where(inner, np.log(sizes)[lowest], np.nan)
    intercept, slope = straight_line(log_c, points)
    if not np.isfinite(slope[0]):
        raise InputError(
            "approach 1 needs budgets at which neither the smallest nor the largest size is the "
            "best; add sizes at both ends, or longer and shorter runs"
        )
    rng = np.random.default_rng(seed)
    lines = np.array([_drawn(sizes, table, log_c, rng) for _ in range(draws)]).reshape(-1, 2)
    whole = np.isfinite(lines).all(axis=1)
    kept = inner[0]
    return Envelope(
        grid[kept],
        sizes[lowest[0, kept]],
        loss[0, kept],
        len(sizes),
        Allocation(float(intercept[0]), float(slope[0]), lines[whole], int(np.sum(~whole)), level),
    )


def _curves(runs: Runs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Size (R,) of every curve, its loss (R, K) at the budgets, infinite where it has none."""
    if "run" not in runs.groups:
        raise InputError(
            "approach 1 needs training curves: name the column that tells runs apart, as in "
            "groups 'run=run_name'"
        )
    compute, y = np.log(compute_of(runs)), runs.columns[runs.target]
    grid = np.linspace(compute.min(), compute.max(), BUDGETS)
    sizes, rows = [], []
    for label in dict.fromkeys(runs.groups["run"].tolist()):
        here = np.flatnonzero(runs.groups["run"] == label)
        here = here[np.argsort(compute[here], kind="stable")]
        if len(here) < 2 or np.ptp(runs.columns["N"][here]) > 0:
            continue
        sizes.append(float(runs.columns["N"][here[0]]))
        rows.append(np.interp(grid, compute[here], y[here], left=np.inf, right=np.inf))
    if len(set(sizes)) < _LEAST_CURVES:
        raise InputError(
            f"approach 1 needs training curves of four sizes; {runs.source} has "
            f"{len(set(sizes))} with two checkpoints or more"
        )
    return np.array(sizes), np.array(rows), np.exp(grid)


def _envelope(sizes: np.ndarray, table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where an inner size is lowest, which curve that is, and its loss: arrays (M, K)."""
    lowest = np.argmin(table, axis=1)
    loss = np.take_along_axis(table, lowest[:, None, :], axis=1)[:, 0, :]
    best = sizes[lowest]
    inner = np.isfinite(loss) & (best > sizes.min()) & (best < sizes.max())
    return inner, lowest, loss


def _drawn(
    sizes: np.ndarray, table: np.ndarray, log_c: np.ndarray, rng: np.random.Generator
) -> tuple[float, float]:
    rows = rng.integers(0, len(sizes), len(sizes))
    inner, lowest, _ = _envelope(sizes[rows], table[rows][None])
    points = np.where(inner, np.log(sizes[rows])[lowest], np.nan)
    intercept, slope = straight_line(log_c, points)
    return float(intercept[0]), float(slope[0])
