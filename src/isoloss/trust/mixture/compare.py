"""The verb `compare_forms`: which form foretells best, and is that more than luck?

Every form is fitted to the smaller runs of each backtest and asked for the larger ones. The mixture
stands beside them as one more row, and plays by the same rules: its weights come from backtests
*inside* the smaller runs, so nothing that it is asked for has been seen. AICc and BIC of the fit to
all runs are printed and decide nothing: they reward what fits, not what foretells.

How forms are told apart: `isoloss.trust.mixture.paired`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.law import Law
from isoloss.runs import Runs
from isoloss.trust.mixture.blend import FOLD_DRAWS, Blend, Forecast, blend, forecast
from isoloss.trust.mixture.folds import Fold, naive, rolling
from isoloss.trust.mixture.interval import spread
from isoloss.trust.mixture.members import Member
from isoloss.trust.mixture.mixture import (
    DRAWS,
    LEVEL,
    check_options,
    chosen_laws,
    members_of,
    relative,
)
from isoloss.trust.mixture.paired import BEST, WORSE, judge
from isoloss.trust.mixture.rows import Rows, asked_rows, training_rows

FORM, MIXTURE, NAIVE = "form", "mixture", "naive"
MOST_FOLDS = 6
# of the folds inside a fold: enough to weigh members by
INNER_FOLDS = 3
# backtests look a third of the range ahead, at most a decade
AHEAD, MOST_AHEAD = 1.0 / 3.0, float(np.log(10.0))


@dataclass(frozen=True)
class Compared:
    """One row of a comparison.

    Attributes:
        name: of the form, or `mixture`, or of a naive forecast.
        kind: `form`, `mixture` or `naive`.
        formula: in words; empty for the others.
        parameters: how many are fitted; 0 for the others.
        error: geometric mean over folds of the root mean square relative error.
        errors: of every fold.
        coverage: share of asked runs inside the form's own interval; NaN for naive forecasts.
        aicc, bic: of the fit to all runs, against the lowest among the forms; NaN for the others.
        p: that it is no worse than the best form, adjusted for how many there are; NaN for that
            form.
        verdict: `best` of the forms, or against it `tie`, `worse`, `cannot tell`, or `better`.
        value, low, high: forecast at the point that was asked about, or None.
    """

    name: str
    kind: str
    formula: str
    parameters: int
    error: float
    errors: tuple[float, ...]
    coverage: float
    aicc: float
    bic: float
    p: float
    verdict: str
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Forms, the mixture and naive forecasts, from the smallest backtest error to the largest.

    Attributes:
        rows: one for each.
        folds: of every fold, the rule, runs seen, runs asked, and decades beyond.
        level: nominal coverage of the intervals.
        target: what was foretold.
        failed: forms that could not be fitted, and are in no row.
    """

    rows: tuple[Compared, ...]
    folds: tuple[tuple[str, int, int, float], ...]
    level: float
    target: str
    failed: tuple[str, ...] = ()

    @property
    def forms(self) -> tuple[Compared, ...]:
        """The rows that are forms."""
        return tuple(row for row in self.rows if row.kind == FORM)

    @property
    def winner(self) -> Compared | None:
        """The form that beats every other one; None where one is tied or cannot be told."""
        return self.best if len(self.ties) == 1 else None

    @property
    def best(self) -> Compared:
        """The form with the smallest error."""
        return next(row for row in self.forms if row.verdict == BEST)

    @property
    def ties(self) -> tuple[str, ...]:
        """The best form and all that cannot be told from it."""
        return tuple(row.name for row in self.forms if row.verdict != WORSE)

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        from isoloss.trust.mixture.show import comparison_document

        return comparison_document(self)

    def __str__(self) -> str:
        from isoloss.trust.mixture.show import comparison_text

        return comparison_text(self)

    __repr__ = __str__


