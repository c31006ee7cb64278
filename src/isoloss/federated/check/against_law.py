"""The claims held against a law: what follows from it, and on which assumption that rests."""

from __future__ import annotations

import numpy as np

from isoloss.federated.bound import Assumptions, closed_form, derive, least
from isoloss.federated.check.verdict import (
    CANNOT_TELL,
    CONTRADICTED,
    SUPPORTED,
    Evidence,
    by_sign,
)
from isoloss.federated.law import FederatedLaw
from isoloss.federated.provenance import RECONSTRUCTION, together
from isoloss.federated.setting import Setting

CLOSE = 1e-6


def against_law(law: FederatedLaw, compute: float, clients: int) -> dict[str, Evidence]:
    """A verdict on every claim, by letter.

    Args:
        law: with a range of rho.
        compute: total FLOP.
        clients: the number that one machine is compared with.
    """
    return {
        "a": _bound(compute),
        "b": _analytic(compute),
        "c": _power_law(law, compute, clients),
        "d": _worse(law, compute, clients),
        "e": _average(law, compute, clients),
    }


def _bound(compute: float) -> Evidence:
    a = Assumptions()
    made = derive(a, compute=compute, clients=(1.0, 8.0))
    return Evidence(
        "law",
        SUPPORTED,
        "a bound of this type follows step by step; by it the best sizes are "
        f"{made.full[0]:.3g} for 1 and {made.full[1]:.3g} for 8 clients",
        "A1 to A4 of the reconstruction, of which A2 is a heuristic for networks; the paper's own "
        "bound was not read",
        (RECONSTRUCTION,),
    )


def _analytic(compute: float) -> Evidence:
    a = Assumptions()
    apart = max(
        abs(least(a, compute, k, logs=False) / closed_form(a, compute, k) - 1) for k in (1, 8, 64)
    )
    verdict = SUPPORTED if apart < CLOSE else CONTRADICTED
    return Evidence(
        "law",
        verdict,
        f"closed form and numeric minimum of the reconstructed bound differ by {apart:.0e}",
        "A5: the training risk falls as a power of the size",
        (RECONSTRUCTION,),
    )


def _slopes(law: FederatedLaw, compute: float, clients: int) -> list[float]:
    """d ln N_opt / d ln K at the low, headline and high end of rho."""
    found = []
    for value in (law.rho.low, law.rho.value, law.rho.high):
        there = law.point().with_rho(law.rho, value)
        one, many = (there.optimum(compute, Setting(k)).n[0] for k in (1, clients))
        found.append(float(np.log(many / one) / np.log(clients)))
    return found


def _power_law(law: FederatedLaw, compute: float, clients: int) -> Evidence:
    slopes = _slopes(law, compute, clients)
    verdict = _by_rho(law)
    return Evidence(
        "law",
        verdict,
        f"the slope of the best size in K is {slopes[1]:.3f}, and {slopes[0]:.3f} to "
        f"{slopes[2]:.3f} over rho from {law.rho.low:g} to {law.rho.high:g}",
        "rho > 0: that a client learns less from the data of others than from its own (in the "
        "bound: that each client is bounded by its own n)",
        together(law.provenance, law.rho.provenance),
    )


def _worse(law: FederatedLaw, compute: float, clients: int) -> Evidence:
    gaps = []
    for value in (law.rho.low, law.rho.high):
        there = law.point().with_rho(law.rho, value)
        one, many = (there.optimum(compute, Setting(k)).loss[0] for k in (1, clients))
        gaps.append(float(many - one))
    return Evidence(
        "law",
        _by_rho(law),
        f"at C = {compute:.3g} the best loss of {clients} clients is {min(gaps):.3f} to "
        f"{max(gaps):.3f} above that of one",
        "rho > 0; with rho = 0 nothing is lost, and averaging that helped would need rho < 0",
        together(law.provenance, law.rho.provenance),
    )


def _average(law: FederatedLaw, compute: float, clients: int) -> Evidence:
    each = compute / clients
    growth = []
    for value in (law.rho.low, law.rho.high):
        there = law.point().with_rho(law.rho, value)
        one = there.optimum(each, Setting(1)).n[0]
        many = there.optimum(each * clients, Setting(clients)).n[0]
        growth.append(float(many / one))
    low, high = law.rho.low, law.rho.high
    verdict = by_sign(low, high, 0.5)
    return Evidence(
        "law",
        verdict,
        f"at equal compute a client, {clients} clients' best size is {min(growth):.3g} to "
        f"{max(growth):.3g} times one client's",
        "rho near 1: exact there; the average is the better guide above rho = 0.5, the total "
        "below it",
        together(law.provenance, law.rho.provenance),
    )


def _by_rho(law: FederatedLaw) -> str:
    """Whether the range of rho lies above 0."""
    if law.rho.low == law.rho.high == 0:
        return CONTRADICTED
    return by_sign(law.rho.low, law.rho.high) if law.rho.low else CANNOT_TELL
