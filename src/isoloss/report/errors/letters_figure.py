"""Which letters models answer with, beside where the right answers stand."""

from __future__ import annotations

from isoloss.errors.study import ErrorStudy
from isoloss.report import draw
from isoloss.report.errors.looks import plotted, shades, value_axis
from isoloss.report.errors.part import Drawn
from isoloss.report.errors.words import measured, model_labels, number, percent
from isoloss.report.model import Figure, Panel, Swatch, Table
from isoloss.report.numbers import Ticks
from isoloss.report.theme import INK, new_figure, set_axis

_HEIGHT, _MOST = 300, 12


def letters_figure(study: ErrorStudy) -> Drawn | None:
    """The smallest and the largest model; None without questions of that kind."""
    found = study.contrast.letters
    if len(found) < 2 or len(found[0].letters) > _MOST:
        return None
    every = model_labels(study.grid.models)
    labels, colours = (every[0], every[-1]), (shades(2)[0], shades(2)[-1])
    letters = found[0].letters
    figure = new_figure(_HEIGHT, b=34)
    marks = Ticks(
        tuple(float(i) for i in range(len(letters))), tuple(one.upper() for one in letters)
    )
    set_axis(figure, "x", "", marks, (-0.6, len(letters) - 0.4), False)
    figure.update_xaxes(showgrid=False)
    shares = [100 * v for one in found for v in (*one.answered, *one.gold)]
    value_axis(figure, "share of answers, %", [*shares, 0.0], limits=(0.0, 100.0), most=5)
    for m, (one, label, colour) in enumerate(zip(found, labels, colours, strict=True)):
        figure.add_bar(
            x=[i + (m - 0.5) * 0.36 for i in range(len(letters))],
            y=draw.rounded([100 * v for v in one.answered]),
            width=0.34,
            marker={"color": colour},
            customdata=[
                f"{plotted(label)} answers {letter.upper()}: {percent(v)}"
                for letter, v in zip(letters, one.answered, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    for i, share in enumerate(found[0].gold):
        figure.add_scatter(
            x=[i - 0.42, i + 0.42],
            y=draw.rounded([100 * share] * 2),
            mode="lines",
            line={"color": INK, "width": 2.5},
            text=[f"{letters[i].upper()} is right in {percent(share)}"] * 2,
            hovertemplate="%{text}<extra></extra>",
        )
    figure.update_layout(barmode="overlay")
    small, large = found
    model = Figure(
        "letters",
        "Letters answered",
        (Panel("letters", _HEIGHT),),
        "Share of each letter among a model's answers; the line across is its share among the "
        "right answers. A model that leans to a letter gains where that letter is right.",
        f"The answers of {labels[0]} are {number(small.distance.value, 3)} bits from the right "
        f"ones as a distribution over letters, those of {labels[1]} "
        f"{number(large.distance.value, 3)}.",
        f"Bars of letters answered by {labels[0]} and {labels[1]} beside the right ones: "
        + ", ".join(
            f"{letter.upper()} {percent(a, 0)}, {percent(b, 0)}, right {percent(g, 0)}"
            for letter, a, b, g in zip(
                letters, small.answered, large.answered, small.gold, strict=True
            )
        ),
        Table(
            ("letter", "right answers", labels[0], labels[1]),
            (
                *(
                    (letter.upper(), percent(g), percent(a), percent(b))
                    for letter, a, b, g in zip(
                        letters, small.answered, large.answered, small.gold, strict=True
                    )
                ),
                (
                    "distance, bits",
                    "",
                    measured(small.distance, 3),
                    measured(large.distance, 3),
                ),
            ),
            (1, 2, 3),
            f"Letters among the {small.distance.n:,} and {large.distance.n:,} answers that are "
            "one of them; Jensen-Shannon divergence from the right answers (few answers raise it).",
        ),
        (
            *(Swatch(c, label) for c, label in zip(colours, labels, strict=True)),
            Swatch(INK, "right answers"),
        ),
    )
    return model, {"letters": figure}
