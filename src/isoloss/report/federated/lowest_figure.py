"""The lowest loss of runs against the number of clients."""

from __future__ import annotations

import numpy as np

from isoloss.report import draw
from isoloss.report.errors.looks import shades, value_axis
from isoloss.report.errors.part import Drawn
from isoloss.report.federated.looks import clients_axis, interval_bars
from isoloss.report.federated.seen import Seen
from isoloss.report.federated.words import loss, sourced
from isoloss.report.model import Figure, Panel, Swatch, Table
from isoloss.report.theme import LAW, SYMBOLS, new_figure

_HEIGHT = 340


def lowest_figure(seen: Seen) -> Drawn | None:
    """Lowest mean loss over K with intervals; None for a single K."""
    if len(seen.clients) < 2:
        return None
    figure = new_figure(_HEIGHT, l=58, r=18, t=14)
    clients_axis(figure, seen.clients[-1], least=seen.clients[0])
    ends = [v for o in seen.slices for v in (o.lowest.value, o.lowest.low, o.lowest.high)]
    unit = f", {seen.unit}" if seen.unit else ""
    value_axis(figure, f"lowest loss{unit}", ends)
    groups = seen.groups
    colours = [LAW] if len(groups) == 1 else shades(len(groups))
    for i, (group, colour) in enumerate(zip(groups, colours, strict=True)):
        here = seen.of(group)
        value, low, high = (
            np.array([getattr(one.lowest, name) for one in here])
            for name in ("value", "low", "high")
        )
        figure.add_scatter(
            x=[one.clients for one in here],
            y=draw.rounded(value),
            mode="lines+markers",
            line={"color": colour, "width": 1.6},
            marker={"color": colour, "size": 8, "symbol": SYMBOLS[i % len(SYMBOLS)]},
            error_y=interval_bars(value, low, high, colour, 1.6),
            text=[f"<b>K = {o.clients:,}</b><br>lowest loss {loss(o.lowest.value)}" for o in here],
            hovertemplate="%{text}<extra></extra>",
        )
    return _model(seen, colours), {"lowest": figure}


def _model(seen: Seen, colours: list[str]) -> Figure:
    several = len(seen.groups) > 1
    level = f"{100 * seen.level:g} %"
    rows = tuple(
        (
            *((one.group,) if several else ()),
            f"{one.clients:,}",
            loss(one.lowest.value),
            f"{loss(one.lowest.low)} to {loss(one.lowest.high)}"
            if np.isfinite(one.lowest.low + one.lowest.high)
            else "",
        )
        for one in seen.slices
    )
    columns = (*(("group",) if several else ()), "K", "lowest loss", level)
    bars = f" with {level} intervals over seeds" if any(row[-1] for row in rows) else ""
    return Figure(
        "lowest",
        "Lowest loss against clients in runs",
        (Panel("lowest", _HEIGHT),),
        sourced(
            f"Lowest mean loss of any size, at the best learning rate, against the number of "
            f"clients{bars}, at the same {seen.held}. Seeds are redrawn for all K together, so the "
            "ratio has an interval of its own.",
            seen.provenance,
        ),
        _conclusion(seen),
        "Lowest loss: "
        + ", ".join(f"K = {o.clients}: {loss(o.lowest.value)}" for o in seen.slices),
        Table(columns, rows, tuple(range(int(several), len(columns))), "Lowest loss by K."),
        tuple(Swatch(c, g) for c, g in zip(colours, seen.groups, strict=True)) if several else (),
    )


def _conclusion(seen: Seen) -> str:
    first, last = seen.clients[0], seen.clients[-1]
    r = seen.loss_ratio
    if r is None:
        return f"Lowest loss from K = {first:,} to {last:,}."
    word = "higher" if r.low > 1 else "lower" if r.high < 1 else "not clearly another"
    return (
        f"The lowest loss at K = {last:,} is {loss(r.value)} times that at K = {first:,} "
        f"({100 * seen.level:g} %: {loss(r.low)} to {loss(r.high)}): {word}."
    )
