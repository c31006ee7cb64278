"""A slope over log size, and the words for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

IMPROVES, WORSENS, FLAT, UNKNOWN = "improves", "worsens", "flat", "cannot tell"
GROWS, SHRINKS = "grows", "shrinks"
LOGITS = "logits per decade"
# slopes below this do not matter: at 50 % it is 5 points of accuracy for ten times the parameters
MARGIN = 0.2


@dataclass(frozen=True)
class Slope:
    """A change for ten times the parameters.

    Attributes:
        value: the slope; NaN where it cannot be had.
        low, high: its interval.
        se: standard error, over items (or clusters of items).
        p: that there is no slope.
        q: `p` adjusted for the number of tests beside it; `p` itself where it stands alone.
        verdict: improves, worsens, flat (within the margin), or cannot tell. Shares of errors are
            no better or worse when they change: grows and shrinks there.
        reason: why it cannot be told, or what goes with the verdict; may be empty.
        n: items.
        unit: of the value.
    """

    value: float
    low: float
    high: float
    se: float
    p: float
    q: float
    verdict: str
    reason: str
    n: int
    unit: str = LOGITS

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return dict(vars(self))


def verdict(
    value: float,
    se: float,
    q: float,
    *,
    degrees: float,
    margin: float,
    level: float,
    words: tuple[str, str] = (IMPROVES, WORSENS),
) -> tuple[str, str]:
    """The word for a slope and what to say with it.

    A slope with q below 1 - level has its sign. Else it is flat where two one-sided tests put it
    within the margin (Schuirmann 1987): its 2 level - 1 interval lies inside. Else nothing is said.

    Args:
        value: slope.
        se: its standard error.
        q: adjusted probability of no slope.
        degrees: of freedom of the t distribution that goes with `se`; inf is normal.
        margin: slopes smaller than this do not matter.
        level: of the tests.
        words: for a positive slope and for a negative one.
    """
    if not (math.isfinite(value) and math.isfinite(se) and se > 0):
        return UNKNOWN, "no standard error"
    inside = abs(value) + quantile(level, degrees) * se < margin
    if q < 1.0 - level:
        return words[0] if value > 0 else words[1], "within the margin" if inside else ""
    return (FLAT, "") if inside else (UNKNOWN, "")


def quantile(level: float, degrees: float) -> float:
    """Upper quantile of t."""
    from scipy.special import ndtri, stdtrit

    return float(ndtri(level) if math.isinf(degrees) else stdtrit(degrees, level))


def stretch(units: int, level: float) -> float:
    """How much wider a percentile interval from few units should be.

    A bootstrap of G units takes their variance with G where G - 2 belongs, and its normal shape
    where t of G - 2 degrees does: sqrt(G / (G - 2)) t / z, 1.04 for 50 units and 1.002 for 1000.
    """
    if units <= 2:
        return 1.0
    wide = quantile(0.5 + level / 2.0, units - 2.0) / quantile(0.5 + level / 2.0, math.inf)
    return math.sqrt(units / (units - 2.0)) * wide


def p_value(value: float, se: float, degrees: float) -> float:
    """Two-sided probability of t = value / se; NaN without a standard error."""
    from scipy.special import ndtr, stdtr

    if not (math.isfinite(value) and math.isfinite(se) and se > 0):
        return math.nan
    t = -abs(value) / se
    return float(2.0 * (ndtr(t) if math.isinf(degrees) else stdtr(degrees, t)))
