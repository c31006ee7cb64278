"""Sudden abilities: does accuracy jump because the model does, or because of how it is scored?

An answer that is right only as a whole hides progress: with p the chance of one token, a model is
right on L tokens with p^L, which stays at zero for long and then rises fast although p rises evenly
(Schaeffer, Miranda and Koyejo 2023). So accuracy is held against the loss on the same answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.estimate import Estimate, bounds, estimate
from isoloss.errors.contrasts.sweep import Reader, check_options, sweep
from isoloss.errors.items import Grid
from isoloss.errors.trends.ladder import Ladder, ladder, slices
from isoloss.errors.trends.slope import UNKNOWN
from isoloss.exceptions import ItemsError

ARTEFACT, BOTH, NEITHER, DISAGREE = "metric artefact", "both jump", "no jump", "metrics disagree"
# a stretch that holds this much more of the change than of the decades is a jump
JUMP = 0.3
# a difference of sharpness below this does not matter, however many items show it
APART = 0.1


@dataclass(frozen=True)
class Emergence:
    """Sharpness of accuracy and of loss on one set of items.

    Sharpness is the largest excess of one stretch of sizes: its share of all that changes (up and
    down) minus its share of the decades. A straight line over log size has 0, one jump between
    evenly spaced M sizes 1 - 1 / (M - 1). Accuracy is taken as it is and loss as its log, which is
    how each is drawn: a power law of loss has sharpness 0.

    Attributes:
        name: the task, or `all`.
        n: items with a loss for every model.
        accuracy, loss: of every model; mean loss in nats.
        accuracy_change, loss_change: largest size minus smallest.
        accuracy_sharpness, loss_sharpness, difference: with intervals over items.
        stretch: the two sizes (parameters) between which accuracy changes most for its decades.
        verdict: `metric artefact`: accuracy is sharper than loss, by more than .1 beyond the
            interval, improves while loss falls, and lags before: by the time the stretch begins, a
            tenth more of the decades has passed than of the change. (Accuracy that rises first and
            levels off near its ceiling is sharp as well, but no sudden ability.) `both jump`: both
            have a sharpness of .3 beyond their intervals. `metrics disagree`: one of the two gets
            better and the other worse. `no jump`, or `cannot tell`: one of them does not change
            beyond the draw of items.
        reason: why it cannot be told.
    """

    name: str
    n: int
    accuracy: tuple[Estimate, ...]
    loss: tuple[Estimate, ...]
    accuracy_change: Estimate
    loss_change: Estimate
    accuracy_sharpness: Estimate
    loss_sharpness: Estimate
    difference: Estimate
    stretch: tuple[float, float]
    verdict: str
    reason: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        plain = {
            key: value.to_document() if isinstance(value, Estimate) else value
            for key, value in vars(self).items()
        }
        return {
            **plain,
            "accuracy": [one.to_document() for one in self.accuracy],
            "loss": [one.to_document() for one in self.loss],
            "stretch": list(self.stretch),
        }


def emergence(
    grid: Grid,
    *,
    by: str = "task",
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> tuple[Emergence, ...]:
    """Whether accuracy jumps with size where loss does not, in all and by task.

    Args:
        grid: answers of one family, with losses.
        by: `task`, or `none`.
        level: of intervals.
        replicates: bootstrap draws.
        seed: of the draws.

    Raises:
        ItemsError: no losses, several families, one size, or an option out of range.
    """
    if by not in ("task", "none"):
        raise ItemsError(f"by='{by}'; expected 'task' or 'none'")
    if grid.loss is None:
        raise ItemsError(
            "whether a jump is one of the metric shows only beside a continuous metric; the "
            "answers have no loss"
        )
    check_options(level, replicates)
    kept = np.asarray(np.isfinite(grid.loss).all(axis=0))
    if not kept.any():
        raise ItemsError("no question has a loss for every model")
    chosen = ladder(grid.columns(kept))
    (draws,) = sweep(chosen.grid.cluster, replicates, seed, _sums(chosen))
    grid = chosen.grid
    found = [_one(chosen, "all", slice(0, grid.shape[1]), draws.sum(axis=1), level)]
    if by == "task":
        for t, part in enumerate(slices(grid.task.codes)):
            name = grid.task.values[grid.task.codes[part.start]]
            found.append(_one(chosen, name, part, draws[:, t], level))
    return tuple(found)


def _sums(chosen: Ladder) -> Reader:
    """Items, right answers and losses by task: (b, T, 1 + 2 M)."""
    grid = chosen.grid
    assert grid.loss is not None
    ones = np.ones((1, grid.shape[1]))
    table = np.ascontiguousarray(np.vstack([ones, grid.correct, grid.loss]).T, dtype=np.float32)
    parts = slices(grid.task.codes)
    return lambda drawn: np.stack([drawn[:, part] @ table[part] for part in parts], axis=1)


def sharpness(size: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Largest excess share of a stretch, of values (..., M) over sizes (M,), rising."""
    ahead = _ahead(size, value)
    return (ahead - np.minimum.accumulate(ahead, axis=-1)).max(axis=-1)


