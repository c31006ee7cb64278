"""The runs follow one rule up to some scale and another one beyond it.

A new data mix, another schedule, a memory limit that changed the batch, or a real change of regime
(Caballero et al. 2022, arXiv:2210.14891) puts a kink into the curve. A smooth law averages over it,
and only the runs beyond the kink say what comes next. A kink is told from a smooth bend: everything
that smooth bends explain is taken off first (those of `trend`, to the third order in every input),
and a hinge at the best place has to explain a good part of what then remains.
"""

from __future__ import annotations

import numpy as np

from isoloss.fit import Fit
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.design import Axis, axes, scale
from isoloss.trust.checks.leftover import beside, each, exact
from isoloss.trust.checks.trend import bends
from isoloss.trust.checks.words import count
from isoloss.trust.domain import INSIDE, locate
from isoloss.trust.finding import Finding

CODE = "break"

# one false alarm in a thousand over all places that are tried, each counted as a test of its own
CHANCE = 1e-3
# a hinge that explains less than a quarter of what bends leave is one of several small faults of
# the form, of which `trend` tells
SHARE = 0.25
# a break has a rule on either side: runs, different values, and a part of the range
_RUNS, _PART, _VALUES, _RANGE = 6, 0.1, 4, 0.15
_PLACES = 25


def check(case: Case) -> list[Finding]:
    """Scan for a hinge in every input and in compute."""
    fit = case.fit
    if exact(fit):
        return []
    known = {axis.name: axis for axis in [*axes(fit), scale(fit)] if axis.log}
    smooth = bends(list(known.values())[:3]) if known else np.empty((0, 0))
    best = None
    for axis in known.values():
        found = _hinge(fit, axis, smooth, tests=_PLACES * len(known))
        if found is not None and (best is None or found[0] > best[0]):
            best = (*found, axis)
    if best is None:
        return []
    share, place, axis = best
    hinge = np.maximum(axis.values - place, 0.0)
    change = float(beside(fit, hinge[:, None])[0][0])
    beyond = int(np.sum(hinge > 0))
    outside = case.at is not None and locate(fit, case.at).status != INSIDE
    name = "compute" if axis.name == "scale" and "C" in fit.runs.columns else axis.name
    name = "N*D" if name == "scale" else name
    shown = f"{100 * change:+.2g} %" if fit.objective.is_log else f"{change:+.2g}"
    return [
        Finding(
            CODE,
            "stop" if outside else "care",
            f"the runs leave the law at {name} = {count(axis.natural(place))}: from there on "
            f"{fit.law.target} changes by {shown} a decade against the law; {beyond} of "
            f"{len(fit.runs)} runs lie beyond, and a kink there explains {100 * share:.0f} % of "
            "what smooth bends leave over",
            "a law over both sides is an average of two rules, and only the runs beyond the break "
            "say what comes next",
            "find out what changed there (data, schedule, batch, hardware); fit the runs beyond it "
            "alone, or a law with a break such as bnsl",
        )
    ]


def _hinge(fit: Fit, axis: Axis, smooth: np.ndarray, tests: int) -> tuple[float, float] | None:
    """Share explained and place of the best hinge on an axis; None where there is no break."""
    from scipy.special import fdtrc

    places = _places(axis)
    if not len(places):
        return None
    hinges = np.maximum(axis.values[:, None] - places, 0.0)
    statistic, share, spare = each(fit, hinges, smooth)
    k = int(np.argmax(share))
    if spare < _RUNS or share[k] < SHARE or fdtrc(1, spare, statistic[k]) * tests > CHANCE:
        return None
    return float(share[k]), float(places[k])


def _places(axis: Axis) -> np.ndarray:
    """Where a break could be: with enough runs, values and range on either side."""
    x = np.sort(axis.values)
    least = max(_RUNS, round(_PART * len(x)))
    values = np.unique(np.round(x, 3))
    if len(x) < 2 * least + 1 or len(values) < 2 * _VALUES:
        return np.empty(0)
    low = max(x[least], values[_VALUES - 1], x[0] + _RANGE * axis.span)
    high = min(x[-least - 1], values[-_VALUES], x[-1] - _RANGE * axis.span)
    return np.linspace(low, high, _PLACES) if high > low else np.empty(0)


def trigger(seed: int) -> Case:
    """A power of size that falls 0.12 faster beyond 300M parameters."""
    rng = np.random.default_rng(seed)
    n = synthetic.line(60)
    truth = (1.8 + 60 / n**0.25) * np.maximum(n / 3e8, 1.0) ** -0.12
    runs = synthetic.table({"N": n, "loss": synthetic.shaken(truth, rng)})
    return synthetic.case(runs, "power_floor", draws=0, objective="ls-log")


def control(seed: int) -> Case:
    """A wrong form that bends smoothly: a floor fitted without one."""
    rng = np.random.default_rng(seed)
    n = synthetic.line(60)
    runs = synthetic.table({"N": n, "loss": synthetic.shaken(1.8 + 60 / n**0.25, rng)})
    return synthetic.case(runs, "power")
