"""Intervals of a mixture: three variances added, widened by what the backtests saw.

On the logarithm of the target, with weights w_f, forecasts m_f and centre c = sum w_f m_f:

| part | variance | answers |
|---|---|---|
| form | sum w_f (m_f - c)^2 | which form is right? |
| parameter | sum w_f (half the 16-84 % range of f's draws)^2 | which parameters? |
| residual | sum w_f (residual spread of f)^2 | how far do single runs lie from any law? |
| drift | what (delta D)^2 exceeds form and parameter by | did the backtests stray further? |

D is how far a point lies beyond the runs, in ln of compute.

delta is the error a unit of distance that the folds showed beyond the residual, averaged in
logarithms with what ladders show in general (`DRIFT`). So backtests widen an interval and never
narrow it. The half-width is the t quantile with n - 4 degrees of freedom times the root of the sum.

With fewer than `SMALL` runs draws and spreads say little; there the variance is residual and drift
alone, with 5 degrees of freedom (`FREEDOM_SMALL`).

What was tuned on what: the memories, weights, DRIFT and its prior folds were chosen on 28 ladders
of 13 studies (21 main ones of 12 studies, 7 more), the small-ladder constants on 59 ladders of 7
or 13 runs of three studies, all with their largest runs hidden: see `benchmarks/mixtures.py`. With
memories, weights and drift chosen anew on the other eleven studies each time, 90 % intervals of the
main ladders hold 91 % (mean over studies; 89 % by case) at the same width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SMALL = 12
# error of ln of the target for each factor e of compute: geometric mean over the studies
DRIFT, DRIFT_FOLDS = 0.006, 2.0
DRIFT_SMALL, DRIFT_SMALL_FOLDS = 0.01, 1.0
FREEDOM_SMALL = 5.0
# a fold that asks next door says little about distance
LEAST_DISTANCE = 0.4


@dataclass(frozen=True, eq=False)
class Spread:
    """A centre and its variances, each (n,), on the logarithm of the target.

    Attributes:
        centre: weighted mean of the forecasts.
        form, parameter, residual: the three parts.
        drift: what the backtests add.
        freedom: degrees of freedom of the quantile.
    """

    centre: np.ndarray
    form: np.ndarray
    parameter: np.ndarray
    residual: np.ndarray
    drift: np.ndarray
    freedom: float

    @property
    def variance(self) -> np.ndarray:
        """The sum (n,)."""
        return self.form + self.parameter + self.residual + self.drift

    def half_width(self, level: float) -> np.ndarray:
        """Half the interval (n,) of that coverage."""
        from scipy.special import stdtrit

        return float(stdtrit(self.freedom, 0.5 + 0.5 * level)) * np.sqrt(self.variance)


def spread(
    weights: np.ndarray,
    forecasts: np.ndarray,
    scatters: np.ndarray,
    spreads: np.ndarray,
    *,
    runs: int,
    distance: np.ndarray,
    delta: float,
) -> Spread:
    """Centre and variances.

    Args:
        weights: (F,) of the members.
        forecasts: (F, n) ln of the target.
        scatters: (F, n) parameter parts, as standard deviations.
        spreads: (F,) residual parts, as standard deviations.
        runs: how many were fitted.
        distance: (n,) ln of size beyond the runs; 0 inside.
        delta: error for a unit of distance, from `drift`.
    """
    centre = weights @ forecasts
    form = weights @ (forecasts - centre) ** 2
    parameter = weights @ scatters**2
    residual = np.full_like(centre, weights @ spreads**2)
    strayed = (delta * distance) ** 2
    if runs < SMALL:
        nothing = np.zeros_like(centre)
        return Spread(centre, nothing, nothing, residual, strayed, FREEDOM_SMALL)
    drift = np.maximum(strayed - form - parameter, 0.0)
    return Spread(centre, form, parameter, residual, drift, max(runs - 4.0, 1.0))


def drift(
    errors: Sequence[np.ndarray],
    residuals: Sequence[float],
    distances: Sequence[np.ndarray],
    *,
    runs: int,
) -> float:
    """Error for a unit of distance, from the folds and from ladders in general.

    Args:
        errors: of each fold, the mixture's errors (k,).
        residuals: of each fold, the residual variance of the mixture.
        distances: of each fold, (k,).
        runs: how many were fitted.
    """
    small = runs < SMALL
    general, weight = (DRIFT_SMALL, DRIFT_SMALL_FOLDS) if small else (DRIFT, DRIFT_FOLDS)
    found = [
        max(float(np.mean(error**2)) - residual, 0.0)
        / float(np.mean(np.maximum(distance, LEAST_DISTANCE) ** 2))
        for error, residual, distance in zip(errors, residuals, distances, strict=True)
    ]
    if not found:
        return general
    own = np.log(np.sqrt(np.mean(found)) + 3e-4)
    count = len(found)
    return float(np.exp((count * own + weight * np.log(general)) / (count + weight)))
