"""Which answers are to the same question, decided by content and never by a row's place.

A question's key is, in this order: the log's hash of the question; the log's own id, where all logs
agree on what it stands for; a hash of question, options and image, with the right answer where
these do not tell questions apart. Where logs contradict each other nothing is paired.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from isoloss.errors.items.clashes import (
    different_prompts,
    folded,
    ids,
    refuse_golds,
    refuse_prompts,
    several,
    without_repeats,
)
from isoloss.errors.items.coded import MISSING, Coded
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

_HASH = 16
_SHOWN = 5
# with ids that do not agree, at least this share of the questions has to be found by content in
# another log; else it is the prompts that differ, and not the numbering
_OVERLAP = 0.1


@dataclass(frozen=True, eq=False)
class Claims:
    """What logs say of who answered what, a row for every answer (n).

    Attributes:
        names: of the models.
        model: (n,) places in `names`.
        task, condition, gold, prediction, question, options, cluster: as in `Items`; missing where
            a log does not say.
        own: the log's own id of the question.
        content: the log's hash of the question.
        prompt: the log's hash of the whole prompt.
        correct: (n,) int8.
        where: of a row, the log and the line, for messages.
    """

    names: Sequence[str]
    model: np.ndarray
    task: Coded
    condition: Coded
    own: Coded
    content: Coded
    prompt: Coded
    gold: Coded
    prediction: Coded
    question: Coded
    options: Coded
    cluster: Coded
    correct: np.ndarray
    where: Callable[[int], str]

    def says(self, row: int) -> str:
        """Who, and where."""
        return f"{self.names[self.model[row]]} ({self.where(row)})"

    def select(self, rows: np.ndarray) -> Claims:
        """Some rows, by index."""
        return Claims(
            self.names,
            self.model[rows],
            self.task.take(rows),
            self.condition.take(rows),
            self.own.take(rows),
            self.content.take(rows),
            self.prompt.take(rows),
            self.gold.take(rows),
            self.prediction.take(rows),
            self.question.take(rows),
            self.options.take(rows),
            self.cluster.take(rows),
            self.correct[rows],
            lambda row: self.where(int(rows[row])),
        )


@dataclass(frozen=True, eq=False)
class Paired:
    """Every answer with its question's key.

    Attributes:
        item: keys of the rows that were kept.
        kept: indices of those rows.
        notices: what was decided or left out.
    """

    item: Coded
    kept: np.ndarray
    notices: tuple[Notice, ...]


def pair(claims: Claims, *, prompts_may_differ: bool = False) -> Paired:
    """Give every answer its question's key.

    Args:
        claims: what the logs say.
        prompts_may_differ: pair questions although they were put with different prompts.

    Raises:
        ItemsError: logs that contradict each other on a right answer, different prompts, one model
            that gives two different answers, or rows that cannot be told apart.
    """
    if not len(claims.model):
        return Paired(Coded.of([]), np.zeros(0, int), ())
    notices: list[Notice] = []
    by_hash, by_id, by_text = _ways(claims, prompts_may_differ, notices)
    parts = []
    for rows, key in ((by_hash, _hashes), (by_id, _own), (by_text, _texts)):
        if len(rows):
            parts.append((rows, key(claims.select(rows), prompts_may_differ, notices)))
    item = _assembled(len(claims.model), parts)
    kept, repeats = without_repeats(claims, item, texts=bool(len(by_text)))
    return Paired(item.take(kept), kept, (*notices, *repeats))


def _ways(
    claims: Claims, free: bool, notices: list[Notice]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows whose questions are known by hash, by id, and by text; a task goes one way as a whole.

    Of a task of which some logs have hashes and others do not, all go by id.
    """
    task, count = claims.task.codes, len(claims.task.values)
    hashed = _all(claims.content, task, count)
    named = _all(claims.own, task, count)
    strange = hashed & named & _strangers(claims)
    notices.extend(_by_id_instead(claims, np.flatnonzero(strange)))
    hashed &= ~strange
    named &= ~hashed
    asked = _all(claims.question, task, count)
    lost = np.flatnonzero(~(hashed | named | asked)[task])
    if len(lost):
        # the row without an id tells more than another one of its task
        row = int(lost[np.argmin(claims.own.codes[lost])])
        raise ItemsError(
            f"{claims.where(row)}: nothing says which question this answers: no id, no hash and no "
            f"text of it, in some logs of task '{claims.task[row]}' at least; name the column of "
            "ids with map item=COLUMN"
        )
    ways = np.where(hashed, 0, np.where(named, 1, 2))
    for code in _unlike(claims, np.flatnonzero(named[task])):
        rows = np.flatnonzero(task == code)
        ways[code] = _instead(claims.select(rows), asked[code], free, notices)
    way = ways[task]
    return np.flatnonzero(way == 0), np.flatnonzero(way == 1), np.flatnonzero(way == 2)


def _all(column: Coded, task: np.ndarray, count: int) -> np.ndarray:
    """(T,) whether every row of a task has the column."""
    return np.bincount(task[column.codes == MISSING], minlength=count) == 0


def _strangers(claims: Claims) -> np.ndarray:
    """(T,) tasks of several models of which no two have a hash in common.

    A harness may hash an image by where it lay in memory; such hashes say nothing.
    """
    task, count = claims.task.codes, len(claims.task.values)
    group = ids(claims.content.codes, task)
    shared = np.zeros(count, bool)
    shared[task[several(group, claims.model)[group]]] = True
    many = np.zeros(count, bool)
    found = several(task, claims.model)
    many[: len(found)] = found
    return many & ~shared


