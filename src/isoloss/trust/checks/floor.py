"""The floor of the law is zero, negative or held by a bound; or a law that has none goes far out.

The floor is the loss that no scale removes: for text it is the entropy of the text, and not zero.
A floor that ends at zero says that the runs show no levelling off yet, not that there is none:
every prediction beyond them is then the most optimistic one. A law without a floor, such as a pure
power law, makes the same statement by its form. The floor also drifts with the range: Porian et al.
2024 (arXiv:2406.19146) find 2.01, then 1.78 and 1.68 with one and two larger budgets.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from isoloss.fit import Fit
from isoloss.fit.newton import CONVERGED, solve
from isoloss.runs.names import quantity_of
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.words import count, percent
from isoloss.trust.domain import INSIDE, locate
from isoloss.trust.finding import Finding

CODE = "floor"

# less than a hundredth of the lowest measured value is no floor that anything shows
NOTHING = 0.01
# one draw in twenty at zero: the lower end of a 90 % interval is zero
SHARE = 0.05
# floors that are tried where the law has none, as shares of the lowest measured value
_STEPS = 60
_TRIED = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])


def check(case: Case) -> list[Finding]:
    """Look at the floor of the law; where it has none, at what one would change."""
    fit = case.fit
    place = floor_of(fit)
    return _without(case) if place is None else _with(case, place)


def floor_of(fit: Fit) -> int | None:
    """The parameter that is added to everything else: its derivative is one at every run."""
    with np.errstate(all="ignore"):
        _, *first = fit.problem.functions.jacobian(fit.point[None, :], list(fit.problem.inputs))
    natural = fit.law.natural(fit.point)
    for i, (parameter, entry) in enumerate(zip(fit.law.parameters, first, strict=True)):
        slope = np.ravel(entry)
        unit = natural[i] if parameter.log else 1.0
        if np.all(slope == slope[0]) and np.isclose(slope[0], unit, rtol=1e-12, atol=0.0):
            return i
    return None


def _with(case: Case, i: int) -> list[Finding]:
    fit = case.fit
    name, value = fit.law.parameter_names[i], float(fit.law.natural(fit.point)[i])
    lowest = float(np.min(fit.runs.columns[fit.law.target]))
    # for a target that may be negative, such as a score, zero is no special level
    if lowest <= 0:
        return []
    held = fit.point[i] >= fit.problem.upper[i]
    draws = fit.samples[:, i]
    zero = float(np.mean(draws <= NOTHING * lowest)) if len(draws) > 1 else 0.0
    if value > NOTHING * lowest and zero < SHARE and not held:
        return []
    outside = case.at is not None and locate(fit, case.at).status != INSIDE
    if held:
        seen = f"{name} = {value:.4g} is held by its upper bound"
    elif value > NOTHING * lowest:
        seen = (
            f"{name} is {value:.3g}, and at zero in {percent(zero)} of the draws: the runs do not "
            "show whether there is a floor"
        )
    else:
        seen = (
            f"{name} is {value:.3g}, against {lowest:.3g} in the lowest run: the runs show no "
            "levelling off"
        )
    return [
        Finding(
            CODE,
            "stop" if value < 0 and outside else "care",
            seen,
            f"{fit.law.target} has a floor, so the true law must bend somewhere beyond the runs; "
            "exponents are too small and predictions beyond the runs too low",
            "give the floor from elsewhere by its bounds, add larger runs, or predict no farther "
            "than the runs reach",
        )
    ]


def _without(case: Case) -> list[Finding]:
    """A law that falls to zero, asked about a point beyond its runs."""
    fit = case.fit
    if case.at is None or fit.law.target != "loss" or not _goes_to_zero(fit):
        return []
    if locate(fit, case.at).status == INSIDE:
        return []
    value = float(fit.at(**{k: np.array([v]) for k, v in case.at.items()})[0, 0])
    other = _with_floor(fit, case.at)
    beside = ""
    if other is not None:
        floor, there, gain = other
        better = "fits better" if gain > 0 else f"fits {percent(-gain)} worse"
        beside = (
            f"; with a floor of {floor:.3g} added, which {better}, it says {there:.4g} instead of "
            f"{value:.4g}"
        )
    where = ", ".join(f"{name} = {count(v)}" for name, v in case.at.items())
    return [
        Finding(
            CODE,
            "care",
            f"'{fit.law.id}' has no floor and is asked about {where}, beyond the runs{beside}",
            "a law that falls to zero is the most optimistic one beyond its runs",
            "fit a law with a floor beside it and take the difference as part of the uncertainty",
        )
    ]


def _goes_to_zero(fit: Fit) -> bool:
    """Whether the law is far below its lowest run when every amount is 1e30 times the largest."""
    columns = {
        v.name: float(fit.runs.columns[v.name].max()) * (1e30 if quantity_of(v.name) else 1.0)
        for v in fit.law.variables
    }
    value = float(fit.at(**{k: np.array([v]) for k, v in columns.items()})[0, 0])
    return bool(np.isfinite(value) and value < 0.1 * fit.runs.columns[fit.law.target].min())


def _with_floor(fit: Fit, at) -> tuple[float, float, float] | None:
    """The best of some floors: the floor, its prediction, and by what share it fits better."""
    if not fit.objective.is_log:
        return None
    y = fit.runs.columns[fit.law.target]
    floors = _TRIED * float(y.min())
    problem = replace(fit.problem, target=np.log(y[None, :] - floors[:, None]))
    # residuals of the part above the floor, weighed back to residuals of the whole
    weights = fit.weights * ((y[None, :] - floors[:, None]) / y)
    start = np.repeat(fit.point[None, :], len(floors), axis=0)
    solution = solve(problem, start, weights, max_steps=_STEPS)
    inner = {name: fit.runs.columns[name] for name in fit.law.variable_names}
    whole = np.log(floors[:, None] + fit.at(theta=solution.theta, **inner)) - np.log(y)
    value = (fit.weights * fit.objective.rho(whole)).sum(axis=1)
    value = np.where(np.isfinite(value) & (solution.status == CONVERGED), value, np.inf)
    best = int(np.argmin(value))
    if not np.isfinite(value[best]):
        return None
    theta = solution.theta[best][None, :]
    there = floors[best] + float(fit.at(theta=theta, **{k: [v] for k, v in at.items()})[0, 0])
    return float(floors[best]), there, 1.0 - float(value[best]) / max(fit.objective_value, 1e-300)


def trigger(seed: int) -> Case:
    """A straight line in the logarithm of size, fitted with a floor that the runs do not have."""
    rng = np.random.default_rng(seed)
    n = synthetic.line(40)
    runs = synthetic.table({"N": n, "loss": synthetic.shaken(9 - 0.6 * np.log10(n), rng)})
    return synthetic.case(runs, "power_floor", objective="ls-log")


def control(seed: int) -> Case:
    """A floor of 1.8 nats/token that three decades of runs show."""
    return synthetic.healthy(seed)
