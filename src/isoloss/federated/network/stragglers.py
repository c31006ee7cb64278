"""How much longer the slowest of m clients takes than the mean one.

A synchronous round ends with its last client. For compute times that are lognormal with standard
deviation sigma of the logarithm, the mean of the maximum of m over the mean of one is

    E[max] / mean = exp(-sigma^2 / 2) * integral over u in (0, 1) of exp(sigma Phi^-1(u^(1/m)))

solved here in the normal quantile, where the trapezoidal rule is exact to rounding. At sigma = 0.3:
1.33 for 4 clients, 1.65 for 16, 1.95 for 64, 2.25 for 256.
"""

from __future__ import annotations

import math

import numpy as np

from isoloss.exceptions import PlanError

_Z = np.linspace(-14.0, 14.0, 2801)


def straggler_factor(clients: float, sigma: float) -> float:
    """E[max of m lognormal times] / mean.

    Args:
        clients: m, at least 1; between whole numbers the formula is used as it stands.
        sigma: standard deviation of ln(time); 0 for clients that are all alike.

    Raises:
        PlanError: m below 1 or a negative sigma.
    """
    if not (math.isfinite(sigma) and 0 <= sigma <= 5):
        raise PlanError(f"straggler_sigma lies between 0 and 5, got {sigma}")
    if not clients >= 1:
        raise PlanError(f"a round needs at least one client, got {clients}")
    if sigma == 0 or clients == 1:
        return 1.0
    from scipy.special import log_ndtr

    # the density of the largest of m standard normals is m phi(z) Phi(z)^(m - 1)
    log_density = np.log(clients) - 0.5 * _Z * _Z - 0.5 * math.log(2 * math.pi)
    log_density = log_density + (clients - 1) * log_ndtr(_Z)
    values = np.exp(log_density + sigma * _Z - 0.5 * sigma**2)
    return float(np.sum(values) * (_Z[1] - _Z[0]))
