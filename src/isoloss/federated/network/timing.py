"""What every network answers: how long a round takes, part by part, and what it sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from isoloss.exceptions import PlanError
from isoloss.federated.provenance import ARITHMETIC
from isoloss.federated.setting import Setting
from isoloss.plan.budget import FLOP_PER_PARAMETER_TOKEN

WORDS = {
    "compute": "compute",
    "uplink": "the clients' up-link",
    "downlink": "the clients' down-link",
    "server": "the server's bandwidth",
    "inner_network": "the network within a data centre",
    "outer_network": "the network between data centres",
    "latency": "latency",
    "memory": "the clients' memory",
}


@dataclass(frozen=True)
class Timing:
    """A training run on a network.

    Attributes:
        rounds: synchronisations, not rounded.
        parts: seconds over the whole run, by what takes them.
        traffic_bytes: sent over the network between clients, in total.
        peak_bits_per_s: rate at which the network between clients is used while it is.
    """

    rounds: float
    parts: Mapping[str, float]
    traffic_bytes: float
    peak_bits_per_s: float

    @property
    def wall_clock_s(self) -> float:
        """Seconds in total."""
        return float(sum(self.parts.values()))

    @property
    def round_s(self) -> float:
        """Seconds a round."""
        return self.wall_clock_s / self.rounds

    @property
    def communication_s(self) -> float:
        """Seconds in total that are not compute."""
        return self.wall_clock_s - self.parts["compute"]

    @property
    def binds(self) -> str:
        """The part that takes most of the time."""
        return max(self.parts, key=lambda name: self.parts[name])

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "provenance": [ARITHMETIC],
            "rounds": self.rounds,
            "wall_clock_s": self.wall_clock_s,
            "round_s": self.round_s,
            "communication_s": self.communication_s,
            "parts_s": dict(self.parts),
            "traffic_bytes": self.traffic_bytes,
            "peak_bits_per_s": self.peak_bits_per_s,
            "binds": self.binds,
        }


class Network(Protocol):
    """What a planner asks of a network."""

    def round_parts(
        self, size: Any, setting: Setting, batch: float, flop: float
    ) -> dict[str, np.ndarray]:
        """Seconds of one round by part, for sizes N of any shape."""
        ...

    def round_bytes(self, size: float, setting: Setting) -> float:
        """Bytes that one round sends between clients."""
        ...

    def peak_bits_per_s(self, setting: Setting) -> float:
        """Rate at which the network between clients is used while it is."""
        ...

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        ...


def timing(
    network: Network,
    *,
    size: float,
    tokens: float,
    setting: Setting,
    batch: float,
    flop: float = FLOP_PER_PARAMETER_TOKEN,
) -> Timing:
    """A whole run on a network.

    Args:
        size: N.
        tokens: D over all clients.
        setting: K, participation and local steps, which have to be chosen.
        batch: tokens that one client processes in one local step.
        flop: phi in C = phi N D.

    Raises:
        PlanError: local steps are missing, or the tokens do not fill a round.
    """
    if setting.local_steps is None:
        raise PlanError("a wall clock needs local_steps, the steps between synchronisations")
    rounds = tokens / (setting.active * batch * setting.local_steps)
    each = network.round_parts(size, setting, batch, flop)
    parts = {name: float(seconds) * rounds for name, seconds in each.items()}
    sent = network.round_bytes(size, setting) * rounds
    return Timing(rounds, parts, sent, network.peak_bits_per_s(setting))
