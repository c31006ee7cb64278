"""What the figures of a study share: colours of verdicts, sizes as an axis, safe labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from isoloss.report import draw
from isoloss.report.errors.words import Between, clipped
from isoloss.report.model import Swatch
from isoloss.report.numbers import Ticks, ticks
from isoloss.report.theme import ACCENT, DATA, LAW, MARKED, ramp, set_axis

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TEAL, VIOLET, MAGENTA, OLIVE = "#2f8577", "#7f66c4", "#b0528f", "#6f8428"
# neighbours in a stack differ in hue for every kind of colour vision
MODES = (LAW, ACCENT, TEAL, MARKED, VIOLET, OLIVE, MAGENTA)
REST = DATA
COLOURS = {
    "improves": TEAL,
    "better": TEAL,
    "worsens": MARKED,
    "worse": MARKED,
    "flat": LAW,
    "same within margin": LAW,
    "cannot tell": DATA,
}
_SYMBOLS = {TEAL: "triangle-up", MARKED: "triangle-down", LAW: "square", DATA: "circle-open"}
_MARKS = {TEAL: "▲", MARKED: "▼", LAW: "■", DATA: "○"}
# pixels of an axis on a phone, of one in a small panel, and of a letter
_WIDE, _NARROW, _LETTER = 240, 185, 7
# more sizes than these have no legend entry each
_SWATCHES = 8


def plotted(text: str | None, most: int = 28) -> str:
    """Text from a log for a figure: on one line, cut, and read as text, not as markup."""
    return escape(" ".join(clipped(text, most).split()), quote=False)


def symbol(verdict: str) -> tuple[str, str]:
    """Colour and shape of a verdict."""
    colour = COLOURS.get(verdict, DATA)
    return colour, _SYMBOLS[colour]


def verdict_legend(words: Sequence[str]) -> tuple[Swatch, ...]:
    """Every verdict that occurs."""
    return tuple(
        Swatch(COLOURS[word], word, _MARKS[COLOURS[word]]) for word in COLOURS if word in set(words)
    )


def verdict_marker(colour: str, shape: str, size: float) -> dict[str, Any]:
    """A marker of a verdict; open shapes have a line of their own colour."""
    line = {"width": 1.6, "color": colour}
    return {"color": colour, "symbol": shape, "size": size, "line": line}


def shades(count: int) -> list[str]:
    """A colour for every size, from the smallest (ochre) to the largest (violet)."""
    return [ramp(i / max(count - 1, 1)) for i in range(count)]


def size_legend(texts: Sequence[str]) -> tuple[Swatch, ...]:
    """The colours of sizes; of many, a few from the smallest to the largest."""
    places = list(range(len(texts)))
    if len(texts) > _SWATCHES:
        places = [round(i * (len(texts) - 1) / 4) for i in range(5)]
    colours = shades(len(texts))
    return tuple(Swatch(colours[i], texts[i]) for i in places)


def sizes_axis(
    figure: Figure, params: Sequence[float], texts: Sequence[str], *, few: bool = False
) -> tuple[float, float]:
    """Parameters as a logarithmic axis with a tick at every size that there is room for.

    Args:
        figure: to change.
        params: of every model.
        texts: what stands at each.
        few: the picture is small.

    Returns:
        The axis' range.
    """
    span = draw.padded(params, True, 0.1)
    width = math.log(span[1] / span[0])
    longest = max(min(len(text), 14) for text in texts)
    least = (_LETTER * longest + 6) / (_NARROW if few else _WIDE)
    values = [float(value) for value in params]
    # the ends first, then whatever keeps its distance from all that stand there
    order = [0, len(values) - 1, *range(1, len(values) - 1)]
    kept: list[int] = []
    for i in order:
        if all(abs(math.log(values[i] / values[j])) >= least * width for j in kept):
            kept.append(i)
    kept.sort()
    marks = Ticks(tuple(values[i] for i in kept), tuple(plotted(texts[i], 14) for i in kept))
    set_axis(figure, "x", "parameters", marks, span, True)
    figure.update_xaxes(tickangle=0)
    return span


def steps_axis(figure: Figure, axis: str, texts: Sequence[str], *, most: int, letters: int) -> None:
    """Names one beside the other at 0, 1, ..., not all of them where there are many.

    Args:
        figure: to change.
        axis: `x` or `y`.
        texts: the names.
        most: about as many as there is room for.
        letters: of each that are shown.
    """
    stride = -(-len(texts) // most)
    kept = range(0, len(texts), stride)
    marks = Ticks(tuple(float(i) for i in kept), tuple(plotted(texts[i], letters) for i in kept))
    set_axis(figure, axis, "", marks, (-0.6, len(texts) - 0.4), False)
    getattr(figure, f"update_{axis}axes")(showgrid=False, tickangle=0)


def value_axis(
    figure: Figure,
    title: str,
    values: Any,
    *,
    axis: str = "y",
    limits: tuple[float, float] = (-math.inf, math.inf),
    least: float = 0.0,
    most: int = 6,
) -> tuple[float, float]:
    """A linear axis round values.

    Args:
        figure: to change.
        title: of the axis.
        values: whatever is drawn; NaN does not count.
        axis: `x` or `y`.
        limits: beyond which there is nothing.
        least: the axis spans at least this much.
        most: about how many ticks.
    """
    known = np.asarray(values, dtype=float).ravel()
    known = known[np.isfinite(known)]
    known = known if len(known) else np.array([0.0, 1.0])
    low, high = draw.padded(known, False, 0.08)
    missing = least - (high - low)
    if missing > 0:
        low, high = low - missing / 2, high + missing / 2
    # a little air, so that a mark on the limit is whole
    air = 0.03 * (high - low)
    span = max(low, limits[0] - air), min(high, limits[1] + air)
    inside = max(span[0], limits[0]), min(span[1], limits[1])
    set_axis(figure, axis, title, ticks("", *inside, log=False, most=most), span, False)
    return span


def whiskers(found: Sequence[Between], colour: str, scale: float = 1.0) -> dict[str, Any]:
    """Intervals as error bars; none where there is none."""
    value = np.array([one.value for one in found]) * scale
    low = value - np.array([one.low for one in found]) * scale
    high = np.array([one.high for one in found]) * scale - value
    return {
        "type": "data",
        "symmetric": False,
        "array": draw.rounded(np.maximum(high, 0.0)),
        "arrayminus": draw.rounded(np.maximum(low, 0.0)),
        "color": colour,
        "thickness": 1.5,
        "width": 0,
    }


def add_values(
    figure: Figure,
    x: Sequence[float],
    found: Sequence[Between],
    texts: Sequence[str],
    *,
    colour: str = LAW,
    scale: float = 1.0,
    line: str = "solid",
) -> None:
    """Values with intervals against sizes."""
    figure.add_scatter(
        x=draw.rounded(x),
        y=draw.rounded([one.value * scale for one in found]),
        mode="lines+markers" if line else "markers",
        line={"color": colour, "width": 1.5, "dash": line or "solid"},
        marker={"color": colour, "size": 8},
        error_y=whiskers(found, colour, scale),
        text=list(texts),
        hovertemplate="%{text}<extra></extra>",
    )
