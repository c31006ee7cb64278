"""Plans with the law behind them, so that it can be asked at every number of clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.exceptions import InputError, IsolossError, PlanError
from isoloss.federated.law import FederatedLaw
from isoloss.federated.network import Datacentres, Network, Star
from isoloss.federated.network.timing import Timing, timing
from isoloss.federated.plan import Choice, FederatedPlan, FederatedPlans
from isoloss.federated.plan.outcome import Outcome, memory_cap, outcome
from isoloss.federated.rho import Rho
from isoloss.federated.setting import Setting
from isoloss.federated.source import federated_law
from isoloss.trust.domain import OUTSIDE

# how far past the largest number of clients that was asked for figures reach, and at least
BEYOND, LEAST = 8, 64
_AGREE = 1e-6
_NETWORKS = {"star": Star, "datacentres": Datacentres}


@dataclass(frozen=True, eq=False)
class Asked:
    """What was asked and answered, and the law that answered it.

    Attributes:
        plans: by rising K, at least one.
        law: with the plans' rho.
        network: None where none was given.
        choice: what the plan was chosen from, where it was.
    """

    plans: tuple[FederatedPlan, ...]
    law: FederatedLaw
    network: Network | None
    choice: Choice | None = None

    @property
    def question(self) -> dict[str, Any]:
        """Options of the first plan; all plans share them but K."""
        return dict(self.plans[0].question)

    @property
    def per_client(self) -> bool:
        """Whether every client has its compute, and not all of them together."""
        return "flops_per_client" in self.question

    @property
    def fitted(self) -> bool:
        """Whether rho was fitted to runs."""
        return self.plans[0].rho.name == "fitted"

    @property
    def most(self) -> int:
        """Largest K of the figures."""
        reach = max(BEYOND * self.plans[-1].clients, LEAST)
        return 2 ** int(np.ceil(np.log2(reach)))

    @property
    def cap(self) -> float:
        """Largest N that a client's memory holds."""
        q = self.question
        return memory_cap(q.get("client_memory"), q.get("bytes_per_param") or 1.0)

    @property
    def target(self) -> str:
        """Name of the loss."""
        return self.law.subject.law.target

    def compute(self, clients: int) -> float:
        """FLOP over all K clients."""
        q = self.question
        return q["flops_per_client"] * clients if self.per_client else q["flops"]

    def setting(self, clients: int) -> Setting:
        """The conditions among K clients; at least one of them trains in a round."""
        q = self.question
        share = max(q["participation"], 1.0 / clients)
        return Setting(clients, share, q.get("local_steps"), q.get("dirichlet_alpha"))

    def tokens(self, clients: int, size: np.ndarray) -> np.ndarray:
        """D over all clients when N takes all of the compute."""
        return self.compute(clients) / (self.question["flop"] * size)

    def ask(
        self,
        clients: int,
        rho: Rho | None = None,
        value: float | None = None,
        *,
        free: bool = False,
        draws: bool = False,
    ) -> Outcome:
        """What the law says among K clients.

        Args:
            clients: K.
            rho: in place of the plans' own.
            value: of that rho; its headline when not given.
            free: leave out the memory and a size that was held.
            draws: for every draw of the law too.
        """
        law = self.law if draws else self.law.point()
        return outcome(
            law if rho is None else law.with_rho(rho, value),
            self.compute(clients),
            self.setting(clients),
            cap=np.inf if free else self.cap,
            size=None if free else self.question.get("size"),
            flop=self.question["flop"],
        )

    def inside(self, clients: int, size: np.ndarray, rho: Rho | None = None) -> np.ndarray:
        """Whether (n,) sizes lie within or at the edge of what the law and rho rest on."""
        known = (rho or self.plans[0].rho).clients_to if not self.fitted else self.law.clients_to
        if known is not None and clients > known:
            return np.zeros(len(size), dtype=bool)
        setting = self.setting(clients)
        rest = {
            "K": float(clients),
            "participation": setting.participation,
            "skew": setting.skew,
            "local_steps": float(setting.local_steps or 1),
        }
        tokens = self.tokens(clients, size)
        return np.array(
            [
                bool(np.isfinite(n * d))
                and self.law.place({"N": n, "D": d, **rest}).status != OUTSIDE
                for n, d in zip(size.tolist(), tokens.tolist(), strict=True)
            ],
            dtype=bool,
        )

    def timing(self, clients: int, size: float) -> Timing | None:
        """Time and traffic of a size on the network; None where there is none or it cannot be."""
        if self.network is None:
            return None
        q = self.question
        try:
            return timing(
                self.network,
                size=size,
                tokens=float(self.tokens(clients, np.array(size))),
                setting=self.setting(clients),
                batch=q["batch"],
                flop=q["flop"],
            )
        except PlanError:
            return None


def asked(of: FederatedPlan | FederatedPlans | Choice, law: Any = None) -> Asked:
    """Put plans and their law together.

    Args:
        of: plans, one plan, or a choice.
        law: what they were made for, as in `plan_federated`; may be left out where it is a
            published law at its own coefficients.

    Raises:
        InputError: the law is missing, or is not the plans'.
    """
    choice = of if isinstance(of, Choice) else None
    one = of.plan if isinstance(of, Choice) else of
    plans = one.plans if isinstance(one, FederatedPlans) else (one,)
    first = plans[0]
    made = Asked(plans, _law(first, law), _network(first), choice)
    for plan in plans:
        found = made.ask(plan.clients)
        pairs = ((found.point("n_params"), plan.n_params), (found.point("loss"), plan.loss))
        if any(abs(a - b) > _AGREE * abs(b) for a, b in pairs):
            raise InputError(
                f"the law that was given to the report says loss {pairs[1][0]:.6g} at K = "
                f"{plan.clients}, the plan says {plan.loss:.6g}; give the law of the plans, with "
                "the same at, coefficients and rho"
            )
    return made


def _law(plan: FederatedPlan, law: Any) -> FederatedLaw:
    name = plan.law["law"]
    try:
        made = federated_law(name if law is None else law)
    except IsolossError as error:
        if law is not None:
            raise
        raise InputError(
            f"a report of plans needs the law they were made for, and '{name}' cannot be looked up "
            f"({error}); give it as law="
        ) from None
    if plan.rho.name != "fitted":
        made = made.with_rho(plan.rho)
    if abs(float(made.exponents.nu[0]) - plan.law["nu"]) > 1e-12:
        made = federated_law(made, nu=plan.law["nu"])
    return made


def _network(plan: FederatedPlan) -> Network | None:
    given = dict(plan.question.get("network") or {})
    if not given:
        return None
    return _NETWORKS[given.pop("kind")](**given)
