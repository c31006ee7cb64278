"""What sharing costs: loss above one machine's, and the compute that makes up for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from isoloss.federated.plan.show import number
from isoloss.federated.provenance import letters
from isoloss.report import draw
from isoloss.report.errors.looks import value_axis
from isoloss.report.errors.part import Drawn
from isoloss.report.federated.asked import Asked
from isoloss.report.federated.lines import Line, crowded, doubtful, legend, lines
from isoloss.report.federated.looks import add_lines, add_plans, clients_axis, write
from isoloss.report.federated.words import listed, loss, sourced, times
from isoloss.report.model import Figure, Panel, Table
from isoloss.report.numbers import ticks, unit
from isoloss.report.theme import new_figure, set_axis

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

_HEIGHT = 340


def gap_figure(asked: Asked) -> Drawn:
    """Two panels over K."""
    found = lines(asked)
    figures = {"gap-loss": _gap(asked, found), "gap-compute": _compute(asked, found)}
    return _model(asked, found), figures


def _gap(asked: Asked, found: tuple[Line, ...]) -> PlotlyFigure:
    figure = new_figure(_HEIGHT, l=54, r=14, t=16)
    clients_axis(figure, asked.most)
    values = np.concatenate(
        [line.values["loss_gap"] for line in found] + [[p.loss_gap for p in asked.plans]]
    )
    named = unit(asked.target)
    value_axis(figure, f"loss above one machine's{f', {named}' if named else ''}", [*values, 0.0])
    add_lines(figure, found, "loss_gap", lambda v: f"{loss(v)} above one machine's")
    add_plans(figure, asked, "loss_gap", lambda v: f"{loss(v)} above one machine's")
    _name(figure, found, "loss_gap", log=False)
    return figure


def _compute(asked: Asked, found: tuple[Line, ...]) -> PlotlyFigure:
    figure = new_figure(_HEIGHT, l=46, r=14, t=16)
    clients_axis(figure, asked.most)
    values = np.concatenate(
        [line.values["compute_multiplier"] for line in found]
        + [[p.compute_multiplier for p in asked.plans], [1.0]]
    )
    span = draw.padded(values[np.isfinite(values)], True, 0.08)
    set_axis(figure, "y", "compute to catch up, times", ticks("", *span, log=True), span, True)
    add_lines(figure, found, "compute_multiplier", times)
    add_plans(figure, asked, "compute_multiplier", times)
    _name(figure, found, "compute_multiplier", log=True)
    return figure


def _name(figure: PlotlyFigure, found: tuple[Line, ...], name: str, *, log: bool) -> None:
    """Names above the right ends; they rise, so that the room above a low end is taken last."""
    for line in found[:3]:
        if crowded(found) and line.short == "DiLoCo":
            continue
        known = np.flatnonzero(np.isfinite(line.high[name]))
        if not known.size:
            continue
        # the highest line leaves no room above its end
        share = 0.66 if line.short == "ρ = 1" else 1.0
        at = int(known[int(share * (len(known) - 1))])
        y = float(line.high[name][at])
        if y > 0 or not log:
            write(figure, line.clients[at], y, line.short, line.colour, log=(True, log))


def _model(asked: Asked, found: tuple[Line, ...]) -> Figure:
    rows = []
    for plan in asked.plans:
        bands = plan.bands.get("rho") or plan.bands.get("law") or {}
        rows.append(
            (
                f"{plan.clients:,}",
                number(plan.loss),
                _span(bands.get("loss")),
                number(plan.loss_gap),
                _span(bands.get("loss_gap")),
                number(plan.compute_multiplier),
                _span(bands.get("compute_multiplier")),
                letters(plan.provenance["loss_gap"]),
            )
        )
    over = "over ρ" if asked.plans[-1].bands.get("rho") else f"{100 * asked.plans[0].level:g} %"
    columns = ("K", "loss", over, "above one machine's", over, "catch up, times", over, "from")
    held = "compute of each client" if asked.per_client else "total compute"
    shows = (
        f"First: the lowest loss among K clients less that of one machine with the same total "
        f"compute, at the {held} that was asked for. Second: how many times that compute K clients "
        "need to reach one machine's loss, on log axes, which is K to the power ρ where size is "
        f"free. Bands and marks as above. {doubtful(found)}"
    )
    return Figure(
        "gap",
        "What sharing costs",
        (Panel("gap-loss", _HEIGHT), Panel("gap-compute", _HEIGHT)),
        sourced(shows, *(line.provenance for line in found)),
        _conclusion(asked, found),
        "Loss above one machine's at "
        + "; ".join(f"K = {p.clients}: {number(p.loss_gap)}" for p in asked.plans),
        Table(
            columns,
            tuple(rows),
            tuple(range(len(columns) - 1)),
            "Loss and compute by number of clients.",
        ),
        legend(found),
    )


def _span(found: tuple[float, float] | None) -> str:
    if found is None or found[0] == found[1]:
        return ""
    return f"{number(found[0])} to {number(found[1])}"


def _conclusion(asked: Asked, found: tuple[Line, ...]) -> str:
    plan = asked.plans[-1]
    if plan.clients == 1:
        return "One machine loses nothing."
    shown = found[3:] or found[:3]
    parts = [
        f"{loss(line.at(plan.clients, 'loss_gap'))} ({line.name})"
        for line in shown
        if line.short != "ideal"
    ]
    catch = [
        times(line.at(plan.clients, "compute_multiplier"))
        for line in shown
        if line.short != "ideal"
    ]
    never = all(text == "never" for text in catch)
    made_up = (
        "no amount of compute makes up for it at this size"
        if never
        else f"{listed(catch)} the compute makes up for it"
    )
    return (
        f"Among {plan.clients:,} clients the loss ends {listed(parts)} above one machine's; "
        f"{made_up}."
    )