def compare_forms(
    runs: Runs,
    laws: str | Iterable[Law | str] = "auto",
    *,
    at: Mapping[str, float] | None = None,
    rules: Sequence[str] = ("C",),
    level: float = LEVEL,
    draws: int = DRAWS,
    inputs: Sequence[str] | None = None,
    seed: int = 0,
) -> Comparison:
    """Compare forms by what they foretell inside the runs.

    Args:
        runs: what was trained; nothing beyond them is used.
        laws: `auto` for the built-in forms, or laws: names, a family, or laws.
        at: a point to be foretold by every row, from all runs.
        rules: along which axes backtests run: `C`, an input, or `time`.
        level: coverage of intervals.
        draws: Bayesian bootstrap replicates of every form.
        inputs: which columns are inputs; by default those that vary.
        seed: of the random numbers.

    Raises:
        InputError: too few runs for a backtest, or as in `predict_mixture`.
    """
    check_options(level=level, draws=draws, seed=seed)
    chosen = chosen_laws(laws, runs)
    rows = training_rows(runs, chosen, inputs)
    members = members_of(chosen, rows)
    folds = [(rule, fold) for rule in rules for fold in _folds(rows, rule)]
    if not folds:
        raise InputError(
            f"{len(rows)} runs leave no backtest along {', '.join(rules)}; bring more runs, or "
            "runs at more sizes"
        )
    plain = [member for member in members if member.memory is None]
    played = [_play(members, plain, rows, fold, draws, seed, level) for _, fold in folds]
    asked = asked_rows(rows, at, chosen) if at is not None else None
    mixed = blend(members, rows, asked, draws=draws, seed=seed) if asked is not None else None
    whole = _plain(mixed, plain) if mixed else forecast(plain, rows, rows, draws=0, seed=seed)
    shares = [float(fold.asked.sum() / fold.seen.sum()) for _, fold in folds]
    built, failed = _built(plain, whole, rows, played, shares)
    if asked is not None and mixed is not None:
        names = [member.id for member in plain]
        built = [_asked(row, names, whole, mixed, rows, asked, level) for row in built]
    return Comparison(
        tuple(sorted(built, key=lambda row: row.error)),
        tuple((rule, *_size(fold)) for rule, fold in folds),
        level,
        runs.target,
        failed,
    )


def _built(
    plain: Sequence[Member],
    whole: Forecast,
    rows: Rows,
    played: Sequence[_Played],
    shares: Sequence[float],
) -> tuple[list[Compared], tuple[str, ...]]:
    """A row for every form, the mixture and the naive forecasts; and the forms that failed."""
    forms = [member.id for member in plain]
    errors = {name: np.array([p.errors[name] for p in played]) for name in played[0].errors}
    failed = tuple(name for name in forms if not np.isfinite(errors[name]).all())
    kept = [name for name in forms if name not in failed]
    if not kept:
        raise InputError("none of the forms could be fitted in every backtest; name others")
    best = min(kept, key=lambda name: float(np.log(errors[name]).sum()))
    judged = judge(errors, best, [name for name in errors if name not in failed], shares)
    criteria = dict(zip(forms, _criteria(plain, whole, rows), strict=True))
    by_name = {member.id: member.form for member in plain}
    built = [
        Compared(
            name,
            FORM if name in forms else MIXTURE if name == MIXTURE else NAIVE,
            by_name[name].formula if name in by_name else "",
            by_name[name].count(rows.logs.shape[1]) if name in by_name else 0,
            float(np.exp(np.log(errors[name]).mean())),
            tuple(float(e) for e in errors[name]),
            float(np.mean([p.coverage.get(name, np.nan) for p in played])),
            *criteria.get(name, (np.nan, np.nan)),
            *judged[name],
        )
        for name in judged
    ]
    return built, failed


def _size(fold: Fold) -> tuple[int, int, float]:
    """Runs seen, runs asked, decades beyond."""
    beyond = float(fold.distance.max() / np.log(10.0))
    return int(fold.seen.sum()), int(fold.asked.sum()), beyond


@dataclass(frozen=True, eq=False)
class _Played:
    """One fold: relative error by name, and coverage by name."""

    errors: dict[str, float]
    coverage: dict[str, float]


