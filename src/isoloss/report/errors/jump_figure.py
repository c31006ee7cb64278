"""Accuracy beside loss: does the model jump, or only the score?"""

from __future__ import annotations

from isoloss.errors.contrasts import Estimate
from isoloss.errors.study import ErrorStudy
from isoloss.errors.trends import Emergence
from isoloss.report.errors.looks import TEAL, add_values, plotted, sizes_axis, value_axis
from isoloss.report.errors.part import Drawn, capped
from isoloss.report.errors.words import measured, model_labels, named, number, percents
from isoloss.report.model import Figure, Panel, Table
from isoloss.report.theme import LAW, new_figure

_HEIGHT = 290


def jump_figure(study: ErrorStudy) -> Drawn | None:
    """All questions, or the task whose jump is one of the metric; None without losses."""
    if not study.emergence:
        return None
    found = study.emergence
    one = next((e for e in found if e.verdict == "metric artefact"), found[0])
    labels = model_labels(study.grid.models)
    name = "all questions" if one.name == "all" else named(one.name)
    model = Figure(
        "jump",
        "Accuracy beside loss",
        (Panel("jump-accuracy", _HEIGHT), Panel("jump-loss", _HEIGHT)),
        f"{name[:1].upper()}{name[1:]}: accuracy counts an answer only as a whole, the loss of the "
        "right answer (nats) moves with every token of it. A jump of accuracy where loss falls "
        "evenly is made by the score (Schaeffer et al. 2023).",
        f"{one.verdict.capitalize()}: a sharpness of {measured(one.accuracy_sharpness)} in "
        f"accuracy and of {measured(one.loss_sharpness)} in log loss"
        + (f"; {one.reason}" if one.reason else "")
        + ".",
        f"Accuracy and loss of {len(labels)} sizes on {name}",
        _table(found),
    )
    return model, {
        "jump-accuracy": _panel(study, labels, one.accuracy, "accuracy, %", LAW, 100),
        "jump-loss": _panel(study, labels, one.loss, "loss, nats", TEAL, 1),
    }


def _panel(
    study: ErrorStudy,
    labels: tuple[str, ...],
    found: tuple[Estimate, ...],
    title: str,
    colour: str,
    scale: float,
):
    figure = new_figure(_HEIGHT, l=50)
    params = [model.params for model in study.grid.models]
    sizes_axis(figure, params, labels, few=True)
    value_axis(figure, title, [scale * v for e in found for v in (e.low, e.high)], most=5)
    texts = [
        f"<b>{plotted(label)}</b><br>{percents(e) if scale == 100 else measured(e, 3)}"
        for label, e in zip(labels, found, strict=True)
    ]
    add_values(figure, params, found, texts, colour=colour, scale=scale)
    return figure


def _table(found: tuple[Emergence, ...]) -> Table:
    rows = tuple(
        (
            "all questions" if one.name == "all" else named(one.name),
            f"{one.n:,}",
            measured(one.accuracy_sharpness),
            measured(one.loss_sharpness),
            measured(one.difference),
            number(one.loss_change.value, 3, True),
            one.verdict,
        )
        for one in found
    )
    return capped(
        Table(
            (
                "task",
                "questions",
                "sharpness of accuracy",
                "of log loss",
                "difference",
                "change of loss",
                "verdict",
            ),
            rows,
            (1, 2, 3, 4, 5),
            "Sharpness: the share of the change that the steepest stretch of sizes holds beyond "
            "its share of the decades.",
            (6,),
        )
    )
