"""Whether two statements are one law: the same values wherever the runs were.

Two formulas may be one law in other words, and one formula with a letter changed may be another
law. So both are evaluated over the inputs that were fitted. Where no numbers were published, the
second form is fitted to values of the first: a form that cannot follow them is another form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from isoloss.exceptions import IsolossError
from isoloss.law import Law
from isoloss.law.published import Published

POINTS = 256
# two values closer than this are one value in other arithmetic
EQUAL = 1e-9


@dataclass(frozen=True)
class Sameness:
    """How far apart two statements are.

    Attributes:
        status: `same`, `within rounding`, `different`, or `cannot tell`.
        gap: largest relative difference of their values over the inputs; NaN where unknown.
        words: the finding in a sentence.
    """

    status: str
    gap: float
    words: str

    @property
    def same(self) -> bool:
        """Whether their values do not tell them apart."""
        return self.status != "different"


def sameness(first: Published, second: Published) -> Sameness:
    """Compare two statements by their values, or by whether one form can follow the other."""
    a, b = first.coefficients(), second.coefficients()
    if not set(b.inputs) <= set(a.inputs):
        return Sameness("different", float("nan"), "they are laws of different inputs")
    at = points(first)
    if a.complete and b.complete:
        return _values(first, second, at)
    return _follow(first, second, at)


def points(entry: Published) -> dict[str, np.ndarray]:
    """Inputs of a published law in base units, spread over the fitted or usual range."""
    from scipy.stats import qmc

    chosen = entry.coefficients()
    usual = {v.name: v for v in (entry.form.variables if entry.form else ())}
    unit = qmc.Sobol(len(chosen.inputs), scramble=False).random(POINTS).T
    found = {}
    for (name, known), u in zip(chosen.inputs.items(), unit, strict=True):
        typical = usual[name].range if name in usual else None
        low, high = known.range or typical or (1.0, 1e3)
        log = low > 0 and (name not in usual or usual[name].log)
        spread = low * (high / low) ** u if log else low + (high - low) * u
        found[name] = spread * known.factor
    for index in entry.form.indices if entry.form else ():
        shares = [v.name for v in usual.values() if v.over == index.name and v.share]
        total = np.sum([found[name] for name in shares], axis=0) if shares else 1.0
        found.update({name: found[name] / total for name in shares})
    return found


def _value(entry: Published, at: dict[str, np.ndarray], numbers: dict) -> np.ndarray:
    inputs = {name: at[name] / known.factor for name, known in entry.coefficients().inputs.items()}
    with np.errstate(all="ignore"):
        return np.asarray(entry.law({**inputs, **numbers}), dtype=float)


def _values(first: Published, second: Published, at: dict[str, np.ndarray]) -> Sameness:
    left = _value(first, at, first.coefficients().values)
    right = _value(second, at, second.coefficients().values)
    # where the first has no value there is nothing to differ from
    defined = np.isfinite(left)
    if not defined.any():
        return Sameness("cannot tell", float("nan"), "the first has no finite value in its range")
    at = {name: value[defined] for name, value in at.items()}
    left, right = left[defined], right[defined]
    gap = _gap(left, right)
    if not np.isfinite(gap):
        return Sameness("different", gap, "the second has no finite value where the first has one")
    if gap < EQUAL:
        return Sameness("same", gap, "they give the same value everywhere in the fitted range")
    mine, theirs = first.coefficients().values, second.coefficients().values
    apart = {name for name in (*mine, *theirs) if mine.get(name) != theirs.get(name)}
    allowed = _rounding(first, apart, at, left) + _rounding(second, apart, at, right)
    if np.all(np.abs(right - left) <= allowed * (1 + 1e-9)):
        return Sameness(
            "within rounding", gap, f"they differ by at most {100 * gap:.2g} %, as rounding allows"
        )
    return Sameness(
        "different", gap, f"their values differ by up to {100 * gap:.2g} % over the fitted range"
    )


def _gap(left: np.ndarray, right: np.ndarray) -> float:
    """Largest relative difference where the first has a value at all."""
    known = np.isfinite(left)
    scale = np.maximum(np.abs(left[known]), 1e-300)
    with np.errstate(all="ignore"):
        return float(np.max(np.abs(right[known] - left[known]) / scale, initial=0.0))


def _rounding(
    entry: Published, names: set[str], at: dict[str, np.ndarray], value: np.ndarray
) -> np.ndarray:
    """How far rounding of the printed digits of some numbers may move a value, at most.

    Each number is moved to both ends of what prints like it, and the moves are added up, as if all
    were at their worst at once. Numbers that both statements print alike are rounded alike, so they
    explain nothing.
    """
    chosen = entry.coefficients()
    total = np.zeros_like(value)
    for name in sorted(names & set(chosen.numbers)):
        number = chosen.numbers[name]
        ends = [number.value - number.rounding, number.value + number.rounding]
        moved = [_value(entry, at, {**chosen.values, name: end}) for end in ends]
        with np.errstate(all="ignore"):
            total += np.max(np.abs(np.array(moved) - value), axis=0)
    return np.where(np.isfinite(total), total, 0.0)


def _numbers(entry: Published) -> dict[str, float] | None:
    """Published numbers, or typical ones of the form where those were never seen."""
    chosen = entry.coefficients()
    if chosen.complete:
        return chosen.values
    typical = {p.name: p.typical for p in (entry.form.parameters if entry.form else ())}
    found = {name: chosen.values.get(name, typical.get(name)) for name in entry.law.parameter_names}
    known = {name: value for name, value in found.items() if value is not None}
    return known if len(known) == len(found) else None


def _follow(first: Published, second: Published, at: dict[str, np.ndarray]) -> Sameness:
    if first.law.expression.root == second.law.expression.root:
        return Sameness("same", 0.0, "the formula is the same, and no numbers were published")
    numbers = _numbers(first)
    if numbers is None:
        return Sameness("cannot tell", float("nan"), "the first has no numbers to compare with")
    wanted = _value(first, at, numbers)
    measured = second.coefficients().inputs
    inputs = {name: at[name] / known.factor for name, known in measured.items()}
    try:
        gap = _best_gap(second.law, inputs, wanted)
    except IsolossError as error:
        return Sameness("cannot tell", float("nan"), f"the second cannot be fitted: {error}")
    if gap < 1e-6:
        return Sameness("same", gap, "the second form follows the first exactly: other letters")
    return Sameness(
        "different",
        gap,
        f"the second form cannot follow the first: at best it is {100 * gap:.2g} % off somewhere "
        "in the range, whatever its numbers",
    )


def _best_gap(law: Law, inputs: dict[str, np.ndarray], wanted: np.ndarray) -> float:
    """Largest relative miss of the best fit of a law to exact values."""
    from isoloss.runs import read_runs

    # a published target may be several words, which no column can be mapped to
    law = replace(law, target="value")
    known = np.isfinite(wanted)
    wanted = wanted[known]
    used = {name: inputs[name][known] for name in law.variable_names}
    roles = ",".join(f"{name}={name}" for name in (*used, law.target))
    fit = law.fit(
        read_runs({**used, law.target: wanted}, map=roles, target=law.target),
        draws=0,
        objective="ls-log" if np.all(wanted > 0) else "ls",
    )
    return _gap(wanted, law({**used, **fit.values}))
