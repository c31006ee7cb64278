"""The values that federated planning gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from isoloss.federated.network.timing import Timing
from isoloss.federated.rho import Rho
from isoloss.notices import Notice
from isoloss.trust import Place

Band = tuple[float, float]


@dataclass(frozen=True)
class Scenario:
    """The same plan under another reading.

    Attributes:
        name: of the reading: a preset of rho, or how participation counts.
        meaning: in words.
        n_params, loss, compute_multiplier: as in the plan.
        provenance: tags.
    """

    name: str
    meaning: str
    n_params: float
    loss: float
    compute_multiplier: float
    provenance: tuple[str, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {**vars(self), "provenance": list(self.provenance)}


@dataclass(frozen=True)
class FederatedPlan:
    """What to train among K clients.

    Attributes:
        question: what was asked, by option.
        law: the law, its rho and where it comes from.
        clients: K.
        flops: C over all clients; `flops_per_client` is its K-th part.
        rho: the federation exponent, with its range.
        n_params: N.
        tokens_total: D over all clients.
        tokens_per_client: D / K.
        loss: in the unit of the law.
        ratio_to_central: N over the best N of one machine with the same total compute.
        loss_gap: loss less that of one machine with the same total compute.
        compute_multiplier: how much more compute K clients need to reach that machine's loss;
            infinite where they never do.
        rounds: synchronisations; None without batch and local steps.
        timing: wall clock and traffic; None without a network.
        binds: `memory` where it holds N down, else the part of the time that is longest.
        bands: `rho` and `law` -> quantity -> (low, high): over the range of rho, and over the
            draws of the law at its headline rho; `law` is missing where nothing is uncertain, and
            `rho` where it was fitted, since the draws of the law then have it.
        scenarios: the same under the presets of rho, where none was chosen.
        readings: what partial participation means, where it does not follow from runs.
        method: `closed form` or `numeric`.
        place: where the answer lies in relation to the runs behind the law.
        level: nominal coverage of `bands['law']`.
        provenance: quantity -> tags.
        notices: what a person should know.
    """

    question: Mapping[str, Any]
    law: Mapping[str, Any]
    clients: int
    flops: float
    rho: Rho
    n_params: float
    tokens_total: float
    tokens_per_client: float
    loss: float
    ratio_to_central: float
    loss_gap: float
    compute_multiplier: float
    rounds: float | None
    timing: Timing | None
    binds: str
    bands: Mapping[str, Mapping[str, Band]]
    scenarios: tuple[Scenario, ...]
    readings: tuple[Scenario, ...]
    method: str
    place: Place
    level: float
    provenance: Mapping[str, tuple[str, ...]]
    notices: tuple[Notice, ...]

    @property
    def flops_per_client(self) -> float:
        """C / K."""
        return self.flops / self.clients

    @property
    def wall_clock_s(self) -> float | None:
        """Seconds in total; None without a network."""
        return self.timing.wall_clock_s if self.timing else None

    @property
    def traffic_bytes(self) -> float | None:
        """Bytes sent between clients in total; None without a network."""
        return self.timing.traffic_bytes if self.timing else None

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """The notices, by the name that documents have for them."""
        return self.notices

    @property
    def trusted(self) -> bool:
        """Whether it lies within runs, with a rho that was chosen or fitted for so many clients."""
        doubts = {"rho-unknown", "clients-beyond-runs", "few-samples-per-parameter"}
        return self.place.status == "inside" and not doubts & {n.code for n in self.notices}

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "question": dict(self.question),
            "law": dict(self.law),
            "clients": self.clients,
            "flops": self.flops,
            "flops_per_client": self.flops_per_client,
            "rho": self.rho.to_document(),
            "n_params": self.n_params,
            "tokens_total": self.tokens_total,
            "tokens_per_client": self.tokens_per_client,
            "loss": self.loss,
            "ratio_to_central": self.ratio_to_central,
            "loss_gap": self.loss_gap,
            "compute_multiplier": self.compute_multiplier,
            "rounds": self.rounds,
            "wall_clock_s": self.wall_clock_s,
            "traffic_bytes": self.traffic_bytes,
            "timing": self.timing.to_document() if self.timing else None,
            "binds": self.binds,
            "bands": {
                over: {name: {"low": low, "high": high} for name, (low, high) in bands.items()}
                for over, bands in self.bands.items()
            },
            "level": self.level,
            "scenarios": [s.to_document() for s in self.scenarios],
            "participation_readings": [s.to_document() for s in self.readings],
            "method": self.method,
            "place": self.place.to_document(),
            "provenance": {name: list(tags) for name, tags in self.provenance.items()},
        }

    def __str__(self) -> str:
        from isoloss.federated.plan.show import text

        return text(self)

    __repr__ = __str__


@dataclass(frozen=True)
class FederatedPlans:
    """The same question for several numbers of clients.

    Attributes:
        plans: by rising K.
        notices: those of all plans, each once.
    """

    plans: tuple[FederatedPlan, ...]
    notices: tuple[Notice, ...]

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """The notices, by the name that documents have for them."""
        return self.notices

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "clients": [plan.clients for plan in self.plans],
            "plans": [plan.to_document() for plan in self.plans],
        }

    def __str__(self) -> str:
        from isoloss.federated.plan.show import table_text

        return table_text(self)

    __repr__ = __str__
