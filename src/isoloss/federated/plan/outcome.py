"""What a law says about one federation: the numbers, for the point and every draw at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from isoloss.exceptions import PlanError
from isoloss.federated.law import FederatedLaw
from isoloss.federated.setting import Setting, positive
from isoloss.plan.inverse import least_compute
from isoloss.plan.optimum import Optimum, optimum

# bytes a parameter that training keeps with Adam: weights and gradients in bf16 2 + 2, their fp32
# copy and two moments 4 + 4 + 4; 12 where fp32 weights and two moments are all that is kept
BYTES_PER_PARAMETER = 16.0
# no language model has fewer
LEAST_PARAMETERS = 1000.0

QUANTITIES: tuple[str, ...] = (
    "n_params",
    "tokens_total",
    "tokens_per_client",
    "loss",
    "ratio_to_central",
    "loss_gap",
    "compute_multiplier",
)


@dataclass(frozen=True, eq=False)
class Outcome:
    """A federation's numbers, each (1 + M,), row 0 the point.

    Attributes:
        values: by name, see `QUANTITIES`.
        capped: whether a held size or the memory decides N in the point row.
        method: how the optimum was found.
    """

    values: Mapping[str, np.ndarray]
    capped: bool
    method: str

    def point(self, name: str) -> float:
        """A number of the point row."""
        return float(self.values[name][0])


def memory_cap(client_memory: float | None, bytes_per_param: float) -> float:
    """Largest N that a client's memory holds; infinite where no memory is stated.

    Raises:
        PlanError: it holds no model.
    """
    if client_memory is None:
        return float("inf")
    each = positive("bytes_per_param", bytes_per_param)
    cap = positive("client_memory", client_memory) / each
    if cap < LEAST_PARAMETERS:
        raise PlanError(
            f"client_memory of {client_memory:.3g} bytes holds {cap:.3g} parameters at {each:g} "
            "bytes each, which fits no model; state the memory in bytes, such as 16e9"
        )
    return cap


def outcome(
    law: FederatedLaw,
    compute: float,
    setting: Setting,
    *,
    cap: float,
    size: float | None,
    flop: float,
) -> Outcome:
    """The best split among K clients beside that of one, at the same total compute.

    Args:
        law: with its draws.
        compute: total FLOP.
        setting: K, participation, local steps, skew.
        cap: largest N that fits.
        size: N held, or None for the best one.
        flop: phi.
    """
    central = law.optimum(compute, Setting(1, local_steps=setting.local_steps), flop)
    best = law.optimum(compute, setting, flop)
    n, loss, d = best.n, best.loss, best.d
    held = np.minimum(n if size is None else np.full_like(n, size), cap)
    capped = bool(held[0] != n[0])
    if capped or not np.array_equal(held, n, equal_nan=True):
        with np.errstate(all="ignore"):
            log_n = np.log(held)[:, None]
            there = law.loss(log_n, np.log(compute / flop) - log_n, setting)[:, 0]
        n, loss, d = held, np.where(held == n, loss, there), compute / (flop * held)
    if not np.isfinite(n[0]) or not np.isfinite(loss[0]):
        raise PlanError(
            f"'{law.name}' has no best split at C = {compute:.3g} for {setting.clients} clients: "
            "its loss keeps falling towards all size or all data; choose another law"
        )
    values = {
        "n_params": n,
        "tokens_total": d,
        "tokens_per_client": d / setting.clients,
        "loss": loss,
        "ratio_to_central": n / central.n,
        "loss_gap": loss - central.loss,
        "compute_multiplier": _multiplier(law, compute, setting, central, cap, size, flop),
    }
    return Outcome(values, capped, best.method)


def _multiplier(
    law: FederatedLaw,
    compute: float,
    setting: Setting,
    central: Optimum,
    cap: float,
    size: float | None,
    flop: float,
) -> np.ndarray:
    """How much more compute K clients need for the loss of one (1 + M,); infinite for never.

    Without a cap that is the compute of an optimum, at the size of one machine's best model; where
    that does not fit, the largest that does is trained for as long as it takes.
    """
    lift, wanted = law.lift(setting), central.loss
    needed, needed_n = np.exp(law.log_spread(setting)), central.n
    if np.any(lift):
        own, theta = law.subject.law, law.subject.theta
        enough = least_compute(own, theta, wanted - lift, flop=flop)
        needed = enough * needed / compute
        needed_n = optimum(own, theta, enough, flop=flop).n
    if size is None and not needed_n[0] > cap:
        return needed
    n = np.full_like(needed_n, min(cap, np.inf if size is None else size))
    log_d = law.tokens_for(wanted[:, None], np.log(n)[:, None], setting)[:, 0]
    with np.errstate(over="ignore"):
        return np.exp(log_d) * flop * n / compute
