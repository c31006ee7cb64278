"""All runs lie on one line of size against data, such as the compute-optimal frontier.

If every run has about the same number of tokens for its size, a loss that falls along that line may
be due to size or to data, and the law cannot tell which. On D = k N**s the two terms of a law are
powers of one variable and can be traded against each other. Predictions along the line still hold;
how to split a budget, and anything off the line, does not. Runs off the frontier, such as iso-FLOP
sweeps, take the two apart.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.design import Axis, axes
from isoloss.trust.checks.words import estimate, factor, joined
from isoloss.trust.finding import Finding
from isoloss.trust.identifiability import identifiability

CODE = "frontier-only"

# at a given size, nine of ten runs differ by less than a factor of two in tokens: an exponent of
# 0.35 then moves its term by a fifth, where along the line it moves it several times over
THIN = float(np.log10(2.0))
# less than a quarter: the data term moves by eight percent of itself, which is below usual noise
LINE = float(np.log10(1.25))


def check(case: Case) -> list[Finding]:
    """Look for two inputs that never varied apart."""
    log = [axis for axis in axes(case.fit) if axis.log]
    found = []
    for one, two in combinations(log, 2):
        if min(one.span, two.span) < 2 * THIN:
            continue
        slope, spread, middle = _across(one, two)
        if spread < THIN:
            found.append((spread, one, two, slope, middle))
    if not found:
        return []
    spread, one, two, slope, middle = min(found, key=lambda row: row[0])
    tied = [tie for tie in identifiability(case.fit).ties if not _own(tie.first, tie.second)]
    beside = ""
    if len(case.fit.draws.good) > 2:
        exponents = [p.name for p in case.fit.law.parameters if p.name in ("alpha", "beta")]
        beside = "".join(f"; {estimate(case.fit, name)}" for name in exponents)
    beside += f"; tied: {joined(f'{t.first} and {t.second}' for t in tied[:2])}" if tied else ""
    on_line = case.at is not None and _on_line(case.at, one, two, slope, middle)
    severe = spread < LINE and not on_line
    return [
        Finding(
            CODE,
            "stop" if severe else "care",
            f"{two.name} follows {one.name}: at a given {one.name}, nine of ten runs lie within a "
            f"factor of {factor(10**spread)} in {two.name}, while {one.name} varies "
            f"{factor(10**one.span)} times ({two.name} ~ {one.name}**{slope:.2f}){beside}",
            f"what {one.name} does and what {two.name} does cannot be told apart, so the split of "
            "a budget between them is a guess; only points on that line are foretold",
            f"add runs off the line: at three or more budgets, four sizes each, with "
            f"{two.name} varied at least four times",
        )
    ]


def _across(one: Axis, two: Axis) -> tuple[float, float, float]:
    """Slope of the line, decades of `two` that nine of ten runs spread about it, and its height."""
    slope, height = np.polyfit(one.values, two.values, 1)
    off = two.values - slope * one.values - height
    low, high = np.quantile(off, [0.05, 0.95])
    return float(slope), float(high - low), float(height)


def _on_line(at, one: Axis, two: Axis, slope: float, height: float) -> bool:
    if one.name not in at or two.name not in at:
        return False
    away = np.log10(at[two.name]) - slope * np.log10(at[one.name]) - height
    return bool(abs(away) < THIN)


def _own(first: str, second: str) -> bool:
    """A scale and the exponent of the same term are tied on any runs."""
    return {first, second} in ({"A", "alpha"}, {"B", "beta"})


def trigger(seed: int) -> Case:
    """Twenty tokens a parameter, within a tenth."""
    rng = np.random.default_rng(seed)
    n = synthetic.line(48, 2e7, 2e10)
    d = 20 * n * np.exp(rng.uniform(-0.1, 0.1, len(n)))
    runs = synthetic.table(
        {"N": n, "D": d, "loss": synthetic.shaken(synthetic.loss(n, d), rng)},
    )
    return synthetic.case(runs, objective="ls-log")


def control(seed: int) -> Case:
    """Iso-FLOP sweeps: the same middle line, and sizes up to a decade to either side of it."""
    rng = np.random.default_rng(seed)
    budgets = np.repeat(np.geomspace(1e18, 1e22, 6), 9)
    n = np.sqrt(budgets / 120) * np.tile(np.geomspace(0.1, 10, 9), 6)
    n, d, seeds = synthetic.repeated(n, budgets / (6 * n))
    runs = synthetic.table(
        {"N": n, "D": d, "loss": synthetic.shaken(synthetic.loss(n, d), rng)}, {"seed": seeds}
    )
    return synthetic.case(runs)
