"""What every measure of agreement is a ratio of: sums over questions, for models and for pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isoloss.errors.agreement.choices import option_counts, probabilities
from isoloss.errors.contrasts.sweep import Reader
from isoloss.errors.items import MISSING, Grid

# columns of a pair, in order
BOTH, WRONG, SAME, OPEN_WRONG, OPEN_SAME, CHANCE, ALIKE = range(7)
PER_PAIR = 7
# pairs whose columns are made at once, and the most memory (bytes) that all of them may keep
BLOCK, KEEP = 24, 256_000_000


@dataclass(frozen=True, eq=False)
class Columns:
    """Sums over questions that agreement is made of.

    Attributes:
        correct: (M, I) of bool.
        answer: (M, I) what was answered; -1 where nothing was read.
        pairs: (P, 2) lines of each pair, the smaller model first.
        options: (I,) how many options a question has; 0 where not known.
        shares: (M, I, k) float32 probabilities of options for CAPA, or None for answers alone.
        on_right: (M, I) probability on the right option, or `correct`; 0 for questions left out.
        counted: (I,) questions that CAPA is made of.
    """

    correct: np.ndarray
    answer: np.ndarray
    pairs: np.ndarray
    options: np.ndarray
    shares: np.ndarray | None
    on_right: np.ndarray
    counted: np.ndarray

    @classmethod
    def of(cls, grid: Grid) -> Columns:
        """Prepare a grid."""
        models, items = grid.shape
        first, second = np.triu_indices(models, 1)
        options = option_counts(grid)
        correct = grid.correct == 1
        answer = np.where(_empty(grid)[grid.prediction], MISSING, grid.prediction)
        found = probabilities(grid)
        shares = None
        if found is None:
            counted = options > 1
            on_right = correct & counted
        else:
            given, right, kept, count = found
            shares = np.zeros((models, items, given.shape[-1]), np.float32)
            shares[:, kept] = given
            on_right = np.zeros((models, items), np.float32)
            on_right[:, kept] = right
            counted = np.zeros(items, dtype=bool)
            counted[kept] = True
            options = options.copy()
            options[kept] = count
        return cls(
            correct, answer, np.column_stack([first, second]), options, shares, on_right, counted
        )

    def one_less(self) -> np.ndarray:
        """(I,) 1 / (k - 1), the chance of the same wrong option; 0 where k is not known."""
        return np.where(self.options > 1, 1.0 / np.maximum(self.options - 1.0, 1.0), 0.0)

    def of_models(self) -> np.ndarray:
        """(I, 3 + 2 M + (M + 1)): ones, counted, chance where counted; right and probability on the
        right option of every model; then a one where as many models were right as the place says.
        """
        models, items = self.correct.shape
        score = self.correct.sum(axis=0)
        by_score = score[:, None] == np.arange(models + 1)
        return np.column_stack(
            [
                np.ones(items),
                self.counted,
                self.counted * self.one_less(),
                *self.correct,
                *self.on_right,
                by_score,
            ]
        ).astype(np.float32)

    def of_pairs(self, kept: np.ndarray, own: list[int]) -> np.ndarray:
        """(I, len(kept) x len(own)) of some pairs: both right; both wrong and read, and the same
        then; the same two where there are three options or more, with the chance; CAPA's agreement.
        """
        found = np.empty((len(kept) * len(own), self.correct.shape[1]), np.float32)
        wide, chance = self.options > 2, self.one_less()
        wrong = ~self.correct & (self.answer >= 0)
        for place, (i, j) in enumerate(self.pairs[kept].tolist()):
            both_wrong = wrong[i] & wrong[j]
            same = both_wrong & (self.answer[i] == self.answer[j])
            made = {
                BOTH: self.correct[i] & self.correct[j],
                WRONG: both_wrong,
                SAME: same,
                OPEN_WRONG: both_wrong & wide,
                OPEN_SAME: same & wide,
                CHANCE: (both_wrong & wide) * chance,
            }
            if ALIKE in own:
                made[ALIKE] = self._alike(i, j, same)
            for number, column in enumerate(own):
                found[place * len(own) + number] = made[column]
        return found.T

    def _alike(self, i: int, j: int, same_wrong: np.ndarray) -> np.ndarray:
        if self.shares is not None:
            return np.einsum("ik,ik->i", self.shares[i], self.shares[j])
        return ((self.correct[i] & self.correct[j]) | same_wrong) & self.counted

    def pair_reader(self) -> Reader:
        """Weighted sums of every pair's columns, (b, P, 7); made anew where they would not fit."""
        blocks = np.array_split(np.arange(len(self.pairs)), max(1, -(-len(self.pairs) // BLOCK)))
        own = self._own()
        size = len(self.pairs) * len(own) * self.correct.shape[1] * 4
        made = [self.of_pairs(block, own) for block in blocks] if size <= KEEP else None

        def read(drawn: np.ndarray) -> np.ndarray:
            parts = [
                drawn @ (self.of_pairs(block, own) if made is None else made[place])
                for place, block in enumerate(blocks)
            ]
            found = np.concatenate(parts, axis=1).reshape(len(drawn), -1, len(own))
            return self._all(found, own)

        return read

    def _own(self) -> list[int]:
        """Columns of a pair that do not follow from others."""
        own = [BOTH, WRONG, SAME]
        if not (self.options > 2).all():
            own += [OPEN_WRONG, OPEN_SAME]
        if len(np.unique(self.options[self.options > 2])) > 1:
            own.append(CHANCE)
        if self.shares is not None or not self.counted.all():
            own.append(ALIKE)
        return own

    def _all(self, found: np.ndarray, own: list[int]) -> np.ndarray:
        """Sums of all columns (b, P, 7) from those of its own columns."""
        full = np.zeros((*found.shape[:2], PER_PAIR), found.dtype)
        full[..., own] = found
        if OPEN_WRONG not in own:
            full[..., OPEN_WRONG], full[..., OPEN_SAME] = full[..., WRONG], full[..., SAME]
        if CHANCE not in own:
            chance = self.one_less()[self.options > 2]
            full[..., CHANCE] = full[..., OPEN_WRONG] * (chance[0] if len(chance) else 0.0)
        if ALIKE not in own:
            full[..., ALIKE] = full[..., BOTH] + full[..., SAME]
        return full


def _empty(grid: Grid) -> np.ndarray:
    """Which answers say nothing; a last True for none."""
    return np.array([*(not text.strip() for text in grid.predictions), True])
