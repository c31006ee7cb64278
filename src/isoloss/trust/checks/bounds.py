"""A bound holds a parameter, or cuts off its draws.

A bound that is touched is not an estimate: the runs ask for a value outside, so either the bound is
wrong or the form is. Intervals of that parameter, and of what is tied to it, mean nothing then.
Floors at zero have a check of their own.
"""

from __future__ import annotations

import numpy as np

from isoloss.law import find_law
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.floor import floor_of
from isoloss.trust.checks.words import joined, percent
from isoloss.trust.finding import Finding

CODE = "at-bounds"

# more than one draw in twenty on a bound: an end of the 90 % interval is the bound itself
SHARE = 0.05


def check(case: Case) -> list[Finding]:
    """Look for parameters at bounds, at the optimum and in the draws."""
    fit = case.fit
    floor = floor_of(fit)
    at, cut = [], []
    for i, name in enumerate(fit.law.parameter_names):
        low, high = fit.problem.lower[i], fit.problem.upper[i]
        # a floor at zero is told by its own check
        if i == floor and fit.point[i] <= low:
            continue
        if fit.point[i] <= low or fit.point[i] >= high:
            at.append(f"{name} = {fit.law.natural(fit.point)[i]:.4g}")
            continue
        draws = fit.draws.good[:, i]
        share = float(np.mean((draws <= low) | (draws >= high))) if len(draws) > 1 else 0.0
        if share > SHARE and i != floor:
            cut.append(f"{name} in {percent(share)}")
    if not at and not cut:
        return []
    seen = f"a bound holds {joined(at)}" if at else ""
    if cut:
        seen += f"{'; and ' if at else ''}a bound cuts off the draws of {joined(cut)} of them"
    return [
        Finding(
            CODE,
            "care" if at else "note",
            seen,
            "the runs ask for a value outside the allowed range; the interval of this parameter "
            "ends at the bound, whatever the runs say",
            "look at the residuals, try another law, or justify other bounds",
        )
    ]


def trigger(seed: int) -> Case:
    """An exponent that is not allowed to be as large as it is."""
    law = find_law("chinchilla").with_bounds({"alpha": (0.0, 0.25)})
    return synthetic.case(synthetic.healthy_runs(seed), law, objective="ls-log")


def control(seed: int) -> Case:
    """The same runs with a bound well above the exponent."""
    law = find_law("chinchilla").with_bounds({"alpha": (0.0, 0.6)})
    return synthetic.case(synthetic.healthy_runs(seed), law)
