"""Where a fit has seen runs: inside, at the edge, or outside, in decades.

The domain is the smallest region of the log-scaled variables that holds every run, bounded by each
variable, each product and each ratio of two variables. For N and D the product is compute and the
ratio is tokens per parameter, so a point whose N and D were both seen, but never together, is
outside, and the answer says along which direction.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.fit import Fit
from isoloss.law.published import Published

INSIDE, EDGE, OUTSIDE, UNKNOWN = "inside", "edge", "outside", "unknown"
# a factor of two beyond the runs is called the edge
EDGE_DECADES = math.log10(2.0)
# two percent beyond the outermost run is not beyond the runs
NEAR_DECADES = 0.01


@dataclass(frozen=True)
class Direction:
    """One way in which a point can lie beyond the runs.

    Attributes:
        name: `N`, `N*D` or `D/N`.
        low, high: the range that the runs cover, in natural units.
        value: where the point lies.
        decades: how far beyond the range, in powers of ten for log-scaled variables and in widths
            of the range for the others; 0 within it.
        span: width of the range in the same unit.
    """

    name: str
    low: float
    high: float
    value: float
    decades: float
    span: float

    @property
    def status(self) -> str:
        """`inside`, `edge` or `outside`."""
        if self.decades <= NEAR_DECADES:
            return INSIDE
        return EDGE if self.decades <= EDGE_DECADES else OUTSIDE

    def describe(self) -> str:
        """In words."""
        side = "above" if self.value > self.high else "below"
        value, low, high = (self._words(v) for v in (self.value, self.low, self.high))
        return (
            f"{self.name} = {value} lies {self.decades:.1f} decades {side} the runs "
            f"({low} to {high}, {self.span:.1f} decades)"
        )

    def _words(self, value: float) -> str:
        """A size or a count as people write it, such as 1.4T; products and ratios as they are."""
        if not self.name.isidentifier():
            return f"{value:.2g}"
        for scale, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
            if scale <= value < 1e3 * scale:
                return f"{value / scale:.3g}{letter}"
        return f"{value:.3g}"


@dataclass(frozen=True)
class Place:
    """A point in relation to the runs.

    Attributes:
        at: the point, by variable.
        directions: every direction, the farthest first; none where the runs are not known.
    """

    at: Mapping[str, float]
    directions: tuple[Direction, ...]

    @property
    def status(self) -> str:
        """That of the farthest direction."""
        return self.directions[0].status if self.directions else UNKNOWN

    @property
    def decades(self) -> float:
        """Distance of the farthest direction."""
        return self.directions[0].decades if self.directions else math.nan

    @property
    def point(self) -> str:
        """The point in words, such as `N = 7e+09, D = 1.4e+11`."""
        return ", ".join(f"{name} = {value:.4g}" for name, value in self.at.items())

    def describe(self) -> str:
        """In words."""
        if not self.directions:
            return "unknown: the source does not say which runs the law rests on"
        beyond = [d for d in self.directions if d.status != INSIDE]
        if not beyond:
            return "inside: runs surround this point"
        return f"{self.status}: " + "; ".join(d.describe() for d in beyond)

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "at": dict(self.at),
            "status": self.status,
            "decades": self.decades,
            "directions": [vars(d) | {"status": d.status} for d in self.directions],
        }


def locate(fit: Fit, at: Mapping[str, float]) -> Place:
    """Where a point lies in relation to the runs of a fit.

    Raises:
        InputError: when a variable of the law is missing or not positive.
    """
    unknown = sorted(set(at) - set(fit.law.variable_names))
    if unknown:
        raise InputError(
            f"'{unknown[0]}' is no variable of law '{fit.law.id}'; it has "
            f"{', '.join(fit.law.variable_names)}"
        )
    found, internal = [], {}
    for variable in fit.law.variables:
        if variable.name not in at:
            raise InputError(
                f"a point needs {', '.join(fit.law.variable_names)}; {variable.name} is missing"
            )
        value = float(at[variable.name])
        if not math.isfinite(value) or (variable.log and value <= 0):
            raise InputError(f"{variable.name} must be a positive number, got {value:g}")
        seen = fit.runs.columns[variable.name]
        scale = np.log10 if variable.log else np.asarray
        internal[variable.name] = (scale(seen), float(scale(value)))
        found.append(_direction(variable.name, *internal[variable.name], log=variable.log))
    logs = [v.name for v in fit.law.variables if v.log]
    for left, right in combinations(logs, 2):
        (seen_a, a), (seen_b, b) = internal[left], internal[right]
        found.append(_direction(f"{left}*{right}", seen_a + seen_b, a + b, log=True))
        found.append(_direction(f"{right}/{left}", seen_b - seen_a, b - a, log=True))
    found.sort(key=lambda d: -d.decades)
    return Place({name: float(at[name]) for name in fit.law.variable_names}, tuple(found))


def locate_published(
    entry: Published, at: Mapping[str, float], coefficients: str | None = None
) -> Place:
    """Where a point lies in relation to the ranges that a source states for its runs.

    Only the range of each input is known, not which of them were tried together.

    Args:
        entry: a published law.
        at: name -> value in base units; inputs that are left out are not judged.
        coefficients: which set of its numbers.
    """
    found = []
    for name, known in entry.coefficients(coefficients).inputs.items():
        if known.range is None or name not in at:
            continue
        low, high = (edge * known.factor for edge in known.range)
        log = low > 0 and at[name] > 0
        seen = np.array([low, high])
        value = float(at[name])
        found.append(
            _direction(name, np.log10(seen), math.log10(value), log=True)
            if log
            else _direction(name, seen, value, log=False)
        )
    found.sort(key=lambda d: -d.decades)
    return Place({name: float(value) for name, value in at.items()}, tuple(found))


def _direction(name: str, seen: np.ndarray, value: float, *, log: bool) -> Direction:
    low, high = float(seen.min()), float(seen.max())
    width = high - low
    beyond = max(low - value, value - high, 0.0)
    if not log:
        beyond = beyond / width if width else 0.0
        return Direction(name, low, high, value, beyond, 1.0)
    return Direction(name, 10**low, 10**high, 10**value, beyond, width)
