"""Measures against size, one small panel each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isoloss.errors.study import ErrorStudy
from isoloss.errors.trends import MeasureTrend
from isoloss.report.errors.looks import COLOURS, add_values, plotted, sizes_axis, value_axis
from isoloss.report.errors.part import Drawn
from isoloss.report.errors.words import chance, measured, model_labels, number, percents
from isoloss.report.model import Figure, Panel, Table
from isoloss.report.theme import INK, LAW, new_figure

_HEIGHT = 250


@dataclass(frozen=True)
class Measure:
    """One panel.

    Attributes:
        title: of its axis, such as `d'`.
        trend: what it shows.
        share: it is a share, and is printed in percent.
        zero: a line at zero means something.
    """

    title: str
    trend: MeasureTrend
    share: bool = False
    zero: bool = False


def lines_figure(
    study: ErrorStudy,
    id_: str,
    title: str,
    found: Sequence[Measure],
    *,
    shows: str,
    conclusion: str,
) -> Drawn:
    """Panels of measures over size.

    Args:
        study: whose models they are of.
        id_: of the figure.
        title: of the figure.
        found: the measures.
        shows: what is drawn.
        conclusion: what to conclude.
    """
    models = study.grid.models
    labels, params = model_labels(models), [model.params for model in models]
    figures = {}
    for place, one in enumerate(found):
        scale = 100.0 if one.share else 1.0
        figure = new_figure(_HEIGHT, l=48, r=10, t=8, b=44)
        sizes_axis(figure, params, labels, few=True)
        values = [scale * v for e in one.trend.values for v in (e.low, e.high, e.value)]
        value_axis(figure, one.title, [*values, 0.0] if one.zero else values, most=5)
        if one.zero:
            figure.add_hline(y=0, line={"color": INK, "width": 1})
        texts = [
            f"<b>{plotted(label)}</b><br>{text}"
            for label, text in zip(labels, _values(one), strict=True)
        ]
        colour = COLOURS.get(one.trend.slope.verdict, LAW) if study.is_trend else LAW
        add_values(figure, params, one.trend.values, texts, colour=colour, scale=scale)
        figures[f"{id_}-{place}"] = figure
    return Figure(
        id_,
        title,
        tuple(Panel(name, _HEIGHT) for name in figures),
        shows,
        conclusion,
        "; ".join(
            f"{one.title} from {_values(one)[0]} at {labels[0]} to {_values(one)[-1]} at "
            f"{labels[-1]}"
            for one in found
        ),
        measures_table(study, found),
    ), figures


def measures_table(study: ErrorStudy, found: Sequence[Measure]) -> Table:
    """A row for every measure: its ends, its slope and the verdict."""
    labels = model_labels(study.grid.models)
    if not study.is_trend:
        return _pair_table(study, found, labels)
    rows = tuple(
        (
            one.title,
            _values(one)[0],
            _values(one)[-1],
            _scaled(one, 1.0),
            chance(one.trend.slope.q),
            one.trend.slope.verdict,
        )
        for one in found
    )
    return Table(
        ("", labels[0], labels[-1], "change per decade", "q", "verdict"),
        rows,
        (1, 2, 3, 4),
        "Smallest and largest size, and the change for ten times the parameters (of shares in "
        "points); q is adjusted for the measures beside it.",
        (5,),
    )


def _pair_table(study: ErrorStudy, found: Sequence[Measure], labels: tuple[str, ...]) -> Table:
    """Two sizes: the line through both is their difference, over as many decades."""
    decades = float(study.grid.size[-1] - study.grid.size[0])
    rows = tuple(
        (one.title, _values(one)[0], _values(one)[-1], _scaled(one, decades)) for one in found
    )
    return Table(
        ("", labels[0], labels[-1], "change"),
        rows,
        (1, 2, 3),
        "Smallest and largest size, and the change from one to the other (of shares in points).",
    )


def _scaled(one: Measure, decades: float) -> str:
    slope = one.trend.slope
    scale, digits = (100.0 * decades, 1) if one.share else (decades, 3)
    return (
        f"{number(scale * slope.value, digits, True)} "
        f"[{number(scale * slope.low, digits)}, {number(scale * slope.high, digits)}]"
    )


def _values(one: Measure) -> list[str]:
    return [percents(e) if one.share else measured(e, 3) for e in one.trend.values]
