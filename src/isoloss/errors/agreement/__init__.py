"""Agreement: many models on the same questions."""

from isoloss.errors.agreement.ability import Abilities, AbilitySlope
from isoloss.errors.agreement.agreement import Agreement, agreement
from isoloss.errors.agreement.pairs import FamilyMeans, Pair
from isoloss.errors.agreement.proxy import Proxy, ProxyValue, proxy
from isoloss.errors.agreement.rasch import rasch
from isoloss.errors.agreement.task_shift import TaskShift
from isoloss.errors.agreement.trajectories import Extremes, Trajectories
from isoloss.errors.agreement.two_parameter import TwoParameter, two_parameter

__all__ = [
    "Abilities",
    "AbilitySlope",
    "Agreement",
    "Extremes",
    "FamilyMeans",
    "Pair",
    "Proxy",
    "ProxyValue",
    "TaskShift",
    "Trajectories",
    "TwoParameter",
    "agreement",
    "proxy",
    "rasch",
    "two_parameter",
]
