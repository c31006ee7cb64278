"""Questions with two answers in the plane of hits and false alarms: seeing, and saying yes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isoloss.errors.contrasts import Estimate
from isoloss.errors.study import ErrorStudy
from isoloss.errors.trends import Hallucination
from isoloss.report import draw
from isoloss.report.errors.looks import plotted, shades, size_legend, value_axis, whiskers
from isoloss.report.errors.part import Drawn
from isoloss.report.errors.words import Between, model_labels, percent, percents
from isoloss.report.model import Figure, Panel, Table
from isoloss.report.theme import INK, faded, new_figure

_HEIGHT = 430
# sensitivities whose curves are drawn
_LEVELS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
# names of curves nearer than this share of the axes would touch
_CLEAR = 0.17
# more models than these are named at the ends alone, and have no whiskers
_NAMED = 8


def roc_figure(study: ErrorStudy, kind: Hallucination) -> Drawn | None:
    """The path of the sizes; None where all questions have one right answer."""
    if "false_yes" not in kind.measures or "false_no" not in kind.measures:
        return None
    alarms, misses = kind.measures["false_yes"].values, kind.measures["false_no"].values
    labels = model_labels(study.grid.models)
    x = np.array([100 * one.value for one in alarms])
    y = np.array([100 - 100 * one.value for one in misses])
    figure = new_figure(_HEIGHT, r=62, t=24)
    yes = plotted(kind.positive)
    x_span = _axis(figure, "x", f"“{yes}” where it is wrong, %", x, alarms, False)
    y_span = _axis(figure, "y", f"“{yes}” where it is right, %", y, misses, True)
    _curves(figure, x_span, y_span)
    _path(figure, x, y, labels)
    colours, few = shades(len(labels)), len(labels) <= _NAMED
    for m, label in enumerate(labels):
        hits = _turned(misses[m])
        figure.add_scatter(
            x=draw.rounded([x[m]]),
            y=draw.rounded([y[m]]),
            mode="markers",
            marker={"color": colours[m], "size": 11},
            error_x=whiskers([alarms[m]], faded(colours[m], 0.55), 100) if few else None,
            error_y=whiskers([hits], faded(colours[m], 0.55), 100) if few else None,
            text=[
                f"<b>{plotted(label)}</b><br>“{yes}” wrongly {percents(alarms[m])}<br>"
                f"rightly {percents(hits)}"
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    positive = kind.positive
    rows = tuple(
        (label, f"{kind.n:,}", percents(a), percents(_turned(b)), percents(said))
        for label, a, b, said in zip(
            labels, alarms, misses, kind.measures["yes_ratio"].values, strict=True
        )
    )
    model = Figure(
        f"roc-{positive}",
        "Seeing and saying",
        (Panel(f"roc-{positive}", _HEIGHT),),
        f"Share of “{positive}” where it is wrong (across) and where it is right (up), on "
        f"{kind.n:,} questions; arrows lead from smaller to larger models. Along a grey curve "
        f"models see equally well and only say “{positive}” more or less readily; upwards and to "
        "the left they see better. The dotted line is guessing.",
        _conclusion(study, kind),
        f"Path of {len(labels)} models in the plane of false and true {positive}: "
        + ", ".join(
            f"{label} {a:.0f} and {b:.0f} %" for label, a, b in zip(labels, x, y, strict=True)
        ),
        Table(
            (
                "size",
                "questions",
                f"wrongly “{positive}”",
                f"rightly “{positive}”",
                f"“{positive}” in all",
            ),
            rows,
            (1, 2, 3, 4),
            f"Questions with {positive}/{kind.negative} answers, with intervals over questions.",
        ),
        size_legend(labels),
    )
    return model, {f"roc-{positive}": figure}


def _turned(found: Estimate) -> Estimate:
    """One minus a share."""
    return Estimate(1 - found.value, 1 - found.high, 1 - found.low, found.n, found.level)


def _axis(
    figure, axis: str, title: str, values: np.ndarray, found: Sequence[Between], turned: bool
) -> tuple[float, float]:
    ends = [100 * v for one in found for v in (one.low, one.high)]
    ends = [100 - v for v in ends] if turned else ends
    return value_axis(
        figure, title, [*values, *ends], axis=axis, limits=(0.0, 100.0), least=12.0, most=5
    )


def _curves(figure, x_span: tuple[float, float], y_span: tuple[float, float]) -> None:
    """Equal sensitivity: true = Phi(Phi^-1(false) + d')."""
    from scipy.special import ndtr, ndtri

    named: list[tuple[float, float]] = []
    across = np.linspace(max(x_span[0], 0.05), min(x_span[1], 99.95), 120)
    for level in _LEVELS:
        up = 100 * ndtr(ndtri(across / 100) + level)
        inside = (up >= y_span[0]) & (up <= y_span[1])
        if inside.sum() < 2:
            continue
        figure.add_scatter(
            x=draw.rounded(across[inside]),
            y=draw.rounded(up[inside]),
            mode="lines",
            line={
                "color": faded(INK, 0.65 if level == 0 else 0.35),
                "width": 1.3,
                "dash": "dot" if level == 0 else "solid",
            },
            hoverinfo="skip",
        )
        along = (across - x_span[0]) / (x_span[1] - x_span[0])
        high = (up - y_span[0]) / (y_span[1] - y_span[0])
        # where the curve leaves the picture, or half way where another one leaves it there too
        last = int(np.flatnonzero(inside)[-1])
        middle = int(np.argmin(np.where(inside, np.abs(along + high - 1.0), np.inf)))
        for place in (last, middle):
            spot = along[place], high[place]
            if all(abs(spot[0] - a) + abs(spot[1] - b) > _CLEAR for a, b in named):
                named.append(spot)
                _name(figure, across[place], up[place], level, bool(high[place] > 0.96))
                break


def _name(figure, x: float, y: float, level: float, at_top: bool) -> None:
    figure.add_annotation(
        x=float(x),
        y=float(y),
        text="guessing" if level == 0 else f"d' {level:g}",
        font={"size": 11},
        showarrow=False,
        xanchor="center" if at_top else "left",
        yanchor="bottom" if at_top else "middle",
        xshift=4,
    )


def _path(figure, x, y, labels: tuple[str, ...]) -> None:
    """Arrows from each size to the next, and their names."""
    for a, b in zip(range(len(x) - 1), range(1, len(x)), strict=True):
        figure.add_annotation(
            x=float(x[b]),
            y=float(y[b]),
            ax=float(x[a]),
            ay=float(y[a]),
            xref="x",
            yref="y",
            axref="x",
            ayref="y",
            text="",
            showarrow=True,
            arrowhead=2,
            arrowsize=1.1,
            arrowwidth=1.6,
            arrowcolor=faded(INK, 0.8),
            standoff=8,
            startstandoff=7,
        )
    ends = {0, len(labels) - 1}
    for m, label in enumerate(labels):
        if len(labels) > _NAMED and m not in ends:
            continue
        # up and to the left, where neither the path nor a whisker runs
        figure.add_annotation(
            x=float(x[m]),
            y=float(y[m]),
            text=plotted(label, 14),
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
            xshift=-5,
            yshift=3,
            font={"size": 12},
        )


def _conclusion(study: ErrorStudy, kind: Hallucination) -> str:
    said, seen = kind.measures["yes_ratio"].values, kind.measures["sensitivity"]
    low, high = (min(said, key=lambda e: e.value), max(said, key=lambda e: e.value))
    words = {
        "improves": "rises with size",
        "worsens": "falls with size",
        "flat": "is flat over size",
    }.get(seen.slope.verdict, "cannot be told to change with size")
    if not study.is_trend:
        bias = next((b for b in study.contrast.bias if b.positive == kind.positive), None)
        word = bias.sensitivity_verdict if bias else "cannot tell"
        words = {
            "better": "is higher in the larger",
            "worse": "is lower in the larger",
            "same within margin": "is the same within the margin",
        }.get(word, "cannot be told to differ")
    return (
        f"“{kind.positive}” is said in {percent(low.value, 0)} to {percent(high.value, 0)} of "
        f"the answers; sensitivity {words}."
    )
