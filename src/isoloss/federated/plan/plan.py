"""The verb `plan_federated`: the best size among K clients, what it costs and what binds it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, overload

import numpy as np

from isoloss.exceptions import PlanError
from isoloss.federated.law import FederatedLaw
from isoloss.federated.network.timing import Network, Timing, timing
from isoloss.federated.plan.notices import notices_for
from isoloss.federated.plan.outcome import (
    BYTES_PER_PARAMETER,
    QUANTITIES,
    Outcome,
    memory_cap,
    outcome,
)
from isoloss.federated.plan.readings import participation_readings, scenarios
from isoloss.federated.plan.result import Band, FederatedPlan, FederatedPlans
from isoloss.federated.provenance import ARITHMETIC, RUNS, together
from isoloss.federated.setting import Setting, positive, whole
from isoloss.federated.source import federated_law
from isoloss.fit import interval
from isoloss.plan.budget import FLOP_PER_PARAMETER_TOKEN

# steps between synchronisations in the tables that rho was fitted to
USUAL_STEPS = 30


@overload
def plan_federated(law: Any, *, clients: int, **options: Any) -> FederatedPlan: ...
@overload
def plan_federated(law: Any, *, clients: Iterable[int], **options: Any) -> FederatedPlans: ...
def plan_federated(law: Any, *, clients: Any, **options: Any) -> Any:
    """What to train among K clients.

    Args:
        law: a published law or its id, a fit in N and D, a federated fit, or the file of one.
        clients: K; several for a table.
        options: see `plan_one`.

    Raises:
        PlanError: the question cannot be answered as it was asked.
    """
    if isinstance(clients, str) or not isinstance(clients, Iterable):
        return plan_one(law, clients=clients, **options)
    asked = sorted({whole("clients", k) for k in clients})
    if not asked:
        raise PlanError("clients is empty; give one number of clients or several")
    names = ("rho", "nu", "at", "coefficients", "any_evidence")
    made = federated_law(law, **{key: options.pop(key) for key in names if key in options})
    plans = tuple(plan_one(made, clients=k, **options) for k in asked)
    found = dict.fromkeys(notice for plan in plans for notice in plan.notices)
    return FederatedPlans(plans, tuple(found))


def plan_one(
    law: Any,
    *,
    clients: Any,
    flops: float | None = None,
    flops_per_client: float | None = None,
    rho: Any = None,
    nu: float | None = None,
    participation: float = 1.0,
    local_steps: int | None = None,
    batch: float | None = None,
    dirichlet_alpha: float | None = None,
    network: Network | None = None,
    client_memory: float | None = None,
    bytes_per_param: float = BYTES_PER_PARAMETER,
    size: float | None = None,
    flop: float = FLOP_PER_PARAMETER_TOKEN,
    at: dict[str, float] | None = None,
    coefficients: str | None = None,
    any_evidence: bool = False,
) -> FederatedPlan:
    """What to train among one number of clients.

    Args:
        law: as in `plan_federated`.
        clients: K.
        flops: C over all clients; or
        flops_per_client: C / K.
        rho: federation exponent: a number, (low, high), or `reconstruction`, `diloco`, `ideal`;
            without it the whole range, with the headline at 1, or that of a federated fit.
        nu: complexity exponent, 0 when not given.
        participation: share of clients in a round.
        local_steps: H; 30 when a network is given and H is not.
        batch: tokens of one client in one local step; needed for rounds and for a network.
        dirichlet_alpha: how unlike the clients' data are, for a law that was fitted with it.
        network: a `Star` or `Datacentres`.
        client_memory: bytes of a client, which N parameters have to fit into.
        bytes_per_param: that training keeps for a parameter.
        size: N held, in place of the best one.
        flop: phi in C = phi N D.
        at, coefficients, any_evidence: for a published law, as in `isoloss.plan`.

    Raises:
        PlanError: the question cannot be answered as it was asked.
    """
    setting = Setting.checked(clients, participation, local_steps, dirichlet_alpha)
    compute, question = _budget(flops, flops_per_client, setting.clients)
    flop = positive("flop", flop)
    steps_given = setting.local_steps is not None
    if network is not None and not steps_given:
        setting = Setting.checked(clients, participation, USUAL_STEPS, dirichlet_alpha)
    if batch is not None:
        batch = positive("batch", batch)
    elif network is not None:
        raise PlanError(
            "a network needs batch, the tokens that one client processes in one local step"
        )
    cap = memory_cap(client_memory, bytes_per_param)
    held = None if size is None else positive("size", size)
    if held is not None and held > cap * (1 + 1e-9):
        raise PlanError(
            f"size {held:.4g} does not fit: the clients' memory holds {cap:.4g} parameters"
        )
    made = federated_law(
        law, rho=rho, nu=nu, at=at, coefficients=coefficients, any_evidence=any_evidence
    )
    if "local_steps" in made.fitted and setting.local_steps is None:
        raise PlanError("this law was fitted with local_steps, so a plan needs them, such as 30")
    found = outcome(made, compute, setting, cap=cap, size=held, flop=flop)
    _check_samples(found, setting, compute)
    taken = _timing(network, found, setting, batch, flop)
    asked = {
        "participation": setting.participation,
        "local_steps": setting.local_steps,
        "batch": batch,
        "client_memory": client_memory,
        "bytes_per_param": bytes_per_param if client_memory is not None else None,
        "size": held,
        "dirichlet_alpha": setting.dirichlet_alpha,
        "network": network.to_document() if network is not None else None,
        "flop": flop,
    }
    question = {**question, **{key: value for key, value in asked.items() if value is not None}}
    # a size that was chosen elsewhere may stand at the edge of the memory
    memory_binds = found.capped if held is None else held >= cap * (1 - 1e-9)
    place = made.place(_point(found, setting))
    rounds = None
    if batch is not None and setting.local_steps is not None:
        steps = setting.active * batch * setting.local_steps
        rounds = found.point("tokens_total") / steps
    return FederatedPlan(
        question=question,
        law=made.summary(),
        clients=setting.clients,
        flops=compute,
        rho=made.rho,
        **{name: found.point(name) for name in QUANTITIES},
        rounds=rounds,
        timing=taken,
        binds="memory" if memory_binds else taken.binds if taken else "compute",
        bands=_bands(made, found, compute, setting, cap=cap, size=held, flop=flop),
        scenarios=scenarios(made, compute, setting, cap=cap, size=held, flop=flop),
        readings=participation_readings(made, compute, setting, cap=cap, size=held, flop=flop),
        method=found.method,
        place=place,
        level=made.subject.level,
        provenance=_provenance(made, setting),
        notices=notices_for(
            made, found, setting, place, memory_binds, cap, steps_given or network is None, rounds
        ),
    )


def _budget(
    flops: float | None, flops_per_client: float | None, clients: int
) -> tuple[float, dict[str, Any]]:
    """Total compute, and what was asked."""
    if (flops is None) == (flops_per_client is None):
        given = "neither" if flops is None else "both"
        raise PlanError(
            "give either flops, the compute of all clients together, or flops_per_client; got "
            f"{given}"
        )
    if flops is not None:
        total = positive("flops", flops)
        return total, {"flops": total, "clients": clients}
    each = positive("flops_per_client", flops_per_client)
    return each * clients, {"flops_per_client": each, "clients": clients}


def _check_samples(found: Outcome, setting: Setting, compute: float) -> None:
    own = found.point("tokens_per_client")
    if own < 1:
        raise PlanError(
            f"{compute:.3g} FLOP among {setting.clients} clients leave {own:.2g} tokens a client "
            f"at N = {found.point('n_params'):.3g}, below one; give more compute or fewer clients"
        )


def _timing(
    network: Network | None, found: Outcome, setting: Setting, batch: float | None, flop: float
) -> Timing | None:
    if network is None or batch is None:
        return None
    return timing(
        network,
        size=found.point("n_params"),
        tokens=found.point("tokens_total"),
        setting=setting,
        batch=batch,
        flop=flop,
    )


def _point(found: Outcome, setting: Setting) -> dict[str, float]:
    point = {
        "N": found.point("n_params"),
        "D": found.point("tokens_total"),
        "K": float(setting.clients),
        "participation": setting.participation,
        "skew": setting.skew,
    }
    if setting.local_steps is not None:
        point["local_steps"] = float(setting.local_steps)
    return point


def _bands(
    law: FederatedLaw, found: Outcome, compute: float, setting: Setting, **options: Any
) -> dict[str, dict[str, Band]]:
    """Over the range of rho with the point law, and over the draws."""
    bands: dict[str, dict[str, Band]] = {}
    point, rho = law.point(), law.rho
    # a fitted rho varies in the draws, together with what it is tied to
    if RUNS not in rho.provenance:
        ends = [
            outcome(point.with_rho(rho, value), compute, setting, **options)
            for value in dict.fromkeys((rho.low, rho.value, rho.high))
        ]
        bands["rho"] = {name: _span([end.point(name) for end in ends]) for name in QUANTITIES}
    if law.rows > 1:
        bands["law"] = {
            name: _interval(found.values[name][1:], law.subject.level) for name in QUANTITIES
        }
    return bands


def _span(values: list[float]) -> Band:
    return min(values), max(values)


def _interval(samples: np.ndarray, level: float) -> Band:
    low, high = interval(samples[~np.isnan(samples)], level)
    return float(low), float(high)


def _provenance(law: FederatedLaw, setting: Setting) -> dict[str, tuple[str, ...]]:
    """Tags by quantity; one client needs no rho."""
    federated = law.rho.provenance if setting.clients > 1 else ()
    tags = together(law.provenance, federated)
    counted = together(tags, (ARITHMETIC,))
    named = dict.fromkeys(QUANTITIES, tags)
    for name in ("rounds", "wall_clock_s", "traffic_bytes", "tokens_per_client", "binds"):
        named[name] = counted
    named["flops"] = named["flops_per_client"] = (ARITHMETIC,)
    named["rho"] = law.rho.provenance
    return named
