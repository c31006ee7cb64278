"""Items: one row for every answer that a model gave to a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from isoloss.errors.items.coded import Coded
from isoloss.errors.items.models import Model
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

# what `correct` says besides 0 and 1
UNKNOWN = -1
# what every answer has a value of
ROWS = (
    "model",
    "item",
    "task",
    "condition",
    "gold",
    "prediction",
    "correct",
    "raw",
    "question",
    "options",
    "n_options",
    "cluster",
    "loss",
    "choices",
    "finish",
)


@dataclass(frozen=True, eq=False)
class Labels:
    """Failure modes from one source, a row for every answer.

    Attributes:
        mode: the failure mode; `correct` for right answers, missing where the source is silent.
        rule: what in the source decided: a rule's id, an annotator, a judge's model.
        confidence: (n,) between 0 and 1; NaN where none was given.
    """

    mode: Coded
    rule: Coded
    confidence: np.ndarray


@dataclass(frozen=True, eq=False)
class Items:
    """Answers, a row each (n), with the models that gave them.

    Attributes:
        models: what is known of every model.
        model: (n,) places in `models`.
        item: the question's key: equal keys in one task and condition are the same question.
        task: what the question tests.
        condition: how it was asked, such as `no_reasoning`; `default` where there is one only.
        gold: the right answer.
        prediction: the answer that was read off the model's text; missing where none could be.
        correct: (n,) int8: 1 right, 0 wrong, -1 not scored.
        raw: (n,) the model's text, or None.
        question: the question's text, or None.
        options: the options as a JSON list, or None.
        n_options: (n,) int32 how many options there are; 0 where that is not known or it is open.
        cluster: what several questions share, such as an image; None where each stands alone.
        loss: (n,) negative log-likelihood of the gold answer in nats, or None.
        choices: (n, k) probability of every option, rows padded with NaN, or None.
        finish: why the model stopped, such as `length`; or None.
        labels: failure modes by source: `rules`, `human`, `judge`, or another name.
        notices: what was decided or left out on the way.
    """

    models: tuple[Model, ...]
    model: np.ndarray
    item: Coded
    task: Coded
    condition: Coded
    gold: Coded
    prediction: Coded
    correct: np.ndarray
    raw: np.ndarray | None = None
    question: Coded | None = None
    options: Coded | None = None
    n_options: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    cluster: Coded | None = None
    loss: np.ndarray | None = None
    choices: np.ndarray | None = None
    finish: Coded | None = None
    labels: Mapping[str, Labels] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.model)
        if len(self.n_options) == 0 and count:
            object.__setattr__(self, "n_options", np.zeros(count, np.int32))
        for name in ROWS:
            column = getattr(self, name)
            if column is not None and len(column) != count:
                raise ItemsError(f"column '{name}' has {len(column)} rows, 'model' has {count}")

    def __len__(self) -> int:
        return len(self.model)

    def select(self, rows: np.ndarray) -> Items:
        """Some rows, by indices or mask; models stay as they are."""
        changed: dict[str, Any] = {}
        for name in ROWS:
            column = getattr(self, name)
            if column is not None:
                changed[name] = column.take(rows) if isinstance(column, Coded) else column[rows]
        labels = {
            source: Labels(one.mode.take(rows), one.rule.take(rows), one.confidence[rows])
            for source, one in self.labels.items()
        }
        return replace(self, **changed, labels=labels)

    def where(
        self,
        *,
        family: str | None = None,
        models: tuple[str, ...] | None = None,
        task: str | None = None,
        condition: str | None = None,
    ) -> Items:
        """The rows of a family, of models, of a task, of a condition.

        Raises:
            ItemsError: no row has it; the message lists what there is.
        """
        kept = np.ones(len(self), dtype=bool)
        if family is not None:
            kept &= self._models_with("family", {family})[self.model]
        if models is not None:
            kept &= self._models_with("name", set(models))[self.model]
        for name, text in (("task", task), ("condition", condition)):
            if text is not None:
                column: Coded = getattr(self, name)
                if column.code(text) < 0:
                    raise ItemsError(
                        f"no answer has {name} '{text}'; there is {', '.join(column.values[:20])}"
                    )
                kept &= column.codes == column.code(text)
        return self.select(kept)

    def with_labels(self, source: str, labels: Labels) -> Items:
        """The same answers with failure modes from one more source."""
        if len(labels.mode) != len(self):
            raise ItemsError(f"labels '{source}' have {len(labels.mode)} rows, not {len(self)}")
        return replace(self, labels={**self.labels, source: labels})

    @property
    def families(self) -> tuple[str, ...]:
        """Families with at least one answer, in order of appearance."""
        used = np.unique(self.model)
        return tuple(dict.fromkeys(self.models[i].family for i in used))

    @property
    def conditions(self) -> tuple[str, ...]:
        """Conditions with at least one answer."""
        return self.condition.compact().values

    @property
    def tasks(self) -> tuple[str, ...]:
        """Tasks with at least one answer."""
        return self.task.compact().values

    def _models_with(self, attribute: str, wanted: set[str]) -> np.ndarray:
        known = [str(getattr(model, attribute)) for model in self.models]
        missing = wanted - set(known)
        if missing:
            listed = ", ".join(list(dict.fromkeys(known))[:20])
            raise ItemsError(f"no model has {attribute} '{sorted(missing)[0]}'; there is {listed}")
        return np.array([name in wanted for name in known], dtype=bool)
