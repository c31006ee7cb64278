"""How a law says the best size falls with K, from the bound to the ideal, beside real runs.

Only its slope is compared: a law of language models says nothing about the size of other models.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.federated.check.check import LAW
from isoloss.federated.law import FederatedLaw
from isoloss.federated.provenance import together
from isoloss.federated.rho import FULL, IDEAL, Rho
from isoloss.federated.setting import Setting
from isoloss.federated.source import federated_law
from isoloss.plan.optimum import power_pair
from isoloss.report.federated.seen import Seen

# where a law of two powers is asked when the runs do not say: its slope is the same everywhere
_ANYWHERE = 1e21


@dataclass(frozen=True, eq=False)
class Contrast:
    """A law's slopes.

    Attributes:
        name: of the law.
        clients: (n,) K.
        full: (n,) best N over that at the first K, at rho = 1.
        ideal: (n,) the same at rho = 0.
        slope: d ln N / d ln K at rho = 1.
        provenance: tags.
    """

    name: str
    clients: np.ndarray
    full: np.ndarray
    ideal: np.ndarray
    slope: float
    provenance: tuple[str, ...]


def contrast(seen: Seen, law: Any, clients: np.ndarray) -> Contrast | None:
    """The law over (n,) K, the first of which is where it is tied to the runs; None for no slope.

    Args:
        seen: the runs, which say what stays the same as K grows.
        law: as in `plan_federated`; `hoffmann2022_a3` for None.
        clients: K.
    """
    made = federated_law(LAW if law is None else law)
    pair = power_pair(made.subject.law, made.subject.theta[:1])
    if pair is None and seen.compute is None:
        return None
    compute = _ANYWHERE if pair is not None else seen.compute or _ANYWHERE
    full, ideal = (_ratios(made, seen, compute, clients, rho) for rho in (FULL, IDEAL))
    if not (np.isfinite(full).all() and np.isfinite(ideal).all()):
        return None
    slope = float(np.log(full[-1]) / np.log(clients[-1] / clients[0]))
    tags = together(made.provenance, FULL.provenance)
    return Contrast(made.name, clients, full, ideal, slope, tags)


def _ratios(
    law: FederatedLaw, seen: Seen, compute: float, clients: np.ndarray, rho: Rho
) -> np.ndarray:
    point = law.point().with_rho(rho)
    best = [
        point.optimum(compute * (k if seen.per_client else 1.0), Setting(int(k))).n[0]
        for k in clients.tolist()
    ]
    return np.array(best) / best[0]
