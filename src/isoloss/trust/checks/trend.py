"""What the law leaves over bends with scale: the form is wrong.

Noise scatters about a right law the same way everywhere. If small runs lie above the law, middle
ones below and large ones above again, the form bends less than the runs do, and beyond them it goes
its own way. A table of medians shows this to the eye; the test here adds smooth bends (second and
third order in every input, and products of inputs) to the law and asks whether they explain more
than chance would, given that the law's own parameters may still move. That the additive law of
Hoffmann et al. leaves such a bend on most published ladders does not make it useless: the severity
compares the bend with the noise that remains without it.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from isoloss.fit import Fit
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.design import Axis, axes, bins
from isoloss.trust.checks.leftover import Added, above, added
from isoloss.trust.checks.words import count, percent
from isoloss.trust.finding import Finding

CODE = "residual-trend"

# noise that falls with size makes the chance up to ten times too small: one false alarm in a
# thousand right laws then, in ten thousand otherwise
CHANCE = 1e-4
# a bend larger than the noise of a run is seen in every run; below that it is worth a note
STRONG = 1.0
_MOST_AXES = 3


def check(case: Case) -> list[Finding]:
    """Test for smooth bends in what is left over."""
    fit = case.fit
    known = axes(fit)[:_MOST_AXES]
    found = added(fit, bends(known)) if known else None
    if found is None or found.p > CHANCE:
        return []
    axis = max(known, key=lambda a: _between(a, found.effect))
    size = float(np.sqrt(np.mean(found.effect**2)))
    share = size / float(np.sqrt(found.after / len(fit.runs)))
    return [
        Finding(
            CODE,
            "care" if share >= STRONG else "note",
            f"{_words(fit, axis)}; bends explain what is left over better than chance would "
            f"(p = {found.p:.0e}), and are {share:.1f} times as large as what then remains",
            "the law bends otherwise than the runs, so it is off by more than its intervals at the "
            "ends of the range, and more beyond them",
            f"compare forms on hidden larger runs, with one that has an exponent more; look at the "
            f"residuals against {axis.name}",
        )
    ]


def bends(known: list[Axis]) -> np.ndarray:
    """Columns (n, q): Legendre polynomials of second and third order in every axis, and products.

    A straight slope is what every law takes up itself.
    """
    columns = []
    for axis in known:
        x = axis.unit
        columns += [1.5 * x**2 - 0.5, 2.5 * x**3 - 1.5 * x]
    columns += [one.unit * two.unit for one, two in combinations(known, 2)]
    return np.stack(columns, axis=1)


def _between(axis: Axis, effect: np.ndarray) -> float:
    """How much of an effect differs between shares of the runs along an axis."""
    labels = bins(axis.values)
    means = np.array([effect[labels == k].mean() for k in np.unique(labels)])
    sizes = np.array([(labels == k).sum() for k in np.unique(labels)])
    return float(np.sum(sizes * means**2))


def _words(fit: Fit, axis: Axis) -> str:
    """Medians at the low end, at the farthest point between, and at the high end."""
    labels, left = bins(axis.values), above(fit)
    shares = [labels == k for k in np.unique(labels)]
    medians = np.array([np.median(left[s]) for s in shares])
    places = [axis.natural(float(np.mean(axis.values[s]))) for s in shares]
    inner = medians[1:-1] - 0.5 * (medians[0] + medians[-1])
    middle = 1 + int(np.argmax(np.abs(inner))) if len(inner) else 0
    chosen = dict.fromkeys([0, middle, len(shares) - 1])
    told = [f"{_size(fit, float(medians[k]))} near {count(places[k])}" for k in chosen]
    return f"against {axis.name} the runs lie {', '.join(told)}"


def _size(fit: Fit, value: float) -> str:
    side = "above" if value >= 0 else "below"
    shown = percent(abs(value)) if fit.objective.is_log else f"{abs(value):.2g}"
    return f"{shown} {side} the law"


def bending(fit: Fit) -> Added:
    """The test alone, for figures and reports."""
    return added(fit, bends(axes(fit)[:_MOST_AXES]))


def trigger(seed: int) -> Case:
    """Size and data under an outer exponent of one half, fitted without one."""
    rng = np.random.default_rng(seed)
    n, d, seeds = synthetic.repeated(*synthetic.grid())
    truth = 1.7 + (synthetic.SIZE**2 / n**0.7 + 3000.0**2 / d**0.74) ** 0.5
    runs = synthetic.table({"N": n, "D": d, "loss": synthetic.shaken(truth, rng)}, {"seed": seeds})
    return synthetic.case(runs, draws=0)


def control(seed: int) -> Case:
    """The right form under noise with heavy tails (Student's t with five degrees of freedom)."""
    rng = np.random.default_rng(seed)
    n, d, seeds = synthetic.repeated(*synthetic.grid())
    shocks = synthetic.NOISE * rng.standard_t(5, len(n))
    runs = synthetic.table(
        {"N": n, "D": d, "loss": synthetic.loss(n, d) * np.exp(shocks)}, {"seed": seeds}
    )
    return synthetic.case(runs)
