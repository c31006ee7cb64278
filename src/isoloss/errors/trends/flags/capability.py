"""Flag: what is left of the change with size when format, bias and base rate are taken out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from isoloss.errors.trends.flags.bias import detection
from isoloss.errors.trends.flags.state import ALPHA, State
from isoloss.errors.trends.logit import fit_lines
from isoloss.errors.trends.measure import straight
from isoloss.errors.trends.robust import robust
from isoloss.errors.trends.slope import p_value
from isoloss.trust.finding import Finding

CODE = "capability"
# slopes below these are not worth a flag: logits, and d', for ten times the parameters
LOGITS, SENSITIVITY = 0.05, 0.05


def check(state: State, odd: int | None = None) -> Finding | None:
    """Accuracy among valid answers, or sensitivity, has a slope; `odd` is a line to leave out."""
    if not state.chosen.trend:
        return None
    if odd is not None:
        state = _without(state, odd)
        if not state.chosen.trend:
            return None
    parts = [_accuracy(state), *(_sensitivity(state, i) for i in range(len(state.binary)))]
    told = [part for part in parts if part]
    if not told:
        return None
    return Finding(
        CODE,
        "note",
        "; ".join(told),
        "this is the part of the trend that format, bias and base rate do not explain",
        "read it as size as packaged: what else changes with size stands in the confounding table",
    )


def _without(state: State, odd: int) -> State:
    chosen = state.chosen
    kept = [i for i in range(len(chosen.grid.models)) if i != odd]
    grid = chosen.grid.lines(kept)
    sizes = len({model.params for model in grid.models})
    return replace(
        state,
        chosen=replace(chosen, grid=grid, size=chosen.size[kept], sizes=sizes),
        valid=state.valid[kept],
        binary=tuple(replace(one, said=one.said[kept]) for one in state.binary),
    )


def _accuracy(state: State) -> str:
    grid, kept = state.chosen.grid, state.other
    if not kept.any():
        return ""
    trial = state.valid[:, kept]
    right = (grid.correct[:, kept] == 1) & trial
    k, n = right.sum(axis=1).astype(float), trial.sum(axis=1)
    if (n == 0).any():
        return ""
    line = fit_lines(state.chosen.size, k, n)
    seen = robust(line, right, grid.cluster[kept], trial)
    slope = float(line.slope)
    p = p_value(slope, seen.se, float(max(seen.units - 2, 1)))
    if not p < ALPHA or abs(slope) < LOGITS:
        return ""
    shares = "/".join(f"{x:.3f}" for x in k / n)
    return (
        f"accuracy among valid answers is {shares} by size on {int(np.max(n))} items: slope "
        f"{slope:+.3f} +- {1.96 * seen.se:.3f} logits per decade (p = {p:.2g})"
    )


def _sensitivity(state: State, which: int) -> str:
    binary = state.binary[which]
    seen = detection(state.chosen, binary)
    raw = straight(
        state.chosen.size,
        seen.sensitivity,
        seen.cover_sensitivity,
        units=seen.units,
        n=seen.n,
        level=0.95,
    ).raw
    p = p_value(raw.value, raw.se, raw.degrees)
    if not p < ALPHA or abs(raw.value) < SENSITIVITY:
        return ""
    values = "/".join(f"{d:.2f}" for d in seen.sensitivity)
    return (
        f"d' on {seen.n} {binary.positive}/{binary.negative} questions is {values} by size: slope "
        f"{raw.value:+.3f} ({raw.low:.3f} to {raw.high:.3f}) per decade (p = {p:.2g})"
    )
