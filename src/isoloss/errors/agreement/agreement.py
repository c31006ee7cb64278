"""How the errors of many models hang together: agreement, nesting, ability, single questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.agreement.ability import Abilities, abilities
from isoloss.errors.agreement.columns import Columns
from isoloss.errors.agreement.pairs import (
    FamilyMeans,
    Pair,
    family_means,
    measures,
    read_pairs,
)
from isoloss.errors.agreement.proxy import Proxy, proxy
from isoloss.errors.agreement.task_shift import TaskShift, task_shifts
from isoloss.errors.agreement.trajectories import Extremes, Trajectories, extremes, trajectories
from isoloss.errors.agreement.two_parameter import TwoParameter, two_parameter
from isoloss.errors.contrasts.sweep import check_options, sums, sweep, together
from isoloss.errors.items import Grid, Model
from isoloss.exceptions import ItemsError


@dataclass(frozen=True, eq=False)
class Agreement:
    """Many models on the same questions.

    Attributes:
        models: M of them, the smallest first.
        n, clusters: questions, and groups of them that are drawn together.
        level: of intervals.
        pairs: every pair, M (M - 1) / 2.
        means: kappa, equal wrong answers and CAPA within families and between them.
        abilities: one scale of models and questions, and ability against size.
        two_parameter: with discrimination of questions; None unless asked for.
        tasks: tasks that leave the common scale.
        trajectories: questions lost and gained with size, for families of three sizes or more.
        extremes: questions that none or all answered right.
        proxies: the smallest model of each family as a stand-in for its largest.
        capa_source: `probabilities` of options, or `answers` where there are none.
        notes: what could not be had and why.
    """

    models: tuple[Model, ...]
    n: int
    clusters: int
    level: float
    pairs: tuple[Pair, ...]
    means: tuple[FamilyMeans, ...]
    abilities: Abilities
    two_parameter: TwoParameter | None
    tasks: tuple[TaskShift, ...]
    trajectories: tuple[Trajectories, ...]
    extremes: Extremes
    proxies: tuple[Proxy, ...]
    capa_source: str
    notes: tuple[str, ...]

    def pair(self, first: str, second: str) -> Pair:
        """One pair, in either order.

        Raises:
            ItemsError: no such pair.
        """
        for one in self.pairs:
            if {one.small, one.large} == {first, second}:
                return one
        names = ", ".join(model.name for model in self.models[:20])
        raise ItemsError(f"no pair '{first}' and '{second}'; the models are {names}")

    def matrix(self, measure: str) -> np.ndarray:
        """A measure as (M, M) with NaN on the diagonal.

        Measures are symmetric, but for nesting, regression and fix: line i, column j tells how far
        the errors of model j lie within those of model i, what j lost of i's right answers, and
        what it gained; below the diagonal only nesting is known.
        """
        names = [model.name for model in self.models]
        found = np.full((len(names), len(names)), np.nan)
        for one in self.pairs:
            i, j = names.index(one.small), names.index(one.large)
            value = getattr(one, measure)
            found[i, j] = getattr(value, "value", value)
            if measure == "nesting":
                found[j, i] = one.nesting_back.value
            elif measure not in ("regression", "fix"):
                found[j, i] = found[i, j]
        return found

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "models": [model.to_document() for model in self.models],
            "n": self.n,
            "clusters": self.clusters,
            "level": self.level,
            "pairs": [one.to_document() for one in self.pairs],
            "means": [one.to_document() for one in self.means],
            "abilities": self.abilities.to_document(),
            "two_parameter": None
            if self.two_parameter is None
            else self.two_parameter.to_document(),
            "tasks": [one.to_document() for one in self.tasks],
            "trajectories": [one.to_document() for one in self.trajectories],
            "extremes": self.extremes.to_document(),
            "proxies": [one.to_document() for one in self.proxies],
            "capa_source": self.capa_source,
            "notes": list(self.notes),
        }


def agreement(
    grid: Grid,
    *,
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 0,
    discrimination: bool = False,
    threshold: float = 0.6,
) -> Agreement:
    """Compare all models of a grid with one another.

    Args:
        grid: answers of two models or more.
        replicates: bootstrap draws; of clusters where questions share one, of questions else.
        level: of intervals.
        seed: of all random numbers.
        discrimination: fit the two-parameter model as well.
        threshold: the AUC from which a small model is a useful proxy.

    Raises:
        ItemsError: fewer than two models, or options out of range.
    """
    check_options(level, replicates)
    if len(grid.models) < 2:
        raise ItemsError(f"{len(grid.models)} model in these answers; agreement needs two or more")
    columns = Columns.of(grid)
    everything = np.ones((1, grid.shape[1]), np.float32)
    of_models, of_pairs = sums(columns.of_models()), columns.pair_reader()
    model_draws, pair_draws = sweep(grid.cluster, replicates, seed, of_models, of_pairs)
    pair_sums = of_pairs(everything).astype(float)
    point = measures(columns, of_models(everything).astype(float), pair_sums)
    draws = measures(columns, model_draws, pair_draws)
    pairs = read_pairs(grid, columns, point, draws, pair_sums, level)
    models = len(grid.models)
    followed = trajectories(grid, level, seed)
    return Agreement(
        grid.models,
        grid.shape[1],
        len(np.unique(grid.cluster)),
        level,
        pairs,
        family_means(grid, pairs, point, draws, level),
        abilities(grid, model_draws[:, 3 : 3 + models], model_draws[:, 3 + 2 * models :], level),
        two_parameter(grid) if discrimination else None,
        task_shifts(grid, level),
        followed,
        extremes(grid, level),
        tuple(proxy(grid, *ends, threshold=threshold, level=level) for ends in _ends(grid)),
        "answers" if columns.shares is None else "probabilities",
        _notes(grid, columns, followed),
    )


def _ends(grid: Grid) -> list[tuple[str, str]]:
    """The smallest and the largest model of every family that has two sizes."""
    found = []
    for family in dict.fromkeys(model.family for model in grid.models):
        known = [m for m in grid.models if m.family == family and np.isfinite(m.params)]
        if known and known[0].params < known[-1].params:
            found.append((known[0].name, known[-1].name))
    return found


def _notes(grid: Grid, columns: Columns, followed: tuple[Trajectories, ...]) -> tuple[str, ...]:
    notes = []
    unknown = int((columns.options < 2).sum())
    if unknown:
        notes.append(
            f"{unknown} of {grid.shape[1]} questions have no known number of options; they are "
            "left out of CAPA and of the chance of equal wrong answers"
        )
    if grid.choices is not None and columns.shares is None:
        notes.append(
            "the probabilities of options could not be matched with the right answers; CAPA is "
            "made of answers alone"
        )
    if not followed:
        notes.append("no family has three sizes; no question can be followed over size")
    if together(grid.cluster):
        notes.append("questions share clusters; intervals draw clusters")
    return tuple(notes)
