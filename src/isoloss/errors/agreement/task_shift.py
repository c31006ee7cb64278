"""Tasks that do not follow the common ability: differential functioning by task.

Questions are compared with questions of other tasks that equally many of the models answered right
(the standardisation of Dorans and Kulick 1986, pooled as Mantel and Haenszel do). Within such a
group a task's questions are, if the task plays no part, a random draw; that gives the variance. No
model of abilities is needed, and none can be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from isoloss.errors.agreement.ability import design, trend
from isoloss.errors.contrasts.estimate import Estimate
from isoloss.errors.contrasts.sweep import together
from isoloss.errors.items import Grid
from isoloss.errors.statistics import benjamini_hochberg

# slopes within this (accuracy per decade of parameters) do not matter
FLAT = 0.02


@dataclass(frozen=True)
class TaskShift:
    """One task against the other tasks' questions that are as hard.

    Attributes:
        task: its name.
        models: excess accuracy of every model on it, by name.
        model_q: adjusted p values of these, over all tasks and models.
        slope: how much more accuracy per decade of parameters a model gains here, within families;
            NaN without two sizes in one family.
        p, q: of the slope; adjusted for the number of tasks.
        verdict: improves, worsens, flat (within .02 per decade), or cannot tell: with size, beyond
            what other questions as hard do.
        n: questions of the task that others can be compared with.
    """

    task: str
    models: dict[str, Estimate]
    model_q: dict[str, float]
    slope: Estimate
    p: float
    q: float
    verdict: str
    n: int

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **vars(self),
            "models": {name: one.to_document() for name, one in self.models.items()},
            "slope": self.slope.to_document(),
        }


def task_shifts(grid: Grid, level: float) -> tuple[TaskShift, ...]:
    """Every task's excess, by model and with size; empty where there is one task only."""
    codes, task = np.unique(grid.task.codes, return_inverse=True)
    if len(codes) < 2:
        return ()
    values = grid.correct.T.astype(float)
    found = design(grid)
    if found is not None:
        kept, matrix, _ = found
        values = np.column_stack([values, values[:, kept] @ np.linalg.pinv(matrix)[0]])
    excess, se, count = standardised(values, task, grid.correct.sum(axis=0), grid.cluster)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.abs(excess / se)
    p = 2.0 * _upper(z)
    models = len(grid.models)
    q = benjamini_hochberg(p[:, :models].ravel()).reshape(-1, models)
    slope_p = p[:, models] if found is not None else np.full(len(codes), np.nan)
    slope_q = benjamini_hochberg(slope_p)
    normal = NormalDist()
    reach, narrow = normal.inv_cdf(0.5 + level / 2.0), normal.inv_cdf(level)

    def one(t: int, k: int) -> Estimate:
        if k >= excess.shape[1]:
            return Estimate(np.nan, np.nan, np.nan, int(count[t]), level)
        value, half = float(excess[t, k]), float(reach * se[t, k])
        return Estimate(value, value - half, value + half, int(count[t]), level)

    def verdict(t: int, slope: Estimate) -> str:
        if np.isnan(slope.low):
            return "cannot tell"
        flat = abs(slope.value) + narrow * float(se[t, models]) < FLAT
        word = trend(slope.value, slope.low, slope.high, flat)
        return "cannot tell" if word in ("improves", "worsens") and slope_q[t] > 1 - level else word

    shifts = []
    for t, code in enumerate(codes):
        slope = one(t, models)
        shifts.append(
            TaskShift(
                grid.task.values[code],
                {name: one(t, m) for m, name in enumerate(grid.names)},
                {name: float(q[t, m]) for m, name in enumerate(grid.names)},
                slope,
                float(slope_p[t]),
                float(slope_q[t]),
                verdict(t, slope),
                int(count[t]),
            )
        )
    return tuple(shifts)


def standardised(
    values: np.ndarray, task: np.ndarray, score: np.ndarray, cluster: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Difference in means between a task and all others, question by question as hard.

    In the group with score s let a task have n_s of N_s questions, with mean m_s against r_s of the
    others: sum_s w_s (m_s - r_s) / sum_s w_s with w_s = n_s (N_s - n_s) / N_s. The variance is that
    of drawing n_s of N_s questions, or the sum over clusters where questions share one.

    Args:
        values: (I, F) numbers of every question.
        task: (I,) 0 to T - 1.
        score: (I,) what makes questions comparable, 0 or more.
        cluster: (I,) questions that hang together.

    Returns:
        Differences and standard errors (T, F), and how many questions of each task stand in a group
        with others (T,).
    """
    tasks, groups = int(task.max()) + 1, int(score.max()) + 1
    cell = task * groups + score
    n = np.bincount(cell, minlength=tasks * groups).reshape(tasks, groups).astype(float)
    size = n.sum(axis=0)
    weight = n * (size - n) / np.maximum(size, 1.0)
    below = weight.sum(axis=1)
    excess, se = np.full((2, tasks, values.shape[1]), np.nan)
    shared = together(cluster)
    for k, value in enumerate(values.T):
        mean = np.bincount(score, value, groups) / np.maximum(size, 1.0)
        rest = value - mean[score]
        above = np.bincount(task, rest, tasks)
        if shared:
            variance = _by_cluster(rest, task, n, size, score, cluster)
        else:
            scatter = np.bincount(score, rest**2, groups) / np.maximum(size - 1.0, 1.0)
            variance = weight @ scatter
        with np.errstate(invalid="ignore", divide="ignore"):
            excess[:, k] = np.where(below > 0, above / below, np.nan)
            se[:, k] = np.where(below > 0, np.sqrt(variance) / below, np.nan)
    return excess, se, (n * (size > n)).sum(axis=1)


def _by_cluster(
    rest: np.ndarray,
    task: np.ndarray,
    n: np.ndarray,
    size: np.ndarray,
    score: np.ndarray,
    cluster: np.ndarray,
) -> np.ndarray:
    """Variance (T,) of the sum over a task of `rest`, with every question's part in both sides."""
    _, member = np.unique(cluster, return_inverse=True)
    share = n / np.maximum(size, 1.0)
    found = np.empty(len(n))
    for t in range(len(n)):
        part = rest * ((task == t) - share[t][score])
        found[t] = (np.bincount(member, part) ** 2).sum()
    return found


def _upper(z: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return ndtr(-z)
