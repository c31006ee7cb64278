"""Learning rate, batch and the like were tuned at one scale and used at all of them.

What is best at 10M parameters is not best at 10B, so runs far from the tuned size are worse than
they could be, and the law takes this for an effect of scale. With settings tuned at every size,
Porian et al. 2024 (arXiv:2406.19146) get 0.50 for the exponent of the best size where fixed ones
gave 0.57.
"""

from __future__ import annotations

import numpy as np

from isoloss.fit import Fit
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.leftover import added, beside, exact
from isoloss.trust.checks.words import count, factor, joined
from isoloss.trust.finding import Finding

CODE = "tuned-at-one-scale"

# beyond ten times the nearest tuned size a learning rate that follows N**-0.25 to N**-0.35, as most
# published rules do, is off by a factor of about two
FAR = 10.0
_ROUNDING = 1.001
VERY_FAR = 100.0
# a column of settings that is the same at all sizes says the same thing
_SETTINGS = ("lr", "learning_rate", "peak_lr", "rate", "batch", "batch_size", "bs")


def check(case: Case) -> list[Finding]:
    """Compare the sizes that were run with those that settings were tuned at."""
    fit = case.fit
    if "N" not in fit.runs.columns:
        return []
    sizes = fit.runs.columns["N"]
    if case.facts.tuned_sizes:
        return _tuned(case, sizes, np.sort(np.asarray(case.facts.tuned_sizes, dtype=float)))
    fixed = [
        name
        for name in _SETTINGS
        if name not in fit.law.variable_names
        and (column := case.column(name)) is not None
        and np.ptp(column) == 0
    ]
    span = float(sizes.max() / sizes.min())
    if not fixed or span <= FAR:
        return []
    return [
        _finding(
            "care",
            f"{joined(fixed)} {'is' if len(fixed) == 1 else 'are'} the same in all runs, over "
            f"sizes that differ {factor(span)} times",
        )
    ]


def _tuned(case: Case, sizes: np.ndarray, tuned: np.ndarray) -> list[Finding]:
    away = np.exp(np.min(np.abs(np.log(sizes)[:, None] - np.log(tuned)), axis=1))
    worst = int(np.argmax(away))
    at = f"settings were tuned at {joined(count(v) for v in tuned[:4])} parameters"
    at += f" and {len(tuned) - 4} more" if len(tuned) > 4 else ""
    asked = (case.at or {}).get("N")
    beyond = float(np.exp(np.min(np.abs(np.log(asked) - np.log(tuned))))) if asked else 1.0
    if max(away[worst], beyond) <= FAR * _ROUNDING:
        return []
    seen = f"{at}, and runs lie up to {factor(float(away[worst]))} times away from that"
    seen += f" (N = {count(float(sizes[worst]))})"
    if beyond > FAR * _ROUNDING:
        seen += f"; the point asked about is {factor(beyond)} times away"
    return [
        _finding(
            "stop" if len(tuned) == 1 and away[worst] > VERY_FAR else "care",
            seen + _slope(case.fit, np.log10(away)),
        )
    ]


def _slope(fit: Fit, away: np.ndarray) -> str:
    """What distance from a tuned size costs, where the runs show it."""
    if exact(fit) or np.ptp(away) == 0:
        return ""
    # near its best, what a wrong setting costs grows with the square of how wrong it is
    square = np.square(away)[:, None]
    cost = float(beside(fit, square)[0][0])
    if added(fit, square).p > 0.01 or cost <= 0:
        return ""
    shown = f"{100 * cost:.2g} %" if fit.objective.is_log else f"{cost:.2g}"
    return f"; a decade away costs about {shown} of {fit.law.target}, two decades four times that"


def _finding(severity: str, seen: str) -> Finding:
    return Finding(
        CODE,
        severity,
        seen,
        "runs far from a tuned size are worse than that size can be, which the law takes for an "
        "effect of scale; the best split moves with it",
        "tune at three sizes or more across the range, or set rate and batch by a published rule "
        "of size and data",
    )


def trigger(seed: int) -> Case:
    """Tuned at 20M parameters alone; every decade away costs one percent, squared."""
    rng = np.random.default_rng(seed)
    n, d, seeds = synthetic.repeated(*synthetic.grid())
    cost = 1 + 0.01 * np.log10(n / 2e7) ** 2
    runs = synthetic.table(
        {"N": n, "D": d, "loss": synthetic.shaken(synthetic.loss(n, d) * cost, rng)},
        {"seed": seeds},
    )
    return synthetic.case(runs, tuned_sizes=(2e7,))


def control(seed: int) -> Case:
    """Tuned at four sizes across the range."""
    return Case.of(synthetic.healthy(seed).fit, tuned_sizes=(1e7, 1e8, 1e9, 1e10))
