"""The federated law over any dense law in N and D: D is replaced by what counts of it.

    L(N, D, K) = L_central(N, D_own),    D_own = D / (K**rho(H) participation**tau) * N**(-nu/beta)

plus, where runs with unlike data were fitted, G (1 - 1/K) / (1 + dirichlet_alpha). For Chinchilla's
form that is E + A N**-alpha + B N**nu (D / K**rho)**-beta. At nu = 0 and fixed compute the best
split is that of the central law at C / K**rho, whatever its form: so one client is planned exactly
as `isoloss.plan` plans, and no formula is needed here. nu > 0 needs a data term that is a power.

rho(H) = rho + rho_H ln H, tau and G are zero unless they were fitted to a person's runs: they are
terms of this package, see `isoloss.federated.terms`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isoloss.exceptions import PlanError
from isoloss.federated.rho import Rho
from isoloss.federated.setting import Setting
from isoloss.plan.budget import FLOP_PER_PARAMETER_TOKEN
from isoloss.plan.optimum import CLOSED, Optimum, along, optimum, power_pair
from isoloss.plan.subject import Subject
from isoloss.trust import Place

# far beyond any data that there are, as in isoloss.plan
_LARGEST = float(np.log(1e45))
_HALVINGS = 80


@dataclass(frozen=True, eq=False)
class Exponents:
    """What federation adds to a law, a row for the point and one for every draw: each (1 + M,).

    Attributes:
        rho: federation exponent at one local step.
        nu: complexity exponent.
        rho_steps: change of rho with ln H.
        tau: exponent of the participation.
        skew: G, loss added by unlike data.
    """

    rho: np.ndarray
    nu: np.ndarray
    rho_steps: np.ndarray
    tau: np.ndarray
    skew: np.ndarray

    @classmethod
    def constant(cls, rows: int, rho: float, nu: float = 0.0) -> Exponents:
        """The same in every row, nothing fitted."""
        zero = np.zeros(rows)
        return cls(np.full(rows, rho), np.full(rows, nu), zero, zero, zero)


@dataclass(frozen=True, eq=False)
class FederatedLaw:
    """A law in N, D and K with its draws.

    Attributes:
        name: of the central law, for a person.
        subject: the central law with its draws; row 0 is the point.
        exponents: what federation adds.
        rho: what is known about rho.
        provenance: tags of the central law.
        place: where a point lies in relation to the runs; a mapping of N, D and K.
        clients_to: largest K among the runs that rho rests on; None where it rests on none.
        fitted: names of the terms that runs were fitted with, such as `local_steps`.
    """

    name: str
    subject: Subject
    exponents: Exponents
    rho: Rho
    provenance: tuple[str, ...]
    place: Callable[[Mapping[str, float]], Place]
    clients_to: float | None = None
    fitted: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """1 + number of draws."""
        return len(self.subject.theta)

    def with_rho(self, rho: Rho, value: float | None = None) -> FederatedLaw:
        """The same with rho fixed in every row, at its headline or at `value`."""
        number = rho.value if value is None else value
        exponents = replace(
            self.exponents,
            rho=np.full(self.rows, number),
            rho_steps=np.zeros(self.rows),
        )
        return replace(self, rho=rho, exponents=exponents, clients_to=rho.clients_to)

    def point(self) -> FederatedLaw:
        """The point alone, without draws."""
        e = self.exponents
        first = Exponents(e.rho[:1], e.nu[:1], e.rho_steps[:1], e.tau[:1], e.skew[:1])
        return replace(
            self, subject=replace(self.subject, theta=self.subject.theta[:1]), exponents=first
        )

    def log_spread(self, setting: Setting) -> np.ndarray:
        """ln(D / D_own) (1 + M,) at nu = 0: rho(H) ln K + tau ln participation."""
        e = self.exponents
        rho = e.rho
        if setting.local_steps is not None:
            rho = rho + e.rho_steps * np.log(setting.local_steps)
        return rho * np.log(setting.clients) + e.tau * np.log(setting.participation)

    def lift(self, setting: Setting) -> np.ndarray:
        """Loss (1 + M,) that unlike data add."""
        return self.exponents.skew * (1.0 - 1.0 / setting.clients) * setting.skew

    def data_powers(self) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """((ln A, alpha), (ln B, beta)) of the central law, each (1 + M,).

        Raises:
            PlanError: its terms are not powers of N alone and D alone.
        """
        found = power_pair(self.subject.law, self.subject.theta)
        if found is None:
            raise PlanError(
                f"nu needs a law whose terms are a power of N and a power of D; '{self.name}' is "
                f"{self.subject.law.formula}. Leave nu at 0, or choose a law of Chinchilla's form"
            )
        return found

    def tilt(self) -> np.ndarray | float:
        """nu / beta (1 + M,), the power of N that the data are divided by; 0 without nu."""
        if not np.any(self.exponents.nu):
            return 0.0
        return self.exponents.nu / self.data_powers()[1][1]

    def loss(
        self, log_size: np.ndarray, log_tokens: np.ndarray, setting: Setting, lifted: bool = True
    ) -> np.ndarray:
        """Loss (1 + M, n) at ln N and ln D over all clients, each (1 + M, n) or (n,)."""
        tilt = self.tilt()
        spread = self.log_spread(setting)[:, None]
        own = log_tokens - spread - np.reshape(tilt, (-1, 1)) * log_size
        size = np.broadcast_to(log_size, own.shape)
        with np.errstate(all="ignore"):
            central = along(self.subject.law, self.subject.theta, size, own)
        return central + (self.lift(setting)[:, None] if lifted else 0.0)

    def optimum(
        self, compute: float | np.ndarray, setting: Setting, flop: float = FLOP_PER_PARAMETER_TOKEN
    ) -> Optimum:
        """Best N, D over all clients, and loss, every (1 + M,), for a total compute."""
        spread = self.log_spread(setting)
        own = np.asarray(compute, dtype=float) * np.exp(-spread)
        if not np.any(self.exponents.nu):
            found = optimum(self.subject.law, self.subject.theta, own, flop=flop)
            # multiplying back what was divided out would cost digits: D follows from C and N
            tokens = np.asarray(compute, dtype=float) / (flop * found.n)
            if not np.any(spread):
                tokens = found.d
            return Optimum(found.n, tokens, found.loss + self.lift(setting), found.method)
        (log_a, alpha), (log_b, beta) = self.data_powers()
        nu = self.exponents.nu
        with np.errstate(all="ignore"):
            log_n = np.log(alpha / (beta + nu)) + log_a - log_b + beta * np.log(own / flop)
            log_n = log_n / (alpha + beta + nu)
            log_d = np.log(compute / flop) - log_n
            loss = self.loss(log_n[:, None], log_d[:, None], setting)[:, 0]
        return Optimum(np.exp(log_n), np.exp(log_d), loss, CLOSED)

    def tokens_for(
        self, loss: float | np.ndarray, log_size: np.ndarray, setting: Setting
    ) -> np.ndarray:
        """ln tokens (1 + M, n) over all clients with which N parameters reach a loss; inf if never.

        Args:
            loss: wanted, or (1 + M, 1) one a row.
            log_size: ln N, (n,) or (1 + M, n).
        """
        shape = (self.rows, log_size.shape[-1])
        low, high = np.zeros(shape), np.full(shape, _LARGEST)
        with np.errstate(all="ignore"):
            never = ~(self.loss(log_size, high, setting) < loss)
            for _ in range(_HALVINGS):
                middle = 0.5 * (low + high)
                above = ~(self.loss(log_size, middle, setting) <= loss)
                low, high = np.where(above, middle, low), np.where(above, high, middle)
        return np.where(never, np.inf, high)

    def summary(self) -> dict[str, Any]:
        """Plain data about the law, for a document."""
        return {
            "law": self.name,
            "formula": self.subject.law.formula,
            "rho": self.rho.to_document(),
            "nu": float(self.exponents.nu[0]),
            "fitted_terms": list(self.fitted),
            "provenance": list(self.provenance),
        }
