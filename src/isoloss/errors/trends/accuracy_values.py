"""What a trend of accuracy over size is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from isoloss.errors.contrasts.estimate import Estimate
from isoloss.errors.trends.slope import Slope
from isoloss.errors.trends.spread import Spread
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice


@dataclass(frozen=True)
class Fitness:
    """Whether the models stand on the line.

    Attributes:
        chi2, degrees, p_binomial: Pearson's, trials taken as independent: too small, because the
            same items are put to every model.
        p: with the covariance of the items; the one to go by. NaN where it cannot be had.
        z_binomial, z: residual of every model, by either measure.
        odd: the model that stands farthest off where `p` is below .01, else empty. Of three sizes
            every one is equally far off: then `?`.
    """

    chi2: float
    degrees: int
    p_binomial: float
    p: float
    z_binomial: tuple[float, ...]
    z: tuple[float, ...]
    odd: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {**vars(self), "z_binomial": list(self.z_binomial), "z": list(self.z)}


@dataclass(frozen=True)
class AccuracyTrend:
    """Accuracy against size on one set of items.

    Attributes:
        name: the task, or `all`.
        n, clusters: items, and groups of them that are drawn together.
        accuracy: of every model.
        floor: share that guessing gets right and that was taken off; 0 without.
        slope: of log odds, for ten times the parameters.
        fitness: lack of fit of the line.
    """

    name: str
    n: int
    clusters: int
    accuracy: tuple[Estimate, ...]
    floor: float
    slope: Slope
    fitness: Fitness

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "n": self.n,
            "clusters": self.clusters,
            "accuracy": [one.to_document() for one in self.accuracy],
            "floor": self.floor,
            "slope": self.slope.to_document(),
            "fitness": self.fitness.to_document(),
        }


@dataclass(frozen=True)
class AccuracyTrends:
    """Accuracy against size in one family.

    Attributes:
        family: its name.
        models: from the smallest.
        params: total parameters of each.
        overall: all items as one set.
        tasks: one entry a task; q values are adjusted for their number. Empty with `by="none"`.
        spread: of slopes between tasks.
        margin: slopes below this count as flat, in logits per decade.
        level: of intervals and tests.
        replicates, seed: of the bootstrap.
        notices: what was left out, and what cannot be said.
    """

    family: str
    models: tuple[str, ...]
    params: tuple[float, ...]
    overall: AccuracyTrend
    tasks: tuple[AccuracyTrend, ...]
    spread: Spread | None
    margin: float
    level: float
    replicates: int
    seed: int
    notices: tuple[Notice, ...]

    def task(self, name: str) -> AccuracyTrend:
        """The trend of one task.

        Raises:
            ItemsError: no such task.
        """
        for one in self.tasks:
            if one.name == name:
                return one
        raise ItemsError(f"no task '{name}'; there is {', '.join(t.name for t in self.tasks[:20])}")

    def with_verdict(self, word: str) -> tuple[str, ...]:
        """Names of the tasks with a verdict such as `improves`."""
        return tuple(one.name for one in self.tasks if one.slope.verdict == word)

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "family": self.family,
            "models": list(self.models),
            "params": list(self.params),
            "overall": self.overall.to_document(),
            "tasks": [task.to_document() for task in self.tasks],
            "spread": None if self.spread is None else self.spread.to_document(),
            "margin": self.margin,
            "level": self.level,
            "replicates": self.replicates,
            "seed": self.seed,
            "notices": [notice.to_document() for notice in self.notices],
        }