def _by_id_instead(claims: Claims, tasks: np.ndarray) -> tuple[Notice, ...]:
    if not len(tasks):
        return ()
    names = ", ".join(claims.task.values[code] for code in tasks[:_SHOWN].tolist())
    return (
        Notice(
            "hashes-differ",
            f"no two logs have a hash of a question in common in {len(tasks)} tasks ({names}), so "
            "the questions were paired by the logs' ids",
            "see whether the logs are of one version of the benchmark",
        ),
    )


def _unlike(claims: Claims, rows: np.ndarray) -> list[int]:
    """Tasks in which one id stands for questions that read differently."""
    if not len(rows):
        return []
    some = claims.select(rows)
    group = ids(some.task.codes, some.condition.codes, some.own.codes)
    unlike = np.zeros(int(group.max()) + 1, bool)
    for column in (folded(some.question), some.options.codes, some.cluster.codes):
        unlike |= several(group, column)
    return np.unique(some.task.codes[unlike[group]]).tolist()


def _instead(claims: Claims, asked: bool, free: bool, notices: list[Notice]) -> int:
    """How the questions of a task are known whose ids do not agree: by id (1) or by text (2)."""
    task = claims.task[0]
    if asked and _overlap(claims) >= _OVERLAP:
        notices.append(
            Notice(
                "ids-differ",
                f"the logs number the questions of task '{task}' differently, so they were paired "
                "by the question, its options and its image",
                "see with unpaired() what only some of the logs have",
            )
        )
        return 2
    if not free:
        group = ids(claims.condition.codes, claims.own.codes)
        for column, word in (
            (folded(claims.question), "question"),
            (claims.options.codes, "options"),
            (claims.cluster.codes, "image"),
        ):
            unlike = several(group, column)
            if unlike.any():
                raise refuse_prompts(claims, group, unlike, column, word)
    return 1


def _overlap(claims: Claims) -> float:
    """The share of questions, by content, that another model answers as well."""
    text = ids(*_content(claims))
    pairs = np.unique(text.astype(np.int64) * len(claims.names) + claims.model)
    models = np.bincount(pairs // len(claims.names))
    questions = np.bincount(pairs % len(claims.names))
    if (questions > 0).sum() == 1:
        return 1.0
    return float((models > 1).sum() / questions.max())


def _content(claims: Claims) -> tuple[np.ndarray, ...]:
    """What tells questions apart by content; options and image where every log has them."""
    found = [folded(claims.question)]
    for column in (claims.options, claims.cluster):
        if (column.codes != MISSING).all():
            found.append(column.codes)
    return tuple(found)


def _hashes(claims: Claims, free: bool, notices: list[Notice]) -> Coded:
    """Keys of questions that the log itself hashed."""
    short = [value[:_HASH] for value in claims.content.values]
    values = tuple(short if len(set(short)) == len(short) else claims.content.values)
    key = Coded(claims.content.codes, values)
    # a data set may hold one document twice; the logs' ids tell these apart
    mine = ids(claims.model, claims.task.codes, claims.condition.codes, key.codes)
    question = ids(claims.task.codes, key.codes)
    twice = np.zeros(int(question.max()) + 1, bool)
    twice[question[several(mine, claims.own.codes)[mine]]] = True
    split = twice[question] & (claims.own.codes != MISSING)
    if split.any():
        texts = key.texts()
        for row in np.flatnonzero(split).tolist():
            texts[row] = f"{texts[row]}#{claims.own[row]}"
        key = Coded.of(texts)
    refuse_golds(claims, ids(claims.task.codes, key.codes))
    notices.extend(
        different_prompts(claims, ids(claims.task.codes, claims.condition.codes, key.codes), free)
    )
    return key


def _own(claims: Claims, free: bool, notices: list[Notice]) -> Coded:
    """Keys of questions that the logs number alike."""
    refuse_golds(claims, ids(claims.task.codes, claims.own.codes))
    group = ids(claims.task.codes, claims.condition.codes, claims.own.codes)
    notices.extend(different_prompts(claims, group, free))
    return claims.own


def _texts(claims: Claims, free: bool, notices: list[Notice]) -> Coded:
    """Keys of questions that are known by what they say."""
    content = _content(claims)
    group = ids(claims.task.codes, *content)
    mine = ids(claims.model, claims.condition.codes, group)
    gold = folded(claims.gold)
    # one log asks the same words about things that it does not name: the right answer helps
    told = np.zeros(int(group.max()) + 1, bool)
    told[group[several(mine, gold)[mine]]] = True
    if not told.all():
        known = np.flatnonzero(~told[group])
        refuse_golds(claims.select(known), group[known])
    key = ids(group, np.where(told[group], gold, MISSING))
    _, first = np.unique(key, return_index=True)
    notices.extend(different_prompts(claims, ids(claims.condition.codes, key), free))
    with_options = len(content) > 1
    return Coded(
        key.astype(np.int32),
        tuple(_hash(claims, row, with_options, bool(told[group[row]])) for row in first.tolist()),
    )


def _hash(claims: Claims, row: int, with_options: bool, with_gold: bool) -> str:
    question = " ".join((claims.question[row] or "").split())
    parts = [question]
    if with_options:
        parts += [claims.options[row] or "", claims.cluster[row] or ""]
    if with_gold:
        parts.append(claims.gold[row] or "")
    text = json.dumps(parts, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_HASH]


def _assembled(count: int, parts: Sequence[tuple[np.ndarray, Coded]]) -> Coded:
    """Keys of parts of the rows as one column."""
    if len(parts) == 1 and len(parts[0][0]) == count:
        return parts[0][1].compact()
    rows = np.concatenate([rows for rows, _ in parts])
    joined = Coded.joined([key.compact() for _, key in parts])
    codes = np.empty(count, np.int32)
    codes[rows] = joined.codes
    return Coded(codes, joined.values)
