"""Accuracy stands at the level of guessing, or close to one.

A multiple-choice score stays at that of guessing until a model is large enough, and no loss moves
it; near one the questions run out. Runs at either end say nothing about how fast a score rises, but
they count in the fit, and flatten it.
"""

from __future__ import annotations

import numpy as np

from isoloss.runs.names import quantity_of
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.design import scale
from isoloss.trust.checks.words import percent, rows_of
from isoloss.trust.finding import Finding

CODE = "metric-limits"

# within a twentieth of the way from guessing to everything right
CLOSE = 0.05
CEILING = 0.97
# a third of the runs flattens a law visibly; with two thirds there is no curve to fit
MANY, MOST = 0.3, 0.6
# levels of guessing that are looked for where none is given: among two to five choices
_CHOICES = (2, 3, 4, 5)


def check(case: Case) -> list[Finding]:
    """Look for scores at the ends of their scale."""
    fit = case.fit
    kind = quantity_of(fit.law.target)
    if kind is None or kind.name not in ("accuracy", "error"):
        return []
    y = fit.runs.columns[fit.law.target]
    score = y if kind.name == "accuracy" else 1.0 - y
    guess, known = case.facts.guess_level, True
    if guess is None:
        guess, known = _guessing(case, score), False
    found = []
    if guess is not None:
        low = score <= guess + CLOSE * (1.0 - guess)
        if low.mean() > MANY:
            found.append(_at_guessing(case, low, guess, known))
    high = score >= CEILING
    if high.mean() > MANY:
        found.append(_at_ceiling(case, high))
    return found


def _guessing(case: Case, score: np.ndarray) -> float | None:
    """1/k where the lower third of the runs by scale lies at 1/k, without any rise."""
    order = np.argsort(scale(case.fit).values, kind="stable")
    small = score[order[: max(len(order) // 3, 4)]]
    if len(small) < 6:
        return None
    rise = abs(float(np.corrcoef(np.arange(len(small)), small)[0, 1])) if np.ptp(small) else 0.0
    for choices in _CHOICES:
        if abs(float(np.median(small)) - 1 / choices) < 0.02 and np.ptp(small) < 0.1 and rise < 0.5:
            return 1 / choices
    return None


def _at_guessing(case: Case, low: np.ndarray, guess: float, known: bool) -> Finding:
    share = float(low.mean())
    said = f"the level of guessing, {guess:.3g}"
    if not known:
        said = f"{guess:.3g}, which looks like guessing among {round(1 / guess)}"
    return Finding(
        CODE,
        "stop" if share > MOST else "care",
        f"{percent(share)} of the runs are at {said} ({rows_of(case.fit, low)})",
        "below some scale the score does not move whatever the loss does, so these runs say "
        "nothing about how fast it rises, and flatten the law",
        "fit the loss and link the score to it with a level of guessing, as accuracy_from_loss "
        "does; or keep the runs above guessing",
    )


def _at_ceiling(case: Case, high: np.ndarray) -> Finding:
    share = float(high.mean())
    return Finding(
        CODE,
        "stop" if share > MOST else "care",
        f"{percent(share)} of the runs have {CEILING:.0%} or more right "
        f"({rows_of(case.fit, high)})",
        "what is left there is wrong labels and luck; more scale cannot show",
        "use harder questions, or the loss of the right answers",
    )


def trigger(seed: int) -> Case:
    """Four choices, and half of the runs guess."""
    return _case(seed, 2e9)


def control(seed: int) -> Case:
    """An easier task: the score begins to rise near the smallest runs."""
    return _case(seed, 2e8)


def _case(seed: int, middle: float) -> Case:
    rng = np.random.default_rng(seed)
    n = synthetic.line(40)
    score = 0.25 + 0.7 / (1 + (middle / n) ** 1.2)
    y = np.clip(score + 0.006 * rng.standard_normal(len(n)), 0.01, 0.99)
    runs = synthetic.table({"N": n, "accuracy": y}, target="accuracy")
    return synthetic.case(runs, "sigmoid(N)", guess_level=0.25, objective="ls")
