"""Right and wrong from size to size: how many questions stay, are lost and are gained."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from isoloss.errors.study import ErrorStudy
from isoloss.report import draw
from isoloss.report.errors.looks import REST, TEAL, plotted
from isoloss.report.errors.part import Drawn
from isoloss.report.errors.words import model_labels, percent
from isoloss.report.model import Figure, Panel, Swatch, Table
from isoloss.report.numbers import Ticks
from isoloss.report.theme import LAW, MARKED, faded, new_figure, set_axis

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

_HEIGHT = 390
# more sizes than these are too narrow on a phone
MOST_SIZES = 6
# air between right and wrong in points, and half the width of a column as a share of the axis
_GAP, _HALF = 7.0, 0.011


@dataclass(frozen=True)
class Step:
    """From one size to the next, in questions."""

    kept: int
    lost: int
    gained: int
    wrong: int


def steps_of(correct: np.ndarray) -> list[Step]:
    """Between neighbours of (M, I)."""
    found = []
    for small, large in pairwise(correct):
        both = int((small & large).sum())
        lost, gained = int(small.sum()) - both, int(large.sum()) - both
        found.append(Step(both, lost, gained, len(small) - both - lost - gained))
    return found


def flow_figure(study: ErrorStudy) -> Drawn:
    """The streams between up to six sizes."""
    every = model_labels(study.grid.models)
    places = np.unique(
        np.linspace(0, len(every) - 1, min(len(every), MOST_SIZES)).round().astype(int)
    )
    labels = tuple(every[i] for i in places)
    correct = np.ascontiguousarray(study.grid.correct[places])
    steps = steps_of(correct)
    n = correct.shape[1]
    figure = _draw(steps, correct.sum(axis=1) / n * 100, labels, n)
    lost, gained = (sum(getattr(step, name) for step in steps) for name in ("lost", "gained"))
    steps_word = "step" if len(steps) == 1 else f"{len(steps)} steps"
    some = f" {len(labels)} of {len(every)} sizes are drawn." if len(labels) < len(every) else ""
    model = Figure(
        "flow",
        "From size to size",
        (Panel("flow", _HEIGHT),),
        f"All {n:,} questions at every size, those answered right below and those answered wrong "
        "above; streams lead each question to the next size. Numbers at the top are points "
        f"gained and lost in a step, those below the share that is right.{some}",
        f"In the {steps_word} {gained:,} answers turn right and {lost:,} turn wrong: the net "
        f"change of {gained - lost:+,} hides {gained + lost:,} changes.".replace("-", "−"),
        "Streams of questions between right and wrong: "
        + "; ".join(
            f"{a} to {b} {s.gained} gained, {s.lost} lost"
            for a, b, s in zip(labels, labels[1:], steps, strict=False)
        ),
        Table(
            ("from", "to", "stay right", "lost", "gained", "stay wrong"),
            tuple(
                (
                    a,
                    b,
                    *(
                        f"{count:,} ({percent(count / n)})"
                        for count in (step.kept, step.lost, step.gained, step.wrong)
                    ),
                )
                for a, b, step in zip(labels, labels[1:], steps, strict=False)
            ),
            (2, 3, 4, 5),
            f"Of {n:,} questions, from size to size.",
        ),
        (
            Swatch(LAW, "stay right"),
            Swatch(TEAL, "gained"),
            Swatch(MARKED, "lost"),
            Swatch(REST, "stay wrong"),
        ),
    )
    return model, {"flow": figure}


def _draw(steps: list[Step], right: np.ndarray, labels: tuple[str, ...], n: int) -> PlotlyFigure:
    figure = new_figure(_HEIGHT, l=14, r=14, t=44, b=42)
    marks = Ticks(
        tuple(float(i) for i in range(len(labels))),
        tuple(f"{plotted(x, 12)}<br>{share:.0f} %" for x, share in zip(labels, right, strict=True)),
    )
    set_axis(figure, "x", "", marks, (-0.22, len(labels) - 0.78), False)
    set_axis(figure, "y", "", Ticks((), ()), (-1.0, 101.0 + _GAP), False)
    half = _HALF * (len(labels) - 0.56)
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(showgrid=False)
    for i, step in enumerate(steps):
        _step(figure, i, step, (right[i], right[i + 1]), labels, n, half)
    for i, share in enumerate(right):
        for low, high, colour, word in (
            (0.0, share, LAW, "right"),
            (share + _GAP, 100 + _GAP, REST, "wrong"),
        ):
            figure.add_scatter(
                x=draw.rounded([i - half, i + half, i + half, i - half]),
                y=draw.rounded([low, low, high, high]),
                mode="lines",
                line={"width": 0},
                fill="toself",
                fillcolor=colour,
                hoveron="fills",
                text=f"{plotted(labels[i])}: {word} {percent((high - low) / 100)}",
                hoverinfo="text",
            )
    return figure


def _step(
    figure: PlotlyFigure,
    i: int,
    step: Step,
    ends: tuple[float, float],
    labels: tuple[str, ...],
    n: int,
    half: float,
) -> None:
    """The four streams of one step."""
    here, there = ends
    share = {name: 100 * count / n for name, count in vars(step).items()}
    streams = (
        ("kept", "stay right", 0.0, 0.0, LAW, 0.28),
        ("wrong", "stay wrong", here + _GAP + share["gained"], there + _GAP + share["lost"],
         REST, 0.24),
        ("gained", "gained", here + _GAP, share["kept"], TEAL, 0.5),
        ("lost", "lost", share["kept"], there + _GAP, MARKED, 0.5),
    )  # fmt: skip
    for name, word, start, end, colour, opacity in streams:
        if share[name] <= 0:
            continue
        x, low = _bend(i + half, start, i + 1 - half, end)
        figure.add_scatter(
            x=draw.rounded(np.concatenate([x, x[::-1]]), 4),
            y=draw.rounded(np.concatenate([low, (low + share[name])[::-1]]), 4),
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=faded(colour, opacity),
            hoveron="fills",
            text=f"{plotted(labels[i])} to {plotted(labels[i + 1])}: {word} "
            f"{getattr(step, name):,} ({share[name]:.1f} %)",
            hoverinfo="text",
        )
    for word, colour, sign, up in (("gained", TEAL, "+", 18), ("lost", MARKED, "−", 3)):
        figure.add_annotation(
            x=i + 0.5,
            y=100 + _GAP,
            text=f"{sign}{share[word]:.1f}",
            font={"color": colour, "size": 12},
            showarrow=False,
            yanchor="bottom",
            yshift=up,
        )


def _bend(
    x0: float, y0: float, x1: float, y1: float, count: int = 24
) -> tuple[np.ndarray, np.ndarray]:
    """A smooth step between two points, level at both ends."""
    t = np.linspace(0.0, 1.0, count)
    return x0 + (x1 - x0) * t, y0 + (y1 - y0) * (3 * t**2 - 2 * t**3)
