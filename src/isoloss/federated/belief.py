"""Which of the two slopes in K to believe, and what else to know about a federated fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from isoloss.notices import Notice
from isoloss.runs import Runs

if TYPE_CHECKING:
    from isoloss.federated.fit import FederatedFit

# a law of loss that leaves more than this, in log, does not describe the runs
LARGE_RESIDUAL = 0.03
# an interval that misses 0 to 1 by less says nothing about these runs
_HAIR = 0.05


@dataclass(frozen=True)
class Belief:
    """Which of the two slopes to believe.

    Attributes:
        which: `parametric`, `direct`, `either` or `neither`.
        why: in words.
    """

    which: str
    why: str


def belief_of(made: FederatedFit) -> Belief:
    """The law's slope, the direct one, either or neither."""
    direct = made.direct.gamma if made.direct else None
    gamma, poor = made.gamma, made.rms > LARGE_RESIDUAL
    left = f"the law leaves {100 * made.rms:.1f} % of the loss"
    if direct is None:
        if poor:
            return Belief("neither", f"{left}, and there is no direct slope to believe instead")
        return Belief("parametric", "there is no direct slope to hold it against")
    both = f"law {gamma.value:.3f}, direct {direct.value:.3f}"
    if poor:
        why = f"{left} ({both}); the direct slope does not depend on its form"
        return Belief("direct", why)
    bias = made.bias or 0.0
    if abs(bias) > 0.005:
        both += f", {direct.value - bias:.3f} without what parabolas cost on these sizes"
    if direct.low - bias > gamma.high or gamma.low > direct.high - bias:
        why = f"their intervals do not overlap ({both}); the direct slope assumes less"
        return Belief("direct", why)
    return Belief("either", f"they agree within their intervals ({both}); the law's is narrower")


def remarks(made: FederatedFit, runs: Runs, best: Runs, edge: np.ndarray) -> list[Notice]:
    """What a person should know.

    Args:
        made: the fit.
        runs: all that were given.
        best: those at the best learning rates.
        edge: (len(best),) whether that rate was at the end of its grid.
    """
    found = list(runs.notices)
    if edge.any():
        found.append(
            Notice(
                "rate-at-edge",
                f"{int(edge.sum())} of {len(best)} runs have their best learning rate at the end "
                "of the rates that were tried",
                "widen the rates; until then the slope in K is a bound at most",
            )
        )
    rho = made.rho
    if rho.low > 1 + _HAIR or rho.high < -_HAIR:
        found.append(
            Notice(
                "rho-outside",
                f"rho = {rho.value:.3f} ({rho.low:.3f} to {rho.high:.3f}) lies outside of 0 to 1",
                "something else changes with K in these runs: tuning, steps, or the batch",
            )
        )
    if made.rms > LARGE_RESIDUAL:
        found.append(
            Notice(
                "large-residuals",
                f"the law leaves {100 * made.rms:.1f} % (root mean square of the log residuals)",
                "believe the direct slope, and look at the residuals by K",
            )
        )
    if made.direct and made.direct.seeds < 3:
        found.append(
            Notice(
                "few-seeds",
                f"{made.direct.seeds} seeds: intervals of the direct slope rest on the residuals",
                "slopes of single seeds scatter widely; three seeds or more",
            )
        )
    return found + list(made.fit.notices)
