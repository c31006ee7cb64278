"""Which failures grow and which shrink with size, from answers with failure modes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from isoloss.errors.contrasts.estimate import Estimate
from isoloss.errors.contrasts.modes import Coding, coding
from isoloss.errors.contrasts.sweep import Reader, check_options, sweep
from isoloss.errors.items import Grid
from isoloss.errors.trends.ladder import Ladder, ladder, slices
from isoloss.errors.trends.measure import estimates
from isoloss.errors.trends.mix import Mix, ModeTrend, ModeTrends
from isoloss.errors.trends.mode_line import Line, Part, dispersion, mode_line
from isoloss.errors.trends.mode_tests import (
    change_of_mix,
    homogeneity,
    mix_verdict,
    why_not,
)
from isoloss.errors.trends.multinomial import fit_mixture, slopes_differ
from isoloss.errors.trends.raw import DOWN_IS_GOOD, NEITHER_IS_GOOD, Kind, Raw, judge
from isoloss.errors.trends.robust import by_cluster
from isoloss.errors.trends.slope import MARGIN
from isoloss.exceptions import ItemsError


def mode_trends(
    grid: Grid,
    *,
    by: str = "none",
    margin: float = MARGIN,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> ModeTrends:
    """How the failures of one family change with size, as rates and as shares.

    Two views, because they can disagree: a mode may become rarer among all answers and still grow
    as a share of the errors that are left. Every mode has a logit line against the rest in either
    view, and one multinomial line holds the whole mix. Standard errors come from items (clusters),
    times the root of the dispersion of models round the line where that is above 1; where the
    misfit is beyond chance (p below .05) tests use t with M - 2 degrees, since then it is models
    and not items that there are too few of.

    Args:
        grid: answers of one family, with failure modes.
        by: `task` for each task as well, or `none`.
        margin: slopes below this are flat, in logits per decade.
        level: of intervals and tests.
        replicates: bootstrap draws.
        seed: of the draws.

    Raises:
        ItemsError: no failure modes, several families, one size, or an option out of range.
    """
    if by not in ("task", "none"):
        raise ItemsError(f"by='{by}'; expected 'task' or 'none'")
    if grid.mode is None:
        raise ItemsError(
            "the answers have no failure modes; label them first, or choose labels= of the grid"
        )
    check_options(level, replicates)
    chosen = ladder(grid)
    coded = coding(chosen.grid)
    (draws,) = sweep(chosen.grid.cluster, replicates, seed, mode_counts(chosen, coded))
    return fit_modes(chosen, coded, draws, by=by, margin=margin, level=level, seed=seed)


def mode_counts(chosen: Ladder, coded: Coding) -> Reader:
    """The reader of weights that counts modes by task and model, (b, T, 1 + M K), for `sweep`."""
    count = len(coded.names)
    parts = slices(chosen.grid.task.codes)

    def table(part: slice) -> np.ndarray:
        codes = coded.codes[:, part]
        found = np.zeros((codes.shape[1], 1 + len(codes) * count), np.float32)
        found[:, 0] = 1.0
        for line, row in enumerate(codes):
            some = np.flatnonzero(row < count)
            found[some, 1 + line * count + row[some]] = 1.0
        return found

    tables = [table(part) for part in parts]

    def read(drawn: np.ndarray) -> np.ndarray:
        return np.stack(
            [drawn[:, part] @ one for part, one in zip(parts, tables, strict=True)], axis=1
        )

    return read


def fit_modes(
    chosen: Ladder,
    coded: Coding,
    draws: np.ndarray,
    *,
    by: str,
    margin: float,
    level: float,
    seed: int,
) -> ModeTrends:
    """Trends from the counts of `mode_counts` in replicates (R, T, 1 + M K)."""
    grid = chosen.grid
    whole = Part("all", coded.codes, grid.cluster, draws.sum(axis=1))
    options = {"margin": margin, "level": level}
    tasks: list[Mix] = []
    if by == "task":
        for t, part in enumerate(slices(grid.task.codes)):
            name = grid.task.values[grid.task.codes[part.start]]
            one = Part(name, coded.codes[:, part], grid.cluster[part], draws[:, t])
            tasks.append(_mix(chosen, coded.names, one, **options))
    return ModeTrends(
        chosen.family,
        grid.names,
        tuple(model.params for model in grid.models),
        _mix(chosen, coded.names, whole, **options),
        tuple(tasks),
        margin,
        level,
        len(draws),
        seed,
        chosen.notices,
    )


@dataclass(frozen=True, eq=False)
class Tally:
    """One part, counted.

    Attributes:
        seen: (J) places of the modes that occur, the most frequent first.
        table: (M, J) their counts.
        silent: (M,) errors without a mode.
        wrong: (M, I) errors with one.
        drawn: (R, M, J) counts in replicates.
        items: (R, 1) items in replicates; NaN where a replicate has none.
    """

    seen: list[int]
    table: np.ndarray
    silent: np.ndarray
    wrong: np.ndarray
    drawn: np.ndarray
    items: np.ndarray


def _tally(part: Part, modes: int) -> Tally:
    counts = np.stack([np.bincount(row, minlength=modes + 2) for row in part.codes])
    order = np.argsort(-counts[:, :modes].sum(0), kind="stable")
    seen = [int(j) for j in order if counts[:, j].sum()]
    drawn = part.draws[:, 1:].reshape(len(part.draws), len(part.codes), modes)
    return Tally(
        seen,
        counts[:, seen].astype(float),
        counts[:, -1],
        part.codes < modes,
        drawn[:, :, seen],
        np.where(part.draws[:, :1] > 0, part.draws[:, :1], np.nan),
    )


def _mix(chosen: Ladder, names: tuple[str, ...], part: Part, *, margin: float, level: float) -> Mix:
    """One set of items."""
    tally = _tally(part, len(names))
    table, errors = tally.table, tally.table.sum(axis=1)
    reason = why_not(chosen.trend, errors, chosen.grid.names)
    rates = _rates(chosen, part, tally, level)
    shares = _shares(chosen, part, tally, reason, level)
    rate_slopes = judge([one.raw for one in rates], Kind(DOWN_IS_GOOD, margin), level)
    share_slopes = judge([one.raw for one in shares], Kind(NEITHER_IS_GOOD, margin), level)
    slopes, p = _joint(chosen.size, part, tally, shares)
    rated, shared = _estimates(tally, part.codes.shape[1], level)
    modes = tuple(
        ModeTrend(
            names[j],
            tuple(int(count) for count in table[:, place]),
            rated[place],
            shared[place],
            rate_slopes[place],
            share_slopes[place],
            float(slopes[place]),
            shares[place].method,
            (dispersion(rates[place].seen), dispersion(shares[place].seen)),
        )
        for place, j in enumerate(tally.seen)
    )
    chi2, degrees, same = homogeneity(table)
    word, why = mix_verdict(p, share_slopes, reason, level)
    return Mix(
        part.name,
        part.codes.shape[1],
        tuple(int(count) for count in errors),
        tuple(int(count) for count in tally.silent),
        modes,
        p,
        chi2,
        degrees,
        same,
        word,
        why,
    )


def _rates(chosen: Ladder, part: Part, tally: Tally, level: float) -> list[Line]:
    """Every mode among all items."""
    reason = why_not(chosen.trend, None, ())
    return [
        mode_line(chosen.size, part, j, None, tally.drawn[:, :, place], tally.items, reason, level)
        for place, j in enumerate(tally.seen)
    ]


def _shares(chosen: Ladder, part: Part, tally: Tally, reason: str, level: float) -> list[Line]:
    """Every mode among the errors that have one."""
    if not tally.wrong.any(axis=1).all():
        nothing = Raw(math.nan, math.nan, math.nan, math.nan, math.inf, 0, reason or "no errors")
        return [Line(nothing, None, "penalised") for _ in tally.seen]
    below = tally.drawn.sum(axis=2)
    return [
        mode_line(chosen.size, part, j, tally.wrong, tally.drawn[:, :, place], below, reason, level)
        for place, j in enumerate(tally.seen)
    ]


def _joint(
    size: np.ndarray, part: Part, tally: Tally, shares: list[Line]
) -> tuple[np.ndarray, float]:
    """Slopes (J,) of centred log shares, and p that no share changes with size."""
    if len(tally.seen) < 2 or not tally.wrong.any(axis=1).all():
        return np.full(len(tally.seen), math.nan), math.nan
    mixture = fit_mixture(size, tally.table)
    pull = np.stack(
        [
            by_cluster((part.codes == j) - tally.wrong * mixture.p[:, place, None], part.cluster)
            for place, j in enumerate(tally.seen)
        ]
    )
    pull = pull[:, :, by_cluster(tally.wrong, part.cluster).any(axis=0)]
    stat, free, units = slopes_differ(mixture, pull)
    seen = [one.seen for one in shares]
    misfit = [math.nan if one is None else one.p for one in seen]
    over = [dispersion(one) for one in seen]
    return mixture.centred_slopes, change_of_mix(stat, free, units, tally.table, over, misfit)


def _estimates(
    tally: Tally, n: int, level: float
) -> tuple[list[tuple[Estimate, ...]], list[tuple[Estimate, ...]]]:
    """Rates and shares of every mode in every model."""
    errors = tally.table.sum(axis=1)
    below = tally.drawn.sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = tally.drawn / tally.items[:, :, None]
        shares = np.where(below[..., None] > 0, tally.drawn / below[..., None], np.nan)
        point = tally.table / errors[:, None]
    places = range(len(tally.seen))
    return (
        [estimates(tally.table[:, i] / n, rates[:, :, i], n, level) for i in places],
        [estimates(point[:, i], shares[:, :, i], errors, level) for i in places],
    )
