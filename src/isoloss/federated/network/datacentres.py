"""Data centres: data parallel training and DiLoCo over rings of accelerators.

After Charles et al. 2025 (arXiv:2503.09799, appendix A). A ring all-reduce of N values of q bytes
over R nodes with W bits/s takes

    t = 2 * 8 q N / W * (1 - 1/R) + eps

Of T steps, with M replicas (the clients), R accelerators in all, W0 and eps0 within and W1 and eps1
between data centres, the network takes

    data parallel       t(R, W1) T
    DiLoCo, M = 1       t(R, W1) T (1 + 1/H)
    DiLoCo, M >= 2      [2*8q N/W0 (1 - M/R) + eps0] T + [2*8q N/W1 (1 - 1/R) + eps1] T/H

and compute takes C / (R Q). Streaming in P fragments sends the same in total at a P-th of the
peak; with overlap, each fragment may travel during some of the following steps, and only what is
left over is waited for (after Douillard et al. 2025, arXiv:2501.18512; the formula is ours).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isoloss.exceptions import PlanError
from isoloss.federated.network.stragglers import straggler_factor
from isoloss.federated.setting import Setting, positive, whole

DILOCO, DATA_PARALLEL = "diloco", "data-parallel"


@dataclass(frozen=True)
class Datacentres:
    """Accelerators in data centres, one replica a centre.

    Attributes:
        accelerators: R, in all centres together.
        accelerator_flops: Q, FLOP/s that one reaches.
        inner_bps, inner_latency_s: W0 and eps0, within a centre.
        outer_bps, outer_latency_s: W1 and eps1, between centres.
        algorithm: `diloco` or `data-parallel`, which synchronises at every step.
        value_bytes: bytes a value that is sent within a centre; 2 for bf16.
        outer_bytes: the same between centres; 0.5 for 4-bit outer gradients.
        fragments: P, 1 for DiLoCo as it is.
        overlap_steps: steps during which a fragment may travel; 0 to wait for it.
        straggler_sigma: spread of ln(compute time) between replicas.
    """

    accelerators: float
    accelerator_flops: float
    inner_bps: float
    outer_bps: float
    inner_latency_s: float = 0.0
    outer_latency_s: float = 0.0
    algorithm: str = DILOCO
    value_bytes: float = 2.0
    outer_bytes: float = 2.0
    fragments: int = 1
    overlap_steps: int = 0
    straggler_sigma: float = 0.0

    def __post_init__(self) -> None:
        for name in ("accelerators", "accelerator_flops", "inner_bps", "outer_bps"):
            positive(name, getattr(self, name))
        for name in ("value_bytes", "outer_bytes"):
            positive(name, getattr(self, name))
        object.__setattr__(self, "fragments", whole("fragments", self.fragments))
        object.__setattr__(self, "overlap_steps", whole("overlap_steps", self.overlap_steps, 0))
        if self.algorithm not in (DILOCO, DATA_PARALLEL):
            raise PlanError(f"algorithm is {DILOCO} or {DATA_PARALLEL}, got '{self.algorithm}'")
        for name in ("inner_latency_s", "outer_latency_s"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise PlanError(f"{name} must be at least 0, got {getattr(self, name)}")
        straggler_factor(2, self.straggler_sigma)

    def round_parts(
        self, size: Any, setting: Setting, batch: float, flop: float
    ) -> dict[str, np.ndarray]:
        """Seconds of H steps and one synchronisation, by part, for sizes N of any shape."""
        size = np.asarray(size, dtype=float)
        replicas, all_of = max(setting.active, 1.0), self.accelerators
        if all_of < replicas:
            raise PlanError(
                f"{all_of:g} accelerators cannot hold {replicas:g} replicas; give at least one each"
            )
        steps = setting.local_steps or 1
        slow = straggler_factor(replicas, self.straggler_sigma)
        step = slow * flop * size * batch / (all_of / replicas * self.accelerator_flops)
        between = self._ring(size, self.outer_bytes, self.outer_bps, all_of)
        zero = np.zeros_like(size)
        parts = {"compute": step * steps, "inner_network": zero, "outer_network": zero}
        if self.algorithm == DATA_PARALLEL or setting.clients == 1:
            every = self._ring(size, self.value_bytes, self.outer_bps, all_of)
            # one replica of DiLoCo takes its outer step beside the data parallel ones
            outer = 0.0 if self.algorithm == DATA_PARALLEL else 1.0
            parts["outer_network"] = every * steps + between * outer
            parts["latency"] = zero + self.outer_latency_s * (steps + outer)
            return parts
        within = 16 * self.value_bytes * size / self.inner_bps * (1 - replicas / all_of)
        waited = self._waited(between, step)
        sent = between / (between + self.fragments * self.outer_latency_s)
        parts["inner_network"] = within * steps
        parts["outer_network"] = waited * sent
        parts["latency"] = self.inner_latency_s * steps + waited * (1 - sent)
        return parts

    def _ring(self, size: np.ndarray, sent: float, rate: float, nodes: float) -> np.ndarray:
        """Seconds of an all-reduce without its latency."""
        return 16 * sent * size / rate * (1 - 1 / nodes)

    def _waited(self, between: np.ndarray, step: np.ndarray) -> np.ndarray:
        """Seconds of a round in which all fragments together are waited for."""
        each = between / self.fragments + self.outer_latency_s
        return self.fragments * np.maximum(each - self.overlap_steps * step, 0.0)

    def round_bytes(self, size: float, setting: Setting) -> float:
        """Bytes between centres in a round: a ring over the replicas, 2 (M - 1) copies."""
        copies = 2 * max(setting.active - 1, 0.0)
        if self.algorithm == DATA_PARALLEL:
            return copies * self.value_bytes * size * (setting.local_steps or 1)
        return copies * self.outer_bytes * size

    def peak_bits_per_s(self, setting: Setting) -> float:
        """Rate between centres while it is used; with overlap, what the fragments need."""
        if setting.clients == 1:
            return 0.0
        return self.outer_bps if not self.overlap_steps else self.outer_bps / self.fragments

    def with_outer(self, bits_per_s: float) -> Datacentres:
        """The same with another bandwidth between centres."""
        return replace(self, outer_bps=bits_per_s)

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {"kind": "datacentres", **vars(self)}


# bandwidth and latency between accelerators, from the same appendix
ARCHETYPES = {
    "high": (400e9, 1e-4),
    "medium": (100e9, 1e-3),
    "low": (10e9, 1e-2),
}
ACCELERATOR_FLOPS = 300e12