def _ahead(size: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Share of the change that is done at each size, minus the share of the decades."""
    step = np.abs(np.diff(value, axis=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = step / step.sum(axis=-1, keepdims=True)
    ahead = np.cumsum(share - np.diff(size) / (size[-1] - size[0]), axis=-1)
    return np.concatenate([np.zeros_like(ahead[..., :1]), ahead], axis=-1)


def _one(chosen: Ladder, name: str, part: slice, draws: np.ndarray, level: float) -> Emergence:
    grid = chosen.grid
    assert grid.loss is not None
    models, n = grid.shape[0], part.stop - part.start
    sums = np.concatenate(
        [[n], grid.correct[:, part].sum(1, dtype=float), grid.loss[:, part].sum(1)]
    )
    # replicates first, the items as they are last
    every = np.vstack([np.where(draws[:, :1] > 0, draws, np.nan), sums])
    right, loss = every[:, 1 : 1 + models] / every[:, :1], every[:, 1 + models :] / every[:, :1]
    size, place = np.unique(chosen.size, return_inverse=True)
    same = np.stack([(place == i) / (place == i).sum() for i in range(len(size))], 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        sharp = sharpness(size, right @ same), sharpness(size, np.log(loss @ same))

    def told(values: np.ndarray) -> Estimate:
        return estimate(float(values[-1]), values[:-1], n, level)

    changes = told(right[:, -1] - right[:, 0]), told(loss[:, -1] - loss[:, 0])
    both = told(sharp[0]), told(sharp[1])
    apart = told(sharp[0] - sharp[1])
    ahead = _ahead(size, (right @ same)[-1])
    end = int((ahead - np.minimum.accumulate(ahead)).argmax())
    start = int(ahead[: end + 1].argmin())
    late = float(-ahead[start]) > APART
    word, reason = _word(len(size), changes, both, apart, late)
    return Emergence(
        name,
        n,
        _all(right, n, level),
        _all(loss, n, level),
        *changes,
        *both,
        apart,
        (float(10 ** size[start]), float(10 ** size[end])),
        word,
        reason,
    )


def _all(values: np.ndarray, n: int, level: float) -> tuple[Estimate, ...]:
    low, high = bounds(values[:-1], level)
    return tuple(
        Estimate(float(v), float(a), float(b), n, level)
        for v, a, b in zip(values[-1], low, high, strict=True)
    )


def _word(
    sizes: int,
    changes: tuple[Estimate, Estimate],
    sharp: tuple[Estimate, Estimate],
    apart: Estimate,
    late: bool,
) -> tuple[str, str]:
    if sizes < 3:
        return UNKNOWN, "two sizes have one step"
    if not (changes[0].apart and changes[1].apart):
        which = "accuracy" if not changes[0].apart else "loss"
        return UNKNOWN, f"{which} does not change from the smallest to the largest beyond chance"
    if (changes[0].value > 0) == (changes[1].value > 0):
        return DISAGREE, "accuracy and loss go the same way"
    if math.isnan(apart.low):
        return UNKNOWN, "no interval"
    if apart.low > APART and late and changes[0].value > 0:
        return ARTEFACT, ""
    if min(one.low for one in sharp) > JUMP and changes[0].value > 0:
        return BOTH, ""
    return NEITHER, ""
