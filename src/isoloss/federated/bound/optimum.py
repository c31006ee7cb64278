"""Step 5: the size that minimises a bound, by hand and numerically.

Without logarithms of the sample size, dB/dN = 0 gives

    N_opt = (alpha A / c0)^(1 / (1 + alpha)) (C / K)^(1 / (2 (1 + alpha)))

a negative power law in K with exponent 1 / (2 (1 + alpha)), and a function of C / K alone. With all
logarithms there is no closed form; `least` finds the minimum of either bound, and `slope` the line
through it in log-log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from isoloss.exceptions import InputError
from isoloss.federated.bound.assumptions import Assumptions
from isoloss.federated.bound.client import averaged_bound
from isoloss.federated.bound.posterior import kappa
from isoloss.federated.power import PowerLaw

Bound = Callable[..., np.ndarray]
_SCAN = 400
_ROUNDS = 60


def power_law(a: Assumptions) -> PowerLaw:
    """Step 4 as a federated law: beta = nu = 1/2, B = sqrt(kappa) / 2."""
    return PowerLaw(a.floor, a.drop, a.size_exponent, kappa(a) ** 0.5 / 2, 0.5, 0.5, a.flop)


def closed_form(a: Assumptions, compute: float, clients: float) -> float:
    """N that minimises the per-client bound without logarithms of the sample size."""
    return power_law(a).optimum(compute, clients, rho=1.0).size


def least(
    a: Assumptions,
    compute: float,
    clients: float,
    *,
    bound: Bound = averaged_bound,
    logs: bool = True,
) -> float:
    """N that minimises a bound, numerically: a scan for the basin, then bisection of the slope."""
    # one sample a client is the least that a bound can count
    top = np.log(compute / (a.flop * clients))
    scan = np.linspace(np.log(10.0), top, _SCAN)
    values = bound(a, np.exp(scan), compute, clients, logs=logs)
    best = int(np.argmin(values))
    if best in (0, _SCAN - 1):
        raise InputError(
            f"the bound has no minimum between 10 parameters and one sample a client at "
            f"C = {compute:.3g} and {clients:g} clients; give more compute"
        )
    low, high = float(scan[best - 1]), float(scan[best + 1])
    for _ in range(_ROUNDS):
        middle = 0.5 * (low + high)
        step = 1e-4
        ends = np.exp(np.array([middle - step, middle + step]))
        below, above = bound(a, ends, compute, clients, logs=logs)
        low, high = (low, middle) if above > below else (middle, high)
    return float(np.exp(0.5 * (low + high)))


def slope(
    a: Assumptions,
    compute: float,
    clients: Sequence[float],
    *,
    bound: Bound = averaged_bound,
    logs: bool = True,
) -> float:
    """Least-squares slope of ln N_opt on ln K over some numbers of clients."""
    if len(set(clients)) < 2:
        raise InputError(f"a slope in K needs two different numbers of clients, got {clients}")
    sizes = [least(a, compute, k, bound=bound, logs=logs) for k in clients]
    return float(np.polyfit(np.log(clients), np.log(sizes), 1)[0])
