"""Which size among K clients, at what loss, in what time; and K, size and steps chosen together."""

from isoloss.federated.plan.choose import Choice, choose_federated
from isoloss.federated.plan.plan import plan_federated
from isoloss.federated.plan.result import FederatedPlan, FederatedPlans, Scenario

__all__ = [
    "Choice",
    "FederatedPlan",
    "FederatedPlans",
    "Scenario",
    "choose_federated",
    "plan_federated",
]
