"""Every task of a study: how accuracy changes in it, and where it stands over guessing."""

from __future__ import annotations

import math
from dataclasses import dataclass

from isoloss.errors.study import ErrorStudy
from isoloss.report.errors.guess import guessing_by_task
from isoloss.report.errors.part import capped
from isoloss.report.errors.words import (
    Between,
    chance,
    joined,
    many,
    measured,
    model_labels,
    named,
    percent,
    shift,
)
from isoloss.report.model import Table


@dataclass(frozen=True)
class Line:
    """One task.

    Attributes:
        name: as the table has it.
        n: questions.
        change: slope in logits a decade, or difference of accuracy with two sizes.
        q: of the change, adjusted for the number of tasks.
        verdict: of the change.
        accuracy: of every model.
        guess: what guessing gets right; 0 where that is not known.
        constant: what the best constant answer gets right; NaN where answers are no classes.
    """

    name: str
    n: int
    change: Between
    q: float
    verdict: str
    accuracy: tuple[float, ...]
    guess: float
    constant: float


def lines_of(study: ErrorStudy) -> list[Line]:
    """Every task, the steepest first."""
    guess = guessing_by_task(study.grid)
    constant = {one.task: one.accuracy for one in study.base_rates}
    found = []
    if study.is_trend:
        for one in study.accuracy.tasks:
            shares = tuple(share.value for share in one.accuracy)
            found.append(
                Line(
                    one.name,
                    one.n,
                    one.slope,
                    one.slope.q,
                    one.slope.verdict,
                    shares,
                    guess.get(one.name, 0.0),
                    constant.get(one.name, math.nan),
                )
            )
    else:
        for one in study.contrast.tasks:
            found.append(
                Line(
                    one.name,
                    one.change.n,
                    one.change,
                    one.q,
                    one.verdict,
                    (one.small, one.large),
                    guess.get(one.name, 0.0),
                    constant.get(one.name, math.nan),
                )
            )
    return sorted(found, key=lambda one: -or_zero(one.change.value))


def counted(lines: list[Line]) -> str:
    """How many tasks have each verdict."""
    counts = {
        word: sum(line.verdict == word for line in lines)
        for word in dict.fromkeys(line.verdict for line in lines)
    }
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def conclusion(study: ErrorStudy, lines: list[Line]) -> str:
    """Which tasks get better, which get worse, and for how many it is open."""
    up, down = ("improves", "worsens") if study.is_trend else ("better", "worse")
    rises = [named(line.name, 40) for line in lines if line.verdict == up]
    falls = [named(line.name, 40) for line in lines if line.verdict == down]
    open_ = sum(line.verdict == "cannot tell" for line in lines)
    listed = f" ({joined(rises)})" if 0 < len(rises) < 5 else ""
    worse = f", {len(falls)} worse ({joined(falls)})" if 0 < len(falls) < 5 else ""
    worse = worse or (f", {len(falls)} worse" if falls else ", none is shown to get worse")
    word = "improve" if study.is_trend else "are shown better"
    rest = f"; for {open_} it cannot be told" if open_ else ""
    return f"{len(rises)} of {many(len(lines), 'task')} {word}{listed}{worse}{rest}."


def tasks_table(study: ErrorStudy, lines: list[Line]) -> Table:
    """A row for every task."""
    rows = tuple(
        (
            named(line.name),
            f"{line.n:,}",
            percent(line.guess) if line.guess else "",
            percent(line.constant) if math.isfinite(line.constant) else "",
            percent(line.accuracy[0]),
            percent(line.accuracy[-1]),
            measured(line.change, 2, True) if study.is_trend else shift(line.change),
            chance(line.q),
            line.verdict,
        )
        for line in lines
    )
    labels = model_labels(study.grid.models)
    columns = (
        "task",
        "questions",
        "guessing",
        "constant answer",
        labels[0],
        labels[-1],
        "slope, logits a decade" if study.is_trend else "change, points",
        "q",
        "verdict",
    )
    return capped(
        Table(columns, rows, tuple(range(1, 8)), "Accuracy by task, the steepest first.", (8,))
    )


def or_zero(value: float) -> float:
    """A number to sort by."""
    return value if math.isfinite(value) else 0.0
