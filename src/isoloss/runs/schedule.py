"""What a learning-rate schedule had done by the step of every loss.

Laws over a whole curve (annealing, multi-power) take areas of the schedule as inputs. Here they are
worked out from the step and the rate of every logged loss of one curve:

- `S`, `S_1`: area under the rate, from the start. Between two logged points the rate is taken as
  straight; before the first one it is the warm-up's triangle and then the first logged rate.
- `S_2`: annealing area, the sum over the steps so far of m = momentum*m + fall of the rate (Tissue
  et al. 2024, https://arxiv.org/abs/2408.11029).
- `drop_k`, `rate_k`, `since_k`: the fall of the rate, cut into equal parts, for the multi-power law
  (Luo et al. 2025, https://arxiv.org/abs/2503.12811): by how much the rate had fallen in part k,
  the rate after that, and the area under the rate since then. The source sums over every step. Of
  a smooth fall 16 parts give that sum to 0.001 nats/token, and so they do of a few jumps but for
  the first rows after each, as the step of a jump between two rows is not known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np

from isoloss.exceptions import RunsError

DROPS = 16
MOST_DROPS = 60
MOMENTUM = 0.999
# falls below this share of the next one are no falls
_FLAT = 0.01


def areas(
    step: np.ndarray,
    rate: np.ndarray,
    *,
    warmup: float = 0.0,
    drops: int = DROPS,
    momentum: float = MOMENTUM,
    at: Callable[[int], str] | None = None,
) -> Mapping[str, np.ndarray]:
    """Areas of one schedule at its logged steps, all of shape (n,); see the module.

    A schedule that is still to be run needs no loss: `fit.predict(areas(step, rate))`.

    Args:
        step: increasing, (n,).
        rate: positive and never rising, (n,).
        warmup: steps of a linear warm-up from zero, which end at or before the first row.
        drops: into how many parts the fall of the rate is cut.
        momentum: of the annealing area, between 0 and 1.
        at: how messages name a row; by its step when not given.

    Raises:
        RunsError: a rate that rises or is not positive, a step that does not increase, or an
            option out of its range.
    """
    step, rate = np.asarray(step, dtype=float), np.asarray(rate, dtype=float)
    check_options(warmup, drops, momentum)
    _check(step, rate, warmup, at or (lambda row: f"step {step[row]:g}"))
    # a rise within rounding is none
    steps, rates, rows = _with_jumps(step, np.minimum.accumulate(rate))
    area = warmup * rate[0] / 2 + (step[0] - warmup) * rate[0]
    area += np.concatenate([[0.0], np.cumsum(np.diff(steps) * (rates[1:] + rates[:-1]) / 2)])
    return {
        "S": area[rows],
        "S_1": area[rows],
        "S_2": _annealed(steps, rates, momentum)[rows],
        **_parts(steps, rates, area, rows, drops),
    }


def made(drops: int) -> tuple[str, ...]:
    """The names that `areas` gives."""
    parts = (f"{name}_{k + 1}" for k in range(drops) for name in ("drop", "rate", "since"))
    return ("S", "S_1", "S_2", *parts)


def check_options(warmup: float, drops: int, momentum: float) -> None:
    """Refuse options out of their ranges."""
    if not 0 < momentum < 1:
        raise RunsError(f"schedule: momentum lies between 0 and 1, got {momentum:g}")
    if isinstance(drops, bool) or int(drops) != drops or not 1 <= drops <= MOST_DROPS:
        raise RunsError(f"schedule: drops is a whole number from 1 to {MOST_DROPS}, got {drops}")
    if not (math.isfinite(warmup) and warmup >= 0):
        raise RunsError(f"schedule: warmup is a number of steps, at least 0, got {warmup:g}")


def _check(step: np.ndarray, rate: np.ndarray, warmup: float, at: Callable[[int], str]) -> None:
    if step.ndim != 1 or step.shape != rate.shape or not len(step):
        raise RunsError(
            f"a step and a rate for every row are needed, got shapes {step.shape}, {rate.shape}"
        )
    again = np.flatnonzero(~(np.diff(step) > 0))
    if again.size:
        raise RunsError(
            f"{at(int(again[0]) + 1)}: a curve has one row a step, and step {step[again[0] + 1]:g} "
            f"follows step {step[again[0]]:g}; name the column that tells curves apart, as in "
            "curve=run_name, or keep the rows of one model with where"
        )
    low = np.flatnonzero(~(rate > 0))
    if low.size:
        raise RunsError(
            f"{at(int(low[0]))}: the learning rate is {rate[low[0]]:g}, and has to be above 0; "
            "leave the row out, or say warmup=STEPS where it is of the warm-up"
        )
    rises = np.flatnonzero(np.diff(rate) > 1e-9 * rate[0])
    if rises.size:
        here = int(rises[0]) + 1
        raise RunsError(
            f"{at(here)}: the learning rate rises from {rate[here - 1]:.4g} to {rate[here]:.4g} at "
            f"step {step[here]:g}; these laws are for rates that never rise, so say warmup=STEPS "
            "for a warm-up, and leave other rows or curves that rise out with where"
        )
    if step[0] < warmup:
        raise RunsError(
            f"{at(0)}: step {step[0]:g} lies within the warm-up of {warmup:g} steps; leave it out"
        )


def _with_jumps(step: np.ndarray, rate: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Steps and rates with two more points for every jump, and where the rows are among them.

    A fall between two rows with a constant rate on both sides is a jump. When it came is not
    logged, so it is put in the middle.
    """
    falls = rate[:-1] - rate[1:]
    before = np.concatenate([[0.0], falls])[:-1]
    after = np.concatenate([falls, falls[-1:]])[1:]
    jump = (falls > 0) & (np.maximum(before, after) <= _FLAT * falls)
    jump = np.concatenate([jump, [False]])
    rows = np.arange(len(step)) + 2 * (np.cumsum(jump) - jump)
    steps, rates = (np.empty(len(step) + 2 * int(jump.sum())) for _ in range(2))
    steps[rows], rates[rows] = step, rate
    first = rows[jump] + 1
    steps[first] = steps[first + 1] = (steps[first - 1] + steps[first + 2]) / 2
    rates[first], rates[first + 1] = rates[first - 1], rates[first + 2]
    return steps, rates, rows


