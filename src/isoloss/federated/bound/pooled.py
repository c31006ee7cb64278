"""The contrary bound: the averaged model on all the data.

The average of K models that trained on disjoint shards is one model, and it has seen D = n K
samples. Its posterior has covariance S / K (A3: independent noise averages out), so kappa gains
ln K; one bound is needed and no confidence is split:

    R(Q_mean) <= R_hat + sqrt[(N kappa_K / 2 + ln(2 sqrt(D) / delta)) / (2 D)],
    kappa_K = kappa + ln K - (s2 / lambda) (1 - 1/K)

K enters through ln K alone. So the best size falls like (kappa + ln K)^(-1 / (2 (1 + alpha))),
which is no power law: between 1 and 1024 clients a line through it in log-log has slope -0.022
with the default inputs, where the per-client bound has -0.373. Which of the two a person believes
is the assumption that claim (c) rests on. (R_hat is taken to be that of one model; for a network
the average can be worse, which is A2 again.)
"""

from __future__ import annotations

import numpy as np

from isoloss.federated.bound.assumptions import Assumptions
from isoloss.federated.bound.posterior import kappa


def pooled_bound(
    a: Assumptions, size: np.ndarray, compute: float, clients: float, *, logs: bool = True
) -> np.ndarray:
    """Bound on the averaged model's risk that counts all D samples, by size."""
    samples = compute / (a.flop * size)
    divergence = size * kappa(a, clients) / 2
    if logs:
        divergence = divergence + np.log(2 * np.sqrt(samples) / a.delta)
    left = a.floor + a.drop * size**-a.size_exponent
    return left + np.sqrt(divergence / (2 * samples))
