"""The verb `choose_federated`: size, clients and local steps chosen together on a network.

Under a time budget the lowest loss is looked for, or for a target loss the shortest time. On any
network here the wall clock is proportional to the tokens, T = D tau(N, K, H), so for each K and H
one search over N settles it: D = T / tau under a time budget; D from the law under a target.

A law without a term for local steps knows no price of H, and would take as many as it may. So of
the H that come within a thousandth of the best loss (or a twentieth of the best time) the smallest
is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.exceptions import PlanError
from isoloss.federated.law import FederatedLaw
from isoloss.federated.network.timing import Network
from isoloss.federated.plan.outcome import BYTES_PER_PARAMETER, memory_cap
from isoloss.federated.plan.plan import plan_one
from isoloss.federated.plan.result import FederatedPlan
from isoloss.federated.setting import Setting, positive, whole
from isoloss.federated.source import federated_law
from isoloss.notices import Notice
from isoloss.plan.budget import FLOP_PER_PARAMETER_TOKEN

CLIENTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
STEPS = (1, 2, 5, 10, 20, 30, 50, 100)
# losses closer than this share, and times closer than that, are not worth more local steps
SAME_LOSS, SAME_TIME = 1e-3, 0.05
_SIZES = np.log(np.geomspace(1e3, 1e14, 441))
_NARROWED = 81


@dataclass(frozen=True)
class Candidate:
    """The best that one number of clients and of local steps can do.

    Attributes:
        clients, local_steps: K and H.
        size: N.
        tokens: D over all clients.
        loss: by the law.
        wall_clock_s: on the network.
    """

    clients: int
    local_steps: int
    size: float
    tokens: float
    loss: float
    wall_clock_s: float


@dataclass(frozen=True)
class Choice:
    """Size, clients and local steps that suit a network.

    Attributes:
        question: what was asked, by option.
        plan: the choice as a plan, with its bands and provenance.
        candidates: the best of every number of clients, by K.
        notices: those of the plan, and what was assumed.
    """

    question: Mapping[str, Any]
    plan: FederatedPlan
    candidates: tuple[Candidate, ...]
    notices: tuple[Notice, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "question": dict(self.question),
            "plan": self.plan.to_document(),
            "candidates": [vars(c).copy() for c in self.candidates],
        }

    def __str__(self) -> str:
        lines = [str(self.plan), "best by number of clients:"]
        for c in self.candidates:
            lines.append(
                f"  K = {c.clients:>4}  H = {c.local_steps:>4}  N = {c.size:.4g}  "
                f"loss {c.loss:.5g}  {c.wall_clock_s / 3600:.4g} h"
            )
        return "\n".join(lines)

    __repr__ = __str__


def choose_federated(
    law: Any,
    *,
    network: Network,
    batch: float,
    time_budget_s: float | None = None,
    target_loss: float | None = None,
    flops: float | None = None,
    clients: int | Iterable[int] = CLIENTS,
    local_steps: int | Iterable[int] = STEPS,
    rho: Any = None,
    nu: float | None = None,
    participation: float = 1.0,
    dirichlet_alpha: float | None = None,
    client_memory: float | None = None,
    bytes_per_param: float = BYTES_PER_PARAMETER,
    flop: float = FLOP_PER_PARAMETER_TOKEN,
    **published: Any,
) -> Choice:
    """Choose what was left free.

    Args:
        law: as in `plan_federated`.
        network: a `Star` or `Datacentres`.
        batch: tokens of one client in one local step.
        time_budget_s: seconds; the loss is minimised, or
        target_loss: in the unit of the law; the time is minimised.
        flops: total compute, held; free without.
        clients, local_steps: one number each to hold it, several to choose among.
        rho, nu, participation, dirichlet_alpha, client_memory, bytes_per_param, flop: as in
            `plan_federated`.
        published: `at`, `coefficients` and `any_evidence` for a published law.

    Raises:
        PlanError: nothing meets the budget or the target.
    """
    if (time_budget_s is None) == (target_loss is None):
        raise PlanError("give either time_budget_s or target_loss")
    asked = {
        "time_budget_s": time_budget_s,
        "target_loss": target_loss,
        "flops": flops,
        "batch": batch,
    }
    question = {key: positive(key, value) for key, value in asked.items() if value is not None}
    search = _Search(
        federated_law(law, rho=rho, nu=nu, **published),
        network,
        question,
        memory_cap(client_memory, bytes_per_param),
        positive("flop", flop),
    )
    best = []
    for k in _several("clients", clients):
        tried = [
            search.best(Setting.checked(k, participation, h, dirichlet_alpha))
            for h in _several("local_steps", local_steps)
        ]
        found = [candidate for candidate in tried if candidate is not None]
        if found:
            best.append(search.fewest_steps(found))
    if not best:
        raise PlanError(search.nothing())
    chosen = search.better(best)
    plan = plan_one(
        search.law,
        clients=chosen.clients,
        flops=flop * chosen.size * chosen.tokens,
        participation=participation,
        local_steps=chosen.local_steps,
        batch=batch,
        dirichlet_alpha=dirichlet_alpha,
        network=network,
        client_memory=client_memory,
        bytes_per_param=bytes_per_param,
        size=chosen.size,
        flop=flop,
    )
    return Choice(question, plan, tuple(best), (*plan.notices, *search.notices(local_steps)))


def _several(name: str, given: Any) -> list[int]:
    if isinstance(given, Iterable) and not isinstance(given, str):
        found = sorted({whole(name, value) for value in given})
        if not found:
            raise PlanError(f"{name} is empty; give one number or several")
        return found
    return [whole(name, given)]


class _Search:
    """One question, for the law's point."""

    def __init__(
        self,
        law: FederatedLaw,
        network: Network,
        question: Mapping[str, float],
        cap: float,
        flop: float,
    ) -> None:
        self.law, self.network, self.question = law, network, question
        self.cap, self.flop, self.point = cap, flop, law.point()

    def best(self, setting: Setting) -> Candidate | None:
        """The best size for K and H, or None where no size meets the question."""
        log_size = np.minimum(_SIZES, np.log(self.cap))
        found: Candidate | None = None
        for _ in range(3):
            log_tokens, loss, seconds = self.tried(log_size, setting)
            goal = loss if "time_budget_s" in self.question else seconds
            goal = np.where(np.isfinite(log_tokens), goal, np.inf)
            at = int(np.argmin(goal))
            if not np.isfinite(goal[at]):
                return found
            found = Candidate(
                setting.clients,
                setting.local_steps or 1,
                float(np.exp(log_size[at])),
                float(np.exp(log_tokens[at])),
                float(loss[at]),
                float(seconds[at]),
            )
            low, high = log_size[max(at - 1, 0)], log_size[min(at + 1, len(log_size) - 1)]
            log_size = np.linspace(low, high, _NARROWED)
        return found

    def tried(
        self, log_size: np.ndarray, setting: Setting
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """ln D, loss and seconds (n,) at ln N (n,); ln D is infinite where N cannot be."""
        parts = self.network.round_parts(
            np.exp(log_size), setting, self.question["batch"], self.flop
        )
        a_round = np.sum(list(parts.values()), axis=0)
        each = a_round / (setting.active * self.question["batch"] * (setting.local_steps or 1))
        q = self.question
        with np.errstate(all="ignore"):
            if "flops" in q:
                log_tokens = np.log(q["flops"] / self.flop) - log_size
            elif "time_budget_s" in q:
                log_tokens = np.log(q["time_budget_s"] / each)
            else:
                log_tokens = self.point.tokens_for(q["target_loss"], log_size, setting)[0]
            loss = self.point.loss(log_size, log_tokens, setting)[0]
            seconds = np.exp(log_tokens) * each
        # a hair, so that a budget that is met exactly is met
        late = seconds > q.get("time_budget_s", np.inf) * (1 + 1e-9)
        poor = loss > q.get("target_loss", np.inf) * (1 + 1e-9)
        # at least one round has to be full
        few = log_tokens < np.log(setting.active * q["batch"] * (setting.local_steps or 1))
        return np.where(late | poor | few, np.inf, log_tokens), loss, seconds

    def fewest_steps(self, found: list[Candidate]) -> Candidate:
        """Of the H that do nearly as well as the best one, the smallest."""
        if "local_steps" in self.law.fitted:
            return self.better(found)
        best = self.better(found)
        if "time_budget_s" in self.question:
            near = [c for c in found if c.loss <= best.loss * (1 + SAME_LOSS)]
        else:
            near = [c for c in found if c.wall_clock_s <= best.wall_clock_s * (1 + SAME_TIME)]
        return min(near, key=lambda c: c.local_steps)

    def better(self, found: list[Candidate]) -> Candidate:
        """The best of some, the fewest clients among equals."""
        if "time_budget_s" in self.question:
            return min(found, key=lambda c: (c.loss, c.clients))
        return min(found, key=lambda c: (c.wall_clock_s, c.clients))

    def nothing(self) -> str:
        """Why there is no answer."""
        q = self.question
        if "time_budget_s" in q:
            return (
                f"nothing can be trained in {q['time_budget_s']:.4g} s on this network with these "
                "clients and local steps; give more time, bandwidth or compute"
            )
        return (
            f"a loss of {q['target_loss']:g} is not reached by any size, number of clients and "
            "local steps that were allowed; allow more compute, memory or a higher loss"
        )

    def notices(self, local_steps: Any) -> tuple[Notice, ...]:
        """What was assumed in the choice."""
        if "local_steps" in self.law.fitted or not isinstance(local_steps, Iterable):
            return ()
        return (
            Notice(
                "steps-have-no-price",
                "this law knows no price of local steps: the fewest were taken that hardly cost "
                "time",
                "fit the term local_steps to runs of your own; DiLoCo's tables have 30",
            ),
        )
