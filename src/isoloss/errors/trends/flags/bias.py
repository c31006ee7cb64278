"""Flag: models of different size say yes more or less readily, and see no better."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from isoloss.errors.contrasts.bias import Binary, measures
from isoloss.errors.trends.flags.state import ALPHA, State
from isoloss.errors.trends.ladder import Ladder
from isoloss.errors.trends.measure import wald
from isoloss.errors.trends.robust import by_cluster
from isoloss.trust.finding import Finding

CODE = "bias-shift"
# a shift of the criterion, or of d', that matters: .3 moves 12 % of answers at the middle
SHIFT = 0.3


@dataclass(frozen=True)
class Detection:
    """Sensitivity and criterion of every model with their covariance over items.

    Attributes:
        sensitivity, criterion: (M,).
        cover_sensitivity, cover_criterion: (M, M).
        p_sensitivity, p_criterion: that all models have one value.
        n, units: questions, and groups of them that are drawn together.
    """

    sensitivity: np.ndarray
    criterion: np.ndarray
    cover_sensitivity: np.ndarray
    cover_criterion: np.ndarray
    p_sensitivity: float
    p_criterion: float
    n: int
    units: int


def detection(chosen: Ladder, binary: Binary) -> Detection:
    """d' and c by model; covariance by the delta method, an item (cluster) being one unit."""
    columns = binary.columns()
    point = measures(columns.sum(axis=0, dtype=float)[None])
    kept = binary.kept
    cluster = chosen.grid.cluster[kept]
    said, gold = binary.said[:, kept].astype(float), binary.gold[kept]
    pulls = []
    for among in (gold, ~gold):
        n = int(among.sum())
        # the rate with half an answer added, as in the measures, so that none is 0 or 1
        rate = (said[:, among].sum(axis=1) + 0.5) / (n + 1.0)
        pulls.append((said - rate[:, None]) * among / ((n + 1.0) * _density(rate)[:, None]))
    high, low = (by_cluster(pull, cluster) for pull in pulls)
    covers = [part @ part.T * high.shape[1] / (high.shape[1] - 1.0) for part in _both(high, low)]
    models, units = len(said), high.shape[1]
    same = np.linalg.svd(np.ones((1, models)))[2][1:]
    values = point["sensitivity"][0], point["criterion"][0]
    p = [
        wald(same @ value, same @ cover @ same.T, units)[1]
        for value, cover in zip(values, covers, strict=True)
    ]
    return Detection(values[0], values[1], covers[0], covers[1], p[0], p[1], int(kept.sum()), units)


def _both(high: np.ndarray, low: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return high - low, -(high + low) / 2.0


def _density(rate: np.ndarray) -> np.ndarray:
    """Of the standard normal at the quantile of a rate: dz/drate is one over it."""
    from scipy.special import ndtri

    return np.exp(-0.5 * ndtri(rate) ** 2) / math.sqrt(2.0 * math.pi)


def check(state: State) -> Finding | None:
    """The criterion differs between models, and sensitivity does not."""
    for binary in state.binary:
        seen = detection(state.chosen, binary)
        moved = seen.p_criterion < ALPHA and np.ptp(seen.criterion) >= SHIFT
        better = seen.p_sensitivity < ALPHA and np.ptp(seen.sensitivity) >= SHIFT
        if moved and not better:
            return _finding(binary, seen)
    return None


def _finding(binary: Binary, seen: Detection) -> Finding:
    criteria = "/".join(f"{c:.2f}" for c in seen.criterion)
    sensitivities = "/".join(f"{d:.2f}" for d in seen.sensitivity)
    said = f"p = {seen.p_sensitivity:.2g}" if math.isfinite(seen.p_sensitivity) else "no p"
    return Finding(
        CODE,
        "care",
        f"bias shift without sensitivity change: on {seen.n} {binary.positive}/{binary.negative} "
        f"questions the criterion is {criteria} by size (p = {seen.p_criterion:.2g}), d' is "
        f"{sensitivities} ({said})",
        f"models say '{binary.positive}' more or less readily; rates of false {binary.positive} "
        "and accuracy move with that though none sees better",
        "compare d' instead of accuracy, or ask every question with either answer right",
    )
