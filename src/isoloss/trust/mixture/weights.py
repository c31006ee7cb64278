"""How much each member counts: by what it foretold in the backtests.

    w_f proportional to exp(-kappa * mean over folds of ln(MSE_f + 1e-6))

A fold's errors move together, so a fold is one observation, whose Gaussian likelihood under a
member's own error is MSE^(-1/2): kappa is half the number of folds, 2 for the usual four. With
fewer than `interval.SMALL` runs a fold holds one to three points and says less: an eighth a fold.
A member with a short memory is left out where it remembers too few runs for its parameters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isoloss.trust.mixture.members import Member
from isoloss.trust.mixture.rows import Rows

# an error of a tenth of a percent is as good as none
LEAST_SQUARE = 1e-6
PER_FOLD, PER_SMALL_FOLD = 0.5, 0.125
# runs that a memory has to hold for each parameter, at the question and in every fold
HELD, HELD_IN_FOLD = 1.5, 0.9


def eligible(member: Member, rows: Rows, *, fold: bool = False) -> bool:
    """Whether enough runs are remembered for the parameters of a member."""
    if member.memory is None:
        return True
    least = (HELD_IN_FOLD if fold else HELD) * member.form.count(rows.logs.shape[1])
    return member.runs_remembered(rows) >= least


def by_backtest(errors: Sequence[np.ndarray], count: int, *, small: bool) -> np.ndarray:
    """Weights (F,), summing to one.

    Args:
        errors: of each fold, the squared errors (F, k) of every member; NaN or infinite where a
            member failed.
        count: F.
        small: whether the ladder has too few runs for a fold to count in full.
    """
    if not errors:
        return np.full(count, 1.0 / count)
    with np.errstate(all="ignore"):
        score = np.sum([np.log(e.mean(axis=1) + LEAST_SQUARE) for e in errors], axis=0)
    score = np.where(np.isfinite(score), score, np.inf)
    if not np.isfinite(score).any():
        return np.full(count, 1.0 / count)
    weights = np.exp(-(PER_SMALL_FOLD if small else PER_FOLD) * (score - score.min()))
    return weights / weights.sum()
