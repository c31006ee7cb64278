"""The verb `predict_mixture`: what happens at a larger scale, by several forms at once.

    >>> from isoloss.trust.mixture import predict_mixture
    >>> predict_mixture(runs, {"N": 7e9, "D": 1.4e11})  # doctest: +SKIP

One form, however well it fits, says nothing about being the wrong form, and on most published
ladders the additive law is. Here a handful of forms is averaged by what each foretold in backtests
inside the runs, and the interval adds what the forms disagree on, what each does not know of its
parameters, and what single runs stray: see `isoloss.trust.mixture.interval`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.law import Law, find_law
from isoloss.notices import Notice
from isoloss.runs import Runs
from isoloss.trust.candidates import choose
from isoloss.trust.finding import STOP, Finding, answer_of
from isoloss.trust.mixture import interval
from isoloss.trust.mixture.blend import Blend, blend
from isoloss.trust.mixture.folds import naive
from isoloss.trust.mixture.judge import findings_of, notices_of
from isoloss.trust.mixture.law_form import LawForm
from isoloss.trust.mixture.members import LAW_MEMORIES, Member, built_in
from isoloss.trust.mixture.rows import Rows, asked_rows, off_line, training_rows

DRAWS = 200
LEVEL = 0.90


@dataclass(frozen=True)
class Share:
    """One member of a mixture.

    Attributes:
        form: its name.
        formula: in words.
        memory: decades of compute in which a run's weight halves; None for all runs alike.
        weight: its share.
        residual: standard deviation of runs around it, as a fraction.
        value: (n,) what it foretells.
    """

    form: str
    formula: str
    memory: float | None
    weight: float
    residual: float
    value: np.ndarray


@dataclass(frozen=True)
class Backtest:
    """One fold: what the smaller runs foretold of the larger.

    Attributes:
        seen, asked: numbers of runs.
        beyond: decades of compute from the largest run seen to the farthest asked.
        error: root mean square relative error of the mixture, with weights from the other folds.
        coverage: share of the asked runs inside the interval, made likewise.
        naive: the same error of every naive forecast, by name.
    """

    seen: int
    asked: int
    beyond: float
    error: float
    coverage: float
    naive: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class MixturePrediction:
    """What a mixture foretells, each array (n,), in the unit of the target.

    Attributes:
        inputs: what was asked about, by name.
        target: what is foretold.
        value: the centre.
        low, high: interval of one more run.
        level: its nominal coverage.
        beyond: decades of compute beyond the largest run; 0 within.
        variance: `form`, `parameter`, `residual` and `drift`, of ln of the target; they add up to
            `total`.
        shares: the members, the heaviest first.
        backtests: the folds.
        naive: forecasts without a law, by name.
        method: how the interval was made, in words.
        findings: why to be careful, the heaviest first.
        notices: what was decided on the way.
    """

    inputs: Mapping[str, np.ndarray]
    target: str
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: float
    beyond: np.ndarray
    variance: Mapping[str, np.ndarray]
    shares: tuple[Share, ...]
    backtests: tuple[Backtest, ...]
    naive: Mapping[str, np.ndarray]
    method: str
    findings: tuple[Finding, ...] = ()
    notices: tuple[Notice, ...] = field(default=())

    @property
    def answer(self) -> str:
        """`use it`, `use it with care` or `do not use it there`."""
        return answer_of(self.findings)

    @property
    def trusted(self) -> bool:
        """Whether the answer is not `do not use it there`."""
        return self.answer != STOP

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each form, its memories added up, the heaviest first."""
        total: dict[str, float] = {}
        for share in self.shares:
            total[share.form] = total.get(share.form, 0.0) + share.weight
        return dict(sorted(total.items(), key=lambda item: -item[1]))

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        from isoloss.trust.mixture.show import prediction_document

        return prediction_document(self)

    def __str__(self) -> str:
        from isoloss.trust.mixture.show import prediction_text

        return prediction_text(self)

    __repr__ = __str__


