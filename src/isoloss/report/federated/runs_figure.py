"""Loss against size in runs, for every number of clients, with the lowest points joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from isoloss.report import draw
from isoloss.report.errors.looks import plotted, shades
from isoloss.report.errors.part import Drawn, capped
from isoloss.report.federated.looks import arrow, diamond, interval_bars
from isoloss.report.federated.seen import Seen, Slice
from isoloss.report.federated.words import clients, count, listed, loss, sourced
from isoloss.report.model import Figure, Panel, Swatch, Table
from isoloss.report.numbers import label, plain, ticks
from isoloss.report.theme import INK, SYMBOLS, faded, new_figure, set_axis

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

_HEIGHT, _SMALL = 460, 380
_MOST = 6
# root mean square of ln loss about a parabola from which it is no good description
POOR = 0.05


def runs_figure(seen: Seen) -> Drawn | None:
    """A panel for every budget and condition; None where no budget has enough sizes."""
    if not seen.slices:
        return None
    groups = seen.groups[:_MOST]
    height = _HEIGHT if len(groups) == 1 else _SMALL
    colours = dict(zip(seen.clients, shades(len(seen.clients)), strict=True))
    panels = {f"runs-{i}": group for i, group in enumerate(groups)}
    figures = {
        name: _panel(seen, group, colours, height, titled=len(groups) > 1)
        for name, group in panels.items()
    }
    return _model(seen, tuple(panels), colours, height), figures


def _panel(
    seen: Seen, group: str, colours: dict[int, str], height: int, *, titled: bool
) -> PlotlyFigure:
    figure = new_figure(height, l=56, r=18, t=34 if titled else 12)
    here = seen.of(group)
    sizes = np.concatenate([one.sizes for one in here])
    values = np.concatenate([v for one in here for v in (one.loss, one.low, one.high)])
    values = np.append(values, [one.bottom for one in here])
    x_span = draw.padded(sizes, True, 0.05)
    y_span = draw.padded(values[np.isfinite(values) & (values > 0)], True, 0.07)
    set_axis(figure, "x", label("N"), ticks("N", *x_span, log=True, most=5), x_span, True)
    unit = f", {seen.unit}" if seen.unit else ""
    set_axis(figure, "y", f"loss{unit}", ticks("", *y_span, log=True), y_span, True)
    for one in here:
        _runs(figure, one, colours[one.clients], SYMBOLS[seen.clients.index(one.clients) % 8])
    known = [one for one in here if np.isfinite(one.best.value)]
    figure.add_scatter(
        x=draw.rounded([one.best.value for one in known]),
        y=draw.rounded([one.bottom for one in known]),
        mode="lines",
        line={"color": INK, "width": 1.4, "dash": "dash"},
        hoverinfo="skip",
    )
    for one in known:
        _lowest(figure, one, colours[one.clients])
    if titled:
        figure.add_annotation(
            x=0, y=1, xref="paper", yref="paper", text=plotted(group, 48), showarrow=False,
            xanchor="left", yanchor="bottom", yshift=10, font={"size": 12.5},
        )  # fmt: skip
    return figure


def _runs(figure: PlotlyFigure, one: Slice, colour: str, symbol: str) -> None:
    whole = one.arc[0].size and np.isclose(one.arc[0][-1], one.sizes[-1])
    if not (whole and np.isclose(one.arc[0][0], one.sizes[0])):
        figure.add_scatter(
            x=draw.rounded(one.sizes),
            y=draw.rounded(one.loss),
            mode="lines",
            line={"color": faded(colour, 0.38), "width": 1.2},
            hoverinfo="skip",
        )
    if one.arc[0].size:
        figure.add_scatter(
            x=draw.rounded(one.arc[0]),
            y=draw.rounded(one.arc[1]),
            mode="lines",
            line={"color": colour, "width": 2.2},
            hoverinfo="skip",
        )
    texts = [
        f"<b>K = {one.clients:,}</b><br>N {count(n, 4)}<br>loss {loss(y)}"
        + (f"<br>rate {plain(r, 3)}{', at an end' if e else ''}" if np.isfinite(r) else "")
        for n, y, r, e in zip(
            one.sizes.tolist(),
            one.loss.tolist(),
            one.rates.tolist(),
            one.at_edge.tolist(),
            strict=True,
        )
    ]
    figure.add_scatter(
        x=draw.rounded(one.sizes),
        y=draw.rounded(one.loss),
        mode="markers",
        marker={"color": faded(colour, 0.75), "size": 7, "symbol": symbol},
        error_y=interval_bars(one.loss, one.low, one.high, colour, 1.2),
        text=texts,
        hovertemplate="%{text}<extra></extra>",
    )


def _lowest(figure: PlotlyFigure, one: Slice, colour: str) -> None:
    value = one.best.value
    figure.add_scatter(
        x=draw.rounded(value),
        y=draw.rounded(one.bottom),
        mode="markers",
        marker=diamond(colour, 12, hollow=bool(one.doubt)),
        error_x=interval_bars(value, one.best.low, one.best.high, colour, 2.0),
        text=[f"<b>K = {one.clients:,}</b><br>best N {count(value, 4)}"],
        hovertemplate="%{text}<extra></extra>",
    )
    if one.side:
        arrow(figure, value, one.bottom, colour, (one.side, 0))


def _model(seen: Seen, names: tuple[str, ...], colours: dict[int, str], height: int) -> Figure:
    several = len(seen.groups) > 1
    rows = tuple(
        (
            *((one.group,) if several else ()),
            f"{one.clients:,}",
            count(n, 4),
            loss(y) if np.isfinite(y) else "diverged",
            f"{loss(a)} to {loss(b)}" if np.isfinite(a + b) else "",
            plain(r, 3) + (" (end)" if e else "") if np.isfinite(r) else "",
        )
        for one in seen.slices
        for n, y, a, b, r, e in zip(
            one.sizes, one.loss, one.low, one.high, one.rates, one.at_edge, strict=True
        )
    )
    columns = (*(("group",) if several else ()), "K", "N", "loss", _level(seen), "rate")
    left = len(seen.groups) - len(names)
    more = f" {left} more groups are in the table alone." if left else ""
    doubtful = [one for one in seen.slices if one.doubt]
    hollow = (
        " Hollow diamonds are no best sizes but bounds or doubtful; arrows say on which side the "
        "best size lies."
        if doubtful
        else ""
    )
    bars = (
        f" with {_level(seen)} intervals from {seen.seeds} seeds"
        if seen.seeds > 1
        else ", one seed, so without intervals"
    )
    shows = (
        f"Held-out loss against parameters at the same {seen.held}, both axes logarithmic, for "
        f"K = {listed([f'{k:,}' for k in seen.clients])} clients. Points: mean loss over seeds at "
        f"the best learning rate{bars}. Curves: the parabola whose lowest point, a diamond, is "
        f"N_opt; dashed: those points joined.{hollow}{more}{_missed(seen)} Read off "
        f"as: {seen.method}. All of it lies within what was run; nothing is extrapolated."
    )
    return Figure(
        "runs",
        "Loss against size in runs",
        tuple(Panel(name, height) for name in names),
        sourced(shows, seen.provenance),
        _conclusion(seen),
        "Loss against parameters; lowest points at "
        + ", ".join(f"{count(o.best.value)} for K = {o.clients}" for o in _known(seen)),
        capped(
            Table(
                columns,
                rows,
                tuple(range(int(several), len(columns))),
                "Mean loss by K and size, at the best learning rate.",
            )
        ),
        tuple(
            Swatch(colour, f"K = {k:,}", "●■◆▲✚★⬟⬢"[i % 8])
            for i, (k, colour) in enumerate(colours.items())
        ),
    )


def _missed(seen: Seen) -> str:
    """A warning where the loss is no parabola in ln N."""
    most = max(seen.slices, key=lambda one: one.missed)
    if most.missed < POOR:
        return ""
    return (
        f" A parabola is a poor guide here: at K = {most.clients:,} it misses the points by "
        f"{100 * most.missed:.0f} % (root mean square of the logarithm), and its lowest point is "
        "off with it. Sizes nearer the lowest loss would say more."
    )


def _level(seen: Seen) -> str:
    return f"{100 * seen.level:g} %"


def _known(seen: Seen) -> list[Slice]:
    return [one for one in seen.slices if np.isfinite(one.best.value)]


def _conclusion(seen: Seen) -> str:
    here = [one for one in seen.of(seen.groups[0]) if np.isfinite(one.best.value)]
    if len(here) < 2:
        return "These runs have a best size at fewer than two numbers of clients."
    first, last = here[0], here[-1]
    where = f" ({seen.groups[0]})" if len(seen.groups) > 1 else ""
    return (
        f"The best size of {clients(first.clients)} is {_bounded(first)}, that of "
        f"{clients(last.clients)} {_bounded(last)}{where}."
    )


def _bounded(one: Slice) -> str:
    words = {1: "at least ", -1: "at most "}.get(one.side, "about " if one.doubt else "")
    return f"{words}{count(one.best.value)} parameters"
