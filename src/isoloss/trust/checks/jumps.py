"""Accuracy jumps where a continuous measure moves smoothly.

An answer that has to be right in every token turns a slow gain a token into a sudden one; so does
any yes-or-no score of a graded thing (Schaeffer et al. 2023, arXiv:2304.15004). The jump is then a
property of the score. A law of the score has to guess where it comes; a law of the continuous
measure does not.
"""

from __future__ import annotations

import numpy as np

from isoloss.runs.names import quantity_of
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.design import scale
from isoloss.trust.checks.words import count, percent
from isoloss.trust.finding import Finding

CODE = "accuracy-jump"

# a straight line in log scale makes the middle 80 % of its way over 80 % of the range
SUDDEN, GRADUAL = 0.3, 0.45
# a score that hardly moves cannot jump
_LEAST_CHANGE = 0.1
_LEAST_RUNS, _LEAST_DECADES = 10, 1.0


def check(case: Case) -> list[Finding]:
    """Compare how suddenly the score and a continuous measure beside it change."""
    fit = case.fit
    kind = quantity_of(fit.law.target)
    axis = scale(fit)
    if kind is None or kind.name not in ("accuracy", "error"):
        return []
    if len(fit.runs) < _LEAST_RUNS or not axis.log or axis.span < _LEAST_DECADES:
        return []
    y = fit.runs.columns[fit.law.target]
    share, start, end = _middle(axis.values, y)
    if share > SUDDEN or np.ptp(y) < _LEAST_CHANGE:
        return []
    seen = (
        f"{fit.law.target} makes the middle 80 % of its way within {percent(share)} of the range "
        f"of scale ({count(axis.natural(start))} to {count(axis.natural(end))})"
    )
    smooth = _continuous(case, axis.values)
    if smooth is None:
        return [_cannot_tell(seen)]
    name, other = smooth
    if other < max(GRADUAL, 1.5 * share):
        return []
    return [
        Finding(
            CODE,
            "care",
            f"{seen}, {name} over {percent(other)}",
            "the jump belongs to the way of scoring; a law of the score fits where it came in "
            "these runs and foretells nothing about the next one",
            f"fit {name}, and link {fit.law.target} to it in a second step, as accuracy_from_loss "
            "does; or score by the log-probability of the right answer",
        )
    ]


def _middle(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Share of the range within which the middle 80 % of the change happens, and from where to
    where; of running medians of five that only go one way."""
    order = np.argsort(x, kind="stable")
    u, v = x[order], y[order]
    padded = np.pad(v, 2, mode="edge")
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)
    rising = smooth[-len(v) // 4 :].mean() >= smooth[: len(v) // 4].mean()
    # half of the running maximum and half of the running minimum from the other side
    way = smooth if rising else -smooth
    way = 0.5 * (np.maximum.accumulate(way) + np.minimum.accumulate(way[::-1])[::-1])
    low, high = float(way[0]), float(way[-1])
    if high <= low:
        return 1.0, float(u[0]), float(u[-1])
    start = float(u[np.searchsorted(way, low + 0.1 * (high - low))])
    end = float(u[min(np.searchsorted(way, low + 0.9 * (high - low)), len(u) - 1)])
    return (end - start) / float(u[-1] - u[0]), start, end


def _continuous(case: Case, x: np.ndarray) -> tuple[str, float] | None:
    """A loss beside the score, and over how much of the range it changes."""
    for runs in (case.fit.runs, case.runs):
        for name, values in runs.columns.items():
            kind = quantity_of(name)
            if kind is not None and kind.name == "loss" and len(values) == len(x):
                return name, _middle(x, values)[0]
    return None


def _cannot_tell(seen: str) -> Finding:
    return Finding(
        CODE,
        "note",
        f"{seen}; the runs have no continuous measure beside it, so whether the jump belongs to "
        "the models or to the way of scoring cannot be told",
        "a jump of the score alone is no change of regime",
        "map the loss, or the log-probability of the right answer, beside the score",
    )


def trigger(seed: int) -> Case:
    """Thirty tokens that all have to be right; the loss of a token falls as a power of size."""
    rng = np.random.default_rng(seed)
    n = synthetic.line(40)
    loss = synthetic.shaken((3e7 / n) ** 0.55, rng, 0.02)
    y = np.clip(np.exp(-30 * loss) + 0.004 * rng.standard_normal(len(n)), 0.0, 1.0)
    runs = synthetic.table({"N": n, "loss": loss, "accuracy": y}, target="accuracy")
    return synthetic.case(runs, "sigmoid(N)", objective="ls")


def control(seed: int) -> Case:
    """A score of single tokens, which moves as slowly as its loss."""
    rng = np.random.default_rng(seed)
    n = synthetic.line(40)
    score = 0.1 + 0.8 / (1 + (3e8 / n) ** 0.9)
    loss = synthetic.shaken(-np.log(score), rng, 0.02)
    y = np.clip(score + 0.004 * rng.standard_normal(len(n)), 0.0, 1.0)
    runs = synthetic.table({"N": n, "loss": loss, "accuracy": y}, target="accuracy")
    return synthetic.case(runs, "sigmoid(N)", objective="ls")