def predict_mixture(
    runs: Runs,
    at: Mapping[str, Any] | Runs,
    *,
    laws: str | Iterable[Law | str] = "auto",
    level: float = LEVEL,
    draws: int = DRAWS,
    rule: str = "C",
    inputs: Sequence[str] | None = None,
    seed: int = 0,
) -> MixturePrediction:
    """Foretell the target at larger scales by a backtested mixture of forms.

    Use it where a number beyond the runs matters more than the parameters of one law; use a single
    certified fit to explain, to plan, and to compare with published laws.

    Args:
        runs: what was trained; the target has to be positive and to fall with scale.
        at: name to number or list, such as `{"N": 7e9, "D": 1.4e11}`; C may be left out where the
            other inputs give it. Backtests look as far ahead as the farthest of these points, so
            ask about points at very different distances one by one.
        laws: `auto` for the built-in forms, or laws: names with commas between, a family, or laws.
        level: coverage of the interval.
        draws: Bayesian bootstrap replicates of every member.
        rule: along which axis backtests run: `C`, an input, or `time`.
        inputs: which columns are inputs; by default those that vary.
        seed: of the random numbers; the same input and seed give the same bytes.

    Raises:
        InputError: too few runs, values without a logarithm, or a question with missing inputs.
    """
    check_options(level=level, draws=draws, seed=seed)
    chosen = chosen_laws(laws, runs)
    rows = training_rows(runs, chosen, inputs)
    asked = asked_rows(rows, at, chosen)
    mixed = blend(members_of(chosen, rows), rows, asked, rule=rule, draws=draws, seed=seed)
    distance = np.maximum(asked.size - rows.size.max(), 0.0)
    found = mixed.spread(distance)
    half = found.half_width(level)
    backtests = tuple(backtest(mixed, i, level) for i in range(len(mixed.tested)))
    return MixturePrediction(
        {name: asked.columns[name] for name in (*rows.names, *asked.columns)},
        runs.target,
        np.exp(found.centre),
        np.exp(found.centre - half),
        np.exp(found.centre + half),
        level,
        distance / np.log(10.0),
        {
            "form": found.form,
            "parameter": found.parameter,
            "residual": found.residual,
            "drift": found.drift,
            "total": found.variance,
        },
        shares_of(mixed),
        backtests,
        {name: np.exp(values) for name, values in naive(rows, asked).items()},
        method_of(mixed, found.freedom),
        findings_of(mixed, distance, off_line(rows, asked), backtests),
        notices_of(mixed, rows),
    )


def check_options(*, level: float, draws: int, seed: int) -> None:
    """Refuse what cannot be meant."""
    if not 0 < level < 1:
        raise InputError(f"level must lie between 0 and 1, got {level}")
    for name, value, least in (("draws", draws, 0), ("seed", seed, 0)):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < least:
            raise InputError(f"{name} must be a whole number, at least {least}, got {value!r}")


def chosen_laws(laws: str | Iterable[Law | str], runs: Runs) -> tuple[Law, ...]:
    """The laws that were named; none for `auto`.

    Raises:
        InputError: no such law, or none whose inputs the runs have.
    """
    if isinstance(laws, str):
        return () if laws == "auto" else tuple(choose(laws, runs))
    if not isinstance(runs, Runs):
        return ()
    found = tuple(find_law(law, variables=runs.inputs, target=runs.target) for law in laws)
    if not found:
        raise InputError("laws is an empty list; name some, or leave it at 'auto'")
    return found


def members_of(laws: Sequence[Law], rows: Rows) -> tuple[Member, ...]:
    """Every law, or every built-in form, with every memory."""
    if not laws:
        return built_in(rows.logs.shape[1])
    prepared = [LawForm.prepared(law, rows) for law in laws]
    return tuple(Member(form, memory) for form in prepared for memory in LAW_MEMORIES)


def shares_of(mixed: Blend) -> tuple[Share, ...]:
    """The members with their weights, the heaviest first."""
    found = [
        Share(
            member.form.id,
            member.form.formula,
            member.memory,
            float(weight),
            float(residual),
            np.exp(values),
        )
        for member, weight, residual, values in zip(
            mixed.members, mixed.weights, mixed.forecast.spreads, mixed.forecast.values, strict=True
        )
    ]
    return tuple(sorted(found, key=lambda share: -share.weight))


def backtest(mixed: Blend, index: int, level: float) -> Backtest:
    """One fold in numbers."""
    one = mixed.tested[index]
    found = mixed.fold_spread(index)
    miss = found.centre - one.truth
    inside = np.abs(miss) <= found.half_width(level)
    return Backtest(
        int(one.fold.seen.sum()),
        int(one.fold.asked.sum()),
        float(one.fold.distance.max() / np.log(10.0)),
        relative(miss),
        float(inside.mean()),
        {name: relative(values - one.truth) for name, values in one.naive.items()},
    )


def relative(miss: np.ndarray) -> float:
    """Root mean square of errors of a logarithm, as a fraction."""
    return float(np.sqrt(np.mean(miss**2)))


def method_of(mixed: Blend, freedom: float) -> str:
    """How the interval was made."""
    if mixed.small:
        return (
            f"drift model: residual and drift with distance, t with {freedom:g} degrees of freedom "
            f"(fewer than {interval.SMALL} runs)"
        )
    return (
        "form + parameter + residual variance, widened by the backtests' drift, t with "
        f"{freedom:g} degrees of freedom"
    )
