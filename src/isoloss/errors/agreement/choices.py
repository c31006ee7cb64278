"""How many options a question has, and what probability each model gave to each."""

from __future__ import annotations

import numpy as np

from isoloss.errors.contrasts.bias import places
from isoloss.errors.items import Grid

# right answers of questions with two answers, whose options no source counts
TWO = ("yes", "no", "true", "false")


def option_counts(grid: Grid) -> np.ndarray:
    """(I,) how many options each question has; 0 where that is not known or there are none.

    A question whose right answer is yes, no, true or false has two.
    """
    two = (places(grid.gold.values, TWO) >= 0)[grid.gold.codes]
    known = np.where(grid.n_options > 1, grid.n_options, 0)
    return np.where((known == 0) & two, 2, known)


def gold_places(grid: Grid) -> np.ndarray:
    """(I,) which option is right, from 0; -1 where that cannot be told.

    Right answers are letters (a is 0) or whole numbers. Numbers start from 0 where one of them is
    0, and from 1 where none is.
    """
    texts = [text.strip().lower() for text in grid.gold.values]
    used = np.unique(grid.gold.codes[grid.gold.codes >= 0])
    numbers = [int(texts[code]) for code in used if texts[code].isdecimal()]
    first = 0 if 0 in numbers else 1
    table = [
        ord(text) - ord("a")
        if len(text) == 1 and "a" <= text <= "z"
        else int(text) - first
        if text.isdecimal()
        else -1
        for text in texts
    ]
    return np.array([*table, -1], dtype=np.int64)[grid.gold.codes]


def probabilities(
    grid: Grid,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
    """Options' probabilities that sum to one, where every model has them.

    Returns:
        Probabilities (M, J, k) with zeros for options that a question does not have, the
        probability on the right one (M, J), the places (J,) of these questions and how many options
        they have (J,). None where there are no probabilities, where the right options cannot be
        told, or where they contradict the answers: of the right answers, less than .9 put the most
        on the right option.
    """
    if grid.choices is None:
        return None
    gold = gold_places(grid)
    given = np.isfinite(grid.choices)
    filled = np.where(given, grid.choices, 0.0)
    total = filled.sum(axis=-1)
    count = given.sum(axis=-1)
    fine = (count == count[0]).all(axis=0) & (count[0] > 1) & (total > 0).all(axis=0)
    fine &= (gold >= 0) & (gold < grid.choices.shape[-1])
    kept = np.flatnonzero(fine)
    kept = kept[given[0, kept, gold[kept]]]
    if not len(kept):
        return None
    shares = filled[:, kept] / total[:, kept, None]
    right = grid.correct[:, kept] == 1
    hit = shares.argmax(axis=-1) == gold[kept]
    if right.any() and float(hit[right].mean()) < 0.9:
        return None
    return shares, shares[:, np.arange(len(kept)), gold[kept]], kept, count[0, kept]
