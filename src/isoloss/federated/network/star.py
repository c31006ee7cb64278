"""A star: clients around a server, as in cross-device federation.

Every round m clients load the model, take H steps on b tokens each, and send it back:

    rounds  = D / (m b H)
    t_round = s phi N b H / F + 8 q_up N / min(W_up, W_srv / m)
              + 8 q_down N / min(W_down, W_srv / m) + 2 eps

with F the FLOP/s that a client reaches, W in bits/s, q in bytes a parameter (4 for fp32), eps the
latency one way and s the straggler factor. Where the server's share W_srv / m is below a client's
own rate, the time counts as the server's. Compression enters through q. One client alone trains by
itself and sends nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.exceptions import PlanError
from isoloss.federated.network.stragglers import straggler_factor
from isoloss.federated.setting import Setting, positive


@dataclass(frozen=True)
class Star:
    """Clients around a server.

    Attributes:
        client_flops: FLOP/s that a client reaches, not its peak.
        up_bps: bits/s from a client.
        down_bps: bits/s to a client.
        server_bps: bits/s of the server, each way; infinite where it is no limit.
        latency_s: one way.
        up_bytes, down_bytes: bytes a parameter that are sent; 4 for fp32, 0.5 for 4-bit updates.
        straggler_sigma: spread of ln(compute time) between clients.
    """

    client_flops: float
    up_bps: float
    down_bps: float
    server_bps: float = math.inf
    latency_s: float = 0.0
    up_bytes: float = 4.0
    down_bytes: float = 4.0
    straggler_sigma: float = 0.0

    def __post_init__(self) -> None:
        for name in ("client_flops", "up_bps", "down_bps", "up_bytes", "down_bytes"):
            positive(name, getattr(self, name))
        if not self.server_bps > 0:
            raise PlanError(f"server_bps must be positive, got {self.server_bps}")
        if not (math.isfinite(self.latency_s) and self.latency_s >= 0):
            raise PlanError(f"latency_s must be at least 0, got {self.latency_s}")
        straggler_factor(2, self.straggler_sigma)

    def round_parts(
        self, size: Any, setting: Setting, batch: float, flop: float
    ) -> dict[str, np.ndarray]:
        """Seconds of one round by part, for sizes N of any shape."""
        size = np.asarray(size, dtype=float)
        steps, active = setting.local_steps or 1, max(setting.active, 1.0)
        slow = straggler_factor(active, self.straggler_sigma)
        parts = {
            "compute": slow * flop * size * batch * steps / self.client_flops,
            "uplink": np.zeros_like(size),
            "downlink": np.zeros_like(size),
            "server": np.zeros_like(size),
            "latency": np.full_like(size, 2 * self.latency_s),
        }
        if setting.clients == 1:
            return {name: s if name == "compute" else 0.0 * size for name, s in parts.items()}
        share = self.server_bps / active
        for name, rate, sent in (
            ("uplink", self.up_bps, self.up_bytes),
            ("downlink", self.down_bps, self.down_bytes),
        ):
            seconds = 8 * sent * size / min(rate, share)
            whose = "server" if share < rate else name
            parts[whose] = parts[whose] + seconds
        return parts

    def round_bytes(self, size: float, setting: Setting) -> float:
        """Bytes that one round sends: the model to and from every client that takes part."""
        if setting.clients == 1:
            return 0.0
        return (self.up_bytes + self.down_bytes) * size * setting.active

    def peak_bits_per_s(self, setting: Setting) -> float:
        """The faster of the two ways at the server while it is used."""
        if setting.clients == 1:
            return 0.0
        rate = max(self.up_bps, self.down_bps)
        return min(rate * setting.active, self.server_bps)

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {"kind": "star", **vars(self)}
