"""The derivation with its numbers, step by step, and the contrary bound beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.federated.bound.assumptions import Assumptions
from isoloss.federated.bound.client import averaged_bound
from isoloss.federated.bound.optimum import closed_form, least, power_law, slope
from isoloss.federated.bound.pooled import pooled_bound
from isoloss.federated.bound.posterior import kappa, stationary_variance
from isoloss.federated.provenance import RECONSTRUCTION

CLIENTS = tuple(2.0**i for i in range(11))


@dataclass(frozen=True)
class Step:
    """One line of the derivation.

    Attributes:
        name: which step.
        formula: what is concluded.
        value: its number for the given inputs, in words.
        rests_on: the assumptions that it uses.
    """

    name: str
    formula: str
    value: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True)
class Derivation:
    """The bound at one compute, by number of clients.

    Attributes:
        assumptions: the inputs.
        compute: total FLOP.
        clients: the numbers of clients.
        closed: (k,) best sizes of the per-client bound, closed form.
        numeric: (k,) the same, minimised numerically without logarithms of the sample size.
        full: (k,) the same with all logarithms.
        pooled: (k,) best sizes of the contrary bound with all logarithms.
        slope_full, slope_pooled: slopes of ln N_opt on ln K.
        steps: the derivation in words.
    """

    assumptions: Assumptions
    compute: float
    clients: tuple[float, ...]
    closed: tuple[float, ...]
    numeric: tuple[float, ...]
    full: tuple[float, ...]
    pooled: tuple[float, ...]
    slope_full: float
    slope_pooled: float
    steps: tuple[Step, ...]

    @property
    def rests_on(self) -> str:
        """On which assumption the power law in K rests, in one sentence."""
        return (
            "the power law in K rests on bounding every client by its own n = D / K samples (A1 "
            f"with steps 1 and 3: slope {self.slope_full:.4f}); the averaged model bounded on all "
            f"D samples has slope {self.slope_pooled:.4f} and no power law"
        )

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "provenance": [RECONSTRUCTION],
            "assumptions": self.assumptions.to_document(),
            "compute": self.compute,
            "clients": list(self.clients),
            "closed_form": list(self.closed),
            "numeric": list(self.numeric),
            "with_logs": list(self.full),
            "pooled": list(self.pooled),
            "slope_per_client": self.slope_full,
            "slope_pooled": self.slope_pooled,
            "rests_on": self.rests_on,
            "steps": [{**vars(s), "rests_on": list(s.rests_on)} for s in self.steps],
        }

    def __str__(self) -> str:
        lines = [f"a PAC-Bayes bound at C = {self.compute:.3g} FLOP   [{RECONSTRUCTION}]"]
        for step in self.steps:
            used = f"   [{', '.join(step.rests_on)}]" if step.rests_on else ""
            lines.append(f"  {step.name:<10} {step.formula}{used}")
            lines.append(f"  {'':<10} {step.value}")
        lines.append(f"  {'K':>6}  {'closed form':>12}  {'all logs':>12}  {'pooled data':>12}")
        for row in zip(self.clients, self.closed, self.full, self.pooled, strict=True):
            lines.append(f"  {row[0]:>6g}  {row[1]:>12.4e}  {row[2]:>12.4e}  {row[3]:>12.4e}")
        lines.append(self.rests_on)
        return "\n".join(lines)

    __repr__ = __str__


def derive(
    assumptions: Assumptions | None = None,
    *,
    compute: float = 1e21,
    clients: Sequence[float] = CLIENTS,
) -> Derivation:
    """Carry out the reconstruction at a total compute.

    Args:
        assumptions: A1 to A5 as numbers; the defaults when not given.
        compute: FLOP over all clients.
        clients: numbers of clients at which the best size is wanted.
    """
    a = assumptions or Assumptions()
    full = tuple(least(a, compute, k) for k in clients)
    pooled = tuple(least(a, compute, k, bound=pooled_bound) for k in clients)
    return Derivation(
        a,
        compute,
        tuple(float(k) for k in clients),
        tuple(closed_form(a, compute, k) for k in clients),
        tuple(least(a, compute, k, logs=False) for k in clients),
        full,
        pooled,
        slope(a, compute, clients),
        slope(a, compute, clients, bound=pooled_bound),
        _steps(a, compute, full, clients),
    )


def _steps(
    a: Assumptions, compute: float, sizes: Sequence[float], clients: Sequence[float]
) -> tuple[Step, ...]:
    law = power_law(a)
    exponent = law.gamma(1.0)
    first = float(averaged_bound(a, np.array([sizes[0]]), compute, clients[0])[0])
    return (
        Step(
            "1 client",
            "R(Q_k) <= R_hat + sqrt[(KL + ln(2 K sqrt(n) / delta)) / (2 n)]",
            f"delta = {a.delta:g}, split over the clients",
            ("A1", "A2"),
        ),
        Step(
            "2 KL",
            "KL <= N kappa / 2,  kappa = ln(lambda/s2) - 1 + s2/lambda + c",
            f"s2 = {stationary_variance(a):.3g}, kappa = {kappa(a):.4g}",
            ("A3", "A4"),
        ),
        Step(
            "3 average",
            "R(mean) <= mean of the K bounds",
            "the averaged model inherits one client's n: its lower variance is not counted",
            ("A2",),
        ),
        Step(
            "4 compute",
            "B(N) = E + A N^-alpha + c0 N (K/C)^(1/2),  c0 = sqrt(phi kappa) / 2",
            f"c0 = {(a.flop * kappa(a)) ** 0.5 / 2:.4g}; the bound is {first:.4g} at its minimum "
            f"for K = {clients[0]:g}",
            ("A1", "A5"),
        ),
        Step(
            "5 optimum",
            "N_opt = (alpha A/c0)^(1/(1+alpha)) (C/K)^(1/(2(1+alpha)))",
            f"N_opt ~ K^-{exponent:.4f}, a function of C / K alone",
            (),
        ),
    )
