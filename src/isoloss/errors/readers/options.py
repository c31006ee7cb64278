"""How many options a question has, where the log does not list them."""

from __future__ import annotations

import numpy as np

from isoloss.errors.items.coded import MISSING, Coded
from isoloss.errors.readers.answers import LETTER, YES_NO, fold, kind_of
from isoloss.notices import Notice

_SHOWN = 5


def guess_counts(
    task: Coded, gold: Coded, options: Coded, known: np.ndarray
) -> tuple[np.ndarray, tuple[Notice, ...]]:
    """(n,) int32 counts; a task of letters without options has as many as its last right letter.

    Args:
        task, gold, options: of every answer (n).
        known: (n,) counts from the logs, 0 where they do not say.
    """
    counts = known.astype(np.int32).copy()
    silent = np.bincount(task.codes[known > 0], minlength=len(task.values)) == 0
    listed = np.bincount(task.codes[options.codes != MISSING], minlength=len(task.values)) > 0
    rows = np.flatnonzero((silent & ~listed)[task.codes] & (gold.codes != MISSING))
    if not len(rows):
        return counts, ()
    width = len(gold.values)
    pairs = np.unique(task.codes[rows].astype(np.int64) * width + gold.codes[rows])
    golds: dict[int, list[str]] = {}
    for pair in pairs.tolist():
        golds.setdefault(pair // width, []).append(gold.values[pair % width])
    found = np.zeros(len(task.values), np.int32)
    guessed = []
    for code, texts in golds.items():
        kind = kind_of(texts)
        if kind == YES_NO:
            found[code] = 2
        elif kind == LETTER:
            found[code] = max(ord(fold(text)[-1]) - ord("A") + 1 for text in texts)
            guessed.append(code)
    here = silent[task.codes] & ~listed[task.codes]
    counts[here] = found[task.codes[here]]
    return counts, _notice(task, found, guessed)


def _notice(task: Coded, found: np.ndarray, guessed: list[int]) -> tuple[Notice, ...]:
    if not guessed:
        return ()
    shown = ", ".join(f"{task.values[code]} {found[code]}" for code in guessed[:_SHOWN])
    more = ", ..." if len(guessed) > _SHOWN else ""
    return (
        Notice(
            "guessed-options",
            f"the logs do not list the options of {len(guessed)} tasks; their number was taken "
            f"from the last letter among the right answers: {shown}{more}",
            "give the number with map n_options=COLUMN where it is larger",
        ),
    )
