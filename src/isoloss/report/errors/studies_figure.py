"""All studies side by side: the change in accuracy from the smallest to the largest model."""

from __future__ import annotations

from collections.abc import Sequence

from isoloss.errors.study import ErrorStudy
from isoloss.report import draw
from isoloss.report.errors.lead import title_of, verdict_of
from isoloss.report.errors.looks import (
    plotted,
    symbol,
    value_axis,
    verdict_legend,
    verdict_marker,
    whiskers,
)
from isoloss.report.errors.part import Drawn
from isoloss.report.errors.words import model_labels, points
from isoloss.report.model import Figure, Panel, Table
from isoloss.report.numbers import Ticks
from isoloss.report.theme import INK, new_figure, set_axis

_ROW, _MOST = 44, 30


def studies_figure(studies: Sequence[ErrorStudy]) -> Drawn:
    """A row for every study, its name above its interval."""
    drawn = list(studies[:_MOST])
    found = [study.contrast.accuracy.change for study in drawn]
    words = [verdict_of(study) for study in drawn]
    heights = [float(len(drawn) - i) for i in range(len(drawn))]
    height = 60 + _ROW * len(drawn)
    figure = new_figure(height, l=14, r=14, t=6, b=46)
    set_axis(figure, "y", "", Ticks((), ()), (0.4, len(drawn) + 0.75), False)
    figure.update_yaxes(showgrid=False)
    figure.update_xaxes(showgrid=False)
    ends = [100 * v for one in found for v in (one.low, one.high)]
    value_axis(figure, "change in accuracy, points", [*ends, 0.0], axis="x", least=4.0)
    # a stroke in every row: a line across would run through the names
    figure.add_scatter(
        x=[0, 0, None] * len(drawn),
        y=[v for y in heights for v in (y - 0.2, y + 0.2, None)],
        mode="lines",
        line={"color": INK, "width": 1.2},
        hoverinfo="skip",
    )
    for word in dict.fromkeys(words):
        colour, shape = symbol(word)
        mine = [i for i, one in enumerate(words) if one == word]
        figure.add_scatter(
            x=draw.rounded([100 * found[i].value for i in mine]),
            y=[heights[i] for i in mine],
            mode="markers",
            marker=verdict_marker(colour, shape, 10),
            error_x=whiskers([found[i] for i in mine], colour, 100),
            text=[
                f"<b>{plotted(title_of(drawn[i]), 80)}</b><br>{points(found[i])}<br>{word}"
                for i in mine
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    for study, y in zip(drawn, heights, strict=True):
        labels = model_labels(study.grid.models)
        figure.add_annotation(
            x=0,
            xref="paper",
            y=y,
            text=f"{plotted(title_of(study), 34)}  "
            f"{plotted(labels[0], 9)}–{plotted(labels[-1], 9)}",
            font={"size": 11.5},
            showarrow=False,
            xanchor="left",
            yshift=16,
        )
    model = Figure(
        "studies",
        "Change of accuracy",
        (Panel("studies", height),),
        "Accuracy of the largest model less that of the smallest, in points, with intervals over "
        "questions; colour and shape are the verdict of each study."
        + (f" The first {_MOST} of {len(studies)}." if len(studies) > _MOST else ""),
        f"In {sum(one.low > 0 for one in found)} of {len(drawn)} studies the largest model is more "
        "accurate beyond the draw of questions, in "
        f"{sum(one.high < 0 for one in found) or 'none'} less.",
        "Change of accuracy: "
        + "; ".join(
            f"{title_of(study)} {points(one)}" for study, one in zip(drawn, found, strict=True)
        ),
        Table(
            ("study", "from", "to", "questions", "change", "verdict"),
            tuple(
                (
                    title_of(study),
                    model_labels(study.grid.models)[0],
                    model_labels(study.grid.models)[-1],
                    f"{one.n:,}",
                    points(one),
                    word,
                )
                for study, one, word in zip(drawn, found, words, strict=True)
            ),
            (3, 4),
            "Largest less smallest, on the same questions.",
            (5,),
        ),
        verdict_legend(words),
    )
    return model, {"studies": figure}
