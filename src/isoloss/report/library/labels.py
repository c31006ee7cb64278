"""The names of the curves of a panel, so that none covers a line or another name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isoloss.report import svg
from isoloss.report.library.curves import Curve, Panel
from isoloss.report.theme import spread_apart

# mean width of a letter and distance of two lines of text, in pixels
LETTER = 6.4
_GAP = 14.0


@dataclass(frozen=True)
class Box:
    """Where a panel stands, in pixels; `right` is the end of its axis, labels stand beyond."""

    left: float
    top: float
    right: float
    bottom: float


def labels(
    panel: Panel,
    box: Box,
    x: svg.Scale,
    y: svg.Scale,
    within: tuple[tuple[float, float], tuple[float, float]],
) -> list[str]:
    """A name for every curve: at its end where there is room, else right of the axes."""
    lines = [_pixels(curve, x, y, within) for curve in panel.curves]
    inner = _inner(panel, box, lines)
    parts = [_name(panel.curves[k], lines[k][-1][0] + 7, lines[k][-1][1]) for k in inner]
    outer = [
        (curve, *map(float, lines[k][-1])) for k, curve in enumerate(panel.curves) if k not in inner
    ]
    if not outer or not panel.curves[0].label:
        return parts
    wanted = [min(max(b, box.top + 4), box.bottom - 4) for *_, b in outer]
    places = spread_apart(wanted, _GAP)
    # a crowd at an edge may not leave the panel
    shift = max(0.0, box.top - 2 - min(places)) - max(0.0, max(places) - box.bottom - 2)
    for (curve, a, b), place in zip(outer, places, strict=True):
        parts.append(
            f'<path class="lead" d="M{a:.1f} {b:.1f}L{box.right + 10:.1f} {place + shift:.1f}" '
            f'stroke="{curve.colour}" fill="none"/>'
        )
        parts.append(_name(curve, box.right + 14, place + shift))
    return parts


def _pixels(
    curve: Curve,
    x: svg.Scale,
    y: svg.Scale,
    within: tuple[tuple[float, float], tuple[float, float]],
) -> np.ndarray:
    """The visible points (n, 2) of a curve."""
    (left, right), (low, high) = within
    good = np.isfinite(curve.y) & (curve.y >= low) & (curve.y <= high)
    good &= (curve.x >= left * (1 - 1e-9)) & (curve.x <= right * (1 + 1e-9))
    return np.stack([x(curve.x[good]), y(curve.y[good])], axis=-1)


def _inner(panel: Panel, box: Box, lines: list[np.ndarray]) -> list[int]:
    """The curves whose name has room behind their end."""
    found: list[int] = []
    taken: list[np.ndarray] = []
    for k, curve in enumerate(panel.curves):
        (a, b), wide = lines[k][-1], len(curve.label) * LETTER
        others = [line for i, line in enumerate(lines) if i != k]
        if a + wide + 24 < box.right and _free(a, b, wide, [*others, *taken]):
            taken.append(_level(a, a + wide, b))
            found.append(k)
    # a line that leads another name to the right may not cross one
    leads = [_level(a, box.right, b) for k, (a, b) in _ends(lines) if k not in found]
    return [
        k
        for k, (a, b) in _ends(lines)
        if k in found and _free(a, b, len(panel.curves[k].label) * LETTER, leads)
    ]


def _ends(lines: list[np.ndarray]) -> list[tuple[int, tuple[float, float]]]:
    return [(k, (float(line[-1][0]), float(line[-1][1]))) for k, line in enumerate(lines)]


def _level(start: float, stop: float, height: float) -> np.ndarray:
    """Points (n, 2) of a level line."""
    return np.stack([np.linspace(start, stop, 60), np.full(60, height)], axis=-1)


def _free(a: float, b: float, wide: float, lines: list[np.ndarray]) -> bool:
    """Whether no line runs through the place of a name that begins at (a, b)."""
    for line in lines:
        near = (line[:, 0] > a - 6) & (line[:, 0] < a + wide + 16)
        if (near & (np.abs(line[:, 1] - b) < 11)).any():
            return False
    return True


def _name(curve: Curve, a: float, b: float) -> str:
    return svg.text(a, b + 4, curve.label, more=f'class="end" style="fill:{curve.colour}"')
