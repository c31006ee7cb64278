"""Which letters a model answers with, held against where the right answers stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.bias import places
from isoloss.errors.contrasts.distance import jensen_shannon
from isoloss.errors.contrasts.estimate import Estimate, estimate
from isoloss.errors.contrasts.sweep import sums, sweep
from isoloss.errors.items import Grid


@dataclass(frozen=True)
class LetterBias:
    """How far a model's answers are from the right answers, as distributions over letters.

    Attributes:
        model: its name.
        letters: those that are a right answer somewhere.
        answered: (k) share of each among the model's answers that are one of them.
        gold: (k) share of each among the right answers.
        distance: Jensen-Shannon divergence between the two, bits; small counts raise it.
    """

    model: str
    letters: tuple[str, ...]
    answered: tuple[float, ...]
    gold: tuple[float, ...]
    distance: Estimate

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "model": self.model,
            "letters": list(self.letters),
            "answered": list(self.answered),
            "gold": list(self.gold),
            "distance": self.distance.to_document(),
        }


def letter_columns(grid: Grid) -> tuple[tuple[str, ...], np.ndarray]:
    """The letters, and columns (I, (1 + M) k): right answers, then every model's answers.

    Only questions whose right answer is one letter count.
    """
    used = {
        grid.gold.values[code].strip().lower() for code in np.unique(grid.gold.codes) if code >= 0
    }
    letters = tuple(sorted(text for text in used if len(text) == 1 and "a" <= text <= "z"))
    golds = places(grid.gold.values, letters)[grid.gold.codes]
    answers = places(grid.predictions, letters)[grid.prediction]
    answers = np.where(golds >= 0, answers, -1)
    lines = np.concatenate([golds[None], answers])
    columns = (lines[:, :, None] == np.arange(len(letters))).transpose(1, 0, 2)
    return letters, columns.reshape(grid.shape[1], -1).astype(np.float32)


def read_letters(
    grid: Grid, letters: tuple[str, ...], columns: np.ndarray, draws: np.ndarray, level: float
) -> tuple[LetterBias, ...]:
    """Every model's distance, from sums of the columns in replicates (R, (1 + M) k)."""
    shape = (-1, 1 + grid.shape[0], len(letters))
    point = columns.sum(axis=0, dtype=float).reshape(shape)
    found = draws.reshape(shape)
    here = jensen_shannon(point[:, 1:], point[:, :1])
    there = jensen_shannon(found[:, 1:], found[:, :1])
    share = point[0] / np.maximum(point[0].sum(axis=-1, keepdims=True), 1.0)
    return tuple(
        LetterBias(
            name,
            letters,
            tuple(share[1 + m].tolist()),
            tuple(share[0].tolist()),
            estimate(here[0, m], there[:, m], int(point[0, 1 + m].sum()), level),
        )
        for m, name in enumerate(grid.names)
    )


def letter_bias(
    grid: Grid, *, level: float = 0.95, replicates: int = 1000, seed: int = 0
) -> tuple[LetterBias, ...]:
    """Every model's letters against the right ones; empty without questions of that kind.

    Args:
        grid: any number of models.
        level: of intervals.
        replicates: bootstrap draws of items, or of clusters where items share one.
        seed: of the draws.
    """
    letters, columns = letter_columns(grid)
    if len(letters) < 2:
        return ()
    (draws,) = sweep(grid.cluster, replicates, seed, sums(columns))
    return read_letters(grid, letters, columns, draws, level)
