"""The same plan under other readings: the presets of rho, and what partial participation means."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from isoloss.federated.law import FederatedLaw
from isoloss.federated.plan.outcome import outcome
from isoloss.federated.plan.result import Scenario
from isoloss.federated.provenance import together
from isoloss.federated.rho import PRESETS, RANGE
from isoloss.federated.setting import Setting


def scenarios(
    law: FederatedLaw, compute: float, setting: Setting, **options: Any
) -> tuple[Scenario, ...]:
    """The presets of rho side by side, where no rho was chosen and K > 1."""
    if law.rho.name != RANGE.name or setting.clients == 1:
        return ()
    found = []
    for rho in PRESETS.values():
        there = outcome(law.point().with_rho(rho), compute, setting, **options)
        found.append(
            Scenario(
                rho.name,
                f"rho = {rho.value:g}: {rho.meaning}",
                there.point("n_params"),
                there.point("loss"),
                there.point("compute_multiplier"),
                together(law.provenance, rho.provenance),
            )
        )
    return tuple(found)


def participation_readings(
    law: FederatedLaw, compute: float, setting: Setting, **options: Any
) -> tuple[Scenario, ...]:
    """Both readings of a participation below 1, where runs do not say which holds.

    All K clients' data are learned from in turn (the data limit: K counts), or every step sees
    the m = participation K that are active (the steps limit: m counts).
    """
    if setting.participation == 1 or "participation" in law.fitted:
        return ()
    point = law.point()
    tags = together(law.provenance, law.rho.provenance)
    found = []
    for name, meaning, tau in (
        ("data limit", f"all {setting.clients} clients count", 0.0 * point.exponents.rho),
        (
            "steps limit",
            f"the {setting.active:g} clients of a round count",
            point.exponents.rho,
        ),
    ):
        law_there = replace(point, exponents=replace(point.exponents, tau=tau))
        there = outcome(law_there, compute, setting, **options)
        found.append(
            Scenario(
                name,
                meaning,
                there.point("n_params"),
                there.point("loss"),
                there.point("compute_multiplier"),
                tags,
            )
        )
    return tuple(found)
