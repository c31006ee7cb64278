"""What can be seen only across answers: one letter for a whole task, one wrong option for all."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from isoloss.errors.items import UNKNOWN, Items
from isoloss.errors.labels.answers import OPTION, YES_NO, Answers
from isoloss.errors.labels.options import MOST

# A run is constant when its letters hold at most CONSTANT bits and the golds at least VARIED bits.
# One other letter among 100 answers is 0.08 bits; golds of two options 1 to 8 are 0.50 bits
CONSTANT, VARIED = 0.1, 0.5
FEWEST_ANSWERS = 20
CONSENSUS, FEWEST_MODELS = 0.8, 5


@dataclass(frozen=True)
class ConstantRun:
    """A model that gives one letter to every question of a task.

    Attributes:
        model, task, condition: whose answers, to what.
        letter: the one that it gives most often.
        bits: entropy of its letters.
        gold_bits: entropy of the right letters.
        n: valid answers.
    """

    model: str
    task: str
    condition: str
    letter: str
    bits: float
    gold_bits: float
    n: int

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def constant_runs(items: Items, read: Answers) -> tuple[tuple[ConstantRun, ...], np.ndarray]:
    """Runs with one letter where the right letters vary.

    Args:
        items: answers.
        read: what was read of them.

    Returns:
        The runs; (n,) whether a row is one of their answers with that letter.
    """
    chosen = read.valid & (read.kind == OPTION) & (read.gold >= 0) & (read.gold < MOST)
    rows = np.flatnonzero(chosen & (items.correct != UNKNOWN))
    shape = (len(items.models), len(items.task.values), len(items.condition.values))
    where = (items.model[rows], items.task.codes[rows], items.condition.codes[rows])
    groups, group = np.unique(np.ravel_multi_index(where, shape), return_inverse=True)
    said = _counts(group, read.answer[rows], len(groups))
    bits, gold_bits = _bits(said), _bits(_counts(group, read.gold[rows], len(groups)))
    total = said.sum(axis=1)
    constant = (bits <= CONSTANT) & (gold_bits >= VARIED) & (total >= FEWEST_ANSWERS)
    most = said.argmax(axis=1) if len(groups) else np.zeros(0, dtype=int)
    found = np.zeros(len(items), dtype=bool)
    found[rows] = constant[group] & (read.answer[rows] == most[group])
    runs = []
    for place in np.flatnonzero(constant):
        model, task, condition = np.unravel_index(groups[place], shape)
        runs.append(
            ConstantRun(
                items.models[model].name,
                items.task.values[task],
                items.condition.values[condition],
                chr(ord("a") + int(most[place])),
                float(bits[place]),
                float(gold_bits[place]),
                int(total[place]),
            )
        )
    return tuple(runs), found


def consensus(items: Items, read: Answers, key: np.ndarray) -> np.ndarray:
    """(n,) wrong answers that at least 80 % of at least 5 models give to the same question.

    Args:
        items: answers.
        read: what was read of them.
        key: (n,) equal for equal answers to one question; -1 without a valid one.
    """
    if len(np.unique(items.model)) < FEWEST_MODELS:
        return np.zeros(len(items), dtype=bool)
    question = _question(items)
    scored = items.correct != UNKNOWN
    asked = np.bincount(question[scored], minlength=int(question.max(initial=-1)) + 1)
    found = np.zeros(len(items), dtype=bool)
    rows = np.flatnonzero((items.correct == 0) & (key >= 0) & (read.kind != YES_NO))
    same = question[rows].astype(np.int64) * (int(key.max(initial=0)) + 1) + key[rows]
    _, place, count = np.unique(same, return_inverse=True, return_counts=True)
    models = asked[question[rows]]
    found[rows] = (models >= FEWEST_MODELS) & (count[place] >= CONSENSUS * models - 1e-9)
    return found


def as_without_image(items: Items, key: np.ndarray, text_only: str) -> np.ndarray:
    """(n,) wrong answers equal to those of the same model in the condition without the image."""
    blind = items.condition.codes == items.condition.code(text_only)
    width = len(items.item.values) + 1
    asked = items.task.codes.astype(np.int64) * width + items.item.codes
    asked = asked * len(items.models) + items.model
    known, first = np.unique(asked[blind], return_index=True)
    place = np.searchsorted(known, asked)
    place[place == len(known)] = 0
    found = np.zeros(len(items), dtype=bool)
    if len(known):
        same = known[place] == asked
        answer = key[blind][first][place]
        wrong = ~blind & (items.correct == 0)
        found = same & wrong & (key >= 0) & (answer == key)
    return found


def _question(items: Items) -> np.ndarray:
    key = items.task.codes.astype(np.int64) * (len(items.item.values) + 1) + items.item.codes
    key = key * (len(items.condition.values) + 1) + items.condition.codes
    return np.unique(key, return_inverse=True)[1]


def _counts(group: np.ndarray, place: np.ndarray, groups: int) -> np.ndarray:
    return np.bincount(group * MOST + place, minlength=groups * MOST).reshape(groups, MOST)


def _bits(counts: np.ndarray) -> np.ndarray:
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    logs = np.log2(share, out=np.zeros_like(share), where=share > 0)
    return np.abs((share * logs).sum(axis=1))
