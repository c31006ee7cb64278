"""Accuracy against size, with intervals and the line through the models."""

from __future__ import annotations

import numpy as np

from isoloss.errors.study import ErrorStudy
from isoloss.errors.trends.logit import fit_lines
from isoloss.report import draw
from isoloss.report.errors.guess import guessing
from isoloss.report.errors.looks import add_values, plotted, sizes_axis, value_axis
from isoloss.report.errors.part import Drawn
from isoloss.report.errors.words import (
    clipped,
    measured,
    model_labels,
    number,
    percent,
    percents,
    points,
    related,
)
from isoloss.report.model import Figure, Panel, Table
from isoloss.report.theme import ACCENT, LAW, faded, new_figure

_HEIGHT = 380


def size_figure(study: ErrorStudy) -> Drawn:
    """All questions as one set."""
    found, grid = study.accuracy.overall, study.grid
    labels = model_labels(grid.models)
    params = [model.params for model in grid.models]
    chance = guessing(grid, np.ones(grid.shape[1], dtype=bool))
    figure = new_figure(_HEIGHT)
    span = sizes_axis(figure, params, labels)
    ends = [100 * value for one in found.accuracy for value in (one.low, one.high, one.value)]
    value_axis(
        figure,
        "accuracy, %",
        [*ends, 100 * chance] if chance else ends,
        limits=(0.0, 100.0),
        least=4.0,
    )
    if chance:
        figure.add_hline(y=100 * chance, line={"color": ACCENT, "width": 1.5, "dash": "dot"})
        figure.add_annotation(
            x=1,
            xref="paper",
            y=100 * chance,
            text=f"guessing {percent(chance, 0)}",
            font={"color": ACCENT},
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
        )
    if study.is_trend:
        _line(figure, study, span)
    texts = [
        f"<b>{plotted(model.name, 60)}</b><br>accuracy {percents(one)}<br>{one.n:,} questions"
        for model, one in zip(grid.models, found.accuracy, strict=True)
    ]
    add_values(
        figure, params, found.accuracy, texts, scale=100, line="" if study.is_trend else "dot"
    )
    rows = tuple(
        (clipped(model.name, 60), label, f"{one.n:,}", percents(one), number(z, 1, True))
        for model, label, one, z in zip(
            grid.models, labels, found.accuracy, found.fitness.z, strict=True
        )
    )
    columns = ("model", "size", "questions", "accuracy", "off the line")
    if not study.is_trend:
        rows, columns = tuple(row[:-1] for row in rows), columns[:-1]
    of_line = (
        "The line is the logit line through all models; its slope is what the verdict rests on."
        if study.is_trend
        else "Through two sizes no line can be drawn that they could contradict."
    )
    model = Figure(
        "size",
        "Accuracy against size",
        (Panel("size", _HEIGHT),),
        f"Accuracy on all {found.n:,} questions against parameters, with {100 * study.level:g} % "
        f"intervals over questions. {of_line}",
        _conclusion(study),
        f"Accuracy of {len(labels)} models from {labels[0]} to {labels[-1]}: "
        + ", ".join(percent(one.value) for one in found.accuracy),
        Table(
            columns,
            rows,
            tuple(range(1, len(columns))),
            f"Accuracy by model, with {100 * study.level:g} % intervals over questions"
            + ("; off the line in standard errors." if study.is_trend else "."),
        ),
    )
    return model, {"size": figure}


def _line(figure, study: ErrorStudy, span: tuple[float, float]) -> None:
    """The fitted line of log odds, taken up to the ends of the axis."""
    right = study.grid.correct.sum(axis=1, dtype=float)
    size = study.grid.size
    line = fit_lines(size, right, np.array([study.grid.shape[1]]))
    x = np.linspace(np.log10(span[0]), np.log10(span[1]), 50)
    share = 1.0 / (1.0 + np.exp(-(line.level + line.slope * (x - size.mean()))))
    figure.add_scatter(
        x=draw.rounded(10**x),
        y=draw.rounded(100 * share),
        mode="lines",
        line={"color": faded(LAW, 0.55), "width": 2},
        hoverinfo="skip",
    )


def _conclusion(study: ErrorStudy) -> str:
    found = study.accuracy.overall
    slope, change = found.slope, study.contrast.accuracy
    if not study.is_trend:
        return f"{change.verdict.capitalize()}: {points(change.change)}, p {related(change.p)}."
    said = {
        "improves": "Accuracy rises with size",
        "worsens": "Accuracy falls with size",
        "flat": f"Accuracy is flat: any slope is within {study.accuracy.margin:g} logits a decade",
    }.get(slope.verdict, "Whether accuracy moves with size cannot be told")
    why = f"; {slope.reason}" if slope.reason else ""
    return f"{said}: {measured(slope, 2, True)} logits a decade{why}."
