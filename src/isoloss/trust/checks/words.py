"""Numbers as people write them in a sentence."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from isoloss.fit import Fit
from isoloss.runs.cells import list_rows

_SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))


def count(value: float) -> str:
    """A size or a number of tokens: `70M`, `1.4T`; others with three digits."""
    for scale, letter in _SCALES:
        if scale <= value < 1e3 * scale:
            return f"{value / scale:.3g}{letter}"
    return f"{value:.3g}"


def percent(share: float) -> str:
    """A share as a percentage with two digits."""
    return f"{100 * share:.0f} %" if share >= 0.095 else f"{100 * share:.2g} %"


def factor(value: float) -> str:
    """A ratio: `2.4`, `31`, `4,100`."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def joined(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    listed = list(parts)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} and {listed[-1]}"


def rows_of(fit: Fit, chosen: np.ndarray) -> str:
    """Runs of a fit, by mask or index, as their source numbers them: `lines 3, 10`."""
    return list_rows(fit.runs.rows[chosen], fit.runs.word)


def estimate(fit: Fit, name: str) -> str:
    """A parameter with its interval where there are draws: `alpha 0.34 (0.31 to 0.37)`."""
    found = fit.parameters[name]
    if not np.isfinite(found.low):
        return f"{name} {found.value:.3g}"
    return f"{name} {found.value:.3g} ({found.low:.3g} to {found.high:.3g})"
