"""What the figures against K share: its axis, lines with bands, plans as points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from isoloss.report import draw
from isoloss.report.errors.looks import plotted
from isoloss.report.federated.asked import Asked
from isoloss.report.federated.lines import Line
from isoloss.report.numbers import Ticks
from isoloss.report.theme import INK, LAW, faded, set_axis

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# a rim that parts a mark from what lies below it, on light paper and on dark
RIM = "#f4f2ec"
Written = Callable[[float], str]


def clients_axis(figure: Figure, most: int, *, least: int = 1) -> tuple[float, float]:
    """K on a log axis, with powers of two or of four or of eight as ticks."""
    span = draw.padded(np.array([least, most]), True, 0.03)
    doublings = np.log2(most / least)
    base = 2 if doublings <= 5 else 4 if doublings <= 10 else 16
    values = [least]
    while values[-1] * base <= most:
        values.append(values[-1] * base)
    marks = Ticks(tuple(float(v) for v in values), tuple(f"{v:,}" for v in values))
    set_axis(figure, "x", "clients K", marks, span, True)
    figure.update_xaxes(tickangle=0)
    return span


def add_lines(figure: Figure, found: Sequence[Line], name: str, written: Written) -> None:
    """The region from rho = 0 to 1, the bands within it, and every line."""
    one = found[0]
    every = np.stack([line.values[name] for line in found if line.short in ("ρ = 1", "ideal")])
    draw.add_band(figure, one.clients, every.min(axis=0), every.max(axis=0), INK, 0.11)
    for line in found:
        if line.has_band:
            draw.add_band(figure, line.clients, line.low[name], line.high[name], line.colour, 0.26)
    for line in found:
        texts = [
            f"{plotted(line.name, 40)}<br>K = {k:,}<br>{written(v)}"
            for k, v in zip(line.clients.tolist(), line.values[name].tolist(), strict=True)
        ]
        width = 2.6 if line.colour == LAW else 1.9
        draw.add_curve(
            figure, line.clients, line.values[name], line.inside, line.colour, texts, width
        )


def add_plans(figure: Figure, asked: Asked, name: str, written: Written) -> None:
    """The plans as diamonds: thin whiskers over rho's range, broad ones for the law's interval."""
    k = [plan.clients for plan in asked.plans]
    value = np.array([getattr(plan, name) for plan in asked.plans])
    for over, width in (("rho", 1.4), ("law", 5.0)):
        ends = np.array([plan.bands.get(over, {}).get(name, (np.nan,) * 2) for plan in asked.plans])
        known = np.isfinite(ends).all(axis=1) & np.isfinite(value)
        if not known.any():
            continue
        for i in np.flatnonzero(known).tolist():
            figure.add_scatter(
                x=[k[i]] * 2,
                y=draw.rounded(ends[i]),
                mode="lines",
                line={"color": faded(LAW, 0.5 if over == "law" else 0.9), "width": width},
                hoverinfo="skip",
            )
    figure.add_scatter(
        x=k,
        y=draw.rounded(value),
        mode="markers",
        marker=diamond(LAW, 11),
        text=[f"<b>K = {c:,}</b><br>{written(v)}" for c, v in zip(k, value.tolist(), strict=True)],
        hovertemplate="%{text}<extra>plan</extra>",
    )


def diamond(colour: str, size: float, *, hollow: bool = False) -> dict[str, Any]:
    """How a best point looks."""
    if hollow:
        line = {"width": 1.8, "color": colour}
        return {"symbol": "diamond-open", "size": size, "color": colour, "line": line}
    return {
        "symbol": "diamond",
        "size": size,
        "color": colour,
        "line": {"width": 1.3, "color": RIM},
    }


def write(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    colour: str,
    *,
    log: tuple[bool, bool] = (True, True),
    anchor: str = "right",
    above: bool = True,
    shift: float = 0.0,
) -> None:
    """Words just above or below a place, `shift` pixels further if wanted.

    `anchor` is the end of the words that stands there.
    """
    figure.add_annotation(
        x=float(np.log10(x)) if log[0] else x,
        y=float(np.log10(y)) if log[1] else y,
        text=plotted(text, 40),
        font={"color": colour, "size": 12},
        showarrow=False,
        xanchor=anchor,
        yanchor="bottom" if above else "top",
        yshift=2 + shift if above else -2 - shift,
    )


def interval_bars(value: Any, low: Any, high: Any, colour: str, width: float) -> dict[str, Any]:
    """Error bars from ends; none where an end is not known."""
    value, low, high = (np.atleast_1d(np.asarray(one, dtype=float)) for one in (value, low, high))
    return {
        "type": "data",
        "symmetric": False,
        "array": draw.rounded(np.maximum(np.nan_to_num(high - value), 0.0)),
        "arrayminus": draw.rounded(np.maximum(np.nan_to_num(value - low), 0.0)),
        "color": colour,
        "thickness": width,
        "width": 0,
    }


def arrow(figure: Figure, x: float, y: float, colour: str, to: tuple[int, int]) -> None:
    """An arrow from a place on log axes: the value lies further right or left, up or down."""
    figure.add_annotation(
        x=float(np.log10(x)),
        y=float(np.log10(y)),
        # the head of an annotation's arrow is at its place, so it is moved out and pulled back
        xshift=30 * to[0],
        yshift=30 * to[1],
        ax=-22 * to[0],
        ay=22 * to[1],
        text="",
        showarrow=True,
        arrowhead=2,
        arrowsize=1.1,
        arrowwidth=1.8,
        arrowcolor=colour,
    )
