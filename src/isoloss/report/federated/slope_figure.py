"""The best size of runs against the number of clients, its slope, and a law's beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from isoloss.federated.fit import FederatedFit
from isoloss.federated.setting import Setting
from isoloss.federated.source import federated_law
from isoloss.report import draw
from isoloss.report.errors.looks import VIOLET, plotted, shades
from isoloss.report.errors.part import Drawn
from isoloss.report.federated.contrast import Contrast, contrast
from isoloss.report.federated.looks import arrow, clients_axis, diamond, interval_bars, write
from isoloss.report.federated.seen import Seen, Slice
from isoloss.report.federated.words import count, sentence, signed, sourced, span
from isoloss.report.model import Figure, Panel, Swatch, Table
from isoloss.report.numbers import ticks
from isoloss.report.theme import ACCENT, LAW, new_figure, set_axis

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

_HEIGHT, _POINTS = 430, 25


def slope_figure(seen: Seen, law: Any = None, fit: FederatedFit | None = None) -> Drawn | None:
    """N_opt over K; None where no size was found at two numbers of clients.

    Args:
        seen: the runs.
        law: whose reconstruction stands beside them, as in `plan_federated`.
        fit: of the same runs, whose own best sizes are drawn too.
    """
    known = [one for one in seen.slices if np.isfinite(one.best.value)]
    if len({one.clients for one in known}) < 2:
        return None
    least, most = min(o.clients for o in known), max(o.clients for o in known)
    k = np.unique(np.append(np.geomspace(least, most, _POINTS).round(), most)).astype(int)
    beside = contrast(seen, law, k)
    figure = new_figure(_HEIGHT, l=60, r=18, t=14)
    clients_axis(figure, most, least=least)
    colours = dict(zip(seen.groups, _colours(len(seen.groups)), strict=True))
    fitted = _fitted(seen, fit, k)
    _axis(figure, seen, known, beside, k, list(fitted.values()))
    if beside is not None:
        _beside(figure, seen, beside)
    for group, colour in colours.items():
        _line(figure, seen, group, k, colour)
        if group in fitted:
            figure.add_scatter(
                x=k.tolist(), y=draw.rounded(fitted[group]), mode="lines", hoverinfo="skip",
                line={"color": ACCENT, "width": 1.7, "dash": "dashdot"},
            )  # fmt: skip
    for one in known:
        _point(figure, one, colours[one.group])
    return _model(seen, known, beside, colours, bool(fitted)), {"slope": figure}


def _colours(groups: int) -> list[str]:
    return [LAW] if groups == 1 else shades(groups)


def tied(seen: Seen, beside: Contrast) -> float:
    """N at which the law starts: the fitted line at the least K, or the first best size."""
    group = seen.groups[0]
    at = float(seen.line(group, beside.clients[:1])[0][0])
    first = next(o.best.value for o in seen.of(group) if np.isfinite(o.best.value))
    return at if np.isfinite(at) else first


def _axis(
    figure: PlotlyFigure,
    seen: Seen,
    known: list[Slice],
    beside: Contrast | None,
    k: np.ndarray,
    fitted: list[np.ndarray],
) -> None:
    values = [np.array([o.best.value, o.best.low, o.best.high]) for o in known]
    values += [np.concatenate(seen.line(group, k)) for group in seen.groups]
    values += fitted
    if beside is not None:
        values += [tied(seen, beside) * beside.full, tied(seen, beside) * beside.ideal]
    every = np.concatenate(values)
    low, high = draw.padded(every[np.isfinite(every)], True, 0.08)
    y_span = (low / 1.06, high)
    set_axis(figure, "y", "best size, parameters N", ticks("N", *y_span, log=True), y_span, True)


def _beside(figure: PlotlyFigure, seen: Seen, beside: Contrast) -> None:
    start = tied(seen, beside)
    full, ideal = start * beside.full, start * beside.ideal
    draw.add_band(
        figure, beside.clients, np.minimum(full, ideal), np.maximum(full, ideal), VIOLET, 0.1
    )
    figure.add_scatter(
        x=beside.clients.tolist(),
        y=draw.rounded(full),
        mode="lines",
        line={"color": VIOLET, "width": 1.7, "dash": "dash"},
        hoverinfo="skip",
    )
    above = full[-1] > ideal[-1]
    write(figure, 1.0 * beside.clients[-1], float(ideal[-1]), "ρ = 0", VIOLET, above=not above)


def _line(figure: PlotlyFigure, seen: Seen, group: str, k: np.ndarray, colour: str) -> None:
    """The fitted line with its band; nothing where no slope may be quoted."""
    at, low, high = seen.line(group, k)
    if not np.isfinite(at).all():
        return
    draw.add_band(figure, k, low, high, colour, 0.22)
    figure.add_scatter(
        x=k.tolist(),
        y=draw.rounded(at),
        mode="lines",
        line={"color": colour, "width": 2.2},
        hoverinfo="skip",
    )


def _point(figure: PlotlyFigure, one: Slice, colour: str) -> None:
    value = one.best.value
    figure.add_scatter(
        x=[one.clients],
        y=draw.rounded(value),
        mode="markers",
        marker=diamond(colour, 11, hollow=bool(one.doubt)),
        error_y=interval_bars(value, one.best.low, one.best.high, colour, 2.0),
        text=[f"<b>K = {one.clients:,}</b><br>best N {count(value, 4)}{_more(one)}"],
        hovertemplate="%{text}<extra></extra>",
    )
    if one.side:
        arrow(figure, one.clients, value, colour, (0, one.side))


def _more(one: Slice) -> str:
    return f"<br>{plotted(one.doubt, 90)}" if one.doubt else ""


def _fitted(seen: Seen, fit: FederatedFit | None, k: np.ndarray) -> dict[str, np.ndarray]:
    """Best sizes of the fitted law itself, by group; none where it has terms beside K."""
    if fit is None or fit.terms or seen.compute is None or len(seen.groups) != 1:
        return {}
    law = federated_law(fit).point()
    best = [law.optimum(seen.compute, Setting(int(one))).n[0] for one in k]
    return {seen.groups[0]: np.array(best)} if np.isfinite(best).all() else {}


def _model(
    seen: Seen,
    known: list[Slice],
    beside: Contrast | None,
    colours: dict[str, str],
    fitted: bool,
) -> Figure:
    several = len(seen.groups) > 1
    level = f"{100 * seen.level:g} %"
    rows = tuple(
        (
            *((one.group,) if several else ()),
            f"{one.clients:,}",
            {1: "at least ", -1: "at most "}.get(one.side, "") + count(one.best.value, 4),
            "" if one.side else span(one.best.low, one.best.high),
            one.doubt,
        )
        for one in known
    )
    columns = (*(("group",) if several else ()), "K", "N_opt", level, "doubt")
    whiskers = (
        f"Diamonds: best sizes of the runs with {level} intervals. "
        if any(np.isfinite(one.best.low) for one in known)
        else "Diamonds: best sizes of the runs; too few seeds for intervals of each. "
    )
    tags = [seen.provenance, beside.provenance] if beside else [seen.provenance]
    shows = (
        f"Best size against the number of clients at the same {seen.held}, both axes logarithmic. "
        f"{whiskers}{_line_words(seen)}{_beside_words(seen, beside)}"
        + (
            " Dash-dotted: the best sizes of the law that was fitted to these runs."
            if fitted
            else ""
        )
    )
    legend = [Swatch(c, group or "runs", "◆") for group, c in colours.items()]
    if beside:
        legend.append(Swatch(VIOLET, f"reconstruction ρ = 1 over {beside.name}", "╌"))
    if fitted:
        legend.append(Swatch(ACCENT, "the fitted law", "━"))
    return Figure(
        "slope",
        "Best size against clients in runs",
        (Panel("slope", _HEIGHT),),
        sourced(shows, *tags),
        _conclusion(seen),
        "Best sizes: " + ", ".join(f"K = {o.clients}: {count(o.best.value)}" for o in known),
        Table(columns, rows, tuple(range(int(several), len(columns) - 1)), "Best sizes by K."),
        tuple(legend),
    )


def _line_words(seen: Seen) -> str:
    if seen.gamma is None:
        return (
            f"No line is drawn: {seen.bound}. Hollow marks are bounds or doubtful, and arrows say "
            "on which side the best size lies."
        )
    shared = " with one slope for all groups" if len(seen.groups) > 1 else ""
    return (
        f"Line: least squares{shared}; its band turns it between the ends of the slope's interval."
    )


def _beside_words(seen: Seen, beside: Contrast | None) -> str:
    if beside is None:
        return ""
    whose = f" of {seen.groups[0]}" if len(seen.groups) > 1 else ""
    return (
        f" Shaded, for its slope alone and tied to the first size{whose}: the reconstruction over "
        f"{beside.name} from ρ = 0 to 1; at ρ = 1, dashed, its slope is {signed(beside.slope)}."
    )


def _conclusion(seen: Seen) -> str:
    if seen.gamma is None:
        return sentence(seen.left)
    g = seen.gamma
    return (
        f"ln N_opt changes with ln K at {signed(-g.value)} ({100 * seen.level:g} %: "
        f"{signed(-g.high)} to {signed(-g.low)}) at fixed {seen.held}: gamma = {g.value:.3f}."
    )
