"""Which models of a grid make a trend: one family, three sizes or more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isoloss.errors.items import Grid
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

# a line through two points leaves nothing to see whether it is one
LEAST_SIZES = 3


@dataclass(frozen=True, eq=False)
class Ladder:
    """The models of one family whose sizes are known.

    Attributes:
        grid: their answers, items task by task.
        family: its name.
        size: (M,) log10 of parameters.
        sizes: how many different ones.
        notices: what was left out, and what cannot be said.
    """

    grid: Grid
    family: str
    size: np.ndarray
    sizes: int
    notices: tuple[Notice, ...]

    @property
    def trend(self) -> bool:
        """There are enough sizes for a trend."""
        return self.sizes >= LEAST_SIZES


def ladder(grid: Grid) -> Ladder:
    """The family of a grid.

    Raises:
        ItemsError: several families, or fewer than two known sizes.
    """
    known = [i for i, model in enumerate(grid.models) if np.isfinite(model.params)]
    families = list(dict.fromkeys(grid.models[i].family for i in known))
    if len(families) > 1:
        raise ItemsError(
            f"the answers are of {len(families)} families ({', '.join(families[:8])}); families "
            "are never pooled: choose one, such as items.where(family="
            f"'{families[0]}'), and compare their trends afterwards"
        )
    notices = []
    if len(known) < len(grid.models):
        left = [model.name for model in grid.models if not np.isfinite(model.params)]
        notices.append(
            Notice(
                "unknown-size",
                f"no size is known of {', '.join(left)}: left out of trends",
                "give params in models.yaml",
            )
        )
    chosen = grid.lines(known)
    sizes = len({model.params for model in chosen.models})
    if sizes < 2:
        raise ItemsError(
            f"a trend needs several sizes; the answers are of {sizes} known size"
            f"{'' if sizes == 1 else 's'} ({', '.join(grid.names[:8]) or 'no model'}); add smaller "
            "or larger models of the family, with params in models.yaml"
        )
    if sizes < LEAST_SIZES:
        notices.append(
            Notice(
                "two-sizes",
                f"{families[0]} has two sizes here: only a paired contrast is possible, no trend",
                "add a third size, or read the contrast of the two",
            )
        )
    order = np.argsort(chosen.task.codes, kind="stable")
    if not (np.diff(chosen.task.codes) >= 0).all():
        chosen = chosen.columns(order)
    return Ladder(chosen, families[0], chosen.size, sizes, tuple(notices))


def slices(codes: np.ndarray) -> list[slice]:
    """Where each task stands, for items that stand task by task."""
    starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    ends = [*starts[1:].tolist(), len(codes)]
    return [slice(a, b) for a, b in zip(starts.tolist(), ends, strict=True)]
