"""The value of a published law at a point, with the interval that its printed errors allow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from isoloss.exceptions import LawError
from isoloss.law.published.entry import Coefficients, Input, Published
from isoloss.law.published.number import USED, Number
from isoloss.notices import Notice

DRAWS = 4000
SEED = 0


@dataclass(frozen=True)
class Evaluation:
    """What a published law says at a point.

    Attributes:
        value: in `unit`.
        low: lower end of the interval; NaN where too many draws have no value.
        high: upper end.
        level: its nominal coverage, of the coefficients alone: runs scatter around a law.
        unit: of the three.
        basis: what the interval is made of: `printed errors`, `printed errors and correlations`,
            `rounding`, or `none`.
        inside: whether every input lies within the fitted range; None where none is known.
        notices: what a person should know.
    """

    value: float
    low: float
    high: float
    level: float
    unit: str
    basis: str
    inside: bool | None
    notices: tuple[Notice, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {k: v for k, v in vars(self).items() if k != "notices"}


def evaluate(
    entry: Published,
    at: Mapping[str, Any],
    coefficients: str | None = None,
    *,
    level: float = 0.9,
    any_evidence: bool = False,
) -> Evaluation:
    """The value at a point, with an interval.

    The interval comes from the printed standard errors and intervals (and their correlation where
    it is known), and from rounding to the printed digits. It is the uncertainty of the numbers,
    not of a new run.

    Args:
        entry: a published law.
        at: name -> one value in base units (parameters, tokens, FLOP); an input that converts to
            nothing else in its own unit.
        coefficients: which set of numbers; the default one when nothing is said.
        level: nominal coverage.
        any_evidence: use numbers below `secondary` as well.

    Raises:
        LawError: an input is missing or unknown, a number was never seen, or its evidence is not
            enough.
    """
    if not 0 < level < 1:
        raise LawError(f"'level' lies between 0 and 1, got {level:g}")
    chosen = entry.coefficients(coefficients)
    check_usable(entry, chosen, any_evidence=any_evidence)
    inputs, notices = take_inputs(entry, chosen, at)
    value = float(entry.law({**inputs, **chosen.values}))
    if not math.isfinite(value):
        at_words = ", ".join(f"{name} = {float(x):.4g}" for name, x in inputs.items())
        raise LawError(
            f"'{entry.id}' has no finite value at {at_words}: its form breaks down there"
        )
    spread, basis = draws(entry, chosen)
    with np.errstate(all="ignore"):
        values = np.asarray(entry.law({**inputs, **spread}), dtype=float)
    good = values[np.isfinite(values)]
    edges = (0.5 - level / 2, 0.5 + level / 2)
    low = high = math.nan
    if basis == "none":
        low = high = value
    elif good.size > 0.9 * DRAWS:
        low, high = np.quantile(good, edges)
    outside = [n for n in notices if n.code == "outside-range"]
    known = [i.range for i in chosen.inputs.values() if i.range]
    return Evaluation(
        value=value,
        low=float(low),
        high=float(high),
        level=level,
        unit=chosen.measure,
        basis=basis,
        inside=not outside if known else None,
        notices=(*notices, *remarks(chosen, basis), *_unknown(low, good.size)),
    )


def _unknown(low: float, good: int) -> list[Notice]:
    if not math.isnan(low):
        return []
    return [
        Notice(
            "no-interval",
            f"{DRAWS - good} of {DRAWS} draws of the numbers give no finite value, so there is no "
            "interval",
            "the point is close to where the form breaks down; do not rely on the value there",
        )
    ]


def check_usable(entry: Published, chosen: Coefficients, *, any_evidence: bool) -> None:
    """Refuse a set whose numbers are missing or not to be relied on."""
    if not chosen.complete:
        fit = f"fit it to runs of your own: isoloss fit RUNS --law {entry.id}"
        others = [s.name for s in entry.sets.values() if s.complete]
        remedy = f"choose the set {' or '.join(others)}" if others else fit
        what = ", ".join(chosen.unseen) if chosen.numbers else "its numbers"
        raise LawError(
            f"'{entry.id}' cannot be evaluated: {what} could not be read in any source; {remedy}"
        )
    weak = [n.name for n in chosen.numbers.values() if n.evidence not in USED]
    if weak and not any_evidence:
        reason = f": {entry.pitfalls[0]}" if entry.pitfalls else ""
        raise LawError(
            f"'{entry.id}': {', '.join(weak)} {'is' if len(weak) == 1 else 'are'} "
            f"{chosen.evidence}{reason}. Ask for it with --any-evidence (any_evidence=True)"
        )


def take_inputs(
    entry: Published, chosen: Coefficients, at: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Notice]]:
    """Inputs in the units of the formula, and what lies outside of the fitted range."""
    for name in at:
        if name not in chosen.inputs:
            raise LawError(
                f"'{entry.id}' has no input '{name}'; it takes {', '.join(chosen.inputs)}"
            )
    inputs: dict[str, Any] = {}
    notices: list[Notice] = []
    logs = {v.name: v.log for v in entry.law.variables}
    for name, known in chosen.inputs.items():
        if name not in at:
            words = f" ({known.meaning})" if known.meaning else ""
            raise LawError(
                f"'{entry.id}' needs {', '.join(chosen.inputs)}; {name}{words} is missing"
            )
        inputs[name] = value = take_input(entry, known, at[name], positive=logs.get(name, True))
        notices += outside(known, value)
    return inputs, notices


def take_input(entry: Published, known: Input, given: Any, *, positive: bool) -> float:
    """An input in the unit of the formula.

    Raises:
        LawError: it is no number, not finite, or not positive where it has to be.
    """
    try:
        value = float(given) / known.factor
    except (TypeError, ValueError):
        raise LawError(f"'{entry.id}': {known.name} has to be one number, got {given!r}") from None
    if not math.isfinite(value) or (positive and not value > 0):
        sign = "positive and " if positive else ""
        raise LawError(f"'{entry.id}': {known.name} has to be {sign}finite, got {given}")
    return value


def outside(known: Input, value: float) -> list[Notice]:
    """A notice where the input leaves the range of the fitted runs."""
    if known.range is None:
        return []
    low, high = known.range
    # a printed edge is rounded, so a value a hair beyond it is inside
    hair = 1e-9 * max(abs(low), abs(high)) if low <= 0 else 1e-9 * abs(value)
    if low - hair <= value <= high + hair:
        return []
    edge, word = (high, "above") if value > high else (low, "below")
    times = f"{max(value / edge, edge / value):.3g} times " if value > 0 and edge > 0 else ""
    return [
        Notice(
            "outside-range",
            f"{known.name} = {value:.4g} is {times}{word} the fitted range, {low:.4g} to {high:.4g}"
            f"{' ' + known.measure if known.measure else ''}",
            "read it as an extrapolation that nobody tested, or fit runs of your own",
        )
    ]


def draws(entry: Published, chosen: Coefficients) -> tuple[dict[str, np.ndarray], str]:
    """Numbers drawn from their printed errors and rounding, and what they rest on."""
    rng = np.random.default_rng(SEED)
    numbers = list(chosen.numbers.values())
    noise = {n.name: rng.standard_normal(DRAWS) for n in numbers}
    correlation = chosen.correlation
    if correlation is not None:
        root = _root(np.array(correlation.matrix))
        mixed = root @ np.vstack([noise[name] for name in correlation.names])
        noise.update(zip(correlation.names, mixed, strict=True))
    positive = {p.name: p.log for p in entry.law.parameters}
    spread = {
        n.name: _drawn(n, noise[n.name], rng, log=positive.get(n.name, False)) for n in numbers
    }
    if any(scatter(n) for n in numbers):
        return spread, "printed errors" + (" and correlations" if correlation else "")
    rounded = any(n.rounding for n in numbers)
    return spread, "rounding" if rounded else "none"


def scatter(number: Number) -> float:
    """Standard deviation of a number, from its interval or else its standard error; 0 for none."""
    if number.interval is not None:
        low, high = number.interval
        return (high - low) / (2 * NormalDist().inv_cdf(0.5 + number.level / 2))
    return number.se or 0.0


def _drawn(number: Number, noise: np.ndarray, rng: np.random.Generator, *, log: bool) -> np.ndarray:
    rounded = number.value + number.rounding * rng.uniform(-1, 1, DRAWS)
    sd = scatter(number)
    if not sd:
        return rounded
    if not (log and number.value > 0):
        return rounded + sd * noise
    # a scale with a large error is lognormal: its standard deviation is more than its width
    ratio = (sd / number.value) ** 2
    width = math.sqrt(math.log((1 + math.sqrt(1 + 4 * ratio)) / 2))
    if number.interval is not None and number.interval[0] > 0:
        # the interval of a positive scale is lopsided, and even in its logarithm
        ends = math.log(number.interval[1] / number.interval[0])
        width = ends / (2 * NormalDist().inv_cdf(0.5 + number.level / 2))
    return rounded * np.exp(width * noise)


def _root(matrix: np.ndarray) -> np.ndarray:
    """A matrix whose square is the correlation; rounding may have made it slightly indefinite."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def remarks(chosen: Coefficients, basis: str) -> list[Notice]:
    """What the interval does not know."""
    found = []
    erring = [n for n in chosen.numbers.values() if scatter(n)]
    if basis == "printed errors" and len(erring) > 1:
        found.append(
            Notice(
                "independent-errors",
                "the source prints an error for each number and not how they go together, so "
                "they are drawn independently and the interval can be far too wide",
                "fit the released runs where there are some, and read the interval of that fit",
            )
        )
    if basis == "rounding":
        found.append(
            Notice(
                "rounding-only",
                "no errors are printed: the interval shows what rounding alone leaves open",
                "do not read it as the uncertainty of the law",
            )
        )
    return found + contradictions(chosen)


def contradictions(chosen: Coefficients) -> list[Notice]:
    """Where a source contradicts itself: a value outside of its own printed interval."""
    found = []
    for number in chosen.numbers.values():
        if number.outside_own_interval:
            low, high = number.interval or (math.nan, math.nan)
            found.append(
                Notice(
                    "value-outside-interval",
                    f"{number.name} = {number.printed} lies outside of its own printed interval, "
                    f"{low:g} to {high:g}",
                    "rounding of the printed value may explain it; the interval is the finer one"
                    if number.rounded_out
                    else "one of them is a misprint in the source; read both with care",
                )
            )
    return found
