"""Failure modes of two models: how often each occurs, its share of the errors, and the distance.

Rates and shares are two views: a model may make fewer errors of every kind and still have a kind
that grows as a share of what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.distance import aitchison, jensen_shannon
from isoloss.errors.contrasts.estimate import SAME, UNKNOWN, Estimate, bounds
from isoloss.errors.contrasts.permutation import exchanged, p_value
from isoloss.errors.contrasts.sweep import together
from isoloss.errors.items import MISSING, Grid
from isoloss.errors.statistics import benjamini_hochberg

CHANGED = "changed"
RIGHT = "correct"
# no claim on shares below these: 30 errors of each model, and 400 items to say "no change"
LEAST_ERRORS, LEAST_ITEMS = 30, 400
# changes of a share below this do not matter
SHARE_MARGIN = 0.05


@dataclass(frozen=True)
class Mode:
    """One failure mode in two models.

    Attributes:
        name: the mode.
        count_small, count_large: how many answers have it.
        rate_small, rate_large, rate_change: of all questions.
        share_small, share_large, share_change: of the errors that have a mode.
        p: that the share changed, when the models' answers are exchanged within questions.
        q: `p` adjusted for the number of modes.
        verdict: changed, same within margin, or cannot tell: of the share.
    """

    name: str
    count_small: int
    count_large: int
    rate_small: Estimate
    rate_large: Estimate
    rate_change: Estimate
    share_small: Estimate
    share_large: Estimate
    share_change: Estimate
    p: float
    q: float
    verdict: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            key: value.to_document() if isinstance(value, Estimate) else value
            for key, value in vars(self).items()
        }


@dataclass(frozen=True)
class Distance:
    """How far the two mixes of failure modes are apart, held against its null.

    Attributes:
        value: the distance.
        null_mean, null_high: mean and upper `level` point when answers are exchanged.
        p: share of exchanges that reach the value.
    """

    value: float
    null_mean: float
    null_high: float
    p: float

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return dict(vars(self))


@dataclass(frozen=True)
class ModeMix:
    """The failure modes of two models.

    Attributes:
        modes: one entry a mode, the most frequent first.
        jensen_shannon: in bits, between shares.
        aitchison: between log shares, half a count added; answers to rare modes.
        errors_small, errors_large: errors that have a mode.
        silent_small, silent_large: errors that have none.
        n: questions.
        permutations: exchanges drawn.
        verdict: changed (p of the Jensen-Shannon divergence below 1 - level), same within margin
            (every share within .05, p not below twice that, at least 400 questions), or cannot
            tell. Fewer than 30 errors of one model are too few for any of it.
    """

    modes: tuple[Mode, ...]
    jensen_shannon: Distance
    aitchison: Distance
    errors_small: int
    errors_large: int
    silent_small: int
    silent_large: int
    n: int
    permutations: int
    verdict: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **vars(self),
            "modes": [mode.to_document() for mode in self.modes],
            "jensen_shannon": self.jensen_shannon.to_document(),
            "aitchison": self.aitchison.to_document(),
        }


@dataclass(frozen=True, eq=False)
class Coding:
    """Answers of two models as places in the failure modes that occur.

    Attributes:
        names: (K) failure modes, the most frequent first.
        codes: (2, I) places in `names`; K for a right answer, K + 1 for an error without a mode.
    """

    names: tuple[str, ...]
    codes: np.ndarray

    def columns(self) -> np.ndarray:
        """(I, 1 + 2 K) whose sums the rates and shares are made of."""
        count, items = len(self.names), self.codes.shape[1]
        found = np.zeros((items, 1 + 2 * count), np.float32)
        found[:, 0] = 1.0
        for line, codes in enumerate(self.codes):
            some = np.flatnonzero(codes < count)
            found[some, 1 + line * count + codes[some]] = 1.0
        return found


def coding(grid: Grid) -> Coding:
    """The failure modes that occur in two lines of a grid with labels."""
    assert grid.mode is not None
    wrong = (grid.correct == 0) & (grid.mode != MISSING)
    right = np.array([name == RIGHT for name in grid.modes] + [False])
    wrong &= ~right[grid.mode]
    count = np.bincount(grid.mode[wrong], minlength=len(grid.modes))
    order = np.argsort(-count, kind="stable")
    order = order[count[order] > 0]
    place = np.full(len(grid.modes) + 1, len(order) + 1)
    place[order] = np.arange(len(order))
    codes = np.where(
        grid.correct == 1, len(order), np.where(wrong, place[grid.mode], len(order) + 1)
    )
    return Coding(tuple(grid.modes[k] for k in order), codes.astype(np.int64))


def read_modes(
    grid: Grid, coded: Coding, draws: np.ndarray, *, level: float, permutations: int, seed: int
) -> ModeMix:
    """Rates, shares and distances, from sums of `Coding.columns` in replicates."""
    count, n = len(coded.names), grid.shape[1]
    point = coded.columns().sum(axis=0, dtype=float)[None]
    rates, shares = _views(point, count), _views(draws, count)
    cluster = grid.cluster if together(grid.cluster) else None
    mine, other = exchanged(coded.codes[0], coded.codes[1], count + 2, permutations, seed, cluster)
    mine, other = mine[:, :count], other[:, :count]
    seen = point[0, 1:].reshape(2, count)
    null = _share(mine) - _share(other)
    moved = rates[1][0, 1] - rates[1][0, 0]
    p = p_value(np.abs(null), np.abs(moved))
    q = benjamini_hochberg(p)
    errors = seen.sum(axis=1)
    enough = bool(errors.min() >= LEAST_ERRORS)
    tight = _tight(shares[1][:, 1] - shares[1][:, 0], level)
    silent = (coded.codes == count + 1).sum(axis=1)
    listed = tuple(
        Mode(
            name,
            int(seen[0, k]),
            int(seen[1, k]),
            *_three(rates[0][0, :, k], shares[0][:, :, k], (n, n), level),
            *_three(rates[1][0, :, k], shares[1][:, :, k], errors, level),
            float(p[k]),
            float(q[k]),
            _verdict(q[k], bool(tight[k]), enough, n, level),
        )
        for k, name in enumerate(coded.names)
    )
    divergence = _distance(jensen_shannon(*seen), jensen_shannon(mine, other), level)
    return ModeMix(
        listed,
        divergence,
        _distance(aitchison(*seen), aitchison(mine, other), level),
        int(errors[0]),
        int(errors[1]),
        int(silent[0]),
        int(silent[1]),
        n,
        permutations,
        _verdict(divergence.p, bool(tight.all()), enough, n, level),
    )


def _views(sums: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rates and shares (R, 2, K) from sums (R, 1 + 2 K)."""
    counts = sums[:, 1:].reshape(-1, 2, count)
    return counts / sums[:, :1, None], _share(counts)


