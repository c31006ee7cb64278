"""What kind of question each row asks, and which answer was recorded, as numbers.

Every function on text runs once for each different text, not for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.items import MISSING, Coded, Items
from isoloss.errors.labels import options as option_texts
from isoloss.errors.labels.numbers import number
from isoloss.errors.labels.text import is_nothing, joined_letters, letter, letters, yes_no

# kinds of question
OPTION, SEVERAL, YES_NO, NUMBER, OPEN = range(5)


@dataclass(frozen=True, eq=False)
class Answers:
    """Arrays (n,) over all answers.

    Attributes:
        kind: `OPTION` (one of several), `SEVERAL` (a set of options), `YES_NO`, `NUMBER`, `OPEN`.
        n: how many options; 0 where that is not known.
        gold, answer: of `OPTION` the option's place from 0; of `SEVERAL` a sum of 2^place; of
            `YES_NO` 1 or 0; -1 where there is none and for other kinds.
        recorded: whether an answer was recorded, whatever it is.
        valid: whether it could be right: an option that the question has, yes or no, any text.
    """

    kind: np.ndarray
    n: np.ndarray
    gold: np.ndarray
    answer: np.ndarray
    recorded: np.ndarray
    valid: np.ndarray


def gathered(
    column: Coded,
    function: Callable[[str], Any],
    missing: Any,
    dtype: Any = None,
    where: np.ndarray | None = None,
) -> np.ndarray:
    """A function of a column's texts.

    Args:
        column: texts.
        function: called once for each different text.
        missing: for rows without text.
        dtype: of the result.
        where: (n,) bool; other rows get `missing`, and texts that only they have are not looked at.

    Returns:
        (n,) values.
    """
    if where is None:
        table = [function(text) for text in column.values]
        return np.array([*table, missing], dtype=dtype)[column.codes]
    used, inverse = np.unique(column.codes[where], return_inverse=True)
    table = [
        missing if code == MISSING else function(column.values[code]) for code in used.tolist()
    ]
    found = np.full(len(column), missing, dtype=dtype or np.int64)
    found[where] = np.array(table, dtype=found.dtype)[inverse]
    return found


def numbers(
    column: Coded, where: np.ndarray, prose: bool
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Numbers in a column.

    Args:
        column: texts.
        where: (n,) bool, rows to look at.
        prose: whether sentences with one number count.

    Returns:
        (n,) values, NaN where there is none; (n,) places of units; the different units, `""` first.
    """
    units: dict[str, int] = {"": 0}
    value = np.full(len(column), np.nan)
    unit = np.zeros(len(column), dtype=np.int64)
    used, inverse = np.unique(column.codes[where], return_inverse=True)
    found = [
        (np.nan, "") if code == MISSING else number(column.values[code], prose)
        for code in used.tolist()
    ]
    if found:
        value[where] = np.array([one for one, _ in found])[inverse]
        unit[where] = np.array([units.setdefault(of, len(units)) for _, of in found])[inverse]
    return value, unit, tuple(units)


def pairs(
    columns: Sequence[np.ndarray], rows: np.ndarray
) -> tuple[list[tuple[int, ...]], np.ndarray]:
    """The different combinations of some columns' codes in some rows, and each row's place."""
    key = np.zeros(len(rows), dtype=np.int64)
    for column in columns:
        codes = column[rows].astype(np.int64) + 1
        size = int(codes.max()) + 1 if len(codes) else 1
        if key.size and int(key.max()) > 2**62 // size:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
        key = key * size + codes
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    kept = rows[first]
    return list(zip(*(column[kept].tolist() for column in columns), strict=True)), inverse


def answers(items: Items) -> Answers:
    """Read golds and recorded answers."""
    n = _count(items)
    forms = _forms(items, n)
    kind = np.full(len(items), OPEN, dtype=np.int8)
    gold = np.full(len(items), -1, dtype=np.int64)
    answer = np.full(len(items), -1, dtype=np.int64)
    for of, (chosen, right, given) in forms.items():
        free = chosen & (kind == OPEN)
        kind[free] = of[0]
        gold[free], answer[free] = right[free], given[free]
    recorded = ~gathered(items.prediction, is_nothing, True, bool)
    top = np.where(n > 0, n, option_texts.MOST)
    valid = np.where(
        kind == OPTION,
        (answer >= 0) & (answer < top),
        np.where(
            kind == SEVERAL,
            (answer > 0) & (answer < np.left_shift(1, top)),
            np.where(kind == YES_NO, answer >= 0, recorded),
        ),
    )
    return Answers(kind, n, gold, answer, recorded, valid)


