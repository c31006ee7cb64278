"""What every flag looks at, made once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from isoloss.errors.contrasts.bias import Binary, binaries
from isoloss.errors.contrasts.valid import valid_answers
from isoloss.errors.items import Grid
from isoloss.errors.trends.base_rate import BaseRate, base_rates
from isoloss.errors.trends.ladder import Ladder, ladder

# a flag is raised at this level: six kinds are looked for, and a false one costs trust
ALPHA = 0.01
# questions with two answers below which sensitivity and bias are not told apart
LEAST_BINARY = 100


@dataclass(frozen=True, eq=False)
class State:
    """Answers of one family, prepared for flags.

    Attributes:
        chosen: the models, and the items of tasks whose right answers differ.
        rates: base rates of all tasks.
        empty: no item is left but those of tasks with (nearly) one right answer.
        valid: (M, I) the answer could be used.
        binary: the questions with two answers, at least 100 of a kind; their accuracy moves with
            bias, so they are judged by sensitivity.
        other: (I,) every other question.
        replicates, seed: of what needs a bootstrap.
    """

    chosen: Ladder
    rates: tuple[BaseRate, ...]
    empty: bool
    valid: np.ndarray
    binary: tuple[Binary, ...]
    other: np.ndarray
    replicates: int
    seed: int


def prepare(grid: Grid, replicates: int, seed: int) -> State:
    """Set the tasks with one right answer aside, and find the questions with two answers."""
    chosen = ladder(grid)
    rates = base_rates(chosen.grid)
    aside = {one.task for one in rates if one.single or one.lopsided}
    task = chosen.grid.task
    kept = ~np.array([name in aside for name in [*task.values, ""]])[task.codes]
    if kept.any() and not kept.all():
        chosen = replace(chosen, grid=chosen.grid.columns(kept))
    kinds = tuple(
        one
        for one in binaries(chosen.grid)
        if not one.single and int(one.kept.sum()) >= LEAST_BINARY
    )
    other = np.ones(chosen.grid.shape[1], dtype=bool)
    for one in kinds:
        other &= ~one.kept
    return State(
        chosen,
        rates,
        not kept.any(),
        valid_answers(chosen.grid),
        kinds,
        other,
        replicates,
        seed,
    )
