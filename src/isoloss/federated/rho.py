"""The federation exponent rho: how much of the data of others counts for a client.

In L(N, D / K**rho) rho = 1 says that K clients with D samples together learn no more than one
client with its own D / K, and rho = 0 that they learn as one machine with all of D. Step 3 of the
bound (`isoloss.federated.bound`) gives 1, because it throws away what averaging gains; real
training lies between. So rho is a **range** unless a person's runs, or the person, say otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from isoloss.exceptions import PlanError
from isoloss.federated.provenance import RECONSTRUCTION, TABLE


@dataclass(frozen=True)
class Rho:
    """A federation exponent with what is known about it.

    Attributes:
        name: short.
        value: the number used.
        low, high: between which it may lie.
        provenance: tags.
        meaning: in words, with the source.
        clients_to: largest number of clients at which it was measured; None where it is no
            measurement.
    """

    name: str
    value: float
    low: float
    high: float
    provenance: tuple[str, ...]
    meaning: str
    clients_to: float | None = None

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {**vars(self), "provenance": list(self.provenance)}


FULL = Rho(
    "reconstruction",
    1.0,
    1.0,
    1.0,
    (RECONSTRUCTION,),
    "every client learns from its own share alone: what a bound on each client gives",
)
DILOCO = Rho(
    "diloco",
    0.22,
    0.18,
    0.25,
    (RECONSTRUCTION, TABLE),
    "fitted to the losses of DiLoCo with 1 to 8 replicas (Charles et al. 2025, arXiv:2503.09799, "
    "Table 4: C4, 20 tokens a parameter, 30 local steps, tuned, shards drawn alike) with the shape "
    "of a centralised law held; indicative",
    clients_to=8.0,
)
IDEAL = Rho(
    "ideal",
    0.0,
    0.0,
    0.0,
    (RECONSTRUCTION,),
    "clients act as one machine, as in data parallel training at every step",
)
PRESETS = {rho.name: rho for rho in (FULL, DILOCO, IDEAL)}
# headline at the end that a bound gives, range over all that is possible
RANGE = Rho(
    "range",
    1.0,
    0.0,
    1.0,
    (RECONSTRUCTION,),
    "the whole range: 1 (a bound on each client) to 0 (clients act as one machine)",
)


def read_rho(given: Any) -> Rho:
    """rho as a person gives it: nothing, a preset's name, a number, or a pair.

    Raises:
        PlanError: not within [0, 1], or no such preset.
    """
    if given is None:
        return RANGE
    if isinstance(given, Rho):
        return given
    if isinstance(given, str):
        name = given.strip().lower()
        if name == RANGE.name:
            return RANGE
        if name in PRESETS:
            return PRESETS[name]
        return read_rho(_numbers(given))
    if isinstance(given, tuple | list):
        if len(given) != 2:
            raise PlanError(f"rho as a range is two numbers, low and high, got {given}")
        low, high = (_checked(value) for value in given)
        if low > high:
            raise PlanError(f"rho as a range starts with its lower end, got {low:g} to {high:g}")
        words = f"the range that was given, {low:g} to {high:g}; the higher end is the headline"
        return Rho("given", high, low, high, (RECONSTRUCTION,), words)
    value = _checked(given)
    return Rho("given", value, value, value, (RECONSTRUCTION,), "as given")


def _numbers(text: str) -> Any:
    """`0.4`, or `0.2:0.6`."""
    parts = text.replace("..", ":").split(":")
    try:
        found = tuple(float(part) for part in parts)
    except ValueError:
        known = ", ".join((*PRESETS, RANGE.name))
        raise PlanError(
            f"rho is a number from 0 to 1, a range such as 0.2:0.6, or one of {known}; got '{text}'"
        ) from None
    return found[0] if len(found) == 1 else found


def _checked(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise PlanError(f"rho must be a number from 0 to 1, got {value!r}") from None
    if not (math.isfinite(number) and 0 <= number <= 1):
        raise PlanError(
            f"rho must lie between 0 (clients act as one machine) and 1 (each learns from its own "
            f"share alone), got {number:g}"
        )
    return number
