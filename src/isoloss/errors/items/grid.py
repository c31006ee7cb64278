"""The same questions to every model: answers as a matrix of models by items.

Every comparison between models is made on questions that all of them answered, paired by the
question's key. What is left out for that is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isoloss.errors.items.coded import MISSING, Coded
from isoloss.errors.items.items import UNKNOWN, Items
from isoloss.errors.items.models import Model
from isoloss.exceptions import ItemsError


@dataclass(frozen=True, eq=False)
class Grid:
    """M models, the smallest first, by I items that all of them answered.

    Attributes:
        models: (M) what is known of each.
        item, task, gold: (I) of every question.
        cluster: (I,) int32, equal for questions that share an image or a passage.
        n_options: (I,) int32; 0 where not known.
        correct: (M, I) int8, 0 or 1.
        prediction: (M, I) int32 places in `predictions`; -1 where no answer could be read.
        predictions: the different answers.
        mode: (M, I) int32 places in `modes`; -1 where the source is silent. None without labels.
        modes: failure modes; `correct` among them.
        loss: (M, I) nats, or None.
        choices: (M, I, k) probabilities of options, or None.
        row: (M, I) the row of the table that each answer stands in.
        left_out: by model, how many of its questions some other model did not answer.
    """

    models: tuple[Model, ...]
    item: Coded
    task: Coded
    gold: Coded
    cluster: np.ndarray
    n_options: np.ndarray
    correct: np.ndarray
    prediction: np.ndarray
    predictions: tuple[str, ...]
    mode: np.ndarray | None
    modes: tuple[str, ...]
    loss: np.ndarray | None
    choices: np.ndarray | None
    row: np.ndarray
    left_out: dict[str, int]

    @property
    def shape(self) -> tuple[int, int]:
        """(M, I)."""
        return self.correct.shape[0], self.correct.shape[1]

    @property
    def size(self) -> np.ndarray:
        """(M,) log10 of total parameters; NaN where they are not known."""
        return np.log10(np.array([model.params for model in self.models]))

    @property
    def names(self) -> tuple[str, ...]:
        """(M) names of the models."""
        return tuple(model.name for model in self.models)

    def columns(self, kept: np.ndarray) -> Grid:
        """Some items (indices or a mask)."""
        return Grid(
            self.models,
            self.item.take(kept),
            self.task.take(kept),
            self.gold.take(kept),
            self.cluster[kept],
            self.n_options[kept],
            self.correct[:, kept],
            self.prediction[:, kept],
            self.predictions,
            None if self.mode is None else self.mode[:, kept],
            self.modes,
            None if self.loss is None else self.loss[:, kept],
            None if self.choices is None else self.choices[:, kept],
            self.row[:, kept],
            self.left_out,
        )

    def of_task(self, task: str) -> Grid:
        """The items of one task."""
        return self.columns(self.task.codes == self.task.code(task))

    def lines(self, kept: Sequence[int]) -> Grid:
        """Some models, by place."""
        places = np.asarray(kept, dtype=int)
        return Grid(
            tuple(self.models[i] for i in places),
            self.item,
            self.task,
            self.gold,
            self.cluster,
            self.n_options,
            self.correct[places],
            self.prediction[places],
            self.predictions,
            None if self.mode is None else self.mode[places],
            self.modes,
            None if self.loss is None else self.loss[places],
            None if self.choices is None else self.choices[places],
            self.row[places],
            self.left_out,
        )


def grid(items: Items, *, condition: str | None = None, labels: str | None = None) -> Grid:
    """Arrange answers as a matrix.

    Args:
        items: answers; choose family and models with `Items.where` first.
        condition: how the questions were asked; needed where there are several.
        labels: the source of failure modes; `rules` where there is one, when not given.

    Raises:
        ItemsError: several conditions, a question answered twice by one model, no question that
            all models answered, or unknown labels.
    """
    items = _one_condition(items, condition)
    if labels is not None and labels not in items.labels:
        raise ItemsError(f"no labels '{labels}'; there are {', '.join(items.labels) or 'none'}")
    source = labels or ("rules" if "rules" in items.labels else next(iter(items.labels), None))
    scored = items.correct != UNKNOWN
    places = _by_size(items)
    line = np.full(len(items.models), -1)
    line[places] = np.arange(len(places))
    key = items.task.codes.astype(np.int64) * (len(items.item.values) + 1) + items.item.codes
    keys, column = np.unique(key, return_inverse=True)
    row = np.full((len(places), len(keys)), -1, dtype=np.int64)
    rows = np.flatnonzero(scored)
    row[line[items.model[rows]], column[rows]] = rows
    _no_twice(items, row, rows)
    full = (row >= 0).all(axis=0)
    left = {
        items.models[place].name: int((row[i] >= 0).sum() - full.sum())
        for i, place in enumerate(places)
    }
    if not full.any():
        raise ItemsError(
            f"no question was answered by all of {', '.join(left)}; questions are paired by task "
            "and key: see whether the logs are of the same benchmark and prompts"
        )
    row = row[:, full]
    first = row[0]
    mode = None if source is None else items.labels[source].mode
    return Grid(
        tuple(items.models[place] for place in places),
        items.item.take(first),
        items.task.take(first).compact(),
        items.gold.take(first),
        np.arange(len(first), dtype=np.int32)
        if items.cluster is None
        else np.unique(items.cluster.codes[first], return_inverse=True)[1].astype(np.int32),
        items.n_options[first],
        items.correct[row],
        items.prediction.codes[row],
        items.prediction.values,
        None if mode is None else mode.codes[row],
        () if mode is None else mode.values,
        None if items.loss is None else items.loss[row],
        None if items.choices is None else items.choices[row],
        row,
        left,
    )


def _one_condition(items: Items, condition: str | None) -> Items:
    if condition is not None:
        return items.where(condition=condition)
    if len(items.conditions) > 1:
        raise ItemsError(
            f"the questions were asked under {len(items.conditions)} conditions "
            f"({', '.join(items.conditions[:8])}); name one with condition="
        )
    return items


def _by_size(items: Items) -> list[int]:
    """Places of models with answers, by size; unknown sizes last."""
    used = [int(i) for i in np.unique(items.model)]
    if not used:
        raise ItemsError("there are no answers")
    return sorted(
        used,
        key=lambda i: (
            np.isnan(items.models[i].params),
            items.models[i].params,
            items.models[i].name,
        ),
    )


def _no_twice(items: Items, row: np.ndarray, rows: np.ndarray) -> None:
    if int((row >= 0).sum()) == len(rows):
        return
    kept = np.zeros(len(items), dtype=bool)
    kept[row[row >= 0]] = True
    twice = rows[~kept[rows]]
    at = int(twice[0])
    raise ItemsError(
        f"{len(twice)} questions were answered twice by one model, such as '{items.item[at]}' of "
        f"task '{items.task[at]}' by {items.models[items.model[at]].name}; name a condition for "
        "each run, or keep one answer"
    )


__all__ = ["MISSING", "Grid", "grid"]