def _annealed(steps: np.ndarray, rates: np.ndarray, momentum: float) -> np.ndarray:
    """Sum over the steps so far of the momentum of the falls, each fall spread over its steps.

    Closed forms of the recursion over n steps: m' = l**n m + f g / n with g = (1 - l**n) / (1 - l),
    and the sum grows by m l g + (f / n) (n - l g) / (1 - l).
    """
    found = np.zeros(len(steps))
    m = total = 0.0
    pairs = zip(np.diff(steps).tolist(), (-np.diff(rates)).tolist(), strict=True)
    for row, (n, fall) in enumerate(pairs, start=1):
        if n == 0:
            # a jump is whole in the next step, in which what was before it shrinks once
            m += fall / momentum
        else:
            kept = momentum**n
            geometric = (1 - kept) / (1 - momentum)
            total += m * momentum * geometric
            total += fall / n * (n - momentum * geometric) / (1 - momentum)
            m = kept * m + fall / n * geometric
        found[row] = total
    return found


def _parts(
    steps: np.ndarray, rates: np.ndarray, area: np.ndarray, rows: np.ndarray, drops: int
) -> dict[str, np.ndarray]:
    """The fall cut into equal parts: `drop_k`, `rate_k` and `since_k` of the rows."""
    found: dict[str, np.ndarray] = {}
    fallen = rates[0] - rates
    ends = np.concatenate([[False], np.diff(steps) == 0])
    edges = np.linspace(0.0, fallen[-1], drops + 1)
    for k, (low, high) in enumerate(pairwise(edges), start=1):
        drop = np.clip(fallen[rows], low, high) - low
        # each part acts from the middle of what has fallen of it so far
        middle = low + drop / 2
        at = np.interp(middle, fallen, area)
        # the rate after a jump is that of its end, whatever part of the jump this is
        after = np.minimum(np.searchsorted(fallen, middle), len(rates) - 1)
        found[f"drop_{k}"] = drop
        found[f"rate_{k}"] = np.where(ends[after], rates[after], rates[0] - middle)
        found[f"since_{k}"] = np.where(drop > 0, np.maximum(area[rows] - at, 0.0), 0.0)
    return found
