"""Steps 1, 3 and 4: one client's bound, the mean over clients, and the same by size.

Step 1. For one client's posterior Q and n samples, with probability 1 - delta / K (the confidence
is split, so that all K bounds hold together), McAllester's bound with Maurer's constant (Maurer
2004, A note on the PAC Bayesian theorem):

    R(Q) <= R_hat(Q) + sqrt[(KL(Q || P) + ln(2 K sqrt(n) / delta)) / (2 n)]

Step 3. By A2 the averaged model is no worse than the mean over clients, and with equal shards that
mean is the bound of one of them. **This throws away that averaging lowers the variance**: the n
below is one client's.

Step 4. n = C / (phi N K), and R_hat <= E + A N^-alpha by A5. Without the logarithm of the sample
size, KL = N kappa / 2 gives

    B(N) = E + A N^-alpha + c0 N (K / C)^(1/2),      c0 = sqrt(phi kappa) / 2

the federated law of `isoloss.federated.power` with beta = nu = 1/2, rho = 1, B = sqrt(kappa) / 2.
"""

from __future__ import annotations

import numpy as np

from isoloss.federated.bound.assumptions import Assumptions
from isoloss.federated.bound.posterior import kappa


def client_bound(
    a: Assumptions, size: np.ndarray, samples: np.ndarray, clients: float, *, logs: bool = True
) -> np.ndarray:
    """Step 1: bound on the risk of one client's model.

    Args:
        size: N, any shape.
        samples: n of that client, same shape.
        clients: K, over which the confidence is split.
        logs: with the term ln(2 K sqrt(n) / delta).
    """
    divergence = size * kappa(a) / 2
    if logs:
        divergence = divergence + np.log(2 * clients * np.sqrt(samples) / a.delta)
    left = a.floor + a.drop * size**-a.size_exponent
    return left + np.sqrt(divergence / (2 * samples))


def averaged_bound(
    a: Assumptions, size: np.ndarray, compute: float, clients: float, *, logs: bool = True
) -> np.ndarray:
    """Steps 3 and 4: bound on the averaged model's risk at a total compute, by size."""
    samples = compute / (a.flop * size * clients)
    return client_bound(a, size, samples, clients, logs=logs)
