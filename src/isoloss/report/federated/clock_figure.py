"""Where the time goes: shares of the wall clock by K, and the whole of it against K."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from isoloss.federated.network.stragglers import straggler_factor
from isoloss.federated.network.timing import WORDS
from isoloss.federated.plan.result import FederatedPlan
from isoloss.federated.provenance import ARITHMETIC, letters
from isoloss.report import draw
from isoloss.report.errors.looks import OLIVE, TEAL, VIOLET
from isoloss.report.errors.part import Drawn
from isoloss.report.federated.asked import Asked
from isoloss.report.federated.looks import clients_axis, diamond
from isoloss.report.federated.words import lasting, listed, sourced
from isoloss.report.model import Figure, Panel, Swatch, Table
from isoloss.report.numbers import Ticks
from isoloss.report.theme import ACCENT, DATA, LAW, MARKED, new_figure, set_axis

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

_ROW, _HEIGHT, _POINTS = 40, 320, 33
_WAITING = "waiting"
_NAMES = {**WORDS, _WAITING: "waiting for stragglers"}
_COLOURS = {
    "compute": LAW,
    _WAITING: VIOLET,
    "uplink": ACCENT,
    "downlink": TEAL,
    "server": MARKED,
    "inner_network": TEAL,
    "outer_network": ACCENT,
    "latency": DATA,
    "memory": OLIVE,
}
_DURATIONS = [
    *((s, f"{s:g} s") for s in (0.01, 0.1, 1, 10)),
    *((60 * m, f"{m} min") for m in (1, 10)),
    *((3600 * h, f"{h} h") for h in (1, 10)),
    *((86400 * 10**k, f"{10**k:,} d") for k in range(8)),
]


def clock_figure(asked: Asked) -> Drawn | None:
    """Stacked shares, a row for every K, beside the whole; None without a network."""
    timed = [plan for plan in asked.plans if plan.timing is not None]
    if not timed:
        return None
    parts = [time_parts(asked, plan) for plan in timed]
    names = [n for n in _COLOURS if any(one.get(n, 0.0) > 0 for one in parts)]
    rows = 62 + _ROW * len(timed)
    height = max(rows, _HEIGHT) if len(timed) > 4 else _HEIGHT
    figures = {"clock-shares": _shares(timed, parts, names, height)}
    figures["clock-total"] = _total(asked, timed, height)
    return _model(timed, parts, names, height), figures


def time_parts(asked: Asked, plan: FederatedPlan) -> dict[str, float]:
    """Seconds by what takes them; of the compute, what clients wait for the slowest apart."""
    assert plan.timing is not None
    parts = dict(plan.timing.parts)
    sigma = float(plan.question["network"].get("straggler_sigma", 0.0))
    slow = straggler_factor(max(asked.setting(plan.clients).active, 1.0), sigma)
    if slow > 1:
        parts[_WAITING] = parts["compute"] * (1 - 1 / slow)
        parts["compute"] = parts["compute"] / slow
    return parts


def _shares(
    timed: list[FederatedPlan], parts: list[dict[str, float]], names: list[str], height: int
) -> PlotlyFigure:
    figure = new_figure(height, l=58, r=64, t=8, b=44)
    labels = [f"K = {plan.clients:,}" for plan in timed]
    y = [float(len(timed) - i) for i in range(len(timed))]
    totals = [sum(one.values()) for one in parts]
    for name in names:
        share = [100 * one.get(name, 0.0) / t for one, t in zip(parts, totals, strict=True)]
        figure.add_bar(
            x=draw.rounded(share),
            y=y,
            orientation="h",
            width=0.62,
            marker={"color": _COLOURS[name], "line": {"width": 1, "color": "rgba(0,0,0,0)"}},
            text=[
                f"<b>{row}</b><br>{_NAMES[name]}<br>{lasting(one.get(name, 0.0))}, {s:.1f} %"
                for row, one, s in zip(labels, parts, share, strict=True)
            ],
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
        )
    figure.update_layout(barmode="stack")
    # a row or two alone would be bars as thick as the picture
    air = 0.4 + max(0.0, (3 - len(timed)) / 2)
    set_axis(
        figure, "y", "", Ticks(tuple(y), tuple(labels)), (0.8 - air, len(timed) + 0.2 + air), False
    )
    figure.update_yaxes(showgrid=False)
    marks = (0.0, 25.0, 50.0, 75.0, 100.0)
    set_axis(
        figure, "x", "share of the time, %", Ticks(marks, ("0", "", "50", "", "100")), (0, 100),
        False,
    )  # fmt: skip
    for place, total in zip(y, totals, strict=True):
        figure.add_annotation(
            x=100,
            y=place,
            text=lasting(total),
            showarrow=False,
            xanchor="left",
            xshift=6,
            font={"size": 12},
        )
    return figure


def _total(asked: Asked, timed: list[FederatedPlan], height: int) -> PlotlyFigure:
    figure = new_figure(height, l=54, r=16, t=8, b=44)
    clients_axis(figure, asked.most)
    k = np.unique(np.geomspace(1, asked.most, _POINTS).round().astype(int)).tolist()
    seconds = np.array([_seconds(asked, one) for one in k])
    points = [plan.timing.wall_clock_s for plan in timed if plan.timing]
    known = np.concatenate([seconds[np.isfinite(seconds)], points])
    span = draw.padded(known, True, 0.08)
    set_axis(figure, "y", "wall clock", duration_ticks(*span), span, True)
    draw.add_curve(
        figure,
        k,
        seconds,
        np.ones(len(k), dtype=bool),
        LAW,
        [
            f"K = {one:,}<br>{lasting(s) if math.isfinite(s) else ''}"
            for one, s in zip(k, seconds.tolist(), strict=True)
        ],
    )
    figure.add_scatter(
        x=[plan.clients for plan in timed],
        y=draw.rounded(points),
        mode="markers",
        marker=diamond(LAW, 11),
        text=[
            f"<b>K = {p.clients:,}</b><br>{lasting(t)}" for p, t in zip(timed, points, strict=True)
        ],
        hovertemplate="%{text}<extra>plan</extra>",
    )
    return figure


def _seconds(asked: Asked, clients: int) -> float:
    found = asked.timing(clients, asked.ask(clients).point("n_params"))
    return found.wall_clock_s if found else math.nan


def duration_ticks(low: float, high: float, most: int = 6) -> Ticks:
    """Seconds, minutes, hours and days that lie between."""
    found = [(float(s), text) for s, text in _DURATIONS if low <= s <= high]
    if not found:
        middle = math.sqrt(low * high)
        return Ticks((middle,), (lasting(middle),))
    found = found[:: math.ceil(len(found) / most)]
    return Ticks(tuple(s for s, _ in found), tuple(text for _, text in found))


def _model(
    timed: list[FederatedPlan],
    parts: list[dict[str, float]],
    names: list[str],
    height: int,
) -> Figure:
    columns = ("K", "wall clock", "a round", "rounds", *(_NAMES[n] for n in names), "binds", "from")
    rows = tuple(_row(plan, one, names) for plan, one in zip(timed, parts, strict=True))
    waits = _WAITING in names
    shows = (
        "First: shares of the wall clock, with the whole of it at the right end. Second: wall "
        f"clock against K on log axes, at ρ = {timed[0].rho.value:.3g} and the size that the law "
        "then chooses; diamonds are the plans. "
        + (
            "Of the time in which clients compute, what the mean client waits for the slowest is "
            "shown apart. "
            if waits
            else ""
        )
        + "It is arithmetic on the bandwidths that were stated, and as right as they are."
    )
    return Figure(
        "clock",
        "Where the time goes",
        (Panel("clock-shares", height), Panel("clock-total", height)),
        sourced(shows, *(plan.provenance["wall_clock_s"] for plan in timed), (ARITHMETIC,)),
        _conclusion(timed, parts),
        "Shares of the wall clock: "
        + "; ".join(
            f"K = {p.clients}: " + ", ".join(f"{_NAMES[n]} {v}" for n, v in _shared(one))
            for p, one in zip(timed, parts, strict=True)
        ),
        Table(
            columns,
            rows,
            tuple(range(1, len(columns) - 2)),
            "Time by number of clients; in what binds, waiting for stragglers counts as compute.",
        ),
        tuple(Swatch(_COLOURS[n], _NAMES[n]) for n in names),
    )


def _row(plan: FederatedPlan, parts: Mapping[str, float], names: list[str]) -> tuple[str, ...]:
    assert plan.timing is not None
    return (
        f"{plan.clients:,}",
        lasting(plan.timing.wall_clock_s),
        lasting(plan.timing.round_s),
        f"{plan.timing.rounds:.4g}",
        *(lasting(parts.get(n, 0.0)) for n in names),
        WORDS[plan.binds],
        letters(plan.provenance["wall_clock_s"]),
    )


def _shared(parts: Mapping[str, float]) -> list[tuple[str, str]]:
    """Parts of half a percent and more, the longest first."""
    total = sum(parts.values())
    ordered = sorted(parts.items(), key=lambda item: -item[1])
    return [(n, f"{100 * v / total:.0f} %") for n, v in ordered if v > 0.005 * total]


def _conclusion(timed: list[FederatedPlan], parts: list[dict[str, float]]) -> str:
    plan, one = timed[-1], parts[-1]
    assert plan.timing is not None
    shares = _shared(one)
    words = listed([f"{_NAMES[n]} ({share})" for n, share in shares[:3]])
    memory = "; the clients' memory holds the size down" if plan.binds == "memory" else ""
    among = "On one machine" if plan.clients == 1 else f"Among {plan.clients:,} clients"
    verb = "most of it goes to" if len(shares) > 1 else "all of it is"
    return f"{among} training takes {lasting(plan.timing.wall_clock_s)}; {verb} {words}{memory}."
