"""Failure modes of many models, a row of counts each: log-ratio slopes, accuracy held or not.

For tables of counts of models that differ in more than size (a model zoo). The shares of modes are
parts of a whole, so their logs are taken relative to their mean (centred log ratio: Aitchison
1982), half a count added. Larger models are more accurate, and more accurate models make other
errors: the slope that remains when accuracy is held fixed is what size adds to that.

Models of one architecture are variants, no independent points: standard errors are clustered.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.trends.raw import NEITHER_IS_GOOD, UP_IS_GOOD, Kind, Raw, judge
from isoloss.errors.trends.slope import Slope, quantile
from isoloss.exceptions import ItemsError

PER_DECADE = "log share per decade"
# log share per decade: 5 % up or down for ten times the parameters
MARGIN = 0.05
# clusters below which a clustered standard error is no estimate
LEAST_CLUSTERS = 6


@dataclass(frozen=True)
class ClrTrend:
    """One failure mode against size over many models.

    Attributes:
        name: the mode.
        slope: of its centred log share, for ten times the parameters.
        adjusted: the same with accuracy held fixed; None without accuracies.
        smallest, largest: mean share in the tenth of models that are smallest, and largest.
    """

    name: str
    slope: Slope
    adjusted: Slope | None
    smallest: float
    largest: float

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "slope": self.slope.to_document(),
            "adjusted": None if self.adjusted is None else self.adjusted.to_document(),
            "smallest": self.smallest,
            "largest": self.largest,
        }


def clr_trends(
    size: Sequence[float] | np.ndarray,
    counts: Sequence[Sequence[float]] | np.ndarray,
    modes: Sequence[str],
    *,
    accuracy: Sequence[float] | np.ndarray | None = None,
    cluster: Sequence[str] | np.ndarray | None = None,
    level: float = 0.95,
) -> tuple[ClrTrend, ...]:
    """Slopes of centred log shares over log10 of parameters, least squares.

    Args:
        size: (n,) parameters.
        counts: (n, J) how often each mode occurred in each model.
        modes: (J) names.
        accuracy: (n,) to hold fixed, as a share of one.
        cluster: (n,) equal for models that are no independent points, such as the architecture.
            Without it standard errors hold under heteroscedasticity alone (HC1).
        level: of intervals and tests.

    Raises:
        ItemsError: shapes that do not fit, or fewer than six clusters.
    """
    params, table = np.asarray(size, dtype=float), np.asarray(counts, dtype=float)
    if table.shape != (len(params), len(modes)) or len(modes) < 2:
        raise ItemsError(
            f"counts have shape {table.shape}; expected {len(params)} models by {len(modes)} "
            "modes, at least two"
        )
    if not (params >= 1).all() or not (table >= 0).all():
        raise ItemsError("sizes must be 1 or more, and counts 0 or more")
    logs = np.log(table + 0.5)
    clr = logs - logs.mean(axis=1, keepdims=True)
    plain = np.column_stack([np.ones(len(params)), np.log10(params)])
    groups = _groups(cluster, len(params))
    kind = Kind(NEITHER_IS_GOOD, MARGIN, PER_DECADE)
    slopes = judge([regress(plain, y, groups, level)[1] for y in clr.T], kind, level)
    adjusted: list[Slope | None] = [None] * len(modes)
    if accuracy is not None:
        held = np.column_stack([plain, np.asarray(accuracy, dtype=float)])
        adjusted = list(judge([regress(held, y, groups, level)[1] for y in clr.T], kind, level))
    share = table / table.sum(axis=1, keepdims=True)
    low, high = np.quantile(params, [0.1, 0.9])
    return tuple(
        ClrTrend(
            name,
            slopes[j],
            adjusted[j],
            float(np.nanmean(share[params <= low, j])),
            float(np.nanmean(share[params >= high, j])),
        )
        for j, name in enumerate(modes)
    )


def severity_exponent(
    errors: Sequence[float] | np.ndarray,
    severe: Sequence[float] | np.ndarray,
    *,
    cluster: Sequence[str] | np.ndarray | None = None,
    level: float = 0.95,
) -> Slope:
    """b of severe ~ errors^b: above 1, severe failures vanish faster than errors do.

    Args:
        errors: (n,) error rate of each model.
        severe: (n,) rate of severe failures; rows where either is zero are left out.
        cluster: (n,) equal for models that are no independent points.
        level: of the interval and of the test that b is 1.

    Returns:
        The exponent. `improves`: above 1; `worsens`: below; `flat`: within .1 of it.
    """
    x, y = np.asarray(errors, dtype=float), np.asarray(severe, dtype=float)
    kept = (x > 0) & (y > 0)
    if kept.sum() < 3:
        raise ItemsError("an exponent needs three models with errors and severe failures")
    design = np.column_stack([np.ones(kept.sum()), np.log(x[kept])])
    groups = _groups(None if cluster is None else np.asarray(cluster)[kept], int(kept.sum()))
    # one is taken off so that the test is of b = 1, and put back afterwards
    raw = regress(design, np.log(y[kept]) - np.log(x[kept]), groups, level)[1]
    (found,) = judge([raw], Kind(UP_IS_GOOD, 0.1, "exponent"), level)
    return Slope(
        **{
            **vars(found),
            "value": found.value + 1.0,
            "low": found.low + 1.0,
            "high": found.high + 1.0,
        }
    )


def regress(
    design: np.ndarray, y: np.ndarray, groups: np.ndarray | None, level: float
) -> list[Raw]:
    """Least squares with sandwich standard errors; one entry a column of the design (n, p).

    HC1 without groups (MacKinnon and White 1985); with groups G / (G - 1) (n - 1) / (n - p) and t
    of G - 1 degrees (Cameron, Gelbach and Miller 2008).
    """
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ (design.T @ y)
    n, p = design.shape
    pull = design * (y - design @ beta)[:, None]
    if groups is None:
        factor, degrees = n / (n - p), float(n - p)
    else:
        count = int(groups.max()) + 1
        pull = np.stack([np.bincount(groups, weights=c, minlength=count) for c in pull.T], 1)
        factor, degrees = count / (count - 1) * (n - 1) / (n - p), float(count - 1)
    se = np.sqrt(np.diag(inverse @ (pull.T @ pull) @ inverse) * factor)
    half = quantile(0.5 + level / 2.0, degrees) * se
    return [
        Raw(float(b), float(b - h), float(b + h), float(s) if s > 0 else math.nan, degrees, n)
        for b, h, s in zip(beta, half, se, strict=True)
    ]


def _groups(cluster: Sequence[str] | np.ndarray | None, n: int) -> np.ndarray | None:
    if cluster is None:
        return None
    names, place = np.unique(np.asarray(cluster).astype(str), return_inverse=True)
    if len(place) != n:
        raise ItemsError(f"cluster has {len(place)} rows for {n} models")
    if len(names) < LEAST_CLUSTERS:
        raise ItemsError(
            f"{len(names)} clusters are too few for a clustered standard error; at least "
            f"{LEAST_CLUSTERS} are needed: give a finer grouping"
        )
    return place
