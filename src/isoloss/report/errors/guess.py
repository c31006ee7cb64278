"""What guessing would get right."""

from __future__ import annotations

import numpy as np

from isoloss.errors.agreement.choices import option_counts
from isoloss.errors.items import Grid


def guessing(grid: Grid, kept: np.ndarray) -> float:
    """Mean of one over the number of options on some questions (a mask).

    0 where the options of a question are not known or there are none: there is nothing to guess
    from.
    """
    options = option_counts(grid)[kept]
    if not len(options) or (options < 2).any():
        return 0.0
    return float((1.0 / options).mean())


def guessing_by_task(grid: Grid) -> dict[str, float]:
    """The same for every task."""
    options = option_counts(grid)
    codes = grid.task.codes
    count = len(grid.task.values)
    asked = np.bincount(codes, minlength=count)
    unknown = np.bincount(codes, weights=options < 2, minlength=count)
    shares = np.bincount(codes, weights=1.0 / np.maximum(options, 1), minlength=count)
    return {
        name: float(shares[i] / asked[i]) if asked[i] and not unknown[i] else 0.0
        for i, name in enumerate(grid.task.values)
    }
