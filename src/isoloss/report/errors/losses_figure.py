"""Right answers that a larger model loses, and wrong ones that it mends, over the noise floor."""

from __future__ import annotations

import math
from itertools import pairwise

from isoloss.errors.agreement import Pair
from isoloss.errors.contrasts import Estimate
from isoloss.errors.study import ErrorStudy
from isoloss.report import draw
from isoloss.report.errors.looks import TEAL, plotted, value_axis, whiskers
from isoloss.report.errors.part import Drawn
from isoloss.report.errors.words import FEW, many, measured, model_labels, percent, percents
from isoloss.report.model import Figure, Panel, Swatch, Table
from isoloss.report.numbers import Ticks
from isoloss.report.theme import INK, MARKED, new_figure, set_axis

_ROW, _MOST = 34, 12


def steps(study: ErrorStudy) -> list[Pair]:
    """Neighbouring sizes, then the smallest and the largest."""
    names = list(study.grid.names)
    pairs = {(one.small, one.large): one for one in study.agreement.pairs}
    wanted = list(pairwise(names))[:_MOST]
    if len(names) > 2:
        wanted.append((names[0], names[-1]))
    return [pairs[key] for key in wanted if key in pairs]


def _rate(found: Estimate) -> Estimate:
    """A rate over enough answers; NaN otherwise."""
    if found.n >= FEW:
        return found
    return Estimate(math.nan, math.nan, math.nan, found.n, found.level)


def losses_figure(study: ErrorStudy) -> Drawn | None:
    """A row for every step; None where pairs are not known."""
    found, flips = steps(study), study.contrast.flips
    if not found:
        return None
    label = dict(zip(study.grid.names, model_labels(study.grid.models), strict=True))
    names = [f"{label[one.small]} → {label[one.large]}" for one in found]
    height = 56 + _ROW * len(found)
    left = 14 + round(6.6 * min(max(len(name) for name in names), 24))
    figure = new_figure(height, l=left, r=14, t=6, b=46)
    marks = Ticks(
        tuple(float(len(found) - i) for i in range(len(found))),
        tuple(plotted(name, 24) for name in names),
    )
    set_axis(figure, "y", "", marks, (0.4, len(found) + 0.6), False)
    figure.update_yaxes(showgrid=False)
    ends = [
        100 * v
        for one in found
        for e in (_rate(one.regression), _rate(one.fix))
        for v in (e.low, e.high)
    ]
    floor = flips.regression_floor
    floors = [100 * floor.value] if floor else []
    value_axis(figure, "share, %", [*ends, *floors, 0.0], axis="x", limits=(0.0, 100.0), most=6)
    if floor:
        figure.add_vline(x=100 * floor.value, line={"color": INK, "width": 1.5, "dash": "dot"})
    for word, name, colour, up, shape in (
        ("regression", "right answers lost", MARKED, 0.12, "circle"),
        ("fix", "wrong answers mended", TEAL, -0.12, "diamond"),
    ):
        values = [_rate(getattr(one, word)) for one in found]
        figure.add_scatter(
            x=draw.rounded([100 * one.value for one in values]),
            y=[len(found) - i + up for i in range(len(found))],
            mode="markers",
            marker={"color": colour, "size": 9, "symbol": shape},
            error_x=whiskers(values, colour, 100),
            text=[
                f"<b>{plotted(row, 60)}</b><br>{name} {percents(one)}<br>of {one.n:,}"
                for row, one in zip(names, values, strict=True)
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    last = found[-1]
    model = Figure(
        "losses",
        "Lost and mended",
        (Panel("losses", height),),
        "Circles: of the smaller model's right answers, the share that the larger one gets wrong. "
        "Diamonds: of its wrong answers, the share that the larger one gets right. "
        f"{_floor(study)}",
        _conclusion(study, last, label),
        "Shares of right answers lost and wrong answers mended: "
        + "; ".join(
            f"{name} {percent(_rate(one.regression).value, 0)} and "
            f"{percent(_rate(one.fix).value, 0)}"
            for name, one in zip(names, found, strict=True)
        ),
        Table(
            ("step", "right answers lost", "of", "wrong answers mended", "of", "nesting"),
            tuple(
                (
                    name,
                    percents(_rate(one.regression)),
                    f"{one.regression.n:,}",
                    percents(_rate(one.fix)),
                    f"{one.fix.n:,}",
                    measured(one.nesting),
                )
                for name, one in zip(names, found, strict=True)
            ),
            (1, 2, 3, 4, 5),
            "Nesting is 1 where the larger model errs only where the smaller one does, and 0 where "
            "their errors are independent.",
        ),
        (Swatch(MARKED, "right answers lost", "●"), Swatch(TEAL, "wrong answers mended", "◆")),
    )
    return model, {"losses": figure}


def _conclusion(study: ErrorStudy, last: Pair, label: dict[str, str]) -> str:
    if last.regression.n < FEW:
        return (
            f"{label[last.small]} has {many(last.regression.n, 'right answer')}, too few to say "
            "what share of them is lost."
        )
    bound = ", an upper bound" if study.contrast.flips.source == "upper bound" else ""
    nested = (
        f"; its errors lie within those of {label[last.small]} with a nesting index of "
        f"{measured(last.nesting)}"
        if math.isfinite(last.nesting.value)
        else ""
    )
    return (
        f"{label[last.large]} fails {percents(last.regression, 0)} of what {label[last.small]} "
        f"got right{bound}{nested}."
    )


def _floor(study: ErrorStudy) -> str:
    flips = study.contrast.flips
    if flips.source == "upper bound" or flips.regression_floor is None:
        return (
            "Every number is an upper bound: where answers are drawn at random, even two runs of "
            "one model differ, and no second run is here to say how much."
        )
    source = "two runs of one model" if flips.source == "reruns" else "the spread that was given"
    return (
        f"The dotted line is the noise floor, {percents(flips.regression_floor)} from {source}: "
        f"above it {percents(flips.regression_excess)} are lost from the smallest to the largest "
        f"({flips.verdict})."
    )
