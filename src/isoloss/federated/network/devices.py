"""A few devices and links: facts with their sources, and round figures that are marked as such.

Peak rates are dense. What training reaches of them is `utilisation`, a round figure for every one:
replace it by what you measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from isoloss.exceptions import PlanError
from isoloss.quantities.hardware import ACCELERATORS

ROUND = "a round figure, no source"
# of the peak, in local training; replace it by a measured one
UTILISATION = 0.3


@dataclass(frozen=True)
class Device:
    """A client's machine.

    Attributes:
        name: as people call it.
        peak_flops: FLOP/s at the precision that training uses.
        memory_bytes: for weights, gradients and the optimiser.
        source: where the two numbers are stated, or that they are round figures.
    """

    name: str
    peak_flops: float
    memory_bytes: float
    source: str

    def reached(self, utilisation: float = UTILISATION) -> float:
        """FLOP/s that training reaches."""
        if not 0 < utilisation <= 1:
            raise PlanError(f"utilisation is a share above 0 and at most 1, got {utilisation}")
        return self.peak_flops * utilisation

    @property
    def is_round(self) -> bool:
        """Whether its numbers are round figures without a source."""
        return self.source == ROUND

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return vars(self).copy()


@dataclass(frozen=True)
class Link:
    """A client's connection.

    Attributes:
        name: as people call it.
        up_bps, down_bps: bits/s.
        latency_s: one way.
        source: where the numbers are stated, or that they are round figures.
    """

    name: str
    up_bps: float
    down_bps: float
    latency_s: float
    source: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return vars(self).copy()


def _accelerator(name: str, chip: str, memory: float, where: str) -> Device:
    known = ACCELERATORS[chip]
    return Device(name, known.peak_flops, memory, f"rate: {known.source}; memory: {where}")


DEVICES = {
    device.name: device
    for device in (
        _accelerator("a100", "A100", 80e9, "NVIDIA A100 datasheet, the 80 GB version"),
        _accelerator("h100", "H100 SXM", 80e9, "NVIDIA H100 product page, SXM5: 80 GB HBM3"),
        Device(
            "rtx4090",
            165e12,
            24e9,
            "waredb.com, NVIDIA GeForce RTX 4090: 165.15 TFLOPS bf16 dense, 24 GB (a third party's "
            "table of the maker's figures)",
        ),
        Device("laptop", 2e12, 16e9, ROUND),
        Device("phone", 5e11, 6e9, ROUND),
    )
}

LINKS = {
    link.name: link
    for link in (
        Link("home", 20e6, 100e6, 0.05, ROUND),
        Link("mobile", 5e6, 50e6, 0.1, ROUND),
        Link("campus", 1e9, 1e9, 0.01, ROUND),
        Link("leased", 10e9, 10e9, 0.01, ROUND),
    )
}


def device(name: str) -> Device:
    """The device called `name`.

    Raises:
        PlanError: not in the catalogue; the message lists those that are.
    """
    if name not in DEVICES:
        raise PlanError(
            f"no device '{name}' in the catalogue; it has {', '.join(DEVICES)}. For another one "
            "state client_flops and client_memory"
        )
    return DEVICES[name]


def link(name: str) -> Link:
    """The link called `name`.

    Raises:
        PlanError: not in the catalogue; the message lists those that are.
    """
    if name not in LINKS:
        raise PlanError(
            f"no link '{name}' in the catalogue; it has {', '.join(LINKS)}. For another one state "
            "up_bps and down_bps"
        )
    return LINKS[name]
