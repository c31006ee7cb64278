"""Flag: one model stands off the line of its family."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from isoloss.errors.trends.flags.bias import detection
from isoloss.errors.trends.flags.state import ALPHA, State
from isoloss.errors.trends.logit import fit_lines
from isoloss.errors.trends.measure import straight
from isoloss.errors.trends.robust import robust
from isoloss.trust.finding import Finding

CODE = "odd-model"
# with three sizes every model stands equally far off
LEAST_SIZES = 4
# what it must be off by: accuracy, and d'
POINTS, SENSITIVITY = 0.03, 0.3


@dataclass(frozen=True)
class Odd:
    """The model that stands off.

    Attributes:
        place: its line.
        seen: what it has.
        expected: what the others' line has at its size.
        measure: `accuracy among valid answers`, or d'.
        p: of the misfit of all models round one line, over items.
        n: items.
    """

    place: int
    seen: float
    expected: float
    measure: str
    p: float
    n: int


def find(state: State) -> Odd | None:
    """The model farthest off the line, if the misfit is beyond the draw of items and matters."""
    if state.chosen.sizes < LEAST_SIZES:
        return None
    found = [_in_accuracy(state), *(_in_sensitivity(state, i) for i in range(len(state.binary)))]
    known = [one for one in found if one is not None]
    return min(known, key=lambda one: one.p) if known else None


def check(state: State) -> Finding | None:
    """The finding for the odd model."""
    one = find(state)
    if one is None:
        return None
    name = state.chosen.grid.names[one.place]
    return Finding(
        CODE,
        "care",
        f"{name} has {one.seen:.3f} {one.measure} on {one.n} items where the line of the other "
        f"sizes has {one.expected:.3f} (misfit p = {one.p:.2g} over items)",
        "models of one family share no single line: an interval over items understates what "
        "another model of that size would do",
        "look at what else this model differs in, and read trends with and without it",
    )


def _in_accuracy(state: State) -> Odd | None:
    grid, kept = state.chosen.grid, state.other
    if not kept.any():
        return None
    right = (grid.correct[:, kept] == 1) & state.valid[:, kept]
    trial = state.valid[:, kept]
    k, n = right.sum(axis=1).astype(float), trial.sum(axis=1)
    if (n == 0).any():
        return None
    seen = robust(fit_lines(state.chosen.size, k, n), right, grid.cluster[kept], trial)
    if not seen.p < ALPHA:
        return None
    place = int(np.nanargmax(np.abs(seen.z)))
    rest = np.arange(len(k)) != place
    line = fit_lines(state.chosen.size[rest], k[rest], n[rest])
    away = state.chosen.size[place] - state.chosen.size[rest].mean()
    expected = 1.0 / (1.0 + math.exp(-float(line.level + line.slope * away)))
    share = float(k[place] / n[place])
    if abs(share - expected) < POINTS:
        return None
    return Odd(place, share, expected, "accuracy among valid answers", seen.p, int(n[place]))


def _in_sensitivity(state: State, which: int) -> Odd | None:
    seen = detection(state.chosen, state.binary[which])
    size, value, cover = state.chosen.size, seen.sensitivity, seen.cover_sensitivity
    whole = straight(size, value, cover, units=seen.units, n=seen.n, level=0.95)
    if not whole.p_misfit < ALPHA:
        return None
    centred = size - size.mean()
    # residuals of least squares and their covariance: the hat matrix takes the line out
    design = np.stack([np.ones_like(size), centred], 1)
    out = np.eye(len(size)) - design @ np.linalg.pinv(design)
    left, spread = out @ value, np.sqrt(np.diag(out @ cover @ out.T))
    place = int(np.argmax(np.abs(left) / spread))
    rest = np.arange(len(size)) != place
    expected = float(np.polyval(np.polyfit(size[rest], value[rest], 1), size[place]))
    if abs(value[place] - expected) < SENSITIVITY:
        return None
    return Odd(place, float(value[place]), expected, "d'", whole.p_misfit, seen.n)
