"""The point asked about lies farther out than the runs can carry.

Within the runs every error of the form is checked by them; beyond, nothing does, and intervals of
the parameters take the form for granted. Intervals of one form alone held 31 % of hidden larger
runs where they said 90 %, over 51 hidden parts of 29 published ladders. How far is too far depends
on how much was seen: a law seen over three decades may be asked about one and a half more. The same
step is tried backwards: the largest runs are hidden and foretold.
"""

from __future__ import annotations

import numpy as np

from isoloss.fit import Fit
from isoloss.fit.newton import CONVERGED, solve
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.design import scale
from isoloss.trust.checks.leftover import exact, noise
from isoloss.trust.checks.words import factor
from isoloss.trust.domain import EDGE, INSIDE, locate
from isoloss.trust.finding import Finding

CODE = "outside-domain"

# of the decades that were seen
FAR = 0.5
# hidden runs that are missed by more than this many times the noise of their mean
MISSED = 3.0
# the step backwards hides at most this share of the range and of the runs
_SHARE, _MOST = 0.5, 0.4
_STEPS = 100


def check(case: Case) -> list[Finding]:
    """Measure the distance, and try the same distance on hidden runs."""
    if case.at is None:
        return []
    place = locate(case.fit, case.at)
    if place.status == INSIDE:
        return []
    far = any(d.decades > FAR * d.span for d in place.directions)
    missed, told = _backwards(case.fit, place.decades)
    severity = "stop" if (far and place.status != EDGE) else "care"
    return [
        Finding(
            CODE,
            severity,
            place.describe() + told,
            "the interval says how uncertain the parameters are if the form is right; beyond the "
            "runs nothing checks the form"
            + (", and on the hidden runs it was not right" if missed else ""),
            "bring runs within half of the decades already covered before believing this"
            if severity == "stop"
            else "train one run nearer to this point and fit again",
        )
    ]


def _backwards(fit: Fit, decades: float) -> tuple[bool, str]:
    """Whether the law misses the largest runs when they are hidden, and by how much in words."""
    axis = scale(fit)
    cut = float(axis.values.max()) - min(decades, _SHARE * axis.span)
    hidden = axis.values > cut
    if exact(fit) or hidden.sum() < 2 or hidden.mean() > _MOST:
        return False, ""
    if (~hidden).sum() < len(fit.point) + 3:
        return False, ""
    solution = solve(
        fit.problem, fit.point[None, :], (fit.weights * ~hidden)[None, :], max_steps=_STEPS
    )
    if solution.status[0] != CONVERGED:
        return False, "; without the largest runs the law cannot be fitted"
    left = -fit.problem.residuals(solution.theta)[0][hidden]
    mean = float(np.median(left))
    missed = abs(mean) > MISSED * noise(fit) / np.sqrt(hidden.sum())
    shown = f"{100 * abs(mean):.2g} %" if fit.objective.is_log else f"{abs(mean):.2g}"
    side = "too low" if mean > 0 else "too high"
    beyond = 10 ** float(axis.values.max() - axis.values[~hidden].max())
    return bool(missed), (
        f"; fitted without the {int(hidden.sum())} largest runs, which reach {factor(beyond)} "
        f"times farther, the law foretells those {shown} {side}"
        + (", more than their noise allows" if missed else ", within their noise")
    )


def trigger(seed: int) -> Case:
    """A hundred times the largest model, on as much more data."""
    return Case.of(synthetic.healthy(seed).fit, {"N": 1e12, "D": 1e14})


def control(seed: int) -> Case:
    """A point among the runs."""
    return Case.of(synthetic.healthy(seed).fit, {"N": 3e8, "D": 3e10})
