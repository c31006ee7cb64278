"""What the change in accuracy is made of: format, capability, and the tasks it comes from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from isoloss.errors.contrasts import Difference, Estimate
from isoloss.errors.study import ErrorStudy
from isoloss.report import draw
from isoloss.report.errors.looks import TEAL, plotted, value_axis, whiskers
from isoloss.report.errors.part import Drawn, capped
from isoloss.report.errors.words import (
    interval,
    many,
    model_labels,
    named,
    number,
    percent,
    percents,
    points,
)
from isoloss.report.model import Figure, Panel, Table
from isoloss.report.numbers import Ticks
from isoloss.report.theme import ACCENT, INK, LAW, MARKED, faded, new_figure, set_axis

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

_HEIGHT, _ROW, _MOST, _LABEL = 340, 25, 18, 24


def waterfall_figure(study: ErrorStudy) -> Drawn:
    """From the smallest to the largest: what format adds, and what capability adds."""
    split, found = study.contrast.split, study.contrast.accuracy
    labels = model_labels(study.grid.models)
    model = Figure(
        "waterfall",
        "Format and capability",
        (Panel("waterfall", _HEIGHT),),
        "Accuracy is the share of answers that can be read times the accuracy among them; the "
        "change is split exactly in two (Kitagawa 1955). Format is what more readable answers "
        "bring, capability what more right ones among them bring; upright lines are "
        f"{100 * study.level:g} % intervals over questions. The axis does not start at zero.",
        f"Of {number(100 * found.change.value, 1, True)} points, "
        f"{number(100 * split.format.value, 1, True)} {interval(split.format, 1, 100)} are "
        f"format and {number(100 * split.capability.value, 1, True)} "
        f"{interval(split.capability, 1, 100)} capability.",
        f"Waterfall from {percent(found.small)} at {labels[0]} by way of format and capability to "
        f"{percent(found.large)} at {labels[-1]}",
        Table(
            ("", labels[0], labels[-1], "part of the change", "verdict"),
            (
                (
                    "answers that can be read",
                    percents(split.valid_small),
                    percents(split.valid_large),
                    f"format {points(split.format)}",
                    split.format_verdict,
                ),
                (
                    "right among them",
                    percents(split.right_small),
                    percents(split.right_large),
                    f"capability {points(split.capability)}",
                    split.capability_verdict,
                ),
                (
                    "accuracy",
                    percent(found.small),
                    percent(found.large),
                    points(found.change),
                    found.verdict,
                ),
            ),
            (1, 2, 3),
            f"The change in accuracy on {found.change.n:,} questions, split.",
            (4,),
        ),
    )
    return model, {"waterfall": _waterfall(study, labels)}


def _waterfall(study: ErrorStudy, labels: tuple[str, ...]) -> PlotlyFigure:
    split, found = study.contrast.split, study.contrast.accuracy
    start, middle, end = (
        100 * found.small,
        100 * (found.small + split.format.value),
        100 * found.large,
    )
    figure = new_figure(_HEIGHT, b=34)
    names = (labels[0], "format", "capability", labels[-1])
    marks = Ticks((0.0, 1.0, 2.0, 3.0), tuple(plotted(name, 14) for name in names))
    set_axis(figure, "x", "", marks, (-0.55, 3.55), False)
    figure.update_xaxes(showgrid=False)
    steps = ((1, start, split.format, ACCENT), (2, middle, split.capability, LAW))
    reach = [
        base + 100 * v for _, base, part, _ in steps for v in (part.low, part.high, part.value)
    ]
    value_axis(figure, "accuracy, %", [start, end, *reach], limits=(0.0, 100.0), least=2.0, most=6)
    figure.add_scatter(
        x=[0.36, 1.36, None, 0.64, 2.36, None, 1.64, 2.64],
        y=draw.rounded([start, start, math.nan, middle, middle, math.nan, end, end]),
        mode="lines",
        line={"color": faded(INK, 0.6), "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    for x, value, name in ((0, start, labels[0]), (3, end, labels[-1])):
        figure.add_scatter(
            x=[x - 0.36, x + 0.36],
            y=draw.rounded([value, value]),
            mode="lines",
            line={"color": INK, "width": 5},
            text=[f"{plotted(name)}: {value:.1f} %"] * 2,
            hovertemplate="%{text}<extra></extra>",
        )
    for x, base, part, colour in steps:
        figure.add_bar(
            x=[x],
            y=draw.rounded([100 * part.value]),
            base=[base],
            width=0.72,
            marker={"color": faded(colour, 0.85)},
            error_y=whiskers([part], INK, 100),
            customdata=[f"<b>{names[x]}</b><br>{points(part)}"],
            hovertemplate="%{customdata}<extra></extra>",
        )
    texts = (
        (0, start, percent(start / 100)),
        (1, max(start, start + 100 * split.format.high), _plain(split.format.value)),
        (2, max(middle, middle + 100 * split.capability.high), _plain(split.capability.value)),
        (3, end, percent(end / 100)),
    )
    for x, y, text in texts:
        figure.add_annotation(
            x=x, y=y, text=text, font={"size": 13}, showarrow=False, yanchor="bottom", yshift=6
        )
    return figure


def _plain(value: float) -> str:
    return number(100 * value, 1, True)


def _part(one: Difference, total: int) -> Estimate:
    """What one task adds to the change on all questions, in points."""
    share = 100 * one.change.n / total
    change = one.change
    return Estimate(
        share * change.value, share * change.low, share * change.high, change.n, change.level
    )


def share_figure(study: ErrorStudy) -> Drawn | None:
    """What every task adds to the change on all questions; None with one task."""
    tasks = study.contrast.tasks
    if len(tasks) < 2:
        return None
    total = study.contrast.n
    found = sorted(tasks, key=lambda one: -abs(one.gained - one.lost))
    drawn = sorted(found[:_MOST], key=lambda one: one.gained - one.lost)
    top = found[0]
    net = study.contrast.accuracy.gained - study.contrast.accuracy.lost
    height = 58 + _ROW * len(drawn)
    labels = [plotted(named(one.name), _LABEL) for one in drawn]
    width = 12 + round(6.4 * max(min(len(named(one.name)), _LABEL) for one in drawn))
    figure = new_figure(height, l=width, r=40, t=6, b=46)
    marks = Ticks(tuple(float(i) for i in range(len(drawn))), tuple(labels))
    set_axis(figure, "y", "", marks, (-0.7, len(drawn) - 0.3), False)
    figure.update_yaxes(showgrid=False)
    parts = [_part(one, total) for one in drawn]
    values = [one.value for one in parts]
    reach = [v for one in parts for v in (one.low, one.high)]
    value_axis(figure, "points on all questions", [*values, *reach, 0.0], axis="x", most=5)
    figure.add_bar(
        x=draw.rounded(values),
        y=list(range(len(drawn))),
        orientation="h",
        width=0.62,
        marker={"color": [faded(TEAL if v > 0 else MARKED, 0.85) for v in values]},
        error_x=whiskers(parts, INK),
        customdata=[
            f"<b>{plotted(named(one.name), 60)}</b><br>{one.gained:,} gained, {one.lost:,} lost of "
            f"{one.change.n:,}<br>{one.verdict}"
            for one in drawn
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    left = len(found) - len(drawn)
    model = Figure(
        "by-task",
        "Where the change comes from",
        (Panel("by-task", height),),
        "Questions gained less questions lost in each task, as points of accuracy on all "
        f"{total:,} questions; the bars add up to the change. Thin lines are "
        f"{100 * study.level:g} % intervals over questions."
        + (f" The {left} tasks that add least are not drawn." if left else ""),
        f"{named(top.name)} alone brings {number(top.gained - top.lost, 0, True)} of the net "
        f"{number(net, 0, True)} questions.",
        "Bars of the net questions gained by task: "
        + ", ".join(f"{named(one.name)} {one.gained - one.lost}" for one in found[:6]),
        capped(
            Table(
                ("task", "questions", "gained", "lost", "change in the task", "q", "verdict"),
                tuple(
                    (
                        named(one.name),
                        f"{one.change.n:,}",
                        f"{one.gained:,}",
                        f"{one.lost:,}",
                        points(one.change),
                        f"{one.q:.2g}",
                        one.verdict,
                    )
                    for one in found
                ),
                (1, 2, 3, 4, 5),
                f"{many(len(found), 'task')}, the largest part of the change first.",
                (6,),
            )
        ),
    )
    return model, {"by-task": figure}
