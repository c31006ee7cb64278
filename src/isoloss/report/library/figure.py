"""The figure of a family as SVG: panels side by side, every line named at its end."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from isoloss.law.families import Family
from isoloss.report import svg
from isoloss.report.library.catalogue import Catalogue
from isoloss.report.library.curves import BEYOND, FITTED, TYPICAL, UNKNOWN, Curve, Panel, panels
from isoloss.report.library.labels import LETTER, Box, labels
from isoloss.report.numbers import ticks

_WIDTH = 880
_HEIGHT = 330
_ROW = 300
_CUT = 10.0
_NOTHING = 1e6
_STYLE = (
    svg.STYLE
    + """.end { font-size: 11.5px; } .note { font-size: 11.5px; } .lead { stroke-opacity: .45; }
"""
)
_DASH = {"beyond": 'stroke-dasharray="6 4"', UNKNOWN: 'stroke-dasharray="2 3.5"', TYPICAL: ""}
_LEGEND = {
    FITTED: ("fitted range", ""),
    "beyond": (f"beyond it, up to {BEYOND:g} times", _DASH["beyond"]),
    UNKNOWN: ("fitted range not known", _DASH[UNKNOWN]),
    TYPICAL: ("form at typical values", 'stroke-opacity=".55"'),
}


def family_svg(family: Family, library: Catalogue) -> str:
    """The figure of a family; empty where nothing of it can be drawn."""
    drawn = panels(family, library)
    if not drawn:
        return ""
    boxes, height = _layout(drawn)
    parts: list[str] = []
    for k, (panel, box) in enumerate(zip(drawn, boxes, strict=True)):
        parts += _panel(panel, box, f"{family.id}-{k}")
    parts += _legend(drawn, height - 12)
    return svg.document(_WIDTH, height, words(family, drawn), parts, _STYLE)


def words(family: Family, drawn: list[Panel]) -> str:
    """What the figure shows, for who does not see it."""
    shown = (
        f"{panel.title} against {panel.x_words} ({', '.join(dict.fromkeys(panel.laws))})"
        for panel in drawn
    )
    return f"{family.title}: {'; '.join(shown)}"


def _layout(drawn: list[Panel]) -> tuple[list[Box], int]:
    """A box for every panel: one across, two beside each other, the rest in further rows."""
    rows = {1: [1], 2: [2], 3: [1, 2], 4: [2, 2]}[len(drawn)]
    tall = _HEIGHT if len(rows) == 1 else _ROW
    boxes: list[Box] = []
    for row, count in enumerate(rows):
        width = _WIDTH / count
        for column in range(count):
            longest = max(len(c.label) for c in drawn[len(boxes)].curves)
            right = (column + 1) * width - (longest * LETTER + 26 if longest else 30)
            top = row * tall
            boxes.append(Box(column * width + 58, top + 52, right, top + tall - 46))
    return boxes, len(rows) * tall + 30


def _panel(panel: Panel, box: Box, name: str) -> list[str]:
    x_span = _x_span(panel)
    y_span = _y_span(panel, x_span)
    scale = {True: svg.log_scale, False: svg.linear_scale}
    x = scale[panel.x_log](*x_span, box.left, box.right)
    y = scale[panel.y_log](*y_span, box.bottom, box.top)
    parts = [svg.text(box.left - 44, box.top - 30, panel.title, more='class="title"')]
    if panel.note:
        parts.append(svg.text(box.left - 44, box.top - 13, panel.note, more='class="note"'))
    parts += _axes(panel, box, x_span, y_span, x, y)
    parts.append(
        f'<clipPath id="{name}"><rect x="{box.left:.1f}" y="{box.top:.1f}" '
        f'width="{box.right - box.left:.1f}" height="{box.bottom - box.top:.1f}"/></clipPath>'
    )
    parts.append(f'<g clip-path="url(#{name})">')
    for curve in panel.curves:
        parts += _line(curve, x, y)
    parts.append("</g>")
    return [*parts, *labels(panel, box, x, y, (x_span, y_span))]


def _x_span(panel: Panel) -> tuple[float, float]:
    """From the lowest to the highest; a law that reaches far beyond the others is cut."""
    seen = [curve.x[_visible(panel, curve)] for curve in panel.curves]
    lows = sorted(float(x[0]) for x in seen)
    highs = sorted(float(x[-1]) for x in seen)
    if not panel.x_log:
        return lows[0], highs[-1]
    middle = len(lows) // 2
    return max(lows[0], lows[middle] / _CUT), min(highs[-1], highs[middle] * _CUT)


def _visible(panel: Panel, curve: Curve) -> np.ndarray:
    """Where a curve has a value; what has fallen by many decades is nothing."""
    good = np.isfinite(curve.y)
    return good & (curve.y > curve.y[good].max() / _NOTHING) if panel.y_log else good


def _y_span(panel: Panel, x_span: tuple[float, float]) -> tuple[float, float]:
    """The fitted parts, and of the rest as much as leaves those readable."""
    firm, every = [], []
    for curve in panel.curves:
        good = _visible(panel, curve) & (curve.x >= x_span[0]) & (curve.x <= x_span[1])
        y = np.log(curve.y[good]) if panel.y_log else curve.y[good]
        every.append(y)
        firm.append(y[curve.inside[good]])
    known, rest = np.concatenate(firm), np.concatenate(every)
    low, high = float(known.min()), float(known.max())
    size = high - low or abs(high) * 0.1 or 1.0
    low = max(float(rest.min()), low - 0.5 * size)
    high = min(float(rest.max()), high + 0.5 * size)
    low, high = low - 0.04 * size, high + 0.04 * size
    return (float(np.exp(low)), float(np.exp(high))) if panel.y_log else (low, high)


def _axes(
    panel: Panel,
    box: Box,
    x_span: tuple[float, float],
    y_span: tuple[float, float],
    x: svg.Scale,
    y: svg.Scale,
) -> list[str]:
    parts = []
    most = max(2, int((box.right - box.left) / 50))
    marks = ticks(panel.x_kind, *x_span, log=panel.x_log, most=most)
    for value, label in zip(marks.values, marks.texts, strict=True):
        place = float(x(np.array(value)))
        parts.append(f'<path class="grid" d="M{place:.1f} {box.top:.1f}V{box.bottom:.1f}"/>')
        parts.append(svg.text(place, box.bottom + 17, label, "middle"))
    marks = ticks(panel.y_kind, *y_span, log=panel.y_log, most=6)
    for value, label in zip(marks.values, marks.texts, strict=True):
        place = float(y(np.array(value)))
        parts.append(f'<path class="grid" d="M{box.left:.1f} {place:.1f}H{box.right:.1f}"/>')
        parts.append(svg.text(box.left - 8, place + 4, label, "end"))
    middle = (box.left + box.right) / 2
    return [*parts, svg.text(middle, box.bottom + 36, panel.x_words, "middle")]


def _line(curve: Curve, x: svg.Scale, y: svg.Scale) -> list[str]:
    """A curve, in another stroke beyond its range."""
    good = np.isfinite(curve.y)
    inside = curve.inside
    changes = np.flatnonzero(np.diff(inside.astype(int))) + 1
    parts = []
    for start, stop in pairwise([0, *changes.tolist(), len(inside)]):
        # the piece beyond begins where the one inside ends
        first = start if inside[start] else max(start - 1, 0)
        last = stop if inside[start] else min(stop + 1, len(inside))
        piece = np.zeros(len(inside), bool)
        piece[first:last] = True
        piece &= good
        style = _stroke(curve, bool(inside[start]))
        parts.append(svg.line(curve.x[piece], curve.y[piece], x, y, curve.colour, style))
    return parts


def _stroke(curve: Curve, inside: bool) -> str:
    if curve.kind == FITTED:
        return "" if inside else _DASH["beyond"]
    return _DASH[UNKNOWN] if curve.kind == UNKNOWN else _LEGEND[TYPICAL][1]


def _legend(drawn: list[Panel], level: float) -> list[str]:
    """What the strokes mean, as far as they occur."""
    curves = [curve for panel in drawn for curve in panel.curves]
    kinds = {curve.kind for curve in curves}
    if any(curve.kind == FITTED and not curve.inside.all() for curve in curves):
        kinds.add("beyond")
    parts, place = [], 14.0
    for kind, (text, style) in _LEGEND.items():
        if kind not in kinds:
            continue
        parts.append(
            f'<path d="M{place:.1f} {level - 4:.1f}h26" stroke="#737b85" stroke-width="2" {style}/>'
        )
        parts.append(svg.text(place + 33, level, text, more='class="note"'))
        place += 33 + len(text) * 6.0 + 24
    return parts
