"""Approach 2: at every budget a parabola of the loss in ln N; through their lowest points a power
law (Hoffmann et al. 2022, arXiv:2203.15556, section 3.2).

A loss of two power terms is no parabola, so the lowest point is off to one side even without noise:
see `bias`. Replicates redraw the residuals, relative to the level of their budget and enlarged for
the three coefficients, and fit every parabola again. In 400 simulated sweeps (5 budgets of 7 runs,
noise 0.5 %), nominal 90 % intervals of the exponent held the value of the same method without noise
in 88 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.runs import Runs
from isoloss.trust.isoflop.allocation import Allocation, straight_line
from isoloss.trust.isoflop.optimum import FLOP

DRAWS = 500
LEVEL = 0.90
# runs of one budget lie within a factor of 1.6 in compute, with no gap above 12 %
_GAP, _WIDTH = 0.05, 0.2
_LEAST_SIZES = 4


@dataclass(frozen=True)
class Slice:
    """The runs of one budget.

    Attributes:
        budget: geometric mean of their compute, FLOP.
        flop: median of C / (N D).
        runs: (k,) indices.
    """

    budget: float
    flop: float
    runs: np.ndarray


@dataclass(frozen=True, eq=False)
class Parabolas:
    """What approach 2 gives.

    Attributes:
        slices: budgets with enough sizes.
        size: (B,) N at the lowest point; NaN where the parabola opens downwards.
        loss: (B,) its loss.
        covered: (B,) whether that size lies between the smallest and the largest that was run.
        allocation: the power law through the covered ones.
    """

    slices: tuple[Slice, ...]
    size: np.ndarray
    loss: np.ndarray
    covered: np.ndarray
    allocation: Allocation

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "budgets": [
                {"budget": s.budget, "runs": len(s.runs), "size": n, "loss": y, "covered": bool(c)}
                for s, n, y, c in zip(
                    self.slices, self.size.tolist(), self.loss.tolist(), self.covered, strict=True
                )
            ],
            "allocation": self.allocation.to_document(),
        }


def compute_of(runs: Runs) -> np.ndarray:
    """Compute (n,) of the runs: their column C, or 6 N D.

    Raises:
        InputError: the runs have neither C nor both N and D.
    """
    columns = runs.columns
    if not {"N", "D"} <= set(columns):
        raise InputError(f"iso-FLOP sweeps need N and D; the runs have {', '.join(runs.inputs)}")
    return columns["C"] if "C" in columns else FLOP * columns["N"] * columns["D"]


def slices_of(runs: Runs) -> tuple[Slice, ...]:
    """Groups of runs of nearly equal compute with at least four sizes, by rising budget."""
    compute = compute_of(runs)
    order = np.argsort(compute, kind="stable")
    logs = np.log10(compute[order])
    starts = np.concatenate([[0], np.flatnonzero(np.diff(logs) > _GAP) + 1, [len(logs)]])
    found = []
    for first, last in pairwise(starts.tolist()):
        rows = order[first:last]
        sizes = runs.columns["N"][rows]
        if logs[last - 1] - logs[first] > _WIDTH or len(np.unique(sizes)) < _LEAST_SIZES:
            continue
        flop = compute[rows] / (sizes * runs.columns["D"][rows])
        found.append(
            Slice(float(np.exp(np.mean(np.log(compute[rows])))), float(np.median(flop)), rows)
        )
    return tuple(found)


def parabola(runs: Runs, *, draws: int = DRAWS, seed: int = 0, level: float = LEVEL) -> Parabolas:
    """Approach 2 on runs that lie at a few budgets.

    Args:
        runs: with N, D and a target; C where it is not 6 N D.
        draws: replicates.
        seed: of the replicates.
        level: nominal coverage of intervals.

    Raises:
        InputError: fewer than two budgets have four sizes and a lowest point among them.
    """
    slices = slices_of(runs)
    if len(slices) < 2:
        raise InputError(
            f"approach 2 needs two budgets with four sizes each; {runs.source} has {len(slices)} "
            "such groups of nearly equal compute. Fit a joint law instead"
        )
    log_n, y = np.log(runs.columns["N"]), runs.columns[runs.target]
    size, loss, covered = lowest_points(slices, log_n, y[None, :])
    line = np.log([s.budget for s in slices])
    best = np.where(covered, size, np.nan)
    intercept, slope = straight_line(line, best)
    if not np.isfinite(slope[0]):
        raise InputError(
            f"approach 2 needs a lowest point within the sizes of two budgets; of {len(slices)} "
            f"budgets {int(covered.sum())} have one. Widen the sweeps"
        )
    replicates = _replicates(slices, log_n, y, draws, seed)
    # the power law goes through the same budgets in every replicate
    drawn = np.where(covered, lowest_points(slices, log_n, replicates)[0], np.nan)
    lines = np.stack(straight_line(line, drawn), axis=1)
    whole = np.isfinite(lines).all(axis=1) & (np.isfinite(drawn).sum(axis=1) == int(covered.sum()))
    return Parabolas(
        slices,
        np.exp(size[0]),
        loss[0],
        covered[0],
        Allocation(float(intercept[0]), float(slope[0]), lines[whole], int(np.sum(~whole)), level),
    )


def lowest_points(
    slices: tuple[Slice, ...], log_n: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ln N and loss at the lowest point of every parabola, and whether the sizes cover it.

    Args:
        log_n: (n,) of the runs.
        y: (M, n) losses, a row a replicate.

    Returns:
        Three arrays (M, B); NaN and False where a parabola has no lowest point.
    """
    shape = (len(y), len(slices))
    size, loss, covered = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, bool)
    for k, s in enumerate(slices):
        x = log_n[s.runs]
        centre = float(x.mean())
        c = y[:, s.runs] @ np.linalg.pinv(_powers(x - centre)).T
        with np.errstate(all="ignore"):
            at = np.where(c[:, 2] > 0, -0.5 * c[:, 1] / c[:, 2], np.nan)
        size[:, k] = centre + at
        loss[:, k] = c[:, 0] + c[:, 1] * at + c[:, 2] * at**2
        covered[:, k] = (size[:, k] >= x.min()) & (size[:, k] <= x.max())
    return size, loss, covered


def _powers(x: np.ndarray) -> np.ndarray:
    return np.stack([np.ones_like(x), x, x * x], axis=1)


def _replicates(
    slices: tuple[Slice, ...], log_n: np.ndarray, y: np.ndarray, draws: int, seed: int
) -> np.ndarray:
    """Losses (draws, n): the parabolas with residuals of all budgets redrawn."""
    smooth, level, pool = y.copy(), np.ones_like(y), []
    for s in slices:
        table = _powers(log_n[s.runs] - log_n[s.runs].mean())
        smooth[s.runs] = table @ np.linalg.lstsq(table, y[s.runs], rcond=None)[0]
        level[s.runs] = abs(float(y[s.runs].mean())) or 1.0
        left = (y[s.runs] - smooth[s.runs]) / level[s.runs]
        # with as many runs as coefficients nothing is left, and nothing known of the noise
        if len(left) > 3:
            pool.append(left * np.sqrt(len(left) / (len(left) - 3)))
    shocks = np.concatenate(pool)
    rng = np.random.default_rng(seed)
    return smooth + level * rng.choice(shocks, size=(draws, len(y)))
