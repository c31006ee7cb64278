"""How much bandwidth keeps accelerators busy while gradients travel behind the backward pass.

The model behind the bandwidth table of Charles et al. 2025 (arXiv:2503.09799, Table 6), as far as
it can be told from the table: a step is a forward pass, a third of its time, and a backward pass
through L layers; a layer's gradient is sent while the layers before it are still computed, one
after another over one link. At the last of H steps, with w = transfer time of the whole model over
the time of a step, that takes

    1/3 + max(2/(3 L) + w,  2/3 + w/L)        in steps, in place of 1

and utilisation is H over H - 1 plus that. In a run of S steps, the synchronisations that are waited
for number (S - 1) // H.

The table's bandwidths lie on a grid of 50 values from 0.1 to 1000 Gbit/s, evenly spaced in the
logarithm, and each is the first that reaches the utilisation: so it is rounded upwards by up to a
fifth. Step time, bytes, layers and steps behind the table were not in the text that was read.
Three numbers stand for them, fitted to its 25 entries for 10B parameters: `TABLE_TRANSFER`, the
steps that the whole model takes at 1 Gbit/s, `TABLE_LAYERS` and `TABLE_STEPS`. With them 24 entries
come out exactly, and one (95 %, H = 50) a step of the grid too high.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from isoloss.exceptions import PlanError
from isoloss.federated.setting import positive

GRID = np.logspace(-1, 3, 50)
FORWARD = 1 / 3
LOCAL_STEPS = (1, 10, 50, 100, 300)
TABLE_TRANSFER, TABLE_LAYERS, TABLE_STEPS = 151.0, 40, 1000
# utilisations are compared to a tenth of a percent, as a table of percents is
_DIGITS = 3


def utilisation(
    transfer_steps: float | np.ndarray,
    local_steps: float,
    *,
    layers: int = TABLE_LAYERS,
    run_steps: int | None = None,
) -> np.ndarray:
    """Share of the time in which accelerators compute.

    Args:
        transfer_steps: w, time to send the whole model over the time of one step; any shape.
        local_steps: H; 1 for data parallel training.
        layers: L.
        run_steps: S; a run without end where it is None.
    """
    w = np.asarray(transfer_steps, dtype=float)
    h = positive("local_steps", local_steps)
    back = 1 - FORWARD
    waited = FORWARD + np.maximum(back / layers + w, back + w / layers) - 1
    share = 1 / h if run_steps is None else (run_steps - 1) // h / run_steps
    return 1 / (1 + waited * share)


def bandwidth_needed(
    target: float,
    transfer_at_one: float,
    local_steps: float,
    *,
    layers: int = TABLE_LAYERS,
    run_steps: int | None = None,
    grid: np.ndarray | None = None,
) -> float:
    """Least bandwidth at which a utilisation is reached, in the unit of `transfer_at_one`.

    Args:
        target: utilisation, above 0 and below 1.
        transfer_at_one: w at a bandwidth of 1.
        local_steps: H.
        layers: L.
        run_steps: S; a run without end where it is None.
        grid: bandwidths of which the first one that suffices is taken; exact without.

    Raises:
        PlanError: the target cannot be reached, or not on the grid.
    """
    if not 0 < target < 1:
        raise PlanError(f"a utilisation lies between 0 and 1, got {target}")

    def reached(bandwidth: float | np.ndarray) -> np.ndarray:
        w = transfer_at_one / bandwidth
        return utilisation(w, local_steps, layers=layers, run_steps=run_steps)

    if grid is not None:
        enough = np.round(reached(grid), _DIGITS) >= target
        if not enough.any():
            raise PlanError(f"no bandwidth of the grid reaches a utilisation of {target:g}")
        return float(grid[int(np.argmax(enough))])
    low, high = math.log(1e-12 * transfer_at_one), math.log(1e12 * transfer_at_one)
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if reached(math.exp(middle)) >= target else (middle, high)
    return math.exp(high)


def bandwidth_rows(
    transfer_at_one: float, shares: Sequence[float], *, layers: int = TABLE_LAYERS
) -> list[tuple[int, list[float]]]:
    """Local steps of `LOCAL_STEPS`, and the least bandwidth for each share of time computing."""
    return [
        (h, [bandwidth_needed(share, transfer_at_one, h, layers=layers) for share in shares])
        for h in LOCAL_STEPS
    ]


def table_bandwidth(target: float, local_steps: float) -> float:
    """Gbit/s of the table for 10B parameters."""
    return bandwidth_needed(target, TABLE_TRANSFER, local_steps, run_steps=TABLE_STEPS, grid=GRID)
