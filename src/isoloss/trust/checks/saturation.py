"""Nothing is left to see above the noise: the curve has levelled off, or never moved.

Where ten times the scale changes the result by less than one run differs from the next, the runs no
longer say which way the curve goes. An exponent that is fitted to the earlier part is then carried
on by faith, and a ranking of large runs is a ranking of their noise.
"""

from __future__ import annotations

import numpy as np

from isoloss.fit import Fit
from isoloss.runs.names import quantity_of
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.design import Axis, axes
from isoloss.trust.checks.leftover import exact, noise
from isoloss.trust.checks.words import count, percent
from isoloss.trust.finding import Finding

CODE = "saturated"

# the last decade moves the target by less than the standard deviation of one run
LAST = 1.0
# all of the range moves it by less than two: the runs show nothing of this input
WHOLE = 2.0


def check(case: Case) -> list[Finding]:
    """Compare what every input still changes with the noise of a run."""
    fit = case.fit
    if exact(fit):
        return []
    found, sd = [], noise(fit)
    for axis in axes(fit):
        if not axis.log or quantity_of(axis.name) is None or axis.span < 0.5:
            continue
        top = float(axis.values.max())
        last = abs(_change(fit, axis, max(top - 1.0, float(axis.values.min())), top)) / sd
        whole = abs(_change(fit, axis, float(axis.values.min()), top)) / sd
        if last < LAST or whole < WHOLE:
            found.append(_finding(fit, axis, last, whole, sd))
    return found


def _change(fit: Fit, axis: Axis, low: float, high: float) -> float:
    """How far the law moves between two places on an axis, the other inputs at their medians."""
    columns = {
        v.name: np.array([axis.natural(low), axis.natural(high)])
        if v.name == axis.name
        else np.full(2, float(np.median(fit.runs.columns[v.name])))
        for v in fit.law.variables
    }
    value = fit.objective.transform(fit.at(**columns)[0])
    return float(value[1] - value[0])


def _finding(fit: Fit, axis: Axis, last: float, whole: float, sd: float) -> Finding:
    unit = percent(sd) if fit.objective.is_log else f"{sd:.2g}"
    top = axis.natural(float(axis.values.max()))
    if whole < WHOLE:
        seen = (
            f"over all of its {axis.span:.1f} decades {axis.name} changes {fit.law.target} by "
            f"{whole:.1g} times the noise of a run ({unit})"
        )
    else:
        seen = (
            f"the last decade of {axis.name}, up to {count(top)}, changes {fit.law.target} by "
            f"{last:.1g} times the noise of a run ({unit}); the whole range by {whole:.2g} times"
        )
    return Finding(
        CODE,
        "stop" if whole < WHOLE else "care",
        seen,
        f"the large runs do not say whether {fit.law.target} still moves with {axis.name}, so the "
        "exponent there is carried over from the small ones",
        "repeat the large runs to bring the noise down, use a harder or finer measure, or leave "
        f"{axis.name} out of the law",
    )


def trigger(seed: int) -> Case:
    """An easy task: the error is at its floor from 30M parameters on."""
    rng = np.random.default_rng(seed)
    n = synthetic.line(40)
    truth = 0.2 + 0.4 * (1e7 / n) ** 1.5
    runs = synthetic.table({"N": n, "loss": synthetic.shaken(truth, rng, 0.01)})
    return synthetic.case(runs, "power_floor")


def control(seed: int) -> Case:
    """The same noise on a curve that still falls."""
    rng = np.random.default_rng(seed)
    n = synthetic.line(40)
    truth = 0.2 + 0.4 * (1e7 / n) ** 0.5
    runs = synthetic.table({"N": n, "loss": synthetic.shaken(truth, rng, 0.01)})
    return synthetic.case(runs, "power_floor")