def _share(counts: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return counts / counts.sum(axis=-1, keepdims=True)


def _three(
    value: np.ndarray, draws: np.ndarray, n: np.ndarray | tuple[int, int], level: float
) -> tuple[Estimate, Estimate, Estimate]:
    """Small, large and change, from values (2,) and draws (R, 2)."""
    values = (*value, value[1] - value[0])
    low, high = bounds(np.column_stack([draws, draws[:, 1] - draws[:, 0]]), level)
    counts = (n[0], n[1], min(n[0], n[1]))
    small, large, change = (
        Estimate(float(values[k]), float(low[k]), float(high[k]), int(counts[k]), level)
        for k in range(3)
    )
    return small, large, change


def _tight(draws: np.ndarray, level: float) -> np.ndarray:
    low, high = bounds(draws, 2.0 * level - 1.0)
    return (low > -SHARE_MARGIN) & (high < SHARE_MARGIN)


def _distance(value: np.ndarray, null: np.ndarray, level: float) -> Distance:
    some = null[~np.isnan(null)]
    if not len(some) or np.isnan(value):
        return Distance(float(value), np.nan, np.nan, np.nan)
    high = float(np.quantile(some, level))
    return Distance(float(value), float(some.mean()), high, float(p_value(some, value)))


def _verdict(p: float, tight: bool, enough: bool, n: int, level: float) -> str:
    if not enough:
        return UNKNOWN
    if p < 1.0 - level:
        return CHANGED
    # equality is judged by intervals of 2 level - 1, so at that level no change may be seen either
    same = tight and p >= 2.0 * (1.0 - level)
    return SAME if same and n >= LEAST_ITEMS else UNKNOWN
