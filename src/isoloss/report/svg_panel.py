"""One of the two panels of a picture for a README: its frame, its levels, a marked point."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from isoloss.report import svg
from isoloss.report.numbers import ticks
from isoloss.report.svg import Scale

WIDTH, HEIGHT = 880, 380
TOP, BOTTOM = 46, 326


def frame(
    title: str,
    name: str,
    marks: Sequence[tuple[float, str]],
    x: Scale,
    sides: tuple[int, int],
) -> list[str]:
    """A title, upright lines with their values below, and what they are.

    Args:
        title: above the panel.
        name: of the axis.
        marks: values of the axis with their texts, as `marks_of` gives them.
        x: from values to pixels.
        sides: left and right end of the panel, in pixels.
    """
    parts = [f'<text class="title" x="{sides[0]}" y="24">{escape(title)}</text>']
    for value, text in marks:
        place = float(x(np.array(value)))
        parts.append(f'<path class="grid" d="M{place:.1f} {TOP}V{BOTTOM}"/>')
        parts.append(svg.text(place, BOTTOM + 18, text, "middle"))
    return [*parts, svg.text(sum(sides) / 2, BOTTOM + 40, name, "middle")]


def levels(kind: str, span: tuple[float, float], y: Scale, sides: tuple[int, int]) -> list[str]:
    """Level lines with their values, on a log axis of a quantity such as `N` or `loss`."""
    parts = []
    for value, text in marks_of(kind, span, 6):
        place = float(y(np.array(value)))
        parts.append(f'<path class="grid" d="M{sides[0]} {place:.1f}H{sides[1]}"/>')
        parts.append(svg.text(sides[0] - 8, place + 4, text, "end"))
    return parts


def marks_of(kind: str, span: tuple[float, float], most: int = 5) -> list[tuple[float, str]]:
    """Round values of a log axis from `span[0]` to `span[1]`, at most so many, with their texts."""
    found = ticks(kind, *span, log=True, most=most)
    return list(zip(found.values, found.texts, strict=True))


def diamond(x: float, y: float, colour: str) -> str:
    """A marked point, in pixels."""
    path = f"M{x:.1f} {y - 7:.1f}l7 7l-7 7l-7 -7z"
    return f'<path d="{path}" fill="{colour}" stroke="#f4f2ec" stroke-width="1.5"/>'
