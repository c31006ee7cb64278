"""Failure modes by size: how often each occurs, and its share of the errors, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from isoloss.errors.study import ErrorStudy
from isoloss.errors.trends import Mix
from isoloss.report import draw
from isoloss.report.errors.looks import MODES, REST, plotted, steps_axis
from isoloss.report.errors.part import Drawn
from isoloss.report.errors.words import model_labels, named, percent, percents
from isoloss.report.model import Figure, Panel, Swatch, Table
from isoloss.report.numbers import ticks
from isoloss.report.theme import new_figure, set_axis

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

_HEIGHT = 380
OTHERS, SILENT = "other modes", "no mode known"


@dataclass(frozen=True, eq=False)
class Layer:
    """One colour of the stacks.

    Attributes:
        name: in words.
        colour: of the bars.
        rate, share: (M,) of all questions, and of the errors that have a mode; NaN shares where a
            layer is none of those.
    """

    name: str
    colour: str
    rate: np.ndarray
    share: np.ndarray


def colours_of(studies: Sequence[ErrorStudy]) -> dict[str, str]:
    """A colour for every mode, the same on every page, as far as there are colours."""
    count: dict[str, int] = {}
    for study in studies:
        for mode in study.modes.overall.modes if study.modes else ():
            count[mode.name] = count.get(mode.name, 0) + sum(mode.counts)
    order = sorted(count, key=lambda name: -count[name])
    return {name: MODES[i % len(MODES)] for i, name in enumerate(order)}


def layers_of(mix: Mix, colours: Mapping[str, str]) -> list[Layer]:
    """The most frequent modes, then the others as one, then errors without a mode."""
    taken: list[str] = []
    for mode in mix.modes[: len(MODES)]:
        wanted = colours.get(mode.name, MODES[0])
        free = next(colour for colour in (wanted, *MODES) if colour not in taken)
        taken.append(free)
    found = [
        Layer(
            named(mode.name),
            colour,
            np.array([one.value for one in mode.rate]),
            np.array([one.value for one in mode.share]),
        )
        for mode, colour in zip(mix.modes, taken, strict=False)
    ]
    rest = mix.modes[len(MODES) :]
    if rest:
        counts = np.array([mode.counts for mode in rest], dtype=float).sum(axis=0)
        errors = np.maximum(np.array(mix.errors, dtype=float), 1.0)
        found.append(Layer(OTHERS, REST, counts / mix.n, counts / errors))
    silent = np.array(mix.silent, dtype=float)
    if silent.any():
        found.append(Layer(SILENT, "#9aa1a9", silent / mix.n, np.full(len(silent), np.nan)))
    return found


def modes_figure(study: ErrorStudy, colours: Mapping[str, str]) -> Drawn | None:
    """The two stacks; None where no error has a mode."""
    if study.modes is None or not study.modes.overall.modes:
        return None
    mix = study.modes.overall
    layers, labels = layers_of(mix, colours), model_labels(study.grid.models)
    first, last = (sum(layer.rate[place] for layer in layers) for place in (0, -1))
    top = mix.modes[0]
    model = Figure(
        "modes",
        "Failure modes",
        (Panel("modes-rate", _HEIGHT), Panel("modes-share", _HEIGHT)),
        f"Left: failures as a share of all {mix.n:,} questions, so that a stack is as high as the "
        "model is wrong. Right: the same as shares of the errors that have a mode. A mode can get "
        "rarer on the left and still grow on the right.",
        f"Errors go from {percent(first)} to {percent(last)} of the questions; the most frequent "
        f"mode, {named(top.name)}, from {percent(top.share[0].value, 0)} to "
        f"{percent(top.share[-1].value, 0)} of the errors.",
        f"Stacked bars of {len(layers)} failure modes for {len(labels)} sizes: at {labels[0]} "
        + ", ".join(f"{layer.name} {percent(layer.rate[0])}" for layer in layers)
        + f"; at {labels[-1]} "
        + ", ".join(f"{layer.name} {percent(layer.rate[-1])}" for layer in layers),
        _table(mix, labels),
        tuple(Swatch(layer.colour, layer.name) for layer in layers),
    )
    return model, {
        "modes-rate": _stack(layers, labels, "rate", "failures, % of questions"),
        "modes-share": _stack(layers, labels, "share", "share of errors, %"),
    }


def _stack(layers: list[Layer], labels: tuple[str, ...], view: str, title: str) -> PlotlyFigure:
    figure = new_figure(_HEIGHT, b=34)
    places = list(range(len(labels)))
    steps_axis(figure, "x", labels, most=7, letters=8)
    total = np.nansum([getattr(layer, view) for layer in layers], axis=0).max() * 100
    span = (0.0, 100.0 if view == "share" else max(float(total) * 1.04, 1.0))
    set_axis(figure, "y", title, ticks("", *span, log=False, most=5), span, False)
    for layer in layers:
        value = getattr(layer, view) * 100
        if not np.isfinite(value).any():
            continue
        figure.add_bar(
            x=places,
            y=draw.rounded(value),
            width=0.72,
            marker={"color": layer.colour, "line": {"width": 1.2, "color": "rgba(0,0,0,0)"}},
            text=[f"{v:.0f}" if v >= 0.055 * span[1] else "" for v in value],
            textposition="inside",
            textangle=0,
            insidetextanchor="middle",
            textfont={"size": 11},
            customdata=[
                f"<b>{plotted(layer.name, 50)}</b><br>{plotted(label)}: {v:.1f} %"
                for label, v in zip(labels, value, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.update_layout(barmode="stack", uniformtext={"mode": "hide", "minsize": 10})
    return figure


def _table(mix: Mix, labels: tuple[str, ...]) -> Table:
    rows = [
        (
            named(mode.name),
            labels[m],
            f"{mode.counts[m]:,}",
            percents(mode.rate[m]) if mode.rate else "",
            percents(mode.share[m]),
        )
        for mode in mix.modes
        for m in range(len(labels))
    ]
    rows += [
        (SILENT, labels[m], f"{count:,}", percent(count / mix.n) if mix.n else "", "")
        for m, count in enumerate(mix.silent)
        if any(mix.silent)
    ]
    return Table(
        ("failure mode", "size", "answers", f"of {mix.n:,} questions", "of errors with a mode"),
        tuple(rows),
        (2, 3, 4),
        "Failure modes by size, with intervals over questions.",
    )
