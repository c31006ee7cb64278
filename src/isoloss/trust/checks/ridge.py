"""Two parameters can be traded against each other over a wide range with almost the same fit.

The scale and the exponent of one term are tied on any runs, since the scale is the term's size at
N = 1, far from every run; that alone is no fault, as long as both are known well. It is a ridge
where the trade goes far: on the 245 digitised runs of Hoffmann et al. 2022, B goes from 2,000 to
70,000 with beta, and the floor E climbs along with it from 1.81 to 1.95. Rounding one of the two,
or comparing it alone with a published value, moves the law off the ridge: the printed digits of
Hoffmann's law cost 0.016 nats at 70B parameters.
"""

from __future__ import annotations

import numpy as np

from isoloss.fit import Fit
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.floor import floor_of
from isoloss.trust.finding import Finding

CODE = "tied-parameters"

# rank correlation over the draws
TIED = 0.8
# the 90 % interval of one of the two goes from x to twice x, or is half as wide as its value
WIDE = 2.0
# a factor of four either way, or a floor in the trade: the ridge reaches into predictions
VERY_WIDE = 4.0
_MOST = 3


def check(case: Case) -> list[Finding]:
    """Look for pairs of parameters that are tied and loose."""
    fit = case.fit
    theta = fit.draws.good
    if len(theta) < 20:
        return []
    names = fit.law.parameter_names
    moving = [i for i in range(len(names)) if np.std(theta[:, i]) > 0]
    if len(moving) < 2:
        return []
    reach = {i: _reach(fit, i) for i in moving}
    table = np.atleast_2d(np.corrcoef(theta[:, moving].argsort(axis=0).argsort(axis=0).T))
    pairs = []
    for a, i in enumerate(moving):
        for b in range(a + 1, len(moving)):
            j = moving[b]
            if abs(table[a, b]) >= TIED and max(reach[i], reach[j]) >= WIDE:
                pairs.append((max(reach[i], reach[j]), abs(float(table[a, b])), i, j))
    if not pairs:
        return []
    pairs.sort(reverse=True)
    floor = floor_of(fit)
    heavy = pairs[0][0] >= VERY_WIDE or any(floor in (i, j) for *_, i, j in pairs)
    return [
        Finding(
            CODE,
            "care" if heavy else "note",
            "; ".join(_ends(fit, i, j, r) for _, r, i, j in pairs[:_MOST]),
            "neither number means much alone: a small change of the runs, or rounding one of the "
            "two, moves both far",
            "compare laws by what they predict, keep all digits and the draws, and vary the input "
            "of the looser one over more decades",
        )
    ]


def _reach(fit: Fit, i: int) -> float:
    """How far the interval of a parameter goes: high over low; a floor or exponent by its width.

    A width of half its value counts like a factor of two.
    """
    found = fit.parameters[fit.law.parameter_names[i]]
    if fit.law.parameters[i].log:
        return found.high / found.low if found.low > 0 else float("inf")
    size = abs(found.value)
    return 1.0 + 2.0 * (found.high - found.low) / size if size > 0 else float("inf")


def _ends(fit: Fit, i: int, j: int, correlation: float) -> str:
    """Both ends of the ridge: medians of the draws at the low and the high end of the looser."""
    if _reach(fit, j) > _reach(fit, i):
        i, j = j, i
    one, two = fit.samples[:, i], fit.samples[:, j]
    low, high = np.quantile(one, [0.1, 0.9])
    names = fit.law.parameter_names
    ends = [
        f"{names[i]} {np.median(one[side]):.3g} with {names[j]} {np.median(two[side]):.3g}"
        for side in (one <= low, one >= high)
    ]
    return f"{ends[0]} fits nearly as well as {ends[1]} (rank correlation {correlation:.2f})"


def trigger(seed: int) -> Case:
    """Data within one decade: scale, exponent and floor choose each other."""
    rng = np.random.default_rng(seed)
    n, d = np.meshgrid(np.geomspace(1e7, 1e10, 8), np.geomspace(2e10, 2e11, 7))
    n, d, seeds = synthetic.repeated(n.ravel(), d.ravel())
    runs = synthetic.table(
        {"N": n, "D": d, "loss": synthetic.shaken(synthetic.loss(n, d), rng)}, {"seed": seeds}
    )
    return synthetic.case(runs, objective="ls-log")


def control(seed: int) -> Case:
    """Three decades of either, where scale and exponent are tied and both well known."""
    return synthetic.healthy(seed)
