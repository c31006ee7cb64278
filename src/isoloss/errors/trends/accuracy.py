"""Accuracy against size: in all, by task, and over tasks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from isoloss.errors.contrasts.estimate import bounds
from isoloss.errors.contrasts.sweep import Reader, check_options, sweep
from isoloss.errors.items import Grid
from isoloss.errors.statistics import benjamini_hochberg
from isoloss.errors.trends.accuracy_values import AccuracyTrend, AccuracyTrends, Fitness
from isoloss.errors.trends.ladder import Ladder, ladder, slices
from isoloss.errors.trends.logit import fit_lines
from isoloss.errors.trends.measure import estimates
from isoloss.errors.trends.robust import LEAST_UNITS, Robust, robust
from isoloss.errors.trends.slope import (
    MARGIN,
    UNKNOWN,
    Slope,
    p_value,
    stretch,
    verdict,
)
from isoloss.errors.trends.spread import spread
from isoloss.exceptions import ItemsError

# a task that is right (or wrong) less often than this in all cannot show a trend
LEAST_EVENTS = 5
# how many standard errors above its floor every model must stand for the floor to be taken off
ABOVE = 2.0


def accuracy_trends(
    grid: Grid,
    *,
    by: str = "task",
    floor: str = "none",
    margin: float = MARGIN,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> AccuracyTrends:
    """How accuracy changes with size in one family.

    The slope is that of log odds over log10 of parameters, fitted to the counts of right answers.
    Its interval is the percentile bootstrap of items (clusters where items share one), drawn over
    all tasks at once and widened a little where items are few. Its p comes from the standard error
    over items, with t, so that verdicts do not hang on a seed. Neither says how much another family
    of models would differ: with five sizes nothing can, and `fitness` says whether one of them
    stands off the line.

    Args:
        grid: answers of one family.
        by: `task`, or `none` for all items alone.
        floor: `none`: odds of being right. `auto`: odds above guessing, P = g + (1 - g) sigma(.)
            with g the mean of 1 / n_options, wherever options are known and every model stands
            two standard errors above g; elsewhere none. Zero slope is the same claim under both;
            without a floor slopes of all tasks have one scale, so that is the default.
        margin: slopes below this count as flat, in logits per decade.
        level: of intervals and tests.
        replicates: bootstrap draws.
        seed: of the draws.

    Raises:
        ItemsError: several families, one size, or an option out of range.
    """
    _check(by, floor, margin)
    check_options(level, replicates)
    chosen = ladder(grid)
    return fit_accuracy(
        chosen,
        draw_accuracy(chosen, replicates, seed),
        by=by,
        floor=floor,
        margin=margin,
        level=level,
        seed=seed,
    )


def draw_accuracy(chosen: Ladder, replicates: int, seed: int) -> np.ndarray:
    """Right answers (R, T, M + 1) of every model in every task; items drawn stand last."""
    return sweep(chosen.grid.cluster, replicates, seed, right_answers(chosen))[0]


def right_answers(chosen: Ladder) -> Reader:
    """The reader of weights that counts right answers by task, for `sweep`."""
    parts = slices(chosen.grid.task.codes)
    right = np.vstack([chosen.grid.correct, np.ones((1, chosen.grid.shape[1]), np.int8)])
    table = np.ascontiguousarray(right.T, dtype=np.float32)

    def read(drawn: np.ndarray) -> np.ndarray:
        return np.stack([drawn[:, part] @ table[part] for part in parts], axis=1)

    return read


def fit_accuracy(
    chosen: Ladder,
    draws: np.ndarray,
    *,
    by: str,
    floor: str,
    margin: float,
    level: float,
    seed: int,
) -> AccuracyTrends:
    """Trends from the counts of `draw_accuracy`."""
    grid = chosen.grid
    parts = slices(grid.task.codes)
    whole = slice(0, grid.shape[1])
    options = {"floor": floor, "margin": margin, "level": level}
    overall = _trend(chosen, "all", whole, draws.sum(axis=1), **options)
    tasks: Sequence[AccuracyTrend] = ()
    if by == "task":
        names = [grid.task.values[grid.task.codes[part.start]] for part in parts]
        tasks = [
            _trend(chosen, name, part, draws[:, t], **options)
            for t, (name, part) in enumerate(zip(names, parts, strict=True))
        ]
        tasks = _adjusted(tasks, chosen, margin=margin, level=level)
    slope = np.array([task.slope.value for task in tasks])
    se = np.array([task.slope.se for task in tasks])
    return AccuracyTrends(
        chosen.family,
        grid.names,
        tuple(model.params for model in grid.models),
        overall,
        tuple(tasks),
        spread(slope, se, level) if len(tasks) > 1 else None,
        margin,
        level,
        len(draws),
        seed,
        chosen.notices,
    )


def _trend(
    chosen: Ladder,
    name: str,
    part: slice,
    draws: np.ndarray,
    *,
    floor: str,
    margin: float,
    level: float,
) -> AccuracyTrend:
    """One set of items; `draws` (R, M + 1) are counts, the last of items."""
    right = chosen.grid.correct[:, part]
    cluster = chosen.grid.cluster[part]
    n = right.shape[1]
    k = right.sum(axis=1, dtype=float)
    g = _floor(chosen.grid.n_options[part], k, n) if floor == "auto" else 0.0
    line = fit_lines(chosen.size, k, np.array([n]), floor=g)
    seen = robust(line, right, cluster)
    counts = np.where(draws[:, -1:] > 0, draws, np.nan)
    start = float(line.level), float(line.slope)
    drawn = fit_lines(chosen.size, counts[:, :-1], counts[:, -1:], floor=g, start=start).slope
    value, wide = float(line.slope), stretch(seen.units, level)
    low, high = (value + wide * (float(end) - value) for end in bounds(drawn, level))
    p = p_value(value, seen.se, seen.units - 2)
    slope = Slope(value, low, high, seen.se, p, p, UNKNOWN, "", n)
    few = min(k.sum(), n * len(k) - k.sum()) < LEAST_EVENTS
    return AccuracyTrend(
        name,
        n,
        seen.units,
        estimates(k / n, counts[:, :-1] / counts[:, -1:], n, level),
        g,
        _judged(slope, chosen, seen.units, bool(few), margin=margin, level=level),
        _fitness(chosen, seen),
    )


def _judged(
    slope: Slope, chosen: Ladder, units: int, few: bool, *, margin: float, level: float
) -> Slope:
    """The slope with its verdict."""
    if not chosen.trend:
        reason = "two sizes: a paired contrast is possible, no trend"
        return replace(slope, verdict=UNKNOWN, reason=reason)
    if units < LEAST_UNITS:
        reason = f"fewer than {LEAST_UNITS} independent items"
        return replace(slope, verdict=UNKNOWN, reason=reason)
    if few:
        return replace(slope, verdict=UNKNOWN, reason="right or wrong throughout")
    word, reason = verdict(
        slope.value, slope.se, slope.q, degrees=units - 2, margin=margin, level=level
    )
    return replace(slope, verdict=word, reason=reason)


def _adjusted(
    tasks: Sequence[AccuracyTrend], chosen: Ladder, *, margin: float, level: float
) -> list[AccuracyTrend]:
    """Verdicts by q instead of p."""
    q = benjamini_hochberg([task.slope.p for task in tasks])
    found = []
    for task, adjusted in zip(tasks, q, strict=True):
        slope = replace(task.slope, q=float(adjusted))
        few = slope.reason == "right or wrong throughout"
        slope = _judged(slope, chosen, task.clusters, few, margin=margin, level=level)
        found.append(replace(task, slope=slope))
    return found


def _floor(n_options: np.ndarray, k: np.ndarray, n: int) -> float:
    """The mean share of guesses that are right, where it can be taken off."""
    if not (n_options > 1).all():
        return 0.0
    g = float((1.0 / n_options).mean())
    share = k / n
    above = share - ABOVE * np.sqrt(share * (1.0 - share) / n)
    return g if (above > g).all() else 0.0


def _fitness(chosen: Ladder, seen: Robust) -> Fitness:
    odd = ""
    if seen.p < 0.01:
        odd = "?" if len(seen.z) < 4 else chosen.grid.names[int(np.nanargmax(np.abs(seen.z)))]
    return Fitness(
        seen.chi2,
        len(seen.z) - 2,
        seen.p_binomial,
        seen.p,
        tuple(float(z) for z in seen.z_binomial),
        tuple(float(z) for z in seen.z),
        odd,
    )


def _check(by: str, floor: str, margin: float) -> None:
    if by not in ("task", "none"):
        raise ItemsError(f"by='{by}'; expected 'task' or 'none'")
    if floor not in ("auto", "none"):
        raise ItemsError(f"floor='{floor}'; expected 'none' or 'auto'")
    if not (math.isfinite(margin) and margin > 0):
        raise ItemsError(f"margin={margin}; expected logits per decade above 0, such as {MARGIN}")
