"""Loss against size for every number of clients at the same compute, with the optima joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from isoloss.federated.plan.show import number
from isoloss.federated.rho import DILOCO, RANGE, Rho
from isoloss.report import draw
from isoloss.report.errors.looks import shades
from isoloss.report.errors.part import Drawn
from isoloss.report.federated.asked import Asked
from isoloss.report.federated.looks import diamond
from isoloss.report.federated.words import count, listed, loss, sourced
from isoloss.report.model import Figure, Panel, Table
from isoloss.report.numbers import label, ticks
from isoloss.report.theme import INK, new_figure, set_axis, spread_apart

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

_HEIGHT, _TOP, _BOTTOM = 440, 12, 44
_WIDE, _POINTS, _MOST = 9.0, 61, 7


@dataclass(frozen=True, eq=False)
class Curve:
    """Loss over N among K clients, all of the compute spent.

    Attributes:
        clients: K.
        loss: (n,) at the figure's sizes.
        inside: (n,) whether runs support it.
        best: N with the lowest loss.
        lowest: that loss.
    """

    clients: int
    loss: np.ndarray
    inside: np.ndarray
    best: float
    lowest: float


def losses_figure(asked: Asked) -> Drawn:
    """One panel at the plans' rho; where none was chosen, one at DiLoCo's beside it."""
    own = asked.plans[0].rho
    readings: list[Rho | None] = [None if asked.fitted else own]
    if own.name == RANGE.name:
        readings.append(DILOCO)
    wanted = shown_clients(asked)
    best = [
        asked.ask(k, rho, free=True).point("n_params") for rho in readings for k in (1, wanted[-1])
    ]
    sizes = np.geomspace(min(best) / _WIDE, max(best) * _WIDE, _POINTS)
    panels = [tuple(_curve(asked, k, sizes, rho) for k in wanted) for rho in readings]
    every = np.concatenate([curve.loss for panel in panels for curve in panel])
    span = draw.padded(every, True, 0.04)
    figures = {}
    for i, (rho, curves) in enumerate(zip(readings, panels, strict=True)):
        name = f"losses-{i}"
        figures[name] = _panel(asked, rho, curves, sizes, span)
    return _model(asked, readings, panels, list(figures)), figures


def shown_clients(asked: Asked) -> list[int]:
    """One machine and the asked K; of many, some evenly chosen and both ends."""
    wanted = sorted({1, *(plan.clients for plan in asked.plans)})
    if len(wanted) <= _MOST:
        return wanted
    return [wanted[i] for i in np.linspace(0, len(wanted) - 1, _MOST).round().astype(int)]


def _curve(asked: Asked, k: int, sizes: np.ndarray, rho: Rho | None) -> Curve:
    law = asked.law.point() if rho is None else asked.law.point().with_rho(rho)
    tokens = asked.tokens(k, sizes)
    values = law.loss(np.log(sizes), np.log(tokens), asked.setting(k))[0]
    found = asked.ask(k, rho, free=True)
    return Curve(
        k, values, asked.inside(k, sizes, rho), found.point("n_params"), found.point("loss")
    )


def _panel(
    asked: Asked,
    rho: Rho | None,
    curves: tuple[Curve, ...],
    sizes: np.ndarray,
    y_span: tuple[float, float],
) -> PlotlyFigure:
    figure = new_figure(_HEIGHT, l=50, r=66, t=_TOP, b=_BOTTOM)
    x_span = draw.padded(sizes, True, 0.01)
    set_axis(figure, "x", label("N"), ticks("N", *x_span, log=True, most=4), x_span, True)
    name = asked.target
    set_axis(figure, "y", label(name), ticks(name, *y_span, log=True), y_span, True)
    colours = shades(len(curves))
    for curve, colour in zip(curves, colours, strict=True):
        texts = [
            f"K = {curve.clients:,}<br>N {count(n)}<br>loss {loss(v, 5)}"
            for n, v in zip(sizes.tolist(), curve.loss.tolist(), strict=True)
        ]
        draw.add_curve(figure, sizes, curve.loss, curve.inside, colour, texts, 2.1)
    _path(figure, asked, rho, curves[-1].clients)
    for curve, colour in zip(curves, colours, strict=True):
        figure.add_scatter(
            x=draw.rounded(curve.best),
            y=draw.rounded(curve.lowest),
            mode="markers",
            marker=diamond(colour, 11),
            text=[
                f"<b>K = {curve.clients:,}</b><br>best N {count(curve.best)}<br>"
                f"loss {loss(curve.lowest, 5)}"
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    scale = (_HEIGHT - _TOP - _BOTTOM) / np.log(y_span[1] / y_span[0])
    ends = [float(np.log(c.loss[-1]) * scale) for c in curves]
    moved = spread_apart(ends, 16)
    draw.name_ends(
        figure,
        [
            (float(sizes[-1]), float(c.loss[-1]), f"K = {c.clients:,}", colour)
            for c, colour in zip(curves, colours, strict=True)
        ],
        [b - a for a, b in zip(ends, moved, strict=True)],
        (True, True),
    )
    return figure


def _path(figure: PlotlyFigure, asked: Asked, rho: Rho | None, most: int) -> None:
    """The optima of every K between, joined."""
    k = np.unique(np.geomspace(1, most, 25).round().astype(int)).tolist()
    found = [asked.ask(one, rho, free=True) for one in k]
    figure.add_scatter(
        x=draw.rounded([one.point("n_params") for one in found]),
        y=draw.rounded([one.point("loss") for one in found]),
        mode="lines",
        line={"color": INK, "width": 1.4, "dash": "dash"},
        hoverinfo="skip",
    )


def _model(
    asked: Asked,
    readings: list[Rho | None],
    panels: list[tuple[Curve, ...]],
    names: list[str],
) -> Figure:
    chosen = [rho or asked.plans[0].rho for rho in readings]
    rows = tuple(
        (
            f"ρ = {rho.value:.3g}",
            f"{c.clients:,}",
            count(c.best),
            number(c.lowest),
            count(float(asked.tokens(c.clients, np.array(c.best)))),
            f"{100 * np.mean(~c.inside):.0f} %",
        )
        for rho, curves in zip(chosen, panels, strict=True)
        for c in curves
    )
    tags = [asked.law.provenance, *(rho.provenance for rho in chosen)]
    held = "compute of each client" if asked.per_client else "total compute"
    sides = (
        f" First: ρ = {chosen[0].value:.3g}, the reconstruction; second: ρ = "
        f"{chosen[1].value:.3g}, as in DiLoCo's tables."
        if len(chosen) > 1
        else f" At ρ = {chosen[0].value:.3g}."
    )
    shows = (
        f"Loss against parameters at the same {held}, from the law {asked.law.name}; tokens follow "
        f"from compute and size. Diamonds: the best size of every K; dashed: their path.{sides} "
        f"{_beyond(chosen, panels)}"
    )
    return Figure(
        "losses",
        "Loss against size",
        tuple(Panel(name, _HEIGHT) for name in names),
        sourced(shows, *tags),
        _conclusion(chosen, panels),
        "Curves of loss against parameters, the lowest points at "
        + ", ".join(f"{count(c.best)} for K = {c.clients}" for c in panels[0]),
        Table(
            ("ρ", "K", "best N", "loss there", "tokens, all clients", "extrapolated"),
            rows,
            (1, 2, 3, 4, 5),
            "Lowest points, and the share of each curve that no runs support.",
        ),
    )


def _beyond(chosen: list[Rho], panels: list[tuple[Curve, ...]]) -> str:
    parts = []
    for rho, curves in zip(chosen, panels, strict=True):
        whole = [f"{c.clients:,}" for c in curves if not c.inside.any()]
        where = f" at ρ = {rho.value:.3g}" if len(chosen) > 1 else ""
        if whole:
            parts.append(f"all of K = {listed(whole)}{where}")
        some = [f"{c.clients:,}" for c in curves if c.inside.any() and not c.inside.all()]
        if some:
            parts.append(f"parts of K = {listed(some)}{where}")
    if not parts:
        return "Runs support every curve throughout."
    return f"Dotted, and an extrapolation beyond the runs of the law or of ρ: {'; '.join(parts)}."


def _conclusion(chosen: list[Rho], panels: list[tuple[Curve, ...]]) -> str:
    first, last = panels[0][0], panels[0][-1]
    if first.clients == last.clients:
        return (
            f"One machine does best at {count(first.best)} parameters, loss {loss(first.lowest)}."
        )
    lead = (
        f"From 1 to {last.clients:,} clients the lowest point moves from {count(first.best)} "
        f"parameters at loss {loss(first.lowest)} to {count(last.best)} at {loss(last.lowest)}"
    )
    if len(panels) > 1:
        other = panels[1][-1]
        lead += (
            f" with ρ = {chosen[0].value:.3g}, and only to {count(other.best)} at "
            f"{loss(other.lowest)} with ρ = {chosen[1].value:.3g}"
        )
    return f"{lead}."
