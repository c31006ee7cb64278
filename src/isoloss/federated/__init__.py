"""Federated and decentralised training: which size, at what loss, in what time, among K clients.

| room | what it answers |
|---|---|
| `bound` | why a bound makes the best model smaller when data are shared out, step by step |
| `power`, `law`, `rho` | the federated law L(N, D, K), by hand and over any law of the library |
| `fit`, `direct` | rho and the slope of the best size from runs, two ways |
| `plan` | size, loss, rounds, wall clock and traffic for K clients; or all chosen together |
| `network` | stars and data centres: bandwidth, latency, stragglers, devices |
| `decentralised` | what DiLoCo's published laws say |
| `check` | claims of one abstract against a law and against runs |

Every number carries a tag that says where it comes from, see `provenance`.
"""

from isoloss.federated.check import Check, check_claims
from isoloss.federated.direct import Direct, direct_slope
from isoloss.federated.fit import FederatedFit, fit_federated
from isoloss.federated.law import FederatedLaw
from isoloss.federated.plan import (
    Choice,
    FederatedPlan,
    FederatedPlans,
    choose_federated,
    plan_federated,
)
from isoloss.federated.power import PowerLaw
from isoloss.federated.rho import DILOCO, FULL, IDEAL, Rho
from isoloss.federated.source import federated_law
from isoloss.federated.table import read_federated_runs

__all__ = [
    "DILOCO",
    "FULL",
    "IDEAL",
    "Check",
    "Choice",
    "Direct",
    "FederatedFit",
    "FederatedLaw",
    "FederatedPlan",
    "FederatedPlans",
    "PowerLaw",
    "Rho",
    "check_claims",
    "choose_federated",
    "direct_slope",
    "federated_law",
    "fit_federated",
    "plan_federated",
    "read_federated_runs",
]
