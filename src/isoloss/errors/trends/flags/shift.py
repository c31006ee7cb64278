"""Flag: part of the change in accuracy is following the format."""

from __future__ import annotations

import math

import numpy as np

from isoloss.errors.trends.flags.state import ALPHA, State
from isoloss.errors.trends.robust import by_cluster
from isoloss.errors.trends.slope import p_value
from isoloss.trust.finding import Finding

CODE = "format-shift"
# a format part below a point of accuracy is not worth a flag
LEAST = 0.01


def check(state: State) -> Finding | None:
    """The format part of the change from the smallest to the largest model is not zero."""
    value, capability, se, units = format_part(state)
    p = p_value(value, se, float(max(units - 1, 1)))
    if not p < ALPHA or abs(value) < LEAST:
        return None
    names = state.chosen.grid.names
    v = state.valid.mean(axis=1)
    return Finding(
        CODE,
        "care",
        f"valid answers: {', '.join(f'{n} {x:.1%}' for n, x in zip(names, v, strict=True))}; of "
        f"the change in accuracy from {names[0]} to {names[-1]} {value:+.3f} +- {1.96 * se:.3f} is "
        f"format and {capability:+.3f} is accuracy among valid answers ({state.valid.shape[1]} "
        "items)",
        "an answer that cannot be read counts as wrong: what grows is following the format",
        "compare accuracy among valid answers, or read answers more leniently",
    )


def format_part(state: State) -> tuple[float, float, float, int]:
    """Format and capability part, standard error of the format part over items, and units.

    acc = v a; the parts are (v2 - v1)(a1 + a2)/2 and (a2 - a1)(v1 + v2)/2 (Kitagawa 1955). The
    standard error is the delta method's, the two models' answers to an item being one unit.
    """
    grid = state.chosen.grid
    ends = [0, -1]
    valid, right = state.valid[ends].astype(float), grid.correct[ends].astype(float)
    n = valid.shape[1]
    v = valid.mean(axis=1)
    if (v == 0).any():
        return math.nan, math.nan, math.nan, n
    a = right.mean(axis=1) / v
    pull_v = valid - v[:, None]
    pull_a = (right - a[:, None] * valid) / v[:, None]
    moved = (pull_v[1] - pull_v[0]) * a.sum() / 2.0 + (v[1] - v[0]) * pull_a.sum(axis=0) / 2.0
    moved = by_cluster(moved[None], grid.cluster)[0]
    se = float(np.sqrt((moved**2).sum())) / n
    format_ = float((v[1] - v[0]) * a.sum() / 2.0)
    return format_, float((a[1] - a[0]) * v.sum() / 2.0), se if se > 0 else math.nan, len(moved)
