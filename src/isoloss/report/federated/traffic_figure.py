"""What travels: bytes against size for every K, a round and in total."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from isoloss.federated.plan.result import FederatedPlan
from isoloss.federated.plan.show import amount, duration
from isoloss.federated.provenance import ARITHMETIC, letters
from isoloss.report import draw
from isoloss.report.errors.looks import shades
from isoloss.report.errors.part import Drawn
from isoloss.report.federated.asked import Asked
from isoloss.report.federated.looks import diamond
from isoloss.report.federated.words import count, sourced
from isoloss.report.model import Figure, Panel, Table
from isoloss.report.numbers import Ticks, label, ticks
from isoloss.report.theme import new_figure, set_axis, spread_apart

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

_HEIGHT, _TOP, _BOTTOM = 340, 12, 44
_WIDE, _POINTS = 6.0, 25
_SAME = 1e-6


def traffic_figure(asked: Asked) -> Drawn | None:
    """Two panels over N; None where nothing is sent."""
    sending = [plan for plan in asked.plans if plan.timing and plan.timing.traffic_bytes > 0]
    if not sending:
        return None
    chosen = [plan.n_params for plan in sending]
    sizes = np.geomspace(min(chosen) / _WIDE, max(chosen) * _WIDE, _POINTS)
    rounds, totals = zip(*(_sent(asked, plan.clients, sizes) for plan in sending), strict=True)
    points = [plan.timing for plan in sending if plan.timing]
    figures = {
        "traffic-round": _panel(
            sending, sizes, rounds, [t.traffic_bytes / t.rounds for t in points], "bytes a round"
        ),
        "traffic-total": _panel(
            sending, sizes, totals, [t.traffic_bytes for t in points], "bytes in total"
        ),
    }
    return _model(asked, sending, np.array(totals)), figures


def _sent(asked: Asked, clients: int, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bytes (n,) of a round and in total when N takes all of the compute."""
    found = [asked.timing(clients, float(n)) for n in sizes]
    total = np.array([one.traffic_bytes if one else np.nan for one in found])
    rounds = np.array([one.rounds if one else np.nan for one in found])
    return total / rounds, total


def _panel(
    sending: list[FederatedPlan],
    sizes: np.ndarray,
    lines: tuple[np.ndarray, ...],
    chosen: list[float],
    title: str,
) -> PlotlyFigure:
    figure = new_figure(_HEIGHT, l=66, r=66, t=_TOP, b=_BOTTOM)
    x_span = draw.padded(sizes, True, 0.01)
    set_axis(figure, "x", label("N"), ticks("N", *x_span, log=True, most=4), x_span, True)
    low, high = draw.padded(np.concatenate(lines), True, 0.08)
    middle = np.sqrt(low * high)
    # one level needs room around it too
    span = (min(low, middle / 3), max(high, middle * 3))
    set_axis(figure, "y", title, bytes_ticks(*span), span, True)
    colours = shades(len(sending))
    for plan, line, at, colour in zip(sending, lines, chosen, colours, strict=True):
        texts = [
            f"K = {plan.clients:,}<br>N {count(n)}<br>{amount(v)}"
            for n, v in zip(sizes.tolist(), line.tolist(), strict=True)
        ]
        draw.add_curve(figure, sizes, line, np.ones(len(sizes), dtype=bool), colour, texts, 1.9)
        figure.add_scatter(
            x=draw.rounded(plan.n_params),
            y=draw.rounded(at),
            mode="markers",
            marker=diamond(colour, 11),
            text=[f"<b>K = {plan.clients:,}</b><br>N {count(plan.n_params)}<br>{amount(at)}"],
            hovertemplate="%{text}<extra>plan</extra>",
        )
    scale = (_HEIGHT - _TOP - _BOTTOM) / np.log(span[1] / span[0])
    ends = [float(np.log(line[-1]) * scale) for line in lines]
    draw.name_ends(
        figure,
        [
            (float(sizes[-1]), float(line[-1]), f"K = {plan.clients:,}", colour)
            for plan, line, colour in zip(sending, lines, colours, strict=True)
        ],
        [b - a for a, b in zip(ends, spread_apart(ends, 16), strict=True)],
        (True, True),
    )
    return figure


def bytes_ticks(low: float, high: float, most: int = 6) -> Ticks:
    """Powers of ten between, with decimal prefixes."""
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    found = [10.0**p for p in powers if low <= 10.0**p <= high]
    if len(found) < 2:
        found = [v * 10.0**p for p in powers for v in (1, 2, 5) if low <= v * 10.0**p <= high]
    found = found[:: -(-len(found) // most)]
    return Ticks(tuple(found), tuple(_rounded(value) for value in found))


def _rounded(value: float) -> str:
    # beyond petabytes a prefix is no help
    return amount(value) if value < 1e18 else f"{value:.0e} B"


def _model(asked: Asked, sending: list[FederatedPlan], totals: np.ndarray) -> Figure:
    rows = []
    for plan in sending:
        t = plan.timing
        assert t is not None
        rows.append(
            (
                f"{plan.clients:,}",
                count(plan.n_params),
                amount(t.traffic_bytes / t.rounds),
                f"{t.rounds:.4g}",
                amount(t.traffic_bytes),
                f"{t.peak_bits_per_s / 1e9:.4g} Gb/s",
                duration(t.communication_s),
                letters(plan.provenance["traffic_bytes"]),
            )
        )
    columns = ("K", "N", "a round", "rounds", "in total", "peak rate", "sending takes", "from")
    held = "compute of each client" if asked.per_client else "total compute"
    shows = (
        f"Bytes between clients against parameters, all of the {held} spent, a line for every K; "
        "diamonds are the plans. First: one round, all clients together. Second: the whole "
        "training."
    )
    return Figure(
        "traffic",
        "What travels",
        (Panel("traffic-round", _HEIGHT), Panel("traffic-total", _HEIGHT)),
        sourced(shows, *(plan.provenance["traffic_bytes"] for plan in sending), (ARITHMETIC,)),
        _conclusion(sending, totals),
        "Bytes in total: " + "; ".join(f"K = {row[0]}: {row[4]}, {row[2]} a round" for row in rows),
        Table(
            columns, tuple(rows), tuple(range(len(columns) - 1)), "Traffic by number of clients."
        ),
    )


def _conclusion(sending: list[FederatedPlan], totals: np.ndarray) -> str:
    plan = sending[-1]
    assert plan.timing is not None
    lead = (
        f"{plan.clients:,} clients send {amount(plan.timing.traffic_bytes)} in total, "
        f"{amount(plan.timing.traffic_bytes / plan.timing.rounds)} a round"
    )
    known = totals[np.isfinite(totals).all(axis=1)]
    level = len(known) and np.all(np.ptp(known, axis=1) <= _SAME * known.max(axis=1))
    if level:
        return (
            f"{lead}; at fixed compute the total is the same whatever the size, since a larger "
            "model sends more in each of fewer rounds."
        )
    return f"{lead}."
