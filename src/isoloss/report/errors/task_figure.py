"""Tasks one below the other: how accuracy changes in each, and where it stands over guessing."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from isoloss.errors.study import ErrorStudy
from isoloss.report import draw
from isoloss.report.errors.looks import (
    plotted,
    shades,
    size_legend,
    symbol,
    value_axis,
    verdict_legend,
    verdict_marker,
    whiskers,
)
from isoloss.report.errors.part import Drawn
from isoloss.report.errors.tasks import Line, conclusion, counted, lines_of, or_zero, tasks_table
from isoloss.report.errors.words import (
    joined,
    measured,
    model_labels,
    named,
    percent,
    points,
    related,
)
from isoloss.report.model import Figure, Panel
from isoloss.report.numbers import Ticks
from isoloss.report.theme import INK, faded, new_figure, set_axis

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

# tasks in the picture, and pixels for each
MOST, ROW = 36, 25
_LABEL = 24


def task_figure(study: ErrorStudy) -> Drawn | None:
    """The two panels; None with one task, which says no more than all questions do."""
    lines = lines_of(study)
    if len(lines) < 2:
        return None
    drawn = _chosen(lines)
    height = 62 + ROW * len(drawn)
    words = [line.verdict for line in drawn]
    sizes = size_legend(model_labels(study.grid.models))
    left = len(lines) - len(drawn)
    some = (
        f" {len(drawn)} of {len(lines)} tasks are drawn, those with a verdict and the steepest."
        if left
        else ""
    )
    has_guess = any(line.guess for line in drawn)
    has_constant = any(math.isfinite(line.constant) for line in drawn)
    marks = joined(
        [
            *(["the upright stroke is what guessing gets right"] if has_guess else []),
            *(["the cross is what the best constant answer gets"] if has_constant else []),
        ]
    )
    model = Figure(
        "tasks",
        "Tasks",
        (Panel("tasks-change", height), Panel("tasks-accuracy", height)),
        f"{_first(study)} {'Second' if study.is_trend else 'Right'} panel: accuracy of every size"
        f"{'; ' + marks if marks else ''}. Verdicts are adjusted for {len(lines)} tasks "
        f"(Benjamini-Hochberg).{some}",
        conclusion(study, lines),
        f"Change of accuracy in {len(drawn)} tasks with intervals, and the accuracy of every "
        f"model in each; {counted(lines)}",
        tasks_table(study, lines),
        (*verdict_legend(words), *sizes),
    )
    return model, {
        "tasks-change": _changes(study, drawn, height),
        "tasks-accuracy": _accuracies(study, drawn, height),
    }


def _first(study: ErrorStudy) -> str:
    level = f"{100 * study.level:g} %"
    if study.is_trend:
        return (
            f"First panel: slope of log odds for ten times the parameters, with {level} intervals "
            "over questions."
        )
    return f"Left panel: change of accuracy in points, with {level} intervals over questions."


def _chosen(lines: list[Line]) -> list[Line]:
    """Those with a verdict, then the steepest."""
    if len(lines) <= MOST:
        return lines
    order = sorted(
        range(len(lines)),
        key=lambda i: (
            lines[i].verdict == "cannot tell",
            -abs(or_zero(lines[i].change.value)),
        ),
    )
    return [lines[i] for i in sorted(order[:MOST])]


def _rows_axis(figure: PlotlyFigure, lines: list[Line]) -> list[int]:
    """Tasks from top to bottom; their heights."""
    heights = list(range(len(lines), 0, -1))
    marks = Ticks(
        tuple(float(h) for h in heights), tuple(plotted(named(one.name), _LABEL) for one in lines)
    )
    set_axis(figure, "y", "", marks, (0.3, len(lines) + 0.7), False)
    figure.update_yaxes(showgrid=False)
    return heights


def _left(lines: list[Line]) -> int:
    """Room for the longest label, in pixels."""
    return 12 + round(6.4 * max(min(len(named(one.name)), _LABEL) for one in lines))


def _changes(study: ErrorStudy, lines: list[Line], height: int) -> PlotlyFigure:
    scale = 1.0 if study.is_trend else 100.0
    figure = new_figure(height, l=_left(lines), r=12, t=6, b=48)
    heights = _rows_axis(figure, lines)
    seen = [scale * v for one in lines for v in (one.change.low, one.change.high)]
    title = "slope, logits a decade" if study.is_trend else "change, points"
    value_axis(figure, title, [*seen, 0.0], axis="x", most=5)
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    for word in dict.fromkeys(line.verdict for line in lines):
        colour, shape = symbol(word)
        mine = [i for i, line in enumerate(lines) if line.verdict == word]
        found = [lines[i].change for i in mine]
        figure.add_scatter(
            x=draw.rounded([scale * one.value for one in found]),
            y=[heights[i] for i in mine],
            mode="markers",
            marker=verdict_marker(colour, shape, 9),
            error_x=whiskers(found, colour, scale),
            text=[_hover(study, lines[i]) for i in mine],
            hovertemplate="%{text}<extra></extra>",
        )
    return figure


def _accuracies(study: ErrorStudy, lines: list[Line], height: int) -> PlotlyFigure:
    figure = new_figure(height, l=_left(lines), r=12, t=6, b=48)
    heights = _rows_axis(figure, lines)
    shares = np.array([line.accuracy for line in lines]) * 100
    marks = [100 * v for line in lines for v in (line.guess or math.nan, line.constant)]
    value_axis(
        figure, "accuracy, %", [*shares.ravel(), *marks], axis="x", limits=(0.0, 100.0), most=5
    )
    spans = [
        v
        for h, row in zip(heights, shares, strict=True)
        for v in ((row.min(), h), (row.max(), h), (None, None))
    ]
    figure.add_scatter(
        x=[v[0] for v in spans],
        y=[v[1] for v in spans],
        mode="lines",
        line={"color": faded(INK, 0.45), "width": 2},
        hoverinfo="skip",
    )
    for name, values, shape in (
        ("guessing", [line.guess or math.nan for line in lines], "line-ns-open"),
        ("constant answer", [line.constant for line in lines], "x-thin-open"),
    ):
        if np.isfinite(values).any():
            figure.add_scatter(
                x=draw.rounded(100 * np.array(values)),
                y=heights,
                mode="markers",
                marker={
                    "symbol": shape,
                    "size": 9 if shape[0] == "l" else 6,
                    "line": {"width": 1.6, "color": INK},
                    "color": INK,
                },
                text=[f"{name} {percent(value)}" for value in values],
                hovertemplate="%{text}<extra></extra>",
            )
    labels = model_labels(study.grid.models)
    for m, colour in enumerate(shades(shares.shape[1])):
        figure.add_scatter(
            x=draw.rounded(shares[:, m]),
            y=heights,
            mode="markers",
            marker={"color": colour, "size": 9 if m in (0, shares.shape[1] - 1) else 7},
            text=[
                f"<b>{plotted(named(line.name), 60)}</b><br>{plotted(labels[m])}: "
                f"{percent(line.accuracy[m])} of {line.n:,}"
                for line in lines
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    return figure


def _hover(study: ErrorStudy, line: Line) -> str:
    return (
        f"<b>{plotted(named(line.name), 60)}</b><br>{_change(study, line)}<br>"
        f"{line.verdict}, {escape(f'q {related(line.q)}')}<br>{line.n:,} questions"
    )


def _change(study: ErrorStudy, line: Line) -> str:
    if study.is_trend:
        return f"{measured(line.change, 2, True)} logits"
    return points(line.change)
