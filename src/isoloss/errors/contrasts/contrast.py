"""Everything that two models' answers to the same questions say about their difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.accuracy import Difference, differences
from isoloss.errors.contrasts.bias import Bias, Binary, binaries, read_bias
from isoloss.errors.contrasts.flips import Flips, beta_floor, flip_columns, read_flips
from isoloss.errors.contrasts.letters import LetterBias, letter_columns, read_letters
from isoloss.errors.contrasts.modes import Coding, ModeMix, coding, read_modes
from isoloss.errors.contrasts.pair import pair, place, tasks
from isoloss.errors.contrasts.split import Split, read_split, split_columns
from isoloss.errors.contrasts.sweep import (
    alone,
    check_options,
    sums,
    sums_of_tasks,
    sweep,
    together,
)
from isoloss.errors.contrasts.valid import INVALID, valid_answers
from isoloss.errors.items import Grid, Model
from isoloss.exceptions import ItemsError


@dataclass(frozen=True)
class Contrast:
    """Two models on the same questions, large minus small.

    Attributes:
        small, large: the models.
        n, clusters: questions, and groups of them that are drawn together.
        level: of intervals.
        margin: differences in accuracy below this do not matter.
        accuracy: the difference on all questions.
        tasks: the difference by task, verdicts adjusted for their number.
        split: format and capability.
        bias: sensitivity and bias, for each pair of two answers.
        letters: answers against right answers as distributions over letters, small then large;
            empty without such questions.
        modes: failure modes; None without labels.
        flips: what is lost and gained.
        notes: what could not be had and why.
    """

    small: Model
    large: Model
    n: int
    clusters: int
    level: float
    margin: float
    accuracy: Difference
    tasks: tuple[Difference, ...]
    split: Split
    bias: tuple[Bias, ...]
    letters: tuple[LetterBias, ...]
    modes: ModeMix | None
    flips: Flips
    notes: tuple[str, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "small": self.small.to_document(),
            "large": self.large.to_document(),
            "n": self.n,
            "clusters": self.clusters,
            "level": self.level,
            "margin": self.margin,
            "accuracy": self.accuracy.to_document(),
            "tasks": [task.to_document() for task in self.tasks],
            "split": self.split.to_document(),
            "bias": [one.to_document() for one in self.bias],
            "letters": [one.to_document() for one in self.letters],
            "modes": None if self.modes is None else self.modes.to_document(),
            "flips": self.flips.to_document(),
            "notes": list(self.notes),
        }


def contrast(
    grid: Grid,
    small: str,
    large: str,
    *,
    level: float = 0.95,
    replicates: int = 1000,
    margin: float = 0.02,
    seed: int = 0,
    permutations: int = 2000,
    invalid: Sequence[str] = INVALID,
    valid: np.ndarray | None = None,
    noise: tuple[float, float] | None = None,
    reruns: tuple[str, str] | None = None,
) -> Contrast:
    """Compare two models on the same questions.

    Args:
        grid: answers.
        small, large: names of two of its models; differences are large minus small.
        level: of intervals and tests.
        replicates: bootstrap draws; of clusters where questions share one, of questions else.
        margin: differences in accuracy below this do not matter.
        seed: of all random numbers.
        permutations: exchanges of answers for the null of failure modes.
        invalid: failure modes that make an answer invalid in the split of format and capability.
        valid: (M, I) of bool, a line for every model of `grid`, in place of `invalid`.
        noise: shapes (a, b) of a Beta for the probability of a right answer over questions.
        reruns: names of two models of `grid` that are two runs of one.

    Raises:
        ItemsError: unknown models, or options out of range.
    """
    _check(grid, level, replicates, margin, permutations, valid)
    if noise is not None:
        beta_floor(*noise)
    two = pair(grid, small, large)
    order = np.argsort(grid.task.codes, kind="stable")
    lines = [place(grid, small), place(grid, large)]
    usable = valid_answers(two, invalid) if valid is None else valid[lines][:, order].astype(bool)
    usable |= two.correct == 1
    runs = None if reruns is None else [place(grid, name) for name in reruns]
    again = None if runs is None else grid.correct[runs][:, order]
    notes: list[str] = []
    kinds = _kinds(two, notes)
    coded = _coded(two, notes)
    letters, letter_table = letter_columns(two)
    tables = {
        "split": split_columns(two, usable),
        "flips": flip_columns(two, again),
        "letters": letter_table,
        **{one.positive: one.columns() for one in kinds},
    }
    if coded is not None:
        tables["modes"] = coded.columns()
    draws, accuracy, by_task = _one_pass(two, tables, replicates, seed, margin, level)
    return Contrast(
        *two.models,
        n=two.shape[1],
        clusters=len(np.unique(two.cluster)),
        level=level,
        margin=margin,
        accuracy=accuracy,
        tasks=by_task,
        split=read_split(two, usable, draws["split"], margin=margin, level=level),
        bias=tuple(read_bias(two, one, draws[one.positive], level) for one in kinds),
        letters=read_letters(two, letters, letter_table, draws["letters"], level)
        if len(letters) > 1
        else (),
        modes=None
        if coded is None
        else read_modes(
            two, coded, draws["modes"], level=level, permutations=permutations, seed=seed
        ),
        flips=read_flips(
            two, tables["flips"], draws["flips"], noise=noise, margin=margin, level=level
        ),
        notes=tuple(notes),
    )


def _one_pass(
    two: Grid,
    tables: dict[str, np.ndarray],
    replicates: int,
    seed: int,
    margin: float,
    level: float,
) -> tuple[dict[str, np.ndarray], Difference, tuple[Difference, ...]]:
    """Sums of every table in every replicate, and the differences in accuracy."""
    names, starts = tasks(two)
    change = (two.correct[1] - two.correct[0]).astype(np.float32)
    drawn, net, asked = sweep(
        two.cluster,
        replicates,
        seed,
        sums(np.column_stack(list(tables.values()))),
        sums_of_tasks(change, starts),
        sums_of_tasks(np.ones_like(change), starts),
    )
    ends = np.cumsum([table.shape[1] for table in tables.values()])[:-1]
    clustered = together(two.cluster)
    item_net, item_asked = net, asked
    if clustered:
        item_net, item_asked = sweep(
            alone(two.shape[1]),
            replicates,
            seed,
            sums_of_tasks(change, starts),
            sums_of_tasks(np.ones_like(change), starts),
        )
    options: dict[str, Any] = {"margin": margin, "level": level, "clustered": clustered}
    (whole,) = differences(
        ("all",),
        two,
        np.array([0]),
        _ratio(net.sum(axis=1), asked.sum(axis=1))[:, None],
        _ratio(item_net.sum(axis=1), item_asked.sum(axis=1))[:, None],
        **options,
    )
    single = differences(
        names, two, starts, _ratio(net, asked), _ratio(item_net, item_asked), **options
    )
    return dict(zip(tables, np.split(drawn, ends, axis=1), strict=True)), whole, single


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return above / below


def _kinds(two: Grid, notes: list[str]) -> list[Binary]:
    """Questions with two answers where both answers are right somewhere."""
    kept = []
    for one in binaries(two):
        if one.single:
            notes.append(
                f"the {int(one.kept.sum())} questions with {one.positive}/{one.negative} answers "
                "have one right answer throughout: sensitivity and bias cannot be told apart"
            )
        else:
            kept.append(one)
    return kept


def _coded(two: Grid, notes: list[str]) -> Coding | None:
    if two.mode is None:
        notes.append("the answers have no failure modes; label them for the mix of errors")
        return None
    coded = coding(two)
    if not coded.names:
        notes.append("no error of the two models has a failure mode")
        return None
    return coded


def _check(
    grid: Grid,
    level: float,
    replicates: int,
    margin: float,
    permutations: int,
    valid: np.ndarray | None,
) -> None:
    check_options(level, replicates)
    if not 0 < margin < 1:
        raise ItemsError(f"margin={margin}; expected a difference in accuracy such as 0.02")
    if permutations < 20:
        raise ItemsError(f"permutations={permutations}; expected at least 20, better 2000")
    if valid is not None and np.shape(valid) != grid.shape:
        raise ItemsError(
            f"valid has shape {np.shape(valid)}; expected {grid.shape}, models by questions"
        )
