"""An input was varied over too narrow a range, or at too few values, to show a power of it.

A power law and a straight line differ by their bend. Over r decades, a term x**-a bends away from
the best straight line in ln x by about (2.3 a r)**2 / 16 of itself: with a = 0.35, 16 % over two
decades, 4 % over one and 1 % over half a one. Against noise of half a percent of the loss, one
decade shows little of the bend and half a decade nothing: floor and exponent are then free to
choose each other. With three values or fewer a floor, a scale and an exponent fit anything.
"""

from __future__ import annotations

import numpy as np

from isoloss.runs.names import quantity_of
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.design import Axis, axes
from isoloss.trust.checks.words import count, factor
from isoloss.trust.finding import Finding

CODE = "narrow-range"

ONE_DECADE, HALF_DECADE = 1.0, 0.5
FEW_VALUES = 4


def check(case: Case) -> list[Finding]:
    """Look for inputs that were hardly varied."""
    found = []
    for axis in axes(case.fit):
        if not axis.log:
            continue
        values = len(np.unique(np.round(axis.values, 3)))
        if axis.span < ONE_DECADE or values < FEW_VALUES:
            found.append(_finding(axis, values))
    return found


def _finding(axis: Axis, values: int) -> Finding:
    severity = "stop" if axis.span < HALF_DECADE or values < 3 else "care"
    # what is no amount, such as a number of replicas, may have no more values to take
    severity = severity if quantity_of(axis.name) else "note"
    low, high = axis.natural(float(axis.values.min())), axis.natural(float(axis.values.max()))
    ratio = high / low
    if axis.span < ONE_DECADE:
        seen = (
            f"{axis.name} varies {factor(ratio)} times only ({count(low)} to {count(high)}, "
            f"{axis.span:.1f} decades)"
        )
    else:
        seen = f"{axis.name} takes {values} values only ({count(low)} to {count(high)})"
    return Finding(
        CODE,
        severity,
        seen,
        "over so short a range a power law is nearly a straight line: floor and exponent are not "
        "told apart, and what lies beyond depends on how they are split",
        f"add runs until {axis.name} covers two decades, at five values or more",
    )


def trigger(seed: int) -> Case:
    """Sizes within a factor of four."""
    rng = np.random.default_rng(seed)
    n, d = np.meshgrid(np.geomspace(5e8, 2e9, 6), np.geomspace(1e9, 1e12, 8))
    n, d, seeds = synthetic.repeated(n.ravel(), d.ravel())
    runs = synthetic.table(
        {"N": n, "D": d, "loss": synthetic.shaken(synthetic.loss(n, d), rng)}, {"seed": seeds}
    )
    return synthetic.case(runs, objective="ls-log")


def control(seed: int) -> Case:
    """Three decades of either."""
    return synthetic.healthy(seed)
