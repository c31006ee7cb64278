"""Where logs contradict each other, or themselves: found for all rows at once, told by example."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from isoloss.errors.items.coded import MISSING, Coded
from isoloss.errors.items.items import UNKNOWN
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

if TYPE_CHECKING:
    from isoloss.errors.items.pairing import Claims

_SHOWN = 3
_LONG = 60
_IGNORED = re.compile(r"[\s().]+")


def ids(*columns: np.ndarray) -> np.ndarray:
    """(n,) numbers from 0, equal where all columns (n,) of codes are equal."""
    found = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        width = int(column.max(initial=-1)) + 2
        found = _dense(found * width + (column + 1))
    return found


def _dense(codes: np.ndarray) -> np.ndarray:
    """(n,) the same codes without gaps; without sorting where a table of all codes is small."""
    size = int(codes.max(initial=-1)) + 1
    if size > 8 * len(codes) + 1_000:
        return np.unique(codes, return_inverse=True)[1]
    there = np.zeros(size, bool)
    there[codes] = True
    return (np.cumsum(there) - 1)[codes]


def several(group: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """(G,) whether the rows of a group have more than one code; missing ones do not count."""
    count = int(group.max(initial=-1)) + 1
    known = codes != MISSING
    group, codes = (group, codes) if known.all() else (group[known], codes[known])
    one = np.full(count, MISSING, codes.dtype)
    one[group] = codes
    found = np.zeros(count, bool)
    found[group[codes != one[group]]] = True
    return found


def folded(column: Coded) -> np.ndarray:
    """(n,) codes, equal where the texts differ in blanks, brackets and capitals only."""
    places: dict[str, int] = {}
    table = [
        places.setdefault(_IGNORED.sub(" ", text.casefold()).strip(), len(places))
        for text in column.values
    ]
    return np.array([*table, MISSING], np.int32)[column.codes]


def refuse_golds(claims: Claims, group: np.ndarray) -> None:
    """Refuse questions whose right answer is not the same in every log.

    Args:
        claims: what the logs say (n).
        group: (n,) equal for one question.

    Raises:
        ItemsError: naming the question, the models and the answers.
    """
    codes = folded(claims.gold)
    unlike = several(group, codes)
    if not unlike.any():
        return
    told = _examples(claims, group, unlike, codes, claims.gold)
    raise ItemsError(
        f"the logs contradict each other on the right answer of {_questions(unlike)}: {told}; they "
        "are not of one version of the benchmark: leave one out, or name the column that tells the "
        "questions apart with map item=COLUMN"
    )


def different_prompts(claims: Claims, group: np.ndarray, free: bool) -> tuple[Notice, ...]:
    """A notice on questions that were put with different prompts, if that was allowed.

    Raises:
        ItemsError: it was not allowed.
    """
    unlike = several(group, claims.prompt.codes)
    if not unlike.any():
        return ()
    if not free:
        raise refuse_prompts(claims, group, unlike, claims.prompt.codes, "prompt")
    return (
        Notice(
            "prompts-differ",
            f"{_questions(unlike)} were put to the models with different prompts and paired all "
            "the same, as a condition was named",
            "what differs between models may come from the prompts",
        ),
    )


def refuse_prompts(
    claims: Claims, group: np.ndarray, unlike: np.ndarray, codes: np.ndarray, word: str
) -> ItemsError:
    """The error for questions that were not put alike."""
    columns = {
        "prompt": claims.prompt,
        "question": claims.question,
        "options": claims.options,
        "image": claims.cluster,
    }
    told = _examples(claims, group, unlike, codes, columns[word])
    return ItemsError(
        f"{_questions(unlike)} were not put to the models with the same {word}: {told}; run them "
        "with one prompt, import each prompt on its own with condition=NAME, or pair them all the "
        "same by giving both logs one condition="
    )


def without_repeats(
    claims: Claims, key: Coded, *, texts: bool
) -> tuple[np.ndarray, tuple[Notice, ...]]:
    """Indices of rows, every question of a model and condition once.

    Args:
        claims: what the logs say.
        key: of the questions.
        texts: whether some questions are known by their text only, for the message.

    Raises:
        ItemsError: a model answers one question differently.
    """
    group = ids(key.codes, claims.task.codes, claims.condition.codes, claims.model)
    # an answer that failed gives way to a later one that did not
    failed = (claims.correct == UNKNOWN) & (claims.prediction.codes == MISSING)
    order = np.argsort(failed, kind="stable") if failed.any() else np.arange(len(group))
    first = np.empty(int(group.max()) + 1, np.int64)
    # of several assignments to one place the last one stays: the first of the rows
    first[group[order[::-1]]] = order[::-1]
    if len(first) == len(group):
        return np.arange(len(group)), ()
    head = first[group]
    unlike = ~failed & (
        (claims.prediction.codes != claims.prediction.codes[head])
        | (claims.correct != claims.correct[head])
    )
    if unlike.any():
        raise _contradiction(claims, key, group, np.flatnonzero(unlike), head, texts)
    repeats = np.flatnonzero(head != np.arange(len(group)))
    row = int(repeats[0])
    notice = Notice(
        "repeated-answers",
        f"{len(repeats)} answers stand in the logs twice and were kept once, such as "
        f"'{key[row]}' of task '{claims.task[row]}' by {claims.names[claims.model[row]]} "
        f"({claims.where(int(head[row]))}, and {claims.where(row)})",
        "if these are questions about different images that the log does not name, name the column "
        "that tells them apart with map item=COLUMN, or say item=#"
        if texts
        else "",
    )
    return np.sort(first), (notice,)


def _contradiction(
    claims: Claims,
    key: Coded,
    group: np.ndarray,
    unlike: np.ndarray,
    head: np.ndarray,
    texts: bool,
) -> ItemsError:
    row, other = int(unlike[0]), int(head[unlike[0]])
    count = len(np.unique(group[unlike]))
    more = f" (and {count - 1} more such questions)" if count > 1 else ""
    question = f" ({_short(claims.question[row] or '')})" if claims.question[row] else ""
    apart = (
        "; where questions read alike and differ in an image that the log does not name, name the "
        "column that tells them apart with map item=COLUMN, or say item=# if every log lists the "
        "same questions in the same order"
    )
    return ItemsError(
        f"{claims.names[claims.model[row]]} answers question '{key[row]}'{question} of task "
        f"'{claims.task[row]}' twice and differently{more}: {_answer(claims, other)} "
        f"({claims.where(other)}) and {_answer(claims, row)} ({claims.where(row)}); keep one run, "
        f"or import each on its own with condition=NAME{apart if texts else ''}"
    )


def _answer(claims: Claims, row: int) -> str:
    text = claims.prediction[row]
    verdict = {1: "right", 0: "wrong"}.get(int(claims.correct[row]), "not scored")
    return f"{'no answer' if text is None else repr(_short(text))}, {verdict}"


def _examples(
    claims: Claims, group: np.ndarray, unlike: np.ndarray, codes: np.ndarray, shown: Coded
) -> str:
    """For some groups, one row for each of two codes: `item '17' of task 't': 'A' by x (...)`."""
    told = []
    chosen = np.flatnonzero(unlike)[:_SHOWN]
    rows = np.flatnonzero(np.isin(group, chosen) & (codes != MISSING))
    for one in chosen.tolist():
        mine = rows[group[rows] == one]
        _, first = np.unique(codes[mine], return_index=True)
        pair = [int(row) for row in mine[np.sort(first)][:2]]
        name = claims.own[pair[0]] or _short(claims.question[pair[0]] or "?")
        said = " and ".join(
            f"'{_short(shown[row] or '')}' to {claims.says(row)}"
            if shown is not claims.gold
            else f"'{_short(shown[row] or '')}' for {claims.says(row)}"
            for row in pair
        )
        told.append(f"item '{name}' of task '{claims.task[pair[0]]}': {said}")
    return "; ".join(told)


def _questions(unlike: np.ndarray) -> str:
    count = int(unlike.sum())
    return f"{count} question{'s' if count > 1 else ''}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONG else flat[: _LONG - 3] + "..."
