"""Step 2: how far the stationary posterior of SGD lies from the prior.

Near a minimum, SGD with rate eta and batch b follows d theta = -A theta dt + noise of covariance
(eta / b) G; where A and G commute, its stationary covariance is S = (eta / 2b) G A^-1 (Mandt,
Hoffman and Blei 2017, JMLR 18(134), treat constant-rate SGD so). Between Gaussians,

    KL(N(m, S) || N(m0, lambda I)) = 1/2 [ln(det(lambda I) / det S) - N + tr S / lambda
                                          + |m - m0|^2 / lambda]

With S = s2 I, and A4 for the drift, that is at most N kappa / 2 where

    kappa = ln(lambda / s2) - 1 + s2 / lambda + c

**linear in N**, with rate and batch inside a logarithm only. Variances that differ between weights
add the mean of ln(s2 / S_i) to kappa: one more constant. Averaging K independent models divides S
by K: then kappa gains ln K.
"""

from __future__ import annotations

import numpy as np

from isoloss.federated.bound.assumptions import Assumptions


def stationary_variance(a: Assumptions, clients: float = 1) -> float:
    """s2 of A3: mean stationary variance of a weight, of an average over `clients` models."""
    return a.learning_rate / (2 * a.batch) * a.noise_over_curvature / clients


def kappa(a: Assumptions, clients: float = 1) -> float:
    """kappa: twice the KL for one weight, of an average over `clients` models."""
    ratio = stationary_variance(a, clients) / a.prior_variance
    return float(-np.log(ratio) - 1.0 + ratio + a.drift)


def gaussian_kl(variances: np.ndarray, prior_variance: float, moved: float) -> float:
    """KL(N(m, diag(variances)) || N(m0, prior_variance I)) in nats.

    Args:
        variances: (N,) posterior variances.
        prior_variance: lambda.
        moved: |m - m0|^2.
    """
    s = np.asarray(variances, dtype=float) / prior_variance
    return float(0.5 * (np.sum(s - 1.0 - np.log(s)) + moved / prior_variance))
