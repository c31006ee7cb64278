"""What these data can show, to be read before any verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.items import Grid
from isoloss.errors.power.paired import design_effect, paired_items, paired_mde
from isoloss.errors.power.shares import share_power_formula
from isoloss.errors.power.slope import slope_mde
from isoloss.errors.trends.ladder import LEAST_SIZES, ladder, slices
from isoloss.errors.trends.mode_tests import LEAST_ERRORS
from isoloss.exceptions import ItemsError

# items below which "no shift of failure modes" is not said
LEAST_SHIFT = 400


@dataclass(frozen=True)
class Reach:
    """What one set of items can show.

    Attributes:
        name: the task, or `all`.
        n, clusters: items, and groups of them that are drawn together.
        sizes: different sizes.
        accuracy: mean over models.
        discordant: share of items that only one of two models gets right: mean over neighbouring
            sizes.
        design: design effect of clusters on such a difference; 1 where items stand alone.
        paired: least difference in accuracy between two models that is found.
        slope: least trend, logits per decade; NaN below three sizes.
        points: the same in accuracy per decade at the mean accuracy.
        errors: fewest errors of a model.
        shift: chance of finding a strong shift of failure modes (40 % of errors) with that many
            errors; NaN below 30.
        says: the line that a person reads.
    """

    name: str
    n: int
    clusters: int
    sizes: int
    accuracy: float
    discordant: float
    design: float
    paired: float
    slope: float
    points: float
    errors: int
    shift: float
    says: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return dict(vars(self))


@dataclass(frozen=True)
class Power:
    """What one family's answers can show.

    Attributes:
        family: its name; empty for a plan.
        overall: all items.
        tasks: each task; empty for a plan.
        level: of the tests.
        chance: of finding what is said to be found.
        items_for: items that a paired difference of 5, 3, 2 and 1 points needs.
    """

    family: str
    overall: Reach
    tasks: tuple[Reach, ...]
    level: float
    chance: float
    items_for: dict[str, int]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **vars(self),
            "overall": self.overall.to_document(),
            "tasks": [task.to_document() for task in self.tasks],
        }


def power(
    what: Grid | int,
    sizes: Sequence[float] | None = None,
    *,
    accuracy: float = 0.5,
    discordant: float = 0.3,
    design: float = 1.0,
    level: float = 0.95,
    chance: float = 0.8,
) -> Power:
    """The least differences and trends that can be found, before looking at any.

    Args:
        what: answers of one family, or a number of items that is planned.
        sizes: parameters of the models of a plan; taken from the answers otherwise.
        accuracy: of a plan: mean accuracy.
        discordant: of a plan: share of items that only one of two models gets right.
        design: of a plan: design effect of items that share an image.
        level: of two-sided tests.
        chance: of finding what there is.

    Raises:
        ItemsError: options out of range, several families, or one size.
    """
    for name, value in (("level", level), ("chance", chance)):
        if not 0.5 < value < 1:
            raise ItemsError(f"{name}={value}; expected between 0.5 and 1")
    options = {"level": level, "chance": chance}
    if isinstance(what, Grid):
        return _of_grid(what, **options)
    _check_plan(what, accuracy, discordant, design)
    reach = _reach(
        "plan",
        n=what,
        clusters=what,
        sizes=np.asarray(sizes if sizes is not None else (), dtype=float),
        accuracy=accuracy,
        discordant=min(discordant, 2 * accuracy * (1 - accuracy)),
        design=design,
        errors=round(what * (1 - accuracy)),
        **options,
    )
    return Power("", reach, (), level, chance, _items_for(reach, **options))


def _of_grid(grid: Grid, *, level: float, chance: float) -> Power:
    chosen = ladder(grid)
    grid = chosen.grid
    params = np.array([model.params for model in grid.models])
    found = [("all", slice(0, grid.shape[1]))]
    task = grid.task
    found += [(task.values[task.codes[part.start]], part) for part in slices(task.codes)]
    reaches = []
    for name, part in found:
        right, cluster = grid.correct[:, part], grid.cluster[part]
        change = np.diff(right.astype(float), axis=0)
        effects = [design_effect(row, cluster) for row in change]
        known = [one for one in effects if math.isfinite(one)]
        reaches.append(
            _reach(
                name,
                n=right.shape[1],
                clusters=len(np.unique(cluster)),
                sizes=params,
                accuracy=float(right.mean()),
                discordant=float((change != 0).mean()),
                design=float(np.mean(known)) if known else 1.0,
                errors=int((right == 0).sum(axis=1).min()),
                level=level,
                chance=chance,
            )
        )
    overall = reaches[0]
    needed = _items_for(overall, level=level, chance=chance)
    return Power(chosen.family, overall, tuple(reaches[1:]), level, chance, needed)


def _reach(
    name: str,
    *,
    n: int,
    clusters: int,
    sizes: np.ndarray,
    accuracy: float,
    discordant: float,
    design: float,
    errors: int,
    level: float,
    chance: float,
) -> Reach:
    # models that agree on every item seen may still differ on one in n
    share = max(discordant, 1.0 / (n + 2.0))
    middle = min(max(accuracy, 0.5 / n), 1.0 - 0.5 / n)
    paired = paired_mde(n, share, level=level, chance=chance, design=design)
    count = len(np.unique(sizes))
    slope = math.nan
    if count >= LEAST_SIZES:
        slope = slope_mde(
            n,
            sizes,
            accuracy=middle,
            discordant=share,
            design=design,
            level=level,
            chance=chance,
        )
    points = slope * middle * (1.0 - middle)
    shift = math.nan
    if errors >= LEAST_ERRORS:
        shift = share_power_formula(errors / design, level=level)
    return Reach(
        name,
        n,
        clusters,
        count,
        accuracy,
        discordant,
        design,
        paired,
        slope,
        points,
        errors,
        shift,
        _says(n, clusters, paired, slope, points, errors, shift, chance),
    )


def _says(
    n: int,
    clusters: int,
    paired: float,
    slope: float,
    points: float,
    errors: int,
    shift: float,
    chance: float,
) -> str:
    grouped = f" in {clusters} clusters" if clusters < n else ""
    said = f"{n} items{grouped}: with a chance of {chance:.0%} two models are told apart from "
    said += f"{100 * paired:.1f} points of accuracy on"
    if math.isfinite(slope):
        said += f", a trend from {slope:.2f} logits ({100 * points:.1f} points) per decade on"
    else:
        said += "; no trend below three sizes"
    if not math.isfinite(shift):
        said += f"; {errors} errors are too few for shares of failure modes"
    else:
        said += f"; a strong shift of failure modes is found with a chance of {shift:.0%}"
        if errors < LEAST_SHIFT:
            said += f", and 'no shift' cannot be said below {LEAST_SHIFT} errors"
    return said


def _items_for(reach: Reach, *, level: float, chance: float) -> dict[str, int]:
    share = max(reach.discordant, 1.0 / (reach.n + 2.0))
    return {
        f"{points} points": paired_items(
            points / 100, share, level=level, chance=chance, design=reach.design
        )
        for points in (5, 3, 2, 1)
    }


def _check_plan(n: object, accuracy: float, discordant: float, design: float) -> None:
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 2:
        raise ItemsError(f"power of {n!r}: expected answers or a number of items, at least 2")
    if not 0 < accuracy < 1:
        raise ItemsError(f"accuracy={accuracy}; expected a share between 0 and 1")
    if not 0 < discordant <= 1:
        raise ItemsError(f"discordant={discordant}; expected a share above 0")
    if not design >= 1:
        raise ItemsError(f"design={design}; expected 1 or more")
