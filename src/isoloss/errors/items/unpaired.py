"""What cannot be paired: questions that some models answered and others did not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.items.clashes import ids
from isoloss.errors.items.items import UNKNOWN, Items

_SHOWN = 5
_LINES = 20


@dataclass(frozen=True)
class Left:
    """One model's answers in one task and condition.

    Attributes:
        task, condition, model: whose answers these are.
        answered: questions with a scored answer.
        common: those among them that every model has answered.
        left_out: the others.
        unscored: answers without a verdict, which are not counted above.
        examples: keys of some of the questions that are left out.
    """

    task: str
    condition: str
    model: str
    answered: int
    common: int
    left_out: int
    unscored: int
    examples: tuple[str, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {**vars(self), "examples": list(self.examples)}


@dataclass(frozen=True)
class Absent:
    """Models that did not answer a task under a condition at all.

    Attributes:
        task, condition: which.
        models: without a scored answer there.
        questions: how many questions are lost to all models for it.
    """

    task: str
    condition: str
    models: tuple[str, ...]
    questions: int

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {**vars(self), "models": list(self.models)}


@dataclass(frozen=True)
class Unpaired:
    """What can be paired and what is left out, for every task, condition and model.

    Attributes:
        models: the models that were looked at.
        lines: one for every task, condition and model with an answer there.
        absent: tasks that some models did not answer at all.
        questions: different questions in all.
        common: those that every model answered under one condition.
    """

    models: tuple[str, ...]
    lines: tuple[Left, ...]
    absent: tuple[Absent, ...]
    questions: int
    common: int

    @property
    def complete(self) -> bool:
        """Whether nothing is left out."""
        return not any(line.left_out or line.unscored for line in self.lines)

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "models": list(self.models),
            "questions": self.questions,
            "common": self.common,
            "lines": [line.to_document() for line in self.lines],
            "absent": [one.to_document() for one in self.absent],
        }

    def __str__(self) -> str:
        told = [
            f"{self.common} of {self.questions} questions were answered by all "
            f"{len(self.models)} models"
        ]
        told += [_missed(one) for one in self.absent]
        lost = {(one.task, one.condition) for one in self.absent}
        told += [
            _told(line)
            for line in self.lines
            if (line.left_out or line.unscored) and (line.task, line.condition) not in lost
        ]
        if len(told) > _LINES:
            told[_LINES:] = [f"  and {len(told) - _LINES} lines more"]
        return "\n".join(told)


def unpaired(items: Items) -> Unpaired:
    """Count what a comparison of these models leaves out; choose them with `Items.where` first."""
    used = np.unique(items.model)
    scored = np.flatnonzero(items.correct != UNKNOWN)
    place = ids(items.task.codes, items.condition.codes)
    question = ids(place, items.item.codes)
    pairs = np.unique(question[scored] * len(items.models) + items.model[scored])
    answered_by = np.bincount(
        pairs // len(items.models), minlength=int(question.max(initial=-1)) + 1
    )
    full = answered_by == len(used)
    cell = place * len(items.models) + items.model
    lines = []
    _, firsts = np.unique(cell, return_index=True)
    order = np.argsort(cell, kind="stable")
    starts = [*np.searchsorted(cell[order], cell[firsts]).tolist(), len(order)]
    for i, first in enumerate(firsts.tolist()):
        lines.append(_line(items, order[starts[i] : starts[i + 1]], first, question, full))
    return Unpaired(
        tuple(items.models[i].name for i in used.tolist()),
        tuple(lines),
        _absent(items, place, question, used, scored),
        int(question.max(initial=-1)) + 1,
        int(full.sum()),
    )


def _absent(
    items: Items, place: np.ndarray, question: np.ndarray, used: np.ndarray, scored: np.ndarray
) -> tuple[Absent, ...]:
    """Tasks and conditions in which some model has no scored answer."""
    count = int(place.max(initial=-1)) + 1
    there = np.zeros((count, len(items.models)), bool)
    there[place[scored], items.model[scored]] = True
    lost = np.flatnonzero(~there[:, used].all(axis=1))
    found = []
    for one in lost.tolist():
        rows = np.flatnonzero(place == one)
        names = tuple(items.models[i].name for i in used.tolist() if not there[one, i])
        task, condition = items.task[rows[0]] or "", items.condition[rows[0]] or ""
        found.append(Absent(task, condition, names, len(np.unique(question[rows]))))
    return tuple(found)


def _line(
    items: Items, rows: np.ndarray, first: int, question: np.ndarray, full: np.ndarray
) -> Left:
    known = rows[items.correct[rows] != UNKNOWN]
    common = full[question[known]]
    left = known[~common]
    return Left(
        items.task[first] or "",
        items.condition[first] or "",
        items.models[items.model[first]].name,
        len(known),
        int(common.sum()),
        len(left),
        len(rows) - len(known),
        tuple(str(items.item[row]) for row in left[:_SHOWN].tolist()),
    )


def _missed(one: Absent) -> str:
    return (
        f"  task {one.task}{_condition(one.condition)}: no answers of {', '.join(one.models)}, so "
        f"none of its {one.questions} questions can be paired"
    )


def _condition(name: str) -> str:
    return f" ({name})" if name != "default" else ""


def _told(line: Left) -> str:
    told = (
        f"  {line.model}, task {line.task}{_condition(line.condition)}: "
        f"{line.common} of {line.answered} can be paired"
    )
    if line.left_out:
        told += f", {line.left_out} left out (such as {', '.join(line.examples)})"
    if line.unscored:
        told += f", {line.unscored} not scored"
    return told
