"""Members fitted, backtested, weighted and added up: the computation behind both verbs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from isoloss.exceptions import FitError
from isoloss.trust.mixture import interval
from isoloss.trust.mixture.folds import Fold, naive, rolling
from isoloss.trust.mixture.interval import Spread
from isoloss.trust.mixture.members import Fitted, Member, fit_member
from isoloss.trust.mixture.rows import Rows
from isoloss.trust.mixture.weights import by_backtest, eligible

# draws of a fold: its parameter part only has to be roughly right
FOLD_DRAWS = 50


@dataclass(frozen=True, eq=False)
class Forecast:
    """What members foretell of the same points.

    Attributes:
        values: (F, k) ln of the target; NaN where a member failed.
        scatters: (F, k) parameter parts.
        spreads: (F,) residual parts.
        fitted: the fits, None for a member that failed.
    """

    values: np.ndarray
    scatters: np.ndarray
    spreads: np.ndarray
    fitted: tuple[Fitted | None, ...]

    @property
    def usable(self) -> np.ndarray:
        """Mask (F,) of members whose numbers are all finite."""
        return (
            np.isfinite(self.values).all(axis=1)
            & np.isfinite(self.scatters).all(axis=1)
            & np.isfinite(self.spreads)
        )


@dataclass(frozen=True, eq=False)
class Tested:
    """One fold with what was foretold and what came.

    Attributes:
        fold: which rows.
        truth: (k,) ln of the target.
        forecast: of the members.
        naive: name to (k,).
    """

    fold: Fold
    truth: np.ndarray
    forecast: Forecast
    naive: dict[str, np.ndarray]

    @property
    def squares(self) -> np.ndarray:
        """Squared errors (F, k)."""
        return (self.forecast.values - self.truth) ** 2


@dataclass(frozen=True, eq=False)
class Blend:
    """A mixture ready to be asked.

    Attributes:
        members: all that were tried.
        rows: what they were fitted to.
        forecast: of the question.
        tested: the folds.
        weights: (F,), zero for members that failed or remember too little.
        delta: drift for a unit of distance.
    """

    members: tuple[Member, ...]
    rows: Rows
    forecast: Forecast
    tested: tuple[Tested, ...]
    weights: np.ndarray
    delta: float

    def spread(self, distance: np.ndarray) -> Spread:
        """Of the question."""
        return _spread(self.weights, self.forecast, len(self.rows), distance, self.delta)

    def fold_spread(self, index: int) -> Spread:
        """Of one fold, with weights and drift from the other folds only."""
        others = [t for i, t in enumerate(self.tested) if i != index]
        weights = _weights(self.weights > 0, others, self.small)
        delta = _delta(weights, others, len(self.rows))
        one = self.tested[index]
        runs = int(one.fold.seen.sum())
        return _spread(weights, one.forecast, runs, one.fold.distance, delta)

    @property
    def small(self) -> bool:
        """Whether there are too few runs for anything but the drift model."""
        return len(self.rows) < interval.SMALL


def forecast(
    members: Sequence[Member], rows: Rows, asked: Rows, *, draws: int, seed: int
) -> Forecast:
    """Fit every member to rows and ask it; one that fails is NaN, never an exception."""

    def one(member: Member) -> tuple[Fitted | None, np.ndarray, np.ndarray, float]:
        nothing = np.full(len(asked), np.nan)
        try:
            fit = fit_member(member, rows, draws=draws, seed=seed)
        except (FitError, np.linalg.LinAlgError):
            return None, nothing, nothing, np.nan
        return fit, fit.predict(asked), fit.scatter(asked), fit.spread

    with ThreadPoolExecutor(_cores()) as pool:
        fits, values, scatters, spreads = zip(*pool.map(one, members), strict=True)
    return Forecast(np.array(values), np.array(scatters), np.array(spreads), fits)


def blend(
    members: Sequence[Member],
    rows: Rows,
    asked: Rows,
    *,
    rule: str = "C",
    draws: int,
    seed: int,
    most_folds: int = 4,
    fold_draws: int = FOLD_DRAWS,
) -> Blend:
    """Fit, backtest and weigh members for a question.

    Args:
        members: forms with memories.
        rows: what was trained.
        asked: the question.
        rule: along which axis the backtests run.
        draws: bootstrap replicates of the fit to all rows.
        seed: of their random numbers.
        most_folds: how many backtests at the most.
        fold_draws: replicates in a backtest; only its own interval needs them, no weight does.
    """
    small = len(rows) < interval.SMALL
    if small:
        members = [member for member in members if member.memory is None] or members
    kept = np.array([eligible(member, rows) for member in members])
    folds = folds_for(rows, asked, rule=rule, most=most_folds)
    for fold in folds:
        seen = rows.select(fold.seen)
        kept &= np.array([eligible(member, seen, fold=True) for member in members])
    if not kept.any():
        kept[:] = True
    members = tuple(member for member, keep in zip(members, kept, strict=True) if keep)
    tested = tuple(
        test(members, rows, fold, draws=min(draws, fold_draws), seed=seed) for fold in folds
    )
    found = forecast(members, rows, asked, draws=draws, seed=seed)
    weights = _weights(found.usable, tested, small)
    return Blend(members, rows, found, tested, weights, _delta(weights, tested, len(rows)))


def folds_for(rows: Rows, asked: Rows, *, rule: str, most: int) -> tuple[Fold, ...]:
    """Backtests that look as far as the question does."""
    from isoloss.trust.mixture.folds import axis_of

    if rule == "C":
        span = float(asked.size.max() - rows.size.max())
    elif rule in asked.columns and np.all(rows.columns[rule] > 0):
        span = float(np.log(asked.columns[rule]).max() - axis_of(rows, rule).max())
    else:
        span = 0.25 * float(np.ptp(axis_of(rows, rule)))
    fewest = 3 + rows.logs.shape[1] if len(rows) < interval.SMALL else None
    return rolling(rows, span, rule=rule, most=most, fewest=fewest)


def test(members: Sequence[Member], rows: Rows, fold: Fold, *, draws: int, seed: int) -> Tested:
    """One backtest."""
    seen, asked = rows.select(fold.seen), rows.select(fold.asked)
    found = forecast(members, seen, asked, draws=draws, seed=seed)
    return Tested(fold, asked.y, found, naive(seen, asked))


def _weights(usable: np.ndarray, tested: Sequence[Tested], small: bool) -> np.ndarray:
    """Weights (F,) among the members whose forecasts are finite."""
    errors = [np.where(usable[:, None], t.squares, np.inf) for t in tested]
    weights = by_backtest(errors, len(usable), small=small)
    weights = np.where(usable, weights, 0.0)
    total = weights.sum()
    if total <= 0:
        raise FitError("no form gives a finite forecast there; ask nearer to the runs")
    return weights / total


def _delta(weights: np.ndarray, tested: Sequence[Tested], runs: int) -> float:
    used = weights > 0
    errors, residuals, distances = [], [], []
    for t in tested:
        values = np.where(np.isfinite(t.forecast.values[used]), t.forecast.values[used], 0.0)
        errors.append(weights[used] @ values - t.truth)
        residuals.append(float(weights[used] @ np.nan_to_num(t.forecast.spreads[used]) ** 2))
        distances.append(t.fold.distance)
    return interval.drift(errors, residuals, distances, runs=runs)


def _spread(
    weights: np.ndarray, found: Forecast, runs: int, distance: np.ndarray, delta: float
) -> Spread:
    used = (weights > 0) & found.usable
    share = weights[used] / weights[used].sum()
    return interval.spread(
        share,
        found.values[used],
        found.scatters[used],
        found.spreads[used],
        runs=runs,
        distance=distance,
        delta=delta,
    )


def _cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