def _folds(rows: Rows, rule: str) -> tuple[Fold, ...]:
    from isoloss.trust.mixture import interval
    from isoloss.trust.mixture.folds import axis_of

    span = min(AHEAD * float(np.ptp(axis_of(rows, rule))), MOST_AHEAD if rule != "time" else np.inf)
    fewest = 3 + rows.logs.shape[1] if len(rows) < interval.SMALL else None
    return rolling(rows, span, rule=rule, most=MOST_FOLDS, fewest=fewest)


def _play(
    members: Sequence[Member],
    plain: Sequence[Member],
    rows: Rows,
    fold: Fold,
    draws: int,
    seed: int,
    level: float,
) -> _Played:
    """One outer fold; the mixture finds its weights inside the rows that are seen."""
    seen, asked = rows.select(fold.seen), rows.select(fold.asked)
    mixed = blend(
        members,
        seen,
        asked,
        draws=min(draws, FOLD_DRAWS),
        seed=seed,
        most_folds=INNER_FOLDS,
        fold_draws=0,
    )
    errors, coverage = {}, {}
    for member in plain:
        place = mixed.members.index(member)
        miss = mixed.forecast.values[place] - asked.y
        errors[member.id] = relative(miss)
        half = _half(mixed.forecast, place, seen, asked, level)
        coverage[member.id] = float((np.abs(miss) <= half).mean())
    found = mixed.spread(fold.distance)
    errors[MIXTURE] = relative(found.centre - asked.y)
    coverage[MIXTURE] = float((np.abs(found.centre - asked.y) <= found.half_width(level)).mean())
    for name, values in naive(seen, asked).items():
        errors[name] = relative(values - asked.y)
    return _Played(errors, coverage)


def _plain(mixed: Blend, plain: Sequence[Member]) -> Forecast:
    """The part of a mixture's forecast that belongs to the forms themselves."""
    places = [mixed.members.index(member) for member in plain]
    found = mixed.forecast
    return Forecast(
        found.values[places],
        found.scatters[places],
        found.spreads[places],
        tuple(found.fitted[i] for i in places),
    )


def _half(found: Forecast, place: int, seen: Rows, asked: Rows, level: float) -> np.ndarray:
    """Half the interval (k,) of one form alone: parameters and residuals."""
    alone = spread(
        np.ones(1),
        found.values[[place]],
        found.scatters[[place]],
        found.spreads[[place]],
        runs=max(len(seen), 12),
        distance=np.zeros(len(asked)),
        delta=0.0,
    )
    return alone.half_width(level)


def _criteria(plain: Sequence[Member], whole: Forecast, rows: Rows) -> list[tuple[float, float]]:
    """AICc and BIC of every form, Gaussian on the logarithm, against the lowest."""
    n = len(rows)
    found = []
    for member, fit in zip(plain, whole.fitted, strict=True):
        k = member.form.count(rows.logs.shape[1]) + 1
        if fit is None or n <= k + 1:
            found.append((np.inf, np.inf))
            continue
        mean = float((rows.weights * fit.residuals**2).mean())
        base = n * np.log(max(mean, 1e-300))
        found.append((base + 2 * k + 2 * k * (k + 1) / (n - k - 1), base + k * np.log(n)))
    table = np.array(found)
    return [(float(a), float(b)) for a, b in table - table.min(axis=0)]


def _asked(
    row: Compared,
    forms: Sequence[str],
    whole: Forecast,
    mixed: Blend,
    rows: Rows,
    asked: Rows,
    level: float,
) -> Compared:
    """The row with its forecast at the point."""
    if row.kind == NAIVE:
        return replace(row, value=float(np.exp(naive(rows, asked)[row.name][0])))
    if row.kind == MIXTURE:
        found = mixed.spread(np.maximum(asked.size - rows.size.max(), 0.0))
        centre, half = float(found.centre[0]), float(found.half_width(level)[0])
    else:
        place = list(forms).index(row.name)
        centre = float(whole.values[place][0])
        half = float(_half(whole, place, rows, asked, level)[0])
    low, high = np.exp(centre - half), np.exp(centre + half)
    return replace(row, value=float(np.exp(centre)), low=float(low), high=float(high))
