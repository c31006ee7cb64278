"""What stands first: the answer with its verdict, the numbers to remember, and what can be seen."""

from __future__ import annotations

import math

from isoloss.errors.power import Reach
from isoloss.errors.study import ErrorStudy, answer
from isoloss.report.errors.background import reasons
from isoloss.report.errors.part import MOST_ROWS, Part, capped, part
from isoloss.report.errors.words import (
    FEW,
    UNKNOWN,
    clipped,
    interval,
    joined,
    many,
    model_labels,
    named,
    number,
    percent,
)
from isoloss.report.model import Answer, Block, Fact, Facts, Fold, Table, Text

# rows of a table that is not folded
_OPEN = 24


def verdict_of(study: ErrorStudy) -> str:
    """The verdict on accuracy: a trend's, or that of the two sizes there are."""
    if study.is_trend:
        return study.accuracy.overall.slope.verdict
    return study.contrast.accuracy.verdict


def about(study: ErrorStudy) -> str:
    """What that verdict is about."""
    labels = model_labels(study.grid.models)
    if study.is_trend:
        return f"accuracy over {len(labels)} sizes, {labels[0]} to {labels[-1]}"
    return f"accuracy of {labels[-1]} against {labels[0]}"


def title_of(study: ErrorStudy) -> str:
    """The page's heading."""
    asked = "" if study.condition in ("default", "") else f", {named(study.condition)}"
    return f"{clipped(study.family, 60)} on {clipped(study.name, 60)}{asked}"


def lead(study: ErrorStudy) -> tuple[Block, ...]:
    """The paragraph, what speaks against any trend, and the numbers to remember."""
    said = Answer(clipped(answer(study), 6000), verdict_of(study), about(study))
    stops = [one for one in study.flags if one.severity == "stop"]
    return (said, *([reasons(stops)] if stops else []), facts(study))


def facts(study: ErrorStudy) -> Facts:
    """Questions, accuracy, its change, what is lost on the way, and what can be seen."""
    found, flips = study.accuracy.overall, study.contrast.flips
    labels = model_labels(study.grid.models)
    first, last = found.accuracy[0], found.accuracy[-1]
    tasks = len(study.power.tasks)
    listed = [
        Fact(
            "questions",
            f"{study.grid.shape[1]:,}",
            f"{many(tasks, 'task')}, answered by all {len(labels)} models",
        ),
        Fact(f"accuracy, {labels[0]}", percent(first.value), interval(first, 1, 100)),
        Fact(f"accuracy, {labels[-1]}", percent(last.value), interval(last, 1, 100)),
    ]
    if study.is_trend:
        slope = found.slope
        listed.append(
            Fact("slope", number(slope.value, 2, True), f"{interval(slope)} logits a decade")
        )
    else:
        change = study.contrast.accuracy.change
        listed.append(
            Fact(
                "change",
                number(100 * change.value, 1, True),
                f"{interval(change, 1, 100)} points of accuracy",
            )
        )
    bound = "; an upper bound" if flips.source == "upper bound" else ""
    listed.append(
        Fact(
            "right answers lost",
            *(
                (
                    percent(flips.regression.value, 0),
                    f"{interval(flips.regression, 0, 100)} from {labels[0]} to {labels[-1]}{bound}",
                )
                if flips.regression.n >= FEW
                else (UNKNOWN, f"{labels[0]} has {many(flips.regression.n, 'right answer')}")
            ),
        )
    )
    return Facts(tuple(listed))


def reach_part(study: ErrorStudy) -> Part:
    """What can be detected with these questions and sizes."""
    power = study.power
    needed = joined([f"{n:,} for {points_}" for points_, n in power.items_for.items()])
    return part(
        "reach",
        "What these answers can show",
        Text(_says(study)),
        _tasks(study),
        Text(
            "Smaller differences than these may be there and not be found: where no verdict is "
            "given, that is not the finding that nothing changes. A paired difference on all "
            f"questions would need, with the same disagreement between models, {needed}.",
            "note",
        ),
    )


def _says(study: ErrorStudy) -> str:
    power, whole = study.power, study.power.overall
    groups = f" in {whole.clusters:,} groups" if whole.clusters < whole.n else ""
    text = (
        f"With these {whole.n:,} questions{groups} two models are told apart, with a chance of "
        f"{percent(power.chance, 0)}, from {number(100 * whole.paired, 1)} points of accuracy on"
    )
    if math.isfinite(whole.slope):
        text += (
            f", and a trend is seen from {number(whole.slope)} logits "
            f"({number(100 * whole.points, 1)} points) per decade on"
        )
    text += "."
    if not math.isfinite(whole.shift):
        return f"{text} {whole.errors:,} errors are too few to speak of shares of mistakes."
    return (
        f"{text} A strong shift in the mix of mistakes is found with a chance of "
        f"{_sure(whole.shift)}."
    )


def _tasks(study: ErrorStudy) -> Table | Fold | None:
    """In the open while it is short."""
    if len(study.power.tasks) < 2:
        return None
    table = _table(study)
    if len(table.rows) <= _OPEN:
        return table
    return Fold(f"By task: {len(study.power.tasks):,} tasks", (Text(table.title, "note"), table))


def _table(study: ErrorStudy) -> Table:
    chance = f"{100 * study.power.chance:.0f} %"
    clustered = any(one.clusters < one.n for one in study.power.tasks)
    rows = []
    for one in (study.power.overall, *study.power.tasks):
        name = "all questions" if one is study.power.overall else named(one.name)
        groups = (f"{one.clusters:,}",) if clustered else ()
        rows.append((name, f"{one.n:,}", *groups, *_row(one)))
    groups = ("groups",) if clustered else ()
    columns = (
        "task",
        "questions",
        *groups,
        "accuracy",
        "least difference",
        "least trend",
        "a strong shift of mistakes",
    )
    return capped(
        Table(
            columns,
            tuple(rows),
            tuple(range(1, len(columns))),
            f"What is found with a chance of {chance}, at level {study.level:g}, by task: least "
            "difference of two neighbouring sizes, least trend in accuracy for ten times the "
            "parameters, and the chance of finding a strong shift in the mix of mistakes.",
        ),
        MOST_ROWS,
    )


def _row(one: Reach) -> tuple[str, ...]:
    known = math.isfinite(one.slope)
    return (
        percent(one.accuracy),
        f"{number(100 * one.paired, 1)} points",
        f"{number(100 * one.points, 1)} points" if known else "two sizes",
        _sure(one.shift) if math.isfinite(one.shift) else "too few errors",
    )


def _sure(share: float) -> str:
    """A chance; never all of it."""
    return "over 99 %" if share > 0.99 else percent(share, 0)
