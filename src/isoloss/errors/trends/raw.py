"""Slopes before their verdicts: many are judged together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from isoloss.errors.statistics import benjamini_hochberg
from isoloss.errors.trends.slope import (
    GROWS,
    IMPROVES,
    LOGITS,
    SHRINKS,
    UNKNOWN,
    WORSENS,
    Slope,
    p_value,
    verdict,
)

UP_IS_GOOD = (IMPROVES, WORSENS)
DOWN_IS_GOOD = (WORSENS, IMPROVES)
NEITHER_IS_GOOD = (GROWS, SHRINKS)


@dataclass(frozen=True)
class Raw:
    """A slope that has no verdict yet.

    Attributes:
        value, low, high, se: as in `Slope`.
        degrees: of freedom of the t that goes with `se`; inf is normal.
        n: items.
        reason: why no verdict is possible; empty where one is.
    """

    value: float
    low: float
    high: float
    se: float
    degrees: float
    n: int
    reason: str = ""


@dataclass(frozen=True)
class Kind:
    """What slopes are slopes of.

    Attributes:
        words: for a rising and for a falling line.
        margin: slopes below this are flat.
        unit: of the slope.
    """

    words: tuple[str, str]
    margin: float
    unit: str = LOGITS


def judge(raws: Sequence[Raw], kinds: Kind | Sequence[Kind], level: float) -> list[Slope]:
    """Verdicts; q values are adjusted for the number of slopes that can have one."""
    each = [kinds] * len(raws) if isinstance(kinds, Kind) else kinds
    p = [p_value(raw.value, raw.se, raw.degrees) for raw in raws]
    q = benjamini_hochberg(
        [math.nan if raw.reason else one for raw, one in zip(raws, p, strict=True)]
    )
    return [
        _judged(raw, kind, one, float(adjusted), level)
        for raw, kind, one, adjusted in zip(raws, each, p, q, strict=True)
    ]


def _judged(raw: Raw, kind: Kind, p: float, q: float, level: float) -> Slope:
    word, reason = UNKNOWN, raw.reason
    if not reason:
        word, reason = verdict(
            raw.value,
            raw.se,
            q,
            degrees=raw.degrees,
            margin=kind.margin,
            level=level,
            words=kind.words,
        )
    return Slope(raw.value, raw.low, raw.high, raw.se, p, q, word, reason, raw.n, kind.unit)
