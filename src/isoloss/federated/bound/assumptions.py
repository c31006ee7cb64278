"""Step 0: what the reconstruction assumes, as named inputs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from isoloss.exceptions import InputError
from isoloss.federated.power import FLOP_PER_PARAMETER_TOKEN

MEANING = {
    "A1": "one pass over disjoint shards of equal size, drawn alike: n = D / K samples a client",
    "A2": "a loss bounded in [0, 1] that is convex along the averaging path, so that the mean of "
    "the models is no worse than the mean of their losses (a heuristic for networks)",
    "A3": "SGD with a constant rate near a minimum is an Ornstein-Uhlenbeck process; its "
    "stationary covariance is (eta / 2b) G A^-1 with gradient noise G and curvature A",
    "A4": "the prior is isotropic around the start, and training moves every weight by about the "
    "prior's width: |theta* - theta_0|^2 <= c N lambda",
    "A5": "the training risk that is left falls with size as E + A N^-alpha",
}


@dataclass(frozen=True)
class Assumptions:
    """The inputs of the bound.

    The defaults of A3 and A4 are round figures: they enter through one logarithm and move the best
    size by a factor, and its slope in K not at all.

    Attributes:
        floor: E of A5.
        drop: A of A5, in the unit of the bounded loss.
        size_exponent: alpha of A5.
        learning_rate: eta of A3.
        batch: b of A3, samples a step.
        noise_over_curvature: mean of G A^-1 of A3, an entry of the diagonal.
        prior_variance: lambda of A4.
        drift: c of A4.
        delta: the bounds hold together with probability 1 - delta.
        flop: phi in C = phi N D.
    """

    floor: float = 0.0
    drop: float = 406.4
    size_exponent: float = 0.34
    learning_rate: float = 1e-3
    batch: float = 500.0
    noise_over_curvature: float = 1.0
    prior_variance: float = 1.0
    drift: float = 1.0
    delta: float = 0.05
    flop: float = FLOP_PER_PARAMETER_TOKEN

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            free = name in ("floor", "drift")
            if not math.isfinite(value) or (value < 0 if free else value <= 0):
                least = "at least 0" if free else "above 0"
                raise InputError(f"assumption {name} of the bound must be {least}, got {value}")
        if not self.delta < 1:
            raise InputError(f"assumption delta is a probability below 1, got {self.delta}")

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {"inputs": vars(self).copy(), "meaning": dict(MEANING)}
