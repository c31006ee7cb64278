"""Pairs of models as squares, ordered by size: do they fail on the same questions, and alike?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from isoloss.errors.agreement import Pair
from isoloss.errors.study import ErrorStudy
from isoloss.report.errors.looks import plotted, steps_axis
from isoloss.report.errors.part import Drawn, capped
from isoloss.report.errors.words import (
    Between,
    measured,
    model_labels,
    number,
    percent,
    percents,
)
from isoloss.report.model import Figure, Panel, Table
from isoloss.report.theme import LAW, faded, new_figure

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

_HEIGHT = 270
# squares smaller than these hold no number
_MOST_TEXT = 9


def agreement_figure(study: ErrorStudy) -> Drawn | None:
    """Kappa, kappa over its greatest possible value, equal wrong answers; None below three."""
    labels = model_labels(study.grid.models)
    pairs = study.agreement.pairs
    if len(labels) < 3 or not pairs:
        return None
    same = _same(pairs)
    panels = (
        ("kappa", "κ", lambda one: one.kappa, 2),
        ("kappa-max", "κ / κ max", lambda one: one.kappa_of_max, 2),
        ("same-wrong", "same wrong answer", same, 2),
    )
    figures = {
        name: _squares(study, labels, title, value, digits) for name, title, value, digits in panels
    }
    known = [one for one in pairs if math.isfinite(one.kappa.value)]
    least, most = (
        (min(known, key=lambda one: one.kappa.value), max(known, key=lambda one: one.kappa.value))
        if known
        else (pairs[0], pairs[0])
    )
    label = dict(zip(study.grid.names, labels, strict=True))
    model = Figure(
        "agreement",
        "Agreement of errors",
        tuple(Panel(name, _HEIGHT) for name in figures),
        "Every square is a pair of sizes. κ is error consistency: 1 where two models are right on "
        "the same questions, 0 where they agree no more than chance makes them (Geirhos et al. "
        "2020). It cannot reach 1 where accuracies differ, so the second panel holds it against "
        "the most that it can be. Third: where both are wrong, the share of equal answers"
        f"{_chance(pairs)}.",
        f"κ runs from {measured(least.kappa)} ({label[least.small]} and {label[least.large]}) to "
        f"{measured(most.kappa)} ({label[most.small]} and {label[most.large]}).",
        f"Three triangles of {len(pairs)} pairs of sizes; κ from {number(least.kappa.value)} to "
        f"{number(most.kappa.value)}",
        pairs_table(study),
    )
    return model, figures


def _same(pairs: tuple[Pair, ...]) -> Callable[[Pair], Between]:
    """Of questions with three options or more, where there are any."""
    if any(math.isfinite(one.same_wrong_open.value) for one in pairs):
        return lambda one: one.same_wrong_open
    return lambda one: one.same_wrong


def _chance(pairs: tuple[Pair, ...]) -> str:
    blind = [one.chance for one in pairs if math.isfinite(one.chance)]
    if not any(math.isfinite(one.same_wrong_open.value) for one in pairs):
        return "; with two options two wrong answers are always equal"
    if not blind:
        return ", of questions with three options or more"
    return (
        ", of questions with three options or more; blind guesses would share "
        f"{percent(float(np.mean(blind)), 0)}"
    )


def _squares(
    study: ErrorStudy,
    labels: tuple[str, ...],
    title: str,
    value: Callable[[Pair], Between],
    digits: int,
) -> PlotlyFigure:
    names, count = list(study.grid.names), len(labels)
    z = np.full((count, count), math.nan)
    hover = np.full((count, count), "", dtype=object)
    for one in study.agreement.pairs:
        i, j = names.index(one.large), names.index(one.small)
        found = value(one)
        z[i, j] = found.value
        hover[i, j] = (
            f"<b>{plotted(labels[j])} and {plotted(labels[i])}</b><br>{title} "
            f"{measured(found, digits)}"
        )
    figure = new_figure(_HEIGHT, l=44, r=8, t=26, b=30)
    for axis in ("x", "y"):
        steps_axis(figure, axis, labels, most=6, letters=8)
    figure.update_xaxes(range=[-0.5, count - 1.5])
    figure.update_yaxes(range=[count - 0.5, 0.5])
    gap = 3 if count <= _MOST_TEXT else 1
    high = max(float(np.nanmax(z)) if np.isfinite(z).any() else 1.0, 0.2)
    figure.add_heatmap(
        z=[[None if math.isnan(v) else round(float(v), 4) for v in row] for row in z],
        text=hover.tolist(),
        hovertemplate="%{text}<extra></extra>",
        hoverongaps=False,
        colorscale=[[0.0, faded(LAW, 0.06)], [1.0, faded(LAW, 0.62)]],
        zmin=0.0,
        zmax=high,
        showscale=False,
        xgap=gap,
        ygap=gap,
    )
    if count <= _MOST_TEXT:
        where = np.argwhere(np.isfinite(z))
        figure.add_scatter(
            x=where[:, 1].tolist(),
            y=where[:, 0].tolist(),
            mode="text",
            text=[number(float(z[i, j]), digits) for i, j in where],
            hoverinfo="skip",
        )
    figure.add_annotation(
        x=0,
        y=1,
        xref="paper",
        yref="paper",
        text=title,
        font={"size": 12.5},
        showarrow=False,
        xanchor="left",
        yanchor="bottom",
        yshift=4,
    )
    return figure


def pairs_table(study: ErrorStudy) -> Table:
    """Every pair with every measure."""
    label = dict(zip(study.grid.names, model_labels(study.grid.models), strict=True))
    rows = tuple(
        (
            f"{label[one.small]}, {label[one.large]}",
            measured(one.kappa),
            number(one.kappa_max),
            measured(one.kappa_of_max),
            f"{percents(one.same_wrong, 0)} of {one.same_wrong.n:,}",
            f"{percents(one.same_wrong_open, 0)} of {one.same_wrong_open.n:,}"
            if one.same_wrong_open.n
            else "",
            percent(one.chance, 0) if math.isfinite(one.chance) else "",
            measured(one.capa),
        )
        for one in study.agreement.pairs
    )
    return capped(
        Table(
            (
                "sizes",
                "κ",
                "κ max",
                "κ / κ max",
                "same wrong answer",
                "with 3 options or more",
                "blind guesses",
                "CAPA",
            ),
            rows,
            tuple(range(1, 8)),
            f"Pairs of sizes on {study.agreement.n:,} questions. CAPA is agreement of answers "
            f"adjusted for accuracy, from {study.agreement.capa_source} (Goel et al. 2025).",
        )
    )
