"""What published laws of decentralised training say about a size and a number of replicas.

The numbers live in the library (`isoloss laws list`, family decentralised); here they are asked
together, each with the range that it was fitted in. `HELD` says which entry gives what, `MISSING`
what no entry holds and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from isoloss.exceptions import PlanError
from isoloss.federated.provenance import TABLE
from isoloss.federated.setting import positive, whole
from isoloss.law import published_laws
from isoloss.law.published.evaluate import Evaluation

HELD = {
    "diloco2025_dp": "loss over N, data parallel and DiLoCo with 1, 2, 4, 8 replicas each",
    "diloco2025_joint_loss": "loss over N and replicas",
    "diloco2025_lr": "inner learning rate over N, each number of replicas by itself",
    "diloco2025_joint_lr": "inner learning rate over N and replicas",
    "diloco2025_bs": "global batch over N, each number of replicas by itself",
    "diloco2025_joint_bs": "global batch over N and replicas",
    "diloco2025_joint_floor": "loss over N and replicas with a floor; a form without numbers",
}
MISSING = {
    "local SGD": "He et al. 2024, arXiv:2409.13198, was read as an abstract: neither its form nor "
    "its coefficients are known here",
    "streaming DiLoCo": "Douillard et al. 2025, arXiv:2501.18512, states no law of loss; its "
    "bandwidth enters isoloss.federated.network",
    "outer learning rate": "constant in N above 335M in Charles et al. 2025, Figure 7; a figure, "
    "read from damaged text, see OUTER_RATE",
    "batch in tokens": "the unit of the batch laws is not stated in the part that was read",
}
# read from the damaged text of a figure: check it there before use
OUTER_RATE = {1: (0.4, 0.6), 2: (0.6, 0.6), 4: (0.6, 0.8), 8: (0.8, 0.8)}
OUTER_SOURCE = "Charles et al. 2025, arXiv:2503.09799, Figure 7, N of 335M and more, damaged text"
SETS = {1: "M1", 2: "M2", 4: "M4", 8: "M8"}


@dataclass(frozen=True)
class Recipe:
    """What DiLoCo's laws say.

    Attributes:
        size: N.
        replicas: M.
        joint: what -> value of the joint laws: `loss`, `inner_rate`, `batch`.
        alone: the same from the laws of that M alone; empty where there is none or where the
            source contradicts itself.
        outer_rate: range of the best outer learning rate, as read from a figure; None unknown.
        central_loss: of data parallel training at that N, by its own law.
        inside: whether N and M lie within the fitted runs.
        remarks: in words.
    """

    size: float
    replicas: int
    joint: Mapping[str, float]
    alone: Mapping[str, float]
    outer_rate: tuple[float, float] | None
    central_loss: float
    inside: bool
    remarks: tuple[str, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **vars(self),
            "joint": dict(self.joint),
            "alone": dict(self.alone),
            "outer_rate": list(self.outer_rate) if self.outer_rate else None,
            "remarks": list(self.remarks),
            "provenance": [TABLE],
        }

    def __str__(self) -> str:
        lines = [f"DiLoCo at N = {self.size:.4g} with {self.replicas} replicas   [{TABLE}]"]
        for name, value in self.joint.items():
            own = f"   alone {self.alone[name]:.5g}" if name in self.alone else ""
            lines.append(f"  {name:<12} {value:.5g}{own}")
        if self.outer_rate:
            low, high = self.outer_rate
            lines.append(f"  outer_rate   {low:g} to {high:g}   ({OUTER_SOURCE})")
        lines.append(f"  data parallel loss {self.central_loss:.5g}")
        lines += [f"  note: {text}" for text in self.remarks]
        return "\n".join(lines)

    __repr__ = __str__


def diloco_recipe(size: float, replicas: int) -> Recipe:
    """Loss, rates and batch of DiLoCo for a size and a number of replicas.

    Raises:
        PlanError: size or replicas cannot be.
    """
    n, m = positive("size", size), whole("replicas", replicas)
    if m > 1024:
        raise PlanError(f"replicas must be at most 1024, got {m}; the laws know 1 to 8")
    laws = published_laws()
    both = {"N": n, "replicas": float(m)}
    joint: dict[str, Evaluation] = {
        "loss": laws["diloco2025_joint_loss"].evaluate(both),
        "inner_rate": laws["diloco2025_joint_lr"].evaluate(both),
        "batch": laws["diloco2025_joint_bs"].evaluate(both),
    }
    alone = {}
    for name, entry in (("loss", "dp"), ("inner_rate", "lr"), ("batch", "bs")):
        # with 8 replicas the source contradicts itself on the rate
        if m in SETS and (name, m) != ("inner_rate", 8):
            alone[name] = float(laws[f"diloco2025_{entry}"].evaluate({"N": n}, SETS[m]).value)
    central = laws["diloco2025_dp"].evaluate({"N": n})
    inside = bool(joint["loss"].inside)
    return Recipe(
        n,
        m,
        {name: float(found.value) for name, found in joint.items()},
        alone,
        OUTER_RATE.get(m),
        float(central.value),
        inside,
        _remarks(joint["loss"], m),
    )


def _remarks(loss: Evaluation, replicas: int) -> tuple[str, ...]:
    found = [notice.message for notice in loss.notices if notice.code == "outside-range"]
    if found:
        found.append(
            "the joint law has no floor: at 10B with 2 replicas it says 2.006 where 2.086 was "
            "measured (the paper's Table 5)"
        )
    if replicas == 8:
        found.append(
            "the paper's inner rate for 8 replicas alone contradicts its joint law and is left out"
        )
    found.append("the unit of the batch is not stated in the part of the paper that was read")
    return tuple(found)
