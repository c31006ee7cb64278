"""Does accuracy turn round with size: inverse, U-shaped and inverted-U scaling.

A bend in a line is no turn: a quadratic can fit better while accuracy rises all along. So three
things are asked at once: the quadratic is better by four in AIC, its turning point lies inside the
observed sizes, and two separate lines on either side of it have slopes whose intervals exclude zero
and whose signs differ (two lines: Simonsohn 2018).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.items import Grid
from isoloss.errors.trends.ladder import Ladder, ladder, slices
from isoloss.errors.trends.logit import PRIOR, fit_lines
from isoloss.errors.trends.raw import UP_IS_GOOD, Kind, Raw, judge
from isoloss.errors.trends.robust import robust
from isoloss.errors.trends.slope import FLAT, IMPROVES, MARGIN, UNKNOWN, WORSENS, Slope, quantile
from isoloss.exceptions import ItemsError

U_SHAPED, INVERTED, INVERSE = "U-shaped", "inverted U", "inverse"
# a quadratic through three sizes always fits
LEAST_SIZES = 4
BETTER = 4.0


@dataclass(frozen=True)
class Shape:
    """The shape of accuracy over size on one set of items.

    Attributes:
        name: the task, or `all`.
        n: items.
        whole: the line through all sizes.
        gain: AIC of the line minus AIC of the quadratic, both in log odds; NaN below four sizes.
        turn: parameters at the quadratic's turning point; NaN where it has none in sight.
        left, right: lines through the sizes up to the turn and from it on, where both have two
            sizes or more; else None.
        verdict: `U-shaped`, `inverted U`, `inverse` (worsens all along), `improves`, `flat`, or
            `cannot tell`.
        reason: what is missing.
    """

    name: str
    n: int
    whole: Slope
    gain: float
    turn: float
    left: Slope | None
    right: Slope | None
    verdict: str
    reason: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **vars(self),
            "whole": self.whole.to_document(),
            "left": None if self.left is None else self.left.to_document(),
            "right": None if self.right is None else self.right.to_document(),
        }


def accuracy_shapes(
    grid: Grid, *, by: str = "task", margin: float = MARGIN, level: float = 0.95
) -> tuple[Shape, ...]:
    """The shape over all items, then (with `by="task"`) of every task, q over tasks.

    Intervals come from standard errors over items, with t. AIC takes trials as independent, which
    understates a bend where the same items are put to every model.

    Args:
        grid: answers of one family.
        by: `task`, or `none`.
        margin: slopes below this are flat, in logits per decade.
        level: of intervals and tests.

    Raises:
        ItemsError: several families, one size, or an option out of range.
    """
    if by not in ("task", "none"):
        raise ItemsError(f"by='{by}'; expected 'task' or 'none'")
    chosen = ladder(grid)
    whole = [_shape_of(chosen, "all", slice(0, chosen.grid.shape[1]), level)]
    found = _judged(whole, margin, level)
    if by == "task":
        codes = chosen.grid.task
        parts = [
            _shape_of(chosen, codes.values[codes.codes[part.start]], part, level)
            for part in slices(codes.codes)
        ]
        found += _judged(parts, margin, level)
    return tuple(found)


@dataclass(frozen=True)
class _Bare:
    """A shape before its verdict."""

    name: str
    n: int
    whole: Raw
    gain: float
    turn: float
    arms: tuple[Raw, Raw] | None


def _shape_of(chosen: Ladder, name: str, part: slice, level: float) -> _Bare:
    right, cluster = chosen.grid.correct[:, part], chosen.grid.cluster[part]
    size = chosen.size
    every = np.ones(len(size), dtype=bool)
    whole = _arm(size, right, cluster, every, level, "" if chosen.trend else "two sizes")
    if chosen.sizes < LEAST_SIZES:
        return _Bare(name, right.shape[1], whole, math.nan, math.nan, None)
    gain, turn = _bend(size, right.sum(1, dtype=float), right.shape[1])
    inside = size.min() < turn < size.max()
    low, high = size <= turn, size >= turn
    arms = None
    if inside and min(len(np.unique(size[low])), len(np.unique(size[high]))) >= 2:
        arms = (
            _arm(size, right, cluster, low, level),
            _arm(size, right, cluster, high, level),
        )
    return _Bare(name, right.shape[1], whole, gain, 10**turn if inside else math.nan, arms)


def _arm(
    size: np.ndarray,
    right: np.ndarray,
    cluster: np.ndarray,
    kept: np.ndarray,
    level: float,
    reason: str = "",
) -> Raw:
    some = right[kept]
    n = some.shape[1]
    line = fit_lines(size[kept], some.sum(axis=1, dtype=float), np.array([n]))
    seen = robust(line, some, cluster)
    degrees = float(max(seen.units - 2, 1))
    value, half = float(line.slope), quantile(0.5 + level / 2.0, degrees) * seen.se
    return Raw(value, value - half, value + half, seen.se, degrees, n, reason)


def _bend(size: np.ndarray, k: np.ndarray, n: int) -> tuple[float, float]:
    """How much better the quadratic is in AIC, and log10 of its turning point."""
    line = fit_lines(size, k, np.array([n]))
    centred = size - size.mean()
    design = np.stack([np.ones_like(centred), centred, centred**2], 1)
    theta = np.array([float(line.level), float(line.slope), 0.0])
    p = line.p
    for _ in range(60):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ theta, -30, 30)))
        info = design.T @ (n * p * (1.0 - p) * design.T).T + np.eye(3) / PRIOR**2
        step = np.linalg.solve(info, design.T @ (k - n * p) - theta / PRIOR**2)
        theta = theta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    gain = 2.0 * (_like(k, n, p) - _like(k, n, line.p)) - 2.0
    turn = -theta[1] / (2.0 * theta[2]) if theta[2] else math.inf
    return float(gain), float(size.mean() + turn)


def _like(k: np.ndarray, n: int, p: np.ndarray) -> float:
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return float((k * np.log(p) + (n - k) * np.log1p(-p)).sum())


def _judged(bare: list[_Bare], margin: float, level: float) -> list[Shape]:
    kind = Kind(UP_IS_GOOD, margin)
    wholes = judge([one.whole for one in bare], kind, level)
    found = []
    for one, whole in zip(bare, wholes, strict=True):
        left, right = judge(one.arms, kind, level) if one.arms else (None, None)
        word, reason = _word(one, whole, left, right)
        found.append(Shape(one.name, one.n, whole, one.gain, one.turn, left, right, word, reason))
    return found


def _word(one: _Bare, whole: Slope, left: Slope | None, right: Slope | None) -> tuple[str, str]:
    if whole.reason.startswith("two sizes"):
        return UNKNOWN, "two sizes: a paired contrast is possible, no trend"
    missing = ""
    if math.isnan(one.gain):
        missing = f"a turn needs {LEAST_SIZES} sizes"
    elif one.gain >= BETTER:
        if left is None or right is None:
            missing = "bends, but no turn with two sizes on either side"
        elif (left.low > 0 or left.high < 0) and (right.low > 0 or right.high < 0):
            if left.value < 0 < right.value:
                return U_SHAPED, ""
            if right.value < 0 < left.value:
                return INVERTED, ""
            missing = "bends, and both sides go the same way"
        else:
            missing = "bends, but the slope of one side may be zero"
    if whole.verdict == WORSENS:
        return INVERSE, missing
    if whole.verdict in (IMPROVES, FLAT):
        return whole.verdict, missing
    return UNKNOWN, missing


__all__ = ["Shape", "accuracy_shapes"]
