"""Section: accuracy against size, in all and by task."""

from __future__ import annotations

import math

from isoloss.errors.study import ErrorStudy
from isoloss.report.errors.part import Part, packaged, part
from isoloss.report.errors.size_figure import size_figure
from isoloss.report.errors.task_figure import task_figure
from isoloss.report.errors.words import (
    joined,
    model_labels,
    named,
    number,
    points,
    related,
)
from isoloss.report.model import Text

_BENT = ("U-shaped", "inverted U", "inverse")


def accuracy_part(study: ErrorStudy) -> Part:
    """The line over size and the tasks."""
    return part(
        "accuracy",
        "Accuracy against size" if study.is_trend else "Accuracy of the two sizes",
        size_figure(study),
        Text(_ends(study)),
        *packaged(study),
        task_figure(study),
        *(Text(text) for text in (_spread(study), _bent(study), _odd(study)) if text),
    )


def _ends(study: ErrorStudy) -> str:
    """The largest against the smallest, question by question."""
    found = study.contrast.accuracy
    labels = model_labels(study.grid.models)
    return (
        f"Question by question, {labels[-1]} gets {found.gained:,} right that {labels[0]} got "
        f"wrong, and {found.lost:,} wrong that it got right: {points(found.change)}, "
        f"p {related(found.p)} (McNemar), {found.verdict}."
    )


def _spread(study: ErrorStudy) -> str:
    found = study.accuracy.spread
    if not study.is_trend or found is None or not math.isfinite(found.mu):
        return ""
    return (
        f"Tasks differ: the mean slope of a task is {number(found.mu, 2, True)} "
        f"[{number(found.low)}, {number(found.high)}] logits a decade, "
        f"with a standard deviation of {number(found.tau)} between tasks; "
        f"{number(100 * found.i2, 0)} % of the variance of slopes is between tasks (Cochran's Q "
        f"{number(found.q, 1)}, p {related(found.p)})."
    )


def _bent(study: ErrorStudy) -> str:
    bent = [one for one in study.shapes if one.verdict in _BENT]
    if not bent:
        return ""
    listed = joined(
        [f"{'all questions' if s.name == 'all' else named(s.name)} ({s.verdict})" for s in bent[:8]]
    )
    more = f", and {len(bent) - 8} more" if len(bent) > 8 else ""
    return f"Against the trend: {listed}{more}."


def _odd(study: ErrorStudy) -> str:
    found = study.accuracy.overall.fitness
    if not found.odd or found.odd == "?":
        return ""
    return (
        f"{named(found.odd)} stands off the line (misfit p "
        f"{related(found.p)}): read the slope with and without it."
    )