Form = tuple[np.ndarray, np.ndarray, np.ndarray]


def _count(items: Items) -> np.ndarray:
    """(n,) options of every question: as given, else as many as are listed."""
    n = items.n_options.astype(np.int64)
    if items.options is not None:
        listed = gathered(items.options, lambda text: len(option_texts.texts(text)), 0, np.int64)
        n = np.where(n > 0, n, listed)
    return np.minimum(n, option_texts.MOST)


def _forms(items: Items, n: np.ndarray) -> dict[tuple[int, str], Form]:
    """Forms of question in the order in which they are recognised: who has it, gold, answer."""
    gold, said = items.gold, items.prediction
    yes, several = gathered(gold, yes_no, -1), _sets(gold, n)
    single = gathered(gold, letter, -1)
    polar = (yes >= 0) & (n <= 2)
    many = _in_task(items, several & (several - 1) != 0) & (several > 0) & ~polar
    lettered = ((n > 0) | ~_in_task(items, single < 0)) & (single >= 0) & ~polar & ~many
    found: dict[tuple[int, str], Form] = {
        (YES_NO, "word"): (polar, yes, gathered(said, yes_no, -1, where=polar)),
        (SEVERAL, "letters"): (many, several, _sets(said, n, many)),
        (OPTION, "letter"): (lettered, single, gathered(said, letter, -1, where=lettered)),
    }
    taken = polar | many | lettered
    if items.options is not None:
        found[OPTION, "text"] = _by_text(items, items.options, np.flatnonzero(~taken))
        taken = taken | found[OPTION, "text"][0]
    place = gathered(gold, _digits, -1)
    base = np.where(_in_task(items, place == 0) | ~_in_task(items, place == n), 0, 1)
    indexed = (place >= 0) & (n > 0) & (place - base < n) & ~taken
    answer = gathered(said, _digits, -1, where=indexed)
    found[OPTION, "index"] = (indexed, place - base, np.where(answer >= 0, answer - base, -1))
    value = numbers(gold, (n == 0) & ~taken, prose=False)[0]
    nothing = np.full(len(items), -1)
    found[NUMBER, "number"] = (np.isfinite(value), nothing, nothing)
    return found


def _sets(column: Coded, n: np.ndarray, where: np.ndarray | None = None) -> np.ndarray:
    """Sets of letters; letters written together count where the number of options is known."""
    apart = gathered(column, letters, 0, np.int64, where)
    joined = gathered(column, joined_letters, 0, np.int64, where)
    return np.where((apart == 0) & (n > 1), joined, apart)


def _digits(text: str) -> int:
    text = text.strip()
    return int(text) if len(text) <= 2 and text.isascii() and text.isdigit() else -1


def _in_task(items: Items, true: np.ndarray) -> np.ndarray:
    """(n,) whether it is true of any gold of the row's task."""
    known = true & (items.gold.codes != MISSING)
    some = np.zeros(len(items.task.values) + 1, dtype=bool)
    some[items.task.codes[known]] = True
    return some[items.task.codes]


def _by_text(items: Items, options: Coded, rows: np.ndarray) -> Form:
    """Questions whose gold is the text of one of their options; an answer by letter counts."""
    gold, answer = np.full(len(items), -1), np.full(len(items), -1)
    gold[rows] = matched(items.gold, options, rows)
    rows = rows[gold[rows] >= 0]
    answer[rows] = matched(items.prediction, options, rows)
    chosen = gold >= 0
    by_letter = gathered(items.prediction, letter, -1, where=chosen)
    return chosen, gold, np.where(answer >= 0, answer, by_letter)


def matched(said: Coded, options: Coded, rows: np.ndarray) -> np.ndarray:
    """Places of the options whose text or number is said, for some rows; -1 for none."""
    cases, inverse = pairs((said.codes, options.codes), rows)
    place = [
        -1 if MISSING in case else option_texts.place(said.values[case[0]], options.values[case[1]])
        for case in cases
    ]
    return np.array(place, dtype=np.int64)[inverse]
