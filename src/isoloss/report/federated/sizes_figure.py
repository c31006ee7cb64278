"""The best size against the number of clients, for every rho from 0 to 1."""

from __future__ import annotations

import numpy as np

from isoloss.federated.plan.show import number
from isoloss.federated.provenance import letters
from isoloss.federated.rho import DILOCO
from isoloss.report import draw
from isoloss.report.errors.part import Drawn
from isoloss.report.federated.asked import Asked
from isoloss.report.federated.lines import Line, crowded, doubtful, legend, lines
from isoloss.report.federated.looks import add_lines, add_plans, clients_axis, write
from isoloss.report.federated.words import clients, count, listed, signed, sourced, span
from isoloss.report.model import Figure, Panel, Table
from isoloss.report.numbers import scientific, ticks
from isoloss.report.theme import ACCENT, new_figure, set_axis

_HEIGHT = 430
# width of a name as a share of the axis on a phone
_LABEL = 0.42


def sizes_figure(asked: Asked) -> Drawn:
    """N over K on log axes, with the plans as points."""
    found = lines(asked, free=True)
    figure = new_figure(_HEIGHT, l=60, r=18, t=14)
    clients_axis(figure, asked.most)
    ends = [line.values["n_params"] for line in found]
    points = [plan.n_params for plan in asked.plans]
    # room below the lowest line for its name
    low, high = draw.padded(np.concatenate([*ends, points]), True, 0.1)
    y_span = (low / 1.05, high)
    set_axis(figure, "y", "best size, parameters N", ticks("N", *y_span, log=True), y_span, True)
    add_lines(figure, found, "n_params", _written)
    if np.isfinite(asked.cap) and low < asked.cap < high:
        figure.add_hline(y=asked.cap, line={"color": ACCENT, "width": 1.5, "dash": "dash"})
        write(figure, 1.15, asked.cap, "memory holds", ACCENT, anchor="left", above=False)
    add_plans(figure, asked, "n_params", _written)
    _name(figure, found, y_span)
    return _model(asked, found), {"sizes": figure}


def _written(value: float) -> str:
    return f"N {count(value)}"


def _name(figure, found: tuple[Line, ...], y_span: tuple[float, float]) -> None:
    """Names at the right ends, on the side away from the other lines."""
    for line in found[:3]:
        sizes = line.values["n_params"]
        diloco = line.short == "DiLoCo"
        # between two rising lines there is no room; the legend has its colour
        if diloco and sizes[-1] > sizes[0]:
            continue
        above = line.short == "ideal" or (diloco and crowded(found))
        edge = (line.high if above else line.low)["n_params"]
        rise = np.log(edge[-1] / edge[0]) / np.log(y_span[1] / y_span[0]) * _HEIGHT
        # above a falling line, and below a rising one, words clear what lies to the left
        shift = _LABEL * max(-rise if above else rise, 0.0)
        write(
            figure, line.clients[-1], float(edge[-1]), line.name, line.colour,
            above=above, shift=shift,
        )  # fmt: skip


def _model(asked: Asked, found: tuple[Line, ...]) -> Figure:
    last = asked.plans[-1]
    q = asked.question
    held = "for each client" if asked.per_client else "in total"
    budget = scientific(q["flops_per_client" if asked.per_client else "flops"])
    size = "size" if "size" in q or np.isfinite(asked.cap) else "best size"
    rows = []
    for plan in asked.plans:
        rows.append(
            (
                f"{plan.clients:,}",
                count(plan.n_params),
                span(*plan.bands.get("rho", {}).get("n_params", (np.nan, np.nan))),
                span(*plan.bands.get("law", {}).get("n_params", (np.nan, np.nan))),
                number(plan.ratio_to_central),
                *(count(line.at(plan.clients, "n_params")) for line in found),
                letters(plan.provenance["n_params"]),
            )
        )
    columns = (
        "K",
        size,
        "over ρ",
        f"{100 * last.level:g} % of the law",
        "over one machine's",
        *(line.name for line in found),
        "from",
    )
    level = (
        f" Broad whiskers: the law's {100 * last.level:g} % interval."
        if _wide(asked, "law")
        else ""
    )
    reach = " Thin whiskers: the range of ρ." if _wide(asked, "rho") else ""
    asked_for = listed([f"{plan.clients:,}" for plan in asked.plans])
    shows = (
        f"{size[:1].upper()}{size[1:]} against the number of clients at "
        f"{budget} FLOP {held}, both axes logarithmic. Diamonds: K = {asked_for}, as planned at "
        f"ρ = {last.rho.value:.3g}.{reach}{level} Shaded: ρ from 0 to 1; the darker band is "
        f"ρ = {DILOCO.low:g} to {DILOCO.high:g}, fitted to DiLoCo's tables of 1 to "
        f"{DILOCO.clients_to:g} replicas. {_slopes(found)} {doubtful(found)}"
    )
    return Figure(
        "sizes",
        "Best size against clients",
        (Panel("sizes", _HEIGHT),),
        sourced(shows, *(line.provenance for line in found)),
        _conclusion(asked, found),
        f"{size} at "
        + "; ".join(f"{clients(p.clients)}: {count(p.n_params)} parameters" for p in asked.plans),
        Table(
            columns,
            tuple(rows),
            tuple(range(len(columns) - 1)),
            "Sizes in parameters, by number of clients; the named columns are the law's free "
            "optimum under that reading.",
        ),
        legend(found),
    )


def _wide(asked: Asked, over: str) -> bool:
    """Whether some plan has a band of any width."""
    ends = [plan.bands.get(over, {}).get("n_params", (0.0, 0.0)) for plan in asked.plans]
    return any(high - low > 1e-9 * high for low, high in ends)


def _slopes(found: tuple[Line, ...]) -> str:
    parts = [f"{signed(line.slope('n_params'))} ({line.name})" for line in found]
    return f"Slope of ln N on ln K: {listed(parts)}."


def _conclusion(asked: Asked, found: tuple[Line, ...]) -> str:
    plan = asked.plans[-1]
    if plan.clients == 1:
        return f"One machine trains best at {count(plan.n_params)} parameters, whatever ρ is."
    central = plan.n_params / plan.ratio_to_central
    others = [f"{count(line.at(plan.clients, 'n_params'))} ({line.name})" for line in found[:3]]
    lead = f"Among {plan.clients:,} clients the best size is {listed(others)}"
    if len(found) > 3:
        lead = (
            f"Among {plan.clients:,} clients the size is {count(plan.n_params)} at "
            f"{found[3].name}; "
            f"the whole range is {listed(others)}"
        )
    return f"{lead}; one machine with the same total compute takes {count(central)}."
