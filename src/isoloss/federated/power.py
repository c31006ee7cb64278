"""The federated law with powers, solved by hand.

    L(N, D, K) = E + A N**-alpha + B N**nu (D / K**rho)**-beta        C = phi N D

N parameters, D samples or tokens over all K clients together, C training FLOP in total, phi FLOP
for a parameter and a token. rho, the federation exponent, says how many clients' data count as
one's: 0 for clients that act as one machine, 1 for clients that learn each from its own share
alone. nu lets the price of size grow with size, as in a bound of PAC-Bayes type.

Setting dL/dN = 0 at fixed C and K gives one minimum (both terms are powers of N, one falling, one
rising):

    N_opt = [alpha A / ((beta + nu) B) * (C / (phi K**rho))**beta] ** (1 / (alpha + beta + nu))

so N_opt(K) / N_opt(1) = K**-gamma with gamma = rho beta / (alpha + beta + nu), the loss above the
floor grows as K**(alpha gamma), and C' = K**rho C is the compute at which K clients reach the
centralised optimum. At nu = 0 that is the allocation of Hoffmann et al. 2022 (arXiv:2203.15556,
equation 4) with C divided by K**rho. All of it is a *reconstruction*, see `isoloss.federated.bound`
for what it rests on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from isoloss.exceptions import PlanError

FLOP_PER_PARAMETER_TOKEN = 6.0


@dataclass(frozen=True)
class Best:
    """A best split of compute.

    Attributes:
        size: N, parameters.
        tokens: D over all clients.
        loss: in the unit of the law.
    """

    size: float
    tokens: float
    loss: float


@dataclass(frozen=True)
class PowerLaw:
    """The federated law in closed form.

    Attributes:
        floor: E.
        drop: A, positive.
        size_exponent: alpha, positive.
        price: B, positive.
        data_exponent: beta, positive.
        complexity: nu, at least 0.
        flop: phi in C = phi N D.
    """

    floor: float
    drop: float
    size_exponent: float
    price: float
    data_exponent: float
    complexity: float = 0.0
    flop: float = FLOP_PER_PARAMETER_TOKEN

    def __post_init__(self) -> None:
        for name in ("drop", "size_exponent", "price", "data_exponent", "flop"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise PlanError(f"{name} of a federated power law must be positive, got {value}")
        if not self.complexity >= 0:
            raise PlanError(f"the complexity exponent nu is at least 0, got {self.complexity}")

    @property
    def exponents(self) -> float:
        """alpha + beta + nu."""
        return self.size_exponent + self.data_exponent + self.complexity

    def loss(self, size: float, tokens: float, clients: float = 1, rho: float = 1.0) -> float:
        """L(N, D, K)."""
        own = tokens / clients**rho
        return (
            self.floor
            + self.drop * size**-self.size_exponent
            + self.price * size**self.complexity * own**-self.data_exponent
        )

    def gamma(self, rho: float) -> float:
        """gamma in N_opt ~ K**-gamma at fixed total compute."""
        return rho * self.data_exponent / self.exponents

    def optimum(self, compute: float, clients: float = 1, rho: float = 1.0) -> Best:
        """Best N, D and loss for a total compute shared by K clients."""
        ratio = self.size_exponent * self.drop
        ratio /= (self.data_exponent + self.complexity) * self.price
        own = compute / (self.flop * clients**rho)
        log_size = (math.log(ratio) + self.data_exponent * math.log(own)) / self.exponents
        size = math.exp(log_size)
        tokens = compute / (self.flop * size)
        return Best(size, tokens, self.loss(size, tokens, clients, rho))

    def numeric_optimum(self, compute: float, clients: float = 1, rho: float = 1.0) -> Best:
        """The same without the closed form: bisection of dL / d ln N, for checking it."""

        def slope(log_size: float) -> float:
            size = math.exp(log_size)
            own = compute / (self.flop * size * clients**rho)
            price = self.price * size**self.complexity * own**-self.data_exponent
            rise = (self.data_exponent + self.complexity) * price
            return rise - self.size_exponent * self.drop * size**-self.size_exponent

        low, high = 0.0, math.log(compute / self.flop)
        for _ in range(80):
            middle = 0.5 * (low + high)
            low, high = (low, middle) if slope(middle) > 0 else (middle, high)
        size = math.exp(0.5 * (low + high))
        tokens = compute / (self.flop * size)
        return Best(size, tokens, self.loss(size, tokens, clients, rho))
