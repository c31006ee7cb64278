"""How much of a difference in accuracy is following the format, and how much is capability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.accuracy import adjusted_wald
from isoloss.errors.contrasts.estimate import UNKNOWN, Estimate, estimate, inside, word
from isoloss.errors.items import Grid

# a bootstrap of fewer items claims too much
LEAST = 30


@dataclass(frozen=True)
class Split:
    """acc = v a, with v the share of valid answers and a the accuracy among them.

    acc2 - acc1 = (v2 - v1) (a1 + a2) / 2 + (a2 - a1) (v1 + v2) / 2 exactly (Kitagawa 1955; the
    symmetric form of Oaxaca 1973). The first part is format, the second capability. "Format" means
    no more than "gave an answer that could be used".

    Attributes:
        valid_small, valid_large: v1 and v2.
        right_small, right_large: a1 and a2; NaN where a model gave no valid answer.
        format, capability: the two parts, in accuracy.
        format_verdict, capability_verdict: better, worse, same within margin, or cannot tell, as
            always below 30 items.
    """

    valid_small: Estimate
    valid_large: Estimate
    right_small: Estimate
    right_large: Estimate
    format: Estimate
    capability: Estimate
    format_verdict: str
    capability_verdict: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            key: value.to_document() if isinstance(value, Estimate) else value
            for key, value in vars(self).items()
        }


def split_columns(grid: Grid, valid: np.ndarray) -> np.ndarray:
    """Columns (I, 5) whose sums the split is made of: items, valid twice, right twice."""
    ones = np.ones(grid.shape[1])
    return np.column_stack([ones, *valid.astype(float), *grid.correct.astype(float)])


def read_split(
    grid: Grid, valid: np.ndarray, draws: np.ndarray, *, margin: float, level: float
) -> Split:
    """The split, from sums of `split_columns` in replicates (R, 5)."""
    n = grid.shape[1]
    point = parts(split_columns(grid, valid).sum(axis=0)[None])
    found = parts(draws)
    v1, v2, a1, a2, form, capability = (estimate(point[k][0], found[k], n, level) for k in range(6))
    lost = int((valid[0] & ~valid[1]).sum())
    gained = int((valid[1] & ~valid[0]).sum())
    # a bootstrap that never saw an invalid answer knows less than its interval of zero width says
    width = (a1.value + a2.value) / 2.0
    low, high = adjusted_wald(np.array(lost), np.array(gained), np.array(n), 2.0 * level - 1.0)
    sure = bool(low * width > -margin and high * width < margin)
    return Split(
        v1,
        v2,
        a1,
        a2,
        form,
        capability,
        word(form, sure and inside(found[4], margin, level)) if n >= LEAST else UNKNOWN,
        word(capability, inside(found[5], margin, level)) if n >= LEAST else UNKNOWN,
    )


def parts(sums: np.ndarray) -> tuple[np.ndarray, ...]:
    """v1, v2, a1, a2, format and capability from sums (R, 5) of `split_columns`."""
    n, valid, right = sums[:, 0], sums[:, 1:3], sums[:, 3:5]
    v = valid / n[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        a = np.where(valid > 0, right / valid, np.nan)
    form = (v[:, 1] - v[:, 0]) * (a[:, 0] + a[:, 1]) / 2.0
    capability = (a[:, 1] - a[:, 0]) * (v[:, 0] + v[:, 1]) / 2.0
    return v[:, 0], v[:, 1], a[:, 0], a[:, 1], form, capability
