"""How a federation trains: the conditions that a law or a network is asked about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from isoloss.exceptions import PlanError


def whole(name: str, value: Any, least: int = 1) -> int:
    """A whole number, or an error that names the option."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number) or number != int(number):
        raise PlanError(f"{name} must be a whole number, at least {least}, got {value!r}")
    if number < least:
        raise PlanError(f"{name} must be at least {least}, got {value!r}")
    return int(number)


def positive(name: str, value: Any) -> float:
    """A positive finite number, or an error that names the option."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise PlanError(f"{name} must be a positive number, got {value!r}") from None
    if not (math.isfinite(number) and number > 0):
        raise PlanError(f"{name} must be a positive number, got {value!r}")
    return number


@dataclass(frozen=True)
class Setting:
    """Conditions of federated training.

    Attributes:
        clients: K.
        participation: share of the clients that train in a round.
        local_steps: H, steps between synchronisations; None where it is not chosen yet.
        dirichlet_alpha: how unlike the clients' data are: the concentration of a Dirichlet split,
            small for very unlike; None for data drawn alike.
    """

    clients: int
    participation: float = 1.0
    local_steps: int | None = None
    dirichlet_alpha: float | None = None

    @classmethod
    def checked(
        cls,
        clients: Any,
        participation: Any = 1.0,
        local_steps: Any = None,
        dirichlet_alpha: Any = None,
    ) -> Setting:
        """The conditions as a person gives them.

        Raises:
            PlanError: naming the option that cannot be.
        """
        k = whole("clients", clients)
        share = positive("participation", participation)
        if share > 1:
            raise PlanError(
                f"participation is the share of clients in a round, at most 1, got {participation}"
            )
        if share * k < 1 - 1e-9:
            raise PlanError(
                f"participation {share:g} of {k} clients leaves less than one client a round; "
                f"give at least {1 / k:.3g}"
            )
        steps = None if local_steps is None else whole("local_steps", local_steps)
        skew = None if dirichlet_alpha is None else positive("dirichlet_alpha", dirichlet_alpha)
        return cls(k, share, steps, skew)

    @property
    def active(self) -> float:
        """Clients that train in a round."""
        return self.clients * self.participation

    @property
    def skew(self) -> float:
        """1 / (1 + dirichlet_alpha): 0 for data drawn alike, near 1 for very unlike data."""
        return 0.0 if self.dirichlet_alpha is None else 1.0 / (1.0 + self.dirichlet_alpha)


def read_clients(text: str) -> int | list[int]:
    """`8`, `1,8,64`, or `1:64` for every doubling from one to the other.

    Raises:
        PlanError: it is none of these.
    """
    if ":" in text:
        low, _, high = (part.strip() for part in text.partition(":"))
        first, last = whole("clients", low), whole("clients", high)
        if first > last:
            raise PlanError(f"clients {text}: the first number must not be above the second")
        found = []
        while first < last:
            found.append(first)
            first *= 2
        return [*found, last]
    parts = [whole("clients", part.strip()) for part in text.split(",")]
    return parts[0] if len(parts) == 1 else parts
